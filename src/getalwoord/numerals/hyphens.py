"""Numbers that a hyphen joins in running text, and words that one stands for.

A score or a range has several numbers: *drie-nul*, *twee-drie keer*. In *zes- à zevenhonderd* and
*zes-zevenhonderd* the first is six hundred, since what both end with is said once (the
*weglatingsstreepje*, Leidraad of the Woordenlijst).
"""

import re
from dataclasses import replace
from decimal import Decimal
from fractions import Fraction

from getalwoord.numerals import cardinals
from getalwoord.numerals.exact import parse_exactly
from getalwoord.numerals.grammar import VOCABULARY, Numeral
from getalwoord.numerals.language import BETWEEN, HYPHENS
from getalwoord.numerals.running import split_word
from getalwoord.numerals.values import Money
from getalwoord.numerals.words import plain

_HYPHEN = f"[{re.escape(HYPHENS)}]"
_PART = re.compile(rf"[^{re.escape(HYPHENS)}]+")
_SHARED = re.compile(rf"{_HYPHEN}(?:,[ \u00a0]|[ \u00a0]+(?:{BETWEEN})[ \u00a0]+)?", re.I)
_HANGING = re.compile(
    rf"{_HYPHEN}(?:,\s\w{{1,20}}{_HYPHEN}){{0,4}}\s(?:{BETWEEN})\s([^\W\d_]+(?:{_HYPHEN}[^\W\d_]+)*)",
    re.I,
)
# What stands between numbers of which the last alone has its *miljoen*
_RANGE = re.compile(r"[ \u00a0]+(?:à|a|tot|of)[ \u00a0]+", re.I)
_TO = re.compile(r"[ \u00a0]+(en|naar)[ \u00a0]+", re.I)
_FROM = {
    "en": re.compile(r"\btussen\s+(?:de\s+)?$", re.I),
    "naar": re.compile(r"\bvan\s+(?:de\s+)?$", re.I),
}
_LAST = ("cardinal", "multiplier")
_NO_NUMBERS = ["een", "twee", "drie"]  # *in een-twee-drie*: in no time
_LEVEL = re.compile("100+")


def joined(word: str) -> list[tuple[int, Numeral]]:
    """Take apart a word that is numbers with hyphens between them; gives where each begins.

    The last may be a multiplier: *drie-viermaal*. *Acht-tien* may be 18, so it is none.

    >>> [(start, one.value) for start, one in joined("drie-nul")]
    [(0, 3), (5, 0)]
    """
    parts = [*_PART.finditer(word)]
    texts = [part[0] for part in parts]
    if len(parts) < 2 or [plain(text) for text in texts] == _NO_NUMBERS:
        return []
    if (whole := parse_exactly("".join(texts))) and whole.kind == "cardinal":
        return []
    numerals = [numeral for text in texts if (numeral := parse_exactly(text))]
    kinds = {numeral.kind for numeral in numerals[:-1]} | {"cardinal"}
    if len(numerals) < len(parts) or kinds != {"cardinal"} or numerals[-1].kind not in _LAST:
        return []
    return [(part.start(), numeral) for part, numeral in zip(parts, numerals, strict=True)]


def hangs(text: str, end: int) -> bool:
    """Tell whether a word is the first half of one that is no number: *twee- en driewielers*."""
    following = _HANGING.match(text, end)
    return following is not None and split_word(following[1]) is None


def completed(before: str, first: Numeral, between: str, second: Numeral) -> Numeral | None:
    """Give a number with the words that it shares with the next; None if it shares none.

    Without a hyphen it is a word of its own: *twee tot drie miljoen*, but *twee tot driehonderd*.

    Args:
        before: What stands before the first.
        first: The number.
        between: What stands between the two.
        second: The next.
    """
    has_hyphen = _SHARED.fullmatch(between) is not None
    if not has_hyphen and not _is_range(before, between):
        return None
    if first.kind not in (("cardinal",) if has_hyphen else ("cardinal", "decimal", "fraction")):
        return None
    amount = second.value.amount if isinstance(second.value, Money) else second.value
    count = first.value
    if not isinstance(count, int | Decimal | Fraction) or not isinstance(amount, int | Decimal):
        return None
    words = VOCABULARY.words(second.text if has_hyphen else second.text.split()[0])
    for more, end, ordinal in cardinals.read(words, 0):
        is_whole = has_hyphen or end == len(words)
        if is_whole and count < more and not ordinal and amount % more == 0:
            level = int(amount) // more
            whole = Fraction(count) * level
            if _LEVEL.fullmatch(str(level)) and whole.denominator == 1:
                return replace(first, value=int(whole), kind="cardinal")
    return None


def _is_range(before: str, between: str) -> bool:
    """Tell whether two numbers are the ends of a range, or a choice."""
    to = _TO.fullmatch(between)
    if to is None:
        return _RANGE.fullmatch(between) is not None
    return _FROM[to[1].lower()].search(before) is not None
