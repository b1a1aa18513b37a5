"""The README of a data set: a card as data hubs read it, with all it takes to make it again."""

from collections.abc import Sequence
from importlib.metadata import version

from getalwoord.data.draw import Sampling
from getalwoord.data.examples import Example
from getalwoord.data.jsonl import as_lines
from getalwoord.data.parts import Parts

# The classes of size that data hubs know, by the number at which the next one begins.
_SIZES = (
    (10**3, "n<1K"),
    (10**4, "1K<n<10K"),
    (10**5, "10K<n<100K"),
    (10**6, "100K<n<1M"),
    (10**7, "1M<n<10M"),
)
_LARGEST = "10M<n<100M"


def dataset_card(
    parts: Parts,
    *,
    minimum: int,
    maximum: int,
    sampling: Sampling,
    replacement: bool,
    seed: int,
    kinds: Sequence[str] = ("cardinal",),
    noise: Sequence[str] = (),
    noise_strength: int = 1,
    sentences: float = 0.0,
    **sizes: int,
) -> str:
    """Write the card of generated examples, as Markdown with a YAML header.

    Args:
        parts: What `draw_parts` gave for these settings.
        minimum: Smallest number.
        maximum: Largest number.
        sampling: "uniform", "log-uniform" or "covering".
        replacement: Whether training numbers were drawn with replacement.
        seed: What decided the draw.
        kinds: Kinds of numeral.
        noise: Kinds of mistakes.
        noise_strength: The most mistakes in a text.
        sentences: Share of the examples that are sentences.
        sizes: How many examples were asked for, which the parts tell.
    """
    groups = {"train": parts.train, "validation": parts.validation, "test": parts.test}
    pairs = sum(map(len, groups.values()))
    size = next((name for end, name in _SIZES if pairs < end), _LARGEST)
    files = "\n".join(
        f"      - split: {name}\n        path: {name}.jsonl"
        for name, examples in groups.items()
        if examples  # hubs refuse a part without examples
    )
    rows = "\n".join(
        f"| {name} | `{name}.jsonl` | {len(examples)} | {len({e.response for e in examples})} |"
        for name, examples in groups.items()
    )
    mixed = tuple(kinds) != ("cardinal",) or bool(noise) or sentences > 0
    command = (
        f"getalwoord data --out DIR --count {len(parts.train)} --seed {seed} "
        f"--min {minimum} --max {maximum} --sampling {sampling} "
        f"--validation {len(parts.validation)} --test {len(parts.test)}"
    ) + (" --replacement" if replacement else "")
    if mixed:
        command += f" --kinds {','.join(kinds)} --strength {noise_strength} --sentences {sentences}"
        command += "".join(f" --noise {name}" for name in noise)
    drawing = _MIXED if mixed else _DRAWING[sampling] + (_WITH if replacement else _WITHOUT)
    title = "Dutch numerals in words" if mixed else "Dutch cardinals in words"
    limits = _MIXED_LIMITS if mixed else _LIMITS
    drawn = "Values up to" if mixed else f"Numbers from {minimum} to"
    first = parts.train[0]
    return f"""\
---
language: nl
license: apache-2.0
pretty_name: {title}
task_categories:
  - text-generation
tags:
  - numerals
  - inverse-text-normalization
  - synthetic
size_categories:
  - {size}
configs:
  - config_name: default
    data_files:
{files}
---

# {title}

Pairs of a Dutch numeral in words and its value in figures, to fine-tune language models and to
measure how well they read. A line is a JSON object in UTF-8: `instruction` is the numeral or a
sentence with it, `response` the value; `kind` is there if it is no cardinal, `form` if it is not
as it is officially spelled.

{_FENCE}json
{as_lines([Example(first.instruction, first.response)]).strip()}
{_FENCE}

| part | file | pairs | different responses |
|---|---|---|---|
{rows}

{_HELD_BACK_OF_KINDS if mixed else _HELD_BACK}

## How it was made

By getalwoord {version("getalwoord")}, with no text from elsewhere. {drawn}
{maximum} were drawn with seed {seed}: those of validation and test first, then
those to train on from what was left.

{drawing}

The same version makes the same files again with

{_FENCE}
{command}
{_FENCE}

## Limits

{limits}

## Licence

Apache License 2.0, as getalwoord itself.
"""


_FENCE = "```"
_HELD_BACK = (
    "**No number is in two parts**: what is measured on the test part was never trained on."
)
_HELD_BACK_OF_KINDS = (
    "**No value of a kind is in two parts**, and no text. Two kinds may have the same figures, as "
    "*vijf* and\n*vijfde* have."
)
_LIMITS = (
    "Cardinals only: no misspellings, other kinds of numeral or running text. All numbers are "
    "officially\nspelled, but for those that come again."
)
_MIXED_LIMITS = (
    "Texts, sentences and mistakes are made by rules, not gathered. Each sentence has one numeral. "
    "Years are\n1100 to 2099, dates from 1500 on; money is in euros, dollars, pounds and guilders."
)
_MIXED = (
    "All kinds have as many pairs. Cardinals are drawn log-uniformly, other kinds from their usual "
    "range. Of\nthe texts, four in ten are a variant of the official spelling. No sentence and no "
    "pattern of a mistake\nis both in the test or validation part and in the training part."
)
_DRAWING: dict[Sampling, str] = {
    "uniform": "Each number of the range had the same chance.",
    "log-uniform": "The chance of a number *n* was in proportion to 1 / (1 + |*n*|), so that each "
    "order of\nmagnitude has its share. Of the numbers with as many digits, no more than half "
    "were held back\nfor validation and test, unless the range is too small for that.",
    "covering": "Numbers to twenty and those of a single digit and noughts, which the others are "
    "made of, are not held\nback; each other number of the range had the same chance to be. Those "
    "to train on were chosen so that\nthey show every word, in every length and beside all its "
    "neighbours, as often as can be.",
}
_WITH = " Numbers to train on were\ndrawn with replacement, so one may come several times."
_WITHOUT = (
    " No number to train on\ncomes again before all that are left have come; "
    "then they come\nagain with their words apart, in small letters, with a capital or in "
    "capitals, those of few words\nmost."
)
