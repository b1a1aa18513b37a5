"""Patterns: rows of words and slots, and how they are written.

A pattern is a row of items with spaces between them:

- ``kwart over|na``: words; the first of alternatives is official, ``_`` joins the words of one;
- ``|en``: officially nothing, but *en* may stand there; ``en|`` is the other way round;
- ``procent|?ten_honderd``: the second is understood, and no variant that is ever written;
- ``{hour}``: a slot, filled with what another kind can read and write;
- ``half +{hour}``: officially joined to what stands before it; ``~{hour}``: it may be.

Where words are parted matters for writing only: reading takes a text in any word breaks.
"""

import itertools
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, cached_property
from typing import Any, Protocol, TypeAlias

from getalwoord.numerals import cardinals
from getalwoord.numerals.cardinals import Style
from getalwoord.numerals.language import AND
from getalwoord.numerals.words import plain

#: A text, and a name for how it differs from the official one; "" if it does not
Writing: TypeAlias = tuple[str, str]
#: A value, and the place of the first word that does not belong to it
Found: TypeAlias = tuple[Any, int]

#: A cue that stands for any ordinal, which are too many to tell apart by
ORDINAL = "<ordinal>"


class Words:
    """The words of a text, with what was read of them so far.

    Attributes:
        words: In their plain form; "" for what is no word of a numeral.
        different: Each of them once.
        cues: The same and, if there is an ordinal among them, `ORDINAL`.
        furthest: The place that reading has come to, by a whole numeral or a word of a form.
        in_long_rows: Places from which on more numbers follow each other than digits are said.
        names_nothing: Whether a form fits up to the end, but says what there is not: a 31st of
            February.
    """

    __slots__ = (
        *("_cardinals", "_found", "cues", "different", "furthest", "in_long_rows"),
        *("names_nothing", "words"),
    )

    def __init__(self, words: Sequence[str]) -> None:
        self.words = words
        self.different = frozenset(words)
        self.cues = self.different
        if not cardinals.ORDINAL_WORDS.isdisjoint(words):
            self.cues = self.different | {ORDINAL}
        self.furthest = 0
        self.in_long_rows: set[int] = set()
        self.names_nothing = False
        self._cardinals: dict[int, list[cardinals.Reading]] = {}
        self._found: dict[tuple[int, int, bool], Sequence[Found]] = {}

    def at(self, place: int) -> str:
        """Give a word; "" beyond the last."""
        return self.words[place] if place < len(self.words) else ""

    def cardinals(self, at: int) -> list[cardinals.Reading]:
        """Read the cardinals and ordinals that begin at a word, the longest last."""
        if (found := self._cardinals.get(at)) is None:
            found = self._cardinals[at] = cardinals.read(self.words, at)
        return found

    def remembered(self, slot: "Slot", at: int, *, whole: bool = False) -> Sequence[Found]:
        """Read what a slot may hold at a word, once; `whole` is as in `Slot.read`."""
        key = (id(slot), at, whole)
        if (found := self._found.get(key)) is None:
            found = ()
            if not slot.cues or not slot.cues.isdisjoint(self.cues):
                found = slot.read(self, at, whole=whole)
            self._found[key] = found
        return found


class Slot(Protocol):
    """What can be read and written."""

    @property
    def cues(self) -> frozenset[str]:
        """Words of which a text has at least one, if it holds this; none are known if empty.

        They tell most texts apart without reading them.
        """

    def read(self, words: Words, at: int, *, whole: bool = False) -> list[Found]:
        """Read all that begins at a word.

        Args:
            words: The words of a text.
            at: The place of the first.
            whole: Whether nothing is wanted but what goes on to the last; more may be given.
        """

    def writings(self, value: Any, style: Style) -> Iterator[Writing]:
        """Write a value in all ways that are accepted, the official one first.

        Nothing is given if the value cannot be said so.
        """

    @property
    def vocabulary(self) -> frozenset[str]:
        """The words that are read."""

    @property
    def first(self) -> frozenset[str]:
        """The words that it may begin with."""

    @property
    def last(self) -> frozenset[str]:
        """The words that it may end with."""


@dataclass(frozen=True)
class Item:
    """One item of a pattern: words or a slot.

    Attributes:
        alternatives: Rows of words that are read.
        written: Those of them that are written, the official one first.
        slot: What stands there instead of words.
        join: How it is joined to what stands before it.
    """

    alternatives: tuple[tuple[str, ...], ...] = ()
    written: tuple[tuple[str, ...], ...] = ()
    slot: Slot | None = None
    join: str = ""

    @property
    def cues(self) -> frozenset[str]:
        """Words of which one is there; none are known if empty."""
        if self.slot is not None:
            return self.slot.cues
        if not all(self.alternatives):
            return frozenset()
        return frozenset(plain_words(words[0])[0] for words in self.alternatives)

    @property
    def is_optional(self) -> bool:
        """Whether it may be left out."""
        return self.slot is None and not all(self.alternatives)

    def edge(self, place: int) -> frozenset[str]:
        """The words that it may begin with, at 0, or end with, at -1."""
        if self.slot is not None:
            return self.slot.last if place else self.slot.first
        return frozenset(plain_words(words[place])[place] for words in self.alternatives if words)

    @property
    def vocabulary(self) -> frozenset[str]:
        """The words that are read."""
        if self.slot is not None:
            return self.slot.vocabulary
        return frozenset(
            itertools.chain.from_iterable(
                plain_words(word) for words in self.alternatives for word in words
            )
        )

    @cached_property
    def writings(self) -> list[Writing]:
        """Words in all ways that are accepted, the official one first."""
        if not self.written:
            return []
        official, *others = (" ".join(words) for words in self.written)
        return [(official, "")] + [(other, _difference(official, other)) for other in others]


def _difference(official: str, other: str) -> str:
    if not other:
        return f"without {official}"
    return f"{other} for {official}" if official else f"with {other}"


def items_of(pattern: str, slots: Mapping[str, Slot]) -> list[Item]:
    """Take a pattern apart.

    Args:
        pattern: As it stands in a form.
        slots: By the names that the pattern has for them.
    """
    items = []
    for text in pattern.split():
        join = text[0] if text[0] in "+~" else ""
        text = text.removeprefix(join)
        if text.startswith("{"):
            items.append(Item(slot=slots[text[1:-1]], join=join))
        else:
            rows = {one: tuple(filter(None, one.strip("?").split("_"))) for one in text.split("|")}
            written = tuple(row for one, row in rows.items() if not one.startswith("?"))
            items.append(Item(tuple(rows.values()), written, join=join))
    return items


@cache
def plain_words(written: str) -> list[str]:
    """Give the words that a written one is read as: *Zuid-Afrikaanse* is two."""
    return plain(written).split("-")


def write(items: Sequence[Item], parts: Sequence[Any], style: Style) -> Iterator[Writing]:
    """Write a row of items: officially, and then with one of them otherwise."""
    left = iter(parts)
    choices = [
        iter(item.writings) if item.slot is None else item.slot.writings(next(left), style)
        for item in items
    ]
    first = [next(choice, None) for choice in choices]
    if None in first:
        return
    official, names = zip(*filter(None, first), strict=True)
    joins = [item.join for item in items]
    yield _joined(official, joins, style), names[0] if len(items) == 1 else ""
    for place, choice in enumerate(choices):
        for text, name in choice:
            yield _joined([*official[:place], text, *official[place + 1 :]], joins, style), name
        if joins[place]:
            other = "" if joins[place] == "+" else "+"
            toggled = [*joins[:place], other, *joins[place + 1 :]]
            yield _joined(official, toggled, style), "joined" if other else "apart"


def _joined(texts: Sequence[str], joins: Sequence[str], style: Style) -> str:
    written = ""
    space = style.space if style.space.isspace() else " "  # hyphens join the words of one number
    for text, join in zip(texts, joins, strict=True):
        if not text:
            continue
        if not written or join != "+":
            written += space * bool(written) + text
        elif written.endswith(AND[0]) and text.startswith(AND):
            written += style.trema + text[1:]
        else:
            written += text
    return written
