"""Numbers that are not whole: fractions (*breuken*) and decimals; and large ones said by them.

Sources: Leidraad of the Woordenlijst, 6.9; taaladvies.net, "Breuken".
"""

from collections.abc import Callable, Iterator
from decimal import Decimal
from fractions import Fraction
from typing import Any

from getalwoord.numerals import cardinals
from getalwoord.numerals.cardinals import Style
from getalwoord.numerals.forms import Form, Kind, never
from getalwoord.numerals.language import LEVELS, LIMIT, OTHER_LEVELS, TENS
from getalwoord.numerals.patterns import Found, Slot, Words, Writing
from getalwoord.numerals.slots import (
    Cardinals,
    Either,
    ManyMillionths,
    Ordinals,
    digits_at,
    exact_decimal,
    said_one_by_one,
    signed,
    whole_if_whole,
)

_HALF, _QUARTER = Fraction(1, 2), Fraction(1, 4)

CARDINAL = Cardinals()
ORDINAL = Ordinals()


def _positive(value: Any) -> Fraction | None:
    """Give a fraction above zero that is no whole number."""
    if isinstance(value, Decimal):
        value = Fraction(value)
    if not isinstance(value, Fraction) or value.denominator == 1:
        return None
    return value if 0 < value.numerator < LIMIT * value.denominator else None


def _proper(value: Any) -> Fraction | None:
    fraction = _positive(value)
    return fraction if fraction is not None and fraction.numerator < fraction.denominator else None


def _parts_of(fraction: Fraction | None) -> tuple[int, int] | None:
    return None if fraction is None else (fraction.numerator, fraction.denominator)


def _many_millionths(value: Any) -> tuple[int, int] | None:
    parts = _parts_of(_proper(value))
    return parts if parts and parts[0] > 1 and parts[1] in cardinals.SINGLE_LEVELS else None


def _singular(value: Any) -> tuple[int, int] | None:
    return None if _many_millionths(value) else _parts_of(_proper(value))


def _few_parts(fraction: Fraction | None) -> tuple[int, int] | None:
    if fraction is None or fraction.numerator > 2 or _many_millionths(fraction):
        return None
    # *Eentwintigste* is rather the 21st.
    return None if fraction.denominator in TENS else _parts_of(fraction)


def _quarters(value: Any) -> tuple[int] | None:
    fraction = _proper(value)
    return (fraction.numerator,) if fraction is not None and fraction.denominator == 4 else None


def _mixed(value: Any) -> tuple[int, Fraction] | None:
    fraction = _positive(value)
    return None if fraction is None or fraction < 1 else (int(fraction), fraction % 1)


def _mixed_with(part: Fraction) -> Callable[[Any], tuple[int] | None]:
    def parts(value: Any) -> tuple[int] | None:
        mixed = _mixed(value)
        return (mixed[0],) if mixed is not None and mixed[1] == part else None

    return parts


def _exactly(fraction: Fraction) -> Callable[[Any], tuple[()] | None]:
    return lambda value: () if _positive(value) == fraction else None


def _plus(part: Fraction) -> Callable[..., Decimal | None]:
    return lambda whole, *three: exact_decimal(whole + part)


def _only_proper(value: Any) -> tuple[Fraction] | None:
    return None if (fraction := _proper(value)) is None else (fraction,)


def _sum(whole: int, part: Fraction) -> Fraction | None:
    return whole + part if part < 1 else None


def _one_of(count: int, parts: int) -> Fraction | None:
    return Fraction(count, parts) if count < parts else None


def _is_archaic(value: Any) -> bool:
    return 2 < value < 20 and _mixed_with(_HALF)(value) is not None


_ORDINAL_FRACTION = Kind(
    [
        Form(
            "{above} {below}",
            lambda above, below: Fraction(above, below),
            _singular,
        ),
        Form("{above} {millionths}", never, _many_millionths),
        # More would be other words: *zeventiende*.
        Form("{few} +{below}", never, lambda value: _few_parts(_proper(value)), "joined"),
    ],
    # *Een tweede* is heard in sums; *half* is official.
    {
        "above": Cardinals(least=1),
        "few": Cardinals(1, 2),
        "below": Ordinals(least=2, plural=True),
        "millionths": ManyMillionths(),
    },
)
_PROPER = Kind(
    [
        Form("een| half|halve", lambda: _HALF, _exactly(_HALF)),
        Form("de| helft", lambda: _HALF, _exactly(_HALF), "helft"),
        Form("een kwart", lambda: _QUARTER, _exactly(_QUARTER)),
        Form("kwart", lambda: _QUARTER, _exactly(_QUARTER), "without een"),
        Form("{quarters} ~kwart", lambda quarters: Fraction(quarters, 4), _quarters),
        Form("{fraction}", lambda fraction: fraction, _only_proper, "with an ordinal"),
    ],
    {"quarters": Cardinals(2, 3), "fraction": _ORDINAL_FRACTION},
)
_PARTS: dict[str, Slot] = {
    "whole": Cardinals(least=1),
    "fraction": _PROPER,
    "ordinal_fraction": _ORDINAL_FRACTION,
    "ordinal": Ordinals(2, 20),
    "three": Cardinals(3, 3),
}


def _three_quarters(value: Any) -> tuple[int, int] | None:
    mixed = _mixed(value)
    return (mixed[0], 3) if mixed is not None and mixed[1] == 3 * _QUARTER else None


_FRACTION = Kind(
    [
        Form("{fraction}", lambda fraction: fraction, _only_proper),
        Form("anderhalf|anderhalve|anderhalven", lambda: Decimal("1.5"), _exactly(Fraction(3, 2))),
        Form("{whole} en een half|halve", _plus(_HALF), _mixed_with(_HALF)),
        Form("{whole} +en +half|halve", _plus(_HALF), _mixed_with(_HALF), "joined"),
        Form("{whole} en een kwart", _plus(_QUARTER), _mixed_with(_QUARTER)),
        Form("{whole} en {three} kwart", _plus(3 * _QUARTER), _three_quarters),
        Form("{whole} +en {three} ~kwart", _plus(3 * _QUARTER), _three_quarters, "joined"),
        Form("{whole} en {fraction}", _sum, _mixed),
        # *En* is needed before *half* and *kwart*.
        Form("{whole} {ordinal_fraction}", _sum, _mixed, "without en"),
        Form(
            "{ordinal} +half|halve",  # half of the third is missing
            lambda ordinal: exact_decimal(ordinal - _HALF) if ordinal > 2 else None,
            lambda value: (int(value) + 1,) if _is_archaic(value) else None,
            "archaic",
        ),
    ],
    _PARTS,
)


class _Places:
    """Digits behind the comma: noughts, and then a number or more digits, one by one."""

    cues: frozenset[str] = frozenset()
    vocabulary = cardinals.WORDS
    first = last = cardinals.CARDINAL_WORDS

    def read(self, words: Words, at: int, *, whole: bool = False) -> list[Found]:
        """Read all that begins at a word, as a string of digits."""
        one_by_one, end = digits_at(words, at)
        noughts = len(one_by_one) - len(one_by_one.lstrip("0"))
        found: list[Found] = [
            ("0" * noughts + str(value), end)
            for value, end in CARDINAL.read(words, at + noughts)
            if 0 < value < _END_OF_PLACES
        ]
        return [*found, (one_by_one, end)] if len(one_by_one) > 1 or noughts else found

    def writings(self, value: Any, style: Style) -> Iterator[Writing]:
        """Write a string of digits: beyond the noughts two digits as a number, more one by one."""
        left = value.lstrip("0")
        one_by_one = said_one_by_one(value), ""
        if not left or len(left) > _LONGEST_AS_A_NUMBER:
            yield one_by_one
            return
        noughts = said_one_by_one(value[: len(value) - len(left)])
        number = f"{noughts} {cardinals.write(int(left), style)}".lstrip(), ""
        yield from (
            [number, (one_by_one[0], "digit by digit")]
            if len(left) < _LONGEST_AS_A_NUMBER
            else [one_by_one, (number[0], "behind the comma a number")]
        )


_LONGEST_AS_A_NUMBER = 3
_END_OF_PLACES = 10**6


def _decimal_parts(value: Any) -> tuple[int, str] | None:
    if not isinstance(value, Decimal) or not 0 <= value < LIMIT:
        return None
    whole, point, places = format(value.copy_abs(), "f").partition(".")
    return (int(whole), places) if point else None


_DECIMAL = Kind(
    [
        Form(
            "{whole} komma|punt {places}",
            lambda whole, places: Decimal(f"{whole}.{places}"),
            _decimal_parts,
        )
    ],
    {"whole": CARDINAL, "places": _Places()},
)


FRACTION = Kind(
    [
        Form("{signed}", lambda fraction: fraction, lambda value: (value,)),
        Form(
            "{proper} deel|delen|gedeelte|?gedeelten|?part|?parten",
            lambda fraction: fraction,
            never,
        ),
        Form("{whole} op|op_de|van_de|gedeeld_door {parts}", _one_of, never),
    ],
    {
        "signed": signed(_FRACTION),
        "proper": _PROPER,
        "whole": Cardinals(least=1),
        "parts": Cardinals(least=2),
    },
)
DECIMAL = signed(_DECIMAL)


def _scaled(value: int) -> Callable[[Any], Any]:
    def times(number: Fraction | Decimal) -> Any:
        product = Fraction(number) * value
        return int(product) if product.denominator == 1 and product < LIMIT else None

    return times


def _by_scale(scale: int) -> Callable[[Any], tuple[Any] | None]:
    def parts(value: Any) -> tuple[Any] | None:
        if not isinstance(value, int) or not 0 < value < scale * 1000:
            return None
        number = Fraction(value, scale)
        if number.denominator in (2, 4):
            return (number,)
        return (exact_decimal(number),) if number.denominator in (5, 10) else None

    return parts


def _spellings(word: str) -> str:
    """Give a level and the other spellings of it, as a form has them."""
    return "|?".join((word, *(other for other, usual in OTHER_LEVELS.items() if usual == word)))


# Not official, but usual: *anderhalf miljoen*, *twee komma vijf miljard*
SCALED = Kind(
    [
        Form(
            f"{{number}} {_spellings(level.word)}",
            _scaled(level.value),
            _by_scale(level.value),
            f"counted in {level.word}",
        )
        for level in LEVELS[1:]
    ]
    + [
        Form("anderhalf honderd", lambda: 150, never),
        Form("{whole} mille", lambda number: number * 1000 if number < 1000 else None, never),
        Form("{number} mille", _scaled(1000), never),
    ],
    {"number": Either(_FRACTION, _DECIMAL), "whole": CARDINAL},
)
WHOLE = Either(CARDINAL, SCALED)
#: Any number that is not negative
NUMBER = Either(CARDINAL, SCALED, _DECIMAL, _FRACTION, convert=whole_if_whole)
