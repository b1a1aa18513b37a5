"""What is not in words put into words: *3 miljoen*, *half 5*, *de 21ste*, *€ 5,-*, *2½*, *'n half*.

Figures are written as in Dutch: a point parts the thousands, a comma the decimals.
"""

import re
import unicodedata
from collections.abc import Callable, Sequence

from getalwoord.numerals import cardinals
from getalwoord.numerals.language import LEVELS
from getalwoord.numerals.slots import said_one_by_one

#: Characters; a numeral is shorter
LONGEST = 200

_WHOLE = r"[1-9][0-9]{0,2}(?:\.[0-9]{3}){1,11}|[0-9]{1,36}"
#: A number in figures, with what makes it a fraction, decimal or ordinal
FIGURES = re.compile(
    rf"(?<![\w.,/])(?:(?P<above>[0-9]{{1,6}})/(?P<below>[0-9]{{1,6}})"
    rf"|(?P<whole>{_WHOLE})(?:,(?P<places>[0-9]{{1,12}})|(?P<ordinal>(?i:ste|de|e)))?)(?![\w/]|[.,][0-9])"
)
_SIGNS = {"€": "euro", "$": "dollar", "£": "pond", "¥": "yen", "ƒ": "gulden"}
_CODES = {"EUR": "euro", "USD": "dollar", "GBP": "pond", "NLG": "gulden"}
_RATES = {"%": " procent", "‰": " promille"}
_LARGE = "|".join(level.word for level in LEVELS[:6])
_SIGN, _CODE = f"[{''.join(_SIGNS)}]", f"(?:{'|'.join(_CODES)})"
#: Fractions that are one character
_VULGAR = "½⅓⅔¼¾⅕⅖⅗⅘⅙⅚⅐⅛⅜⅝⅞⅑⅒"
_AMOUNT = rf"[-−]?[0-9.,]*[0-9{_VULGAR}](?:\s+(?:{_LARGE})\b)?"
_TEXT = re.compile(
    rf"[0-9{_VULGAR}{''.join(_SIGNS)}{''.join(_RATES)}]|['’]n\b|\b(?:{_CODE}|mln|mld)\b"
)
_BESIDE = re.compile(rf"[^\W\d_]|[×{''.join(_SIGNS)}{''.join(_RATES)}]")
_SHORTENED = {"mln": " miljoen", "mld": " miljard"}
_PARTS = {"½": "een half", "¼": "een kwart", "¾": "drie kwart"}


def _part(found: re.Match[str]) -> str:
    """Put a fraction that is one character into words, or in figures with a stroke: *en 1/3*."""
    part = _PARTS.get(found[2]) or unicodedata.normalize("NFKC", found[2]).replace("\u2044", "/")
    return f" en {part} " if found[1] is not None else f"{part} "


#: What stands for words, and the words, in the order in which it is replaced
_REWRITTEN: Sequence[tuple[re.Pattern[str], str | Callable[[re.Match[str]], str]]] = [
    (re.compile(r"(?<![\w])['’]n\b"), "een"),
    (re.compile(r"(?<=[0-9]),[-–—]{1,2}(?![0-9])"), ""),
    (re.compile(r"(?<=[0-9])[ \u00a0\u202f](?=[0-9]{3}(?![0-9]))"), ""),
    (
        re.compile(r"(?<=[0-9])\s*(mln|mld)\b\.?|(?<=\w)\s+(mln|mld)\b\.?", re.I),
        lambda f: _SHORTENED[(f[1] or f[2]).lower()],
    ),
    (re.compile(rf"(?<=[0-9])(?=(?:{_LARGE}))"), " "),
    (re.compile(r"\b(jan|feb|mrt|apr|jun|jul|aug|sept?|okt|nov|dec)\.(?=\s)", re.I), r"\1"),
    (
        re.compile(rf"({_SIGN})\s*({_AMOUNT})"),
        lambda f: f"{f[2]} {_SIGNS[f[1]]}",
    ),
    (
        re.compile(rf"\b({_CODE})\s+({_AMOUNT})"),
        lambda f: f"{f[2]} {_CODES[f[1]]}",
    ),
    (re.compile(rf"\b{_CODE}\b"), lambda f: _CODES[f[0]]),
    (re.compile(rf"(?<![\w.,])[-−](?=[0-9{_VULGAR}])"), "min "),
    (re.compile("[%‰]"), lambda f: _RATES[f[0]]),
    (re.compile(r"(?<=[0-9])\s*[x×](?!\w)", re.I), " keer"),
    (re.compile(r"(?<![0-9.,])0?([0-9]{1,2})[.:]([0-9]{2})\s*(uur|u)\b", re.I), r"\1 uur \2"),
    (re.compile(rf"(?<=[0-9])\.(?=[0-9]{{1,2}}\s+(?:{_LARGE}|procent)\b)"), ","),
    (re.compile(rf"((?<=[0-9])[ \u00a0\u202f]?)?([{_VULGAR}])[ \u00a0]?"), _part),
]


def in_words(text: str) -> str | None:
    """Put what is not in words into words; None if there is nothing of it, or no word beside it.

    >>> in_words("2,5 miljoen"), in_words("de 21ste"), in_words("€ 3,50"), in_words("483")
    ('twee komma vijf miljoen', 'de eenentwintigste', 'drie komma vijf nul euro', None)
    """
    if len(text) > LONGEST or not (_TEXT.search(text) and _BESIDE.search(text)):
        return None
    for pattern, words in _REWRITTEN:
        text = pattern.sub(words, text)
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
