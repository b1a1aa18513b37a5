"""Numerals in running Dutch: where they are, what they name, and the text with figures for them.

A numeral here is a row of whole words with spaces or a stroke between them. From each word on, the
longest row that the grammar reads is taken; of several readings of it the one that `parse_all`
prefers. `context` then tells whether its surroundings let it be a numeral. Nothing is corrected: a
word that is merely near to a numeral may well be another word. Figures are part of a numeral only
with words that need them, *3 miljoen* and *half 5*; else they stay as they are.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import time
from typing import Literal

from getalwoord.numerals import context
from getalwoord.numerals.cardinals import meaning
from getalwoord.numerals.codes import code, telephone
from getalwoord.numerals.figures import Figures, written
from getalwoord.numerals.grammar import KINDS, Numeral, goes_on, preferred
from getalwoord.numerals.hyphens import completed, hangs, joined
from getalwoord.numerals.kinds.clock import HOUR_AND_MINUTES
from getalwoord.numerals.kinds.day_parts import DAYS, PARTS_OF_DAY
from getalwoord.numerals.kinds.money import PRICE
from getalwoord.numerals.language import AND, BETWEEN, HYPHENS, INVISIBLE, LEVELS
from getalwoord.numerals.patterns import Slot, Words
from getalwoord.numerals.running import (
    ADDRESSES,
    FIRST,
    POINTS,
    WORD,
    is_gap,
    is_in_address,
    split_word,
)
from getalwoord.numerals.surroundings import Candidate, Surroundings
from getalwoord.numerals.values import Value

#: In order of preference; what has no unit is a price or a time only where `context` says so.
_KINDS: Sequence[tuple[str, Slot]] = [
    *KINDS.items(),
    ("money", PRICE),
    ("time", HOUR_AND_MINUTES),
]


#: How a value is known
How = Literal["exact", "near", "unproven"]


@dataclass(frozen=True, slots=True)
class Found:
    """A numeral in a text.

    Attributes:
        start: Where it begins, in characters.
        end: Where it ends.
        numeral: What it names.
        figures: What is written for it.
        how: How the value is known; `normalise` reads only what the grammar has as it is.
    """

    start: int
    end: int
    numeral: Numeral
    figures: str
    how: How = "exact"


@dataclass(frozen=True, slots=True)
class Normalised:
    """A text with its numerals in figures.

    Attributes:
        text: As given.
        normalised: With figures for the numerals.
        found: The numerals, in order; those that stay words have them as their figures.
    """

    text: str
    normalised: str
    found: tuple[Found, ...]


def normalise(text: str, figures: Figures | None = None) -> Normalised:
    """Write figures for the numerals in a Dutch text.

    Words that only look like numerals stay as they are, by the policy of `context`.

    Args:
        text: Of any length.
        figures: Choices of how values are written; None for the Dutch conventions.

    >>> normalise("ik betaalde drieëntwintig euro vijftig voor twee derde van de taart").normalised
    'ik betaalde € 23,50 voor 2/3 van de taart'
    """
    figures = figures or Figures()
    found: list[Found] = []
    words = list(WORD.finditer(text))
    addresses = ADDRESSES.search(text) is not None

    def parts_of(word: re.Match[str]) -> tuple[str, ...] | None:
        parts = split_word(word[0])
        is_other = parts is not None and addresses and is_in_address(text, *word.span())
        return None if is_other else parts

    run: list[re.Match[str]] = []
    for number, word in enumerate(words):
        parts = parts_of(word)
        if parts is None or (not run and parts[0] not in FIRST):
            continue
        run.append(word)
        following = words[number + 1] if number + 1 < len(words) else None
        ends = (
            following is None
            or parts_of(following) is None
            or not is_gap(text, word.end(), following.start())
            or len(run) >= _LONGEST_RUN
        )
        if ends:
            found += _in_run(text, run, figures)
            run = []
    return with_figures(text, _completed(text, _in_parts(text, found), figures))


def with_figures(text: str, found: Sequence[Found]) -> Normalised:
    """Write figures for numerals that were found in a text, given in their order."""
    pieces, last = [], 0
    for one in found:
        pieces += [text[last : one.start], one.figures]
        last = one.end
    return Normalised(text, "".join([*pieces, text[last:]]), tuple(found))


_LONGEST_RUN = 200  # words; a longer row is no Dutch, and is read in pieces


def _in_run(text: str, run: list[re.Match[str]], figures: Figures) -> list[Found]:
    """Find the numerals in a row of words of which each is made of words of numerals."""
    parts: list[str] = []
    starts: list[int] = []  # of each word, the place of its first part
    for word in run:
        starts.append(len(parts))
        parts += split_word(word[0]) or ()
    words, ends = Words(parts), {*starts[1:], len(parts)}
    word_at = {start: number for number, start in enumerate([*starts, len(parts)])}
    in_words = _in_words(run)
    kinds = [entry for entry in _KINDS if not (cues := entry[1].cues) or cues & words.cues]
    found: list[Found] = []
    number = 0
    while number < len(run):
        place = starts[number]
        one = None
        if parts[place] in FIRST and in_words[number]:
            readings = _readings(words, place, kinds)
            most = len(parts) if number else _end_of_first(text, run, starts, len(parts))
            possible = [end for end in ends & readings.keys() if end <= most]
            for end in sorted(possible, key=lambda end: (_cuts_next(parts, end), -end)):
                last = word_at[end]
                if all(in_words[number:last]) and (
                    one := _candidate(
                        text, run[number:last], parts[place:end], readings[end], figures
                    )
                ):
                    break
        if one is None:
            found += _joined(run[number], figures)
            number += 1
            continue
        found.append(one)
        number = last
    return found


_BETWEEN_TWO = re.compile(r"\btussen\s+(?:de\s+|het\s+)?$", re.I)


def _end_of_first(text: str, run: Sequence[re.Match[str]], starts: Sequence[int], end: int) -> int:
    """Tell where the first numeral of a row ends at the latest: *tussen vijf en twintig euro*."""
    first = run[0].start()
    ands = [start for start, word in zip(starts, run[:-1], strict=False) if word[0].lower() == AND]
    is_between = len(ands) == 1 and _BETWEEN_TWO.search(text, max(0, first - 20), first)
    return ands[0] if is_between else end


def _cuts_next(parts: Sequence[str], end: int) -> bool:
    """Tell whether a numeral has the first word of the next: *drie miljoen en vier* miljoen."""
    if end == len(parts) or meaning(parts[end - 1]) is None:
        return False
    if parts[end] in POINTS:
        return end + 1 < len(parts) and meaning(parts[end + 1]) is not None
    following = meaning(parts[end])
    return following is not None and following[1]


def _joined(word: re.Match[str], figures: Figures) -> list[Found]:
    """Give the numbers that are joined to a word by hyphens; a nought is 0 here, too."""
    return [
        Found(
            word.start() + start,
            word.start() + start + len(numeral.text),
            numeral,
            written(numeral, figures) if numeral.value or figures.words_to else "0",
        )
        for start, numeral in joined(word[0])
    ]


def _completed(text: str, found: Sequence[Found], figures: Figures) -> list[Found]:
    """Give numbers the words that they share with the next one, and the hyphen for these."""
    done = [*found]
    for place in reversed(range(len(done) - 1)):  # *twee-, drie- en vierhonderd*
        one, following = done[place : place + 2]
        between = text[one.end : following.start]
        before = text[max(0, one.start - 20) : one.start]
        if numeral := completed(before, one.numeral, between, following.numeral):
            end = one.end + (between[0] in HYPHENS and len(between) > 1)
            numeral = replace(numeral, text=text[one.start : end])
            done[place] = Found(one.start, end, numeral, written(numeral, figures))
    return done


def _in_parts(text: str, found: Sequence[Found]) -> list[Found]:
    """Put together what is said in parts: *nul zes, drieëntwintig …*, *postcode tien twaalf*."""
    done: list[Found] = []
    for one in found:
        if done and one.start < done[-1].end:
            continue  # a part of the one before
        whole = None
        if one.numeral.kind == "digits":
            whole = telephone(text, one.end, one.figures)
        elif one.numeral.kind == "cardinal":
            whole = code(text, one.start, one.end, one.numeral.value)
        if whole:
            end, digits = whole
            one = Found(one.start, end, Numeral(text[one.start : end], digits, "digits"), digits)
        done.append(one)
    return done


def _readings(
    words: Words, place: int, kinds: Sequence[tuple[str, Slot]]
) -> dict[int, list[tuple[str, Value]]]:
    """Give what can be read from a word on, by where it ends."""
    found: dict[int, list[tuple[str, Value]]] = {}
    first = words.words[place]
    for name, kind in kinds:
        if first in kind.first:
            for value, end in kind.read(words, place):
                found.setdefault(end, []).append((name, value))
    return found


def _candidate(
    text: str,
    run: Sequence[re.Match[str]],
    words: Sequence[str],
    readings: Sequence[tuple[str, Value]],
    figures: Figures,
) -> Found | None:
    """Give the numeral that a row of words is, if its surroundings let it be one."""
    first, last = run[0].start(), run[-1].end()
    if goes_on(text[first:last], words) or hangs(text, last):
        return None
    if text[first].isdigit() and _FROM_A_FIGURE.search(text, max(0, first - 20), first):
        return None  # *15 tot 20 miljoen*: the first figure would be left as it is
    surroundings = Surroundings(text, first, last)
    fitting = [
        numeral
        for name, value in readings
        if context.fits(
            Candidate(numeral := Numeral(text[first:last], value, name), tuple(words)),
            surroundings,
            figures.ambiguous,
        )
    ]
    if not fitting:
        return None
    numeral = preferred(fitting)
    if numeral.kind == "time":
        return _time(numeral, surroundings, figures)
    done = written(numeral, figures)
    if done.endswith(".") and text.startswith(".", last):
        last += 1  # *300 v.Chr.* ends a sentence with one stop
        numeral = replace(numeral, text=text[first:last])
    return Found(first, last, numeral, done)


# What stays behind a time: *negen uur precies*, *gisteravond*, *'s ochtends vroeg*
_PARTS = "|".join(PARTS_OF_DAY)
_GAP = rf"[\s{re.escape(HYPHENS)}{INVISIBLE}]*"
_SAID_BESIDES = re.compile(
    rf"(?<!\s)(?:\s+(?:precies|stipt|(?P<part>die\s+(?:{_PARTS})|'s\s+(?:{_PARTS})s\s+(?:vroeg|laat)|"
    rf"(?:van|{'|'.join(DAYS)}){_GAP}(?:{_PARTS}))|vroeg|laat))+$",
    re.I,
)


def _time(numeral: Numeral, around: Surroundings, figures: Figures) -> Found:
    """Give a time; what figures do not say stays where it stands, and need not be said again."""
    besides = _SAID_BESIDES.search(numeral.text)
    end = around.end - (len(besides[0]) if besides else 0)
    value = context.time_of(numeral, around)
    assert isinstance(value, time)
    is_part_said = value != numeral.value or (besides is not None and besides["part"])
    numeral = replace(numeral, text=around.text[around.start : end], value=value)
    shown = numeral
    if figures.clock == "12" and is_part_said:
        shown = replace(numeral, value=value.replace(hour=value.hour % 12 or 12))
    return Found(around.start, end, numeral, written(shown, figures))


def _in_words(run: Sequence[re.Match[str]]) -> list[bool]:
    """Tell of each word whether it may be one of a numeral in words.

    Figures may if a word like *miljoen* follows, or if *half* or *kwart* makes a time of them.
    """
    if not any(word["whole"] or word["above"] for word in run):
        return [True] * len(run)
    words = [word[0].lower() for word in run]
    is_time = not _WITH_AN_HOUR.isdisjoint(words)
    return [
        not word[0].isdecimal() or is_time or following in _LEVEL_WORDS
        for word, following in zip(words, [*words[1:], ""], strict=True)
    ]


_FROM_A_FIGURE = re.compile(rf"(?<![\d.,])\d{{1,3}}(?:,\d+)?\s*(?:{BETWEEN}|[-–])\s*$", re.I)
_LEVEL_WORDS = frozenset(level.word for level in LEVELS)
_WITH_AN_HOUR = frozenset({"half", "kwart"})
