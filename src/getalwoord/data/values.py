"""Values of every kind, drawn by a seed: the same on every machine and Python version."""

import zlib
from collections.abc import Callable, Iterator, Mapping, Set
from datetime import date, time, timedelta
from decimal import Decimal
from fractions import Fraction
from random import Random

from getalwoord.data.draw import draws
from getalwoord.errors import InputError
from getalwoord.numerals import Money, MonthDay, Rate, Value, answer_of

#: A number below another
Below = Callable[[int], int]

_MOST_TRIED = 200  # draws for one value that was not drawn yet
_CURRENCIES = ("EUR",) * 7 + ("USD", "GBP", "NLG")
_FIRST_DAY, _DAYS = date(1500, 1, 1), 219_146  # to the end of 2099


def draw_values(
    kind: str,
    count: int,
    *,
    maximum: int,
    seed: str,
    without: Set[Value] = frozenset(),
    only: Callable[[str, Value], bool] = lambda kind, value: True,
) -> list[Value]:
    """Draw different values of a kind, in random order.

    Args:
        kind: One of `numerals.KINDS`.
        count: How many.
        maximum: The largest cardinal; other kinds have their usual range within it.
        seed: Decides the draw.
        without: Values that may not be drawn.
        only: Tells whether a value of the kind may be drawn.

    Raises:
        InputError: The kind has fewer values than that.
    """
    random_number = Random(f"{seed} {kind}").random
    numbers = draws(minimum=1, maximum=maximum, sampling="log-uniform", seed=f"{seed} {kind}")

    def below(end: int) -> int:
        return int(random_number() * end)

    drawn: dict[Value, None] = {}
    for tried, value in enumerate(_DRAWS[kind](numbers, below)):
        if value not in without and only(kind, value):
            drawn[value] = None
        if len(drawn) == count:
            return list(drawn)
        if tried > _MOST_TRIED * (count + len(without)):
            break
    raise InputError(
        f"cannot draw {count} different values of {kind}: {len(drawn)} were found; ask for fewer, "
        "or raise --max"
    )


def is_reserved(kind: str, value: Value) -> bool:
    """Tell whether a value is kept for Telbench: one in ten, and of the short numbers none."""
    if isinstance(value, int) and abs(value) < _SHORT:
        return False
    return zlib.crc32(f"{kind}: {answer_of(value)}".encode()) % _RESERVED == 0


def is_free(kind: str, value: Value) -> bool:
    """Tell whether a value is not kept for Telbench."""
    return not is_reserved(kind, value)


_SHORT, _RESERVED = 20, 10


def _always(draw: Callable[[Iterator[int], Below], Value]) -> "_Draw":
    def values(numbers: Iterator[int], below: Below) -> Iterator[Value]:
        while True:
            yield draw(numbers, below)

    return values


_Draw = Callable[[Iterator[int], Below], Iterator[Value]]


def _decimal(numbers: Iterator[int], below: Below) -> Decimal:
    places = 1 + below(3)
    return Decimal(f"{next(numbers) % 1000}.{below(10**places):0{places}}")


def _fraction(numbers: Iterator[int], below: Below) -> Fraction:
    bottom = 2 + below(19) if below(4) else 10 ** (1 + below(3))
    part = Fraction(1 + below(bottom - 1), bottom)
    return part + (below(20) if below(2) else 0)


def _rate(numbers: Iterator[int], below: Below) -> Rate:
    amount = (
        Decimal(below(101))
        if below(2)
        else Decimal(f"{below(100)}.{str(1 + below(99)).rstrip('0')}")
    )
    return Rate(amount, "‰" if below(6) == 0 else "%")


def _money(numbers: Iterator[int], below: Below) -> Money:
    whole, cents = next(numbers) - 1, 1 + below(99)
    amount = Decimal(whole + 1) if below(3) == 0 else Decimal(f"{whole % 10_000}.{cents:02}")
    return Money(amount, _CURRENCIES[below(len(_CURRENCIES))])


def _date(numbers: Iterator[int], below: Below) -> date | MonthDay:
    day = _FIRST_DAY + timedelta(below(_DAYS))
    return MonthDay(day.month, day.day) if below(4) == 0 else day


def _digits(numbers: Iterator[int], below: Below) -> str:
    length = 10 if below(2) else 4 + below(6)
    return "0" + "".join(str(below(10)) for _ in range(length - 1))


_DRAWS: Mapping[str, _Draw] = {
    "cardinal": _always(lambda numbers, below: next(numbers)),
    "negative": _always(lambda numbers, below: -next(numbers)),
    "decimal": _always(_decimal),
    "ordinal": _always(lambda numbers, below: min(next(numbers), 1 + below(9999))),
    "fraction": _always(_fraction),
    "percentage": _always(_rate),
    "money": _always(_money),
    "year": _always(lambda numbers, below: 1100 + below(1000)),
    "time": _always(lambda numbers, below: time(below(24), below(60))),
    "date": _always(_date),
    "multiplier": _always(lambda numbers, below: min(next(numbers), 1 + below(999))),
    "digits": _always(_digits),
}
