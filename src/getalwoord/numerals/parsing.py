"""Texts to values: by the grammar as they are, or else as what they are most likely meant to be."""

import heapq
import itertools
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from difflib import SequenceMatcher
from functools import cache, lru_cache
from operator import itemgetter

from getalwoord.errors import ParseError
from getalwoord.numerals import cardinals
from getalwoord.numerals.corrections import Corrector
from getalwoord.numerals.grammar import KINDS, VOCABULARY, Numeral, official, readings
from getalwoord.numerals.kinds.clock import DES
from getalwoord.numerals.language import AND, TEENS, TENS, UNITS, ZERO
from getalwoord.numerals.mixed import in_words
from getalwoord.numerals.patterns import Words
from getalwoord.numerals.values import Value
from getalwoord.numerals.words import plain

_MOST_TRIED = 300  # rows of words
MARGIN = 0.25  # by which what is meant must be nearer than another value
_SEVERAL = 4  # digits
_LIKE = 0.6  # share of its rows of three letters that a word of a numeral has from known words
_LONG_WORD = 8  # letters; in Dutch of all sorts shorter ones have the same rows
_OTHER_KIND = 0.3  # how much farther a reading of the same words as another kind of numeral is
_JOINED = 0.3  # and one as a fraction whose denominator is no word of its own
_SHORTEST_NUMERATOR = 3  # letters


@dataclass(frozen=True, slots=True)
class Correction:
    """What a misspelt text may be meant to be.

    Attributes:
        numeral: With the text as given, and what it is taken for.
        distance: What the mistakes in the text cost then; see `corrections`.
    """

    numeral: Numeral
    distance: float


def parse(text: str) -> Value:
    """Read a numeral in words, by the grammar alone.

    Understood are the official spelling and its variants: with or without trema, accents,
    capitals, hyphens, spaces and *en*. Figures are not words and are refused. Of several readings
    it is the first of `parse_all`. Of a misspelt text it is what is meant, if only one value can
    be.

    Raises:
        ParseError: The text is no numeral; says where it stops being one.

    >>> parse("vierhonderd drie en tachtig"), parse("anderhalf"), parse("halfvijf")
    (483, Decimal('1.5'), datetime.time(4, 30))
    """
    return parse_numeral(text).value


def parse_numeral(text: str) -> Numeral:
    """Read a numeral as `parse` does, and say of what kind it is.

    Raises:
        ParseError: The text is no numeral; says where it stops being one.
    """
    if numeral := parse_exactly(text):
        return numeral
    found = corrected(text, reach=MARGIN)
    if is_clear(found):
        return found[0].numeral
    raise refusal(text)


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
    numerals = readings(text, Words(words)) or _with_figures(text)
    return numerals[0] if numerals else None


def _with_figures(text: str) -> list[Numeral]:
    """Read a text of words and figures."""
    written = in_words(text)
    return readings(text, Words(VOCABULARY.split(written))) if written else []


def parse_all(text: str) -> list[Numeral]:
    """Give all readings of a numeral, the preferred one first.

    A cardinal is preferred, then one whose official spelling is the text itself, but for capitals
    and accents. Else they are in the order of `KINDS`, and within a kind in that of its forms: of a
    time the first half of the day before the second.

    Raises:
        ParseError: The text is no numeral; says where it stops being one.

    >>> [(numeral.kind, numeral.figures) for numeral in parse_all("tien voor half twee")]
    [('time', '01:20'), ('time', '13:20')]
    >>> [(numeral.kind, numeral.figures) for numeral in parse_all("twintig tien")]
    [('year', '2010'), ('time', '20:10')]
    """
    if numerals := readings(text, Words(VOCABULARY.split(text))) or _with_figures(text):
        return numerals
    raise refusal(text)


def corrected(text: str, *, reach: float, most: int = 2) -> list[Correction]:
    """Give the values that a text which the grammar refuses may be meant to be, the nearest first.

    Args:
        text: Misspelt.
        reach: How much farther than the nearest the others may be.
        most: How many values to find at most.
    """
    found: list[Correction] = []
    for distance, numeral in _meant(text):
        if found and distance > found[0].distance + reach:
            break
        if all(numeral.value != other.numeral.value for other in found):
            meant = official(numeral) or numeral.figures
            found.append(Correction(replace(numeral, meant=meant), distance))
        if len(found) == most:
            break
    return found


def is_clear(corrections: Sequence[Correction]) -> bool:
    """Tell whether a text can be meant to be one value only, as `parse` takes it."""
    if len(corrections) < 2:
        return bool(corrections)
    return corrections[1].distance > corrections[0].distance + MARGIN


@lru_cache(50_000)
def is_like_word(word: str) -> bool:
    """Tell whether a word may be made of words of numerals, however badly it is written."""
    if next(_corrector().rows(word, misspelt=True), None) is not None:
        return True
    threes = _threes(plain(word))
    return len(word) >= _LONG_WORD and len(threes & _known_threes()) >= _LIKE * len(threes)


@lru_cache(50_000)
def is_like_word_in_row(word: str) -> bool:
    """Tell whether a word may be a misspelt one in a row of those of numerals."""
    if is_like_word(word):
        return True
    # Beside others short words may have more wrong: they tell which it is. But not those of what
    # is counted: *honderd peren* are no *honderd paren*.
    beside = f"{TEENS[19]} {word}"
    return next(_corrector_below_hundred().rows(beside, misspelt=True), None) is not None


def _threes(word: str) -> set[str]:
    """Give all rows of three letters in a word; a space stands before it and behind it."""
    padded = f" {word} "
    return {padded[place : place + 3] for place in range(len(padded) - 2)}


@cache
def _known_threes() -> set[str]:
    return set().union(*map(_threes, _vocabulary()))


def _meant(text: str) -> Iterator[tuple[float, Numeral]]:
    """Give what a misspelt text may be meant to be, the nearest first."""
    try:
        split, written = VOCABULARY.split(text), plain(text).split()
    except ParseError:
        return iter(())
    return heapq.merge(_row(text, split, written), _digits(text, written), key=itemgetter(0))


def _row(
    text: str, split: Sequence[str], written: Sequence[str]
) -> Iterator[tuple[float, Numeral]]:
    """Give what a text may be meant to be, but for digits said one by one."""
    # Of words apart that are all right, none is meant to be another.
    rows = _corrector().rows(text, misspelt="" in split or len(split) > len(written))
    waiting: list[tuple[float, int, Numeral]] = []
    order = itertools.count()
    for distance, words in itertools.islice(rows, _MOST_TRIED):
        while waiting and waiting[0][0] <= distance:
            nearest, _, numeral = heapq.heappop(waiting)
            yield nearest, numeral
        numerals = readings(text, Words(words))
        if not numerals or numerals[0].kind == "digits":
            continue
        for farther, numeral in _by_kind(text, numerals, written):
            # To an ordinal in the plural too much is near that is no numeral: *vieren*.
            if numeral.kind == "ordinal" and words[-1].endswith(cardinals.PLURAL):
                continue
            heapq.heappush(waiting, (distance + farther, next(order), numeral))
    for distance, _, numeral in sorted(waiting):
        yield distance, numeral


def _digits(text: str, written: Sequence[str]) -> Iterator[tuple[float, Numeral]]:
    """Give digits said one by one that a text may be meant to be.

    Any row of words is digits, so that mistakes would make them of anything. So the first must be a
    nought, and half of them right; and one of these a nought, or there must be several: *nu
    negentien* is no *nul negentien*.
    """
    known = sum(_SAID.issuperset(VOCABULARY.words(word)) for word in written)
    few = len(written) < _SEVERAL and ZERO not in written
    if few or not len(written) <= 2 * known < 2 * len(written):
        return
    rows = _corrector_below_hundred().rows(text, misspelt=True)
    for distance, words in itertools.islice(rows, _MOST_TRIED):
        if words[0] == ZERO:
            for numeral in readings(text, Words(words)):
                if numeral.kind == "digits":
                    yield distance, numeral


def _by_kind(
    text: str, numerals: Sequence[Numeral], written: Sequence[str]
) -> Iterator[tuple[float, Numeral]]:
    """Give what one row of words may be, one of each kind, and how much farther it is.

    The first of all is preferred, as ever, unless the text looks like the official spelling of
    another: *dertin honderdste* has its one space where that of 13/100 has it.
    """
    kinds = {numeral.kind: numeral for numeral in reversed(numerals)}  # the first of each
    preferred = numerals[0]
    if kinds.keys() == {"ordinal", "fraction"}:
        bare = " ".join(plain(text).split())

        def unlikeness(numeral: Numeral) -> tuple[bool, float]:
            ours = plain(official(numeral) or "")
            likeness = SequenceMatcher(None, bare, ours, autojunk=False).ratio()
            return abs(_more(numeral, written)) >= _SHORTEST_NUMERATOR, -likeness

        preferred = min(numerals, key=unlikeness)
    for numeral in {**kinds, preferred.kind: preferred}.values():
        joined = _more(numeral, written) >= _SHORTEST_NUMERATOR
        yield _JOINED * joined + _OTHER_KIND * (numeral is not preferred), numeral


def _more(numeral: Numeral, written: Sequence[str]) -> int:
    """Count the letters that the last word has beyond those of a fraction's denominator."""
    if numeral.kind != "fraction":
        return 0
    _, _, denominator = (official(numeral) or "").rpartition(" ")
    return len(written[-1]) - len(denominator)


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


def _vocabulary() -> frozenset[str]:
    return frozenset[str]().union(*(kind.vocabulary for kind in KINDS.values()))


# What digits are said in, one by one or by twos.
_SAID = frozenset({ZERO, AND, *UNITS.values(), *TEENS.values(), *TENS.values()})
# What is short, and would be made of other words.
_EXACT = frozenset(
    "een min plus de den het van in na om dag jaar te ten ure op door deel delen ton tot is nu "
    "graad graden v.chr v. chr v.c n.chr n. n.c jan feb mrt apr jun jul aug sept okt nov dec "
    f"{DES}".split()
)


@cache
def _corrector() -> Corrector:
    # Most texts need none, and building it would add to every start.
    return Corrector(
        _vocabulary() - {"d"},
        exact=_EXACT,
    )


@cache
def _corrector_below_hundred() -> Corrector:
    return Corrector(_SAID)
