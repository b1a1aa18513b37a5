"""Where a misspelt numeral may stand in running Dutch.

`normalise` corrects nothing, since a word that is merely near to a numeral may well be another
word. Here such places are only pointed out, for a second witness to judge: rows of words that are
those of numerals or like them, and that together are near to a numeral.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import islice, pairwise

from getalwoord.numerals import cardinals
from getalwoord.numerals.context import OF_SENTENCES
from getalwoord.numerals.exact import parse_exactly
from getalwoord.numerals.language import AND, ZERO
from getalwoord.numerals.meant import (
    Correction,
    corrected,
    is_like_digit,
    is_like_word_in_row,
)
from getalwoord.numerals.rows import Word, parts_of, rows_of_words
from getalwoord.numerals.running import FIRST, POINTS, WORD, is_gap, split_word
from getalwoord.numerals.sentences import Found, Normalised
from getalwoord.numerals.words import plain

_LONGEST_ROW = 40  # words; a longer one is a list
_LONGEST = 14  # words; a numeral seldom has so many
_MOST_TRIED = 24  # pieces of a row; each takes milliseconds
_COST = 0.13  # a letter, the most that mistakes may cost here: *de zegen* is not *de zeven*
_SHORTEST = 5  # letters in a misspelt numeral
_SHORTEST_BAD = 10  # in a word that has two letters wrong; shorter ones are like others then
_STOP = re.compile(r"[,;:.!?]\s")
_DIGITS = 4  # words of a row of digits, at least


@dataclass(frozen=True, slots=True)
class Suspect:
    """A place in a text where a misspelt numeral may stand.

    Attributes:
        start: Where it begins, in characters.
        end: Where it ends.
        text: What stands there.
        corrections: What it may be meant to be, the nearest first; may be none for a row of digits.
    """

    start: int
    end: int
    text: str
    corrections: Sequence[Correction]

    def cuts(self, found: Found) -> bool:
        """Tell whether it has only a part of a numeral."""
        return any(found.start < place < found.end for place in (self.start, self.end))


def suspects(text: str, *, reach: float) -> list[Suspect]:
    """Find the places in a text where a misspelt numeral may stand, in order, none in another.

    Args:
        text: Running Dutch.
        reach: How much farther than the nearest value others may be; see `corrected`.
    """
    return [
        suspect
        for row in rows_of_words(text)
        if len(row) <= _LONGEST_ROW
        for suspect in _digits(text, row, reach)
        or _in_row(text, row, reach)
        or _in_row(text, row, reach, badly=True)
    ]


def is_last_word(normalised: Normalised) -> bool:
    """Tell whether a text is one numeral after words like *het nummer is*.

    They are words of some numerals, too, but name no number.
    """
    if len(normalised.found) != 1:
        return False
    (one,) = normalised.found
    before = [split_word(word[0]) for word in WORD.finditer(normalised.text[: one.start])]
    return (
        bool(before)
        and all(parts is not None and cardinals.WORDS.isdisjoint(parts) for parts in before)
        and not WORD.search(normalised.text, one.end)
    )


def is_list(normalised: Normalised) -> bool:
    """Tell whether a text has several numerals, and a comma or stop between two of them."""
    return any(
        _STOP.search(normalised.text, one.end, following.start)
        for one, following in pairwise(normalised.found)
    )


def is_counting(normalised: Normalised) -> bool:
    """Tell whether a text has a numeral and words beside it that name no number: *vijf jaar*."""
    found, text = normalised.found, normalised.text
    ends = [0, *(one.end for one in found)]
    starts = [*(one.start for one in found), len(text)]
    others = (
        word[0]
        for end, start in zip(ends, starts, strict=True)
        for word in WORD.finditer(text, end, start)
    )
    return bool(found) and any(
        cardinals.WORDS.isdisjoint(split_word(word) or ()) for word in others
    )


def is_among_others(normalised: Normalised) -> bool:
    """Tell whether a text has one numeral, and beside it no word that may be a part of it."""
    if len(normalised.found) != 1:
        return False
    (one,), text = normalised.found, normalised.text
    words = [(word[0], word.start(), word.end()) for word in WORD.finditer(text)]

    def goes_on(row: Iterable[tuple[str, int, int]]) -> bool:
        nearest, farthest = one.start, one.end
        for word, start, end in row:
            gap = (end, nearest) if end <= nearest else (farthest, start)
            if not is_gap(text, *gap):
                return False
            if word.lower() not in POINTS:
                return parts_of(word) is None and is_like_word_in_row(word)
            nearest, farthest = min(start, nearest), max(end, farthest)
        return False

    before = [word for word in reversed(words) if word[2] <= one.start]
    return not goes_on(before) and not goes_on(word for word in words if word[1] >= one.end)


def as_suspect(normalised: Normalised) -> list[Suspect]:
    """Give a whole text as a suspect, if it has numerals and but one word that is none of theirs.

    That may be a badly misspelt one (*tinu voor elf*), or another (*kamer elf*).
    """
    text = normalised.text
    words = list(WORD.finditer(text))
    others = [word[0].lower() for word in words if split_word(word[0]) is None]
    if len(others) != 1 or not OF_SENTENCES.isdisjoint(others) or not normalised.found:
        return []
    start = words[0].start()
    return [Suspect(start, len(text.rstrip()), text[start:].rstrip(), ())]


def _in_row(text: str, row: Sequence[Word], reach: float, *, badly: bool = False) -> list[Suspect]:
    """Find the longest misspelt numerals in a row."""
    if all(word.parts for word in row):
        return []
    places = (
        (first, first + length)
        for length in range(min(len(row), _LONGEST), 0, -1)
        for first in range(len(row) - length + 1)
    )
    likely = (
        (first, last)
        for first, last in places
        if _may_be_one(row[first:last]) and not (badly and _has_short(row[first:last]))
    )
    for first, last in islice(likely, _MOST_TRIED):
        is_right = parse_exactly(text[row[first].start : row[last - 1].end]) is not None
        found = None if is_right else _suspect(text, row[first:last], reach, badly)
        if is_right or found:
            before = _in_row(text, row[:first], reach, badly=badly)
            after = _in_row(text, row[last:], reach, badly=badly)
            return [*before, found, *after] if found else [*before, *after]
    return []


def _digits(text: str, row: Sequence[Word], reach: float) -> list[Suspect]:
    """Give what in a row is digits said one by one, if it has a nought and mistakes."""
    runs: list[list[Word]] = [[]]
    for word in row:
        if word.parts and not POINTS.isdisjoint(word.parts):
            return []
        if word.parts and not cardinals.WORDS.issuperset(word.parts):
            runs.append([])
        else:
            runs[-1].append(word)
    return [found for run in runs for found in _digits_in_run(text, run, reach)]


def _digits_in_run(text: str, said: list[Word], reach: float) -> list[Suspect]:
    while said and not said[-1].parts:
        if said[-1].like and is_like_digit(text[said[-1].start : said[-1].end]):
            break
        del said[-1]
    while said and (
        AND in (said[0].parts or ())
        or (not said[0].parts and not _is_nought(text[said[0].start : said[0].end]))
    ):
        del said[0]
    known = [word.parts for word in said if word.parts]
    if len(said) < _DIGITS or not any(ZERO in parts for parts in known):
        return []
    if len(known) == len(said) or 2 * len(known) < len(said):
        return []
    start, end = said[0].start, said[-1].end
    if parse_exactly(text[start:end]):
        return []
    return [Suspect(start, end, text[start:end], corrected(text[start:end], reach=reach))]


def _may_be_one(words: Sequence[Word]) -> bool:
    """Tell whether words may be a numeral with mistakes by the first and the last of them."""
    first, last = words[0], words[-1]
    begins = first.parts[0] in FIRST if first.parts else first.like
    ends = last.parts[-1] != AND if last.parts else last.like
    return begins and ends and not all(word.parts for word in words)


def _has_short(words: Sequence[Word]) -> bool:
    """Tell whether a word that is wrong is short: with two other letters it is like any."""
    return any(word.end - word.start < _SHORTEST_BAD for word in words if not word.parts)


def _suspect(text: str, words: Sequence[Word], reach: float, badly: bool) -> Suspect | None:
    start, end = words[0].start, words[-1].end
    letters = sum(letter.isalpha() for letter in text[start:end])
    if letters < _SHORTEST:
        return None
    corrections = corrected(text[start:end], reach=reach, badly=badly)
    if not corrections or corrections[0].distance > _COST * letters:
        return None
    return Suspect(start, end, text[start:end], corrections)


def _is_nought(word: str) -> bool:
    """Tell whether a word may be *nul* with a letter lost, doubled or misplaced."""
    bare = plain(word)
    without = {ZERO[:place] + ZERO[place + 1 :] for place in range(len(ZERO))}
    return (
        bare in without
        or sorted(bare) == sorted(ZERO)
        or any(one.numeral.value == 0 for one in corrected(word, reach=0.0))
    )
