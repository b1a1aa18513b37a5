"""How many unseen numerals of each kind the recipe `all` reads after training, and the grammar.

Run alone, some two hours on two cores that compute in bfloat16: ``python benchmarks/all_kinds.py``.
A run that was made already, by ``getalwoord train --recipe all --out DIR``, is measured with
``--adapter DIR``.
"""

import argparse
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from results import provenance, write_section
from runs import trained

from getalwoord.adapter import Adapter
from getalwoord.data.examples import Example
from getalwoord.data.mixture import Maker
from getalwoord.data.values import draw_values, is_reserved
from getalwoord.evaluation.evaluate import answered
from getalwoord.evaluation.scores import score
from getalwoord.evaluation.suites import by_grammar, by_reader
from getalwoord.numerals import KINDS, NOISES
from getalwoord.reading.reader import Reader
from getalwoord.recipe import Recipe

EACH = 300  # of a kind, with so many mistakes
FEW = {"year": 100, "time": 150, "multiplier": 80}  # of some kinds there are not more
STRENGTHS = (0, 1, 2)
FORMS = ("official", "variant", "noise", "sentence")


def main() -> None:
    """Train, or take what was trained; measure, print and write the section."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--adapter", type=Path)
    given = options.parse_args()
    if given.adapter is not None:
        report(given.adapter)
        return
    with tempfile.TemporaryDirectory() as scratch:
        print(trained("--recipe", "all", out=Path(scratch) / "run"), file=sys.stderr)
        report(Path(scratch) / "run")


def report(folder: Path) -> None:
    """Measure an adapter and the grammar on the same texts, and write what the run came to."""
    adapter = Adapter.load(folder)
    reader = Reader(folder)
    assert reader.answerer is not None
    found: dict[str, list[float]] = {kind: [] for kind in KINDS}
    for kind in KINDS:
        for strength in STRENGTHS:
            examples = list(unseen(kind, strength))
            for answers in (
                by_grammar(examples),
                answered(reader.answerer, examples),
                by_reader(reader)(examples),
            ):
                scores = score(list(zip(examples, answers, strict=True)))
                found[kind].append(scores.overall.exact_match)
        print(kind, found[kind], flush=True)
    fewer = ", ".join(f"{count} of {kind}" for kind, count in FEW.items())
    markdown = "\n\n".join(
        (
            "## The recipe `all`: every kind, unseen",
            provenance(
                "python benchmarks/all_kinds.py",
                ["getalwoord", "keras", "keras-hub", "torch"],
            ),
            training(adapter.scores, adapter.recipe),
            f"And {EACH} further texts of each kind with no mistake, with one and with two "
            f"(but {fewer}), a quarter of them in sentences; their values are kept for tests, so "
            "are their sentences and the patterns of their mistakes. The adapter is the model "
            "alone, the grammar what `parse` and `normalise` do; both are `getalwoord read "
            "--adapter`, with what is unproven.",
            table(found),
        )
    )
    print(markdown)
    write_section("all-kinds", markdown)


def unseen(kind: str, strength: int) -> Iterator[Example]:
    """Draw examples of a kind whose values no recipe trains on, with so many mistakes each."""
    seed = f"all kinds, third draw {strength}"
    values = draw_values(kind, FEW.get(kind, EACH), maximum=999_999, seed=seed, only=is_reserved)
    maker = Maker(
        kind,
        noises=list(NOISES) if strength else [],
        strength=strength,
        sentences=0.25,
        seed=seed,
        held_back=True,
        exactly=True,
    )
    return (maker.example(value, number) for number, value in enumerate(values))


def training(scores: Mapping[str, Any], recipe: Recipe) -> str:
    """Say what the run took, and what it came to on its own test."""
    groups = scores["em_by_group"]
    forms = ", ".join(f"{name} {groups[name]:.1%}" for name in FORMS)
    further = seen = ""
    if recipe.start_from is not None:
        further = f"the recipe's own run and then, at a learning rate of {recipe.learning_rate}, "
        seen = " (values that the first run may have trained on)"
    return (
        f"Gemma 3 270M after {further}{scores['examples_seen']:,} examples, "
        f"{scores['training_pairs']:,} pairs once each, in {scores['seconds']:,.0f} s "
        f"({scores['examples_per_second']:.1f} a second, peak memory "
        f"{scores['peak_memory_bytes'] / 1e9:.1f} GB). Of the {scores['test_examples']:,} of its "
        f"test{seen} it read {scores['em_before']:.1%} before and "
        f"{scores['em_after']:.1%} after: {forms}. Of these 60 % have one or two mistakes, also "
        "some of those in sentences; `official` and `variant` have none and stand alone."
    )


def table(found: Mapping[str, Sequence[float]]) -> str:
    """Draw kinds down, mistakes across; all kinds count alike."""
    every = [sum(column) / len(found) for column in zip(*found.values(), strict=True)]
    rows = [
        "| kind | "
        + " | ".join(
            f"{name}: grammar | adapter | both" for name in ("clean", "one mistake", "two mistakes")
        )
        + " |",
        "| --- |" + " ---: |" * 3 * len(STRENGTHS),
    ]
    for name, shares in (*found.items(), ("all", every)):
        rows.append(f"| {name} | " + " | ".join(f"{share:.1%}" for share in shares) + " |")
    return "\n".join(rows)


if __name__ == "__main__":
    main()
