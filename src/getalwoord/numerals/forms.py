"""Forms: a way to say a value, as words and slots; one machine reads and writes them.

A pattern is a row of items with spaces between them:

- ``kwart over|na``: words; the first of alternatives is official, ``_`` joins the words of one;
- ``|en``: officially nothing, but *en* may stand there; ``en|`` is the other way round;
- ``{hour}``: a slot, filled with what another kind can read and write;
- ``half +{hour}``: officially joined to what stands before it; ``~{hour}``: it may be.

Where words are parted matters for writing only: reading takes a text in any word breaks. The forms
of a kind are read together, as a tree, so that what they have in common is read once.
"""

import itertools
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache, cached_property
from operator import itemgetter
from typing import Any, Protocol, TypeAlias

from getalwoord.numerals import cardinals
from getalwoord.numerals.cardinals import Style
from getalwoord.numerals.language import AND
from getalwoord.numerals.words import plain

#: A text, and a name for how it differs from the official one; "" if it does not
Writing: TypeAlias = tuple[str, str]
#: A value, and the place of the first word that does not belong to it
Found: TypeAlias = tuple[Any, int]


class Words:
    """The words of a text, with what was read of them so far.

    Attributes:
        words: In their plain form; "" for what is no word of a numeral.
        furthest: The place that reading has come to, by a whole numeral or a word of a form.
    """

    __slots__ = ("_cardinals", "_found", "_present", "furthest", "words")

    def __init__(self, words: Sequence[str]) -> None:
        self.words = words
        self._present = set(words)
        self.furthest = 0
        self._cardinals: dict[int, list[cardinals.Reading]] = {}
        self._found: dict[tuple[int, int], list[Found]] = {}

    def cardinals(self, at: int) -> list[cardinals.Reading]:
        """Read the cardinals and ordinals that begin at a word, the longest last."""
        if (found := self._cardinals.get(at)) is None:
            found = self._cardinals[at] = cardinals.read(self.words, at)
        return found

    def remembered(self, slot: "Slot", at: int) -> Sequence[Found]:
        """Read what a slot may hold at a word, once."""
        if slot.cues and slot.cues.isdisjoint(self._present):
            return ()
        key = (id(slot), at)
        if (found := self._found.get(key)) is None:
            found = self._found[key] = slot.read(self, at)
        return found


class Slot(Protocol):
    """What can be read and written."""

    @property
    def cues(self) -> frozenset[str]:
        """Words of which a text has at least one, if it holds this; none are known if empty.

        They tell most texts apart without reading them.
        """

    def read(self, words: Words, at: int) -> list[Found]:
        """Read all that begins at a word."""

    def writings(self, value: Any, style: Style) -> Iterator[Writing]:
        """Write a value in all ways that are accepted, the official one first.

        Nothing is given if the value cannot be said so.
        """

    @property
    def vocabulary(self) -> frozenset[str]:
        """The words that are read."""


@dataclass(frozen=True, slots=True)
class Form:
    """A way to say a value.

    Attributes:
        pattern: Words and slots.
        value: Gives the value for what stands in the slots, in their order; None if it is not
            said so.
        parts: Gives what stands in the slots for a value; None if it is not said so.
        name: How it differs from the official form.
    """

    pattern: str
    value: Callable[..., Any]
    parts: Callable[[Any], Sequence[Any] | None]
    name: str = ""


@dataclass(frozen=True)
class _Item:
    """One item of a pattern: words or a slot."""

    alternatives: tuple[tuple[str, ...], ...] = ()
    slot: Slot | None = None
    join: str = ""

    @property
    def cues(self) -> frozenset[str]:
        """Words of which one is there; none are known if empty."""
        if self.slot is not None:
            return self.slot.cues
        if not all(self.alternatives):
            return frozenset()
        return frozenset(_plain_words(words[0])[0] for words in self.alternatives)

    @property
    def vocabulary(self) -> frozenset[str]:
        """The words that are read."""
        if self.slot is not None:
            return self.slot.vocabulary
        return frozenset(
            itertools.chain.from_iterable(
                _plain_words(word) for words in self.alternatives for word in words
            )
        )

    @cached_property
    def writings(self) -> list[Writing]:
        """Words in all ways that are accepted, the official one first."""
        official, *others = (" ".join(words) for words in self.alternatives)
        return [(official, "")] + [(other, _difference(official, other)) for other in others]


def _difference(official: str, other: str) -> str:
    if not other:
        return f"without {official}"
    return f"{other} for {official}" if official else f"with {other}"


_PLACE = itemgetter(0)


@dataclass(slots=True)
class _Node:
    """A place in the tree of forms."""

    words: dict[str, "_Node"] = field(default_factory=dict)
    slots: dict[int, tuple[Slot, "_Node"]] = field(default_factory=dict)
    forms: list[tuple[int, Form]] = field(default_factory=list)


class Kind:
    """What can be said in a number of forms.

    Args:
        forms: The first that can say a value is official for it.
        slots: By the names that the patterns have for them.
    """

    def __init__(self, forms: Iterable[Form], slots: Mapping[str, Slot]) -> None:
        self._forms = [(form, _items(form.pattern, slots)) for form in forms]
        self._tree = _Node()
        for place, (form, items) in enumerate(self._forms):
            for node in _grown([self._tree], items):
                node.forms.append((place, form))

    def read(self, words: Words, at: int) -> list[Found]:
        """Read all values that begin at a word, by the first form that gives each."""
        found: list[tuple[int, Any, int]] = []
        _walk(self._tree, words, at, (), found)
        if len(found) > 1:
            found.sort(key=_PLACE)
        return [(value, end) for _, value, end in found]

    def writings(self, value: Any, style: Style) -> Iterator[Writing]:
        """Write a value in all ways that are accepted, the official one first."""
        for form, items in self._forms:
            if (parts := form.parts(value)) is not None:
                for text, difference in _write(items, parts, style):
                    yield text, ", ".join(filter(None, (form.name, difference)))

    @cached_property
    def cues(self) -> frozenset[str]:
        """Words of which a text has at least one, if it holds this; none are known if empty."""
        cues: set[str] = set()
        for _, items in self._forms:
            certain = list(filter(None, (item.cues for item in items)))
            if not certain:
                return frozenset()
            cues |= min(certain, key=len)
        return frozenset(cues)

    @cached_property
    def vocabulary(self) -> frozenset[str]:
        """The words that are read."""
        return frozenset().union(*(item.vocabulary for _, items in self._forms for item in items))


def never(*slots: Any) -> None:
    """Read nothing: what a form gives that only writes, as another one reads its pattern."""


def table(entries: Mapping[Any, Sequence[str]]) -> Kind:
    """Make a kind of the words for a few values; the first of each is official.

    A space in an entry parts its words.
    """
    return Kind([_entry(key, texts) for key, texts in entries.items()], {})


def _entry(key: Any, texts: Sequence[str]) -> Form:
    pattern = "|".join(text.replace(" ", "_") for text in texts)
    return Form(pattern, lambda: key, lambda value: () if value == key else None)


def _items(pattern: str, slots: Mapping[str, Slot]) -> list[_Item]:
    items = []
    for text in pattern.split():
        join = text[0] if text[0] in "+~" else ""
        text = text.removeprefix(join)
        if text.startswith("{"):
            items.append(_Item(slot=slots[text[1:-1]], join=join))
        else:
            alternatives = tuple(tuple(filter(None, one.split("_"))) for one in text.split("|"))
            items.append(_Item(alternatives, join=join))
    return items


def _grown(nodes: list[_Node], items: Sequence[_Item]) -> list[_Node]:
    """Give the nodes that a row of items leads to, made where there are none."""
    for item in items:
        following = []
        for node in nodes:
            if item.slot is not None:
                following.append(node.slots.setdefault(id(item.slot), (item.slot, _Node()))[1])
            for words in item.alternatives:
                place = node
                for word in itertools.chain(*map(_plain_words, words)):
                    place = place.words.setdefault(word, _Node())
                following.append(place)
        nodes = following
    return nodes


@cache
def _plain_words(written: str) -> list[str]:
    return plain(written).split("-")


def _walk(
    node: _Node, words: Words, at: int, slots: tuple[Any, ...], found: list[tuple[int, Any, int]]
) -> None:
    for place, form in node.forms:
        if (value := form.value(*slots)) is not None:
            words.furthest = max(words.furthest, at)
            found.append((place, value, at))
    if at == len(words.words):
        return
    if following := node.words.get(words.words[at]):
        words.furthest = max(words.furthest, at + 1)
        _walk(following, words, at + 1, slots, found)
    for slot, following in node.slots.values():
        for value, end in words.remembered(slot, at):
            _walk(following, words, end, (*slots, value), found)


def _write(items: Sequence[_Item], parts: Sequence[Any], style: Style) -> Iterator[Writing]:
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
