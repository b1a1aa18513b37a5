"""Parts of the day, *'s middags*, which settle the half of the day that a time is in."""

import re
from datetime import time

from getalwoord.numerals.cardinals import OFFICIAL
from getalwoord.numerals.forms import table

#: In minutes
HALF_DAY, DAY, HOUR = 12 * 60, 24 * 60, 60
_MORNING, _AFTERNOON, _EVENING, _NIGHT = range(4)
# Parts of the day, each with the words for it; the first are official.
_DAY_PARTS = {
    _MORNING: ("ochtend", "morgen", "voormiddag"),
    _AFTERNOON: ("middag", "namiddag"),
    _EVENING: ("avond",),
    _NIGHT: ("nacht",),
}
#: All words for them
PARTS_OF_DAY = tuple(word for words in _DAY_PARTS.values() for word in words)
#: Finds one in the text of a time
PART_SAID = re.compile("|".join(PARTS_OF_DAY), re.I)
WEEKDAYS = ("maandag", "dinsdag", "woensdag", "donderdag", "vrijdag", "zaterdag", "zondag")
#: What a part of the day is joined to where it says which day, too: *gisteravond*
DAYS = ("morgen", "overmorgen", "gister", "gisteren", "eergister", "eergisteren", *WEEKDAYS)
#: What is left of *des* in *'s avonds* where the apostrophe is left out
DES = "s"
_SAID = (
    *("'s {}s", "s {}s", "s{}s", "{}s", "des {}s", "in de {}", "van{}", "?s'{}s", "?van de {}"),
    *("?'s {}", "?in den {}", "?in de vroege {}", "?in de late {}"),
    *("?'s {}s vroeg", "?'s {}s laat", "?die {}"),
    *(f"?{day} {{}}" for day in DAYS),
)
# In Belgium
_ALSO_SAID = {
    _MORNING: ("?voormiddag", "?voor de middag"),
    _AFTERNOON: ("?namiddag", "?na de middag", "?'s achternoens", "?in de achternoen"),
}
#: Reads and writes one, by its number
DAY_PART = table(
    {
        part: [*(said.format(w) for w in words for said in _SAID), *_ALSO_SAID.get(part, ())]
        for part, words in _DAY_PARTS.items()
    }
)


def day_part_at(minute: int) -> int:
    """Tell which part of the day a minute is in."""
    return (_NIGHT, _MORNING, _AFTERNOON, _EVENING)[minute // (6 * HOUR)]


def day_part(value: time) -> str:
    """Name the part of the day that a time is in: *'s middags*."""
    return next(DAY_PART.writings(day_part_at(HOUR * value.hour), OFFICIAL))[0]


def in_part_of_day(value: time, name: str) -> time:
    """Give which of the two times on a clock face is in a part of the day; what is on none stays.

    Args:
        value: As it is shown on the face, from 1:00 to 12:59.
        name: *ochtend*, *middag* or the like.
    """
    minute = HOUR * value.hour + value.minute
    if not is_on_face(minute):
        return value
    part = next(part for part, names in _DAY_PARTS.items() if name.lower() in names)
    return time_at(in_day_part(minute % HALF_DAY, part))


def in_day_part(face: int, part: int) -> int:
    """Tell which of the two times on a clock face is in, or nearest to, a part of the day."""
    later = {
        _NIGHT: face >= 9 * HOUR,  # *elf uur 's nachts* is before midnight
        _MORNING: False,
        _AFTERNOON: face < 10 * HOUR,  # *elf uur 's middags* is before noon
        _EVENING: face >= HOUR,  # *twaalf uur 's avonds* is midnight
    }
    return face + HALF_DAY if later[part] else face


def time_at(minute: int) -> time:
    """Give a time by its minute, from midnight on."""
    return time(*divmod(minute % DAY, HOUR))


def is_on_face(minute: int) -> bool:
    """Tell whether a clock face shows a minute without more being said: from 1:00 to 12:59."""
    return HOUR <= minute < HALF_DAY + HOUR
