"""Digits said one by one, or after a nought by twos and threes, as of telephone numbers."""

from collections.abc import Iterator
from typing import Any

from getalwoord.numerals import cardinals
from getalwoord.numerals.cardinals import Style
from getalwoord.numerals.patterns import Found, Words, Writing
from getalwoord.numerals.slots import said_one_by_one

# Two digits in a row may be a guess, *twee drie keer*; more than these are no number that anyone
# says, as those of accounts and cards have at most 34 (ISO 13616).
_FEWEST, _MOST = 3, 40
_FEWEST_AFTER_ZERO = 2
# Numbers of services begin with 0800 and 0900, whatever follows.
_AREAS = (800, 900)
_LARGEST = 999


class Digits:
    """A string of digits that begins with a nought, or has three or more."""

    cues: frozenset[str] = frozenset()  # too many to tell by
    vocabulary = cardinals.WORDS | {","}
    first = last = cardinals.CARDINAL_WORDS

    def read(self, words: Words, at: int, *, whole: bool = False) -> list[Found]:
        """Read the longest string that begins at a word."""
        if len(words.words) - at > _MOST and _is_too_long(words, at):
            return []
        groups: list[str] = []
        end, commas = at, 0
        while len(groups) <= _MOST:
            # Commas may stand after the first two.
            comma = int(len(groups) > 1 and words.at(end) == ",")
            if not (group := _group(words, end + comma)):
                break
            digits, end = group
            groups.append(digits)
            commas += comma
        if len(groups) > 1 and groups[0] == "0":
            words.furthest = max(words.furthest, end)
        value = "".join(groups)
        after_zero = value.startswith("0")
        if len(value) > _MOST or len(groups) < (_FEWEST_AFTER_ZERO if after_zero else _FEWEST):
            return []
        if not after_zero and (len(value) > len(groups) or commas):
            return []  # a list of numbers
        return [(value, end)]

    def writings(self, value: Any, style: Style) -> Iterator[Writing]:
        """Write digits one by one, and by twos, as far as the tens allow it."""
        if not isinstance(value, str) or not (value.isascii() and value.isdigit()):
            return
        fewest = _FEWEST_AFTER_ZERO if value.startswith("0") else _FEWEST
        if not fewest <= len(value) <= _MOST:
            return
        yield said_one_by_one(value), ""
        if value.startswith("0") and len(value) > 3:
            yield _in_pairs(value, style), "in pairs"


def _is_too_long(words: Words, at: int) -> bool:
    """Tell whether more numbers follow each other than digits are said.

    Of a long row every place is asked, so what is found is kept for many of them.
    """
    if at not in words.in_long_rows:
        row: list[int] = []
        place = at
        while len(row) < 2 * _MOST and (group := _group(words, place)):
            row.append(place)
            place = group[1]
        words.in_long_rows.update(row[:-_MOST])
    return at in words.in_long_rows


def _group(words: Words, at: int) -> tuple[str, int] | None:
    """Read the longest number of one to three digits, but no more than one that others follow.

    What is the beginning of a longer one is none: *nul drie negentienhonderdtachtig*.
    """
    best = None
    for value, end, ordinal in words.cardinals(at):
        if ordinal:
            break
        if value > _LARGEST:
            return None
        best = str(value), end
        if value in _AREAS:
            break
    return best


def _in_pairs(digits: str, style: Style) -> str:
    first = 2 + len(digits) % 2
    texts = [said_one_by_one(digits[:first])]
    for place in range(first, len(digits), 2):
        pair = digits[place : place + 2]
        texts.append(said_one_by_one(pair) if pair[0] == "0" else cardinals.write(int(pair), style))
    return " ".join(texts)
