"""How fast every kind of numeral is parsed, how texts are normalised, and what mistakes cost.

Run alone: ``python benchmarks/kinds.py``. The best of some rounds counts, as everything else on the
machine only ever slows it down. The plot of cost against length goes to docs/cost.png.
"""

import random
import time
from collections.abc import Callable
from pathlib import Path

from results import provenance, write_section

from getalwoord.data.templates import fill, templates
from getalwoord.data.values import draw_values
from getalwoord.errors import ParseError
from getalwoord.numerals import KINDS, NOISES, add_noise, normalise, parse, spell, variants

COUNT = 2_000
ROUNDS = 3
NOISY = 2_000
LENGTHS = (1_000, 10_000, 100_000, 300_000, 1_000_000)
HOSTILE = ("een ", "honderd", "vier en ", "nul ")
PLOT = Path(__file__).parents[1] / "docs" / "cost.png"


def main() -> None:
    """Measure, print and write the section."""
    markdown = "\n\n".join(
        (
            "## Kinds, sentences and mistakes",
            provenance("python benchmarks/kinds.py", ["getalwoord"]),
            f"Numerals a second on one core, {COUNT:,} of each kind, best of {ROUNDS} rounds; "
            "variants are drawn from all that the grammar lists:",
            kinds(),
            f"What `parse` makes of {NOISY:,} numerals to 999,999 with mistakes of all sorts. "
            "What is wrong is another number; the rest is refused:",
            mistakes(),
            "Seconds to normalise a text (prose with a numeral in every sentence) and to refuse "
            "or normalise one that is made to be slow, against its length:",
            lengths(),
            "![Seconds against length](cost.png)",
        )
    )
    print(markdown)
    write_section("kinds", markdown)


def kinds() -> str:
    """Measure parsing, kind by kind."""
    rows, seconds = [], 0.0
    chance = random.Random(0)
    for kind in KINDS:
        values = draw_values(kind, 400, maximum=999_999, seed="benchmark") * (COUNT // 400)
        official = [spell(value, kind) for value in values]
        varied = [chance.choice(variants(value, kind)).text for value in values[:400]]
        read = sum(parses_to(text, value) for text, value in zip(varied, values, strict=False))
        fast = speed(parse, official)
        seconds += 1 / fast
        rows.append(
            f"| {kind} | {fast:,.0f} | {speed(parse, varied):,.0f} | {read / len(varied):.1%} |"
        )
    rows.append(f"| all, as many of each | {len(KINDS) / seconds:,.0f} | | |")
    head = "| kind | official, numerals/s | variants, numerals/s | variants read right |"
    return "\n".join([head, "| --- | ---: | ---: | ---: |", *rows])


def parses_to(text: str, value: object) -> bool:
    """Tell whether a text is read as a value."""
    try:
        return parse(text) == value
    except ParseError:
        return False


def speed(read: Callable[[str], object], texts: list[str]) -> float:
    """Measure texts a second."""
    best = float("inf")
    for _ in range(ROUNDS):
        began = time.perf_counter()
        for text in texts:
            read(text)
        best = min(best, time.perf_counter() - began)
    return len(texts) / best


def mistakes() -> str:
    """Count what is read right and wrong at each strength."""
    rows = []
    for strength in (1, 2, 3):
        numbers = draw_values("cardinal", NOISY, maximum=999_999, seed=f"noise {strength}")
        right = wrong = 0
        began = time.perf_counter()
        for place, number in enumerate(numbers):
            text, _ = add_noise(spell(number), number, list(NOISES), strength, str(place))
            try:
                value = parse(text)
            except ParseError:
                continue
            right, wrong = right + (value == number), wrong + (value != number)
        speed = NOISY / (time.perf_counter() - began)
        rows.append(f"| {strength} | {right / NOISY:.1%} | {wrong / NOISY:.2%} | {speed:,.0f} |")
    head = "| mistakes in a text | right | wrong | numerals/s, making them included |"
    return "\n".join([head, "| ---: | ---: | ---: | ---: |", *rows])


def lengths() -> str:
    """Measure seconds against length, and draw them."""
    texts: dict[str, Callable[[int], str]] = {"prose, normalise": prose}
    for unit in HOSTILE:
        texts[f"“{unit.strip()}” repeated, normalise"] = lambda length, unit=unit: repeated(
            unit, length
        )
    seconds = {name: [once(normalise, make(n)) for n in LENGTHS] for name, make in texts.items()}
    for unit in HOSTILE:
        name = f"“{unit.strip()}” repeated, parse"
        seconds[name] = [once(refused, repeated(unit, n)) for n in LENGTHS]
    plot(seconds)
    rows = [
        f"| {name} | {' | '.join(f'{value:.3f}' for value in measured)} |"
        for name, measured in seconds.items()
    ]
    head = f"| text | {' | '.join(f'{n:,}' for n in LENGTHS)} |"
    return "\n".join([head, "| --- |" + " ---: |" * len(LENGTHS), *rows])


def prose(length: int) -> str:
    """Write sentences of templates, as many characters as are wanted."""
    chance = random.Random(1)
    values = {kind: draw_values(kind, 300, maximum=999_999, seed="prose") for kind in KINDS}
    written: list[str] = []
    size = 0
    while size < length:
        kind = chance.choice(list(KINDS))
        template = chance.choice(templates()[kind])
        written.append(fill(template, spell(chance.choice(values[kind]), kind)))
        size += len(written[-1]) + 1
    return " ".join(written)[:length]


def repeated(unit: str, length: int) -> str:
    """Repeat some letters."""
    return (unit * (length // len(unit) + 1))[:length]


def refused(text: str) -> None:
    """Parse a text that is no numeral."""
    try:
        parse(text)
    except ParseError:
        return


def once(read: Callable[[str], object], text: str) -> float:
    """Measure one call."""
    began = time.perf_counter()
    read(text)
    return time.perf_counter() - began


def plot(seconds: dict[str, list[float]]) -> None:
    """Draw seconds against length, both logarithmic: what is linear has a slope of one."""
    import matplotlib

    matplotlib.use("agg")
    from matplotlib import pyplot

    figure, axes = pyplot.subplots(figsize=(7, 4.5), layout="constrained")
    for name, measured in seconds.items():
        axes.loglog(LENGTHS, measured, marker="o", label=name)
    axes.set_xlabel("characters")
    axes.set_ylabel("seconds")
    axes.grid(alpha=0.3)
    axes.legend(fontsize="small")
    figure.savefig(PLOT, dpi=120)
    pyplot.close(figure)


if __name__ == "__main__":
    main()
