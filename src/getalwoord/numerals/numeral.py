"""A text and the number that it names."""

from dataclasses import dataclass

from getalwoord.numerals.grammar import parse


@dataclass(frozen=True, slots=True)
class Numeral:
    """A text and what it names.

    Attributes:
        text: As given.
        value: Exact.
        kind: The kind of numeral.
        unit: What is counted, as an ISO code or symbol, where the text says it.
    """

    text: str
    value: int
    kind: str = "cardinal"
    unit: str | None = None


def parse_numeral(text: str) -> Numeral:
    """Read a numeral in words, by the grammar alone, and say what it is.

    Raises:
        ParseError: The text is no numeral; says where it stops being one.
    """
    return Numeral(text, parse(text))
