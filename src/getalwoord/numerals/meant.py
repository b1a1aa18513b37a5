"""What a text that the grammar refuses is most likely meant to be."""

import heapq
import itertools
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from difflib import SequenceMatcher
from fractions import Fraction
from functools import cache, lru_cache
from itertools import pairwise
from operator import itemgetter

from getalwoord.errors import ParseError
from getalwoord.numerals import cardinals
from getalwoord.numerals.corrections import LETTER_OF_A_WORD, Corrector
from getalwoord.numerals.exact import parse_exactly, without_saying
from getalwoord.numerals.grammar import (
    FEW,
    KINDS,
    TENTHS,
    VOCABULARY,
    Numeral,
    official,
    readings,
)
from getalwoord.numerals.kinds.day_parts import DES
from getalwoord.numerals.kinds.money import UNITS_OF_MONEY
from getalwoord.numerals.language import AND, HUNDRED, TEENS, TENS, UNITS, ZERO
from getalwoord.numerals.mixed import in_words
from getalwoord.numerals.other_words import is_no_numeral
from getalwoord.numerals.patterns import Words
from getalwoord.numerals.values import Value
from getalwoord.numerals.words import QUOTES, any_of, plain

_PLACES = 6  # of a distance, a sum of costs of two places
_MOST_TRIED = 300  # rows of words
MARGIN = 0.25  # by which what is meant must be nearer than another value
_SEVERAL = 4  # digits
_TWO_LETTERS = 1.6  # what they cost where they are wrong, more or less
_LIKE = 0.6  # share of its rows of three letters that a word of a numeral has from known words
_LONG_WORD = 8  # letters; in Dutch of all sorts shorter ones have the same rows
_OTHER_KIND = 0.3  # how much farther a reading of the same words as another kind of numeral is
_JOINED = 0.3  # and one as a fraction whose denominator is no word of its own
_JOINED_MANY = 0.9  # of which there are more than two, or so many tenths
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


def corrected(text: str, *, reach: float, most: int = 2, badly: bool = False) -> list[Correction]:
    """Give the values that a text which the grammar refuses may be meant to be, the nearest first.

    Args:
        text: Misspelt.
        reach: How much farther than the nearest the others may be.
        most: How many values to find at most.
        badly: Whether a word of a long numeral may have two letters wrong: *negenentwinog*.
    """
    found: list[Correction] = []
    for exact_distance, numeral in _meant(text, badly):
        distance = round(exact_distance, _PLACES)
        if found and apart(found[0].distance, distance) > reach:
            break
        if all(numeral.value != other.numeral.value for other in found):
            meant = official(numeral) or numeral.figures
            found.append(Correction(replace(numeral, text=text, meant=meant), distance))
        if len(found) == most:
            break
    return found


def is_clear(corrections: Sequence[Correction]) -> bool:
    """Tell whether a text can be meant to be one value only, as `parse` takes it."""
    if len(corrections) < 2:
        return bool(corrections)
    return apart(corrections[0].distance, corrections[1].distance) > MARGIN


def apart(nearer: float, farther: float) -> float:
    """Tell how much farther one distance is, without what floating point adds to it."""
    return round(farther - nearer, _PLACES)


@lru_cache(50_000)
def _is_right(word: str) -> bool:
    """Tell whether a word is one of numerals, or several that are a numeral together."""
    return len(VOCABULARY.words(word)) == 1 or parse_exactly(word) is not None


def nearest_words(text: str) -> list[str] | None:
    """Give the words of numerals that a text is near to, whether or not they make one."""
    return next((words for _, words in _corrector().rows(text, misspelt=True)), None)


@lru_cache(50_000)
def is_like_word(word: str) -> bool:
    """Tell whether a word may be made of words of numerals, however badly it is written."""
    if nearest_words(word):
        return True
    return len(word) >= _LONG_WORD and share_of_known(word) >= _LIKE


@lru_cache(50_000)
def is_like_word_in_row(word: str) -> bool:
    """Tell whether a word may be a misspelt one in a row of those of numerals."""
    if is_like_word(word):
        return True
    # Beside others short words may have more wrong: they tell which it is. But not those of what
    # is counted: *honderd peren* are no *honderd paren*.
    return is_like_digit(word)


@lru_cache(50_000)
def is_like_digit(word: str) -> bool:
    """Tell whether a word may be a misspelt one in a row of digits."""
    beside = f"{TEENS[19]} {word}"
    return next(_corrector_below_hundred().rows(beside, misspelt=True), None) is not None


def share_of_known(word: str) -> float:
    """Give the share of a word's rows of three letters that words of numerals have, 0 to 1."""
    threes = _threes(plain(word))
    return len(threes & _known_threes()) / len(threes)


def _threes(word: str) -> set[str]:
    """Give all rows of three letters in a word; a space stands before it and behind it."""
    padded = f" {word} "
    return {padded[place : place + 3] for place in range(len(padded) - 2)}


@cache
def _known_threes() -> set[str]:
    return set().union(*map(_threes, _vocabulary()))


def _meant(text: str, badly: bool) -> Iterator[tuple[float, Numeral]]:
    """Give what a misspelt text may be meant to be, the nearest first."""
    bare = without_saying(text.strip(f"{QUOTES}) "))
    text = in_words(bare) or bare
    try:
        split, written = VOCABULARY.split(text), plain(text).split()
    except ParseError:
        return iter(())
    if not written or is_no_numeral(written):
        return iter(())
    return heapq.merge(_row(text, split, written, badly), _digits(text, written), key=itemgetter(0))


def _row(
    text: str, split: Sequence[str], written: Sequence[str], badly: bool
) -> Iterator[tuple[float, Numeral]]:
    """Give what a text may be meant to be, but for digits said one by one."""
    # Of words that are all right, none is meant to be another, but for *acht tien*.
    misspelt = "" in split or not all(map(_is_right, written)) or _has_split_teen(written)
    rows = _corrector(badly=badly).rows(text, misspelt=misspelt)
    waiting: list[tuple[float, int, Numeral]] = []
    order = itertools.count()
    for distance, words in itertools.islice(rows, _MOST_TRIED):
        while waiting and waiting[0][0] <= distance:
            nearest, _, numeral = heapq.heappop(waiting)
            yield nearest, numeral
        numerals = readings(text, Words(words))
        if not numerals or numerals[0].kind == "digits" or _splits_teen(words, written):
            continue
        distance += _OTHER_KIND * _counts_one_hundred(words)
        for farther, numeral in _by_kind(text, numerals, words, written):
            if _is_seldom_meant(numeral, words):
                continue
            heapq.heappush(waiting, (distance + farther, next(order), numeral))
    for distance, _, numeral in sorted(waiting):
        yield distance, numeral


def _is_seldom_meant(numeral: Numeral, words: Sequence[str]) -> bool:
    """Tell whether a numeral is one to which too much is near that is none: *vieren*, *4/4*."""
    if numeral.kind == "ordinal":
        return words[-1].endswith(cardinals.PLURAL) and words[0] not in _BEFORE_ORDINALS
    return isinstance(numeral.value, Fraction) and numeral.value.denominator == 1


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


def _has_split_teen(words: Sequence[str]) -> bool:
    return any(
        second.startswith(TEENS[10]) and first in _TEENED for first, second in pairwise(words)
    )


def _splits_teen(words: Sequence[str], written: Sequence[str]) -> bool:
    """Tell whether a row has *vijf tien* where the text has one word: *vijvtien euro*."""
    return _has_split_teen(words) and not any(word.startswith(TEENS[10][0]) for word in written)


def _counts_one_hundred(words: Sequence[str]) -> bool:
    """Tell whether a row has *een honderd* behind others: *vijfduizend neenhonderd* is 5,900."""
    return any(one == UNITS[1] and level == HUNDRED.word for one, level in pairwise(words[1:]))


_TEENED = frozenset(UNITS.values()) - {UNITS[1], UNITS[2]}


def _by_kind(
    text: str, numerals: Sequence[Numeral], words: Sequence[str], written: Sequence[str]
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
            ours = plain(_spelled(numeral, words))
            likeness = SequenceMatcher(None, bare, ours, autojunk=False).ratio()
            return abs(_more(numeral, words, written)) >= _SHORTEST_NUMERATOR, -likeness

        preferred = min(numerals, key=unlikeness)
    for numeral in {**kinds, preferred.kind: preferred}.values():
        farther = _OTHER_KIND * (numeral is not preferred)
        if numeral.kind == "year" and words[0] == TEENS[10]:
            farther += _OTHER_KIND  # the eleventh century is seldom meant: *tien zestig*
        more = _more(numeral, words, written)
        if more <= -_SHORTEST_NUMERATOR:
            farther += _JOINED_MANY  # *zevenentachtig honderdste* are 87, and no 8,700th part
        elif more >= _SHORTEST_NUMERATOR:
            is_usual = words[0] in FEW and words[-1] not in TENTHS
            farther += _JOINED if is_usual else _JOINED_MANY
        yield farther, numeral


def _more(numeral: Numeral, words: Sequence[str], written: Sequence[str]) -> int:
    """Count the letters that the last word has beyond those of a fraction's denominator."""
    if numeral.kind != "fraction":
        return 0
    return len(written[-1]) - len(_spelled(numeral, words).rpartition(" ")[2])


def _spelled(numeral: Numeral, words: Sequence[str]) -> str:
    return _as_said(numeral.value, words) or official(numeral) or ""


def _as_said(value: Value, words: Sequence[str]) -> str | None:
    """Spell a fraction as it is said: 2/30, which is 1/15."""
    for start in range(1, len(words)):
        above, below = cardinals.read(words[:start], 0), cardinals.read(words, start)
        if above and below and (above[-1][1], below[-1][1]) == (start, len(words)):
            count, parts = above[-1][0], below[-1][0]
            if count < parts and Fraction(count, parts) == value:
                return f"{cardinals.write(count)} {cardinals.write_ordinal(parts)}"
    return None


def _vocabulary() -> frozenset[str]:
    return frozenset[str]().union(*(kind.vocabulary for kind in KINDS.values()))


# What digits are said in, one by one or by twos.
_SAID = frozenset({ZERO, AND, *UNITS.values(), *TEENS.values(), *TENS.values()})
_BEFORE_ORDINALS = frozenset({"de", "den", "ten"})
# What is short, and would be made of other words.
_EXACT = frozenset(
    "een min plus de den het van in na om dag jaar te ten ure op door deel delen part parten ton "
    "tot is nu mille werf voud "
    "graad graden v.chr v. chr v.c n.chr n. n.c jan feb mrt apr jun jul aug sept okt nov dec "
    "baht daalder daalders schilling drachme drachmen won tal tallen malen "
    f"ct eur exact {DES}".split()
)


# What is counted, beside euros: hardly a letter may be wrong in so short a word.
_COUNTED = UNITS_OF_MONEY | any_of("keren paar paren gros grossen maart april juni juli")


@cache
def _corrector(*, badly: bool = False) -> Corrector:
    # Most texts need none, and building it would add to every start.
    told = _TWO_LETTERS if badly else LETTER_OF_A_WORD
    return Corrector(_vocabulary() - {"d"}, exact=_EXACT, counted=_COUNTED, told=told)


@cache
def _corrector_below_hundred() -> Corrector:
    return Corrector(_SAID)
