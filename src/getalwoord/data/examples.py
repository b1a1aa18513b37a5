"""One pair of instruction and response, with what is known of it."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Example:
    """An instruction and the response that is right.

    Attributes:
        instruction: A numeral in words, or whatever a user trains on.
        response: Its value in figures.
        kind: The kind of numeral.
        value: The number; None where the response is no whole number in figures.
        form: How the instruction is written: "official", "variant", "noise" or "sentence".
        line: The line of the file it was read from, from 1; None if it was generated.
    """

    instruction: str
    response: str
    kind: str = "cardinal"
    value: int | None = None
    form: str = "official"
    line: int | None = None
