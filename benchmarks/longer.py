"""Numerals longer than any trained on: the model asked for the whole, and for the parts.

Run alone: ``python benchmarks/longer.py --adapter DIR [--count 300]``, with an adapter whose
recipe draws cardinals below 10^6.
"""

import argparse
from pathlib import Path

from results import provenance, write_section

from getalwoord.adapter import Adapter
from getalwoord.data.draw import draw_distinct
from getalwoord.data.telbench import suite
from getalwoord.evaluation.evaluate import fresh_numerals
from getalwoord.numerals import spell
from getalwoord.reading.reader import Reader

RANGES = ((10**6, 10**9 - 1), (10**9, 10**12 - 1))
SHOWN = 6


def main() -> None:
    """Measure, print and write the section."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--adapter", type=Path, required=True)
    options.add_argument("--count", type=int, default=300)
    given = options.parse_args()
    recipe = Adapter.load(given.adapter).recipe
    suites = {
        "as trained, unseen": unseen(given.adapter, given.count),
        **{
            f"10^{len(str(low)) - 1} to 10^{len(str(high))}": drawn(low, high, given.count)
            for low, high in RANGES
        },
        "Telbench, longer": [(one.instruction, one.response) for one in suite("longer")],
    }
    rows, mistakes = [], []
    with Reader(given.adapter, method="model") as reader:
        whole = Reader(method="model")
        whole._answerer = reader._answerer  # and divides nothing
        for name, pairs in suites.items():
            told = [reading(one, pairs) for one in (whole, reader)]
            rows.append(f"| {name} | {len(pairs)} | {told[0][0]:.1%} | {told[1][0]:.1%} |")
            mistakes += told[1][1]
            print(rows[-1], flush=True)
    markdown = "\n\n".join(
        (
            "## Longer than trained",
            provenance("python benchmarks/longer.py --adapter DIR", ["getalwoord", "torch"]),
            f"Exact match of official spellings, the model alone, after training on "
            f"{recipe.count:,} cardinals of {recipe.minimum} to {recipe.maximum:,}, "
            f"{recipe.epochs} times. In parts is what `read --method model` does: the text is "
            "divided at *miljoen*, *miljard* and so on, and the model reads the parts.",
            "\n".join(["| | numerals | whole | in parts |", "|---|---:|---:|---:|", *rows]),
            "\n".join(["Wrong in parts, for example:\n", *mistakes[:SHOWN]])
            if mistakes
            else "None was wrong in parts.",
        )
    )
    print(markdown)
    write_section("longer", markdown)


def unseen(adapter: Path, count: int) -> list[tuple[str, str]]:
    """Draw numerals of the adapter's own range that it has not trained on."""
    return [(one.instruction, one.response) for one in fresh_numerals(adapter, count=count, seed=0)]


def drawn(minimum: int, maximum: int, count: int) -> list[tuple[str, str]]:
    """Draw numerals, as many of each length."""
    values = draw_distinct(
        count, minimum=minimum, maximum=maximum, sampling="log-uniform", seed="longer"
    )
    return [(spell(value), str(value)) for value in values]


def reading(reader: Reader, pairs: list[tuple[str, str]]) -> tuple[float, list[str]]:
    """Read numerals; gives the share that is right, and what is wrong."""
    read = reader.read([text for text, _ in pairs])
    wrong = [
        f"- *{text}*: {one.value}, not {right}"
        for one, (text, right) in zip(read, pairs, strict=True)
        if one.value != right
    ]
    return 1 - len(wrong) / len(pairs), wrong


if __name__ == "__main__":
    main()
