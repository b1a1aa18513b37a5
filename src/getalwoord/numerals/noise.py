"""What typists, speech recognisers, scanners and old spelling do to numerals, by name and seed.

A noise is a set of patterns, each a change at one place: *t lost*, *f for v*. A pattern has a name,
so that those that a model is tested on can be kept from those that it is trained on. A text that
has become another valid numeral is never used: the grammar tells.

Sources: forms that taaladvies.net and Onze Taal list as mistakes; the spellings before 1947 (De
Vries and Te Winkel) and before 1996; confusions of print that are usual in OCR.
"""

import re
import unicodedata
import zlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from random import Random

from getalwoord.errors import InputError, ParseError
from getalwoord.numerals.grammar import VOCABULARY
from getalwoord.numerals.language import MARKS, NEIGHBOURS
from getalwoord.numerals.parsing import parse_all
from getalwoord.numerals.values import Value

#: The most mistakes that one text is given
STRONGEST = 3

_HELD_BACK = 4  # of so many patterns one is held back for the test

_PHONETIC = """
    achttien achtien, zeven zeuven, tachtig tachentig, tig tieg, tig tug, tig tich, vijf veif,
    vijf fijf, vijf vijv, zes ses, zes zez, zestig sestig, zeventig seventig, twaalf twalf,
    twaalf twaaluf, elf elluf, veertien viertien, dertien dertein, honderd hondert, duizend duisend,
    duizend duizent, drie dreej, twee twe, acht ach, negen neegen, negen nege, tien tiejn, en un,
    kwart kward, half haluf, anderhalf anderhallef, euro uero, procent persent, komma koma,
    miljoen miljoe, miljoen milioen, miljard miljart, derde durde, achtste agste, vierde vierdu,
    ste sten, middag middach, avond avont
"""
_REGIONAL = """
    twee twie, een ien, een jin, vijf vuuf, vijf vief, zeven zeve, zes zesse, negen negene,
    tien tiene, elf elleve, vier viere, drie dreie, half hallef, dertig dartig, veertig viertig,
    tachtig taggentig,
    honderd onderd, twaalf twellef, euro eurokes, cent sent
"""
_OLD_SPELLING = """
    ij y, acht agt, twintig twintich, duizend duysend, duizend duyzent, honderd hondert, drie dry,
    vijf vyff, zes ses, zeven seven, zestien sestien, zestig sestich, elf elff, twaalf twaalff,
    achttien agttien, tachtig tachtich, negentig negentich, anderhalf anderhalven, kwart quart,
    derde derden, cent cents, gulden guldens, maart meert, augustus oogst, uur uren, euro euroos
"""
_SPEECH = """
    vijf vijv, eenen een en, zeven zeef en, acht achter, elf help, tien teen, half alf, euro u ro,
    honderd hond ert, duizend duizent, 's s, twintig twin tig, dertig der tig, miljoen mil joen,
    procent pro cent, komma kom ma, zestig zes tig, tachtig tach tig, kwart kwartje, voor vor,
    over ober, uur u, vier fier, twee wee
"""
_PRINT = """
    m rn, rn m, l 1, i 1, s ſ, e c, h b, n u, u n, v y, d cl, ij ÿ, o 0, t f, g q, f ſ, w vv, ie ic,
    nd ncl, ti li
"""


def _rules(table: str) -> Callable[[str], Iterator[tuple[str, str]]]:
    pairs = [entry.strip().split(maxsplit=1) for entry in table.replace("\n", " ").split(",")]

    def changes(text: str) -> Iterator[tuple[str, str]]:
        for right, wrong in pairs:
            for found in re.finditer(re.escape(right), text):
                yield f"{wrong} for {right}", text[: found.start()] + wrong + text[found.end() :]

    return changes


def _without_trema(text: str) -> Iterator[tuple[str, str]]:
    for place, letter in enumerate(text):
        bare = unicodedata.normalize("NFD", letter)[0]
        if bare != letter:
            yield (
                f"{text[max(0, place - 3) : place]}{bare}",
                text[:place] + bare + text[place + 1 :],
            )


def _split(text: str) -> Iterator[tuple[str, str]]:
    end = 0
    for word in VOCABULARY.words(text):
        if end and text[end - 1 : end] != " " and text[end : end + 1] != " ":
            yield f"apart before {word}", f"{text[:end]} {text[end:]}"
        end += len(word) + (text[end : end + 1] == " ")


def _joined(text: str) -> Iterator[tuple[str, str]]:
    for space in re.finditer(" ", text):
        before, behind = text[: space.start()], text[space.end() :]
        yield f"{before[-4:]} joined to {behind[:3]}", before + behind


def _letters(text: str) -> Iterator[tuple[int, str]]:
    return ((place, letter) for place, letter in enumerate(text) if letter.isalpha())


def _doubled(text: str) -> Iterator[tuple[str, str]]:
    for place, letter in _letters(text):
        yield f"{letter} doubled", text[:place] + letter + text[place:]


def _lost(text: str) -> Iterator[tuple[str, str]]:
    for place, letter in _letters(text):
        yield f"{letter} lost", text[:place] + text[place + 1 :]


def _neighbours(text: str) -> Iterator[tuple[str, str]]:
    for place, letter in _letters(text):
        for key in NEIGHBOURS.get(letter, ""):
            yield f"{key} for {letter}", text[:place] + key + text[place + 1 :]


def _swapped(text: str) -> Iterator[tuple[str, str]]:
    for place, letter in _letters(text):
        following = text[place + 1 : place + 2]
        if following.isalpha() and following != letter:
            pair = following + letter
            yield f"{pair} for {letter}{following}", text[:place] + pair + text[place + 2 :]


#: By name: gives each pattern that applies to a text, and what it makes of it.
NOISES: Mapping[str, Callable[[str], Iterator[tuple[str, str]]]] = {
    "trema": _without_trema,
    "split": _split,
    "joined": _joined,
    "doubled": _doubled,
    "lost": _lost,
    "key": _neighbours,
    "swapped": _swapped,
    "phonetic": _rules(_PHONETIC),
    "regional": _rules(_REGIONAL),
    "old-spelling": _rules(_OLD_SPELLING),
    "speech": _rules(_SPEECH),
    "print": _rules(_PRINT),
}


def is_held_back(noise: str, pattern: str) -> bool:
    """Tell whether a pattern is for tests only."""
    return zlib.crc32(f"{noise}: {pattern}".encode()) % _HELD_BACK == 0


def add_noise(
    text: str,
    value: Value,
    noises: Sequence[str],
    strength: int,
    seed: str,
    *,
    held_back: bool = False,
) -> tuple[str, list[str]]:
    """Make mistakes in a numeral.

    Args:
        text: The numeral in words.
        value: What it names; a text that names another value is never given.
        noises: Names of `NOISES`.
        strength: How many mistakes, 0 to 3; fewer where a text gives no room for them.
        seed: Decides them; the same gives the same text everywhere.
        held_back: Whether the patterns are those for tests, or the others.

    Returns:
        The text and the names of its mistakes, noise and pattern.

    Raises:
        InputError: There is no such noise or strength.
    """
    check_noises(noises, strength)
    random_number = Random(seed).random
    made: list[str] = []
    for _ in range(strength):
        order = sorted(noises, key=lambda _: random_number())
        for noise in order:
            changes = [
                change
                for change in NOISES[noise](text)
                if is_held_back(noise, change[0]) == held_back
            ]
            if not changes:
                continue
            pattern, changed = changes[int(random_number() * len(changes))]
            if not names_another(changed, value):
                text = changed
                made.append(f"{noise}: {pattern}")
                break
    return text, made


def check_noises(noises: Sequence[str], strength: int) -> None:
    """Check names and strength.

    Raises:
        InputError: There is no such noise or strength.
    """
    for noise in noises:
        if noise not in NOISES:
            raise InputError(f'there is no noise "{noise}": give one of {", ".join(NOISES)}')
    if not 0 <= strength <= STRONGEST:
        raise InputError(f"the strength of noise is 0 to {STRONGEST}, not {strength}")


def names_another(text: str, value: Value) -> bool:
    """Tell whether the grammar reads another value in a text, first or second."""
    try:
        return any(numeral.value != value for numeral in parse_all(text))
    except ParseError:
        return not text.strip(f" {MARKS}")
