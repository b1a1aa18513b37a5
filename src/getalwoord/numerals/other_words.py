"""Words of ordinary Dutch beside numerals, which are none of theirs, near as some may be."""

from collections.abc import Sequence
from functools import cache
from importlib import resources
from itertools import pairwise

from getalwoord.numerals.exact import parse_exactly
from getalwoord.numerals.language import AND, ZERO
from getalwoord.numerals.words import any_of

#: What is counted or measured, as it stands behind a number
MEASURES = any_of(
    "keer maal procent kilo gram milligram microgram milliliter centiliter deciliter ons pond ton "
    "liter meter centimeter millimeter kilometer hectare "
    "graad graden seconde seconden minuut minuten uur dag dagen week weken maand maanden jaar "
    "jaren euro cent dollar dollars gulden guldens frank yen roebel kroon kronen stuivers stuks "
    "punten man mensen personen kinderen"
)


def is_other_word(word: str) -> bool:
    """Tell whether a word, in its plain form, is one of ordinary Dutch that is near to a numeral.

    It is so by itself or beside a numeral; or it is a unit, of which some numerals have words.
    """
    return word in MEASURES or word in _near()


def is_no_numeral(written: Sequence[str]) -> bool:
    """Tell whether a text is a number and another word, that alone, or the plural of a number.

    *Honderd meter*, *zegen*, *tienduizenden*. Where more is wrong it may be a misspelt numeral; so
    may an hour, *half fier*, and a digit.
    """
    *number, last = written
    bare = " ".join(written)
    if any(one == "even" and other in _PAST for one, other in pairwise(written)):
        return True  # *even voor acht*
    if bare.endswith(AND) and parse_exactly(bare.removesuffix(AND)):
        return True
    if not is_other_word(last) or number[-1:] == [_HALF] or number[:1] == [ZERO]:
        return False
    return not number or parse_exactly(" ".join(number)) is not None


_HALF = "half"
_PAST = any_of("voor over na")


@cache
def _near() -> frozenset[str]:
    lines = (resources.files("getalwoord.numerals") / "other_words.txt").read_text("utf-8")
    return frozenset(
        word for line in lines.splitlines() if not line.startswith("#") for word in line.split()
    )
