"""One machine over the tables of `language`: spell and parse.

Parsing keeps a stack of parts, each larger in kind than the next. A word below a hundred is
pushed on it; a level word (*honderd*, *duizend*, *miljoen* …) takes all smaller parts off as its
coefficient and pushes the product. What does not fit is refused where it stands. A numeral has
few words, so the work is bounded however long the text.
"""

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass

from getalwoord.errors import InputError, ParseError
from getalwoord.numerals.language import (
    AND,
    AND_AFTER_E,
    FIGURATIVE,
    LEVELS,
    LIMIT,
    MARKS,
    NEGATIVE,
    SEPARATORS,
    TEENS,
    TENS,
    UNITS,
    ZERO,
    Level,
)

_BELOW_HUNDRED = {word: value for table in (UNITS, TEENS, TENS) for value, word in table.items()}
_SIMPLE = UNITS | TEENS | TENS
_RANK = {level.word: rank for rank, level in enumerate(LEVELS, start=1)}
_WORDS = (ZERO, AND, *NEGATIVE, *_BELOW_HUNDRED, *_RANK)
_TOKEN = re.compile(
    rf"[{SEPARATORS}]*({'|'.join(sorted(map(re.escape, _WORDS), key=len, reverse=True))})"
)
_REST = re.compile(rf"[{SEPARATORS}]*")

# No numeral below the limit is half as long, however it is spaced.
_LONGEST = 1000


@dataclass(frozen=True, slots=True)
class Style:
    """How a cardinal is written where there is more than one way; the defaults are official.

    Attributes:
        trema: *tweeëntwintig*, not *tweeentwintig*.
        one: *eenhonderd*, *eenduizend*.
        linking_and: *honderdendrie*, *duizend en drie*.
        in_hundreds: *vierentwintighonderd* for 2,400.
        spaced: *vier honderd drie en tachtig*.
        joined: *drieduizendtwee*, *tweemiljoen*.
    """

    trema: bool = True
    one: bool = False
    linking_and: bool = False
    in_hundreds: bool = False
    spaced: bool = False
    joined: bool = False


OFFICIAL = Style()


def spell(value: int) -> str:
    """Spell a whole number by the official rules.

    Raises:
        InputError: The number is not between -10^18 and 10^18, both excluded.

    >>> spell(483), spell(-1002000)
    ('vierhonderddrieëntachtig', 'min een miljoen tweeduizend')
    """
    return write(value, OFFICIAL)


def write(value: int, style: Style) -> str:
    """Write a whole number in a style.

    Raises:
        InputError: The number is not between -10^18 and 10^18, both excluded.
    """
    if abs(value) >= LIMIT:
        raise InputError(f"{value} cannot be spelled: give a number below 10^18, or above -10^18")
    if value == 0:
        return ZERO
    text = _write(abs(value), style, len(LEVELS))
    return f"{NEGATIVE[0]} {text}" if value < 0 else text


def _write(value: int, style: Style, rank: int) -> str:
    if value < 100:
        return _write_below_hundred(value, style)
    level = LEVELS[rank - 1]
    if style.in_hundreds and rank == 2 and 1100 <= value <= 9999 and value % 1000 >= 100:
        level = LEVELS[0]
    count, remainder = divmod(value, level.value)
    if not count:
        return _write(value, style, rank - 1)
    text = level.word
    if count > 1 or level.one or style.one:
        apart = style.spaced or not (level.coefficient_joined or style.joined)
        text = _write(count, style, rank - 1) + (" " if apart else "") + text
    if not remainder:
        return text
    joined = (level.remainder_joined or style.joined) and not style.spaced
    gap = "" if joined else " "
    # *en* is usual only before a small remainder.
    link = AND + gap if style.linking_and and remainder < 100 else ""
    return text + gap + link + _write(remainder, style, rank - 1)


def _write_below_hundred(value: int, style: Style) -> str:
    if value in _SIMPLE:
        return _SIMPLE[value]
    unit, ten = UNITS[value % 10], TENS[value - value % 10]
    if style.spaced:
        return f"{unit} {AND} {ten}"
    return unit + (AND_AFTER_E if style.trema and unit.endswith("e") else AND) + ten


def parse(text: str) -> int:
    """Read a whole number in words, by the grammar alone.

    Understood are the official spelling and its variants: with or without trema, accents,
    capitals, hyphens, spaces and *en*, with *een* before *honderd* and *duizend*, and counted in
    hundreds. Figures are not words and are refused.

    Raises:
        ParseError: The text is no numeral; says where it stops being one.

    >>> parse("vierhonderd drie en tachtig"), parse("vierentwintighonderd")
    (483, 2400)
    """
    stack = _Stack(text)
    tokens = _tokens(text)
    first, position = next(tokens)
    negative = first in NEGATIVE
    if negative:
        first, position = next(tokens)
    if first == ZERO:
        token, position = next(tokens)
        if token:
            raise ParseError(text, position, f'nothing can follow "{ZERO}"')
        return 0
    token: str = first
    while token:
        stack.take(token, position)
        token, position = next(tokens)
    value = stack.value(position)
    return -value if negative else value


class _Stack:
    """The parts of a numeral that is being read."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._parts: list[tuple[int, int]] = []  # value, and 0 or the rank of its level
        self._after_and = False

    def take(self, word: str, position: int) -> None:
        """Take the next word in, or refuse it."""
        if word == AND:
            if self._after_and or not self._parts:
                raise ParseError(self._text, position, f'"{AND}" has nothing to join here')
            self._after_and = True
            return
        if word in _RANK:
            fits = self._take_level(LEVELS[_RANK[word] - 1], _RANK[word])
        elif word in _BELOW_HUNDRED:
            fits = self._take_small(_BELOW_HUNDRED[word])
        else:
            fits = False
        if not fits:
            raise ParseError(self._text, position, f'"{word}" cannot stand here')
        self._after_and = False

    def value(self, end: int) -> int:
        """Give the whole number, if it may end here."""
        if self._after_and or not self._parts:
            raise ParseError(self._text, end, "the numeral ends too early")
        return sum(value for value, _ in self._parts)

    def _take_small(self, value: int) -> bool:
        if not self._parts or self._parts[-1][1] > 0:
            self._parts.append((value, 0))
            return True
        unit = self._parts[-1][0]
        if self._after_and and unit < 10 and value in TENS:
            self._parts[-1] = (unit + value, 0)
            return True
        return False

    def _take_level(self, level: Level, rank: int) -> bool:
        coefficient = 0
        while not self._after_and and self._parts and self._parts[-1][1] < rank:
            coefficient += self._parts.pop()[0]
        if coefficient == 0 and level.one:
            return False
        product = max(coefficient, 1) * level.value
        room = LIMIT
        if self._parts:
            above = self._parts[-1][1]
            room = LEVELS[above - 1].value if above else 0
        if product >= room:
            return False
        self._parts.append((product, rank))
        return True


def _tokens(text: str) -> Iterator[tuple[str, int]]:
    """Give each word with its position in the text as given; at the end an empty one."""
    if text.strip() in FIGURATIVE:
        raise ParseError(text, text.index("-"), "this means very many and names no number")
    plain, places = _plain(text[:_LONGEST])
    at = 0
    while match := _TOKEN.match(plain, at):
        yield match[1], places[match.start(1)] if places else match.start(1)
        at = match.end()
    at = _REST.match(plain, at).end()  # type: ignore[union-attr] - it matches nothing, too
    position = places[at] if places else at
    if at < len(plain):
        raise ParseError(text, position, "this is no word of a numeral")
    if len(text) > _LONGEST:
        raise ParseError(text, _LONGEST, "no numeral is so long")
    while True:
        yield "", len(text)


def _plain(text: str) -> tuple[str, list[int] | None]:
    """Take capitals and accents away.

    Returns:
        The text, and the place of each of its characters in the text as given; None where that
        has not changed.
    """
    if text.isascii():
        return text.lower(), None
    characters: list[str] = []
    places: list[int] = []
    for place, character in enumerate(text):
        base, *marks = unicodedata.normalize("NFD", character)
        if MARKS.issuperset(marks) and not (base in MARKS and characters):
            characters.append(lower if len(lower := base.lower()) == 1 else base)
            places.append(place)
        elif base not in MARKS:
            characters.append(character)
            places.append(place)
    return "".join(characters), [*places, len(text)]
