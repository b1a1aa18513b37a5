"""Dutch numerals by the grammar alone: exact, independent of any model."""

from getalwoord.numerals.exact import parse_exactly, refusal
from getalwoord.numerals.explanation import Part, explain
from getalwoord.numerals.figures import Figures, written
from getalwoord.numerals.grammar import (
    KINDS,
    Numeral,
    kind_of,
    spell,
)
from getalwoord.numerals.meant import MARGIN, Correction, apart, corrected, is_clear
from getalwoord.numerals.noise import (
    NOISES,
    add_noise,
    check_noises,
    names_another,
)
from getalwoord.numerals.parsing import parse, parse_all, parse_numeral
from getalwoord.numerals.prose import has_other_words, is_prose, is_told_by_a_word
from getalwoord.numerals.sentences import (
    Found,
    How,
    Normalised,
    normalise,
    with_figures,
)
from getalwoord.numerals.suspects import (
    Suspect,
    as_suspect,
    is_among_others,
    is_counting,
    is_last_word,
    is_list,
    suspects,
)
from getalwoord.numerals.values import (
    Money,
    MonthDay,
    Rate,
    Value,
    answer_of,
    notation,
    same_value,
    unit_of,
    value_given,
    value_of,
    value_of_answer,
)
from getalwoord.numerals.variants import Variant, variants, words_apart

__all__ = [
    "KINDS",
    "MARGIN",
    "NOISES",
    "Correction",
    "Figures",
    "Found",
    "How",
    "Money",
    "MonthDay",
    "Normalised",
    "Numeral",
    "Part",
    "Rate",
    "Suspect",
    "Value",
    "Variant",
    "add_noise",
    "answer_of",
    "apart",
    "as_suspect",
    "check_noises",
    "corrected",
    "explain",
    "has_other_words",
    "is_among_others",
    "is_clear",
    "is_counting",
    "is_last_word",
    "is_list",
    "is_prose",
    "is_told_by_a_word",
    "kind_of",
    "names_another",
    "normalise",
    "notation",
    "parse",
    "parse_all",
    "parse_exactly",
    "parse_numeral",
    "refusal",
    "same_value",
    "spell",
    "suspects",
    "unit_of",
    "value_given",
    "value_of",
    "value_of_answer",
    "variants",
    "with_figures",
    "words_apart",
    "written",
]
