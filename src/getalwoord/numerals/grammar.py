"""The grammar of all kinds of numeral: spell, parse, and all readings of a text in order."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, time
from decimal import Decimal
from fractions import Fraction
from functools import cache
from itertools import islice
from typing import Literal

from getalwoord.errors import InputError, ParseError
from getalwoord.numerals import cardinals
from getalwoord.numerals.cardinals import OFFICIAL
from getalwoord.numerals.corrections import Corrector
from getalwoord.numerals.forms import Form, Kind, never
from getalwoord.numerals.kinds.clock import CLOCK, DES
from getalwoord.numerals.kinds.dates import DATE
from getalwoord.numerals.kinds.digits import Digits
from getalwoord.numerals.kinds.money import MONEY
from getalwoord.numerals.kinds.multipliers import MULTIPLIER
from getalwoord.numerals.kinds.numbers import DECIMAL, FRACTION, ORDINAL, WHOLE
from getalwoord.numerals.kinds.rates import RATE
from getalwoord.numerals.kinds.years import YEAR
from getalwoord.numerals.language import NEGATIVE
from getalwoord.numerals.patterns import Slot, Words
from getalwoord.numerals.slots import whole_if_whole
from getalwoord.numerals.values import Money, MonthDay, Rate, Value, notation, unit_of
from getalwoord.numerals.words import Vocabulary, plain

#: In order of preference, where a text can be of several
KINDS: Mapping[str, Slot] = {
    "cardinal": Kind(
        [
            Form("{n}", lambda n: n, lambda n: (n,)),
            Form("plus {n}", lambda n: n, never),
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
            Form("{n} onder nul", lambda n: -n or None, never),
        ],
        {"n": WHOLE},
    ),
    "decimal": DECIMAL,
    "ordinal": Kind([Form("|de|het|den {n}", lambda n: n, lambda n: (n,))], {"n": ORDINAL}),
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
_MOST_TRIED = 300  # rows of words
_MARGIN = 0.25  # by which what is meant must be nearer than another value


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


def parse(text: str) -> Value:
    """Read a numeral in words, by the grammar alone.

    Understood are the official spelling and its variants: with or without trema, accents,
    capitals, hyphens, spaces and *en*. Figures are not words and are refused. Of several readings
    it is the first of `parse_all`. Of a misspelt text it is what is meant, if only one value can
    be.

    Raises:
        ParseError: The text is no numeral; says where it stops being one.

    >>> parse("vierhonderd drie en tachtig"), parse("anderhalf"), parse("halfvijf")
    (483, Decimal('1.5'), datetime.time(4, 30))
    """
    return parse_numeral(text).value


def parse_numeral(text: str) -> Numeral:
    """Read a numeral as `parse` does, and say of what kind it is.

    Raises:
        ParseError: The text is no numeral; says where it stops being one.
    """
    words = VOCABULARY.split(text)
    found = cardinals.read(words, 0)
    if found and found[-1].end == len(words) and not found[-1].ordinal:
        return Numeral(text, found[-1].value)
    read = Words(words)
    if numerals := _readings(text, read):
        return numerals[0]
    if meant := _corrected(text, words):
        return meant
    raise _refusal(text, read)


def parse_all(text: str) -> list[Numeral]:
    """Give all readings of a numeral, the preferred one first.

    A cardinal is preferred, then one whose official spelling is the text itself, but for capitals
    and accents. Else they are in the order of `KINDS`, and within a kind in that of its forms: of a
    time the first half of the day before the second.

    Raises:
        ParseError: The text is no numeral; says where it stops being one.

    >>> [(numeral.kind, numeral.figures) for numeral in parse_all("tien voor half twee")]
    [('time', '01:20'), ('time', '13:20')]
    >>> [(numeral.kind, numeral.figures) for numeral in parse_all("twintig tien")]
    [('year', '2010'), ('time', '20:10')]
    """
    words = Words(VOCABULARY.split(text))
    if numerals := _readings(text, words):
        return numerals
    raise _refusal(text, words)


def _refusal(text: str, words: Words) -> ParseError:
    """Say where a text stops being a numeral, by the kind that reads it furthest."""
    for kind in KINDS.values():
        words.remembered(kind, 0)
    return VOCABULARY.refusal(text, words.words, words.furthest)


def _readings(text: str, words: Words) -> list[Numeral]:
    found: dict[Numeral, None] = {}
    for name, kind in KINDS.items():
        if not words.present <= kind.vocabulary:
            continue  # it would not be read to its end
        for value, end in words.remembered(kind, 0):
            if end == len(words.words):
                found[Numeral(text, value, name)] = None
    numerals = list(found)
    if len(numerals) > 1:
        first = preferred(numerals)
        numerals.remove(first)
        numerals.insert(0, first)
    return numerals


def preferred(numerals: Sequence[Numeral]) -> Numeral:
    """Choose among readings of one text, in order, as `parse_all` does."""
    if len(numerals) == 1 or numerals[0].kind == "cardinal":
        return numerals[0]
    bare = " ".join(plain(numerals[0].text).split())
    return next((n for n in numerals if _is_official(n, bare)), numerals[0])


def _is_official(numeral: Numeral, bare: str) -> bool:
    written = next(KINDS[numeral.kind].writings(numeral.value, OFFICIAL), None)
    return written is not None and plain(written[0]) == bare


@cache
def _corrector() -> Corrector:
    # Most texts need none, and building it would add to every start.
    return Corrector(
        frozenset().union(*(kind.vocabulary for kind in KINDS.values())),
        exact={DES, *["een", "de", "den", "het", "van", "in", "na", "om", "dag", "jaar"]},
    )


def _corrected(text: str, split: list[str]) -> Numeral | None:
    """Find what a misspelt text is meant to be; None where two values are as near, or none is."""
    nearest: Numeral | None = None
    least = 0.0
    # Of words apart that are all right, none is meant to be another.
    rows = _corrector().rows(text, misspelt="" in split or len(text.split()) == 1)
    for cost, words in islice(rows, _MOST_TRIED):
        if nearest and cost > least + _MARGIN:
            break
        numerals = _readings(text, Words(words))
        # Digits are any row of words, so that mistakes would make them of anything.
        if not numerals or numerals[0].kind == "digits":
            continue
        numeral = numerals[0]
        if nearest is None:
            nearest, least = replace(numeral, meant=spell(numeral.value, numeral.kind)), cost
        elif numeral.value != nearest.value:
            return None
    return nearest
