"""Cardinals: the official spelling, its variants, and what is no numeral."""

import re
import unicodedata

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from getalwoord.errors import InputError, ParseError
from getalwoord.numerals import parse, spell, variants

LARGEST = 10**36 - 1
numbers = st.one_of(
    st.integers(-LARGEST, LARGEST),
    st.integers(1, 36).flatmap(lambda digits: st.integers(0, 10**digits - 1)),
)
PIECES = (
    "nul een één twee drie vier tien elf twintig tachtig en honderd duizend miljoen miljard"
    " quintiljard min ë e n tig \u0308 \u0301 \u00ad \udc80 \x00 İ ĳ ﬁ 483 - – _ ' . , 二"
)
anything = st.one_of(
    st.text(st.characters(exclude_categories=())),
    st.lists(st.sampled_from([*PIECES.split(), " ", "\n"])).map("".join),
)

# Leidraad 6.9 and the pages of taaladvies.net on writing numbers.
OFFICIAL = {
    0: "nul",
    1: "een",
    21: "eenentwintig",
    22: "tweeëntwintig",
    34: "vierendertig",
    83: "drieëntachtig",
    100: "honderd",
    101: "honderdeen",
    483: "vierhonderddrieëntachtig",
    607: "zeshonderdzeven",
    1000: "duizend",
    1001: "duizend een",
    1100: "duizend honderd",
    2000: "tweeduizend",
    2400: "tweeduizend vierhonderd",
    3254: "drieduizend tweehonderdvierenvijftig",
    100_000: "honderdduizend",
    300_000: "driehonderdduizend",
    1_000_000: "een miljoen",
    3_000_000: "drie miljoen",
    10**9: "een miljard",
    2 * 10**12 + 1000: "twee biljoen duizend",
    10**17: "honderd biljard",
    -6: "min zes",
    -1_000_022: "min een miljoen tweeëntwintig",
}

ACCEPTED = {
    # without trema, as one composed character or two, with the ligature of ij
    "drieentachtig": 83,
    "drie\u00ebntachtig": 83,
    "drie\u0065\u0308ntachtig": 83,
    "v\u0133fenv\u0133ftig": 55,
    # een before honderd and duizend; cheques and deeds: éénhonderd
    "eenhonderd": 100,
    "éénhonderd": 100,
    "een duizend een honderd": 1100,
    "eenduizend": 1000,
    # en before any remainder
    "honderd en drie": 103,
    "honderdendrie": 103,
    "honderdeneen": 101,
    "zeshonderdenachtenzeventig": 678,
    "duizend en een": 1001,
    "een miljoen en honderdduizend en drie": 1_100_003,
    # counting in hundreds
    "elfhonderd": 1100,
    "twaalfhonderd": 1200,
    "vierentwintighonderd": 2400,
    "vijfendertighonderdzevenenzeventig": 3577,
    "vijfendertighonderdenzevenenzeventig": 3577,
    "vier en twintig honderd": 2400,
    "twaalfhonderd miljoen": 1_200_000_000,
    "duizend miljard": 10**12,
    # spaces and hyphens
    "tweeduizendvierhonderd": 2400,
    "twee en twintig": 22,
    "twee honderd acht en tachtig": 288,
    "drie honderd duizend": 300_000,
    "vierhonderd drie en tachtig": 483,
    " drie \t miljoen\u00a0 zes\n": 3_000_006,
    "vier-honderd-drie-en-tachtig": 483,
    "vier\u00adhonderd\u00addrie\u00adën\u00adtachtig": 483,
    "\ufefftwee": 2,
    # accents on één anywhere, and others for emphasis
    "één": 1,
    "honderdéén": 101,
    "e\u0301e\u0301nentwintig": 21,
    "twéé": 2,
    # capitals
    "TWEEËNTWINTIG": 22,
    "Drie Miljoen": 3_000_000,
    # negatives
    "minus zes": -6,
    "Negatief honderd": -100,
    # the generator of the post
    "tweemiljoen": 2_000_000,
    "tweeduizend ": 2000,
    "tweemiljoen drieduizend eenhonderddrieentachtig": 2_003_183,
    "tienhonderdmiljoen": 10**9,
}

REFUSED = [
    ("", 0, "there is no numeral in an empty text"),
    (" \n", 0, "there is no numeral in an empty text"),
    ("en", 0, '"en" cannot begin a numeral'),
    ("miljoen drie", 8, '"drie" cannot follow "miljoen"'),
    ("twintig drie", 8, '"drie" cannot follow "twintig"'),
    ("twee en drie", 8, '"drie" cannot follow "en"'),
    ("tweehonderd duizend miljoen", 20, '"miljoen" cannot follow "duizend"'),
    ("eenentwintighonderd honderd", 20, '"honderd" cannot follow "honderd"'),
    ("duizend miljoen miljoen", 16, '"miljoen" cannot follow "miljoen"'),
    ("duizend twee duizend", 13, '"duizend" cannot follow "twee"'),
    ("duizend quintiljard", 8, '"quintiljard" cannot follow "duizend"'),
    ("honderd en duizend", 11, '"duizend" cannot follow "en"'),
    ("twee drie", 5, '"drie" cannot follow "twee"'),
    ("twee-drie", 5, '"drie" cannot follow "twee"'),
    ("nul nul appel", 8, '"appel" is no word of a numeral'),
    ("twee en en twintig", 8, '"en" cannot follow "en"'),
    ("vier en", 7, "the numeral ends too early"),
    ("honderden", 9, "the numeral ends too early"),
    ("min", 3, "the numeral ends too early"),
    ("min min zes", 4, '"min" cannot follow "min"'),
    ("zes min", 4, '"min" cannot follow "zes"'),
    ("honderdnul", 7, '"nul" cannot follow "honderd"'),
    ("appel", 0, '"appel" is no word of a numeral'),
    # half of a ten is lost: no mistake that could be set right
    ("tweeënnegen", 6, '"negen" cannot follow "en"'),
    # numbers beyond the tables
    ("een sextiljoen", 4, '"sextiljoen" is no word of a numeral'),
    ("tweehonderd appels", 12, '"appels" is no word of a numeral'),
    ("483", 0, '"483" is in figures: only words are read'),
    ("drie 483", 5, '"483" is in figures: only words are read'),
    ("-zes", 0, '"-" is no word of a numeral'),
    ("honderd - drie", 8, '"-" is no word of a numeral'),
    ("twee- en twintig", 4, '"-" is no word of a numeral'),
    ("twee\x1b[0m", 4, "U+001B is no word of a numeral"),
    ("twee\udc80", 4, "U+DC80 is no word of a numeral"),
    # Counting in hundreds is from 1100 to 9999 and never for whole thousands.
    ("tienhonderd", 4, '"honderd" cannot follow "tien"'),
    ("twintighonderd", 7, '"honderd" cannot follow "twintig"'),
    ("dertighonderd een", 6, '"honderd" cannot follow "dertig"'),
    # taaladvies.net: with hyphens it means "very many", no number.
    ("honderd-en-een", 0, "means very many and is no number"),
    ("  Honderd-en-één", 2, "means very many and is no number"),
    ("duizend\u2010en\u2010een", 0, "means very many and is no number"),
]


@pytest.mark.parametrize(("value", "text"), OFFICIAL.items())
def test_the_official_spelling_follows_the_rules(value, text):
    assert spell(value) == text
    assert parse(text) == value


@pytest.mark.parametrize(("text", "value"), ACCEPTED.items())
def test_variants_in_use_are_understood(text, value):
    assert parse(text) == value


@pytest.mark.parametrize(("text", "position", "reason"), REFUSED)
def test_what_is_no_numeral_is_refused_where_it_stops_being_one(text, position, reason):
    with pytest.raises(ParseError, match=re.escape(reason)) as caught:
        parse(text)
    assert (caught.value.text, caught.value.position) == (text, position)


@given(numbers)
def test_parsing_inverts_spelling(value):
    assert parse(spell(value)) == value


@given(numbers)
@settings(deadline=None)
def test_every_variant_has_its_value(value):
    assert {v: parse(v.text) for v in variants(value)} == dict.fromkeys(variants(value), value)


@given(numbers)
@settings(deadline=None)
def test_variants_differ_from_the_official_form_and_each_other(value):
    texts = [spell(value), *(variant.text for variant in variants(value))]
    assert len(set(texts)) == len(texts)
    assert all(variant.name for variant in variants(value))


def test_variants_name_what_differs():
    named = {variant.name: variant.text for variant in variants(-2422)}
    assert named["no trema"] == "min tweeduizend vierhonderdtweeentwintig"
    assert named["counted in hundreds"] == "min vierentwintighonderdtweeëntwintig"
    assert named["linking en"] == "min tweeduizend vierhonderdentweeëntwintig"
    assert named["minus"] == "minus tweeduizend vierhonderdtweeëntwintig"
    assert named["words apart"] == "min twee duizend vier honderd twee en twintig"
    assert named["no trema, no space after duizend"] == "min tweeduizendvierhonderdtweeentwintig"


def test_variants_never_count_whole_thousands_in_hundreds():
    assert not [v for n in range(1000, 11_000, 1000) for v in variants(n) if "hundreds" in v.name]


@given(numbers, st.sampled_from(["NFC", "NFD"]), st.sampled_from(["", "\u00ad", "\ufeff"]))
@settings(deadline=None)
def test_positions_are_those_of_the_text_as_given(value, form, unseen):
    start = unicodedata.normalize(form, spell(value)).replace("h", "h" + unseen) + " "
    with pytest.raises(ParseError, match='"appel" is no word of a numeral') as caught:
        parse(start + "appel")
    assert caught.value.position == len(start)


@given(anything)
def test_any_text_has_a_value_or_a_place_where_it_fails(text):
    try:
        value = parse(text)
    except ParseError as error:
        place = error.position
    else:
        assert parse(spell(value)) == value
        return
    assert 0 <= place <= len(text)


@pytest.mark.parametrize(
    "unit",
    [
        "een",
        "e\u0301",
        "é",
        "-",
        "en ",
        "honderd",
        "één ",
        "\u0301",
        "1",
        "een-",
        "\u00ad",
        "twee\n",
    ],
)
def test_long_hostile_texts_are_refused(unit):
    with pytest.raises(ParseError) as caught:
        parse(unit * (100_000 // len(unit)))
    assert caught.value.position <= len(unit) or unit == "\u00ad"


def test_spaces_may_be_many():
    assert parse("twee" + " " * 100_000 + "honderd") == 200


@pytest.mark.parametrize("value", [10**36, -(10**36), 10**5000], ids=["10^36", "-10^36", "10^5000"])
def test_numbers_out_of_range_are_refused(value):
    with pytest.raises(InputError, match=re.escape("between -10^36 and 10^36")):
        spell(value)
    with pytest.raises(InputError, match=re.escape("between -10^36 and 10^36")):
        variants(value)
