"""What a misspelt numeral is most likely meant to be.

A text that the grammar refuses is taken apart into the words that it is nearest to, by an edit
distance in which the mistakes that people make are cheap (a letter doubled or not, *v* for *f*, a
lost *en*), and others are dear or, in short words, not allowed at all: *drie* is never taken for
*vier*. Rows of words come nearest first; which of them is a numeral, the grammar tells.

Source: Kernighan, Church and Gale 1990, "A spelling correction program based on a noisy channel
model", https://aclanthology.org/C90-2036/
"""

import heapq
import re
from collections import Counter
from collections.abc import Container, Iterable, Iterator
from dataclasses import dataclass, field

from getalwoord.numerals.language import (
    AND,
    LOOKALIKES,
    NEIGHBOURS,
    ORDINAL_ENDINGS,
    SLIPS,
    TEENS,
    TENS,
    UNITS,
    ZERO,
)
from getalwoord.numerals.words import plain

_SHORTEST, _LONGEST = 3, 160  # letters; a numeral in words is seldom half as long as that
_LONG = 9  # letters
_BEAM = 16  # rows that are gone on with from one place in a text
_HYPHEN = re.compile(r"(?<=[^\W\d])-(?=[^\W\d])")

# What a mistake costs.
_SLIP = 0.4  # one that is in the tables: *veertieg*
_TWICE = 0.3  # a letter twice for once, or once for twice
_SPLIT = 0.3  # a space within a word
_SWAPPED = 0.5  # two letters in the wrong order
_NEIGHBOUR = 0.7  # a key next to the right one
_LOST_AND = 0.6  # *zevendertig*
_LOST_AFTER_ONE = 0.02  # *eentwintig*: of *eenen* one *en* is hardly heard
_LETTER = 0.8  # lost, or hit with the one beside it
_ADDED = 1.1  # a letter that is next to none of its own on the keyboard
_OTHER = 1.0  # one letter for another
#: The most in a short word of a long numeral
LETTER_OF_A_WORD = 1.0

_BEFORE_TENS = frozenset(UNITS.values())
_ENDING, _ENDING_OF_TENS = ORDINAL_ENDINGS
_TENS = frozenset(word + ending for word in TENS.values() for ending in ("", _ENDING_OF_TENS))
# As words they hide the unit in *honderdeendertig*, which they are not.
_HIDING = frozenset(unit + _ENDING for unit in UNITS.values())
_SHORT_WORDS = frozenset({ZERO, AND, *UNITS.values(), *TEENS.values()})


def _most_for(letters: int) -> float:
    """Give the most that the mistakes in so many letters may cost."""
    return 0.14 * min(max(letters, 3), 16)


def _may_be_one(text: str, start: int, end: int) -> bool:
    """Tell whether *een* may be meant, which by itself is an article.

    It may within a word (*honderdeeentwintig*), and as a word of a long numeral (*acht en sen
    zesde*), but not as *en* or *in*.
    """
    apart = start == 0 or text[start - 1] == " "
    return text[end : end + 1].isalpha() or (
        apart and len(text) >= _LONG and end - start >= len(UNITS[1])
    )


@dataclass(slots=True)
class _Node:
    """A place in the tree of letters of all words."""

    letters: dict[str, "_Node"] = field(default_factory=dict)
    word: str = ""
    most: float = 0.0  # that mistakes may cost in any word that goes through here

    def after(self, letters: str) -> "_Node | None":
        """Give the place that some letters lead to."""
        node: _Node | None = self
        for letter in letters:
            node = node.letters.get(letter) if node else None
        return node


class Corrector:
    """Finds the words that a misspelt text may be meant to be.

    Args:
        words: All that there are, in their plain form.
        exact: Those that misspelt would be other words: *honderden* is not *honderdeen*.
        counted: What is counted. Any noun may stand there, so that the other words do not tell
            which it is: *drie honden* is not *drie ponden*.
        told: The most that mistakes may cost in a word of a long numeral, where the other words
            tell which it is.
    """

    def __init__(
        self,
        words: Iterable[str],
        exact: Container[str] = (),
        counted: Container[str] = (),
        told: float = LETTER_OF_A_WORD,
    ) -> None:
        self._exact, self._counted, self._told = exact, counted, told
        self._tree = _Node()
        for word in sorted(words):  # sets differ from process to process in their order
            node, most = self._tree, _most_for(len(word))
            if word not in counted:
                most = max(most, told)
            for letter in word:
                node.most = max(node.most, most)
                node = node.letters.setdefault(letter, _Node())
            node.most = max(node.most, most)
            node.word = word
        # What is right, what is written for it, and whether that is only so where a word begins
        self._slips: dict[str, list[tuple[str, str, bool]]] = {}
        for right, *wrongs in SLIPS:
            for wrong in wrongs:
                slip = (right.lstrip(), wrong, right[0] == " ")
                self._slips.setdefault(wrong[0], []).append(slip)

    def rows(self, text: str, *, misspelt: bool) -> Iterator[tuple[float, list[str]]]:
        """Give rows of words, the nearest first.

        Args:
            text: What the grammar refuses.
            misspelt: Whether it has a word that is not known; else words may only be missing.

        Yields:
            What the mistakes in the text cost, if these words are meant, and the words.
        """
        bare = " ".join(_HYPHEN.sub(" ", plain(text)).split())
        if not 0 < len(bare) <= _LONGEST:
            return
        letters = sum(letter.isalpha() for letter in bare)
        if letters < _SHORTEST:
            return
        most = _most_for(letters + 1)  # one may be lost
        near: dict[int, list[tuple[float, str, int]]] = {}
        left: list[tuple[float, int, int, tuple[str, ...]]] = [(0.0, 0, 0, ())]
        pushed = 0
        reached: Counter[int] = Counter()
        while left:
            cost, _, start, words = heapq.heappop(left)
            reached[start] += 1
            if reached[start] > _BEAM:
                continue
            if start == len(bare):
                yield cost, list(words)
                continue
            if start not in near:
                # Nothing comes here cheaper than what comes first.
                near[start] = self._near(bare, start, most - cost if misspelt else 0.0)
            for more, word, end in near[start]:
                total, row = cost + more, (*words, word)
                if word in _TENS and bare[start] != " " and words and words[-1] in _BEFORE_TENS:
                    # Not so in *vijfeentwintig*, where *en* is written as *een*.
                    is_one = words[-1] == UNITS[1] and _BEFORE_TENS.isdisjoint(words[-2:-1])
                    lost = _LOST_AFTER_ONE if is_one else _LOST_AND
                    total, row = total + lost, (*words, AND, word)
                if total <= most:
                    pushed += 1  # of equals the first found goes first
                    heapq.heappush(left, (total, pushed, end, row))

    def _near(self, text: str, start: int, most: float) -> list[tuple[float, str, int]]:
        """Find the words that a text may go on with: cost, word and where it ends."""
        if text[start] == " ":
            start += 1
        found: dict[tuple[str, int], float] = {}
        seen: dict[tuple[int, int], float] = {}
        left = [(0.0, start, self._tree, "")]
        while left:
            cost, at, node, last = left.pop()
            key = (id(node), at)
            if cost > most or cost > node.most or seen.get(key, most + 1) <= cost:
                continue
            seen[key] = cost
            if (
                node.word
                and text[at - 1 : at] != " "
                and cost <= self._most(node.word, text, start, at)
            ):
                best = found.get((node.word, at), cost)
                found[node.word, at] = min(best, cost)
            left += self._steps(text, start, at, node, last, cost)
        # Of words without a mistake the longest is the right one, as for the grammar.
        right = {end: word for (word, end), cost in found.items() if not cost}
        longest = max(right, default=0)
        ends = {longest}
        if right.get(longest) in _HIDING and text[longest : longest + 1] == "r":
            ends.add(longest - len(_ENDING))
        return [(cost, word, end) for (word, end), cost in found.items() if cost or end in ends]

    def _most(self, word: str, text: str, start: int, end: int) -> float:
        if word in self._exact and not (word == UNITS[1] and _may_be_one(text, start, end)):
            return _TWICE if end - start > len(word) else 0.0
        # In a long numeral the other words tell which one is meant: *zeshonderdvijenzestig*.
        # But *ien* is *een* as often as *tien*.
        headless = (
            word == TEENS[10] and text[start] == word[1] and text[start + 1 : start + 2] != word[0]
        )
        told = (
            len(text) >= _LONG
            and not headless
            and (word in _SHORT_WORDS or len(word) > _SHORTEST)
            and word not in self._counted
        )
        # A key beside the right one, of four letters that are all there is: *vujf*
        alone = end - start == len(text) == len(word) and word in _SHORT_WORDS
        most = max(_most_for(len(word)), _NEIGHBOUR if alone else 0.0)
        return max(most, self._told if told else 0.0)

    def _steps(
        self, text: str, start: int, at: int, node: _Node, last: str, cost: float
    ) -> Iterator[tuple[float, int, _Node, str]]:
        written = text[at] if at < len(text) else ""
        for letter, child in node.letters.items():
            if letter == written:
                yield cost, at + 1, child, letter
                if child.word:  # and the next word begins with it: *honderdrie*
                    yield cost + _TWICE, at, child, letter
                continue
            lost = _TWICE if letter == last else _LETTER
            yield cost + lost, at, child, letter
            if not written or written == " ":
                continue
            if letter + written in LOOKALIKES:
                yield cost + _SLIP, at + 1, child, letter
            elif written.isalpha():
                near = written in NEIGHBOURS.get(letter, "")
                yield cost + (_NEIGHBOUR if near else _OTHER), at + 1, child, letter
            swapped = child.letters.get(written)
            if swapped and text[at + 1 : at + 2] == letter:
                yield cost + _SWAPPED, at + 2, swapped, written
        if not written.isalpha() and written != " ":
            return
        before, behind = text[at - 1 : at], text[at + 1 : at + 2]
        if written == " ":
            yield cost + _SPLIT, at + 1, node, last
        elif written == before or (node is self._tree and written == behind):
            yield cost + _TWICE, at + 1, node, last
        else:
            beside = NEIGHBOURS.get(written, "")
            begins = node is self._tree
            hit_too = (before and before in beside and not begins) or (behind and behind in beside)
            if hit_too or not begins:
                yield cost + (_LETTER if hit_too else _ADDED), at + 1, node, last
        for right, wrong, begins in self._slips.get(written, ()):
            if begins and node is not self._tree:
                continue
            if text.startswith(wrong, at) and (following := node.after(right)):
                yield cost + _SLIP, at + len(wrong), following, right[-1]
