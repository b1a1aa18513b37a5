"""How fast is fine-tuning, against the post's own recipe and the tools people use?

Every contender trains on the same pairs and the same weights, each in processes of its own, in
turn, so that a machine whose speed drifts drifts for all. The first steps of each process (setting
up, compiling) are not counted, which favours the contenders that compile. How many examples it
takes to read 99 % of unseen numerals is measured for ours, whose speed is known from the same run.

    python benchmarks/training.py [--rounds 3]
"""

import argparse
import json
import math
import os
import resource
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from contenders import CONTENDERS, UNCOUNTED, base_folder, until_exact_match
from results import RESULTS, provenance, write_section

PLOT = RESULTS.parent / "training-speed.png"
ENVIRONMENT = dict(os.environ)  # before getalwoord adds to it
POST_EXAMPLES = 20 * 1000  # the post's epochs and pairs


def measure(name: str, pairs: Path, steps: int | None) -> None:
    """Run one contender in this process and print what it took."""
    _, batch_size, usual, _, run = CONTENDERS[name]
    steps = steps or usual
    records = [json.loads(line) for line in pairs.read_text(encoding="utf-8").splitlines()]
    seconds = run(records, steps + UNCOUNTED).seconds_per_step()
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
    print(json.dumps({"examples_per_second": batch_size / seconds, "peak": peak}))


def main() -> None:
    """Take the contenders in turn, and write the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--contender", choices=CONTENDERS)
    parser.add_argument("--pairs", type=Path)
    parser.add_argument("--steps", type=int)
    parser.add_argument("--until-exact-match", action="store_true")
    arguments = parser.parse_args()
    if arguments.until_exact_match:
        print(json.dumps(until_exact_match()))
        return
    if arguments.contender:
        measure(arguments.contender, arguments.pairs, arguments.steps)
        return
    from getalwoord.data.parts import draw_parts, write_parts
    from getalwoord.recipe import Recipe

    parts = draw_parts(**Recipe.load("default").drawing)
    found: dict[str, list[dict[str, float]]] = {name: [] for name in CONTENDERS}
    with tempfile.TemporaryDirectory() as scratch:
        write_parts(Path(scratch), parts)
        folder = str(base_folder())
        for round_number in range(arguments.rounds):
            for name, (_, _, _, backend, _) in CONTENDERS.items():
                options = ["--contender", name, "--pairs", f"{scratch}/train.jsonl"]
                found[name].append(in_new_process(options, backend, folder))
                print(round_number + 1, name, found[name][-1], flush=True)
        reached = in_new_process(["--until-exact-match"], "torch", folder)
        print("until exact match", reached, flush=True)
    write_section("training", table(found, reached))
    plot(found, reached)


def fastest_dtype() -> str:
    """Tell what torch computes with here: bfloat16 where the processor has it."""
    from getalwoord.models.device import choose_dtype

    return choose_dtype().value


def in_new_process(options: Sequence[str], backend: str, folder: str) -> dict[str, Any]:
    """Run this program again and take what it prints."""
    environment = ENVIRONMENT | {
        "KERAS_BACKEND": backend,
        "BASE_FOLDER": folder,
        "DTYPE": fastest_dtype(),
        "HF_HUB_OFFLINE": "1",
    }
    command = [sys.executable, __file__, *options]
    done = subprocess.run(command, env=environment, capture_output=True, text=True)
    if done.returncode:
        sys.exit(f"{' '.join(options)} failed:\n{done.stderr[-3000:]}")
    result: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return result


def seconds_to_exact_match(
    name: str, found: dict[str, list[dict[str, float]]], reached: dict[str, Any]
) -> float:
    """Tell how long a contender takes to 99 %: measured for ours, reckoned for the others."""
    if name == "ours":
        return reached["seconds"]
    examples = POST_EXAMPLES if name == "post" else reached["examples"]
    return examples / statistics.median(run["examples_per_second"] for run in found[name])


def table(found: dict[str, list[dict[str, float]]], reached: dict[str, Any]) -> str:
    """Write the section: medians, ranges and ratios to ours."""
    rounds = len(found["ours"])
    speeds = {name: [run["examples_per_second"] for run in runs] for name, runs in found.items()}
    each = ", ".join(
        f"{run['examples']:,} in {run['seconds']:.0f} s"
        if math.isfinite(run["seconds"])
        else f"not in all its {run['examples']:,}"
        for run in reached["all"]
    )
    lines = [
        "## Training speed",
        "",
        provenance(
            f"python benchmarks/training.py --rounds {rounds}",
            ["getalwoord", "keras", "keras-hub", "torch", "jax", "transformers", "peft", "trl"],
        ),
        "",
        f"Gemma 3 270M, rank 4, the 300 pairs of the recipe `default`. Rounds: {rounds}, all "
        "contenders in turn in each, each in a new process; median (lowest–highest). Times do not "
        f"include loading and the first {UNCOUNTED} steps, where JAX compiles. The ratio is the "
        f"median of the ratios within a round. On torch all compute in {fastest_dtype()}. "
        "KerasHub adapts query and value and pads to 27 tokens, as in the post; TRL and "
        "getalwoord adapt all seven projections and have the same prompt.",
        "",
        "Seconds to 99 % exact match on 300 unseen numerals are measured for getalwoord, training "
        f"by its default recipe, which took {reached['examples']:,} examples (the middle one of "
        f"five seeds: {each}), validation not counted. The others' are reckoned from their speed: "
        "for the post, its 20 epochs of 1,000 pairs, whatever they reach; for the rest, the "
        "examples that getalwoord needed, as if they could do with so few.",
        "",
        "| contender | examples/s | getalwoord is faster by | seconds to 99 % "
        "| getalwoord is sooner by | peak memory, MB |",
        "| --- | ---: | ---: | ---: | ---: | ---: |",
    ]
    ours = seconds_to_exact_match("ours", found, reached)
    for name, (what, *_) in CONTENDERS.items():
        ratios = [mine / theirs for mine, theirs in zip(speeds["ours"], speeds[name], strict=True)]
        peak = max(run["peak"] for run in found[name]) / 1e6
        seconds = seconds_to_exact_match(name, found, reached)
        lines.append(
            f"| {what} | {statistics.median(speeds[name]):.1f} "
            f"({min(speeds[name]):.1f}–{max(speeds[name]):.1f}) | "
            f"{statistics.median(ratios):.1f} × | {seconds:,.0f} | {seconds / ours:.1f} × | "
            f"{peak:,.0f} |"
        )
    return "\n".join([*lines, "", f"![Examples a second, and seconds to 99 %]({PLOT.name})"])


def plot(found: dict[str, list[dict[str, float]]], reached: dict[str, Any]) -> None:
    """Draw speed, and time to 99 %, as bars."""
    import matplotlib

    matplotlib.use("agg")
    from matplotlib import pyplot

    figure, (left, right) = pyplot.subplots(
        1, 2, figsize=(10, 3), layout="constrained", sharey=True
    )
    names = list(reversed(CONTENDERS))
    labels = [CONTENDERS[name][0] for name in names]
    for axes, values, title in (
        (
            left,
            [statistics.median(run["examples_per_second"] for run in found[n]) for n in names],
            "examples a second (more is better)",
        ),
        (
            right,
            [seconds_to_exact_match(name, found, reached) for name in names],
            "seconds to 99 % exact match (fewer is better)",
        ),
    ):
        bars = axes.barh(labels, values, color="#2b6cb0")
        axes.bar_label(bars, fmt="{:,.0f}" if axes is right else "{:.1f}", padding=3)
        axes.set_xscale("log")
        axes.set_title(title, fontsize=10)
        axes.margins(x=0.2)
        axes.spines[["top", "right"]].set_visible(False)
    figure.savefig(PLOT, dpi=120)


if __name__ == "__main__":
    main()
