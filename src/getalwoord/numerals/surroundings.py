"""Where in a text a numeral may stand: the words around it."""

import re
from dataclasses import dataclass
from datetime import time
from functools import cached_property

from getalwoord.numerals.exact import parse_exactly
from getalwoord.numerals.grammar import Numeral
from getalwoord.numerals.language import AND
from getalwoord.numerals.other_words import MEASURES
from getalwoord.numerals.words import any_of, plain

_LAST_WORD = re.compile(r"([^\W\d_]+)[ \t\u00a0]*\n?$")
_NEXT_WORD = re.compile(r"[ \t\u00a0]*\n?(['’]?[^\W\d_]+)")
_END = re.compile(r"[.!?\n]")
_VERB = re.compile(
    r"\s*[^\W\d_]+en\s+(?:ze|we|zij|wij|jullie|er|de|het|een|die|deze|dit|dat|mijn|onze?|hun)\b",
    re.I,
)
# Hours of the clock that are said without *om* behind what ends so
_HOURS_OF = {
    ("ochtend", "ochtends", "morgen", "morgens"): range(6, 12),
    ("dagmiddag",): (*range(1, 7), *range(12, 19)),
    ("avond", "avonds"): (*range(6, 13), *range(18, 24)),
}
_ANY_DAY = any_of("morgen overmorgen ochtend avond")
_LASTED = re.compile(
    r"\s+(?:lang|ge\w+(?:d|t|en)|later|eerder|te|(?:in|op|aan)\s+(?:de|het)\s+\w+\s+ge\w+(?:d|t|en))\b",
    re.I,
)
# *De trein was een uur te laat*, *er werd zes uur onderhandeld*
_IS_SO_LONG = re.compile(
    r"\s+(?:lang|later|eerder|vroeger|te|onderweg|oud|jong|werk|vermist|"
    r"(?:onder|stil|ver|be)\w+(?:d|t|en))\b",
    re.I,
)
_TAKES_SO_LONG = re.compile(
    r"\s+(?:per\s+(?:dag|nacht|week|maand|jaar)|van\s+tevoren|slaap|werk|reistijd)\b", re.I
)
_A_TIME = r"(?:half|kwart|\w+\s+(?:voor|over|uur))\b"
_BETWEEN_TIMES = re.compile(rf"\btussen\s+{_A_TIME}[^,;]*\sen\s+$", re.I)
_AND_A_TIME = re.compile(rf"\s+en\s+{_A_TIME}", re.I)
_JOURNEYS = any_of("rijden lopen fietsen vliegen varen reizen wandelen werken wachten sporen")
_LEAVES = re.compile(
    r"\b(?:\w*trein|\w*bus|tram|boot|metro|\w*veer|veerboot|pont|\w*vlucht|vliegtuig|intercity|"
    r"sprinter|journaal|nieuws)\s+van\s+$",
    re.I,
)
_MOVED = re.compile(r"\b(?:verplaats|verschov|verschuif|verzet|vervroeg|uitgesteld)", re.I)
_AND_TWO_WORDS = re.compile(
    r"\s+(?:tot|en)\s+(?:(?:nu|heden|vandaag)\b|([^\W\d_]+)\s+([^\W\d_]+))", re.I
)
_BETWEEN_TWO_WORDS = re.compile(r"\btussen\s+([^\W\d_]+)\s+([^\W\d_]+)\s+en\s+$", re.I)
#: What is told by its number: *groep acht*
NUMBERED = any_of(
    "nummer nummers punt punten poort stap stappen hoofdstuk hoofdstukken deel delen lid leden "
    "kamer kamers spoor lijn groep groepen fase plan optie artikel artikelen paragraaf bladzijde "
    "pagina ronde niveau stand kanaal regel vraag alinea bus klas week gate team huisnummer balie "
    "gangpad formule dag"
)
#: *(Een) op de drie*: the number out of which it is
AMONG = re.compile(r"\s+op\s+(?:de\s+)?((?:een\s+(?=\w+j))?[^\W\d_]+)")
_LATE_YEARS = range(1300, 2100)
_PLURAL = re.compile(r"\w\w+(?:en|s)")
# *Acht nieuwe liedjes*
_THINGS = re.compile(r"\s+([^\W\d_]{3,}e)\s+([^\W\d_]+)")
_NO_ADJECTIVES = any_of("die deze alle beide onze mee toe")
#: Forms of verbs that a plural has; they look like one
PLURAL_VERBS = any_of(
    "waren werden worden hebben hadden kunnen konden moeten moesten zullen zouden willen wilden "
    "mogen mochten gaan gingen komen kwamen kregen krijgen bleven blijven zijn"
)
_NO_PLURALS = PLURAL_VERBS | any_of(
    "was als dus sinds eens soms anders tijdens volgens wegens tussen toen samen binnen buiten "
    "boven beneden tegen open alleen even heen tezamen eveneens"
)


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
        found = _LAST_WORD.search(self.text[max(0, self.start - 40) : self.start])
        return plain(found[1]) if found else ""

    @cached_property
    def after(self) -> str:
        """The word behind it in the same sentence, in its plain form; "" if there is none."""
        found = _NEXT_WORD.match(self.text[self.end : self.end + 40])
        return plain(found[1]) if found else ""

    @cached_property
    def earlier(self) -> str:
        """Some of what stands before it in the same sentence."""
        return _END.split(self.text[max(0, self.start - 60) : self.start])[-1]

    @property
    def rest(self) -> str:
        """Some of what follows it."""
        return self.text[self.end : self.end + 60]

    @property
    def is_in_capitals(self) -> bool:
        """Whether what stands around it is in capitals."""
        return (self.earlier + self.rest).isupper()


def is_several(word: str) -> bool:
    """Tell whether a word is a cardinal that more than one thing is counted by."""
    numeral = parse_exactly(word)
    return numeral is not None and numeral.kind == "cardinal" and numeral.value not in (0, 1)


def is_counted(word: str) -> bool:
    """Tell whether a word looks like what is counted by a number before it."""
    if word in _NO_PLURALS:
        return False
    return is_unit(word) or _PLURAL.fullmatch(word) is not None


def counts_things(around: Surroundings) -> bool:
    """Tell whether a word counts what follows: a unit, a plural, or one behind an adjective."""
    if is_counted(around.after):
        return True
    things = _THINGS.match(around.rest)
    if things is None or plain(things[1]) in _NO_ADJECTIVES or is_several(things[1]):
        return False
    return is_counted(plain(things[2]))


def is_unit(word: str) -> bool:
    """Tell whether a word is a unit."""
    return word in MEASURES


def is_announced(value: object, around: Surroundings) -> bool:
    """Tell whether so many *uur* is a time by the part of the day before it: *vanavond acht uur*.

    Of few hours in an evening or a morning one rather says how long something took.
    """
    if around.before == "naar":
        return _MOVED.search(around.earlier + around.rest) is not None
    if around.before == AND:
        return _BETWEEN_TIMES.search(around.earlier) is not None
    if around.before == "tussen":
        return _AND_A_TIME.match(around.rest) is not None
    assert isinstance(value, time)
    hours = next((hours for ends, hours in _HOURS_OF.items() if around.before.endswith(ends)), ())
    is_time = value.hour in hours and around.before not in _ANY_DAY
    return is_time and not _LASTED.match(around.rest)


def lasts_so_long(around: Surroundings) -> bool:
    """Tell whether so many *uur* is how long something is or takes, by what follows."""
    is_so = around.before in ("is", "was", "wordt", "werd", "het", "al", "pas")
    if is_so and around.earlier.strip().lower() != "is" and _IS_SO_LONG.match(around.rest):
        return True  # but not in *is acht uur te vroeg?*
    if around.before == "tot" and around.after in ("duren", "mee"):
        return True
    is_since = around.before == "sinds" and around.text[around.start : around.end] == "een uur"
    return is_since or _TAKES_SO_LONG.match(around.rest) is not None


def is_journey(around: Surroundings) -> bool:
    """Tell whether so many *uur* is how long something takes: *het is drie uur rijden*."""
    return around.before in ("is", "was", "wordt") and around.after in _JOURNEYS


def is_of_travel(around: Surroundings) -> bool:
    """Tell whether what leaves at some time stands before it: *de trein van zestien nul acht*."""
    return around.before == "van" and _LEAVES.search(around.earlier) is not None


def is_noun_counted(around: Surroundings) -> bool:
    """Tell whether a plural follows, and no verb: *woonden ze* has a subject behind it."""
    return is_counted(around.after) and not _VERB.match(around.rest)


def is_from_year_to_year(around: Surroundings) -> bool:
    """Tell whether one of two years stands here: *tussen achttien vijftig en negentien tien*."""
    if around.before in ("van", "tussen"):
        other = _AND_TWO_WORDS.match(around.rest)
    else:
        other = _BETWEEN_TWO_WORDS.search(around.earlier) if around.before == AND else None
    if other is None or other[1] is None:
        return other is not None
    numeral = parse_exactly(f"{other[1]} {other[2]}")
    return numeral is not None and numeral.value in _LATE_YEARS
