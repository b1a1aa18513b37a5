"""The words of Dutch numerals, their values and how they join: tables, no code.

Spelling, parsing and variants are all driven by these tables.

Sources: Leidraad of the Woordenlijst, 6.9; taaladvies.net; the ANS grammar.
"""

from dataclasses import dataclass
from enum import Flag, auto

ZERO = "nul"

#: 1 to 9 (*eenheden*)
UNITS = dict(
    enumerate(["een", "twee", "drie", "vier", "vijf", "zes", "zeven", "acht", "negen"], start=1)
)

#: 10 to 19, which take no unit
TEENS = dict(
    enumerate(
        [
            "tien",
            "elf",
            "twaalf",
            "dertien",
            "veertien",
            "vijftien",
            "zestien",
            "zeventien",
            "achttien",
            "negentien",
        ],
        start=10,
    )
)

#: 20 to 90 (*tientallen*); a unit stands before them, joined by *en*
TENS = dict(
    zip(
        range(20, 100, 10),
        ["twintig", "dertig", "veertig", "vijftig", "zestig", "zeventig", "tachtig", "negentig"],
        strict=True,
    )
)

#: Numbers that are more than the cardinal and *en*, as they stand after *tegen* and *rond*
INFLECTED = {5: "vijven", 6: "zessen", 11: "elven", 12: "twaalven"}

AND = "en"
#: Its *e* after a word that ends in *e* and is joined to it: the trema parts the vowels.
TREMA = "ë"
#: *een* with the accents that it takes for emphasis
ACCENTED_ONE = "één"

#: The first is official.
NEGATIVE = ("min", "minus", "negatief")


class Gap(Flag):
    """Places where a numeral may be parted into words, or written as one."""

    TENS = auto()  #: around *en* between unit and ten
    HUNDRED = auto()  #: around *honderd*
    BEFORE_THOUSAND = auto()
    AFTER_THOUSAND = auto()
    BEFORE_SCALE = auto()  #: before *miljoen*, *miljard* and so on
    AFTER_SCALE = auto()


#: One word up to and including *duizend*, then a space; the long scale stands apart.
OFFICIAL_GAPS = Gap.AFTER_THOUSAND | Gap.BEFORE_SCALE | Gap.AFTER_SCALE


@dataclass(frozen=True, slots=True)
class Level:
    """A word that multiplies what stands before it and adds what stands behind it.

    Attributes:
        value: What one of it is worth.
        word: The word.
        one: Whether *een* is written before it when there is one of it.
        most: The largest number that may stand before it.
        before: The gap before it.
        after: The gap behind it.
    """

    value: int
    word: str
    one: bool
    most: int
    before: Gap
    after: Gap


# Before *duizend* and above, more than 999 is not official but is said: *twaalfhonderd miljoen*,
# *duizend miljard*. Beyond 9,999 it is not.
HUNDRED = Level(10**2, "honderd", False, 99, Gap.HUNDRED, Gap.HUNDRED)
THOUSAND = Level(10**3, "duizend", False, 9999, Gap.BEFORE_THOUSAND, Gap.AFTER_THOUSAND)
#: From small to large
LEVELS = (
    HUNDRED,
    THOUSAND,
    *(
        Level(10**power, word, True, 9999, Gap.BEFORE_SCALE, Gap.AFTER_SCALE)
        for power, word in (
            (6, "miljoen"),
            (9, "miljard"),
            (12, "biljoen"),
            (15, "biljard"),
            (18, "triljoen"),
            (21, "triljard"),
            (24, "quadriljoen"),
            (27, "quadriljard"),
            (30, "quintiljoen"),
            (33, "quintiljard"),
        )
    ),
)

#: Other spellings of them that are seen
OTHER_LEVELS = {
    "millioen": "miljoen",
    "milliard": "miljard",
    "billioen": "biljoen",
    "kwadriljoen": "quadriljoen",
    "kwadriljard": "quadriljard",
    "kwintiljoen": "quintiljoen",
    "kwintiljard": "quintiljard",
}

#: Numbers at and beyond this have no word in the tables.
LIMIT = 10**36
LIMIT_SHOWN = "10^36"

#: Ordinals (*rangtelwoorden*) that are more than the cardinal and an ending
IRREGULAR_ORDINALS = {"een": "eerste", "drie": "derde", "acht": "achtste"}
#: The ending of *nulde* to *negentiende*, and of the rest
ORDINAL_ENDINGS = ("de", "ste")
#: Said and not official: *honderdeende*, and what ICU writes for *nulde*
OTHER_ORDINALS = {"eende": "een", "nulste": "nul"}

#: What is counted in hundreds, *vierentwintighonderd*; but never whole thousands.
IN_HUNDREDS = range(1100, 10_000)

#: Written so, these mean "very many" and name no number (taaladvies.net).
FIGURATIVE = frozenset({"honderd-en-een", "duizend-en-een"})

#: Letters of which a typist makes one character more or less: the ligature of *ij*.
LIGATURES = {"ij": "ĳ"}

#: What may be written over a vowel, as combining marks: grave, acute, diaeresis; and what is
#: written or recognised in their place: circumflex, tilde.
MARKS = "\u0300\u0301\u0308\u0302\u0303"
#: What is in a text and not seen: soft hyphen, zero-width space, byte order mark.
INVISIBLE = "\u00ad\u200b\ufeff"
#: What stands for the letters left out of *des* in *'s avonds*; the first is on keyboards.
APOSTROPHES = "'\u2019\u2018\u02bc\u00b4`"
#: Joins two words visibly: hyphen-minus, hyphen, non-breaking hyphen.
HYPHENS = "-\u2010\u2011"
#: What may stand between two numbers of a range or a choice, as a pattern
BETWEEN = "à|a|tot|of|en"

#: Spellings that sound alike, that were once right, or that a telephone tells apart: what is
#: right, and what is written for it. What is right after a space begins a word. *Zeuven* and
#: *zeuventig* keep apart from *negen* and *tachtig*.
SLIPS = (
    ("ij", "ei", "y", "ey", "ie", "i"),
    ("ei", "ij", "y"),
    ("ig", "ich", "ug", "eg", "ieg", "ik"),
    ("ie", "i", "ij", "y", "ieje", "iej"),
    ("ch", "g", "gh", "k", "c"),
    ("sch", "s"),
    ("c", "s"),
    ("k", "ck"),
    ("g", "ch", "gh"),
    ("ee", "e", "ei", "eej"),
    ("e", "ee", "eu", "i", "a"),
    ("en", "un", "n", "een"),
    (" en", "end", "ent", "in", "und"),
    ("ien", "iejen", "iejn"),
    ("tien", "tie"),
    ("i", "ie", "e", "ij"),
    ("oe", "ou", "u"),
    ("ui", "uy", "eu", "u"),
    ("au", "o", "ou"),
    ("aa", "a", "ae"),
    ("ach", "ag"),
    ("tacht", "tachent", "taggent", "acht"),
    ("kw", "qu"),
    ("eu", "ui", "e"),
    ("m", "rn"),
    ("rn", "m"),
    ("w", "vv"),
    ("s", "z", "ſ"),
    ("f", "ff", "v"),
    ("er", "ur"),
    ("ste", "sten", "stu"),
    ("uur", "uhr", "oer", "our"),
    ("mei", "mij", "mej", "mey", "mai", "meij"),
    ("maart", "meert"),
    ("dubbel", "dubbul"),
    ("twee", "twie", "zwei"),
    ("drie", "dreej", "drei", "drij"),
    ("zeven", "zeuve", "sefen", "seefen"),
    ("elf", "elef", "ellev", "elluf", "ellef", "elleve", "eluf", "elluv"),
    ("twaalf", "twaaluf", "twaalef", "twellef", "twelf", "twaluf", "twaallef", "twalluf", "twoalf"),
    ("zeventig", "zeutig", "zeuvetig"),
    (
        *("tachtig", "tachetig", "taggetig", "tsjachentig", "tachtag", "achttig", "achentig"),
        *("tagentig", "tachtentig", "tagtentig"),
    ),
    # the endings of ordinals that children and learners level out
    ("ende", "enste", "endu"),
    ("lfde", "lfste", "lfdu"),
    ("vijfde", "vijfste", "vijfdu"),
    ("vierde", "vierste", "vierdu"),
    ("zesde", "zesste", "zesdu"),
    ("derde", "driede", "derdu"),
    ("achtste", "achtde"),
    ("tigste", "tigde"),
    ("helft", "helf"),
    ("kwart", "kwar", "kwat"),
    ("dollar", "doller", "dollor"),
    ("keer", "keere", "kere"),
    ("half", "haluf", "halluf", "hallef", "haf", "hafl", "hlaf"),
    # of print
    ("d", "cl", "dt", "td", "ol", "ci"),
    ("h", "li"),
    ("ij", "ÿ"),
    # of prints before 1700, such as the States Bible
    (" en", "ende"),
    ("duizend", "duysent", "dusend", "doezend", "dijzend", "deizend", "tausend"),
    ("t", "th"),
    ("z", "ts"),
    ("n", "tn"),
    # of dialects
    ("vijf", "vief", "vuuf", "vijve", "vijven", "fijv", "fijf", "feif", "vaif"),
    ("vier", "viere"),
    ("zes", "zesse"),
    ("zeven", "zeve"),
    ("negen", "negene", "nege"),
    (
        *("honderd", "honnerd", "honnert", "honert", "onderd", "ongerd", "hongerd", "hongert"),
        *("hundert", "hunderd"),
    ),
    ("euro", "eurokes"),
)
#: Two letters, of which the second is written for the first: they sound or look alike.
_BY_EAR = "fv vf zs sz td dt gc ck kc vw wv qk iy vy"
_BY_EYE = "il ll l1 i1 o0 s5 g9 z2 gq sſ zſ fſ sf ec ce ul un nu mn nm tl tf hb"
LOOKALIKES = frozenset(f"{_BY_EAR} {_BY_EYE}".split())
_ROWS = ("qwertyuiop", "asdfghjkl", "zxcvbnm")
#: On a keyboard (QWERTY), the keys around each letter
NEIGHBOURS = {
    letter: "".join(
        row[place]
        for other, row in enumerate(_ROWS)
        if abs(other - number) <= 1
        for place in range(max(0, column - 1), min(len(row), column + 2))
        if row[place] != letter
    )
    for number, row_of in enumerate(_ROWS)
    for column, letter in enumerate(row_of)
}
