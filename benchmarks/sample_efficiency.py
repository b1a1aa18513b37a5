"""How few examples does it take, and which? One setting of the default recipe at a time.

    python benchmarks/sample_efficiency.py --hours 3     # does what is missing, then writes
    python benchmarks/sample_efficiency.py --hours 0     # only writes

Every run is one line of ``benchmarks/sample_efficiency.jsonl``, so the study can be gone on with.
Runs of one seed hold the same 300 numbers of 1–999 back for the test and 150 for validation;
settings are compared by validation alone, and the test is shown.
"""

import argparse
import gc
import json
import multiprocessing
import os
import statistics
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from pupil import Pupil
from results import RESULTS, provenance, write_section

RUNS = Path(__file__).with_suffix(".jsonl")
PLOT = RESULTS.parent / "sample-efficiency.png"
SEEDS = range(5)
PASS = 300  # examples, after which is measured
HELD_BACK = {"validation": 150, "test": 300}
MODULES = {
    "query, value": ("query", "value"),
    "attention": ("query", "key", "value", "output"),
    "feed-forward": ("gate", "up", "down"),
}

# What is no setting of a recipe: which numbers, and how many examples in all.
START: dict[str, Any] = {"choice": "covering", "examples": 1500}
# Under Adam, with B at zero first, alpha times k is B's learning rate times k, as in LoRA+ (Hayou
# et al. 2024, https://arxiv.org/abs/2402.12354). rsLoRA (Kalajdzievski 2023,
# https://arxiv.org/abs/2312.03732) has alpha grow with the root of the rank.
CHANGES: tuple[dict[str, Any], ...] = (
    {},
    *({"count": value} for value in (100, 200, 549)),
    *({"choice": value} for value in ("uniform", "curriculum", "wrong")),
    *({"examples": value} for value in (900, 2100)),
    *({"learning_rate": value} for value in (1e-3, 3e-3, 5e-3)),
    {"schedule": "constant"},
    *({"batch_size": value} for value in (5, 20, 30)),
    {"batch_size": 20, "learning_rate": 3e-3},
    *({"alpha": value} for value in (2.0, 4.0, 16.0, 32.0)),
    *({"rank": value} for value in (1, 2, 8, 16)),
    *({"rank": value, "alpha": 4.0 * value**0.5} for value in (8, 16)),
    *({"target_modules": name} for name in MODULES),
    *({"first_block": value} for value in (4, 9)),
)


def main() -> None:
    """Run what is missing, as long as there is time, and write the section."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--hours", type=float, default=1.0)
    options.add_argument("--jobs", type=int, default=os.cpu_count(), help="runs at once")
    given = options.parse_args()
    until = time.time() + given.hours * 3600
    done = runs()
    asked = [(changed, seed) for seed in SEEDS for changed in CHANGES]
    missing = [(until, *one) for one in asked if key(*one) not in done]
    if missing and given.hours > 0:
        with RUNS.open("a", encoding="utf-8") as file, started(given.jobs) as pool:
            for result in pool.imap_unordered(run_if_there_is_time, missing):
                if result is not None:
                    file.write(json.dumps(result) + "\n")
                    file.flush()
                    print(json.dumps(result), flush=True)
    write(runs())


def key(changed: Mapping[str, Any], seed: int) -> str:
    """Name a run."""
    return json.dumps([dict(changed), seed])


def runs() -> dict[str, dict[str, Any]]:
    """Read the runs that were made."""
    if not RUNS.exists():
        return {}
    found = map(json.loads, RUNS.read_text(encoding="utf-8").splitlines())
    return {key(one["changed"], one["seed"]): one for one in found}


def started(jobs: int) -> Any:
    """Load a base, of which each run is given a copy in a process of its own, with one thread.

    Two such runs at once are faster than one with both cores.
    """
    import torch

    from getalwoord.models.bases import load_base
    from getalwoord.models.device import choose_dtype
    from getalwoord.models.heap import keep_freed_memory
    from getalwoord.recipe import Recipe

    torch.set_num_threads(1)  # a process that has begun others cannot be copied
    keep_freed_memory()
    base = load_base(Recipe.load("default").base, dtype=choose_dtype().value, narrow=True)
    gc.freeze()
    context = multiprocessing.get_context("fork")
    return context.Pool(jobs, initializer=_given, initargs=(base,), maxtasksperchild=1)


def _given(base: Any) -> None:
    global _base
    _base = base


def run_if_there_is_time(asked: tuple[float, Mapping[str, Any], int]) -> dict[str, Any] | None:
    """Train once, if it is not too late to begin with it."""
    until, changed, seed = asked
    return run(changed, seed) if time.time() < until else None


def run(changed: Mapping[str, Any], seed: int) -> dict[str, Any]:
    """Train once; gives what was changed, and exact match as it grew and of the test at the end."""
    from getalwoord.data.parts import draw_parts, spelled
    from getalwoord.models.answer_model import answer_model, token_model
    from getalwoord.models.device import choose_dtype
    from getalwoord.models.low_rank import attach_for
    from getalwoord.recipe import Recipe
    from getalwoord.training.batches import Batches, encode
    from getalwoord.training.loop import compile_for
    from getalwoord.training.scoring import exact_matches

    settings = {**START, **changed}
    choice, total = settings.pop("choice"), settings.pop("examples")
    if "target_modules" in settings:
        settings["target_modules"] = MODULES[settings["target_modules"]]
    recipe = Recipe.load("default").but("study", **(HELD_BACK | settings | {"seed": seed}))
    attach_for(_base.backbone, recipe)
    model = answer_model(_base.backbone)
    model.shortlist.every = recipe.full_vocabulary_every
    tokens = token_model(model)
    compile_for(model, recipe, total_steps=total // recipe.batch_size)

    parts = draw_parts(**recipe.drawing)
    held = {example.value for example in (*parts.validation, *parts.test)}
    pool = [number for number in range(1, 1000) if number not in held]

    def encoded(examples: Sequence[Any]) -> list[Any]:
        return encode(
            examples,
            _base.tokenizer,
            template=recipe.template,
            sequence_length=recipe.sequence_length,
        )

    def right(items: Sequence[Any]) -> float:
        return statistics.mean(exact_matches(tokens, items))

    by_number = dict(zip(pool, encoded(spelled(pool)), strict=True))
    validation = encoded(parts.validation)
    pupil = Pupil(choice, [example.value for example in parts.train], pool, seed)
    curve, seconds = [], 0.0
    for epoch in range(total // PASS):
        pairs = [by_number[number] for number in pupil.pass_of(PASS)]
        batches = Batches(pairs, batch_size=recipe.batch_size, seed=seed, epoch=epoch)
        began = time.perf_counter()
        for index in range(len(batches)):
            model.train_on_batch(*batches[index])
        seconds += time.perf_counter() - began
        curve.append([(epoch + 1) * PASS, right(validation)])
        if pupil.asks:
            known = exact_matches(tokens, [*by_number.values()])
            pupil.learn_from([n for n, one in zip(by_number, known, strict=True) if not one])
    return {
        "changed": dict(changed),
        "seed": seed,
        "dtype": choose_dtype().value,
        "distinct": len(pupil.seen),
        "curve": curve,
        "seconds": seconds,
        "test": right(encoded(parts.test)),
    }


def write(done: Mapping[str, Mapping[str, Any]]) -> None:
    """Write the section and the plot of what there is."""
    rows = [
        "| changed | to | dtype | seeds | validation | test | distinct numbers | seconds |",
        "|---|---|---|" + "---:|" * 5,
    ]
    groups: dict[str, list[tuple[str, list[Mapping[str, Any]]]]] = {}
    for changed in CHANGES:
        found = [done[k] for seed in SEEDS if (k := key(changed, seed)) in done]
        if not found:
            continue
        name = ", ".join(changed) or "nothing"
        value = ", ".join(map(shown, changed.values()))
        rows.append(row(name, value, found))
        if len(changed) < 2:
            groups.setdefault(name, []).append((value, found))
    draw(groups.pop("nothing", [("", [])])[0][1], groups)
    write_section("sample-efficiency", section(rows))


def section(rows: Sequence[str]) -> str:
    """Write the section."""
    return "\n\n".join(
        (
            "## How few examples it takes",
            provenance(
                "python benchmarks/sample_efficiency.py",
                ["getalwoord", "keras", "keras-hub", "torch"],
            ),
            "Gemma 3 270M, the recipe `default`: "
            f"{START['examples']:,} examples, by 300 numbers of 1–999 that cover all words and "
            "their neighbours. In each row something is changed. Exact match on "
            f"{HELD_BACK['validation']} numerals of validation and {HELD_BACK['test']} of the "
            "test, the same in all runs of a seed and none of them trained on, nor any of those "
            "that all others are made of: median (lowest–highest) of the seeds. Twice alpha is "
            "twice the learning rate of B (LoRA+); a rank with alpha of four times its root is "
            "rsLoRA, which `default` is, too. A curriculum has numbers of one or two digits "
            "alone in the first pass of 300. Wrong: 150 that cover, and with each pass up to 37 "
            "of what the model then gets wrong. Seconds are those of training by one thread, "
            "beside another run.",
            "\n".join(rows),
            f"![Exact match against examples seen]({PLOT.name})",
        )
    )


def shown(value: Any) -> str:
    """Write what something was changed to."""
    return f"{value:g}" if isinstance(value, int | float) else str(value)


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


def draw(
    default: Sequence[Mapping[str, Any]],
    groups: Mapping[str, Sequence[tuple[str, Sequence[Mapping[str, Any]]]]],
) -> None:
    """Draw validation against examples seen, a panel for each setting; medians and ranges."""
    from getalwoord.evaluation.plots import figure_in

    columns = 3
    with figure_in(PLOT, -(-len(groups) // columns), columns, figsize=(11, 11)) as panels:
        panels.flat[0].figure.supxlabel("examples seen")
        panels.flat[0].figure.supylabel("exact match on the validation numerals")
        for axes in panels.flat[len(groups) :]:
            axes.set_visible(False)
        for axes, (name, lines) in zip(panels.flat, groups.items(), strict=False):
            for label, found in [("default", default), *lines]:
                seen = [point[0] for point in found[0]["curve"]]
                values = list(zip(*([p[1] for p in one["curve"]] for one in found), strict=True))
                axes.plot(seen, [statistics.median(v) for v in values], label=label)
                axes.fill_between(
                    seen, [min(v) for v in values], [max(v) for v in values], alpha=0.15
                )
            axes.set_title(name)
            axes.set_ylim(0, 1.02)
            axes.legend(loc="lower right", fontsize="small")


if __name__ == "__main__":
    main()
