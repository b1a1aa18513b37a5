"""Sentences that a numeral can stand in, from ordinary prose to deeds and news."""

import zlib
from collections.abc import Mapping, Sequence
from functools import cache
from importlib import resources

_SLOT = "{}"
_HELD_BACK = 4  # of so many sentences one is held back for the test


@cache
def templates() -> Mapping[str, Sequence[str]]:
    """Give all sentences by the kind of numeral that they take; `fill` puts it in."""
    lines = (resources.files("getalwoord.data") / "sentences.txt").read_text("utf-8").splitlines()
    found: dict[str, list[str]] = {}
    for line in lines:
        if line and not line.startswith("#"):
            kind, _, template = line.partition(": ")
            found.setdefault(kind, []).append(template)
    return found


def templates_for(kind: str, *, held_back: bool) -> list[str]:
    """Give the sentences for a kind of numeral: those for tests, or the others."""
    return [one for one in templates()[kind] if _is_held_back(one) == held_back]


def all_templates(*, held_back: bool) -> list[str]:
    """Give the sentences for every kind of numeral: those for tests, or the others."""
    return [one for kind in templates() for one in templates_for(kind, held_back=held_back)]


def crossed(first: str, second: str) -> str:
    """Make a sentence that begins as the first and ends as the second."""
    return first.partition(_SLOT)[0] + _SLOT + second.partition(_SLOT)[2]


def fill(template: str, numeral: str) -> str:
    """Put a numeral into a sentence, with a capital where it begins it."""
    if template.startswith(_SLOT):
        numeral = numeral[:1].upper() + numeral[1:]
    return template.replace(_SLOT, numeral)


def _is_held_back(template: str) -> bool:
    return zlib.crc32(template.encode()) % _HELD_BACK == 0
