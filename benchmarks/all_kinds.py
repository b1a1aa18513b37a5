"""How many unseen numerals of each kind the recipe `all` reads after training.

Run alone, half an hour on two cores: ``python benchmarks/all_kinds.py``. A run that was made
already is written with ``--summary FILE``, what ``getalwoord train --recipe all --json`` printed.
"""

import argparse
import json
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from results import provenance, write_section

from getalwoord.numerals import KINDS

FORMS = ("official", "variant", "noise", "sentence")


def main() -> None:
    """Train, or read what training gave; print and write the section."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--summary", type=Path)
    given = options.parse_args()
    lines = given.summary.read_text("utf-8").splitlines() if given.summary else trained()
    summary: dict[str, Any] = json.loads(lines[-1])
    groups = summary["em_by_group"]
    rows = [f"| {name} | {groups[name]:.1%} |" for name in (*KINDS, *FORMS)]
    markdown = "\n\n".join(
        (
            "## The recipe `all`: every kind, unseen",
            provenance(
                "python benchmarks/all_kinds.py",
                ["getalwoord", "keras", "keras-hub", "torch"],
            ),
            f"Gemma 3 270M after {summary['examples_seen']:,} examples, "
            f"{summary['training_pairs']:,} pairs once each, in {summary['seconds']:,.0f} s "
            f"({summary['examples_per_second']:.1f} a second, peak memory "
            f"{summary['peak_memory_bytes'] / 1e9:.1f} GB): {summary['em_before']:.1%} before, "
            f"{summary['em_after']:.1%} after, of {summary['test_examples']:,} of which no value, "
            "sentence or pattern of a mistake was trained on. The model alone, without the "
            "grammar. Of the examples 40 % have one or two mistakes, also some of those in "
            "sentences; `official` and `variant` have none and stand alone.",
            "\n".join(["| examples | exact match |", "| --- | ---: |", *rows]),
        )
    )
    print(markdown)
    write_section("all-kinds", markdown)


def trained() -> list[str]:
    """Train by the recipe, in a process of its own."""
    with tempfile.TemporaryDirectory() as folder:
        command = ["train", "--recipe", "all", "--out", f"{folder}/run", "--json"]
        done = subprocess.run(
            [sys.executable, "-m", "getalwoord", *command],
            stdout=subprocess.PIPE,
            check=True,
            text=True,
        )
    return done.stdout.splitlines()


if __name__ == "__main__":
    main()
