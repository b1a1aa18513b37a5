"""Numerals in running Dutch: where they are, what they name, and the text with figures for them.

A numeral here is a row of whole words with only spaces between them. From each word on, the longest
row that the grammar reads is taken; of several readings of it the one that `parse_all` prefers.
`context` then tells whether its surroundings let it be a numeral. Nothing is corrected: a word
that is merely near to a numeral may well be another word.
"""

import re
from dataclasses import dataclass
from functools import lru_cache
from itertools import islice

from getalwoord.numerals import cardinals, context
from getalwoord.numerals.context import Candidate
from getalwoord.numerals.figures import Figures, in_figures
from getalwoord.numerals.grammar import KINDS, VOCABULARY, Numeral, preferred
from getalwoord.numerals.kinds.numbers import DECIMAL, FRACTION
from getalwoord.numerals.language import AND, APOSTROPHES, HYPHENS, INVISIBLE, MARKS, NEGATIVE
from getalwoord.numerals.parsing import is_like_word
from getalwoord.numerals.patterns import Words

_INSIDE = rf"[^\W\d_]|[{MARKS}{INVISIBLE}]"
# A word of running text; hyphens and apostrophes belong to it only between letters.
_WORD = re.compile(
    rf"[{APOSTROPHES}]?[^\W\d_](?:{_INSIDE})*(?:[{re.escape(HYPHENS)}{APOSTROPHES}](?:{_INSIDE})+)*"
)
# What may stand between two words of one numeral: spaces, and the end of one line.
_SPACE = re.compile(r"[^\S\n]*\n?[^\S\n]*")

_CACHED = 50_000  # words; more than a large text has
_LONGEST_WORD = 300  # letters

#: Words that a numeral may begin with
_FIRST = (cardinals.WORDS - {AND}) | set(NEGATIVE) | FRACTION.cues | DECIMAL.cues
_FIRST |= {"middernacht", "dozijn", "gros", "een"}


@dataclass(frozen=True, slots=True)
class Found:
    """A numeral in a text.

    Attributes:
        start: Where it begins, in characters.
        end: Where it ends.
        numeral: What it names.
        figures: What is written for it.
    """

    start: int
    end: int
    numeral: Numeral
    figures: str


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
    words = list(_WORD.finditer(text))
    run: list[re.Match[str]] = []
    for number, word in enumerate(words):
        if _split(word[0]) is None:
            continue
        run.append(word)
        following = words[number + 1] if number + 1 < len(words) else None
        ends = (
            following is None
            or _split(following[0]) is None
            or not _SPACE.fullmatch(text, word.end(), following.start())
            or len(run) >= _LONGEST_RUN
        )
        if ends:
            found += _in_run(text, run, figures)
            run = []
    pieces, last = [], 0
    for one in found:
        pieces += [text[last : one.start], one.figures]
        last = one.end
    return Normalised(text, "".join([*pieces, text[last:]]), tuple(found))


def has_other_words(text: str) -> bool:
    """Tell whether a text has several words, and some of them are not made of those of numerals."""
    words = [word[0] for word in islice(_WORD.finditer(text), _ENOUGH_WORDS)]
    return len(words) > 1 and any(_split(word) is None for word in words)


def is_prose(text: str) -> bool:
    """Tell whether a text is a sentence, and not a badly misspelt numeral of several words.

    Of a sentence one word in six at least is not even like those of numerals; there are two such
    words, or one beside a numeral.
    """
    words = [word[0] for word in islice(_WORD.finditer(text), _ENOUGH_WORDS)]
    strange = [word for word in words if len(word) > _TOLD_BY and not is_like_word(word)]
    if len(words) > _FEW_WORDS * len(strange):
        return False
    return len(strange) > 1 or (len(strange) == 1 and bool(normalise(text).found))


_TOLD_BY = 2  # letters; so short a word may be what is left of any
_FEW_WORDS = 6
_ENOUGH_WORDS = 100  # a numeral has fewer
_LONGEST_RUN = 200  # words; a longer row is no Dutch, and is read in pieces


@lru_cache(_CACHED)
def _split(word: str) -> tuple[str, ...] | None:
    """Take a word apart into those of numerals; None if it is not made of them."""
    if len(word) > _LONGEST_WORD:
        return None
    parts = VOCABULARY.words(word)
    return tuple(parts) if parts and parts[-1] else None


def _in_run(text: str, run: list[re.Match[str]], figures: Figures) -> list[Found]:
    """Find the numerals in a row of words of which each is made of words of numerals."""
    parts: list[str] = []
    starts: list[int] = []  # of each word, the place of its first part
    for word in run:
        starts.append(len(parts))
        parts += _split(word[0]) or ()
    words, ends = Words(parts), {*starts[1:], len(parts)}
    word_at = {start: number for number, start in enumerate([*starts, len(parts)])}
    found: list[Found] = []
    number = 0
    while number < len(run):
        place = starts[number]
        one = None
        if parts[place] in _FIRST:
            for end in _ends(words, place, ends):
                if one := _candidate(text, run[number : word_at[end]], words, place, end, figures):
                    break
        if one is None:
            number += 1
            continue
        found.append(one)
        number = word_at[end]
    return found


def _ends(words: Words, place: int, ends: set[int]) -> list[int]:
    """Give where the numerals end that begin at a word, the last first."""
    found = {end for kind in KINDS.values() for _, end in words.remembered(kind, place)}
    return sorted(found & ends, reverse=True)


def _candidate(
    text: str, run: list[re.Match[str]], words: Words, place: int, end: int, figures: Figures
) -> Found | None:
    """Give the numeral that a row of words is, if its surroundings let it be one."""
    first, last = run[0].start(), run[-1].end()
    readings = [
        Numeral(text[first:last], value, name)
        for name, kind in KINDS.items()
        for value, at in words.remembered(kind, place)
        if at == end
    ]
    surroundings = context.Surroundings(text, first, last)
    fitting = [
        reading
        for reading in readings
        if context.fits(
            Candidate(reading, tuple(words.words[place:end])), surroundings, figures.ambiguous
        )
    ]
    if not fitting:
        return None
    numeral = preferred(fitting)
    return Found(first, last, numeral, written(numeral, figures))


def written(numeral: Numeral, figures: Figures) -> str:
    """Write a numeral as it stands in a Dutch text; one that is to stay words is its own text."""
    value, kind = numeral.value, numeral.kind
    if kind == "ordinal" and figures.keep_ordinals:
        return numeral.text
    if kind == "cardinal" and isinstance(value, int) and value <= figures.words_to:
        return numeral.text
    done = in_figures(value, kind, figures)
    if kind == "date" and re.match(r"\S+(?:de|ste)\b", numeral.text, re.I):
        return re.sub(r"^(\d+)", r"\1e", done)
    if kind != "multiplier":
        return done
    counted = re.search(r"(maal|malen|keer|keren)$|(voudige?|voud|dubbele?)$", numeral.text, re.I)
    if counted is None:
        return done
    return f"{done} {counted[1]}" if counted[1] else f"{done}-{counted[2]}"
