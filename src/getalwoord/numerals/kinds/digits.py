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


class Digits:
    """A string of digits that begins with a nought, or has three or more."""

    cues: frozenset[str] = frozenset()  # too many to tell by
    vocabulary = cardinals.WORDS
    first = last = cardinals.CARDINAL_WORDS

    def read(self, words: Words, at: int) -> list[Found]:
        """Read the longest string that begins at a word."""
        groups: list[str] = []
        end = at
        while len(groups) <= _MOST and (group := _group(words, end)):
            digits, end = group
            groups.append(digits)
        if len(groups) > 1 and groups[0] == "0":
            words.furthest = max(words.furthest, end)
        value = "".join(groups)
        after_zero = value.startswith("0")
        if len(value) > _MOST or len(groups) < (_FEWEST_AFTER_ZERO if after_zero else _FEWEST):
            return []
        return [(value, end)] if after_zero or len(value) == len(groups) else []

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


def _group(words: Words, at: int) -> tuple[str, int] | None:
    found = words.cardinals(at) if at < len(words.words) else []
    for value, end, ordinal in reversed(found):
        if value < 1000 and not ordinal:
            return str(value), end
    return None


def _in_pairs(digits: str, style: Style) -> str:
    first = 2 + len(digits) % 2
    texts = [said_one_by_one(digits[:first])]
    for place in range(first, len(digits), 2):
        pair = digits[place : place + 2]
        texts.append(said_one_by_one(pair) if pair[0] == "0" else cardinals.write(int(pair), style))
    return " ".join(texts)
