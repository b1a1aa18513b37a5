"""How often `exact`, `near` and `unproven` are right, over many generated numerals.

Run alone: ``python benchmarks/proof.py [--adapter DIR] [--count N]``. Half of the texts are clean,
the other half have none, one or two mistakes of patterns that no training set has. With an adapter
the plot goes to docs/trust.png; without one the grammar is judged alone.
"""

import argparse
from pathlib import Path

from results import RESULTS, provenance, write_section

from getalwoord.evaluation.plots import plot_trust
from getalwoord.evaluation.trust import (
    Judged,
    draw_noisy,
    judge,
    reliability,
    risk_coverage,
    shares,
    trust_table,
)
from getalwoord.numerals import KINDS
from getalwoord.reading.reader import Reader

COUNT = 200_000
CURVES = 2400  # texts of each contender of risk against coverage
SHOWN = 12


def main() -> None:
    """Measure, print and write the section."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--adapter", type=Path)
    options.add_argument("--count", type=int, default=COUNT)
    given = options.parse_args()
    each = given.count // 2 // len(KINDS)
    with Reader(given.adapter) as reader:
        clean = judge(reader, drawn(each, 0, "clean"))
        print("clean", len(clean), flush=True)
        noisy = []
        for strength in (0, 1, 2):
            noisy += judge(reader, drawn(each // 3, strength, f"noisy {strength}"))
            print("noisy", strength, len(noisy), flush=True)
        picture = "" if given.adapter is None else plotted(reader)
        thresholds = reader.thresholds
    alone = given.adapter is None
    option = "" if alone else " --adapter DIR"
    probable = f", the model's answer at least {thresholds.probability} probable"
    wrong = [one for one in clean + noisy if one.reading.how in ("exact", "near") and not one.right]
    markdown = "\n\n".join(
        (
            f"## How far readings can be trusted{', without a model' if alone else ''}",
            provenance(f"python benchmarks/proof.py{option}", ["getalwoord", "torch"]),
            f"{len(clean):,} clean numerals (official spellings and variants) and {len(noisy):,} "
            "with none, one or two mistakes of patterns that no training set has, all kinds "
            f"alike; {'the grammar alone' if alone else 'recipe `all`'}; "
            f"near is within {thresholds.distance} and by {thresholds.margin} nearer than any "
            f"rival{'' if alone else probable}. A way's share is of what was read.",
            trust_table(groups(clean, noisy)),
            f"Not read: {unread(clean)} clean, {unread(noisy)} noisy. Wrong though exact or near:"
            f" {len(wrong)}"
            + "".join(
                f"\n- *{one.reading.text}* ({one.kind}): {one.reading.value}, {one.reading.how}"
                for one in wrong[:SHOWN]
            ),
            picture,
        )
    )
    print(markdown)
    write_section("proof-grammar" if alone else "proof", markdown)


def plotted(reader: Reader) -> str:
    """Draw how reliable the model is, and risk against coverage; give what shows the picture."""
    few = drawn(CURVES // len(KINDS), 1, "curves")
    by_model = judge(reader.asking("model"), few)
    curves = {
        "grammar, model and proof": risk_coverage(judge(reader, few)),
        "model alone": risk_coverage(by_model),
        "grammar alone": risk_coverage(judge(reader.asking("grammar"), few)),
    }
    plot_trust(RESULTS.parent / "trust.png", reliability(by_model), curves)
    return (
        f"![Reliability, and risk against coverage on {len(few):,} texts with one mistake]"
        "(trust.png)"
    )


def drawn(each: int, strength: int, seed: str) -> list:
    """Draw so many texts of each kind."""
    return list(
        draw_noisy(
            tuple(KINDS),
            count=each,
            strength=strength,
            maximum=999_999,
            seed=f"proof, third draw {seed}",
            held_back=True,
        )
    )


def groups(clean: list[Judged], noisy: list[Judged]) -> dict:
    """Sort readings by cleanness, kind and noise."""
    return {
        "clean": shares(clean, lambda one: "")[""],
        "noisy": shares(noisy, lambda one: "")[""],
        **{f"noisy {kind}": ways for kind, ways in shares(noisy, lambda one: one.kind).items()},
        **{f"noise {name}": ways for name, ways in shares(noisy, lambda one: one.noise).items()},
    }


def unread(judged: list[Judged]) -> int:
    """Count texts without a value."""
    return sum(one.reading.how is None for one in judged)


if __name__ == "__main__":
    main()
