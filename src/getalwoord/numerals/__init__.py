"""Dutch numerals by the grammar alone: exact, independent of any model."""

from getalwoord.numerals.grammar import parse, spell
from getalwoord.numerals.numeral import Numeral, parse_numeral
from getalwoord.numerals.variants import Variant, variants

__all__ = ["Numeral", "Variant", "parse", "parse_numeral", "spell", "variants"]
