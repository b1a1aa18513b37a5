"""A text taken apart into the words of numerals, and where each of them stands in it."""

import itertools
import re
import unicodedata
from collections.abc import Sequence

from getalwoord.errors import ParseError
from getalwoord.numerals.language import (
    AND,
    FIGURATIVE,
    HYPHENS,
    INVISIBLE,
    LEVELS,
    LIGATURES,
    MARKS,
    NEGATIVE,
    TEENS,
    TENS,
    TREMA,
    UNITS,
    ZERO,
)

_VOCABULARY = "|".join(
    sorted(
        {
            ZERO,
            AND,
            *NEGATIVE,
            *UNITS.values(),
            *TEENS.values(),
            *TENS.values(),
            *(level.word for level in LEVELS),
        },
        key=len,  # the longest that fits is the right one: *zeventien*, not *zeven*
        reverse=True,
    )
)
for _letters, _ligature in LIGATURES.items():
    _VOCABULARY = _VOCABULARY.replace(_letters, f"(?:{_letters}|{_ligature})")

# What may part two words. A hyphen has a letter on either side, so that it is no minus or dash.
_GAP = re.compile(r"(?:\s+|(?<=[^\W\d])-(?=[^\W\d]))?")
# The next word; where there is none, all the rest of the text, and no word.
_WORD = re.compile(rf"{_GAP.pattern}(?:({_VOCABULARY})|.+)", re.DOTALL)
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
    ord("İ"): "?",  # the one letter that would be two in lower case
}
_UNSEEN = re.compile(rf"(?<=[^\W\d])[{MARKS}]+|[{INVISIBLE}]+")


def split(text: str) -> list[str]:
    """Take a text apart into words, in their plain form: no capitals, no accents.

    Returns:
        The words; where the text goes on with what is no word of a numeral, "" as the last.

    Raises:
        ParseError: The text is written so that it names no number.
    """
    plain = _plain(text)
    if plain in FIGURATIVE:
        raise ParseError(text, _place(text, 0), f'"{plain}" means very many and is no number')
    words: list[str] = _WORD.findall(plain)
    if plain.isascii():
        return words
    for letters, ligature in LIGATURES.items():
        words = [word.replace(ligature, letters) for word in words]
    return words


def refusal(text: str, words: Sequence[str], end: int) -> ParseError:
    """Say what is wrong with a text in which the numeral ends before a word.

    Args:
        text: As given.
        words: What `split` makes of it.
        end: The place among them of the first that does not belong to the numeral.
    """
    if 0 < end < len(words) and words[end] == AND:
        end += 1  # with *en* it could have gone on
    if not words:
        return ParseError(text, 0, "there is no numeral in an empty text")
    if end == len(words):
        return ParseError(text, len(text), "the numeral ends too early")
    plain = _plain(text)
    start = next(itertools.islice(_WORD.finditer(plain), end, None)).start()
    gap = _GAP.match(plain, start)
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


def _plain(text: str) -> str:
    """Take capitals, accents and what is not seen away."""
    text = text.replace(TREMA, AND[0])  # most often the only one, and faster than a table
    if not text.isascii():
        text = _UNSEEN.sub("", text.translate(_PLAIN))
    return text.strip().lower()


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
