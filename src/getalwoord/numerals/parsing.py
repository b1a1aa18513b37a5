"""Texts to values: by the grammar as they are, or else as what they are most likely meant to be."""

from getalwoord.numerals.exact import parse_exactly, refusal, rewritten
from getalwoord.numerals.grammar import VOCABULARY, Numeral, readings
from getalwoord.numerals.meant import MARGIN, corrected, is_clear
from getalwoord.numerals.patterns import Words
from getalwoord.numerals.values import Value


def parse(text: str) -> Value:
    """Read a numeral in words, by the grammar alone.

    Understood are the official spelling and its variants: with or without trema, accents,
    capitals, hyphens, spaces and *en*. Figures are not words and are refused. Of several readings
    it is the first of `parse_all`. Of a misspelt text it is what is meant, if only one value can
    be.

    Raises:
        ParseError: The text is no numeral; says where it stops being one.

    >>> parse("vierhonderd drie en tachtig"), parse("anderhalf"), parse("halfvijf")
    (483, Decimal('1.5'), datetime.time(4, 30))
    """
    return parse_numeral(text).value


def parse_numeral(text: str) -> Numeral:
    """Read a numeral as `parse` does, and say of what kind it is.

    Raises:
        ParseError: The text is no numeral; says where it stops being one.
    """
    if numeral := parse_exactly(text):
        return numeral
    found = corrected(text, reach=MARGIN)
    if is_clear(found):
        return found[0].numeral
    raise refusal(text)


def parse_all(text: str) -> list[Numeral]:
    """Give all readings of a numeral, the preferred one first.

    A cardinal is preferred, then one whose official spelling is the text itself, but for capitals
    and accents. Else they are in the order of `KINDS`, and within a kind in that of its forms: of a
    time the first half of the day before the second.

    Raises:
        ParseError: The text is no numeral; says where it stops being one.

    >>> [(numeral.kind, numeral.figures) for numeral in parse_all("tien voor half twee")]
    [('time', '01:20'), ('time', '13:20')]
    >>> [(numeral.kind, numeral.figures) for numeral in parse_all("twintig tien")]
    [('year', '2010'), ('time', '20:10')]
    """
    if numerals := readings(text, Words(VOCABULARY.split(text))) or rewritten(text):
        return numerals
    raise refusal(text)
