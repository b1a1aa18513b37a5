"""Dutch numerals by the grammar alone: exact, independent of any model."""

from getalwoord.numerals.grammar import parse, spell
from getalwoord.numerals.numeral import Numeral, parse_numeral
from getalwoord.numerals.variants import Variant, variants, words_apart

__all__ = ["Numeral", "Variant", "parse", "parse_numeral", "spell", "variants", "words_apart"]
