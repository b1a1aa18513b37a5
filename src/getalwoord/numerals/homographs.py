"""Numerals that are another word as well (*homografen*), and how to tell by what stands around.

*Acht* is a verb (*achten*) and a noun (*acht slaan op*), *elf* a creature, *vier* and *vierde* are
forms of *vieren*, *zeven* is what one does with flour, and *nul* stands in phrases. What counts
something, *ik kocht vier mooie boeken*, is a number, but for a verb that begins a clause.
"""

import re
from collections.abc import Callable, Mapping

from getalwoord.numerals.checks_of_time import AT
from getalwoord.numerals.surroundings import (
    AMONG,
    NUMBERED,
    PLURAL_VERBS,
    Surroundings,
    counts_things,
    is_several,
    is_unit,
)
from getalwoord.numerals.words import any_of, plain

_ARTICLES = any_of("de het een")
_DETERMINERS = _ARTICLES | any_of(
    "deze die dit mijn jouw je zijn haar ons onze hun uw elke iedere alle"
)
_ASKING = any_of("wie wat hoe waar wanneer waarom dan") | {""}
_BEFORE_A_NUMBER = AT | NUMBERED | any_of("na er maximaal minstens slechts met")
# Where a clause begins, its verb comes second: *De politie acht …*, not *houdt de politie acht …*
_BEGINS = re.compile(
    r"(?:^|[,;:])\W*(?:(?:en|maar|want)\s+)?(?:(?:de|het|een|mijn|zijn|haar|onze|hun)\s+)?\w+\s+$",
    re.I,
)
_OTHER_NUMBER = re.compile(r"(?:,\s*|\s+(?:à|of|tot|en|van\s+de)\s+)(?:\d|([^\W\d_]+))")

_NO_NOUGHT = re.compile(
    r"\s+(?:op\s+(?:(?:het|zijn|haar|hun)\s+)?rekest|en\s+gee?ner(?:lei)?\s+waarde)\b", re.I
)

_BEFORE_HEED = any_of("geen buiten sla slaat sloeg geef geeft gaf neem neemt nam wie")
_JUDGES = any_of(
    "rechtbank hof gerechtshof officier rechter kantonrechter raad commissie minister kabinet "
    "staatssecretaris college inspectie afdeling politie gemeente regering bestuur jury niemand "
    "burgemeester wethouder verzekeraar werkgever advocaat verdediging curator directie ombudsman "
    "voorzitter auteur eiser"
)
_PERSONS = any_of("ik hij men zij")
_WHO_ACHT = any_of("zich ik men u jij hij niemand iedereen")
_JUDGE_BEHIND = re.compile(r"\s+(?:de|het)\s+(\w+)")
_GIVES_GOOD = re.compile(r"\bg(?:eeft?|af|even)\s+(?:\w+\s+)?(?:goed|wel)\s+$", re.I)
_STRIKES = re.compile(r"\bsl(?:a|aat|aan|oeg|oegen)\b[^,;:]{0,30}$", re.I)
_ADDS_UP = re.compile(r"\b(?:plus|keer|maal|min)\s+\w+\s+(?:geeft|gaf)\s+$", re.I)
_AGED = any_of("werd wordt was is jaar")
_HEEDS = "slaan|slaat|sloeg|sloegen|geslagen|geven|geeft|gaf|nemen|nemende?|neemt|nam|namen|genomen"
_HEEDING = re.compile(rf"\W*(?:(?:op|op\W+\w+|er\w*|te|moet\w*)\W+){{0,3}}?({_HEEDS})\b")
_HEEDING_IT = re.compile(rf"\W*(?:\w+\W+){{0,3}}?(?:{_HEEDS}|worden|werd)\b")
_HEEDED = re.compile(r"\b(?:neem|neemt|nemen|nam|namen|genomen|houd|houden|hield)\b", re.I)
# What one thinks something to be: *acht het nodig*, *dat hij nodig acht*. Others are adverbs, too.
_THOUGHT = (
    r"(?:on)?(?:noo?dig|noodzakelijk|wenselijk|gewenst|verantwoord|verstandig|raadzaam|zinvol|"
    r"haalbaar|aannemelijk|denkbaar|toelaatbaar|bewezen|gegrond|geschikt|nuttig|overbodig)"
)
_IS_THOUGHT = re.compile(_THOUGHT)
_THOUGHT_SO = re.compile(
    r"\s+(?:de|het|een|dit|dat|deze|haar|hun)\b[^.;:!?\n]*"
    rf"\b(?:{_THOUGHT}|(?:on)?(?:mogelijk|waarschijnlijk|voldoende|juist))\b"
)

_BEFORE_ELF = any_of("een die deze geen kleine boze lieve mooie")
_DISGUISED = re.compile(r"\bver(?:kleed|mom)\w*\s+als\s+$", re.I)

_SUBJECTS = any_of("ik hij zij ze men u wij we jullie")
_OWNERS = _DETERMINERS | any_of("en")
_RANKED = _ARTICLES | any_of(
    "als werd wordt worden werden was is blijft bleef eindigt eindigde eindigden finishte staat "
    "stond ligt lag reed op"
)
_RANKS = re.compile(r"\b(?:werd|wordt|werden|worden|is|was|eindigde)\s+\w+\s+$", re.I)
# *De stad vierde Koningsdag*, *Gisteren vierde Jan zijn zestigste*
_WHO_CELEBRATES = re.compile(
    r"^\W*(?:(?:de|het)\s+(?!eerste|tweede|derde|een|twee|drie|vier|gedeelde|huidige|nieuwe|laatste|"
    r"afgelopen|vorige|komende)\w{3,}|gisteren|vandaag|\w+dag)\s+$",
    re.I,
)
_FESTIVE = re.compile(r"(?:\s+\w+){0,2}?\s+(?:feest|kermis|carnaval|vakantie)\b", re.I)
_CELEBRATED = any_of("het dat je jouw uw haar hun ons onze mee feest")
_CELEBRATED_WHEN = any_of("nooit altijd gisteren vandaag toen jaarlijks uitbundig hij ze men ik we")

_MAY_SIFT = any_of("kunnen moeten gaan")
_SIFTABLE = (
    r"\b(?:\w*(?:bloem|suiker|poeder|zand)|(?:\w+(?:en|we))?meel|aarde|grind|gips|cacao|cement)\b"
)
_THEN = r"(?:\s+(?:eerst|dan|goed|daarna|vervolgens))*"
_SIFTABLE_BEFORE = re.compile(rf"{_SIFTABLE}{_THEN}\s+$", re.I)
_MAY = r"\b(?:moet\w*|kan|kunt?|kunnen|laat|laten|ga|gaan|wil|willen)\b"
_TO_SIFT = re.compile(rf"{_MAY}[^,;:]*(?:{_SIFTABLE}|\bgrond\b)|{_SIFTABLE}\s+{_MAY}[^,;:]*$", re.I)
_WHAT_IS_SIFTED = re.compile(rf"(?:\s+\w+){{0,3}}?\s+(?:{_SIFTABLE}|\bgrond\b)", re.I)
_SIEVES = re.compile(r"(?:^|\b(?:met|door|van|in)\s+)(?:grote|grove|fijne)\s+$", re.I)
_AT_A_NUMBER = re.compile(
    r"\b(?:in|op|bij|naar|aan|uit|door|van|tot)\s+(?:de\s+|het\s+)?\w+\s+$", re.I
)


def _is_a_number(around: Surroundings) -> bool:
    """Tell whether a word counts, or another number is said behind it: *acht of negen*."""
    following = _OTHER_NUMBER.match(around.rest)
    is_with_another = following is not None and (following[1] is None or is_several(following[1]))
    return is_with_another or counts_things(around)


def is_acht_another_word(around: Surroundings) -> bool:
    """Tell whether *acht* is the verb *achten* or what one pays to something."""
    before, after, earlier = around.before, around.after, around.earlier
    if after == "bewezen" or (before == "om" and earlier.endswith("OM ")):
        return True
    if after == "op":
        among = AMONG.match(around.rest)
        if among and is_several(among[1]) and before not in _BEFORE_HEED:
            return False  # *een acht op tien*
        if _STRIKES.search(earlier):
            return True
    if before in _JUDGES | _PERSONS:
        return _is_acht_said_of(around)
    judge = _JUDGE_BEHIND.match(around.rest)
    if after in _WHO_ACHT or (judge is not None and plain(judge[1]) in _JUDGES):
        return True
    heeding = _HEEDING.match(around.rest)
    is_verb = heeding is not None and heeding[1] == after
    if before in _BEFORE_A_NUMBER or (_is_a_number(around) and not is_verb):
        return False
    if _is_acht_thought(around):
        return True
    if before == "in":
        return bool(_HEEDED.search(earlier) or _HEEDING_IT.match(around.rest)) or not after
    if before in _BEFORE_HEED or heeding or _GIVES_GOOD.search(earlier):
        return not _ADDS_UP.search(earlier)
    return after == "je" and before in _ASKING


def _is_acht_said_of(around: Surroundings) -> bool:
    """Tell whether *acht* is the verb of who considers: *de rechtbank acht*, *omdat hij acht*."""
    if _BEGINS.search(around.earlier):
        return not (is_unit(around.after) or around.after in _AGED)
    return not _is_a_number(around) and around.after not in _AGED


def _is_acht_thought(around: Surroundings) -> bool:
    """Tell whether *acht* says what is thought: *dat hij nodig acht*, *de arts acht het nodig*."""
    if _IS_THOUGHT.fullmatch(around.before):
        return not around.after
    is_said = around.before not in _DETERMINERS and _BEGINS.search(around.earlier)
    return bool(is_said) and (is_several(around.after) or bool(_THOUGHT_SO.match(around.rest)))


def _is_elf_a_creature(around: Surroundings) -> bool:
    is_file_format = around.text[around.start : around.end] == "ELF"
    if is_file_format and not around.is_in_capitals:
        return True
    if _is_a_number(around) or around.after in PLURAL_VERBS:
        return False
    return around.before in _BEFORE_ELF | {"de"} or bool(_DISGUISED.search(around.earlier))


def _is_vier_a_verb(around: Surroundings) -> bool:
    before, after = around.before, around.after
    if before in ("ik", "jij"):
        begins = _BEGINS.search(around.earlier)
        return bool(begins) or not (_is_a_number(around) or after in _AGED)
    if after in ("ik", "jij") or (after == "je" and before in _ASKING):
        return True
    return not before and after in _CELEBRATED | {"de"}


def _is_vierde_a_verb(around: Surroundings) -> bool:
    before, after = around.before, around.after
    if before in _SUBJECTS:
        return not (after in _AGED or _RANKS.search(around.earlier))
    if after in ("zijn", "haar", "hun", "feest") and before not in _OWNERS:
        return True
    if after in _ARTICLES and around.earlier.strip() and before not in _RANKED:
        return True
    if after and _WHO_CELEBRATES.search(around.earlier):
        return True
    is_behind_who = bool(before) and before not in _RANKED | _OWNERS
    return is_behind_who and (after in _CELEBRATED_WHEN or bool(_FESTIVE.match(around.rest)))


def _is_zeven_to_sift(around: Surroundings) -> bool:
    before, after, earlier = around.before, around.after, around.earlier
    if not before and after in ("de", "het"):
        return True
    if before in _SUBJECTS and after in _ARTICLES:
        return True
    if after in ("", "en") and _SIFTABLE_BEFORE.search(earlier):
        return True
    if _is_a_number(around):
        return False
    if before in ("te", "even") or _SIFTABLE_BEFORE.search(earlier) or _SIEVES.search(earlier):
        return True
    if before in _MAY_SIFT and after in ("", "en"):
        return True
    if before in _SUBJECTS and _WHAT_IS_SIFTED.match(around.rest):
        return True
    is_last = not after and before not in _BEFORE_A_NUMBER | {"dan"}
    return is_last and bool(_TO_SIFT.search(earlier)) and not _AT_A_NUMBER.search(earlier)


#: Tells by the plain form of a word whether it is no numeral where it stands.
HOMOGRAPHS: Mapping[str, Callable[[Surroundings], bool]] = {
    "nul": lambda around: _NO_NOUGHT.match(around.rest) is not None,
    "acht": is_acht_another_word,
    "elf": _is_elf_a_creature,
    "vier": _is_vier_a_verb,
    "vierde": _is_vierde_a_verb,
    "zeven": _is_zeven_to_sift,
}
