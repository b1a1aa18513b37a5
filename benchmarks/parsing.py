"""How many numerals a second are parsed and spelled, and how soon the commands answer.

Run alone: ``python benchmarks/parsing.py``. Contenders take turns, round by round; the best round
of each counts, as everything else on the machine only ever slows it down.
"""

import random
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

from results import provenance, write_section

from getalwoord.numerals import parse, spell, variants

COUNT = 5_000
ROUNDS = 5
STARTS = 9
PEERS = ["text2num", "num2words", "unicode-rbnf"]


def main() -> None:
    """Measure, print and write the section."""
    chance = random.Random(0)
    ranges = {
        "1–999": [chance.randint(1, 999) for _ in range(COUNT)],
        "1–999,999": [chance.randint(1, 999_999) for _ in range(COUNT)],
        "below 10^18, log-uniform": [int(10 ** chance.uniform(0, 18)) for _ in range(COUNT)],
        "below 10^18, uniform": [chance.randrange(10**18) for _ in range(COUNT)],
    }
    official = {name: list(map(spell, numbers)) for name, numbers in ranges.items()}
    varied = {
        name: [chance.choice(variants(number)).text for number in numbers]
        for name, numbers in ranges.items()
    }
    parsers = {"getalwoord parse": parse, **parsing_peers()}
    spellers = {"getalwoord spell": spell, **spelling_peers()}
    rows = [
        [f"{name}, {form}", *speeds(parsers, texts[name], ranges[name])]
        for form, texts in (("official", official), ("a variant", varied))
        for name in ranges
    ]
    spelled = [[name, *speeds(spellers, numbers)] for name, numbers in ranges.items()]
    started = [[f"`getalwoord {' '.join(command)}`", start(command)] for command in COMMANDS]
    markdown = "\n\n".join(
        (
            "## Parsing and spelling",
            provenance("python benchmarks/parsing.py", ["getalwoord", *PEERS]),
            f"Numerals a second on one core, {COUNT:,} of each sort, best of {ROUNDS} rounds, and "
            "how many of them are read right. The variants are those that `getalwoord.numerals` "
            "lists, so it is bound to read them; text2num 3.1.0 does not know *biljard*:",
            table(["parsed", *parsers], rows),
            table(["spelled", *spellers], spelled),
            f"From command to exit, in a new process, median of {STARTS}:",
            table(["command", "seconds"], started),
        )
    )
    print(markdown)
    write_section("parsing", markdown)


COMMANDS = [["--help"], ["spell", "483"], ["parse", "vierhonderd drie en tachtig"]]


def parsing_peers() -> dict[str, Callable[[str], Any]]:
    """Give the other parsers, called as their documentation says."""
    from text_to_num import text2num

    return {"text2num": partial(forgiving, text2num)}


def forgiving(text2num: Callable[..., Any], text: str) -> Any:
    """Call text2num, which raises ValueError at what it cannot read."""
    try:
        return text2num(text, "nl")
    except ValueError:
        return None


def spelling_peers() -> dict[str, Callable[[int], Any]]:
    """Give the other spellers, called as their documentation says."""
    from num2words import num2words
    from unicode_rbnf import RbnfEngine

    return {
        "num2words": partial(num2words, lang="nl"),
        "unicode-rbnf": RbnfEngine.for_language("nl").format_number,
    }


def speeds(
    contenders: dict[str, Callable[[Any], Any]],
    inputs: Sequence[Any],
    expected: Sequence[int] | None = None,
) -> list[str]:
    """Measure each contender on the same inputs, in turn.

    Returns:
        Inputs a second and, where it is known what is expected, how many are right.
    """
    best = dict.fromkeys(contenders, float("inf"))
    for _ in range(ROUNDS):
        for name, contender in contenders.items():
            began = time.perf_counter()
            for given in inputs:
                contender(given)
            best[name] = min(best[name], time.perf_counter() - began)
    cells = [f"{len(inputs) / seconds:,.0f}" for seconds in best.values()]
    if expected is None:
        return cells
    for index, contender in enumerate(contenders.values()):
        right = sum(contender(g) == value for g, value in zip(inputs, expected, strict=True))
        cells[index] += f" ({right / len(inputs):.1%})"
    return cells


def start(command: Sequence[str]) -> str:
    """Measure a whole process, in seconds."""
    seconds = []
    for _ in range(STARTS):
        began = time.perf_counter()
        subprocess.run(
            [sys.executable, "-m", "getalwoord", *command],
            stdout=subprocess.DEVNULL,
            check=True,
        )
        seconds.append(time.perf_counter() - began)
    return f"{statistics.median(seconds):.2f}"


def table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """Draw a Markdown table."""
    lines = [head, ["---", *["---:"] * (len(head) - 1)], *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


if __name__ == "__main__":
    main()
