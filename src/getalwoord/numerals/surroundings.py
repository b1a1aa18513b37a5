"""Where in a text a numeral may stand: the words around it."""

import re
from dataclasses import dataclass
from functools import cached_property

from getalwoord.numerals.exact import parse_exactly
from getalwoord.numerals.grammar import Numeral
from getalwoord.numerals.other_words import MEASURES
from getalwoord.numerals.words import plain

_PLURAL = re.compile(r"\w\w+(?:en|s)")


@dataclass(frozen=True, slots=True)
class Candidate:
    """What may be a numeral.

    Attributes:
        numeral: Its text and one reading of it.
        words: Its words, in their plain form.
    """

    numeral: Numeral
    words: tuple[str, ...]


@dataclass(frozen=True)
class Surroundings:
    """Where in a text something stands.

    Attributes:
        text: The whole text.
        start: Where it begins.
        end: Where it ends.
    """

    text: str
    start: int
    end: int

    @cached_property
    def before(self) -> str:
        """The word before it in the same sentence, in its plain form; "" if there is none."""
        found = re.search(
            r"([^\W\d_]+)[ \t\u00a0]*\n?$", self.text[max(0, self.start - 40) : self.start]
        )
        return plain(found[1]) if found else ""

    @cached_property
    def after(self) -> str:
        """The word behind it in the same sentence, in its plain form; "" if there is none."""
        found = re.match(r"[ \t\u00a0]*\n?(['’]?[^\W\d_]+)", self.text[self.end : self.end + 40])
        return plain(found[1]) if found else ""

    @cached_property
    def earlier(self) -> str:
        """Some of what stands before it in the same sentence."""
        return re.split(r"[.!?\n]", self.text[max(0, self.start - 60) : self.start])[-1]

    @property
    def rest(self) -> str:
        """Some of what follows it."""
        return self.text[self.end : self.end + 60]


def is_several(word: str) -> bool:
    """Tell whether a word is a cardinal that more than one thing is counted by."""
    numeral = parse_exactly(word)
    return numeral is not None and numeral.kind == "cardinal" and numeral.value not in (0, 1)


def is_counted(word: str) -> bool:
    """Tell whether a word looks like what is counted by a number before it."""
    return is_unit(word) or _PLURAL.fullmatch(word) is not None


def is_unit(word: str) -> bool:
    """Tell whether a word is a unit."""
    return word in MEASURES
