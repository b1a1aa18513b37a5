"""Telbench: a benchmark of Dutch numerals in words, by kind and by difficulty.

Its examples are the same for everyone: they follow from the version alone. None of its values is
ever drawn for training by a recipe of many kinds, as one in ten is reserved for it.

Suites: each kind of numeral by its name, officially spelled or a variant; ``longer``, cardinals
from 10^6 to 10^12, beyond what the recipes train on; ``noise-1`` to ``noise-3``, all kinds with so
many mistakes; ``sentences``, all kinds in running text. Mistakes are of patterns, and sentences
those, that are held back from training.
"""

from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from random import Random

from getalwoord.data.draw import draw_distinct
from getalwoord.data.examples import Example
from getalwoord.data.jsonl import write_examples
from getalwoord.data.mixture import Maker
from getalwoord.data.values import draw_values, is_reserved
from getalwoord.errors import InputError
from getalwoord.files import write_text
from getalwoord.numerals import KINDS, NOISES, spell

#: Another version has other examples; scores of two versions cannot be compared.
VERSION = "1"

_OF_A_KIND = 40
_LONGER = 60
_MIXED = 120  # in each suite of noise and in that of sentences, as many of each kind
_MAXIMUM = 999_999
_LONGER_FROM, _LONGER_TO = 10**6, 10**12
_STRENGTHS = (1, 2, 3)


@cache
def suites() -> Mapping[str, Sequence[Example]]:
    """Give all suites by name."""
    made: dict[str, list[Example]] = {}
    for kind in KINDS:
        made[kind] = _mixed([kind], _OF_A_KIND, kind)
    longer = draw_distinct(
        _LONGER,
        minimum=_LONGER_FROM,
        maximum=_LONGER_TO,
        sampling="log-uniform",
        seed=f"telbench {VERSION} longer",
    )
    made["longer"] = [Example(spell(value), str(value), value=value) for value in longer]
    for strength in _STRENGTHS:
        name = f"noise-{strength}"
        made[name] = _mixed(list(KINDS), _MIXED, name, strength=strength)
    made["sentences"] = _mixed(list(KINDS), _MIXED, "sentences", sentences=1.0)
    return made


def suite(name: str) -> Sequence[Example]:
    """Give the examples of a suite.

    Raises:
        InputError: There is no such suite.
    """
    if name not in suites():
        raise InputError(f'there is no suite "{name}": give one of {", ".join(suites())}')
    return suites()[name]


def write_telbench(folder: Path) -> int:
    """Write each suite as JSON Lines, and the card of the data set.

    Returns:
        How many examples there are.

    Raises:
        InputError: The folder cannot be written to.
    """
    for name, examples in suites().items():
        write_examples(folder / f"{name}.jsonl", examples)
    write_text(folder / "README.md", telbench_card())
    return sum(map(len, suites().values()))


def telbench_card() -> str:
    """Write the README of the data set, as Markdown with a YAML header."""
    rows = "\n".join(
        f"| {name} | {len(examples)} | {examples[0].instruction} | {examples[0].response} |"
        for name, examples in suites().items()
    )
    files = "\n".join(
        f"  - config_name: {name}\n    data_files:\n      - split: test\n        path: {name}.jsonl"
        for name in suites()
    )
    return f"""\
---
language: nl
license: apache-2.0
pretty_name: Telbench
task_categories:
  - text-generation
tags:
  - numerals
  - inverse-text-normalization
  - synthetic
size_categories:
  - 1K<n<10K
configs:
{files}
---

# Telbench {VERSION}

How well does a program read Dutch numerals in words? An answer is right if it is the response,
character by character: decimals have a point, fractions are *2/3* and *3 2/3*, times *16:30*, dates
*1945-05-03* and *--05-03*; money and rates have their unit behind them.

| suite | examples | the first | its response |
|---|---:|---|---|
{rows}

Each kind of numeral is a suite, officially spelled or a variant; `longer` are cardinals from 10^6
to 10^12; `noise-1` to `noise-3` have so many mistakes, by rules for what typists, speech
recognisers, scanners and old spelling do; `sentences` have one numeral each.

The texts are made by getalwoord, with no text from elsewhere, and follow from the version alone.
What getalwoord trains on has none of these values, sentences and patterns of mistakes, if it is
drawn by a recipe of many kinds; `longer` is beyond what its recipes reach.

## Limits

Mistakes and sentences are made by rules and templates, not gathered. A mistake never makes another
valid numeral. `form` says how an example is written.

## Licence

Apache License 2.0.
"""


def _mixed(
    kinds: Sequence[str], count: int, name: str, *, strength: int = 0, sentences: float = 0.0
) -> list[Example]:
    seed = f"telbench {VERSION} {name}"
    examples: list[Example] = []
    for kind in kinds:
        values = draw_values(
            kind, count // len(kinds), maximum=_MAXIMUM, seed=seed, only=is_reserved
        )
        maker = Maker(
            kind,
            noises=list(NOISES) if strength else [],
            strength=strength,
            sentences=sentences,
            seed=seed,
            held_back=True,
            exactly=True,
        )
        examples += [maker.example(value, number) for number, value in enumerate(values)]
    random_number = Random(f"{seed} order").random
    return sorted(examples, key=lambda _: random_number())
