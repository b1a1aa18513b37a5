"""Which words of running Dutch are numerals, by what stands around them.

The policy, in short; `Figures.ambiguous` turns it off:

- *een* alone is the article, but before *twee* it counts (*een of twee*), and *een op de drie* and
  *tien tegen een* have 1; *één* is 1, but not in *de één*. In *een keer*, *eenmaal* and *eenvoudig*
  it is no number either, but in *éénmaal*; and *een derde* is a fraction only before *van* and the
  like: else *derde* is an ordinal.
- *een paar*, *paar*, *dubbel*, *enkelvoudig*, *half*, *kwart*, *helft* and *gros* by themselves are
  left alone.
- What counts something is a number, *schreef hij acht nieuwe liedjes*, and so is one of several,
  *kunnen zeven of acht*. Else *acht* is a verb after *ik*, *hij*, *de rechtbank* …, before
  *zich*, and with what is thought (*die hij nodig acht*, *de arts acht het nodig*), and no number
  in *acht slaan*, *in acht nemen*, *buiten acht*; *vier* is a verb after *ik*, *vierde* one after
  *hij*, before *de* and with a feast; *zeven* is one after *te*, *kunnen* and what is sifted, and
  *met grote zeven* are things. *Elf* is the creature after *een*, *die*, *deze*, *de* and in
  *verkleed als elf*. What begins a clause as a subject and its verb, *hij acht*, *ik vier*, is no
  number in any case.
- *Één en al oor* has no 1.
- *Nummer een*, *op poort een* and *drie, twee, een* have 1, *een euro of tien* has none.
- *Twee uur en een kwartier* and *drie uur twee boterhammen* have no minutes.
- So many *uur* is a time after *om*, *tegen*, *rond*, *vanavond* and the like and before a part of
  the day or *precies*; else, after *elke* and in *een reis van zes uur*, it is a number of hours.
- Minutes *voor* or *over* an hour without *half*, *kwart* or *uur* are a time if they are five,
  ten or twenty, or if *om* and the like stands before them.
- A year in two numbers, *twintig vierentwintig*, needs *in*, *sinds*, *anno* … before it, unless
  it is written as one word; after *van*, *over*, *eind* … it is one from 1900 on, after *voor* and
  *tegen* one from 2020 to 2060.
- Digits one by one are digits if a nought comes first (*nul-één* is a score), after *code*,
  *nummer* and the like, or if there are more than five of them. *Min* between two numbers is no
  sign.
- *Pond*, *won*, *rand* and *mark* are other words as well, and *kwartjes* and the like are things:
  before them stands a plain number.
- *Vijf euro en twee appels* and *drie euro twaalf broden* have no cents; *drie euro vijftig per
  persoon* has.
- *Drie vijftig* is a price after *kost*, *voor* and the like, *drie ton* is money where money is
  spoken of; else they are numbers. *Één op de drie* has two numbers.
- *'s Avonds om acht uur* is 20:00: a part of the day before a time settles its half. What figures
  do not say stays: *om 21 uur gisteravond*.
- *Nul op het rekest* and *van nul en generlei waarde* have no nought.
- What stands behind a unit spelled as before 1804 is a part of a numeral: *ses en dertig*.
- *Ten eerste* stays, and some names: *Tweede Kamer*, *Eerste Wereldoorlog*, *mevrouw Zes*, *Jan*
  behind a number.
"""

import re
from datetime import time

from getalwoord.numerals.cardinals import PLURAL, SINGLE_LEVELS
from getalwoord.numerals.checks import CHECKS
from getalwoord.numerals.grammar import Numeral
from getalwoord.numerals.homographs import HOMOGRAPHS, is_acht_another_word
from getalwoord.numerals.kinds.day_parts import PART_SAID, in_part_of_day
from getalwoord.numerals.language import BETWEEN, OTHER_LEVELS, TENS
from getalwoord.numerals.surroundings import (
    AMONG,
    NUMBERED,
    Candidate,
    Surroundings,
    is_several,
)
from getalwoord.numerals.words import any_of, is_stressed, plain

# *Seventien hondert ses en dertig* is no 30: what is not read is not read in part.
_EARLIER_UNIT_AND = re.compile(r"\b(?:vyff?|ses|seven|agt)\s+en(?:de)?\s+$", re.I)
_TITLES = any_of("meneer mijnheer mevrouw juffrouw juf heer dhr mevr dokter familie")
#: The commonest words of sentences, of those that are no numeral with a letter or two otherwise
OF_SENTENCES = any_of(
    "ik jij hij zij wij u mijn haar hun heb hebt heeft had hadden is was waren niet maar ook nog "
    "met door wordt werd kan kunt zal zou moet wil komt gaat staat kost kostte dat dit deze wat "
    "als zijn ben bent wilde mocht mag alle ons jullie hem gaf ging kreeg kwam stond bleef "
    "worden hebben volgens sinds tussen"
)
_VAGUE = any_of(
    "paar paren dubbel dubbele dubbelen enkel enkele enkelvoud enkelvoudig enkelvoudige"
)
_LEVELS = frozenset(SINGLE_LEVELS.values()) | OTHER_LEVELS.keys()
_TENS = frozenset(TENS.values())
_OF_MANY = _LEVELS | {"honderd", "duizend"}
_SOME = any_of("paar enkele enige tig zoveel")
_PARTS_ALONE = any_of("half halve helft kwart gros dozijn")
_TIMES_ONCE = any_of("keer maal voud voudig voudige") | _VAGUE
_COUNTED_ON = re.compile(
    rf"(?:,|\s+(?:{BETWEEN}))\s+twee(?![\w-])|\s+twee,?\s+drie(?!\w)|-\s(?:{BETWEEN})\stwee", re.I
)
# *Een tot twaalf jaar cel veroordeelde man* has no 1.
_UP_FROM = {
    "van": re.compile(r"\s+(?:tot(?:\s+en\s+met)?|naar)\s+([^\W\d_]+)", re.I),
    "tussen": re.compile(r"\s+en\s+([^\W\d_]+)", re.I),
}
_OF_LAWS = any_of("artikel fase hoofdstuk paragraaf")
_BEHIND_RANK = any_of("met in van is was blijft wordt")
_RANKS = re.compile(r"\b(?:de|als|op)\s+nummer\s+$", re.I)
_COUNTED_DOWN = re.compile(r"\bdrie(,?)\s+twee\1\s+$", re.I)
_THROUGH = re.compile(r"\s+(?:tot\s+en\s+met|t/m)\s+([^\W\d_]+)", re.I)
_NEXT_NUMBER = re.compile(r"\s+(?:en|of|tot)\s+(?:\w+\s+)?([^\W\d_]+)", re.I)
_MEASURED = re.compile(
    r"\s+(?:meter|kilo|liter)\s+([^\W\d_]+(?:tig|honderd))\b(?!\s+(?:verder\w*|terug|\w+meter)\b)",
    re.I,
)
_A_SCORE = re.compile(r"een\s+[^\s-]+(?:-[^\s-]+)+", re.I)
_OPERATORS = any_of("keer maal plus min")
_WITH_UNITS = ("money", "percentage")
_OR_SO = re.compile(r"\s+of\s+([^\W\d_]+)(?:\s+([^\W\d_]+))?", re.I)
_ODDS = re.compile(r"([^\W\d_]+)\s+tegen\s+$")
_THE_OTHER = re.compile(r"\s+(?:of|en)\s+(?:het\s+|de\s+)?ander(?:en?|s)?\b", re.I)
_UP_TO_HALF = re.compile(r"\s+à\s+(?:anderhal(?:f|ve)|twee)\b", re.I)
# *Hij was één en al oor*
_WHOLLY = re.compile(r"\s+en\s+al\s+([^\W\d_]+)", re.I)
_NO_FEELINGS = any_of(
    "de het die deze dit dat mijn jouw zijn haar ons onze hun aan in op zo lang snel weer niet "
    "jaren maanden weken dagen"
)


def fits(candidate: Candidate, around: Surroundings, ambiguous: bool) -> bool:
    """Tell whether a text is a numeral of some kind where it stands.

    Args:
        candidate: Text and reading.
        around: Where it stands.
        ambiguous: Whether words that are most often no numerals are taken for them.
    """
    check = CHECKS.get(candidate.numeral.kind)
    if check is not None and not check(candidate, around):
        return False
    return ambiguous or not _is_other_word(candidate, around)


def time_of(numeral: Numeral, around: Surroundings) -> time:
    """Give the time that is meant where a part of the day is before it: *'s avonds om acht*.

    Args:
        numeral: A time.
        around: Where it stands.
    """
    value = numeral.value
    assert isinstance(value, time)
    said = _DAY_PART_BEFORE.search(around.earlier)
    if said is None or PART_SAID.search(numeral.text):
        return value
    name = said[1] or said[2]
    if said["far"] and not (said["at"] and _fits_far(value, name)):
        return value
    is_of_another = said["far"] or (said["at"] or "").startswith("tot")
    if is_of_another and _BEHIND_A_TIME.search(around.earlier[: said.start()]):
        return value  # *van acht uur 's ochtends tot kwart over twaalf*
    return in_part_of_day(value, name)


def _fits_far(value: time, name: str) -> bool:
    """Tell whether an hour on the clock face is one of a part of the day said some words before."""
    hours = next(hours for part, hours in _HOURS_OF_PARTS.items() if part in name.lower())
    return value.hour % 12 in hours


_DAY_PART_BEFORE = re.compile(
    r"(?:\w*?(ochtend|voormiddag|middag|avond|nacht)s?|(?:['’]s\s+|van|dag)(morgen)s?)"
    # *Vanavond begint om half negen*
    r"(?P<far>(?:\s+(?!(?:dat|die|tot|en|vandaag|\w*morgen|\w+dag)\b)\w+){0,4}?)"
    r"\s+(?:(?:vroeg|laat)\s+)?(?P<at>(?:om|ten?|rond|tegen|omstreeks|tot|vanaf)\s+)?$",
    re.I,
)
# *Gisteravond ging hij pas om twee uur naar bed* is no afternoon.
_HOURS_OF_PARTS = {
    "voormiddag": range(5, 12),
    "middag": range(7),
    "avond": range(5, 12),
    "nacht": range(6),
    "": range(5, 12),
}
_BEHIND_A_TIME = re.compile(
    r"\b(?:uur|(?:van|vanaf|half|voor|over|na)\s+\w+)\s+(?:['’]s\s+|in\s+de\s+)?$", re.I
)


def _is_other_word(candidate: Candidate, around: Surroundings) -> bool:
    words, text = candidate.words, plain(candidate.numeral.text)
    if text == "een":
        return _is_article(candidate, around)
    if _A_SCORE.fullmatch(candidate.numeral.text):
        return True  # *een nul-twee achterstand*
    if words[0] in _OF_MANY and around.before in _SOME:
        return True  # *een paar honderd mensen*
    ten = words[0].removesuffix(PLURAL).removesuffix("ste")
    if ten in _TENS and _EARLIER_UNIT_AND.search(around.earlier):
        return True
    if len(words) == 1:
        if words[0] in _LEVELS:
            return True  # *enkele miljoen*
        if _is_name(candidate, around):
            return True
        other = HOMOGRAPHS.get(text)
        return text in _PARTS_ALONE | _VAGUE or (other is not None and other(around))
    if words[0] == "een" and words[-1] in _TIMES_ONCE:
        return not is_stressed(candidate.numeral.text)
    if words[0] == "een" and candidate.numeral.kind in _WITH_UNITS:
        return _is_or_so(candidate, around)
    if words[:2] == ("acht", "een") and text.startswith("acht "):
        # *De minister acht een tweede onderzoek* has no eight halves.
        return is_acht_another_word(Surroundings(around.text, around.start, around.start + 4))
    return words[-1] in ("paar", "paren")


def _is_name(candidate: Candidate, around: Surroundings) -> bool:
    """Tell whether a word is somebody's name: *mevrouw Zes*."""
    is_capital = candidate.numeral.text[0].isupper()
    return around.before in _TITLES and is_capital and not around.is_in_capitals


def _is_or_so(candidate: Candidate, around: Surroundings) -> bool:
    """Tell whether *een* is the article before a unit: *een euro of tien*."""
    words, more = candidate.words, _OR_SO.match(around.rest)
    if more is None or len(words) != 2 or is_stressed(candidate.numeral.text):
        return False
    return is_several(more[1]) and plain(more[2] or "") != words[1]


def _is_article(candidate: Candidate, around: Surroundings) -> bool:
    if _THE_OTHER.match(around.rest):
        return True  # *op één of andere manier*
    if _COUNTED_ON.match(around.rest) or around.before == "nul" or _is_rank(around):
        return False
    if _UP_TO_HALF.match(around.rest) or (around.before in _OPERATORS and around.after == "is"):
        return False
    parts = _MEASURED.match(around.rest)
    if parts and is_several(parts[1]):
        return False  # *een meter tachtig*
    of_several = AMONG.match(around.rest) or _ODDS.search(around.earlier)
    if around.before in _UP_FROM:
        of_several = of_several or _UP_FROM[around.before].match(around.rest)
    if of_several and is_several(of_several[1]):
        return False
    wholly = _WHOLLY.match(around.rest)
    if wholly and around.before not in NUMBERED and wholly[1].lower() not in _NO_FEELINGS:
        return not is_several(wholly[1])
    return not is_stressed(candidate.numeral.text) or around.before == "de"


def _is_rank(around: Surroundings) -> bool:
    """Tell whether *een* is the number of something: *de nummer een*, *op poort een.*"""
    before = around.before
    if _COUNTED_DOWN.search(around.earlier):
        return True
    if not before:
        return around.rest.startswith(":") and not around.earlier.strip()
    through = _THROUGH.match(around.rest)
    if through and is_several(through[1]):
        return True
    if before not in NUMBERED:
        return False
    if before in _OF_LAWS and around.after in _BEHIND_RANK:
        return True  # *artikel een van de Grondwet*
    if before == "nummer" and (around.after in _BEHIND_RANK or _RANKS.search(around.earlier)):
        return True
    following = _NEXT_NUMBER.match(around.rest)
    return not around.after or (following is not None and is_several(following[1]))
