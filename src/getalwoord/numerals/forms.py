"""Forms: a way to say a value, as a pattern and what it means; one machine reads and writes them.

The forms of a kind are read together, as a tree, so that what they have in common is read once.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass, field
from functools import cached_property
from itertools import chain
from operator import itemgetter
from typing import Any

from getalwoord.numerals.cardinals import WORDS, Style
from getalwoord.numerals.patterns import (
    Found,
    Item,
    Slot,
    Words,
    Writing,
    items_of,
    plain_words,
    write,
)


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


_PLACE = itemgetter(0)
_MOST_TREES = 500  # far more than texts in earnest need


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
        self._forms = [(form, items_of(form.pattern, slots)) for form in forms]
        self._needs = [[item.cues for item in items if item.cues] for _, items in self._forms]
        self._telling = frozenset().union(*(cues for needs in self._needs for cues in needs))
        self._lasts = [_edge(items, -1) for _, items in self._forms]
        self._endings: dict[str, frozenset[int]] = {}
        self._trees: dict[tuple[frozenset[str], frozenset[int] | None], _Node] = {}

    def read(self, words: Words, at: int, *, whole: bool = False) -> list[Found]:
        """Read all values that begin at a word, by the first form that gives each."""
        found: list[tuple[int, Any, int]] = []
        ending = self._ending(words.words[-1]) if whole else None
        tree = self._tree(self._telling & words.cues, ending)
        if tree.slots or tree.words:
            (_walk_whole if whole else _walk)(tree, words, at, (), found)
        if len(found) > 1:
            found.sort(key=_PLACE)
        return [(value, end) for _, value, end in found]

    def _ending(self, word: str) -> frozenset[int]:
        """Give the places of the forms that may end with a word."""
        if (places := self._endings.get(word)) is None:
            places = frozenset(place for place, last in enumerate(self._lasts) if word in last)
            self._endings[word] = places
        return places

    def _tree(self, cues: frozenset[str], ending: frozenset[int] | None) -> _Node:
        """Give the tree of those forms for which there are all words that they need.

        Args:
            cues: What is there of the words that tell.
            ending: The places of the only forms that are wanted; None for all.
        """
        key = (cues, ending)
        if (tree := self._trees.get(key)) is None:
            tree = _Node()
            for place, (form, items) in enumerate(self._forms):
                if any(map(cues.isdisjoint, self._needs[place])):
                    continue
                if ending is not None and place not in ending:
                    continue
                for node in _grown([tree], items):
                    node.forms.append((place, form))
            if len(self._trees) >= _MOST_TREES:
                self._trees.clear()
            self._trees[key] = tree
        return tree

    def writings(self, value: Any, style: Style) -> Iterator[Writing]:
        """Write a value in all ways that are accepted, the official one first."""
        for form, items in self._forms:
            if (parts := form.parts(value)) is not None:
                for text, difference in write(items, parts, style):
                    yield text, ", ".join(filter(None, (form.name, difference)))

    @cached_property
    def cues(self) -> frozenset[str]:
        """Words of which a text has at least one, if it holds this; none are known if empty."""
        cues: set[str] = set()
        for _, items in self._forms:
            certain = list(filter(None, (item.cues for item in items)))
            if not certain:
                return frozenset()
            cues |= min(certain, key=_commonness)
        return frozenset(cues)

    @cached_property
    def vocabulary(self) -> frozenset[str]:
        """The words that are read."""
        return frozenset().union(*(item.vocabulary for _, items in self._forms for item in items))

    @cached_property
    def first(self) -> frozenset[str]:
        """The words that it may begin with."""
        return self._edge(0)

    @cached_property
    def last(self) -> frozenset[str]:
        """The words that it may end with."""
        return self._edge(-1)

    def _edge(self, place: int) -> frozenset[str]:
        return frozenset().union(*(_edge(items, place) for _, items in self._forms))


def _commonness(cues: Set[str]) -> tuple[bool, int]:
    """Tell how little some words tell: *een*, *en* and *nul* are in many numerals."""
    return not WORDS.isdisjoint(cues), len(cues)


def _edge(items: Sequence[Item], place: int) -> frozenset[str]:
    """Give the words that a row of items may begin with, at 0, or end with, at -1."""
    words: frozenset[str] = frozenset()
    for item in reversed(items) if place else items:
        words |= item.edge(place)
        if not item.is_optional:
            break
    return words


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


def _grown(nodes: list[_Node], items: Sequence[Item]) -> list[_Node]:
    """Give the nodes that a row of items leads to, made where there are none."""
    for item in items:
        following = []
        for node in nodes:
            if item.slot is not None:
                following.append(node.slots.setdefault(id(item.slot), (item.slot, _Node()))[1])
            for words in item.alternatives:
                place = node
                for word in chain.from_iterable(map(plain_words, words)):
                    place = place.words.setdefault(word, _Node())
                following.append(place)
        nodes = following
    return nodes


def _walk(
    node: _Node, words: Words, at: int, slots: tuple[Any, ...], found: list[tuple[int, Any, int]]
) -> None:
    sequence = words.words
    count = len(sequence)
    for place, form in node.forms:
        if (value := form.value(*slots)) is not None:
            if at > words.furthest:
                words.furthest = at
            found.append((place, value, at))
        elif at == count and form.value is not never:
            words.names_nothing = True
    if at == count:
        return
    if following := node.words.get(sequence[at]):
        if at >= words.furthest:
            words.furthest = at + 1
        _walk(following, words, at + 1, slots, found)
    for slot, following in node.slots.values():
        ends_here, goes_on = bool(following.forms), following.slots
        for value, end in words.remembered(slot, at):
            # Most often no form goes on so; a call would cost more than to look.
            if ends_here or (end < count and (goes_on or sequence[end] in following.words)):
                _walk(following, words, end, (*slots, value), found)


def _walk_whole(
    node: _Node, words: Words, at: int, slots: tuple[Any, ...], found: list[tuple[int, Any, int]]
) -> None:
    """Walk a tree as `_walk` does, for nothing but what goes on to the last word."""
    sequence = words.words
    count = len(sequence)
    if at == count:
        for place, form in node.forms:
            if (value := form.value(*slots)) is not None:
                found.append((place, value, at))
        return
    if following := node.words.get(sequence[at]):
        _walk_whole(following, words, at + 1, slots, found)
    for slot, following in node.slots.values():
        goes_on, after = following.slots, following.words
        is_last = not goes_on and not after
        for value, end in words.remembered(slot, at, whole=is_last):
            if end == count:
                if following.forms:
                    _walk_whole(following, words, end, (*slots, value), found)
            elif goes_on or sequence[end] in after:
                _walk_whole(following, words, end, (*slots, value), found)
