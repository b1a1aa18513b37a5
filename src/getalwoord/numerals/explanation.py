"""The way a numeral is read, word by word: *vierhonderd* 400, *drie* 3, *en*, *tachtig* 80."""

from dataclasses import dataclass

from getalwoord.numerals import cardinals
from getalwoord.numerals.exact import parse_exactly
from getalwoord.numerals.grammar import VOCABULARY
from getalwoord.numerals.language import AND, NEGATIVE

# What words do that are no numbers themselves.
_SIGNS = {"komma": ".", "punt": ".", "procent": "%", "promille": "‰"} | dict.fromkeys(NEGATIVE, "-")
_ON_THE_CLOCK = {"half": "-30", "kwart": "15", "voor": "-", "over": "+", "na": "+"}


@dataclass(frozen=True, slots=True)
class Part:
    """A piece of a numeral.

    Attributes:
        text: The piece, as given.
        start: Where it begins in the numeral, in characters.
        end: Where it ends.
        value: What it adds, in figures; "×1000" if it multiplies what stands before it; a sign; in
            a time minutes, as in *half* "-30"; None if it only joins.
    """

    text: str
    start: int
    end: int
    value: str | None


def explain(text: str, kind: str) -> tuple[Part, ...]:
    """Give the pieces that a numeral is read as, in their order.

    Args:
        text: A numeral that the grammar reads.
        kind: What it was read as; one of `KINDS`.

    >>> [(part.text, part.value) for part in explain("vierhonderddrieëntachtig", "cardinal")]
    [('vierhonderd', '400'), ('drie', '3'), ('ën', None), ('tachtig', '80')]
    >>> [(part.text, part.value) for part in explain("drieëntwintigduizend", "cardinal")]
    [('drie', '3'), ('ën', None), ('twintig', '20'), ('duizend', '×1000')]
    """
    pieces: list[_Piece] = []
    for word, start, end in VOCABULARY.spans(text):
        known = cardinals.meaning(word)
        if known is None:
            pieces.append(_Piece(start, end, _sign(word, kind), joins=word == AND))
        elif known[1]:
            _multiply(pieces, _Piece(start, end, str(known[0]), known[0], known[0]), kind)
        else:
            pieces.append(_Piece(start, end, str(known[0]), known[0], 1))
    return tuple(Part(text[p.start : p.end], p.start, p.end, p.shown) for p in pieces)


@dataclass(slots=True)
class _Piece:
    start: int
    end: int
    shown: str | None
    number: int | None = None
    scale: int = 0  # of the largest level that counts it
    joins: bool = False


def _multiply(pieces: list[_Piece], level: _Piece, kind: str) -> None:
    """Add a level: with its count as one piece, if that is one word."""
    counting: list[_Piece] = []
    for piece in reversed(pieces):
        if (piece.number is None and not piece.joins) or piece.scale >= level.scale:
            break
        counting.append(piece)
    numbers = [piece for piece in counting if piece.number is not None]
    # *Drie honderdste* has two numbers, above and below the stroke.
    below = kind == "fraction" and bool(counting) and counting[0].end < level.start
    if len(numbers) == 1 and numbers[0] is counting[0] and not below:
        count = numbers[0]
        worth = (count.number or 1) * level.scale
        pieces[-1] = _Piece(count.start, level.end, str(worth), worth, level.scale)
        return
    if len(numbers) > 1 and not below:
        for piece in numbers:
            piece.scale = level.scale
        level.shown = f"×{level.scale}"
    pieces.append(level)


def _sign(word: str, kind: str) -> str | None:
    """Give what a word does that is no cardinal and no ordinal."""
    if kind == "time" and word in _ON_THE_CLOCK:
        return _ON_THE_CLOCK[word]
    if word in _SIGNS:
        return _SIGNS[word]
    numeral = parse_exactly(word)
    if numeral is None or numeral.unit is not None or kind in ("time", "date"):
        return None
    return numeral.figures
