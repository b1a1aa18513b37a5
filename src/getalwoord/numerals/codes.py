"""Numbers of telephones and codes that are said in parts."""

import re

from getalwoord.numerals.exact import parse_exactly

# With the nought before it, in Belgium and in the Netherlands
_LENGTHS = (9, 10)
_NEXT = re.compile(r"(?:, ?| ?- ?| )([^\W\d_]+)(?!\w)")
_LARGEST = 999
_CODE = re.compile(r"\b(?:post|pin)code\W+(?:(?:is|was|luidt)\W+)?$", re.I)
_PAIR = re.compile(r" (nul [^\W\d_]+|[^\W\d_]+)(?!\w)", re.I)
_PAIRS = range(10, 100)


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


def code(text: str, start: int, end: int, value: object) -> tuple[int, str] | None:
    """Go on with a code that is said in two pairs; None if there is none.

    Args:
        text: Of any length.
        start: Where its first two digits begin.
        end: Where they end.
        value: These, as a number.

    Returns:
        Where it ends, and its four digits.

    >>> code("postcode tien twaalf AB", 9, 13, 10)
    (20, '1012')
    """
    if value not in _PAIRS or not _CODE.search(text, max(0, start - 20), start):
        return None
    following = _PAIR.match(text, end)
    numeral = parse_exactly(following[1]) if following else None
    if following is None or numeral is None or len(numeral.figures) != 2:
        return None
    return following.end(), f"{value}{numeral.figures}"
