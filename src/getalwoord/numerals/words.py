"""A text taken apart into the words of numerals, and where each of them stands in it."""

import itertools
import re
import unicodedata
from collections.abc import Container, Iterable, Sequence
from typing import Any

from getalwoord.errors import ParseError
from getalwoord.numerals.language import (
    AND,
    APOSTROPHES,
    FIGURATIVE,
    HYPHENS,
    INVISIBLE,
    LIGATURES,
    MARKS,
    TREMA,
)

#: What a numeral may be put in
QUOTES = "\"'(“”„«»"
#: The stroke of a fraction in a deed: *één/derde*
STROKE = re.compile(r"(?<=[^\W\d])/(?=[^\W\d]*(?:de|ste)n?\b)", re.I)
# What may part two words. A hyphen has a letter on either side, so that it is no minus or dash.
_GAP = re.compile(rf"(?:\s+|^(?!'s\b)[{QUOTES}]+|(?<=[^\W\d])-(?=[^\W\d])|{STROKE.pattern})?")
# What may stand behind a numeral and is no part of it.
_BEHIND = f" .,;:!?…){QUOTES}"
# What a message quotes of what is not understood.
_PIECE = re.compile(r"\d{1,20}|[^\W\d]{1,20}|.", re.DOTALL)

# One character for one, so that places stay.
_PLAIN = {
    **{
        ord(accented): letter
        for letter in "aeiouAEIOU"
        for mark in MARKS
        if len(accented := unicodedata.normalize("NFC", letter + mark)) == 1
    },
    **dict.fromkeys(map(ord, HYPHENS), "-"),
    **dict.fromkeys(map(ord, APOSTROPHES), "'"),
    ord("İ"): "?",  # the one letter that would be two in lower case
}
_UNSEEN = re.compile(rf"(?<=[^\W\d])[{MARKS}]+|[{INVISIBLE}]+")


def is_stressed(text: str) -> bool:
    """Tell whether *een* has an accent, and so is the number.

    >>> is_stressed("Éen"), is_stressed("een")
    (True, False)
    """
    return "é" in text.lower().replace("e\u0301", "é")


class Vocabulary:
    """The words that numerals are made of.

    Args:
        words: In their plain form.
        last: Those that only *half* is joined to, so that *tweederde* is not *tweede* and more.
    """

    def __init__(self, words: Iterable[str], last: Container[str] = ()) -> None:
        # The next word; where there is none, all the rest of the text, and no word. The longest
        # that fits is the right one: *zeventien*, not *zeven*.
        longest = _longest_of(words, last)
        self._word = re.compile(rf"{_GAP.pattern}(?:({longest})|.+)", re.DOTALL)

    def split(self, text: str) -> list[str]:
        """Take a text apart into words, in their plain form: no capitals, no accents.

        Returns:
            The words; where the text goes on with what is no word of a numeral, "" as the last.

        Raises:
            ParseError: The text is written so that it names no number.
        """
        bare = plain(text).rstrip(_BEHIND)
        if bare in FIGURATIVE:
            raise ParseError(text, _place(text, 0), f'"{bare}" means very many and is no number')
        return self._words(bare)

    def words(self, text: str) -> list[str]:
        """Take a word of a text apart, as `split` does, without looking at what it may mean."""
        return self._words(plain(text))

    def spans(self, text: str) -> list[tuple[str, int, int]]:
        """Give the words of a numeral with where each begins and ends in the text as given."""
        bare = plain(text).rstrip(_BEHIND)
        return [
            # Up to the last letter and not to the next word: what is not seen may lie between.
            (bare[slice(*found.span(1))], _place(text, found.start(1)), _end(text, found.end(1)))
            for found in self._word.finditer(bare)
            if found[1]
        ]

    def _words(self, bare: str) -> list[str]:
        words: list[str] = self._word.findall(bare)
        if bare.isascii():
            return words
        for letters, ligature in LIGATURES.items():
            words = [word.replace(ligature, letters) for word in words]
        return words

    def refusal(self, text: str, words: Sequence[str], end: int) -> ParseError:
        """Say what is wrong with a text in which the numeral ends before a word.

        Args:
            text: As given.
            words: What `split` makes of it.
            end: The place among them of the first that does not belong to the numeral.
        """
        if 0 < end < len(words) and words[end] == AND != words[end - 1]:
            end += 1  # with *en* it could have gone on
        if not words:
            return ParseError(text, 0, "there is no numeral in an empty text")
        if end == len(words):
            return ParseError(text, len(text), "the numeral ends too early")
        bare = plain(text).rstrip(_BEHIND)
        start = next(itertools.islice(self._word.finditer(bare), end, None)).start()
        gap = _GAP.match(bare, start)
        position = _place(text, gap.end() if gap else start)
        if word := words[end]:
            place = f'cannot follow "{words[end - 1]}"' if end else "cannot begin a numeral"
            return ParseError(text, position, f'"{word}" {place}')
        found = _PIECE.match(text, position)
        piece = found[0] if found else ""
        if piece.isdecimal():
            return ParseError(text, position, f'"{piece}" is in figures: only words are read')
        shown = f'"{piece}"' if piece.isprintable() else f"U+{ord(piece[0]):04X}"
        return ParseError(text, position, f"{shown} is no word of a numeral")


_END = r"(?![^\W\d])|(?=hal[fv])"


def _longest_of(words: Iterable[str], last: Container[str]) -> str:
    """Write an expression that finds the longest of many words without trying each of them."""
    tree: dict[str, Any] = {}
    letter = re.compile("|".join([*LIGATURES, "."]))
    for word in words:
        node = tree
        for part in letter.findall(word):
            node = node.setdefault(part, {})
        node[""] = _END if word in last else ""
    return _branches(tree)


def _branches(node: dict[str, Any]) -> str:
    # *Junij* before *juni*: the only letters that begin alike are those of a ligature.
    parts = [
        (f"(?:{part}|{LIGATURES[part]})" if part in LIGATURES else re.escape(part))
        + _branches(node[part])
        for part in sorted(node, key=len, reverse=True)
        if part
    ]
    if "" in node:
        parts.append(node[""])
    return parts[0] if len(parts) == 1 else f"(?:{'|'.join(parts)})"


def any_of(words: str) -> frozenset[str]:
    """Give the words of a row."""
    return frozenset(words.split())


def plain(text: str) -> str:
    """Take capitals, accents and what is not seen away."""
    text = text.replace(TREMA, AND[0])  # most often the only one, and faster than a table
    if not text.isascii() or "`" in text:
        text = _UNSEEN.sub("", text.translate(_PLAIN))
    return text.strip().lower()


def _end(text: str, offset: int) -> int:
    """Tell where a text as given goes on after so many characters of the plain text."""
    end = _place(text, offset - 1) + 1
    marks = _UNSEEN.match(text.translate(_PLAIN), end)
    return marks.end() if marks else end


def _place(text: str, offset: int) -> int:
    """Tell where a character of the plain text stands in the text as given."""
    seen = text.translate(_PLAIN)
    bare = _UNSEEN.sub("", seen)
    offset += len(bare) - len(bare.lstrip())
    for unseen in _UNSEEN.finditer(seen):
        if unseen.start() > offset:
            break
        offset += len(unseen[0])
    return offset
