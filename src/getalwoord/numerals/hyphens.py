"""Numbers that a hyphen joins in running text, and words that one stands for.

A score or a range has several numbers: *drie-nul*, *twee-drie keer*. In *zes- à zevenhonderd* and
*zes-zevenhonderd* the first is six hundred, since what both end with is said once (the
*weglatingsstreepje*, Leidraad of the Woordenlijst).
"""

import re
from dataclasses import replace
from decimal import Decimal

from getalwoord.numerals import cardinals
from getalwoord.numerals.exact import parse_exactly
from getalwoord.numerals.grammar import VOCABULARY, Numeral
from getalwoord.numerals.language import BETWEEN, HYPHENS
from getalwoord.numerals.running import split_word
from getalwoord.numerals.values import Money
from getalwoord.numerals.words import plain

_HYPHEN = f"[{re.escape(HYPHENS)}]"
_PART = re.compile(rf"[^{re.escape(HYPHENS)}]+")
_SHARED = re.compile(rf"{_HYPHEN}(?:[ \u00a0]+(?:{BETWEEN})[ \u00a0]+)?", re.I)
_HANGING = re.compile(
    rf"{_HYPHEN}(?:,\s\w{{1,20}}{_HYPHEN}){{0,4}}\s(?:{BETWEEN})\s([^\W\d_]+(?:{_HYPHEN}[^\W\d_]+)*)",
    re.I,
)
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


def completed(first: Numeral, between: str, second: Numeral) -> Numeral | None:
    """Give a number with the words that it shares with the next; None if it shares none.

    Args:
        first: The number.
        between: What stands between the two.
        second: The next.
    """
    if first.kind != "cardinal" or not _SHARED.fullmatch(between):
        return None
    amount = second.value.amount if isinstance(second.value, Money) else second.value
    if not isinstance(first.value, int) or not isinstance(amount, int | Decimal):
        return None
    for more, _, ordinal in cardinals.read(VOCABULARY.words(second.text), 0):
        if first.value < more and not ordinal and amount % more == 0:
            level = int(amount) // more
            if _LEVEL.fullmatch(str(level)):
                return replace(first, value=first.value * level)
    return None
