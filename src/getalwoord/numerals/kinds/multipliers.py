"""Numbers of times (*tweemaal*, *drievoudig*) and words for so many (*dozijn*, *gros*, *paar*)."""

from collections.abc import Callable
from decimal import Decimal
from fractions import Fraction
from typing import Any

from getalwoord.numerals.forms import Form, Kind, never
from getalwoord.numerals.kinds.numbers import CARDINAL, NUMBER
from getalwoord.numerals.slots import exact_decimal, whole_if_whole

_GROUPS = {2: ("paar", "paren"), 12: ("dozijn", "dozijnen"), 144: ("gros", "grossen")}


def _times(size: int) -> Callable[[Any], Any]:
    def value(number: int | Fraction | Decimal) -> Any:
        amount = exact_decimal(Fraction(number) * size)
        return None if amount is None else whole_if_whole(amount)

    return value


def _number(least: int, size: int = 1) -> Callable[[Any], tuple[Any] | None]:
    def parts(value: Any) -> tuple[Any] | None:
        if not isinstance(value, int | Decimal) or value < least * size:
            return None
        if size == 1:
            return (value,)
        return (int(Fraction(value) // size),) if Fraction(value) % size == 0 else None

    return parts


def _exactly(size: int) -> Callable[[Any], tuple[()] | None]:
    return lambda value: () if value == size else None


MULTIPLIER = Kind(
    [
        Form("{whole} +maal", never, lambda v: (v,) if isinstance(v, int) and v > 0 else None),
        Form("{number} maal|malen", _times(1), _number(1), "apart"),
        Form("{number} keer|keren", _times(1), _number(1), "keer"),
        Form("{whole} +werf", _times(1), never),
        Form("|?het|?een {whole} +voudig|voudige|voud", _times(1), _number(2), "-voudig"),
        Form("{whole} +tal|tallen", _times(1), _number(2), "-tal"),
        Form("een {whole} +tal", _times(1), never),
        Form("enkelvoudig|enkelvoudige|enkelvoud", lambda: 1, _exactly(1), "enkelvoudig"),
        Form("|?het dubbel|dubbele|dubbelen", lambda: 2, _exactly(2), "dubbel"),
        Form("{whole} +dubbel|dubbele", _times(1), _number(3), "-dubbel"),
        *(
            form
            for size, (one, more) in _GROUPS.items()
            for form in (
                Form(f"een| {one}", lambda size=size: size, _exactly(size), one),
                Form(f"{{number}} {one}|{more}", _times(size), _number(2, size), one),
            )
        ),
    ],
    {"number": NUMBER, "whole": CARDINAL},
)
