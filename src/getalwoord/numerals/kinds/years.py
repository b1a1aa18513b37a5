"""Years: in hundreds, *negentienhonderdvierentachtig*, or short, *negentienvierentachtig*.

The short forms differ by source: *twintig twaalf* is correct to vlaanderen.be and unusual to Onze
Taal.
"""

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

from getalwoord.numerals.cardinals import Style
from getalwoord.numerals.forms import Form, Kind, never
from getalwoord.numerals.patterns import Writing
from getalwoord.numerals.slots import Cardinals

_LAST = 9999
# Centuries that a short form may begin with; *twintig drie* is no year, *negentienzeven* is.
_SHORT = range(10, 22)
_SHORT_WITH_UNITS = range(11, 20)


class _Years(Cardinals):
    """Years as numbers, in hundreds where they are so said."""

    def writings(self, value: Any, style: Style) -> Iterator[Writing]:
        """Write a year."""
        yield from super().writings(value, replace(style, in_hundreds=True))


def _split_at(centuries: range, rests: range) -> Callable[[Any], tuple[int, int] | None]:
    def parts(value: Any) -> tuple[int, int] | None:
        if not isinstance(value, int) or value < 0:
            return None
        century, rest = divmod(value, 100)
        return (century, rest) if century in centuries and rest in rests else None

    return parts


def _together(century: int, rest: int) -> int | None:
    return 100 * century + rest if rest >= 10 or century in _SHORT_WITH_UNITS else None


def _hundreds_apart(value: Any) -> tuple[int, int] | None:
    if not isinstance(value, int) or value % 100 == 0 or value not in range(1100, 2000):
        return None
    return value - value % 100, value % 100


_TENS, _UNITS = range(10, 100), range(1, 10)

_YEAR = Kind(
    [
        Form("{year}", lambda year: year, lambda value: (value,)),
        Form("{hundreds} {rest}", never, _hundreds_apart, "hundreds apart"),
        Form("{century} +{rest}", _together, _split_at(_SHORT, _TENS), "without honderd"),
        Form(
            "{century} +|en +{units}",
            _together,
            _split_at(_SHORT_WITH_UNITS, _UNITS),
            "without honderd",
        ),
        Form("{hundreds} nul {units}", lambda hundreds, units: hundreds + units, never),
        Form(
            "{century} nul {units}",
            lambda century, units: 100 * century + units,
            _split_at(_SHORT, _UNITS),
            "with nul",
        ),
    ],
    {
        "year": _Years(0, _LAST),
        "hundreds": _Years(1100, _LAST),
        "rest": Cardinals(10, 99),
        "century": Cardinals(_SHORT.start, _SHORT.stop - 1),
        "units": Cardinals(1, 9),
    },
)

YEAR = Kind(
    [
        Form(
            "|anno|?anno_Domini|het_jaar|jaar|in_het_jaar|?in {year}",
            lambda year: year,
            lambda value: (value,),
        ),
        Form(
            "{year} voor_Christus|?v.Chr|?v._Chr|?v.C",
            lambda year: -year or None,
            lambda value: (-value,) if isinstance(value, int) and value < 0 else None,
        ),
        Form("{year} na_Christus|?n.Chr|?n._Chr|?n.C", lambda year: year, never),
    ],
    {"year": _YEAR},
)
