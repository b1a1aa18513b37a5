"""Cardinals and ordinals: one machine over the tables of `language`.

A numeral is what the tables say it is: levels (*honderd*, *duizend*, *miljoen* …), each with a
number before it that counts it and a smaller number behind it. `write` unfolds a value into them
from the largest down; `read` folds words back: it keeps a stack of parts, each of a lower level
than the one before, and a level takes those below it as its count. What does not fit ends the
numeral. A numeral has few words, so in a long text it ends early.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import TypeAlias

from getalwoord.errors import InputError
from getalwoord.numerals.language import (
    ACCENTED_ONE,
    AND,
    HUNDRED,
    IN_HUNDREDS,
    IRREGULAR_ORDINALS,
    LEVELS,
    LIMIT,
    LIMIT_SHOWN,
    NEGATIVE,
    OFFICIAL_GAPS,
    ORDINAL_ENDINGS,
    OTHER_LEVELS,
    OTHER_ORDINALS,
    TEENS,
    TENS,
    THOUSAND,
    TREMA,
    UNITS,
    ZERO,
    Gap,
    Level,
)
from getalwoord.numerals.words import plain

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


def write(value: int, style: Style = OFFICIAL) -> str:
    """Write a whole number in a style.

    Raises:
        InputError: The number is not between -10^36 and 10^36, both excluded.

    >>> write(-1002000)
    'min een miljoen tweeduizend'
    """
    if not -LIMIT < value < LIMIT:
        raise InputError(
            f"only whole numbers between -{LIMIT_SHOWN} and {LIMIT_SHOWN}, both excluded, can be "
            "spelled"
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


def write_ordinal(value: int, style: Style = OFFICIAL) -> str:
    """Write an ordinal (*rangtelwoord*) in a style: the last word of the cardinal changes.

    Raises:
        InputError: The number is negative, or as large as 10^36.

    >>> write_ordinal(21), write_ordinal(113), write_ordinal(10**6)
    ('eenentwintigste', 'honderddertiende', 'miljoenste')
    """
    if value < 0:
        raise InputError("there is no ordinal of a negative number")
    cardinal = write(value, style)
    if value in SINGLE_LEVELS:
        cardinal = SINGLE_LEVELS[value]
    # An accent on *één* is lost in *eerste*.
    return _LAST_WORD.sub(lambda word: _ORDINAL_OF[plain(word[0])], cardinal)


def other_ordinals(official: str) -> list[str]:
    """Give other endings of an ordinal that are said: *honderdeende* for *honderdeerste*."""
    return [
        official.removesuffix(_ORDINAL_OF[word]) + ordinal
        for ordinal, word in OTHER_ORDINALS.items()
        if official.endswith(_ORDINAL_OF[word])
    ]


#: *Miljoenste* and so on, without *een*
SINGLE_LEVELS = {level.value: level.word for level in LEVELS if level.one}
_CARDINAL_WORDS = (ZERO, *_SIMPLE.values(), *(level.word for level in LEVELS))
_ORDINAL_OF = {
    word: IRREGULAR_ORDINALS.get(
        word, word + ORDINAL_ENDINGS[word not in (ZERO, *(UNITS | TEENS).values())]
    )
    for word in _CARDINAL_WORDS
}
_LAST_WORD = re.compile(
    f"({'|'.join(sorted((*_CARDINAL_WORDS, ACCENTED_ONE), key=len, reverse=True))})$"
)
_CARDINAL_OF = {ordinal: word for word, ordinal in _ORDINAL_OF.items()} | OTHER_ORDINALS
PLURAL = "n"  # of an ordinal as the denominator of a fraction, *twee derden*

#: Words that end an ordinal, in singular and plural
ORDINAL_WORDS = frozenset(word + plural for word in _CARDINAL_OF for plural in ("", PLURAL))
#: Words that begin and end a cardinal
CARDINAL_WORDS = frozenset(_CARDINAL_WORDS) | OTHER_LEVELS.keys()
#: All words that cardinals and ordinals are made of
WORDS = CARDINAL_WORDS | ORDINAL_WORDS | {AND}


#: A number that begins at a word: its value; the place of the first word that does not belong to
#: it; and "" for a cardinal, "de" for an ordinal, "den" for one in the plural. A plain tuple, as
#: there are many of them.
Reading: TypeAlias = tuple[int, int, str]


# word: what it is worth, the level that it is, if any, and what ordinal
_MEANINGS: dict[str, tuple[int, Level | None, str]] = {
    **{word: (value, None, "") for value, word in _SIMPLE.items()},
    **{level.word: (level.value, level, "") for level in LEVELS},
}
_MEANINGS |= {other: _MEANINGS[word] for other, word in OTHER_LEVELS.items()}
_MEANINGS |= {
    ordinal + plural: (*_MEANINGS[word][:2], "de" + plural)
    for ordinal, word in _CARDINAL_OF.items()
    for plural in ("", PLURAL)
    if word != ZERO
}
_NOUGHT = {ZERO: ""} | {
    ordinal + plural: "de" + plural
    for ordinal, word in _CARDINAL_OF.items()
    for plural in ("", PLURAL)
    if word == ZERO
}


def meaning(word: str) -> tuple[int, bool] | None:
    """Give what a word of cardinals or ordinals is worth, and whether it multiplies.

    >>> meaning("tachtigste"), meaning("duizend"), meaning("en")
    ((80, False), (1000, True), None)
    """
    if word in _NOUGHT:
        return 0, False
    if word not in _MEANINGS:
        return None
    value, level, _ = _MEANINGS[word]
    return value, level is not None


def read(words: Sequence[str], start: int) -> list[Reading]:
    """Read the cardinals and ordinals that begin at a word, the longest last.

    Args:
        words: The words of a text, in their plain form; "" for what is no word of a numeral.
        start: Where they begin.
    """
    if start < len(words) and words[start] in _NOUGHT:
        return [(0, start + 1, _NOUGHT[words[start]])]
    found: list[Reading] = []
    parts: list[int] = []
    scales = [LIMIT]  # what bounds the first part; of each part what one of its level is worth
    after_and = False
    for at in range(start, len(words)):
        if (meaning := _MEANINGS.get(words[at])) is None:
            if words[at] != AND or after_and or not parts:
                break
            after_and = True
            continue
        value, level, ordinal = meaning
        if level is not None:
            count, above = 0, len(parts)
            while scales[above] < value:
                above -= 1
                count += parts[above]
            one_is_missing = level.one and not ordinal
            if count > level.most or (after_and if count else one_is_missing):
                break
            if count >= 10 and level is HUNDRED and not _in_hundreds(count, words, at + 1):
                break
            worth = value * (count or 1)
            if worth >= scales[above]:
                break
            parts[above:], scales[above + 1 :] = [worth], [value]
        elif scales[-1] > 1:
            parts.append(value)
            scales.append(1)
        elif after_and and value in TENS and parts[-1] in UNITS:
            parts[-1] += value
        else:
            break
        after_and = False
        found.append((sum(parts), at + 1, ordinal))
        if ordinal:
            break
    return found


def _in_hundreds(count: int, words: Sequence[str], following: int) -> bool:
    """Tell whether so many hundreds are a way to count: never whole thousands by themselves.

    Before the long scale they are understood, *tienhonderd miljoen*.
    """
    if count * HUNDRED.value in IN_HUNDREDS and count % 10:
        return True
    following_word = words[following] if following < len(words) else ""
    return following_word in _MEANINGS and _MEANINGS[following_word][0] > THOUSAND.value
