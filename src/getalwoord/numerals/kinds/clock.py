"""Times of the day: *halfvijf* is 4:30, *vijf voor halfdrie* 2:25.

An hour from one to twelve may be of either half of the day. What is said of the day part
(*'s avonds*) settles it; without that it is read as the clock face shows it, from 1:00 to 12:59,
and the other reading is given second.

Source: Leidraad of the Woordenlijst (*halfvijf* in one word); *tien na drie* is Belgian for *tien
over drie* (taaladvies.net).
"""

from collections.abc import Callable
from datetime import time
from typing import Any, TypeAlias

from getalwoord.numerals.forms import Form, Kind, never
from getalwoord.numerals.kinds.day_parts import (
    DAY,
    DAY_PART,
    HALF_DAY,
    HOUR,
    day_part_at,
    in_day_part,
    is_on_face,
    time_at,
)
from getalwoord.numerals.language import INFLECTED
from getalwoord.numerals.slots import Cardinals, Either

Parts: TypeAlias = Callable[[int], tuple[int, ...] | None]

_BEFORE = (
    "|precies|klokslag|om|stipt|het_is|?het_is_nu|?te|?ten|?rond|?tegen|?omstreeks|?omtrent|?vanaf|?tot"
    "|?om_precies|?om_klokslag|?om_stipt|?precies_om|?stipt_om|?rond_de_klok_van|?klokke|?exact"
    "|?ongeveer|?circa"
)
_BEHIND = "|precies|stipt"
_STRUCK = "klokslag|stipt|?klokke|?rond_de_klok_van"


def _if_past(pasts: range, *, next_hour: bool, said: int = 1, base: int = 0) -> Parts:
    """Make the parts of a form that names minutes and an hour.

    Args:
        pasts: Minutes past the hour at which the form is used.
        next_hour: Whether the hour that is named is the one to come.
        said: 1 or -1, as minutes are counted from `base` on or back to it; 0 if none are named.
        base: What the minutes are counted from.
    """

    def parts(face: int) -> tuple[int, ...] | None:
        hour, past = divmod(face, HOUR)
        if past not in pasts:
            return None
        minutes = (said * (past - base),) if said else ()
        return (*minutes, hour + 1 if next_hour else hour or 12)

    return parts


def _at(minute: int, sign: int = 0) -> Callable[..., int]:
    """Make the value of such a form: the minute on the face."""

    def value(*slots: int) -> int:
        *said, hour = slots
        return (HOUR * hour + minute + sign * sum(said)) % HALF_DAY

    return value


def _hour_and_minutes(face: int) -> tuple[int, int] | None:
    hour, past = divmod(face, HOUR)
    return (hour or 12, past) if past else None


_MINUTES = "|minuten|minuut|?minuutjes"
_QUARTER = "kwart|?kwartier|?een_kwartier|?een_kwart"
# *Tegen achten*: by itself this is no hour.
_INFLECTED = Kind(
    [
        Form("{n} +en", lambda n: n, never),
        *(Form(word, lambda hour=hour: hour, never) for hour, word in INFLECTED.items()),
    ],
    {"n": Cardinals(1, 12)},
)
_HOUR_ON_FACE = Either(Cardinals(1, 12), _INFLECTED)
# In minutes after twelve, of one half of the day
_FACE = Kind(
    [
        Form("{hour} uur|?ure", _at(0), _if_past(range(1), next_hour=False, said=0)),
        Form(
            f"{_QUARTER} over|na {{hour}} |uur",
            _at(15),
            _if_past(range(15, 16), next_hour=False, said=0),
        ),
        Form("half +{hour} |uur", _at(-30), _if_past(range(30, 31), next_hour=True, said=0)),
        Form(
            f"{_QUARTER} voor {{hour}} |uur",
            _at(-15),
            _if_past(range(45, 46), next_hour=True, said=0),
        ),
        Form(
            f"{{minutes}} {_MINUTES} over|na {{hour}} |uur",
            _at(0, 1),
            _if_past(range(1, 15), next_hour=False),
        ),
        Form(
            f"{{few}} {_MINUTES} voor half +{{hour}} |uur",
            _at(-30, -1),
            _if_past(range(16, 30), next_hour=True, said=-1, base=30),
        ),
        Form(
            f"{{few}} {_MINUTES} over|na half +{{hour}} |uur",
            _at(-30, 1),
            _if_past(range(31, 45), next_hour=True, base=30),
        ),
        Form(
            f"{{minutes}} {_MINUTES} voor {{hour}} |uur",
            _at(0, -1),
            _if_past(range(46, 60), next_hour=True, said=-1, base=60),
        ),
        Form(
            f"{{minutes}} {_MINUTES} over|na {{hour}} |uur",
            never,
            _if_past(range(16, 30), next_hour=False),
            "after the whole hour",
        ),
        Form(
            f"{{hour}} uur |en {{past}} {_MINUTES}",
            lambda hour, past: (HOUR * hour + past) % HALF_DAY,
            _hour_and_minutes,
            "hour and minutes",
        ),
        Form(
            "{hour} uur nul {units}",
            lambda hour, past: (HOUR * hour + past) % HALF_DAY,
            lambda face: parts if (parts := _hour_and_minutes(face)) and parts[1] < 10 else None,
            "hour and minutes with nul",
        ),
        Form("{hour} uur nul_nul|nul", _at(0), never),
    ],
    {
        "hour": _HOUR_ON_FACE,
        "minutes": Cardinals(1, 59),
        "few": Cardinals(1, 29),
        "past": Cardinals(1, 59),
        "units": Cardinals(1, 9),
    },
)


def _of_day(hour: int, past: int = 0) -> int:
    return (HOUR * hour + past) % DAY


def _by_24_hours(pasts: range) -> Parts:
    def parts(minute: int) -> tuple[int, ...] | None:
        hour, past = divmod(minute, HOUR)
        if 0 < hour < 13 or past not in pasts:
            return None
        return (hour, past) if past else (hour,)

    return parts


_24_HOURS = Kind(
    [
        Form("{hour} uur", _of_day, _by_24_hours(range(1))),
        Form(f"{{hour}} uur |en {{past}} {_MINUTES}", _of_day, _by_24_hours(range(1, 60))),
        Form("{hour} uur nul {units}", _of_day, _by_24_hours(range(1, 10)), "with nul"),
        Form("{hour} uur nul_nul|nul", _of_day, never),
        Form("nul {early} uur", _of_day, never),
        Form("nul {early} uur {past}", _of_day, never),
        Form("nul {early} uur nul_nul|nul", _of_day, never),
        Form("nul_nul uur |nul_nul|nul", lambda: 0, never),
        Form("nul_nul uur |nul {early}", lambda early: early, never),
        Form("nul_nul uur {tens}", lambda past: past, never),
        Form("{afternoon} {tens}", _of_day, never, "without uur"),
        Form("kwart over|na {hour}", lambda hour: _of_day(hour, 15), never),
        Form("kwart voor {hour}", lambda hour: _of_day(hour, -15), never),
        Form("{minutes} over|na {hour}", lambda minutes, hour: _of_day(hour, minutes), never),
        Form("{minutes} voor {hour}", lambda minutes, hour: _of_day(hour, -minutes), never),
        Form("half +{hour}", lambda hour: _of_day(hour, -30), never),
    ],
    {
        "hour": Either(Cardinals(13, 24), Cardinals(0, 0)),
        "early": Cardinals(1, 9),
        "afternoon": Cardinals(13, 23),
        "past": Cardinals(1, 59),
        "tens": Cardinals(10, 59),
        "units": Cardinals(1, 9),
        "minutes": Cardinals(1, 29),
    },
)


def _minute(value: Any) -> int | None:
    if not isinstance(value, time) or value.second or value.microsecond or value.tzinfo:
        return None
    return HOUR * value.hour + value.minute


def _shown_on_face(face: int) -> time:
    return time_at(face if face >= HOUR else face + HALF_DAY)


def _plain(value: Any) -> tuple[int] | None:
    minute = _minute(value)
    return (minute % HALF_DAY,) if minute is not None and is_on_face(minute) else None


def _with_day_part(*, shown: bool) -> Callable[[Any], tuple[int, int] | None]:
    def parts(value: Any) -> tuple[int, int] | None:
        minute = _minute(value)
        if minute is None or is_on_face(minute) != shown:
            return None
        return minute % HALF_DAY, day_part_at(minute)

    return parts


CLOCK = Kind(
    [
        Form(f"{_BEFORE} {{face}} {_BEHIND}", _shown_on_face, _plain),
        Form(
            f"{_BEFORE} {{face}} {{part}} |?precies|?stipt|?vroeg|?laat",
            lambda face, part: time_at(in_day_part(face, part)),
            _with_day_part(shown=False),
        ),
        Form(f"{_BEFORE} {{face}} {{part}}", never, _with_day_part(shown=True), "with day part"),
        Form(
            f"{_BEFORE} {{day}} {_BEHIND}",
            time_at,
            lambda value: None if (minute := _minute(value)) is None else (minute,),
            "24 hours",
        ),
        Form("{day} {part}", lambda minute, part: time_at(minute), never),
        Form(
            "{part} |?om|?te|?ten|?rond|?tegen {face}",
            lambda part, face: time_at(in_day_part(face, part)),
            never,
        ),
        Form(f"{_STRUCK} {{hour}}", lambda hour: _shown_on_face(HOUR * hour % HALF_DAY), never),
        Form("om|te|rond|tegen|omstreeks|klokslag|precies middernacht", lambda: time(0), never),
        Form("twaalf_uur middernacht", lambda: time(0), never),
        Form(f"{_QUARTER} voor middernacht", lambda: time_at(-15), never),
        Form(f"{_QUARTER} over|na middernacht", lambda: time_at(15), never),
        Form(f"{{minutes}} {_MINUTES} voor middernacht", lambda past: time_at(-past), never),
        Form(f"{{minutes}} {_MINUTES} over|na middernacht", time_at, never),
        *(
            form
            for about in ("om|rond|tegen|omstreeks {inflected}", "om|rond|tegen een uur of {hour}")
            for form in (
                Form(about, lambda hour: time_at(HOUR * hour), never),
                Form(
                    f"{about} {{part}}",
                    lambda hour, part: time_at(in_day_part(HOUR * hour % HALF_DAY, part)),
                    never,
                ),
            )
        ),
        Form("om|te|rond|tegen {of_day} uren", lambda hour: time_at(HOUR * hour), never),
        Form("middernacht", lambda: time(0), lambda v: () if v == time(0) else None, "middernacht"),
        # The other half of the day
        Form(
            f"{_BEFORE} {{face}} {_BEHIND}",
            lambda face: time_at(face + (0 if face < HOUR else HALF_DAY)),
            never,
        ),
    ],
    {
        "face": _FACE,
        "day": _24_HOURS,
        "part": DAY_PART,
        "hour": Cardinals(1, 12),
        "of_day": Cardinals(1, 24),
        "minutes": Cardinals(1, 59),
        "inflected": _INFLECTED,
    },
)

#: *Zeven vijftien*: only where a time is spoken of is this more than two numbers.
HOUR_AND_MINUTES = Kind(
    [
        Form("{hour} {tens}", lambda hour, past: time_at(_of_day(hour, past)), never),
        Form("{of_day} nul {units}", lambda hour, past: time_at(_of_day(hour, past)), never),
    ],
    {
        "hour": Cardinals(1, 12),
        "tens": Cardinals(10, 59),
        "of_day": Cardinals(1, 24),
        "units": Cardinals(1, 9),
    },
)
