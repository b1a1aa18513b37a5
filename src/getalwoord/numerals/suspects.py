"""Where a misspelt numeral may stand in running Dutch.

`normalise` corrects nothing, since a word that is merely near to a numeral may well be another
word. Here such places are only pointed out, for a second witness to judge: rows of words that are
those of numerals or like them, and that together are near to a numeral.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import islice, pairwise

from getalwoord.numerals import cardinals
from getalwoord.numerals.checks import SHARES
from getalwoord.numerals.context import OF_SENTENCES
from getalwoord.numerals.exact import parse_exactly
from getalwoord.numerals.language import AND, ZERO
from getalwoord.numerals.meant import Correction, corrected, is_like_word, is_like_word_in_row
from getalwoord.numerals.other_words import is_other_word
from getalwoord.numerals.running import FIRST, POINTS, WORD, is_gap, split_word
from getalwoord.numerals.sentences import Found, Normalised
from getalwoord.numerals.words import plain

_LONGEST_ROW = 14  # words; a numeral seldom has so many
_MOST_TRIED = 24  # pieces of a row; each takes milliseconds
_SHORTEST_LIKE = 3  # letters; shorter words are like any
_SHORT = 4  # letters; so short a word may be what is left of any, if it stands in a row
_COST = 0.13  # a letter, the most that mistakes may cost here: *de zegen* is not *de zeven*
_SHORTEST = 5  # letters in a misspelt numeral
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
        for row in _rows(text)
        if len(row) <= _LONGEST_ROW
        for suspect in _digits(text, row, reach) or _in_row(text, row, reach)
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
                return _parts(word) is None and is_like_word_in_row(word)
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


@dataclass(frozen=True, slots=True)
class _Word:
    """A word in a row: the words of numerals that it is made of, or how it is like them.

    Attributes:
        like: Whether it is like those by itself.
    """

    start: int
    end: int
    parts: tuple[str, ...] | None
    like: bool


def _rows(text: str) -> Iterator[list[_Word]]:
    """Give the rows of words, with only spaces between, that are those of numerals or like them."""
    row: list[_Word] = []
    words = [(found, _parts(found[0])) for found in WORD.finditer(text)]
    for number, (found, parts) in enumerate(words):
        word = found[0]
        beside = bool(row and (row[-1].parts or row[-1].like)) or any(
            after or _is_like(following[0], beside=False)
            for following, after in words[number + 1 : number + 2]
        )
        like = parts is None and _is_like(word, beside=beside)
        if row and not is_gap(text, row[-1].end, found.start()):
            yield row
            row = []
        belongs = parts or like or (row and len(word) <= _SHORT)
        if belongs and word.lower() not in SHARES:  # *het zevnduizendste deel* is no fraction
            row.append(_Word(found.start(), found.end(), parts, like))
        elif row:
            yield row
            row = []
    if row:
        yield row


def _in_row(text: str, row: Sequence[_Word], reach: float) -> list[Suspect]:
    """Find the longest misspelt numerals in a row."""
    if all(word.parts for word in row):
        return []
    places = (
        (first, first + length)
        for length in range(len(row), 0, -1)
        for first in range(len(row) - length + 1)
    )
    likely = ((first, last) for first, last in places if _may_be_one(row[first:last]))
    for first, last in islice(likely, _MOST_TRIED):
        is_right = parse_exactly(text[row[first].start : row[last - 1].end]) is not None
        found = None if is_right else _suspect(text, row[first:last], reach)
        if is_right or found:
            before, after = _in_row(text, row[:first], reach), _in_row(text, row[last:], reach)
            return [*before, found, *after] if found else [*before, *after]
    return []


def _digits(text: str, row: Sequence[_Word], reach: float) -> list[Suspect]:
    """Give the end of a row as digits said one by one, if it has a nought and mistakes."""
    said: list[_Word] = []
    for word in reversed(row):
        if word.parts and not cardinals.WORDS.issuperset(word.parts):
            if not POINTS.isdisjoint(word.parts):
                return []
            break
        if said or word.parts or word.like:
            said.insert(0, word)
    while said and not said[0].parts and not _is_nought(text[said[0].start : said[0].end]):
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


def _may_be_one(words: Sequence[_Word]) -> bool:
    """Tell whether words may be a numeral with mistakes by the first and the last of them."""
    first, last = words[0], words[-1]
    begins = first.parts[0] in FIRST if first.parts else first.like
    ends = last.parts[-1] != AND if last.parts else last.like
    return begins and ends and not all(word.parts for word in words)


def _suspect(text: str, words: Sequence[_Word], reach: float) -> Suspect | None:
    start, end = words[0].start, words[-1].end
    letters = sum(letter.isalpha() for letter in text[start:end])
    if letters < _SHORTEST:
        return None
    corrections = corrected(text[start:end], reach=reach)
    if not corrections or corrections[0].distance > _COST * letters:
        return None
    return Suspect(start, end, text[start:end], corrections)


@lru_cache(50_000)
def _parts(word: str) -> tuple[str, ...] | None:
    """Take a word apart into those of numerals; None if they make none: *zessentwintig*."""
    parts = split_word(word)
    if parts is None or len(parts) == 1 or parse_exactly(word):
        return parts
    return None


def _is_like(word: str, *, beside: bool) -> bool:
    if len(word) < _SHORTEST_LIKE or is_other_word(plain(word)):
        return False
    return is_like_word_in_row(word) if beside else is_like_word(word)


def _is_nought(word: str) -> bool:
    return any(one.numeral.value == 0 for one in corrected(word, reach=0.0))
