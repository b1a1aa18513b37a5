"""Telephone numbers that are said in parts, with commas or hyphens between them."""

import re

from getalwoord.numerals.exact import parse_exactly

# With the nought before it, in Belgium and in the Netherlands
_LENGTHS = (9, 10)
_NEXT = re.compile(r"(?:, ?| ?- ?| )([^\W\d_]+)(?!\w)")
_LARGEST = 999


def telephone(text: str, end: int, digits: str) -> tuple[int, str] | None:
    """Go on with a telephone number; None if what follows does not make it one.

    Args:
        text: Of any length.
        end: Where its first digits end.
        digits: These.

    Returns:
        Where it ends, and all of its digits.

    >>> telephone("nul zes, drieëntwintig, vijfenveertig, zevenenzestig, acht negen", 7, "06")
    (64, '0623456789')
    """
    if not digits.startswith("0"):
        return None
    first = len(digits)
    while len(digits) <= max(_LENGTHS) and (following := _NEXT.match(text, end)):
        numeral = parse_exactly(following[1])
        if numeral is None or not isinstance(numeral.value, int) or numeral.kind != "cardinal":
            break
        if numeral.value > _LARGEST:
            return None
        digits, end = f"{digits}{numeral.value}", following.end()
    return (end, digits) if len(digits) in _LENGTHS and len(digits) > first else None
