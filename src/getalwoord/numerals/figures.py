"""How values are written in running Dutch: *€ 23,50*, *16.30 uur*, *3 mei 1945*.

Sources: Leidraad of the Woordenlijst, 6.9; taaladvies.net on numbers, amounts, times and dates. A
point parts the thousands from 10.000 up, a comma the decimals.
"""

import re
from dataclasses import dataclass
from datetime import date, time
from fractions import Fraction
from typing import Literal, TypeAlias, get_args

from getalwoord.errors import InputError
from getalwoord.numerals.grammar import Numeral
from getalwoord.numerals.kinds.dates import month_name
from getalwoord.numerals.kinds.day_parts import PART_SAID, day_part
from getalwoord.numerals.values import Money, MonthDay, Rate, Value, notation

Currency: TypeAlias = Literal["symbol", "code"]
Clock: TypeAlias = Literal["24", "12"]

_SYMBOLS = {"EUR": "€", "USD": "$", "GBP": "£", "JPY": "¥", "NLG": "ƒ"}
_POINTS_FROM = 10_000


@dataclass(frozen=True, slots=True)
class Figures:
    """Choices of how values are written; the defaults are the Dutch conventions.

    Attributes:
        currency: "symbol" for *€ 5*, "code" for *EUR 5*.
        clock: "24" for *16.30 uur*; "12" for *4.30 uur 's middags*.
        words_to: Cardinals up to this one stay words; taaladvies.net advises 20 for prose.
        keep_ordinals: Whether ordinals stay words.
        ambiguous: Whether words that are most often no numerals are taken for them, too: *een*,
            *een paar*, *dubbel*.

    Raises:
        InputError: A choice is none of these.
    """

    currency: Currency = "symbol"
    clock: Clock = "24"
    words_to: int = 0
    keep_ordinals: bool = False
    ambiguous: bool = False

    def __post_init__(self) -> None:
        for name, choices in (("currency", Currency), ("clock", Clock)):
            if (given := getattr(self, name)) not in get_args(choices):
                expected = " or ".join(map(repr, get_args(choices)))
                raise InputError(f"{name} is {given!r}: it should be {expected}")


def written(numeral: Numeral, figures: Figures) -> str:
    """Write a numeral as it stands in a Dutch text; one that is to stay words is its own text."""
    value, kind = numeral.value, numeral.kind
    if kind == "ordinal" and figures.keep_ordinals:
        return numeral.text
    if kind == "cardinal" and isinstance(value, int) and value <= figures.words_to:
        return numeral.text
    done = in_figures(value, kind, figures, names_part=bool(PART_SAID.search(numeral.text)))
    if kind == "negative" and (degrees := re.search(r"\bgra(?:den|ad)\b", numeral.text, re.I)):
        return f"{done} {degrees[0]}"
    if kind == "percentage" and (points := re.search(r"procentpunt(?:en)?$", numeral.text, re.I)):
        return f"{done.rstrip('%')} {points[0]}"
    if kind == "date" and re.match(r"\S+(?:de|ste)\b", numeral.text, re.I):
        return re.sub(r"^(\d+)", r"\1e", done)
    if kind != "multiplier":
        return done
    counted = re.search(r"(maal|malen|keer|keren)$|(voudige?|voud|dubbele?)$", numeral.text, re.I)
    if counted is None:
        return done
    return f"{done} {counted[1]}" if counted[1] else f"{done}-{counted[2]}"


def in_figures(value: Value, kind: str, figures: Figures, *, names_part: bool = True) -> str:
    """Write a value as it stands in a Dutch text.

    Args:
        value: What is to be written.
        kind: The kind of numeral.
        figures: Choices of how it is written.
        names_part: Whether a time of twelve hours has its part of the day even where the clock face
            shows it without.

    >>> in_figures(time(16, 30), "time", Figures())
    '16.30 uur'
    """
    match value:
        case Money():
            sign = _SYMBOLS.get(value.unit, value.unit)
            sign = value.unit if figures.currency == "code" else sign
            minus = "-" if value.amount < 0 else ""
            return f"{sign} {minus}{_grouped(notation(value).removeprefix('-'))}"
        case Rate():
            return _grouped(notation(value)) + value.unit
        case Fraction():
            return _mixed(value)
        case time():
            return _clock(value, figures, names_part=names_part)
        case date():
            return f"{value.day} {month_name(value.month)} {value.year}"
        case MonthDay():
            return f"{value.day} {month_name(value.month)}"
        case str():
            return value
    if kind == "ordinal":
        return f"{_grouped(str(value))}e"
    if kind == "year" and isinstance(value, int):
        return str(value) if value >= 0 else f"{-value} v.Chr."
    return _grouped(notation(value))


def _grouped(number: str) -> str:
    """Write a number in figures the Dutch way.

    >>> _grouped("-12345.60"), _grouped("9999")
    ('-12.345,60', '9999')
    """
    whole, _, places = number.partition(".")
    if abs(int(whole)) >= _POINTS_FROM:
        whole = f"{int(whole):,}".replace(",", ".")
    return f"{whole},{places}" if places else whole


def _mixed(value: Fraction) -> str:
    sign, value = ("-", -value) if value < 0 else ("", value)
    whole, rest = divmod(value, 1)
    return sign + " ".join([str(whole)] * bool(whole) + [notation(rest)] * bool(rest))


def _clock(value: time, figures: Figures, *, names_part: bool) -> str:
    if figures.clock == "24":
        return f"{value.hour}.{value.minute:02} uur" if value.minute else f"{value.hour} uur"
    hour = value.hour % 12 or 12
    part = f" {day_part(value)}" if names_part or value.hour not in range(1, 13) else ""
    return f"{hour}.{value.minute:02} uur{part}" if value.minute else f"{hour} uur{part}"
