"""For each kind, whether a numeral of it can stand where it stands; `context` has the policy."""

import re
from collections.abc import Callable, Mapping
from decimal import Decimal
from itertools import pairwise

from getalwoord.numerals.cardinals import ORDINAL_WORDS, PLURAL, WORDS
from getalwoord.numerals.checks_of_time import is_date, is_joined, is_time, is_year
from getalwoord.numerals.exact import parse_exactly
from getalwoord.numerals.grammar import lacks_and
from getalwoord.numerals.kinds.money import COINS
from getalwoord.numerals.language import AND, NEGATIVE, TENS, UNITS, ZERO
from getalwoord.numerals.surroundings import (
    Candidate,
    Surroundings,
    counts_things,
    is_counted,
    is_noun_counted,
    is_unit,
)
from getalwoord.numerals.values import Money
from getalwoord.numerals.words import any_of, is_stressed, plain

#: Words behind a fraction that stay words
SHARES = any_of("deel delen gedeelte")
_WITHIN_FRACTIONS = SHARES | any_of("op van gedeeld")
_ABOUT = any_of("bijna ruim ongeveer circa zowat")
_HUNDREDTHS = any_of("honderdste duizendste")
_NUMBER_AND_UNIT = re.compile(r"([^\W\d_]+)\s+[^\W\d_]+\s+$")
_IF = any_of("als indien wanneer tenzij zodra")
_OF = any_of(
    "van deel gedeelte der des minder meer hoger lager kleiner groter is was wordt en of over voor "
    "heeft had wil vindt denkt zegt stemt stemde woont werkt krijgt kreeg gaat ging kan leeft "
    "gebruikt daarvan ervan hiervan procent promille seconde millimeter gram"
)
# What there is a part of; of *minuut* or *keer* there is a third one.
_MASSES = any_of(
    "liter deciliter centiliter kopje kop glas theelepel eetlepel kilo kilometer meter ons pond"
)
_CHANGED = any_of(
    "gegroeid gestegen gedaald toegenomen afgenomen verlaagd verhoogd verminderd verkleind "
    "vergroot gekrompen geslonken gekort ingekort teruggebracht gereduceerd verkort omhoog omlaag "
    "teruggelopen opgelopen duurder goedkoper langer korter toe af terug tot naar groeien stijgen "
    "dalen toenemen afnemen krimpen"
)
_FILLED = any_of(
    "vol leeg gevuld bezet bedekt bebouwd bewoond gedekt betaald afgelost verkocht gefinancierd "
    "uit klaar af gereed voltooid eigenaar verantwoordelijk"
)
# *Een halve finale* is none.
_HALVES = any_of("finale finales gare garen marathon marathons maan zus broer zool waarheid cirkel")
_RANKED = any_of("plaatsen klassen prijzen divisies kampioenen")
_CERTAIN = SHARES | _MASSES | any_of("van der des")
_FORMER = {"derde": "twee", "vierde": "drie", "vijfde": "vier"}
_OR_THE_NEXT = re.compile(r"\s+of\s+[^\W\d_]+(?:de|ste)\b", re.I)
_NO_SHARES = any_of("eerste tweede")
_SHARED = "|".join(word for number, word in UNITS.items() if number > 1)
_OTHER_COINS = any_of("pond ponden won rand mark marken lire peso")
_NAMES = re.compile(r"\s+(?:Kamer\w*|Wereldoorlog|Wereld|Rijk)\b")
_THIRD_WORLD = re.compile(r"\s+wereld\b", re.I)
_HOLIDAYS = re.compile(r"\s+(?:kerst|paas|pinkster)dag\b", re.I)
_BEFORE_DIGITS = re.compile(
    r"\b(?:(?:\w*(?:code|nummer)|pin|toestel|belt?|tel|toets)(?:\s+\w+){0,4}\W+|"
    r"(?:\w*(?:code|nummer)|pin)\b[^.,;]*\s(?:is|was|luidt)\W+|vlucht\s+)$",
    re.I,
)
_COUNTING = " ".join(UNITS.values())
_COUNTING_DOWN = " ".join([*reversed(UNITS.values()), ZERO])
_SCORED = re.compile(
    r"\b(?:staat|stond|blijft|bleef|\w*stand|uitslag|wint|won|wonnen|verliest|verloor|verloren|"
    r"eindigde)\b",
    re.I,
)
_BEHIND_DIGITS = any_of("bellen draaien toetsen intoetsen")
_NUMBERS = WORDS | any_of("half halve kwart anderhalf anderhalve komma punt driekwart")
_GUILDERS = any_of("gulden guldens")
_COSTS = re.compile(
    r"\b(?:kost\w*|betaal\w*|verdien\w*|\w*prijs\w*|waard\w*|bod|bood|bied\w*|schuld|schade|"
    r"subsidie|verkocht\w*|gekocht\w*|hypotheek|salaris|winst|omzet|opbrengst|begroting|tekort|"
    r"invest\w*|verlies|budget|lening|leende)\b",
    re.I,
)
_COSTING = any_of("oplopen kosten bedragen belopen verdienen betalen bieden waren")
_DEBTS = any_of("schuld schulden schade winst verlies subsidie salaris boete")
_PRICED = re.compile(
    r"\b(?:kost\w*|betaal\w*|betalen|wordt dan|prijs is|voor|à|(?:\w*prijs|bedrag|tarief) van)\s+"
    r"(?:(?:maar|slechts|nu|toch|ongeveer|me|mij|je|hem|haar|ons)\s+)?$",
    re.I,
)
_SMALL_CHANGE = Decimal("0.20")  # more is seldom a number of other things than cents
_ROUND = frozenset(TENS.values()) | any_of("tien vijftien")
_MOST_IN_A_ROW = 5  # digits that may be so many numbers


def _is_fraction(candidate: Candidate, around: Surroundings) -> bool:
    words = candidate.words
    if not _WITHIN_FRACTIONS.isdisjoint(words):
        return False  # *één op de drie* has two numbers, and *deel* stays
    if lacks_and(candidate.numeral.text):
        return False
    if "/" in candidate.numeral.text:
        return True
    if (
        around.before == "de"
        and words[-1] in _HUNDREDTHS
        and around.after
        and around.after not in _OF
    ):
        return False  # *de vijf honderdste klant*
    if len(words) > 2 and words[-2] == "een" and words[-3] not in (AND, "een"):
        # *Acht een tweede onderzoek*: a whole number before a fraction mostly has *en* between.
        return not around.after or around.after in _OF or is_unit(around.after)
    if words[-1] in ("half", "halve") and words[-2:-1] and words[-2] in ORDINAL_WORDS:
        return " " not in candidate.numeral.text  # *haar derde halve marathon*
    if words[-1] == "halve" and around.after in _HALVES:
        return False
    if words[-1] in ORDINAL_WORDS and words[0] != "een" and AND not in words:
        return around.after not in _RANKED  # *twee derde plaatsen*
    if words[0] != "een" or len(words) != 2 or words[1] in ("half", "halve", "kwart", "helft"):
        return True
    if words[1] == "tweede":
        return False
    if around.before in _IF and around.after != "van":
        return not around.after  # *indien een derde heeft betaald*
    if around.after not in _CERTAIN | _CHANGED and _is_next_one(words[1], around):
        return False
    if not around.after or around.after in _OF | _MASSES or around.before in _ABOUT:
        return True
    return _is_how_much(around) or _is_like_share(words[1], around)


def _is_next_one(ordinal: str, around: Surroundings) -> bool:
    """Tell whether it is one more: *twee kinderen en verwacht een derde*, *een derde of vierde*."""
    if around.before in ("met", "tot", "maar"):
        return False
    former = _FORMER.get(ordinal)
    is_after_former = former and re.search(rf"\b{former}\b", around.earlier, re.I)
    return bool(is_after_former) or _OR_THE_NEXT.match(around.rest) is not None


def _is_how_much(around: Surroundings) -> bool:
    """Tell whether *een derde* is how much: *met een derde gedaald*, *voor een derde vol*."""
    if around.before == "voor":
        return around.after in _FILLED
    if around.before in ("met", "tot"):
        return around.after in _CHANGED
    return around.before == "van" and around.after in ("naar", "tot")


def _is_like_share(part: str, around: Surroundings) -> bool:
    """Tell whether such shares were named before: *twee derde bleef, een derde ging*."""
    is_next = around.before in (AND, "maar") or around.earlier.rstrip().endswith((",", ";"))
    return is_next and re.search(rf"\b(?:{_SHARED})\s+{part}\b", around.earlier, re.I) is not None


def _is_ordinal(candidate: Candidate, around: Surroundings) -> bool:
    words, text = candidate.words, candidate.numeral.text
    if "/" in text:
        return False
    if around.before == "geen" and around.after == "van" and words[-1] not in _NO_SHARES:
        return False  # *nog geen tiende van het geld*
    if words[-1].endswith(PLURAL):
        return around.before == "den"  # *derden*, *ze vierden*, but *op den eersten*
    if words[0] in ("een", "de", "het", "den") and plain(text).startswith(f"{words[0]} "):
        return "\u0301" in text
    if plain(text) == "derde" and _THIRD_WORLD.match(around.rest):
        return False
    is_holiday = plain(text) in ("eerste", "tweede") and _HOLIDAYS.match(around.rest)
    return not is_holiday and around.before != "ten" and not _NAMES.match(around.rest)


def _is_money(candidate: Candidate, around: Surroundings) -> bool:
    last = candidate.words[-1]
    if not _is_sign(candidate, around):
        return False
    if last == "ton":
        if is_counted(around.after) and around.after not in _COSTING:
            return False  # *tien ton aardappelen*
        is_price = around.before == "voor" and around.after in ("", "verkocht", "gekocht")
        is_debt = around.after in _DEBTS or _COSTS.search(around.earlier)
        return is_price or bool(is_debt)  # else it is a weight
    if candidate.words[:-2] and _ROUND.issuperset(candidate.words[:-1]):
        return False  # *twintig dertig euro* is from 20 to 30
    if WORDS.issuperset(candidate.words):
        # Else *drie vijftig* is two numbers; and *zij ging voor een tien*.
        is_article = around.before == "voor" and candidate.numeral.text.lower().startswith("een ")
        is_many = is_noun_counted(around) or is_unit(around.after)
        return bool(_PRICED.search(around.earlier)) and not (is_article or is_many)
    if last in WORDS and around.after:
        return _are_cents(candidate, around)
    # *Tien Britse pond* and *zes gulden drie stuivers* have a word that tells.
    told = candidate.words[-2] not in _NUMBERS or not _GUILDERS.isdisjoint(candidate.words)
    return told or not (last in _OTHER_COINS or last in COINS)


def _are_cents(candidate: Candidate, around: Surroundings) -> bool:
    """Tell whether a number behind *euro* is one of cents: not in *vijf euro en twee appels*."""
    words, value = candidate.words, candidate.numeral.value
    assert isinstance(value, Money)
    if words[-1] == "een" and not is_stressed(candidate.numeral.text.split()[-1]):
        return False  # *twee euro en een halve cent*, *voor vijf euro een broodje*
    unit = max(place for place, word in enumerate(words) if word not in WORDS)
    usual = words[unit + 1] == ZERO or (
        words[unit + 1] != AND and abs(value.amount) % 1 >= _SMALL_CHANGE
    )
    if usual:
        return not is_unit(around.after)
    return not counts_things(around)  # *gulden en twee vette kapoenen*


def _is_multiplier(candidate: Candidate, around: Surroundings) -> bool:
    # *Voor de tweede keer*; *twee dubbele letters*; *een tiental* is about ten; *in drievoud*.
    if around.before == "in" and candidate.words[-1] == "voud":
        return False
    if re.search(r"\sdubbel", candidate.numeral.text, re.I):
        return False
    return ORDINAL_WORDS.isdisjoint(candidate.words) and "tal" not in candidate.words[-1]


def _is_digits(candidate: Candidate, around: Surroundings) -> bool:
    if _BEFORE_DIGITS.search(around.earlier) or around.after in _BEHIND_DIGITS:
        return True
    if candidate.words[0] == "nul":
        # *Nul-één* is a score, but with *nul-zes* the numbers of mobile telephones begin.
        is_score = is_joined(candidate) or _SCORED.search(around.earlier)
        is_pair = is_score and len(candidate.words) == 2
        return not is_pair or candidate.words[1] == "zes"
    begins_alike = candidate.words[:2] == ("een", "een")  # else *een* may be the article
    alike = any(one == other != "een" for one, other in pairwise(candidate.words[:-1]))
    if begins_alike or alike:
        return True  # *zes zes zes nul* counts nothing
    said = " ".join(candidate.words)
    if said in _COUNTING or said in _COUNTING_DOWN:
        return False  # who counts says numbers
    # With a nought among others they are no numbers that follow each other: *een nul een*.
    return len(candidate.words) > _MOST_IN_A_ROW or ZERO in candidate.words[1:-1]


def _is_decimal(candidate: Candidate, around: Surroundings) -> bool:
    # *Versie één punt twee punt drie* has three numbers.
    goes_on = around.rest.lstrip().startswith("punt ") or around.before == "punt"
    return _is_sign(candidate, around) and ("punt" not in candidate.words or not goes_on)


def _is_sign(candidate: Candidate, around: Surroundings) -> bool:
    """Tell whether *min*, if it begins with that, is a sign: not in *tien euro min drie euro*."""
    if candidate.words[0] not in NEGATIVE:
        return True
    is_same_unit = around.before in candidate.words
    return not is_same_unit and around.before != "plus" and parse_exactly(around.before) is None


def _is_negative(candidate: Candidate, around: Surroundings) -> bool:
    before = _NUMBER_AND_UNIT.search(around.earlier)
    if before and is_unit(around.before) and parse_exactly(before[1]):
        return "graden" in (*candidate.words, around.after)  # *vijf euro min twee*
    if around.before == "plus" or around.before.startswith("test"):
        return False  # *plus minus twintig*, *testte negatief twee dagen later*
    return parse_exactly(around.before) is None  # *tien min vier*


#: By kind, if it is not all the same where it stands
CHECKS: Mapping[str, Callable[[Candidate, Surroundings], bool]] = {
    "date": is_date,
    "decimal": _is_decimal,
    "percentage": _is_sign,
    "negative": _is_negative,
    "time": is_time,
    "year": is_year,
    "fraction": _is_fraction,
    "ordinal": _is_ordinal,
    "money": _is_money,
    "multiplier": _is_multiplier,
    "digits": _is_digits,
}
