"""Percentages (*procent*) and per mille (*promille*)."""

from decimal import Decimal
from fractions import Fraction
from typing import Any

from getalwoord.numerals.forms import Form, Kind
from getalwoord.numerals.kinds.numbers import NUMBER
from getalwoord.numerals.slots import exact_decimal, signed
from getalwoord.numerals.values import Rate

_WORDS = {
    "%": "procent|percent|?ten_honderd|?procentpunt|?procentpunten",
    "‰": "promille",
}


def _form(unit: str, words: str) -> Form:
    def value(number: int | Fraction | Decimal) -> Rate | None:
        amount = exact_decimal(number)
        return None if amount is None else Rate(amount, unit)

    def parts(value: Any) -> tuple[Decimal] | None:
        return (value.amount,) if isinstance(value, Rate) and value.unit == unit else None

    return Form(f"{{number}} {words}", value, parts)


RATE = signed(Kind([_form(*entry) for entry in _WORDS.items()], {"number": NUMBER}))
