"""Dates, with and without a year: *drie mei negentienhonderdvijfenveertig*, *de derde mei*."""

from collections.abc import Callable
from datetime import date
from typing import Any

from getalwoord.numerals.forms import Form, Kind, never, table
from getalwoord.numerals.kinds.day_parts import WEEKDAYS
from getalwoord.numerals.kinds.years import YEAR
from getalwoord.numerals.slots import Cardinals, Ordinals
from getalwoord.numerals.values import MonthDay

_MONTHS = (
    "januari jan ?januarij",
    "februari feb ?februarij",
    "maart mrt",
    "april apr",
    "mei ?mey",
    "juni jun ?junij",
    "juli jul ?julij",
    "augustus aug",
    "september sept",
    "oktober okt october",
    "november nov",
    "december dec",
)


def month_name(month: int) -> str:
    """Give the name of a month, from 1."""
    return _MONTHS[month - 1].split()[0]


_FIRST_BARE_YEAR = 100  # *drie mei vijfenveertig* leaves the century out

_DAY = (
    f"|?op |{'|'.join(WEEKDAYS)} |?, {{day}}",
    f"|?op |{'|'.join(WEEKDAYS)} |?, de|den| {{ordinal}} |dag_van|van|?van_de_maand",
)


def _date(day: int, month: int, year: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:
        return None


def _bare(day: int, month: int, year: int) -> date | None:
    return _date(day, month, year) if year >= _FIRST_BARE_YEAR else None


def _with_year(*, bare: bool | None = None) -> Callable[[Any], tuple[int, int, int] | None]:
    def parts(value: Any) -> tuple[int, int, int] | None:
        if not isinstance(value, date) or bare not in (None, value.year >= _FIRST_BARE_YEAR):
            return None
        return value.day, value.month, value.year

    return parts


def _month_day(day: int, month: int) -> MonthDay | None:
    # A leap year has all days that there are.
    return MonthDay(month, day) if _date(day, month, 2000) else None


def _day_and_month(value: Any) -> tuple[int, int] | None:
    return (value.day, value.month) if isinstance(value, MonthDay) else None


_YEAR = (
    "van|in|van_het_jaar|in_het_jaar|anno|?des_jaars|?van_den_jare|?in_den_jare|?in_de_jare {year}"
)

DATE = Kind(
    [
        Form(f"{_DAY[0]} {{month}} |?, {{year}}", _bare, _with_year(bare=True)),
        Form(f"{_DAY[1]} {{month}} |?, {{year}}", _bare, _with_year(bare=True), "ordinal"),
        Form(f"{_DAY[0]} {{month}} {_YEAR}", _date, _with_year(bare=False)),
        Form(f"{_DAY[1]} {{month}} {_YEAR}", _date, _with_year(), "ordinal"),
        Form(f"{_DAY[0]} {{month}}", _month_day, _day_and_month),
        Form(f"{_DAY[1]} {{month}}", _month_day, _day_and_month, "ordinal"),
        Form("?op| de {ordinal} van_de {numbered}", _month_day, never),
    ],
    {
        "day": Cardinals(1, 31),
        "ordinal": Ordinals(1, 31),
        "numbered": Ordinals(1, 12),
        "month": table({n: text.split() for n, text in enumerate(_MONTHS, start=1)}),
        "year": YEAR,
    },
)
