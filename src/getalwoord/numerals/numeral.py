"""A text and the number that it names."""

from dataclasses import dataclass


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
