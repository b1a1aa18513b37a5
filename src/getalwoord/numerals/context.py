"""Which words of running Dutch are numerals, by what stands around them.

The policy, in short; `Figures.ambiguous` turns it off:

- *een* alone is the article, but before *twee* it counts (*een of twee*), and *een op de drie* and
  *tien tegen een* have 1; *één* is 1. In *een keer* and *eenmaal* it is no number either, and *een
  derde* is a fraction only before *van* and the like: else *derde* is an ordinal.
- *een paar*, *paar*, *dubbel*, *half*, *kwart*, *helft* and *gros* by themselves are left alone.
- *acht* is a verb after *ik*, *hij*, *men* …, and in *acht slaan*, *in acht nemen*; *vier* one
  after *ik*, *vierde* one after *hij*; *zeven* one after *te*. *Elf* is the creature after *een*,
  *die*, *deze*, and after *de* unless a plural follows.
- So many *uur* is a time after *om*, *tegen*, *rond* and the like and before a part of the day or
  *precies*; else it is a number of hours.
- Minutes *voor* or *over* an hour without *half*, *kwart* or *uur* are a time if they are five,
  ten or twenty, or if *om* and the like stands before them.
- A year in two numbers, *twintig vierentwintig*, needs *in*, *sinds*, *anno* … before it, unless
  it is written as one word.
- Digits one by one are digits if a nought comes first (*nul-één* is a score), after *code*,
  *nummer* and the like, or if there are more than five of them. *Min* between two numbers is no
  sign.
- *Pond*, *won*, *rand* and *mark* are other words as well, and *kwartjes* and the like are things:
  before them stands a plain number.
- *Vijf euro en twee appels* and *drie euro twaalf broden* have no cents; *drie euro vijftig per
  persoon* has.
- *Drie vijftig* is a price after *kost*, *voor* and the like, *drie ton* is money where money is
  spoken of; else they are numbers. *Één op de drie* has two numbers.
- *'s Avonds om acht uur* is 20:00: a part of the day before a time settles its half.
- *Ten eerste* stays, and some names: *Tweede Kamer*, *Eerste Wereldoorlog*.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import time
from decimal import Decimal
from functools import cached_property

from getalwoord.numerals.cardinals import ORDINAL_WORDS, PLURAL, WORDS
from getalwoord.numerals.grammar import Numeral
from getalwoord.numerals.kinds.clock import in_part_of_day
from getalwoord.numerals.kinds.money import COINS
from getalwoord.numerals.language import AND, HYPHENS, ZERO
from getalwoord.numerals.parsing import parse_exactly
from getalwoord.numerals.values import Money
from getalwoord.numerals.words import plain


def _any_of(words: str) -> frozenset[str]:
    return frozenset(words.split())


_AT = _any_of(
    "om tegen rond omstreeks vanaf tot sinds klokslag rondom is was wordt werd omtrent van"
)
_IT_IS_NOW = re.compile(
    r"\b(?:is|was)\s+(?:het\s+)?(?:nu|al|pas|net|bijna|ongeveer|ruim)\s+$", re.I
)
_WITHIN_FRACTIONS = _any_of("op van gedeeld deel delen gedeelte")
_IN_A_YEAR = _any_of(
    "in sinds anno vanaf tot uit jaar sedert januari februari maart april mei juni juli augustus "
    "september oktober november december zomer winter herfst lente voorjaar najaar rond"
)
_OF = _any_of(
    "van deel der des minder meer hoger lager kleiner groter is was wordt en of over voor"
)
_BEFORE_ACHT = _any_of("ik hij men wie geen sla slaat sloeg geef geeft gaf neem neemt nam")
_HEEDING = re.compile(
    r"\W*(?:\w+\W+){0,3}?(?:slaan|slaat|sloeg|sloegen|geslagen|geven|geeft|gaf|nemen|neemt|nam|"
    r"namen|genomen)\b"
)
#: The commonest words of sentences, of those that are no numeral with a letter or two otherwise
OF_SENTENCES = _any_of(
    "ik jij hij zij wij u mijn haar hun heb hebt heeft had hadden is was waren niet maar ook nog "
    "met door wordt werd kan kunt zal zou moet wil komt gaat staat kost kostte dat dit deze wat "
    "als zijn ben bent wilde mocht mag alle ons jullie hem gaf ging kreeg kwam stond bleef "
    "worden hebben volgens sinds tussen"
)
_SUBJECTS = _any_of("ik hij zij ze men je u wij we jullie")
_BEFORE_ELF = _any_of("een die deze geen kleine boze lieve mooie")
_SIFTED = _any_of("te bloem meel zand suiker poeder aarde kunnen moeten gaan")
_ARTICLES = _any_of("de het een")
_OTHER_COINS = _any_of("pond ponden won rand mark marken lire peso")
_NAMES = re.compile(r"\s+(?:Kamer|Wereldoorlog)")
_VAGUE = _any_of("paar paren dubbel dubbele dubbelen")
_PARTS_ALONE = _any_of("half halve helft kwart gros")
_TIMES_ONCE = _any_of("keer maal") | _VAGUE
_ALWAYS_TIME = _any_of("half kwart middernacht")
_DAY_PARTS = _any_of("nacht middag avond ochtend morgen stipt precies")
_BEFORE_DIGITS = re.compile(
    r"\b(?:\w*code|\w*nummer|toestel|bel|belt|tel|toets)(?:\s+\w+){0,2}\W+$", re.I
)
_COSTS = re.compile(
    r"\b(?:kost\w*|betaal\w*|verdien\w*|prijs\w*|waard\w*|bod|bood|bied\w*|schuld|schade|subsidie|"
    r"verkocht\w*|gekocht\w*|hypotheek|salaris|winst|verlies|budget|lening|leende)\b",
    re.I,
)
_PRICED = re.compile(r"\b(?:kost\w*|betaal\w*|prijs is|voor|à)\s+(?:maar\s+|slechts\s+)?$", re.I)
_COUNTED_ON = re.compile(r",?\s+(?:twee|één)\b|\s+(?:en|of|à|a|tot)\s+twee\b", re.I)
_OR_SO = re.compile(r"\s+of\s+([^\W\d_]+)")
_COUNTED = _any_of("keer maal procent kilo gram liter meter jaar uur stuks stuivers")
_PLURAL = re.compile(r"\w\w+(?:en|s)")
_SMALL_CHANGE = Decimal("0.20")  # more is seldom a number of other things than cents
_AMONG = re.compile(r"\s+op\s+(?:de\s+)?((?:een\s+(?=\w+j))?[^\W\d_]+)")
_ODDS = re.compile(r"([^\W\d_]+)\s+tegen\s+$")
_MOST_IN_A_ROW = 5  # digits that may be so many numbers
_COMMON_MINUTES = (5, 10, 20)


@dataclass(frozen=True, slots=True)
class Candidate:
    """What may be a numeral.

    Attributes:
        numeral: Its text and one reading of it.
        words: Its words, in their plain form.
    """

    numeral: Numeral
    words: tuple[str, ...]


@dataclass(frozen=True)
class Surroundings:
    """Where in a text something stands.

    Attributes:
        text: The whole text.
        start: Where it begins.
        end: Where it ends.
    """

    text: str
    start: int
    end: int

    @cached_property
    def before(self) -> str:
        """The word before it in the same sentence, in its plain form; "" if there is none."""
        found = re.search(
            r"([^\W\d_]+)[ \t\u00a0]*\n?$", self.text[max(0, self.start - 40) : self.start]
        )
        return plain(found[1]) if found else ""

    @cached_property
    def after(self) -> str:
        """The word behind it in the same sentence, in its plain form; "" if there is none."""
        found = re.match(r"[ \t\u00a0]*\n?(['’]?[^\W\d_]+)", self.text[self.end : self.end + 40])
        return plain(found[1]) if found else ""

    @cached_property
    def earlier(self) -> str:
        """Some of what stands before it in the same sentence."""
        return re.split(r"[.!?\n]", self.text[max(0, self.start - 60) : self.start])[-1]

    @property
    def rest(self) -> str:
        """Some of what follows it."""
        return self.text[self.end : self.end + 60]


def fits(candidate: Candidate, around: Surroundings, ambiguous: bool) -> bool:
    """Tell whether a text is a numeral of some kind where it stands.

    Args:
        candidate: Text and reading.
        around: Where it stands.
        ambiguous: Whether words that are most often no numerals are taken for them.
    """
    check = _CHECKS.get(candidate.numeral.kind)
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
    return in_part_of_day(value, said[1] or said[2]) if said else value


_DAY_PART_BEFORE = re.compile(
    r"(?:\w*(ochtend|middag|avond|nacht)s?|(?:['’]s\s+|van|dag)(morgen)s?)"
    r"\s+(?:om|rond|tegen|omstreeks|tot|vanaf)\s+$",
    re.I,
)


def _is_other_word(candidate: Candidate, around: Surroundings) -> bool:
    words, text = candidate.words, plain(candidate.numeral.text)
    if text == "een":
        if _COUNTED_ON.match(around.rest) or around.before in ("een", "nul"):
            return False
        of_several = _AMONG.match(around.rest) or _ODDS.search(around.earlier)
        if of_several and _is_several(of_several[1]):
            return False
        return "é" not in candidate.numeral.text.lower().replace("e\u0301", "é")
    if len(words) == 1:
        other = _OTHERS.get(text)
        return text in _PARTS_ALONE | _VAGUE or (other is not None and other(around))
    return (words[0] == "een" and words[-1] in _TIMES_ONCE) or words[-1] in ("paar", "paren")


def _is_several(word: str) -> bool:
    numeral = parse_exactly(word)
    return numeral is not None and numeral.kind == "cardinal" and numeral.value != 1


def _is_acht_another_word(around: Surroundings) -> bool:
    if around.before in _BEFORE_ACHT or (around.before == "in" and not around.after):
        return True
    return bool(_HEEDING.match(around.rest)) and around.before not in _AT


def _is_elf_a_creature(around: Surroundings) -> bool:
    if around.before in _BEFORE_ELF:
        return True
    return around.before == "de" and not re.search("(?:en|s)$", around.after)


_OTHERS: dict[str, Callable[[Surroundings], bool]] = {
    "acht": _is_acht_another_word,
    "elf": _is_elf_a_creature,
    "vier": lambda around: around.before in ("ik", "jij") or around.after in ("ik", "jij"),
    "vierde": lambda around: (
        around.before in _SUBJECTS or around.after in ("zijn", "haar", "hun", "feest")
    ),
    "zeven": lambda around: (
        around.before in _SIFTED or (around.before in _SUBJECTS and around.after in _ARTICLES)
    ),
}


def _is_time(candidate: Candidate, around: Surroundings) -> bool:
    words, value = candidate.words, candidate.numeral.value
    last = words[-1]
    if set(words) & _ALWAYS_TIME or last in _DAY_PARTS or last.endswith("s"):
        return True
    if words == ("een", "uur") and (more := _OR_SO.match(around.rest)) and _is_several(more[1]):
        return False  # *om een uur of drie*
    if "uur" in words:  # *Twee uur en tien minuten* lasts so long.
        lasts = {last, around.after} & {"uur", "minuten", "minuut"}
        return around.before in _AT or not lasts or bool(_IT_IS_NOW.search(around.earlier))
    if not set(words) & {"voor", "over", "na"}:
        return around.before in ("om", "tegen", "rond")
    if around.after in ("euro", "cent", "procent", "uur") or not isinstance(value, time):
        return False
    usual = min(value.minute, 60 - value.minute) in _COMMON_MINUTES
    return around.before in _AT or (usual and around.after not in ("van", "de", "het"))


def _is_year(candidate: Candidate, around: Surroundings) -> bool:
    value = candidate.numeral.value
    if not isinstance(value, int) or (value < 1000 and "christus" not in candidate.words):
        return False
    apart = " " in candidate.numeral.text.strip() or _is_joined(candidate)
    return not apart or around.before in _IN_A_YEAR


def _is_joined(candidate: Candidate) -> bool:
    return not set(HYPHENS).isdisjoint(candidate.numeral.text)


def _is_fraction(candidate: Candidate, around: Surroundings) -> bool:
    words = candidate.words
    if not _WITHIN_FRACTIONS.isdisjoint(words):
        return False  # *één op de drie* has two numbers, and *deel* stays
    if words[0] != "een" or len(words) != 2 or words[1] in ("half", "halve", "kwart", "helft"):
        return True
    return words[1] != "tweede" and (not around.after or around.after in _OF)


def _is_ordinal(candidate: Candidate, around: Surroundings) -> bool:
    words, text = candidate.words, candidate.numeral.text
    if words[-1].endswith(PLURAL):
        return False  # *derden*, *ze vierden*
    if words[0] in ("een", "de", "het", "den") and plain(text).startswith(f"{words[0]} "):
        return "\u0301" in text
    return around.before != "ten" and not _NAMES.match(around.rest)


def _is_money(candidate: Candidate, around: Surroundings) -> bool:
    last = candidate.words[-1]
    if last == "ton":
        return bool(_COSTS.search(around.earlier))  # else it is a weight
    if WORDS.issuperset(candidate.words):
        return bool(_PRICED.search(around.earlier))  # else *drie vijftig* is two numbers
    if last in WORDS and around.after:
        return _are_cents(candidate, around)
    with_stuivers = not {"gulden", "guldens"}.isdisjoint(candidate.words)
    return with_stuivers or (last not in _OTHER_COINS and last not in COINS)


def _are_cents(candidate: Candidate, around: Surroundings) -> bool:
    """Tell whether a number behind *euro* is one of cents: not in *vijf euro en twee appels*."""
    words, value = candidate.words, candidate.numeral.value
    assert isinstance(value, Money)
    unit = max(place for place, word in enumerate(words) if word not in WORDS)
    usual = words[unit + 1] == ZERO or (
        words[unit + 1] != AND and abs(value.amount) % 1 >= _SMALL_CHANGE
    )
    return around.after not in _COUNTED and (usual or not _PLURAL.fullmatch(around.after))


def _is_multiplier(candidate: Candidate, around: Surroundings) -> bool:
    # *Voor de tweede keer*; *een tiental* is about ten.
    return ORDINAL_WORDS.isdisjoint(candidate.words) and "tal" not in candidate.words[-1]


def _is_digits(candidate: Candidate, around: Surroundings) -> bool:
    if _BEFORE_DIGITS.search(around.earlier):
        return True
    if candidate.words[0] == "nul":
        # *Nul-één* is a score, but with *nul-zes* the numbers of mobile telephones begin.
        return (
            not (_is_joined(candidate) and len(candidate.words) == 2) or candidate.words[1] == "zes"
        )
    # With a nought among others they are no numbers that follow each other: *een nul een*.
    return len(candidate.words) > _MOST_IN_A_ROW or ZERO in candidate.words[1:-1]


def _is_negative(candidate: Candidate, around: Surroundings) -> bool:
    return parse_exactly(around.before) is None  # *tien min vier*


_CHECKS: dict[str, Callable[[Candidate, Surroundings], bool]] = {
    "negative": _is_negative,
    "time": _is_time,
    "year": _is_year,
    "fraction": _is_fraction,
    "ordinal": _is_ordinal,
    "money": _is_money,
    "multiplier": _is_multiplier,
    "digits": _is_digits,
}
