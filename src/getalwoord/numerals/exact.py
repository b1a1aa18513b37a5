"""Numerals as the grammar has them: nothing is corrected."""

import re

from getalwoord.errors import ParseError
from getalwoord.numerals import cardinals
from getalwoord.numerals.grammar import KINDS, VOCABULARY, Numeral, readings
from getalwoord.numerals.mixed import LONGEST, in_words
from getalwoord.numerals.patterns import Words
from getalwoord.numerals.words import plain


def parse_exactly(text: str) -> Numeral | None:
    """Read a numeral as `parse_numeral` does, but correct nothing; None for what is no numeral."""
    try:
        words = VOCABULARY.split(text)
    except ParseError:
        return None
    whole = cardinals.read(words, 0)
    if whole and whole[-1][1] == len(words):
        value, _, ordinal = whole[-1]
        if not ordinal:
            return Numeral(text, value)
        # What is spelled as an ordinal needs no look at whether it is a fraction.
        if ordinal == "de" and plain(cardinals.write_ordinal(value)) == plain(text):
            return Numeral(text, value, "ordinal")
    numerals = readings(text, Words(words)) or rewritten(text)
    return numerals[0] if numerals else None


def rewritten(text: str) -> list[Numeral]:
    """Read a text in which not all is in words, or that says that a number follows."""
    said = without_saying(text)
    written = in_words(said) or _joined(said) or (said if said != text else None)
    return readings(said, Words(VOCABULARY.split(written))) if written else []


def without_saying(text: str) -> str:
    """Leave out what announces a number on cheques and in deeds: *zegge: honderd euro*."""
    return _SAYING.sub("", text)


_SAYING = re.compile(r"^\s*zegge(?:\s+en\s+schrijve)?\s*:?\s+", re.I)


def _joined(text: str) -> str | None:
    """Join words that the end of a line parts, if one half is no numeral: *vierhon-* *derd*.

    *Twintig-* *dertig* is a range that is written badly, but *vier-* *honderd* is one number.
    """
    # In a long text the search itself would take long.
    if len(text) > LONGEST or not (parted := _PARTED.search(text)):
        return None
    halves = parted[1], parted[2]
    joined = _PARTED.sub(r"\1\2", text)
    whole = "".join(halves)
    value = cardinals.read(VOCABULARY.words(whole), 0)
    is_spelled = bool(value) and plain(cardinals.write(value[-1][0])) == plain(whole)
    return joined if is_spelled or not all(VOCABULARY.words(half)[-1] for half in halves) else None


_PARTED = re.compile(r"([^\W\d]+)-\s+(?!(?:en|of|à|a|tot)\b)([^\W\d]+)")


def refusal(text: str) -> ParseError:
    """Say where a text stops being a numeral, by the kind that reads it furthest."""
    try:
        words = Words(VOCABULARY.split(text))
    except ParseError as error:
        return error
    for kind in KINDS.values():
        words.remembered(kind, 0)
    if words.names_nothing and words.furthest == len(words.words):
        return ParseError(text, len(text), "there is no such value")
    return VOCABULARY.refusal(text, words.words, words.furthest)
