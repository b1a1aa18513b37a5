"""The words of Dutch numerals, their values and how they join: tables, no code.

Spelling, parsing and variants are all driven by these tables.

Sources: Leidraad of the Woordenlijst, 6.9; taaladvies.net; the ANS grammar.
"""

from dataclasses import dataclass

ZERO = "nul"

#: 1 to 9 (*eenheden*)
UNITS = dict(
    enumerate(("een", "twee", "drie", "vier", "vijf", "zes", "zeven", "acht", "negen"), start=1)
)

#: 10 to 19, which take no unit
TEENS = dict(
    enumerate(
        (
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
        ),
        start=10,
    )
)

#: 20 to 90 (*tientallen*); a unit stands before them, joined by *en*
TENS = dict(
    zip(
        range(20, 100, 10),
        (
            "twintig",
            "dertig",
            "veertig",
            "vijftig",
            "zestig",
            "zeventig",
            "tachtig",
            "negentig",
        ),
        strict=True,
    )
)

AND = "en"
#: The *en* after a word that ends in *e*, where it is joined to it: the trema parts the vowels.
AND_AFTER_E = "ën"

#: The first is official.
NEGATIVE = ("min", "minus", "negatief")


@dataclass(frozen=True, slots=True)
class Level:
    """A word that multiplies what stands before it and adds what stands behind it.

    Attributes:
        value: What one of it is worth.
        word: The word.
        one: Whether *een* is written before it when there is one of it.
        coefficient_joined: Whether what stands before it is written in one word with it.
        remainder_joined: Whether what stands behind it is.
    """

    value: int
    word: str
    one: bool
    coefficient_joined: bool
    remainder_joined: bool


#: From small to large. One word up to and including *duizend*, then a space; the long scale
#: stands apart.
LEVELS = (
    Level(10**2, "honderd", one=False, coefficient_joined=True, remainder_joined=True),
    Level(10**3, "duizend", one=False, coefficient_joined=True, remainder_joined=False),
    Level(10**6, "miljoen", one=True, coefficient_joined=False, remainder_joined=False),
    Level(10**9, "miljard", one=True, coefficient_joined=False, remainder_joined=False),
    Level(10**12, "biljoen", one=True, coefficient_joined=False, remainder_joined=False),
    Level(10**15, "biljard", one=True, coefficient_joined=False, remainder_joined=False),
)

#: Numbers at and beyond this have no word in the tables.
LIMIT = 10**18

#: Written so, these mean "very many" and name no number (taaladvies.net).
FIGURATIVE = frozenset({"honderd-en-een", "honderd-en-één", "duizend-en-een", "duizend-en-één"})

#: What may stand between two words of a numeral: white space, hyphens and soft hyphens.
SEPARATORS = r"\s\-\u2010\u2011\u00ad"

#: Accents that are written over vowels: grave, acute, diaeresis (as combining marks).
MARKS = frozenset("\u0300\u0301\u0308")
