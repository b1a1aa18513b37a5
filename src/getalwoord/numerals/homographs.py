"""Numerals that are another word as well (*homografen*), and how to tell by what stands around.

*Acht* is a verb (*achten*) and a noun (*acht slaan op*), *elf* a creature, *vier* and *vierde* are
forms of *vieren*, *zeven* is what one does with flour, and *nul* stands in phrases.
"""

import re
from collections.abc import Callable, Mapping

from getalwoord.numerals.checks_of_time import AT
from getalwoord.numerals.surroundings import (
    AMONG,
    PLURAL_VERBS,
    Surroundings,
    is_counted,
    is_several,
    is_unit,
)
from getalwoord.numerals.words import any_of, plain

_SUBJECTS = any_of("ik hij zij ze men je u wij we jullie")
_ARTICLES = any_of("de het een")
_ASKING = any_of("wie wat hoe waar wanneer waarom dan") | {""}
_BEFORE_A_NUMBER = AT | any_of("na er maximaal minstens slechts met")

_NO_NOUGHT = re.compile(
    r"\s+(?:op\s+(?:het|zijn|haar|hun)\s+rekest|en\s+gee?ner(?:lei)?\s+waarde)\b", re.I
)

_BEFORE_HEED = any_of("geen buiten sla slaat sloeg geef geeft gaf neem neemt nam wie")
_JUDGES = any_of(
    "rechtbank hof gerechtshof officier rechter kantonrechter raad commissie minister kabinet "
    "staatssecretaris college inspectie afdeling politie gemeente regering bestuur jury niemand "
    "burgemeester wethouder verzekeraar werkgever advocaat verdediging curator directie ombudsman "
    "voorzitter auteur eiser comparant koper verkoper verhuurder huurder notaris dokter"
)
_PERSONS = any_of("ik hij men zij")
# Where a clause begins, its verb comes second: *De politie acht …*, not *houdt de politie acht …*
_BEGINS = re.compile(r"(?:^|[,;:])\W*(?:(?:en|maar|want)\s+)?(?:(?:de|het|een)\s+)?\w+\s+$", re.I)
_WHO_ACHT = any_of("zich ik men u jij hij niemand iedereen")
_JUDGE_BEHIND = re.compile(r"\s+(?:de|het)\s+(\w+)")
_GIVES_GOOD = re.compile(r"\bg(?:eeft?|af|even)\s+(?:\w+\s+)?(?:goed|wel)\s+$", re.I)
_STRIKES = re.compile(r"\bsl(?:a|aat|aan|oeg|oegen)\b[^,;:]{0,30}$", re.I)
_AGED = any_of("werd wordt was is jaar")
_HEEDS = "slaan|slaat|sloeg|sloegen|geslagen|geven|geeft|gaf|nemen|nemende?|neemt|nam|namen|genomen"
_HEEDING = re.compile(rf"\W*(?:(?:op|op\W+\w+|er\w*|te|moet\w*)\W+){{0,3}}?({_HEEDS})\b")
_HEEDING_IT = re.compile(rf"\W*(?:\w+\W+){{0,3}}?(?:{_HEEDS}|worden|werd)\b")
_HEEDED = re.compile(r"\b(?:neem|neemt|nemen|nam|namen|genomen|houd|houden|hield)\b", re.I)
# What something is thought to be, behind *acht* and an article and before *acht*
_THOUGHT = (
    r"(?:on)?(?:noo?dig|noodzakelijk|wenselijk|gewenst|mogelijk|waarschijnlijk|verantwoord|"
    r"verstandig|raadzaam|zinvol|haalbaar|aannemelijk|denkbaar|toelaatbaar|bewezen|gegrond|"
    r"voldoende|geschikt|juist|nuttig|overbodig)"
)
_THOUGHT_SO = re.compile(rf"\s+(?:de|het|een|dit|dat|deze|haar|hun)\b[^.;:]*\b{_THOUGHT}\b")
_IS_THOUGHT = re.compile(_THOUGHT)

_DETERMINERS = _ARTICLES | any_of("deze die mijn jouw zijn haar onze hun alle")

_BEFORE_ELF = any_of("een die deze geen kleine boze lieve mooie")
_DISGUISED = re.compile(r"\bver(?:kleed|mom)\w*\s+als\s+$", re.I)

_SIFTED = any_of("te even kunnen moeten gaan")
_SIFTABLE = (
    r"\b(?:\w*(?:bloem|suiker|poeder|zand)|(?:\w+(?:en|we))?meel|aarde|grind|gips|cacao|cement)\b"
)
_THEN = r"(?:\s+(?:eerst|dan|goed|nog|daarna|vervolgens))*"
_SIFTABLE_BEFORE = re.compile(rf"{_SIFTABLE}{_THEN}\s+$", re.I)
_MAY = r"\b(?:moet\w*|kan|ku?n\w*|laat|laten|ga|gaan|wil|willen)\b"
_TO_SIFT = re.compile(rf"{_MAY}[^,;:]*(?:{_SIFTABLE}|\bgrond\b)|{_SIFTABLE}\s+{_MAY}[^,;:]*$", re.I)
_WHAT_IS_SIFTED = re.compile(rf"(?:\s+\w+){{0,3}}?\s+(?:{_SIFTABLE}|\bgrond\b)", re.I)
_NEXT_IN_LIST = re.compile(r",\s*(?:\d|([^\W\d_]+))")

_OWNERS = _ARTICLES | any_of("mijn jouw zijn haar ons onze hun en")
_RANKED = _ARTICLES | any_of("als werd wordt worden werden was eindigde op")
# *De stad vierde Koningsdag*, *Gisteren vierde Jan zijn zestigste*
_WHO_CELEBRATES = re.compile(
    r"^\W*(?:(?:de|het)\s+(?!eerste|tweede|derde|een|twee|drie|vier)\w{3,}|gisteren|vandaag|\w+dag)"
    r"\s+$",
    re.I,
)
_FESTIVE = re.compile(r"(?:\s+\w+){0,2}?\s+(?:feest|kermis|carnaval|vakantie)\b", re.I)
_CELEBRATED = any_of("het dat je jouw uw haar hun ons onze mee feest")
_CELEBRATED_WHEN = any_of("nooit altijd gisteren vandaag toen jaarlijks uitbundig hij ze men ik we")


def is_acht_another_word(around: Surroundings) -> bool:
    """Tell whether *acht* is the verb *achten* or what one pays to something."""
    is_courts = around.before == "om" and around.earlier.endswith("OM ")
    if around.after == "bewezen" or is_courts:
        return True
    if around.after == "op":
        among = AMONG.match(around.rest)
        if among and is_several(among[1]) and around.before not in _BEFORE_HEED:
            return False  # *een acht op tien*
        if _STRIKES.search(around.earlier):
            return True
    if around.before in _JUDGES | _PERSONS:
        return _is_acht_said_of(around)
    heeding = _HEEDING.match(around.rest)
    is_verb = heeding is not None and heeding[1] == around.after
    if around.before in _BEFORE_A_NUMBER or (is_counted(around.after) and not is_verb):
        return False
    is_thought = around.before not in _DETERMINERS and _THOUGHT_SO.match(around.rest)
    if is_thought or _IS_THOUGHT.fullmatch(around.before):
        return True  # *die hij nodig acht*, *mijn arts acht een operatie overbodig*
    if around.before == "in":
        heeds = _HEEDED.search(around.earlier) or _HEEDING_IT.match(around.rest)
        return bool(heeds) or not around.after
    if around.before in _BEFORE_HEED or heeding or _GIVES_GOOD.search(around.earlier):
        return True
    if around.after == "je":
        return around.before in _ASKING
    judge = _JUDGE_BEHIND.match(around.rest)
    return around.after in _WHO_ACHT or (judge is not None and plain(judge[1]) in _JUDGES)


def _is_acht_said_of(around: Surroundings) -> bool:
    """Tell whether *acht* is the verb of who considers: *de rechtbank acht*, *omdat hij acht*."""
    if _BEGINS.search(around.earlier):
        return around.before in _JUDGES or not (is_unit(around.after) or around.after in _AGED)
    return not is_counted(around.after) and around.after not in _AGED


def _is_elf_a_creature(around: Surroundings) -> bool:
    is_file_format = around.text[around.start : around.end] == "ELF"
    if is_file_format and not around.is_in_capitals:
        return True
    if around.before in _BEFORE_ELF or _DISGUISED.search(around.earlier):
        return True
    is_several_of = is_counted(around.after) or around.after in PLURAL_VERBS
    return around.before == "de" and not is_several_of


def _is_vier_a_verb(around: Surroundings) -> bool:
    if around.before in ("ik", "jij") or around.after in ("ik", "jij"):
        return True
    if around.after == "je" and around.before in _ASKING:
        return True
    return not around.before and around.after in _CELEBRATED | {"de"}


def _is_vierde_a_verb(around: Surroundings) -> bool:
    before, after = around.before, around.after
    if before in _SUBJECTS or (after in ("zijn", "haar", "hun", "feest") and before not in _OWNERS):
        return True
    if after in _ARTICLES and around.earlier.strip() and before not in _RANKED:
        return True
    if after and _WHO_CELEBRATES.search(around.earlier):
        return True
    is_behind_who = bool(before) and before not in _RANKED | _OWNERS
    return is_behind_who and (after in _CELEBRATED_WHEN or bool(_FESTIVE.match(around.rest)))


def _is_zeven_to_sift(around: Surroundings) -> bool:
    before, after = around.before, around.after
    earlier = around.earlier
    is_other = before in _SIFTED or _SIFTABLE_BEFORE.search(earlier) or _SIEVES.search(earlier)
    if is_other and not (is_counted(after) or _is_in_a_list(around)):
        return True
    if before in _SUBJECTS and (after in _ARTICLES or _WHAT_IS_SIFTED.match(around.rest)):
        return True
    if not before and after in ("de", "het"):
        return True
    is_last = not after and before not in _BEFORE_A_NUMBER | {"dan"}
    return is_last and _TO_SIFT.search(around.earlier) is not None


# *Met grote zeven*, but *de grote zeven* are so many.
_SIEVES = re.compile(r"(?<!\bde )\b(?:grote|grove|fijne)\s+$", re.I)


def _is_in_a_list(around: Surroundings) -> bool:
    """Tell whether other numbers follow: *zeven, acht of negen*."""
    following = _NEXT_IN_LIST.match(around.rest)
    return following is not None and (following[1] is None or is_several(following[1]))


#: Tells by the plain form of a word whether it is no numeral where it stands.
HOMOGRAPHS: Mapping[str, Callable[[Surroundings], bool]] = {
    "nul": lambda around: _NO_NOUGHT.match(around.rest) is not None,
    "acht": is_acht_another_word,
    "elf": _is_elf_a_creature,
    "vier": _is_vier_a_verb,
    "vierde": _is_vierde_a_verb,
    "zeven": _is_zeven_to_sift,
}
