"""Rows of words in running Dutch that are those of numerals, or like them."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import accumulate, pairwise
from typing import TypeAlias

from getalwoord.numerals import cardinals
from getalwoord.numerals.checks import SHARES
from getalwoord.numerals.exact import parse_exactly
from getalwoord.numerals.meant import (
    is_like_word,
    is_like_word_in_row,
    nearest_words,
    share_of_known,
)
from getalwoord.numerals.other_words import is_other_word
from getalwoord.numerals.running import WORD, is_gap, split_word
from getalwoord.numerals.words import plain

_SHORTEST_LIKE = 3  # letters; shorter words are like any
_SHORT = 4  # letters; so short a word may be what is left of any, if it stands in a row
_SHORTEST = 5  # letters of a word with a space in it
_SHORTEST_PIECE = 2
_KNOWN = 0.5  # share of what is known in such a word; few others have it, and searching takes long
# What a scanner makes of letters: *h0nderd*, *tacht1g*
_WITH_DIGITS = re.compile(r"(?<!\w)(?=[01]?[^\W\d_]+[01])(?=(?:[01]*[^\W\d_]){3})[^\W_]+(?!\w)")
_AS_LETTERS = str.maketrans("01", "oi")

_Piece: TypeAlias = tuple[re.Match[str], tuple[str, ...] | None]


@dataclass(frozen=True, slots=True)
class Word:
    """A word in a row: the words of numerals that it is made of, or how it is like them.

    Attributes:
        like: Whether it is like those by itself.
    """

    start: int
    end: int
    parts: tuple[str, ...] | None
    like: bool


def rows_of_words(text: str) -> Iterator[list[Word]]:
    """Give the rows of words, with only spaces between, that are those of numerals or like them."""
    row: list[Word] = []
    readable = _WITH_DIGITS.sub(lambda word: word[0].translate(_AS_LETTERS), text)
    words = [
        (found, parts_of(found[0]) if found[0] == text[found.start() : found.end()] else None)
        for found in WORD.finditer(readable)
    ]
    for number, (found, parts) in enumerate(words):
        word = found[0]
        beside = bool(row and (row[-1].parts or row[-1].like)) or any(
            after or _is_like(following[0], beside=False)
            for following, after in words[number + 1 : number + 2]
        )
        like = parts is None and (
            _is_like(word, beside=beside)
            or any(
                _is_broken(text, *pair) for pair in pairwise(words[max(0, number - 1) : number + 2])
            )
        )
        if row and not is_gap(text, row[-1].end, found.start()):
            yield row
            row = []
        belongs = parts or like or (row and len(word) <= _SHORT)
        if belongs and word.lower() not in SHARES:  # *het zevnduizendste deel* is no fraction
            row.append(Word(found.start(), found.end(), parts, like))
        elif row:
            yield row
            row = []
    if row:
        yield row


def _is_broken(text: str, one: _Piece, other: _Piece) -> bool:
    """Tell whether two words are one of a numeral with a space in it: *twin tig*, *hond ert*."""
    (first, first_parts), (second, second_parts) = one, other
    if (first_parts and second_parts) or text[first.end() : second.start()] != " ":
        return False
    return _has_word_across(first[0], second[0])


@lru_cache(50_000)
def _has_word_across(first: str, second: str) -> bool:
    whole = first + second
    if len(whole) < _SHORTEST or min(len(first), len(second)) < _SHORTEST_PIECE:
        return False
    words: Sequence[str] | None = parts_of(whole)
    # Beside a word that counts nothing (*de*), too much is near to a numeral.
    counts = all(cardinals.WORDS.issuperset(parts_of(piece) or ()) for piece in (first, second))
    if words is None and counts and share_of_known(whole) >= _KNOWN:
        words = nearest_words(whole)
    if not words:
        return False
    return all(abs(end - len(first)) > 1 for end in accumulate(map(len, words[:-1])))


@lru_cache(50_000)
def parts_of(word: str) -> tuple[str, ...] | None:
    """Take a word apart into those of numerals; None if they make none: *zessentwintig*."""
    parts = split_word(word)
    if parts is None or len(parts) == 1 or parse_exactly(word):
        return parts
    return None


def _is_like(word: str, *, beside: bool) -> bool:
    if len(word) < _SHORTEST_LIKE or is_other_word(plain(word)):
        return False
    return is_like_word_in_row(word) if beside else is_like_word(word)
