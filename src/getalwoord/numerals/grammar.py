"""The grammar of all kinds of numeral: how values are spelled, and what words are read as."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, time
from decimal import Decimal
from fractions import Fraction
from functools import cache
from typing import Literal

from getalwoord.errors import InputError
from getalwoord.numerals import cardinals
from getalwoord.numerals.cardinals import OFFICIAL, PLURAL
from getalwoord.numerals.forms import Form, Kind, never
from getalwoord.numerals.kinds.clock import CLOCK
from getalwoord.numerals.kinds.dates import DATE
from getalwoord.numerals.kinds.day_parts import DES
from getalwoord.numerals.kinds.digits import Digits
from getalwoord.numerals.kinds.money import MONEY
from getalwoord.numerals.kinds.multipliers import MULTIPLIER
from getalwoord.numerals.kinds.numbers import DECIMAL, FRACTION, ORDINAL, WHOLE
from getalwoord.numerals.kinds.rates import RATE
from getalwoord.numerals.kinds.years import YEAR
from getalwoord.numerals.language import AND, HYPHENS, NEGATIVE, TEENS, TENS, UNITS
from getalwoord.numerals.patterns import Slot, Words
from getalwoord.numerals.slots import whole_if_whole
from getalwoord.numerals.values import Money, MonthDay, Rate, Value, notation, unit_of
from getalwoord.numerals.words import Vocabulary, plain

#: In order of preference, where a text can be of several
KINDS: Mapping[str, Slot] = {
    "cardinal": Kind(
        [
            Form("{n}", lambda n: n, lambda n: (n,)),
            Form("plus|?nummer|?het_getal|?zegge|?zegge_en_schrijve {n}", lambda n: n, never),
            # Official is *een miljoen*.
            *(
                Form(f"?{word}", lambda value=value: value, never)
                for value, word in cardinals.SINGLE_LEVELS.items()
            ),
        ],
        {"n": WHOLE},
    ),
    "negative": Kind(
        [
            Form(
                f"{'|'.join(NEGATIVE)} {{n}}",
                lambda n: -n or None,
                lambda n: (-n,) if isinstance(n, int) and n < 0 else None,
            ),
            Form("{n} |graden|graad onder nul", lambda n: -n or None, never),
        ],
        {"n": WHOLE},
    ),
    "decimal": DECIMAL,
    "ordinal": Kind([Form("|de|het|den|?ten {n}", lambda n: n, lambda n: (n,))], {"n": ORDINAL}),
    "fraction": FRACTION,
    "percentage": RATE,
    "money": MONEY,
    "year": YEAR,
    "time": CLOCK,
    "date": DATE,
    "multiplier": MULTIPLIER,
    "digits": Digits(),
}

#: Takes texts apart
VOCABULARY = Vocabulary(
    frozenset().union(*(kind.vocabulary for kind in KINDS.values())),
    last=cardinals.ORDINAL_WORDS | {DES, "dag"},
)


@dataclass(frozen=True, slots=True)
class Numeral:
    """A text and what it names.

    Attributes:
        text: As given.
        value: Exact.
        kind: One of `KINDS`.
        meant: The words that a misspelt text was taken for; None if the grammar has it as it is.
    """

    text: str
    value: Value
    kind: str = "cardinal"
    meant: str | None = None

    @property
    def figures(self) -> str:
        """The value in figures, as answers are written."""
        return notation(self.value)

    @property
    def how(self) -> Literal["exact", "near"]:
        """How the value is known: "near" if the text is misspelt."""
        return "exact" if self.meant is None else "near"

    @property
    def unit(self) -> str | None:
        """What is counted: the ISO code of a currency, "%" or "‰"."""
        return unit_of(self.value)


def kind_of(value: Value) -> str:
    """Give the kind of numeral that a value has if no other is asked for.

    >>> kind_of(-6), kind_of(Fraction(2, 3)), kind_of(time(4, 30))
    ('negative', 'fraction', 'time')
    """
    if isinstance(value, int):
        return "negative" if value < 0 else "cardinal"
    return next(kind for types, kind in _KIND_OF.items() if isinstance(value, types))


_KIND_OF: dict[type | tuple[type, ...], str] = {
    Fraction: "fraction",
    Decimal: "decimal",
    Money: "money",
    Rate: "percentage",
    time: "time",
    (date, MonthDay): "date",
    str: "digits",
}


def spell(value: Value, kind: str | None = None) -> str:
    """Spell a value by the official rules.

    Args:
        value: A string is digits, which are said one by one.
        kind: One of `KINDS`; by itself a whole number is a cardinal.

    Raises:
        InputError: There is no such kind, or the value has no words in it.

    >>> spell(483), spell(-1002000), spell(21, "ordinal")
    ('vierhonderddrieëntachtig', 'min een miljoen tweeduizend', 'eenentwintigste')
    >>> spell(Fraction(2, 3)), spell(Decimal("3.05")), spell(time(16, 30))
    ('twee derde', 'drie komma nul vijf', "halfvijf 's middags")
    """
    if isinstance(value, int) and kind in (None, "cardinal"):
        return cardinals.write(value)
    if isinstance(value, Fraction | Decimal) and kind is None:
        value = _finite(value)
    kind = kind_of(value) if kind is None else kind
    if kind not in KINDS:
        raise InputError(f'there is no kind "{kind}": give one of {", ".join(KINDS)}')
    written = next(KINDS[kind].writings(value, OFFICIAL), None)
    if written is None:
        raise InputError(f"{notation(value)} cannot be spelled as {_ARTICLE[kind]}")
    return written[0]


_ARTICLE = {kind: kind if kind in ("money", "digits") else f"a {kind}" for kind in KINDS} | {
    "ordinal": "an ordinal"
}


def _finite(value: Fraction | Decimal) -> Value:
    if isinstance(value, Decimal) and not value.is_finite():
        raise InputError(f"{value} cannot be spelled: it is no number")
    without_places = isinstance(value, Fraction) or value.as_tuple().exponent == 0
    whole: Value = whole_if_whole(value) if without_places else value
    return whole


def readings(text: str, words: Words) -> list[Numeral]:
    """Give what the words of a text are read as, the preferred reading first."""
    if not words.words or goes_on(text, words.words):
        return []
    numerals: list[Numeral] = []
    for name, kind in _kinds_between(words.words[0], words.words[-1]):
        if not words.different <= kind.vocabulary:
            continue  # it would not be read to its end
        for value, end in words.remembered(kind, 0, whole=True):
            if end == len(words.words):
                numerals.append(Numeral(text, value, name))
    if "/" in text:  # the stroke of a fraction
        numerals = [numeral for numeral in numerals if numeral.kind == "fraction"]
    elif any(numeral.kind == "fraction" for numeral in numerals) and lacks_and(text):
        numerals = [numeral for numeral in numerals if numeral.kind != "fraction"]
    elif _has_price(words.words) and _GLUED.match(plain(text)):
        numerals = []  # *viertien euro* is not *vier tien euro*
    if len(numerals) > 1:
        numerals = list(dict.fromkeys(numerals))
    if len(numerals) > 1 and numerals[0].kind != "cardinal":
        first = preferred(numerals)
        numerals.remove(first)
        numerals.insert(0, first)
    return numerals


_AROUND = re.compile(r"^\W+|\W+$")
_PARTS_OF_WORDS = re.compile(rf"[\s{re.escape(HYPHENS)}]+")
#: *Tiende*, *twintigste* and so on
TENTHS = frozenset(cardinals.write_ordinal(number) for number in range(10, 100, 10))
_TENTH = cardinals.write_ordinal(10)


def lacks_and(text: str) -> bool:
    """Tell whether a text ends with what is rather a misspelt ordinal: *zevendertigste*.

    A fraction's numerator is a word of its own before a tenth, unless it is one or two, and
    always before a twentieth, a thirtieth and so on.
    """
    words = VOCABULARY.words(_PARTS_OF_WORDS.split(plain(text))[-1])
    if len(words) < 2 or words[-1] not in TENTHS or words[-2] == AND:
        return False
    may_be_counted = words[0] in FEW and (len(words) > 2 or words[-1] == _TENTH)
    starts = (0, 1) if may_be_counted else (0,)
    ordinals = (cardinals.read(words, start)[-1:] for start in starts)
    return all(not found or found[0][1] < len(words) for found in ordinals)


def _has_price(words: Sequence[str]) -> bool:
    return len(words) == 3 and words[0] in UNITS.values() and words[1] in _FROM_TEN


_FROM_TEN = frozenset((TEENS | TENS).values())
_GLUED = re.compile(rf"(?:{'|'.join(UNITS.values())})(?:{'|'.join(_FROM_TEN)})\s")
#: So few parts may be joined to what they are parts of: *tweederde*.
FEW = frozenset({UNITS[1], UNITS[2]})


def goes_on(text: str, words: Sequence[str]) -> bool:
    """Tell whether a text ends with *en* as a word of its own, unlike *rond achten*."""
    return words[-1] == AND and _AND_APART.search(text) is not None


_AND_APART = re.compile(rf"\s{AND}\W*$", re.I)


@cache
def _kinds_between(first: str, last: str) -> list[tuple[str, Slot]]:
    """Give the kinds that may begin and end with two words."""
    return [
        (name, kind) for name, kind in KINDS.items() if first in kind.first and last in kind.last
    ]


def preferred(numerals: Sequence[Numeral]) -> Numeral:
    """Choose among readings of one text, in order, as `parse_all` does."""
    kinds = {numeral.kind for numeral in numerals}
    if numerals[0].kind == "cardinal" or (len(kinds) == 1 and kinds != {"fraction"}):
        return numerals[0]
    bare = " ".join(_AROUND.sub("", plain(numerals[0].text)).split())
    if "fraction" in kinds and bare.endswith(PLURAL):  # *drie honderdsten*
        return next(n for n in numerals if n.kind == "fraction")
    found = next((n for n in numerals if _is_official(n, bare)), None)
    if found is None and "fraction" in kinds:  # *acht en negentig negenentachtigste* is official
        said = _unreduced(bare)
        found = next((n for n in numerals if n.kind == "fraction" and n.value == said), None)
    return numerals[0] if found is None else found


def official(numeral: Numeral) -> str | None:
    """Give the official spelling of a numeral; None for a value that is only ever read."""
    written = next(KINDS[numeral.kind].writings(numeral.value, OFFICIAL), None)
    return None if written is None else written[0]


def _is_official(numeral: Numeral, bare: str) -> bool:
    written = official(numeral)
    return written is not None and plain(written) == bare


def _unreduced(bare: str) -> Fraction | None:
    """Give the fraction that is spelled as it should be but for being reduced: 2/100, not 1/50."""
    above, _, below = bare.rpartition(" ")
    above = _PARTS_OF_WORDS.sub("", above)
    numbers = [cardinals.read(VOCABULARY.split(part), 0) for part in (above, below)]
    if not all(numbers):
        return None
    (count, _, _), (parts, _, _) = (found[-1] for found in numbers)
    spelled = f"{cardinals.write(count)} {cardinals.write_ordinal(parts)}"
    # *Vijfhonderd duizendste* is rather the 500,000th.
    is_one = count < parts and count % 100 > 0 and plain(spelled) == f"{above} {below}"
    return Fraction(count, parts) if is_one else None
