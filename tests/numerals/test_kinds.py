"""Every kind of numeral: the official spelling, its variants, and what it is read as."""

import re
from datetime import date, time
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from getalwoord.errors import InputError, ParseError
from getalwoord.numerals import (
    KINDS,
    Money,
    MonthDay,
    Rate,
    kind_of,
    notation,
    parse,
    parse_all,
    parse_numeral,
    spell,
    value_of,
    variants,
)

LARGEST = 10**36 - 1
whole = st.one_of(
    st.integers(0, LARGEST),
    st.integers(1, 36).flatmap(lambda digits: st.integers(0, 10**digits - 1)),
)
places = st.integers(1, 8).flatmap(
    lambda n: st.tuples(whole, st.integers(0, 10**n - 1), st.just(n))
)
decimals = places.map(lambda p: Decimal(f"{p[0]}.{p[1]:0{p[2]}}"))
cents = st.integers(1, 10**12).map(lambda cents: Decimal(cents) / 100)
days = st.dates()

VALUES = {
    "cardinal": whole,
    "negative": whole.filter(bool).map(lambda number: -number),
    "decimal": st.one_of(decimals, decimals.filter(bool).map(Decimal.copy_negate)),
    "ordinal": whole,
    "fraction": st.fractions(-LARGEST, LARGEST, max_denominator=10**6).filter(
        lambda fraction: fraction.denominator > 1
    ),
    "percentage": st.builds(
        Rate, st.one_of(cents, st.integers(0, 100).map(Decimal)), st.sampled_from("%‰")
    ),
    "money": st.builds(Money, cents, st.sampled_from(["EUR", "USD", "GBP", "NLG", "JPY", "CZK"])),
    "year": st.integers(-9999, 9999),
    "time": st.times().map(lambda t: t.replace(second=0, microsecond=0)),
    "date": st.one_of(days, days.map(lambda day: MonthDay(day.month, day.day))),
    "multiplier": st.one_of(whole.filter(bool), decimals.filter(lambda value: value >= 1)),
    "digits": st.text("0123456789", min_size=1, max_size=39).map("0{}".format),
}
some = st.sampled_from(sorted(VALUES)).flatmap(lambda kind: st.tuples(st.just(kind), VALUES[kind]))

# Leidraad 6.9, the Woordenlijst and the pages of taaladvies.net on numbers, times and amounts.
OFFICIAL = [
    ("ordinal", 0, "nulde"),
    ("ordinal", 1, "eerste"),
    ("ordinal", 3, "derde"),
    ("ordinal", 8, "achtste"),
    ("ordinal", 12, "twaalfde"),
    ("ordinal", 20, "twintigste"),
    ("ordinal", 21, "eenentwintigste"),
    ("ordinal", 101, "honderdeerste"),
    ("ordinal", 113, "honderddertiende"),
    ("ordinal", 2400, "tweeduizend vierhonderdste"),
    ("ordinal", 10**6, "miljoenste"),
    ("ordinal", 2 * 10**6, "twee miljoenste"),
    ("cardinal", 10**33, "een quintiljard"),
    ("negative", -6, "min zes"),
    ("decimal", Decimal("3.05"), "drie komma nul vijf"),
    ("decimal", Decimal("3.14"), "drie komma veertien"),
    ("decimal", Decimal("-0.5"), "min nul komma vijf"),
    ("decimal", Decimal("0.05"), "nul komma nul vijf"),
    ("decimal", Decimal("3.1416"), "drie komma een vier een zes"),
    ("fraction", Fraction(1, 2), "een half"),
    ("fraction", Fraction(2, 3), "twee derde"),
    ("fraction", Fraction(1, 8), "een achtste"),
    ("fraction", Fraction(1, 4), "een kwart"),
    ("fraction", Fraction(3, 4), "drie kwart"),
    ("fraction", Fraction(3, 2), "anderhalf"),
    ("fraction", Fraction(5, 2), "twee en een half"),
    ("fraction", Fraction(11, 3), "drie en twee derde"),
    ("fraction", Fraction(-3, 4), "min drie kwart"),
    ("fraction", Fraction(2402, 289), "acht en negentig tweehonderdnegenentachtigste"),
    ("percentage", Rate(Decimal(5), "%"), "vijf procent"),
    ("percentage", Rate(Decimal("2.5"), "%"), "twee komma vijf procent"),
    ("percentage", Rate(Decimal(3), "‰"), "drie promille"),
    ("money", Money(Decimal("3.50"), "EUR"), "drie euro vijftig"),
    ("money", Money(Decimal("15.5"), "EUR"), "vijftien euro vijftig"),
    ("money", Money(Decimal("0.05"), "EUR"), "vijf cent"),
    ("money", Money(Decimal(-5), "USD"), "min vijf dollar"),
    ("money", Money(Decimal(2_000_000), "GBP"), "twee miljoen pond"),
    ("year", 1984, "negentienhonderdvierentachtig"),
    ("year", 1900, "negentienhonderd"),
    ("year", 1066, "duizend zesenzestig"),
    ("year", 2024, "tweeduizend vierentwintig"),
    ("year", -44, "vierenveertig voor Christus"),
    ("time", time(4), "vier uur"),
    ("time", time(4, 30), "halfvijf"),
    ("time", time(12, 30), "halfeen"),
    ("time", time(3, 15), "kwart over drie"),
    ("time", time(2, 45), "kwart voor drie"),
    ("time", time(2, 40), "tien over halfdrie"),
    ("time", time(2, 25), "vijf voor halfdrie"),
    ("time", time(8, 17), "dertien voor halfnegen"),
    ("time", time(20, 15), "kwart over acht 's avonds"),
    ("time", time(0), "twaalf uur 's nachts"),
    ("time", time(16, 30), "halfvijf 's middags"),
    ("date", date(1945, 5, 3), "drie mei negentienhonderdvijfenveertig"),
    ("date", date(2024, 2, 29), "negenentwintig februari tweeduizend vierentwintig"),
    ("date", MonthDay(3, 21), "eenentwintig maart"),
    ("multiplier", 2, "tweemaal"),
    ("digits", "0612", "nul zes een twee"),
]

ACCEPTED = [
    # ordinals
    ("de eenentwintigste", "ordinal", "21"),
    ("honderdeneerste", "ordinal", "101"),
    ("honderdeende", "ordinal", "101"),
    ("honderdeneende", "ordinal", "101"),
    ("nulste", "ordinal", "0"),
    ("vijfenzeventigste", "ordinal", "75"),
    # fractions, decimals, rates
    ("twee vijfden", "fraction", "2/5"),
    ("tweederde", "fraction", "2/3"),
    ("driekwart", "fraction", "3/4"),
    ("half", "fraction", "1/2"),
    ("anderhalve", "fraction", "1.5"),
    ("drie en een half", "fraction", "3.5"),
    ("vierenhalf", "fraction", "4.5"),
    ("tweeënhalf", "fraction", "2.5"),
    ("drie vijf achtste", "fraction", "29/8"),
    ("derdehalf", "fraction", "2.5"),
    ("drie komma een vier", "decimal", "3.14"),
    ("drie punt veertien", "decimal", "3.14"),
    ("minus nul komma vijf", "decimal", "-0.5"),
    ("anderhalf procent", "percentage", "1.5"),
    ("een half procent", "percentage", "0.5"),
    # large numbers that are said by a part of the long scale
    ("anderhalf miljoen", "cardinal", "1500000"),
    ("twee komma vijf miljard", "cardinal", "2500000000"),
    ("een kwart miljoen", "cardinal", "250000"),
    # money
    ("vijftien euro en vijftig cent", "money", "15.50"),
    ("vijftien euro vijftig cent", "money", "15.50"),
    ("anderhalve euro", "money", "1.50"),
    ("drie euro, vijftig cent", "money", "3.50"),
    ("drie euro nul vijf", "money", "3.05"),
    ("twee komma vijf miljoen euro", "money", "2500000"),
    ("twee kwartjes", "money", "0.50"),
    ("een rijksdaalder", "money", "2.50"),
    ("drie gulden vijftig", "money", "3.50"),
    # years
    ("negentienvierentachtig", "year", "1984"),
    ("negentien-veertig", "year", "1940"),
    ("negentienenzeven", "year", "1907"),
    ("negentienzeven", "year", "1907"),
    ("twintig vierentwintig", "year", "2024"),
    ("twaalf veertig", "year", "1240"),
    ("negentien nul vijf", "year", "1905"),
    ("anno zestienhonderd", "year", "1600"),
    # clock and date
    ("half vijf", "time", "04:30"),
    ("tien na drie", "time", "03:10"),
    ("tien minuten voor drie uur", "time", "02:50"),
    ("vijf voor half drie in de middag", "time", "14:25"),
    ("twaalf uur ’s middags", "time", "12:00"),
    ("elf uur 's nachts", "time", "23:00"),
    ("kwart voor een savonds", "time", "00:45"),
    ("veertien uur dertig", "time", "14:30"),
    ("nul uur vijf", "time", "00:05"),
    ("vierentwintig uur", "time", "00:00"),
    ("middernacht", "time", "00:00"),
    ("de eenentwintigste maart", "date", "--03-21"),
    ("de eerste van januari", "date", "--01-01"),
    ("dinsdag de derde mei twintig tweeëntwintig", "date", "2022-05-03"),
    # the rest
    ("drievoudig", "multiplier", "3"),
    ("drietal", "multiplier", "3"),
    ("zes onder nul", "negative", "-6"),
    ("het is half vijf", "time", "04:30"),
    ("vijf euro vijftig!", "money", "5.50"),
    ("dubbel", "multiplier", "2"),
    ("twee keer", "multiplier", "2"),
    ("anderhalf maal", "multiplier", "1.5"),
    ("dozijn", "multiplier", "12"),
    ("een half dozijn", "multiplier", "6"),
    ("twee gros", "multiplier", "288"),
    ("een paar", "multiplier", "2"),
    ("nul zes twaalf vierendertig", "digits", "061234"),
    ("nul achthonderd", "digits", "0800"),
]

# Texts that can be read in several ways, all of them in order.
SEVERAL = {
    "halfvijf": ["time 04:30", "time 16:30"],
    "tien voor half twee": ["time 01:20", "time 13:20"],
    "twintig tien": ["year 2010", "time 20:10"],
    "drie honderdste": ["fraction 3/100", "ordinal 300"],
    "driehonderdste": ["ordinal 300", "fraction 3/100"],
    "negentienhonderdvierentachtig": ["cardinal 1984", "year 1984"],
    "honderd en drie vijfde": ["fraction 503/5", "fraction 103/5"],
}

REFUSED = [
    ("twee en vier derde", 18, "there is no such value"),
    ("eenendertig februari", 20, "there is no such value"),
    ("eenendertig februari appel", 21, '"appel" is no word of a numeral'),
    ("drie zes", 5, '"zes" cannot follow "drie"'),
    ("twee drie vierendertig", 5, '"drie" cannot follow "twee"'),
    ("drie komma", 10, "the numeral ends too early"),
    ("half dertig", 5, '"dertig" cannot follow "half"'),
    ("kwart over appel", 11, '"appel" is no word of a numeral'),
    ("drie euro vijftig dollar", 18, '"dollar" cannot follow "vijftig"'),
    ("procent", 0, '"procent" cannot begin a numeral'),
]


@pytest.mark.parametrize(("kind", "value", "text"), OFFICIAL)
def test_the_official_spelling_follows_the_rules(kind, value, text):
    assert spell(value, kind) == text
    assert parse(text) == value


@pytest.mark.parametrize(("text", "kind", "figures"), ACCEPTED)
def test_what_is_in_use_is_understood(text, kind, figures):
    numeral = parse_numeral(text)
    assert (numeral.kind, numeral.figures) == (kind, figures)


@pytest.mark.parametrize(("text", "readings"), SEVERAL.items())
def test_several_readings_are_given_in_order(text, readings):
    assert [f"{n.kind} {n.figures}" for n in parse_all(text)] == readings


@pytest.mark.parametrize(("text", "position", "reason"), REFUSED)
def test_what_is_no_numeral_is_refused_where_it_stops_being_one(text, position, reason):
    with pytest.raises(ParseError, match=re.escape(reason)) as caught:
        parse(text)
    assert caught.value.position == position


@pytest.mark.parametrize("kind", KINDS)
@given(data=st.data())
@settings(deadline=None)
def test_parsing_inverts_spelling(kind, data):
    value = data.draw(VALUES[kind])
    assert parse(spell(value, kind)) == value


@pytest.mark.parametrize("kind", KINDS)
@given(data=st.data())
@settings(deadline=None, max_examples=10)
def test_every_variant_has_its_value(kind, data):
    value = data.draw(VALUES[kind])
    for variant in variants(value, kind):
        assert parse(variant.text) == value, variant
        assert variant.name


@given(some, some)
@settings(deadline=None, max_examples=1000)
def test_no_two_values_share_an_official_spelling(one, other):
    if one[1] != other[1]:
        assert spell(one[1], one[0]) != spell(other[1], other[0])


@given(some)
@settings(deadline=None)
def test_a_value_is_the_same_in_figures(kind_and_value):
    _, value = kind_and_value
    assert value_of(notation(value), getattr(value, "unit", None)) == value


@given(some)
def test_a_value_has_a_kind_of_its_own(kind_and_value):
    kind, value = kind_and_value
    assert kind_of(value) == kind or kind in ("ordinal", "year", "multiplier")


@pytest.mark.parametrize(
    ("value", "kind", "reason"),
    [
        (3, "colour", 'there is no kind "colour"'),
        (-3, "ordinal", "-3 cannot be spelled as an ordinal"),
        (12_000, "year", "12000 cannot be spelled as a year"),
        (time(4, 30, 12), None, "04:30 cannot be spelled as a time"),
        ("4", None, "4 cannot be spelled as digits"),
        (Decimal("NaN"), None, "it is no number"),
        (Money(Decimal(3), "XAU"), None, "3 cannot be spelled as money"),
    ],
)
def test_what_has_no_words_is_refused(value, kind, reason):
    with pytest.raises(InputError, match=re.escape(reason)):
        spell(value, kind)
