"""Whether times, dates and years can stand where they stand; `context` has the policy."""

import re
from collections.abc import Sequence
from datetime import date, time

from getalwoord.numerals.cardinals import WORDS
from getalwoord.numerals.kinds.day_parts import PARTS_OF_DAY
from getalwoord.numerals.language import AND, HYPHENS, UNITS
from getalwoord.numerals.surroundings import (
    Candidate,
    Surroundings,
    counts_things,
    is_announced,
    is_counted,
    is_from_year_to_year,
    is_journey,
    is_noun_counted,
    is_of_travel,
    is_several,
    is_unit,
    lasts_so_long,
)
from getalwoord.numerals.words import any_of, plain

AT = any_of(
    "om te ten tegen rond omstreeks vanaf tot sinds klokslag rondom is was wordt werd omtrent van"
)
_IT_IS_NOW = re.compile(
    r"\b(?:is|was)(?:\s+(?:het|nu|al|pas|net|bijna|ongeveer|ruim)){1,2}\s+$", re.I
)
_IN_A_YEAR = any_of(
    "in sinds anno vanaf tot uit jaar sedert januari februari maart april mei juni juli augustus "
    "september oktober november december zomer winter herfst lente voorjaar najaar rond"
)
_OF_A_YEAR = any_of(
    "van voor tegen over na eind begin medio halverwege lichting seizoen dan wk ek album"
)
_OF_LATE, _TO_COME = range(1900, 2100), range(2020, 2061)
_UP_TO = any_of("tot uit vanaf")
_LASTS = re.compile(r"\b(?:du(?:urt|urde|ren|urden)|sl(?:aap|aapt|apen|iep|iepen))\b", re.I)
_ABOUT_AT = re.compile(
    r"\b(?:om|tegen|rond|vanaf)\s+(?:ongeveer|precies|circa|uiterlijk|exact)\s+$|\bv[oó]ór\s+$",
    re.I,
)
_IS_ABOUT = re.compile(r"\bga(?:at|an)\s+om\b", re.I)
_ONE_OF_HOURS = re.compile(r"\b(?:tussen|om)\s+([^\W\d_]+)\s+(?:en|of)\s+$", re.I)
_FROM_OR_TILL = any_of("van vanaf om tegen rond tot")
# *Om acht uur twee minuten stil*
_SILENT = any_of("stil pauze")
_OF_A_DAY = {f"{part}s" for part in (*PARTS_OF_DAY, "achternoen")}
_ALWAYS_TIME = any_of("half kwart kwartier middernacht ure")
_BEFORE_EACH = any_of("elk elke ieder iedere de")
_EVERY = re.compile(r"\b(?:elke?|iedere?|om\s+de)\s+$", re.I)
# *Een vertraging van twee uur* lasts so long, *een trein van twee uur* leaves then.
_SO_LONG = re.compile(
    r"\b(?:(?:[eé][eé]n|geen|twee|drie|vier|vijf|zes|zeven|acht|tien|twaalf)\s+"
    r"(?:[^\W\d_]+\s+)?(?!(?:trein|bus|tram|boot|metro|veer|veerboot|journaal|mis)\s)[^\W\d_]+|"
    r"\w*(?:vertraging|duur|straf|werkdag|werkdagen|tijd|tijden|reis|rit|tocht|wandeling|"
    r"diensten|gesprek|stilte|periode|termijn|oponthoud|marge|maximum|minimum|voorsprong|"
    r"achterstand|tijdsverschil|pauze))\s+van\s+(?:ruim\s+)?$",
    re.I,
)
_TILL = re.compile(r"\s+tot\b", re.I)
_PRICE_OF = re.compile(r"\b(?:\w*prijs|bedrag|tarief|boete|korting|bon)\s+van\s+$", re.I)
_NO_THINGS = any_of("en of tot in op van voor is was dan toen maar")
_ENDS_A_TIME = {*PARTS_OF_DAY, "stipt", "precies"}
_OR_SO = re.compile(r"\s+of\s+([^\W\d_]+)")
_MINUTES = any_of("minuten minuut kwartier")
_COMMON_MINUTES = (5, 10, 20)
_FIRST_YEAR = 100
_TELLS_A_YEAR = any_of("jaar jaars jare anno christus n.chr v.chr n.c v.c")


def is_time(candidate: Candidate, around: Surroundings) -> bool:
    """Tell whether a time can stand there, and not so many hours or numbers."""
    words, value = candidate.words, candidate.numeral.value
    last = words[-1]
    if set(words) & _ALWAYS_TIME:
        return "kwartier" not in words or not _is_counting(words, around)
    if last in _ENDS_A_TIME | _OF_A_DAY:  # *de film duurde drie uur zaterdagavond*
        if "die" in words[:-1]:
            return around.before in AT  # *hij werkte twee uur die avond*
        return around.before in _FROM_OR_TILL or not _LASTS.search(around.earlier)
    if words == ("een", "uur") and (more := _OR_SO.match(around.rest)) and is_several(more[1]):
        return False  # *om een uur of drie*
    if "uur" in words:
        return _is_hour(words, value, around)
    if not set(words) & {"voor", "over", "na"}:
        return around.before in ("om", "tegen", "rond") or is_of_travel(around)
    if around.after in ("euro", "cent", "procent", "uur") or not isinstance(value, time):
        return False
    if words == ("een", "voor", "een") or _is_counting(words, around):
        return False  # *tien minuten voor vijf opdrachten*, *één voor één*
    if _IT_IS_NOW.search(around.earlier):
        return True
    usual = min(value.minute, 60 - value.minute) in _COMMON_MINUTES
    return around.before in AT or (usual and around.after not in ("van", "de", "het"))


def _is_hour(words: Sequence[str], value: object, around: Surroundings) -> bool:
    """Tell whether so many *uur* is when; *twee uur en tien minuten* lasts so long."""
    last = words[-1]
    if around.before in _BEFORE_EACH and _EVERY.search(around.earlier):
        return False
    is_of = around.before in ("van", "ruim") and not _TILL.match(around.rest)
    if is_of and _SO_LONG.search(around.earlier):
        return False
    if lasts_so_long(around) or (last in ("minuten", "minuut") and around.after in _SILENT):
        return False
    at = around.before in AT or is_announced(value, around) or _is_at_about(around)
    takes = around.before in ("in", "binnen") or _LASTS.search(around.earlier)
    if (takes and not at) or is_journey(around):
        return False  # *de film duurt twee uur twintig*
    few = words[-2] == "uur" and last in UNITS.values()
    counts = is_unit(around.after) or ((few or not at) and is_noun_counted(around))
    names_one = around.after and around.after not in _NO_THINGS
    is_one = words[-2:] == (AND, "een") or (words[-2:] == ("uur", "een") and names_one)
    if last in WORDS and (is_one or counts):
        return False  # *twee uur en een kwartier*, *twee uur tien mensen*
    lasts = {last, around.after} & {"uur", "minuten", "minuut"}
    is_now = _IT_IS_NOW.search(around.earlier) and not is_counted(around.after)
    return at or not lasts or bool(is_now)


def _is_counting(words: Sequence[str], around: Surroundings) -> bool:
    """Tell whether minutes are before so many things: *tien minuten voor vijf opdrachten*."""
    are_minutes = not _MINUTES.isdisjoint(words) and around.before not in AT
    return are_minutes and counts_things(around)


def _is_at_about(around: Surroundings) -> bool:
    """Tell whether an hour is about when: *om ongeveer acht uur*, *tussen acht en twaalf uur*."""
    if _LASTS.search(around.earlier) or _IS_ABOUT.search(around.earlier):
        return False
    other = _ONE_OF_HOURS.search(around.earlier)
    is_one_of = other is not None and (plain(other[1]) == "een" or is_several(other[1]))
    return is_one_of or _ABOUT_AT.search(around.earlier) is not None


def is_date(candidate: Candidate, around: Surroundings) -> bool:
    """Tell whether a date can stand there."""
    value = candidate.numeral.value
    if isinstance(value, date):
        if value.year < _FIRST_YEAR and _TELLS_A_YEAR.isdisjoint(candidate.words):
            return False  # *vijf mei van tien tot vier uur*
        round_year = value.year < 1000 or value.year % 1000 == 0
        # *Op vijf mei honderd mensen*
        if is_unit(around.after) or (round_year and is_noun_counted(around)):
            return False
    return not candidate.numeral.text.endswith(" Jan")  # a man's name


def is_year(candidate: Candidate, around: Surroundings) -> bool:
    """Tell whether a year can stand there, which in two numbers needs a word before it."""
    value = candidate.numeral.value
    if not isinstance(value, int) or (value < 1000 and "christus" not in candidate.words):
        return False
    apart = " " in candidate.numeral.text.strip() or is_joined(candidate)
    is_of = around.before in _OF_A_YEAR
    if apart and (
        is_unit(around.after) or ((is_of or around.before in _UP_TO) and is_noun_counted(around))
    ):
        return False  # *tot twintig dertig mensen*
    if not apart or around.before in _IN_A_YEAR or around.before.endswith("jaar"):
        return True
    # *Voor negentien vijfennegentig* is a price, *tegen negentien dertig* a time.
    years = _TO_COME if around.before in ("voor", "tegen") else _OF_LATE
    is_late = is_of and value in years
    if is_late and not (is_of_travel(around) or _PRICE_OF.search(around.earlier)):
        return True
    return is_from_year_to_year(around)


def is_joined(candidate: Candidate) -> bool:
    """Tell whether a numeral has hyphens."""
    return not set(HYPHENS).isdisjoint(candidate.numeral.text)
