"""The other accepted ways to write a number, each with a name for the difference."""

import itertools
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from getalwoord.numerals.cardinals import OFFICIAL, Style, write
from getalwoord.numerals.grammar import KINDS, kind_of, spell
from getalwoord.numerals.language import ACCENTED_ONE, NEGATIVE, OFFICIAL_GAPS, UNITS, Gap
from getalwoord.numerals.parsing import parse
from getalwoord.numerals.values import Value

_EVERYWHERE = Gap.TENS | Gap.HUNDRED | Gap.BEFORE_THOUSAND | OFFICIAL_GAPS
_SCALE = Gap.BEFORE_SCALE | Gap.AFTER_SCALE

#: The name of a difference, and what it changes in the style.
_DIFFERENCES: dict[str, dict[str, Any]] = {
    "no trema": {"trema": "e"},
    "combining trema": {"trema": "e\u0308"},
    "een before honderd and duizend": {"level_one": UNITS[1]},
    "één before honderd and duizend": {"level_one": ACCENTED_ONE},
    "accents on één": {"unit_one": ACCENTED_ONE},
    "linking en": {"linking_and": True},
    "counted in hundreds": {"in_hundreds": True},
    "no space after duizend": {"gaps": _SCALE},
    "joined to miljoen": {"gaps": OFFICIAL_GAPS & ~Gap.BEFORE_SCALE},
    "in one word": {"gaps": Gap(0)},
    "tens apart": {"gaps": OFFICIAL_GAPS | Gap.TENS},
    "honderd apart": {"gaps": OFFICIAL_GAPS | Gap.HUNDRED},
    "duizend apart": {"gaps": OFFICIAL_GAPS | Gap.BEFORE_THOUSAND},
    "words apart": {"gaps": _EVERYWHERE},
    # With hyphens, *en* would make it figurative: *honderd-en-een*.
    "hyphens": {"gaps": _EVERYWHERE, "space": "-", "linking_and": False},
    "extra spaces": {"space": "  "},
    **{word: {"negative": word} for word in NEGATIVE[1:]},
}
_CAPITALS: dict[str, Callable[[str], str]] = {
    "capital": str.capitalize,
    "capitals": str.upper,
}

_APART = replace(OFFICIAL, **_DIFFERENCES["words apart"])


@dataclass(frozen=True, slots=True)
class Variant:
    """A text that names the same number as its official spelling, and how it differs."""

    text: str
    name: str


def variants(value: Value, kind: str | None = None) -> list[Variant]:
    """List ways to write a value other than the official one.

    They differ from it in one way, or in two that do not touch; then both are named. No text
    occurs twice: its name is the simplest.

    Args:
        value: A string is digits.
        kind: One of `KINDS`; by itself a whole number is a cardinal.

    Raises:
        InputError: There is no such kind, or the value has no words in it.

    >>> [variant.text for variant in variants(2400)][:3]
    ['vierentwintighonderd', 'tweeduizendvierhonderd', 'tweeduizend vier honderd']
    >>> variants(22)[0]
    Variant(text='tweeentwintig', name='no trema')
    """
    official = spell(value, kind)
    kind = kind_of(value) if kind is None else kind
    names = {official: ""}
    if kind in ("cardinal", "negative") and isinstance(value, int):
        for name, style in _STYLES:
            names.setdefault(write(value, style), name)
    for text, name in KINDS[kind].writings(value, OFFICIAL):
        names.setdefault(text, name)
    for name, style in _SINGLE_STYLES:
        written = next(KINDS[kind].writings(value, style), None)
        if written is not None:
            names.setdefault(written[0], name)
    for name, capital in _CAPITALS.items():
        names.setdefault(capital(official), name)
    del names[official]
    # What is read as another value first is no accepted way to write this one: *drie honderdste* is
    # 3/100, and not the 300th.
    return [
        Variant(text, name)
        for text, name in names.items()
        if kind not in _AMBIGUOUS or parse(text) == value
    ]


def words_apart(value: int) -> str:
    """Spell a number with a space between any two of its words, as many people do.

    Raises:
        InputError: The number is not between -10^36 and 10^36, both excluded.

    >>> words_apart(483)
    'vier honderd drie en tachtig'
    """
    return write(value, _APART)


def _styles() -> list[tuple[str, Style]]:
    single = [(name, change, set(change)) for name, change in _DIFFERENCES.items()]
    double = [
        (f"{first}, {second}", one | other, set(other))
        for (first, one, touched), (second, other, touched_too) in itertools.combinations(single, 2)
        if not touched & touched_too
    ]
    return [(name, replace(OFFICIAL, **change)) for name, change, _ in single + double]


_STYLES = _styles()
_AMBIGUOUS = frozenset({"ordinal", "fraction", "money", "percentage", "multiplier"})
_SINGLE_STYLES = _STYLES[: len(_DIFFERENCES)]
