"""Dutch numerals by the grammar alone: exact, independent of any model."""

from getalwoord.numerals.grammar import parse, spell
from getalwoord.numerals.variants import Variant, variants

__all__ = ["Variant", "parse", "spell", "variants"]
