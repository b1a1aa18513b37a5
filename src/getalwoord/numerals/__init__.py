"""Dutch numerals by the grammar alone: exact, independent of any model."""

from getalwoord.numerals.grammar import (
    KINDS,
    Numeral,
    kind_of,
    parse,
    parse_all,
    parse_numeral,
    spell,
)
from getalwoord.numerals.values import Money, MonthDay, Rate, Value, notation, value_of
from getalwoord.numerals.variants import Variant, variants, words_apart

__all__ = [
    "KINDS",
    "Money",
    "MonthDay",
    "Numeral",
    "Rate",
    "Value",
    "Variant",
    "kind_of",
    "notation",
    "parse",
    "parse_all",
    "parse_numeral",
    "spell",
    "value_of",
    "variants",
    "words_apart",
]
