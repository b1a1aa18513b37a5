"""Misspelt numerals are taken for what is meant, and for nothing where that is not clear."""

import contextlib

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from getalwoord.errors import ParseError
from getalwoord.numerals import corrected, parse_all, parse_numeral, spell

# Seen on Dutch forums and language-advice pages, or said on the telephone; and likely slips.
MEANT = {
    "achtien": "18",
    "tweentwintig": "22",
    "zessenvijftig": "56",
    "honderdfijf": "105",
    "vijventwintigste": "25",
    "zeuven": "7",
    "zeuventien": "17",
    "zeuventig": "70",
    "tachentig": "80",
    "twintug": "20",
    "zestich": "60",
    "veertieg": "40",
    "vyftig": "50",
    "viertien": "14",
    "hondert": "100",
    "duisend": "1000",
    "agt": "8",
    "zevendertig": "37",
    "drietachtig": "83",
    "vierhonderdrieëntachtig": "483",
    "vierhonderd drie en tachtg": "483",
    "vierhonderd twin tig": "420",
    "zevenhonderdnegenentwitnig": "729",
    "een rniljoen": "1000000",
    "twee komma veif": "2.5",
    "anderhallf": "1.5",
    "twee deerde": "2/3",
    "drie uero vijftig": "3.50",
    "halfvijv": "04:30",
    "veir": "4",
    "drieendertich honderdste": "33/100",
    "drie duizend honderd achttiejnde": "3118",
    "negentienhonderdsevenendertigste": "1937",
    "hondert ende dertich": "130",
    "negen hondert negen ende tsestich": "969",
    "duysent ses hondert ende thien": "1610",
    "twee ende tnegentigh": "92",
    "acht en sen zevende": "57/7",
    "eun over halfacht": "07:31",
    "nul zes ien twee": "0612",
    "unl dry vier vijf": "0345",
    "nul zessentwintiq nul nege": "02609",
}
UNCLEAR = [
    "twintig drie",
    "veertig drie",
    "drie twintig",  # with a space, nothing says that *en* was lost
    "honderden",
    "tweeën",
    "twee drie",
    "die",
    "appel",
    "tien honderd",
    "tweeënnegen",
    "-zes",
    "honderd - drie",
    "twee- en twintig",
    "zes!zes",
    "vier 5",
    "nu negentien",
    "nul of drie",
    "honderdden",
    "twee uren",
    "een uri",
]


@pytest.mark.parametrize(("text", "figures"), MEANT.items())
def test_a_misspelt_numeral_is_taken_for_what_is_meant(text, figures):
    numeral = parse_numeral(text)
    assert numeral.figures == figures
    assert numeral.meant == spell(numeral.value, numeral.kind)


@pytest.mark.parametrize("text", UNCLEAR)
def test_what_may_mean_something_else_is_refused(text):
    with pytest.raises(ParseError):
        parse_numeral(text)


@pytest.mark.parametrize("text", ["vierentachtig", "twee en twintig", "Halfvijf", "tweeentwintig"])
def test_what_the_grammar_reads_is_not_corrected(text):
    assert parse_numeral(text).meant is None


@pytest.mark.parametrize(
    ("text", "rival", "farther"),
    [
        ("drie honderste", "300", 0.3),  # 3/100, its denominator a word of its own
        ("driehonderste", "3/100", 1.2),
    ],
)
def test_the_last_space_tells_a_fraction_from_an_ordinal(text, rival, farther):
    nearest, other = corrected(text, reach=1.5)
    assert other.numeral.figures == rival
    assert other.distance - nearest.distance == pytest.approx(farther)


def test_all_readings_are_those_of_the_grammar_alone():
    with pytest.raises(ParseError):
        parse_all("achtien")


@given(st.integers(1, 999_999), st.randoms(use_true_random=False))
@settings(deadline=None, max_examples=200)
def test_a_letter_twice_for_once_changes_no_value(number, chance):
    text = spell(number)
    place = chance.choice([place for place, letter in enumerate(text) if letter.isalpha()])
    misspelt = text[:place] + text[place] + text[place:]
    with contextlib.suppress(ParseError):  # what is unclear is refused
        assert parse_numeral(misspelt).value == number


@given(st.text("0123456789", min_size=3, max_size=11), st.randoms(use_true_random=False))
@settings(deadline=None, max_examples=100)
def test_a_letter_twice_for_once_changes_no_digit(digits, chance):
    text = spell("0" + digits, "digits")
    place = chance.choice([place for place, letter in enumerate(text) if letter.isalpha()])
    assert parse_numeral(text[:place] + text[place] + text[place:]).value == "0" + digits


@given(st.text(" abcdefghijklmnoprstuvwxyzëé-", max_size=300))
@settings(deadline=None, max_examples=300)
def test_any_text_is_read_or_refused(text):
    try:
        value = parse_numeral(text).value
    except ParseError as error:
        value = error.position
    assert value is not None


def test_a_word_without_end_is_refused_at_once():
    with pytest.raises(ParseError):
        parse_numeral("a" * 1_000_000)  # not in the square of its length, which took hours
