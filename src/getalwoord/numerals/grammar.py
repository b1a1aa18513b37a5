"""One machine over the tables of `language`: spell and parse.

Both take a numeral for what the tables say it is: levels (*honderd*, *duizend*, *miljoen* …), each
with a number before it that counts it and a smaller number behind it. `write` unfolds a value
into them from the largest down; `cardinal` folds words back: it keeps a stack of parts, each of a
lower level than the one before, and a level takes those below it as its count. What does not fit
is refused where it stands. A numeral has few words, so a long text is refused early.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

from getalwoord.errors import InputError
from getalwoord.numerals.language import (
    AND,
    HUNDRED,
    IN_HUNDREDS,
    LEVELS,
    LIMIT,
    NEGATIVE,
    OFFICIAL_GAPS,
    TEENS,
    TENS,
    THOUSAND,
    TREMA,
    UNITS,
    ZERO,
    Gap,
    Level,
)
from getalwoord.numerals.words import refusal, split

_SIMPLE = UNITS | TEENS | TENS


@dataclass(frozen=True, slots=True, eq=False)
class Style:
    """How a cardinal is written where there is more than one way; the defaults are official.

    Attributes:
        negative: The word for minus.
        unit_one: 1 among the units, *een*.
        level_one: What stands before a single *honderd* or *duizend*: nothing, or *een*.
        trema: The *e* of *en* that is joined to a word in *e*.
        linking_and: Whether *en* stands before a last remainder below a hundred.
        in_hundreds: *vierentwintighonderd* for 2,400.
        gaps: Where words are parted.
        space: What parts them.
    """

    negative: str = NEGATIVE[0]
    unit_one: str = UNITS[1]
    level_one: str = ""
    trema: str = TREMA
    linking_and: bool = False
    in_hundreds: bool = False
    gaps: Gap = OFFICIAL_GAPS
    space: str = " "


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
    if not -LIMIT < value < LIMIT:
        raise InputError(
            "only whole numbers between -10^18 and 10^18, both excluded, can be spelled"
        )
    if value == 0:
        return ZERO
    if value < 0:
        return f"{style.negative} {_write(-value, style, len(LEVELS))}"
    return _write(value, style, len(LEVELS))


def _write(value: int, style: Style, below: int) -> str:
    """Write a number with the first `below` levels."""
    if value < 1000:
        return _write_below_thousand(value, style)
    level = LEVELS[below - 1]
    if style.in_hundreds and level is THOUSAND and value in IN_HUNDREDS and value % 1000 >= 100:
        level = HUNDRED
    if value < level.value:
        return _write(value, style, below - 1)
    return _write_level(value, style, level, below)


@cache
def _write_below_thousand(value: int, style: Style) -> str:
    if value >= 100:
        return _write_level(value, style, HUNDRED, 1)
    if value == 1:
        return style.unit_one
    if value in _SIMPLE:
        return _SIMPLE[value]
    unit, ten = _write_below_thousand(value % 10, style), TENS[value - value % 10]
    if Gap.TENS in style.gaps:
        return style.space.join((unit, AND, ten))
    return unit + (style.trema + AND[1:] if unit.endswith(AND[0]) else AND) + ten


def _write_level(value: int, style: Style, level: Level, below: int) -> str:
    count, remainder = divmod(value, level.value)
    before = style.space if level.before in style.gaps else ""
    after = style.space if level.after in style.gaps else ""
    text = level.word
    one = style.unit_one if level.one else style.level_one
    if written := one if count == 1 else _write(count, style, below - 1):
        text = written + before + text
    if not remainder:
        return text
    # *en* is usual before small remainders only.
    link = AND + after if style.linking_and and remainder < 100 else ""
    return text + after + link + _write(remainder, style, below - 1)


# word: what it is worth, and the level that it is, if any
_MEANINGS: dict[str, tuple[int, Level | None]] = {
    **{word: (value, None) for value, word in _SIMPLE.items()},
    **{level.word: (level.value, level) for level in LEVELS},
}


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
    words = split(text)
    start = 1 if words and words[0] in NEGATIVE else 0
    value, end = cardinal(words, start)
    if end < len(words) or end == start:
        raise refusal(text, words, end)
    return -value if start else value


def cardinal(words: Sequence[str], start: int) -> tuple[int, int]:
    """Read the longest cardinal that begins at a word.

    Args:
        words: The words of a text, in their plain form; "" for what is no word of a numeral.
        start: Where it begins.

    Returns:
        Its value, and the place of the first word that does not belong to it; with no cardinal
        there, 0 and `start`.
    """
    if start < len(words) and words[start] == ZERO:
        return 0, start + 1
    parts: list[int] = []
    scales = [LIMIT]  # what bounds the first part; of each part what one of its level is worth
    count, after_and, end = 0, False, start
    for at in range(start, len(words)):
        if (meaning := _MEANINGS.get(words[at])) is None:
            if words[at] != AND or after_and or not parts:
                break
            after_and = True
            continue
        value, level = meaning
        if level is not None:
            scale = value
            while scales[-1] < scale:
                scales.pop()
                count += parts.pop()
            if count > level.most or (after_and if count else level.one):
                break
            if count >= 10 and level is HUNDRED and not _in_hundreds(count, words, at + 1):
                break
            value *= count or 1
            if value >= scales[-1]:
                break
            parts.append(value)
            scales.append(scale)
            count = 0
        elif scales[-1] > 1:
            parts.append(value)
            scales.append(1)
        elif after_and and value in TENS and parts[-1] in UNITS:
            parts[-1] += value
        else:
            break
        after_and, end = False, at + 1
    return sum(parts) + count, end  # a count that its level refused stands by itself


def _in_hundreds(count: int, words: Sequence[str], following: int) -> bool:
    """Tell whether so many hundreds are a way to count: never whole thousands by themselves.

    Before the long scale they are understood, *tienhonderd miljoen*.
    """
    if count * HUNDRED.value in IN_HUNDREDS and count % 10:
        return True
    worth = _MEANINGS.get(words[following], (0, None))[0] if following < len(words) else 0
    return worth > THOUSAND.value
