"""The words of running text, and which of them are made of those of numerals."""

import re
from functools import lru_cache

from getalwoord.numerals import cardinals
from getalwoord.numerals.grammar import VOCABULARY
from getalwoord.numerals.language import AND, APOSTROPHES, HYPHENS, INVISIBLE, MARKS, NEGATIVE
from getalwoord.numerals.mixed import FIGURES, words_for
from getalwoord.numerals.words import STROKE

_INSIDE = rf"[^\W\d_]|[{MARKS}{INVISIBLE}]"
#: A word of running text; hyphens and apostrophes belong to it only between letters.
WORD = re.compile(
    rf"{FIGURES.pattern}|(?:[{APOSTROPHES}](?=[a-z]\b))?[^\W\d_](?:{_INSIDE})*(?:[{re.escape(HYPHENS)}{APOSTROPHES}](?:{_INSIDE})+)*"
)
_SPACE = re.compile(r"[^\S\n]*\n?[^\S\n]*")

_CACHED = 50_000  # words; more than a large text has
_LONGEST_WORD = 300  # letters

#: Words for the decimal separator
POINTS = frozenset({"komma", "punt"})
#: Words that a numeral may begin with
FIRST = (
    (cardinals.WORDS - {AND})
    | set(NEGATIVE)
    | {"half", "halve", "helft", "kwart", "anderhalf", "anderhalve"}
    | {"middernacht", "dozijn", "gros"}
)


def is_gap(text: str, start: int, end: int) -> bool:
    """Tell whether what parts two words may stand within a numeral.

    It may be spaces and the end of one line, or the stroke of a fraction.
    """
    if _SPACE.fullmatch(text, start, end):
        return True
    stroke = STROKE.match(text, start)
    return stroke is not None and stroke.end() == end


@lru_cache(_CACHED)
def split_word(word: str) -> tuple[str, ...] | None:
    """Take a word apart into those of numerals; None if it is not made of them."""
    if len(word) > _LONGEST_WORD:
        return None
    figures = FIGURES.fullmatch(word)
    parts = VOCABULARY.words(words_for(figures) if figures else word)
    return tuple(parts) if parts and parts[-1] else None
