"""How few examples does it take, and which? A study of one setting at a time, five seeds each.

    python benchmarks/sample_efficiency.py --hours 3     # does what is missing, then writes
    python benchmarks/sample_efficiency.py --hours 0     # only writes

Every run is one line of ``benchmarks/sample_efficiency.jsonl``, so the study can be gone on with.
A run holds 300 numbers of 1–999 back for the test and 150 for validation; settings are compared by
validation alone, and the test is shown.
"""

import argparse
import json
import os
import statistics
import subprocess
import sys
import threading
import time
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from pupil import Pupil, last_word_apart
from results import RESULTS, provenance, write_section

RUNS = Path(__file__).with_suffix(".jsonl")
PLOT = RESULTS.parent / "sample-efficiency.png"
SEEDS = range(5)
MEASURED_EVERY = 250  # examples
HELD_BACK = {"validation": 150, "test": 300}

# Under Adam, with B at zero first, alpha times k is B's learning rate times k, as in LoRA+ (Hayou
# et al. 2024, https://arxiv.org/abs/2402.12354); rsLoRA (Kalajdzievski 2023,
# https://arxiv.org/abs/2312.03732) at rank 4 is alpha 8. So one setting stands for three.
START: dict[str, Any] = {
    "pairs": 300,
    "choice": "covering",
    "learning_rate": 2e-3,
    "schedule": "cosine",
    "warmup": 0.1,
    "batch_size": 8,
    "rank": 4,
    "alpha": 4,
    "modules": "all",
    "blocks": "all",
    "examples": 1500,
    "cuts": 0.0,
    "apart": 0,
    "again": 0.0,
    "basic": "as any",
}
STUDIED: dict[str, Sequence[Any]] = {
    "alpha": (2, 4, 8, 16, 32),
    "batch_size": (4, 8, 16),
    "choice": ("uniform", "covering", "tokens", "curriculum", "wrong"),
    "pairs": (100, 200, 300, 549),
    "examples": (1000, 1500, 2000),
    "learning_rate": (1e-3, 2e-3, 3e-3, 5e-3),
    "rank": (2, 4, 8, 16),
    "modules": ("query, value", "attention", "feed-forward", "all"),
    "blocks": ("lower half", "upper half", "all"),
    "schedule": ("cosine", "constant"),
}
COMBINED: Sequence[dict[str, Any]] = (
    {"alpha": 8, "batch_size": 4},
    {"alpha": 8, "examples": 2000},
    {"alpha": 8, "choice": "uniform"},
    {"alpha": 16, "rank": 8},
    {"alpha": 8, "blocks": "upper half"},
    {"alpha": 8, "cuts": 0.05},
    {"alpha": 8, "examples": 3000, "choice": "groups", "apart": 2},
    {"alpha": 8, "examples": 3000, "choice": "groups", "again": 0.5},
    {"alpha": 8, "choice": "digits", "basic": "never held back"},
)
MODULES = {
    "query, value": ("query", "value"),
    "attention": ("query", "key", "value", "output"),
    "feed-forward": ("gate", "up", "down"),
    "all": ("query", "key", "value", "output", "gate", "up", "down"),
}


def main() -> None:
    """Run what is missing, as long as there is time, and write the section."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--hours", type=float, default=1.0)
    options.add_argument("--jobs", type=int, default=os.cpu_count(), help="runs at once")
    options.add_argument("--one", help=argparse.SUPPRESS)
    given = options.parse_args()
    if given.one is not None:
        print(json.dumps(run(**json.loads(given.one))))
        return
    began, done, lock = time.perf_counter(), runs(), threading.Lock()

    def one(asked: dict[str, Any]) -> None:
        if time.perf_counter() - began > given.hours * 3600:
            return
        result = in_a_process(asked)
        with lock, RUNS.open("a", encoding="utf-8") as file:
            done[key(asked, asked["seed"])] = result
            file.write(json.dumps(result) + "\n")
            print(json.dumps(result), flush=True)

    order = sorted(settings(), key=lambda setting: setting["alpha"] != 8)  # the likeliest first
    asked = [{**setting, "seed": seed} for setting in order for seed in SEEDS]
    with ThreadPoolExecutor(given.jobs) as pool:
        list(pool.map(one, (run for run in asked if key(run, run["seed"]) not in done)))
    write(done)


def settings() -> list[dict[str, Any]]:
    """Give the start, with several settings otherwise, and with each in turn."""
    found = [START, *(START | setting for setting in COMBINED)]
    for name, values in STUDIED.items():
        found += [START | {name: value} for value in values if value != START[name]]
    return found


def key(setting: Mapping[str, Any], seed: int) -> str:
    """Name a run."""
    return json.dumps({**{name: setting[name] for name in START}, "seed": seed})


def runs() -> dict[str, dict[str, Any]]:
    """Read the runs that were made."""
    if not RUNS.exists():
        return {}
    found = map(json.loads, RUNS.read_text(encoding="utf-8").splitlines())
    return {key(START | one, one["seed"]): one for one in found}


def in_a_process(arguments: Mapping[str, Any]) -> dict[str, Any]:
    """Run in a process of its own, with one thread: two runs at once are faster than one."""
    command = [sys.executable, __file__, "--one", json.dumps(arguments)]
    environment = {**os.environ, "OMP_NUM_THREADS": "1"}
    done = subprocess.run(command, env=environment, stdout=subprocess.PIPE, text=True, check=True)
    result: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return result


def run(seed: int, **setting: Any) -> dict[str, Any]:
    """Train once; gives the setting, exact match as it grew, and that of the test at the end."""
    from getalwoord.data.covering import basic_numbers
    from getalwoord.data.draw import draw_distinct
    from getalwoord.data.examples import Example
    from getalwoord.data.parts import spelled, spelled_otherwise
    from getalwoord.models.answer_model import answer_model, token_model
    from getalwoord.models.bases import load_base
    from getalwoord.models.device import choose_dtype
    from getalwoord.models.heap import keep_freed_memory
    from getalwoord.models.low_rank import attach_for
    from getalwoord.recipe import Recipe
    from getalwoord.training.batches import encode
    from getalwoord.training.layout import arrays_of
    from getalwoord.training.loop import compile_for
    from getalwoord.training.scoring import exact_matches

    keep_freed_memory()
    recipe = Recipe(
        rank=setting["rank"],
        alpha=setting["alpha"],
        target_modules=MODULES[setting["modules"]],
        learning_rate=setting["learning_rate"],
        schedule=setting["schedule"],
        warmup=setting["warmup"],
        clip_norm=1.0,
        batch_size=setting["batch_size"],
        seed=seed,
    )
    dtype = choose_dtype().value
    base = load_base(recipe.base, dtype=dtype, narrow=True)
    projections = attach_for(base.backbone, recipe)
    middle = len(base.backbone.transformer_layers) // 2
    for target, projection in projections.items():
        half = "upper half" if target.block >= middle else "lower half"
        if setting["blocks"] not in ("all", half):
            projection.trainable = False
    model = answer_model(base.backbone)
    tokens = token_model(model)
    steps = setting["examples"] // recipe.batch_size
    compile_for(model, recipe, total_steps=steps)

    def encoded(examples: Sequence[Example], cut: float = 0.0, drawn: int = 0) -> list[Any]:
        return encode(
            examples,
            base.tokenizer,
            template=recipe.template,
            sequence_length=2 * recipe.sequence_length,
            cut=cut,
            seed=drawn,
        )

    count = sum(HELD_BACK.values())
    kept = basic_numbers(1, 999) if setting["basic"] == "never held back" else frozenset()
    held = draw_distinct(
        count,
        minimum=1,
        maximum=999,
        sampling="uniform",
        seed=f"{seed} held",
        share=count / (999 - len(kept)),
        without=kept,
    )
    test = encoded(spelled(held[: HELD_BACK["test"]]))
    validation = encoded(spelled(held[HELD_BACK["test"] :]))
    pool = sorted(set(range(1, 1000)) - set(held))
    by_number = dict(zip(pool, encoded(spelled(pool)), strict=True))
    tokens_of = {number: one.prompt for number, one in by_number.items()}
    pupil = Pupil(setting["choice"], tokens_of, setting["pairs"], steps, seed)
    apart = last_word_apart(pupil.chosen, setting["apart"])
    by_number |= zip(apart, encoded([*apart.values()]), strict=True)
    repeats = int(recipe.batch_size * setting["again"])  # in a batch
    again = encoded(spelled_otherwise(pupil.chosen, repeats * steps, seed))
    curve, seconds = [], 0.0
    for step in range(steps):
        began = time.perf_counter()
        batch = pupil.batch(step, recipe.batch_size - repeats)
        pairs = [by_number[number] for number in batch]
        if setting["cuts"]:  # elsewhere each time
            pairs = encoded(spelled(batch), setting["cuts"], seed * steps + step)
        pairs += [again.pop() for _ in range(repeats)]
        model.train_on_batch(*arrays_of(pairs))
        seconds += time.perf_counter() - began
        seen = (step + 1) * recipe.batch_size
        if seen % MEASURED_EVERY < recipe.batch_size or step == steps - 1:
            right = exact_matches(tokens, validation)
            curve.append([seen, sum(right) / len(right)])
            if pupil.asks:
                known = exact_matches(tokens, [*by_number.values()])
                pupil.learn_from([n for n, one in zip(by_number, known, strict=True) if not one])
    right = exact_matches(tokens, test)
    return {
        **setting,
        "seed": seed,
        "dtype": dtype,
        "distinct": len(pupil.seen),
        "curve": curve,
        "seconds": seconds,
        "test": sum(right) / len(right),
    }


def write(done: Mapping[str, Mapping[str, Any]]) -> None:
    """Write the section and the plot of what there is."""
    rows = [
        "| changed | to | dtype | seeds | validation | test | distinct numbers | seconds |",
        "|---|---|---|" + "---:|" * 5,
    ]
    started = [done[k] for seed in SEEDS if (k := key(START, seed)) in done]
    groups: dict[str, list[tuple[str, list[Mapping[str, Any]]]]] = {}
    for setting in settings():
        found = [done[k] for seed in SEEDS if (k := key(setting, seed)) in done]
        changed = {name: value for name, value in setting.items() if value != START[name]}
        if not found:
            continue
        name, value = ", ".join(changed), ", ".join(map(str, changed.values()))
        rows.append(row(name or "start", value, found))
        if len(changed) == 1:
            groups.setdefault(name, [(str(START[name]), started)]).append((value, found))
    draw(groups)
    write_section(
        "sample-efficiency",
        "\n\n".join(
            (
                "## How few examples it takes",
                provenance(
                    "python benchmarks/sample_efficiency.py",
                    ["getalwoord", "keras", "keras-hub", "torch"],
                ),
                "Gemma 3 270M, numerals of 1–999. At the start "
                + ", ".join(f"{name} {value}" for name, value in START.items())
                + ". In the other rows one setting is another, or several; exact match on "
                "150 numerals of validation and 300 of the test, none of them trained on: median "
                "(lowest–highest) of the seeds. Twice alpha is twice the learning rate of B. "
                "Groups: of three words, which are covered, too. Digits: words and neighbours "
                "are to come in numbers of as many digits, not of words. Basic: numbers to "
                "twenty, tens and hundreds, which are held back as any or never. Apart: so many "
                "numbers show each word that is no number of those chosen as a word of its own "
                "(*vierhonderd elf*). Again: share of the examples that are the same numbers, "
                "the short ones most, with their words apart and in small letters, with a "
                "capital or in capitals. "
                "Seconds "
                "are those of training by one thread, beside another run.",
                "\n".join(rows),
                f"![Exact match against examples seen]({PLOT.name})",
            )
        ),
    )


def row(name: str, value: str, found: Sequence[Mapping[str, Any]]) -> str:
    """Write a row of the table: a setting over its seeds."""
    dtypes = " or ".join(sorted({one["dtype"] for one in found}))
    return (
        f"| {name} | {value} | {dtypes} | {len(found)} | "
        f"{span([one['curve'][-1][1] for one in found])} | "
        f"{span([one['test'] for one in found])} | "
        f"{statistics.median(one['distinct'] for one in found):.0f} | "
        f"{statistics.median(one['seconds'] for one in found):.0f} |"
    )


def span(values: Sequence[float]) -> str:
    """Write the median and the range, if there is one."""
    if len(values) == 1:
        return f"{values[0]:.1%}"
    return f"{statistics.median(values):.1%} ({min(values):.1%}–{max(values):.1%})"


def draw(groups: Mapping[str, Sequence[tuple[str, Sequence[Mapping[str, Any]]]]]) -> None:
    """Draw validation against examples seen, a panel for each setting; medians and ranges."""
    from getalwoord.evaluation.plots import figure_in

    columns = 3
    with figure_in(PLOT, -(-len(groups) // columns), columns, figsize=(11, 8)) as panels:
        panels.flat[0].figure.supxlabel("examples seen")
        panels.flat[0].figure.supylabel("exact match on the validation numerals")
        for axes in panels.flat[len(groups) :]:
            axes.set_visible(False)
        for axes, (name, lines) in zip(panels.flat, groups.items(), strict=False):
            for label, found in lines:
                seen = [point[0] for point in found[0]["curve"]]
                values = list(zip(*([p[1] for p in one["curve"]] for one in found), strict=True))
                axes.plot(seen, [statistics.median(v) for v in values], label=label)
                axes.fill_between(
                    seen, [min(v) for v in values], [max(v) for v in values], alpha=0.15
                )
            axes.set_title(name)
            axes.set_ylim(0, 1.02)
            axes.legend(fontsize=7)


if __name__ == "__main__":
    main()
