"""Words of ordinary Dutch beside numerals, which are none of theirs, near as some may be."""

from functools import cache
from importlib import resources

from getalwoord.numerals.words import any_of

#: What is counted or measured, as it stands behind a number
MEASURES = any_of(
    "keer maal procent kilo gram ons pond ton liter meter centimeter millimeter kilometer hectare "
    "graad graden seconde seconden minuut minuten uur dag dagen week weken maand maanden jaar "
    "jaren euro cent dollar dollars gulden guldens frank yen roebel kroon kronen stuivers stuks "
    "punten man mensen personen kinderen"
)


def is_other_word(word: str) -> bool:
    """Tell whether a word, in its plain form, is one of ordinary Dutch that is near to a numeral.

    It is so by itself or beside a numeral; or it is a unit, of which some numerals have words.
    """
    return word in MEASURES or word in _near()


@cache
def _near() -> frozenset[str]:
    lines = (resources.files("getalwoord.numerals") / "other_words.txt").read_text("utf-8")
    return frozenset(
        word for line in lines.splitlines() if not line.startswith("#") for word in line.split()
    )
