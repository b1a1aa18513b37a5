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


#: What a text with addresses has; most have none, and need no look at their words
ADDRESSES = re.compile(r"[@_]|://|\.[a-z]")
_JOINTS = frozenset("@._/?&=#")
_ENDINGS = "nl|be|com|org|net|eu|info|io|html?|php|pdf|docx?|xlsx?|txt|csv|jpe?g|png|mp[34]|zip|xml"
# What of an address stands before a word of it, and what behind; all lengths have bounds.
_ADDRESS_BEFORE = re.compile(r"://|^/\w+/|\bwww\.|@|\w_$|\w\.[a-z]{2,5}/", re.I)
_ADDRESS_BEHIND = re.compile(
    rf"[\w.+-]{{0,64}}@\w|_\w|(?:\.[\w-]{{1,40}}){{0,4}}\.(?:{_ENDINGS})(?!\w)", re.I
)
_LONGEST_ADDRESS = 200  # characters


def is_in_address(text: str, start: int, end: int) -> bool:
    """Tell whether a word is part of an address or a name of a file: *www.zeven.nl*, *max_tien*."""
    if text[end : end + 1] in _JOINTS and _ADDRESS_BEHIND.match(text, end):
        return True
    if text[start - 1 : start] not in _JOINTS:
        return False
    before = text[max(0, start - _LONGEST_ADDRESS) : start].split()[-1]
    return _ADDRESS_BEFORE.search(before) is not None


@lru_cache(_CACHED)
def split_word(word: str) -> tuple[str, ...] | None:
    """Take a word apart into those of numerals; None if it is not made of them."""
    if len(word) > _LONGEST_WORD:
        return None
    figures = FIGURES.fullmatch(word)
    parts = VOCABULARY.words(words_for(figures) if figures else word)
    return tuple(parts) if parts and parts[-1] else None
