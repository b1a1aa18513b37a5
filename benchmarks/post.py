"""What does the post's recipe reach, to its end, and when does the default recipe reach that?

Both are trained by getalwoord, on Gemma 3 270M. The post's takes an hour or so; a run that was
begun in a folder is gone on with.

    python benchmarks/post.py --runs DIR
"""

import argparse
from pathlib import Path

from results import RESULTS, provenance, write_section
from runs import trained

from getalwoord.evaluation.plots import figure_in, measured
from getalwoord.evaluation.runs import Run, read_run
from getalwoord.recipe import Recipe

RECIPES = ("post", "default")
PLOT = RESULTS.parent / "post.png"


def main() -> None:
    """Train by both recipes, and write the section and the plot."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--runs", type=Path, required=True, help="folder for the two runs")
    folder = options.parse_args().runs
    runs = {}
    folder.mkdir(parents=True, exist_ok=True)
    for name in RECIPES:
        recipe = Recipe.load(name).model_copy(update={"base": "gemma3_270m", "validation": 100})
        recipe.save(folder / f"{name}.toml")
        trained("--recipe", str(folder / f"{name}.toml"), "--resume", out=folder / name)
        runs[name] = read_run(folder / name)
        print(row(name, runs[name]), flush=True)
    draw(runs)
    write_section("post", section(runs))


def section(runs: dict[str, Run]) -> str:
    """Write the section."""
    return "\n\n".join(
        (
            "## The post's recipe to its end",
            provenance(
                "python benchmarks/post.py --runs DIR",
                ["getalwoord", "keras", "keras-hub", "torch"],
            ),
            "Both recipes by getalwoord on Gemma 3 270M, on numerals to 1,000 and to 999; 100 are "
            "held back for validation and 300 for the test. Seconds are those of training.",
            "\n".join(
                (
                    "| recipe | examples seen | seconds | validation: 90 % after, s "
                    "| 99 % after, s | test before | test after |",
                    "| --- |" + " ---: |" * 6,
                    *(row(name, run) for name, run in runs.items()),
                )
            ),
            f"![Exact match against seconds of training]({PLOT.name})",
        )
    )


def row(name: str, run: Run) -> str:
    """Write what a run came to as a row of the table."""
    found = run.summary
    return (
        f"| {name} | {found['examples_seen']:,} | {found['seconds']:,.0f} | {since(run, 0.9)} | "
        f"{since(run, 0.99)} | {found['em_before']:.1%} | {found['em_after']:.1%} |"
    )


def since(run: Run, share: float) -> str:
    """Tell after how many seconds a run first had so much of the validation set right."""
    reached = (point["seconds"] for point, found in measured(run.curve) if found >= 100 * share)
    first = next(reached, None)
    return "never" if first is None else f"{first:,.0f}"


def draw(runs: dict[str, Run]) -> None:
    """Draw exact match on the validation set against seconds of training."""
    with figure_in(PLOT, figsize=(7, 4)) as axes:
        for name, run in runs.items():
            points = measured(run.curve)
            axes.plot(
                [point["seconds"] for point, _ in points],
                [share for _, share in points],
                marker="o",
                label=name,
            )
        axes.set(xscale="log", xlabel="seconds of training", ylim=(-3, 103))
        axes.set_ylabel("exact match on unseen numerals, %")
        axes.legend()


if __name__ == "__main__":
    main()
