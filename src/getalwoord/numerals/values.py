"""What numerals name: exact values, and their notation in figures."""

import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date, time
from decimal import Context, Decimal, DivisionByZero, Inexact, InvalidOperation
from fractions import Fraction
from typing import Any, Self, TypeAlias

from getalwoord.errors import InputError

#: Computes without rounding; the usual context of decimals keeps 28 digits only.
EXACT = Context(prec=5000, traps=[Inexact, InvalidOperation, DivisionByZero])


@dataclass(frozen=True, slots=True)
class Money:
    """An amount of money.

    Attributes:
        amount: In the main unit, euros and not cents.
        unit: ISO 4217 code of the currency.
    """

    amount: Decimal
    unit: str

    def __neg__(self) -> Self:
        return replace(self, amount=EXACT.minus(self.amount))


@dataclass(frozen=True, slots=True)
class Rate:
    """So many in a hundred (*procent*) or in a thousand (*promille*).

    Attributes:
        amount: The number as said: 5 for *vijf procent*.
        unit: "%" or "‰".
    """

    amount: Decimal
    unit: str

    def __neg__(self) -> Self:
        return replace(self, amount=EXACT.minus(self.amount))


@dataclass(frozen=True, slots=True)
class MonthDay:
    """A date without a year.

    Attributes:
        month: From 1.
        day: From 1.
    """

    month: int
    day: int


#: Digits that are said one by one are a string: those of a telephone number have no worth.
Value: TypeAlias = int | Fraction | Decimal | Money | Rate | time | date | MonthDay | str


def notation(value: Value) -> str:
    """Write a value in figures, as answers are written.

    Decimals have a point, fractions a stroke, money and rates are the number alone (their unit is
    told apart), times are ``HH:MM`` and dates ``YYYY-MM-DD`` or ``--MM-DD`` (ISO 8601).

    >>> notation(Money(Decimal("3.5"), "EUR")), notation(time(4, 30)), notation(MonthDay(3, 21))
    ('3.50', '04:30', '--03-21')
    """
    match value:
        case Fraction():
            return f"{value.numerator}/{value.denominator}"
        case Decimal():
            return format(value, "f")
        case Money():
            if value.amount == int(value.amount):
                return str(int(value.amount))
            figures = format(EXACT.normalize(value.amount), "f")
            return figures + "0" * (figures[-2] == ".")
        case Rate():
            return format(value.amount, "f")
        case time():
            return f"{value:%H:%M}"
        case date():
            return value.isoformat()
        case MonthDay():
            return f"--{value.month:02}-{value.day:02}"
    return str(value)


def answer_of(value: Value) -> str:
    """Write what a model is to answer: the notation, and the unit if there is one.

    A fraction above one is answered as it is said, since the sum is no reading; with a half or
    quarters it is a decimal.

    >>> answer_of(Money(Decimal("3.5"), "EUR")), answer_of(Fraction(11, 3))
    ('3.50 EUR', '3 2/3')
    >>> answer_of(Fraction(5, 2))
    '2.5'
    """
    if isinstance(value, Fraction) and abs(value) > 1 and value.denominator > 1:
        if value.denominator in (2, 4):
            return notation(EXACT.divide(Decimal(value.numerator), Decimal(value.denominator)))
        whole, rest = divmod(abs(value), 1)
        return f"{'-' * (value < 0)}{whole} {notation(rest)}"
    unit = unit_of(value)
    return notation(value) if unit is None else f"{notation(value)} {unit}"


def value_of_answer(answer: str) -> Value:
    """Read what a model answers, as `answer_of` writes it.

    Raises:
        InputError: It is no value.

    >>> value_of_answer("3 2/3")
    Fraction(11, 3)
    """
    figures, _, rest = answer.partition(" ")
    if not rest:
        return value_of(figures)
    whole, part = value_of(figures), value_of(rest) if "/" in rest else None
    if isinstance(whole, int) and isinstance(part, Fraction):
        return whole + part if not figures.startswith("-") else whole - part
    return value_of(figures, rest)


def same_value(one: Value, other: Value) -> bool:
    """Tell whether two values are equal, as what they name and not as how it is written.

    >>> same_value(Fraction(3, 2), Decimal("1.50")), same_value("06", 6)
    (True, False)
    """
    if isinstance(one, int | Fraction | Decimal) and isinstance(other, int | Fraction | Decimal):
        return Fraction(one) == Fraction(other)
    return one == other


def is_negative(value: Value) -> bool:
    """Tell whether a value is below zero."""
    if isinstance(value, Money | Rate):
        return value.amount < 0
    return isinstance(value, int | Fraction | Decimal) and value < 0


def unit_of(value: Value) -> str | None:
    """Give the unit that a value has: the code of a currency, "%" or "‰"."""
    return value.unit if isinstance(value, Money | Rate) else None


def value_of(figures: str, unit: str | None = None) -> Value:
    """Read the notation of a value; what is no other value in figures is digits.

    Args:
        figures: As `notation` writes it.
        unit: As `unit_of` gives it.

    Raises:
        InputError: It is no value in figures, or the unit does not go with it.

    >>> value_of("2.5"), value_of("-6"), value_of("3.50", "EUR")
    (Decimal('2.5'), -6, Money(amount=Decimal('3.50'), unit='EUR'))
    """
    if len(figures) > _LONGEST:
        raise InputError(f"values have {_LONGEST} characters at most")
    for pattern, read in _READERS:
        if found := re.fullmatch(pattern, figures):
            try:
                value = read(*found.groups())
            except ZeroDivisionError as error:
                raise InputError("this is no value: nothing can be divided by 0") from error
            except ValueError as error:
                raise InputError(f"this is no value: {error}") from error
            return value if unit is None else _with_unit(value, unit)
    raise InputError(
        "this is no value: give figures, as in 1500, -6, 2.5, 2/3, 16:30, 1945-05-03 or --03-21"
    )


def value_given(figures: str, kind: str | None = None, unit: str | None = None) -> Value:
    """Read figures as people give them to be spelled: only digits have noughts before them.

    Args:
        figures: As `notation` writes them.
        kind: What they are to be spelled as, if that is known.
        unit: As `unit_of` gives it.

    Raises:
        InputError: It is no value in figures, or the unit does not go with it.

    >>> value_given("007"), value_given("007", "digits")
    (7, '007')
    """
    if kind == "digits":
        return figures
    return value_of(re.sub("^([+-]?)0+(?=[0-9]+$)", r"\1", figures), unit)


_LONGEST = 4000  # characters; Python refuses to read numbers of many more digits
_READERS: tuple[tuple[str, Callable[..., Any]], ...] = (
    (r"(0[0-9]+)", str),  # a number has no noughts before it, a telephone number has
    (r"([+-]?[0-9]+)", int),
    (r"([+-]?[0-9]+\.[0-9]+)", Decimal),
    (r"(-?[0-9]+)/([0-9]+)", lambda above, below: Fraction(int(above), int(below))),
    (r"([0-9]{2}):([0-9]{2})", lambda hour, minute: time(int(hour), int(minute))),
    (r"([0-9]{4}-[0-9]{2}-[0-9]{2})", date.fromisoformat),
    (
        r"--([0-9]{2}-[0-9]{2})",
        # A leap year has all days that there are.
        lambda day: MonthDay((d := date.fromisoformat(f"2000-{day}")).month, d.day),
    ),
)


def _with_unit(value: Value, unit: str) -> Value:
    if not isinstance(value, int | Decimal):
        raise InputError(f'"{notation(value)}" cannot have the unit {unit}: it is no number')
    amount = Decimal(value)
    return Rate(amount, unit) if unit in ("%", "‰") else Money(amount, unit)
