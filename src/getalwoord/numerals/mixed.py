"""Figures among words, put into words: *3 miljoen*, *half 5*, *de 21ste*, *38 euro en 40 cent*.

They are written as in Dutch: a point parts the thousands, a comma the decimals.
"""

import re

from getalwoord.numerals import cardinals
from getalwoord.numerals.slots import said_one_by_one

_LONGEST = 200  # characters; a numeral is shorter

_WHOLE = r"[1-9][0-9]{0,2}(?:\.[0-9]{3}){1,11}|[0-9]{1,36}"
#: A number in figures, with what makes it a fraction, decimal or ordinal
FIGURES = re.compile(
    rf"(?<![\w.,/])(?:(?P<above>[0-9]{{1,6}})/(?P<below>[0-9]{{1,6}})"
    rf"|(?P<whole>{_WHOLE})(?:,(?P<places>[0-9]{{1,12}})|(?P<ordinal>ste|de|e))?)(?![\w/]|[.,][0-9])"
)
_SIGNS = {"€": "euro", "$": "dollar", "£": "pond", "¥": "yen"}
_SIGN_BEFORE = re.compile(rf"([{re.escape(''.join(_SIGNS))}])\s?([-0-9.,]*[0-9])")
_DIGIT, _BESIDE = re.compile("[0-9]"), re.compile(r"[^\W\d]|[€$£¥%‰]")
_RATES = {"%": " procent", "‰": " promille"}


def in_words(text: str) -> str | None:
    """Put the figures of a text into words; None if it has none, or no word or sign beside them.

    >>> in_words("2,5 miljoen"), in_words("de 21ste"), in_words("€ 3,50"), in_words("483")
    ('twee komma vijf miljoen', 'de eenentwintigste', 'drie komma vijf nul euro', None)
    """
    if len(text) > _LONGEST or not (_DIGIT.search(text) and _BESIDE.search(text)):
        return None
    text = _SIGN_BEFORE.sub(lambda found: f"{found[2]} {_SIGNS[found[1]]}", text)
    text = re.sub("[%‰]", lambda found: _RATES[found[0]], text)
    return FIGURES.sub(words_for, text)


def words_for(found: re.Match[str]) -> str:
    """Put one number in figures into words."""
    if found["above"]:
        return f"{_whole(found['above'])} {cardinals.write_ordinal(int(found['below']))}"
    if found["ordinal"]:
        return cardinals.write_ordinal(int(found["whole"].replace(".", "")))
    whole = _whole(found["whole"])
    return f"{whole} komma {said_one_by_one(found['places'])}" if found["places"] else whole


def _whole(figures: str) -> str:
    if figures.startswith("0") and figures.strip("0"):
        return said_one_by_one(figures)
    return cardinals.write(int(figures.replace(".", "")))
