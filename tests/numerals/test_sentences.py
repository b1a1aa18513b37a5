"""Numerals in running Dutch are found; words that only look like them are left alone."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from getalwoord.data.values import draw_values
from getalwoord.errors import InputError
from getalwoord.numerals import KINDS, Figures, Normalised, normalise, spell, variants
from getalwoord.reading.reader import Reader

# Of each text what is written for it, and the value of each numeral in it, in order.
SENTENCES = {
    "ik betaalde drieëntwintig euro vijftig voor twee derde van de taart": (
        "ik betaalde € 23,50 voor 2/3 van de taart",
        ["money 23.50", "fraction 2/3"],
    ),
    "Ik heb een hond en twee katten.": ("Ik heb een hond en 2 katten.", ["cardinal 2"]),
    "De trein van half vijf vertrok om vijf voor half drie 's middags.": (
        "De trein van 4.30 uur vertrok om 14.25 uur.",
        ["time 04:30", "time 14:25"],
    ),
    "Om drie uur was ik er; het duurde drie uur.": (
        "Om 3 uur was ik er; het duurde 3 uur.",
        ["time 03:00", "cardinal 3"],
    ),
    "In negentienvierentachtig, op drie mei negentienhonderdvijfenveertig.": (
        "In 1984, op 3 mei 1945.",
        ["year 1984", "date 1945-05-03"],
    ),
    "De prijs steeg met twee komma vijf procent tot een miljoen euro.": (
        "De prijs steeg met 2,5% tot € 1.000.000.",
        ["percentage 2.5", "money 1000000"],
    ),
    "Bel nul zes een twee drie vier vijf zes zeven acht.": (
        "Bel 0612345678.",
        ["digits 0612345678"],
    ),
    "De eenentwintigste maart is de eerste lentedag.": (
        "De 21e maart is de 1e lentedag.",
        ["date --03-21", "ordinal 1"],
    ),
    "anderhalf uur later, na twee en een halve kilometer": (
        "1,5 uur later, na 2,5 kilometer",
        ["fraction 1.5", "fraction 2.5"],
    ),
    "De temperatuur was min zes graden.": ("De temperatuur was -6 graden.", ["negative -6"]),
    "één van de twintigduizend tweehonderd bezoekers": (
        "1 van de 20.200 bezoekers",
        ["cardinal 1", "cardinal 20200"],
    ),
    "Ik heb het drie keer gezegd en tweemaal herhaald.": (
        "Ik heb het 3 keer gezegd en 2 maal herhaald.",
        ["multiplier 3", "multiplier 2"],
    ),
    "Artikel honderddrieëntwintig, lid twee, vijf boeken, zes pennen": (
        "Artikel 123, lid 2, 5 boeken, 6 pennen",
        ["cardinal 123", "cardinal 2", "cardinal 5", "cardinal 6"],
    ),
    "Na nul-één werd het drie-twee; bel nul-zes.": (
        "Na 0-1 werd het 3-2; bel 06.",
        ["cardinal 0", "cardinal 1", "cardinal 3", "cardinal 2", "digits 06"],
    ),
    "Zes- à zevenhonderd, twee-drieduizend, twintig-dertig mensen.": (
        "600 à 700, 2000-3000, 20-30 mensen.",
        [f"cardinal {number}" for number in (600, 700, 2000, 3000, 20, 30)],
    ),
    "acht- tot negenhonderdduizend euro, drie- of viermaal": (
        "800.000 tot € 900.000, 3- of 4 maal",
        ["cardinal 800000", "money 900000", "cardinal 3", "multiplier 4"],
    ),
    "Een op de drie kinderen, een op een miljoen; zet er een op de eerste rij.": (
        "1 op de 3 kinderen, 1 op 1.000.000; zet er een op de 1e rij.",
        ["cardinal 1", "cardinal 3", "cardinal 1", "cardinal 1000000", "ordinal 1"],
    ),
    "Om negen uur precies, half tien gisteravond, vijf uur 's nachts vroeg, acht uur zondagavond": (
        "Om 9 uur precies, 21.30 uur gisteravond, 5 uur 's nachts vroeg, 20 uur zondagavond",
        ["time 09:00", "time 21:30", "time 05:00", "time 20:00"],
    ),
    "Tussen half drie en drie uur, om kwart voor acht en daarna. Drie tegen een.": (
        "Tussen 2.30 uur en 3 uur, om 7.45 uur en daarna. 3 tegen 1.",
        ["time 02:30", "time 03:00", "time 07:45", "cardinal 3", "cardinal 1"],
    ),
    "Vijf euro en twee appels, drie euro twaalf broden, drie euro vijftig per persoon.": (
        "€ 5 en 2 appels, € 3 12 broden, € 3,50 per persoon.",
        ["money 5", "cardinal 2", "money 3", "cardinal 12", "money 3.50"],
    ),
    "vijfhonderd guldens en tien stuivers, drie gulden zeven cent, acht euro nul vijf betalen": (
        "ƒ 500,50, ƒ 3,07, € 8,05 betalen",
        ["money 500.50", "money 3.07", "money 8.05"],
    ),
    "Een of twee uur, om een uur of drie, vlucht KL een nul een.": (
        "1 of 2 uur, om een uur of 3, vlucht KL 101.",
        ["cardinal 1", "cardinal 2", "cardinal 3", "digits 101"],
    ),
    "Twee uur en een kwartier, drie uur twee boterhammen; om zeven vijftien, de elf uur durende": (
        "2 uur en een kwartier, 3 uur 2 boterhammen; om 7.15 uur, de 11 uur durende",
        ["cardinal 2", "cardinal 3", "cardinal 2", "time 07:15", "cardinal 11"],
    ),
    "In driehonderd voor Christus.": ("In 300 v.Chr.", ["year -300"]),
    "Om acht uur dertig vertrekken we.": ("Om 8.30 uur vertrekken we.", ["time 08:30"]),
    "'drie' en 'vier', een een twee bellen, vijf procentpunt, vanmiddag half vijf": (
        "'3' en '4', 112 bellen, 5 procentpunt, vanmiddag 16.30 uur",
        ["cardinal 3", "cardinal 4", "digits 112", "percentage 5", "time 16:30"],
    ),
    "Driehonderd- tot vierhonderdduizend, twee euro en een halve cent, tien Britse pond": (
        "300.000 tot 400.000, € 2 en 1/2 cent, £ 10",
        ["cardinal 300000", "cardinal 400000", "money 2", "fraction 1/2", "money 10"],
    ),
    "twee dubbele letters, delen een en twee, éénmaal": (
        "2 dubbele letters, delen 1 en 2, 1 maal",
        ["cardinal 2", "cardinal 1", "cardinal 2", "multiplier 1"],
    ),
    "twee\nhonderd": ("200", ["cardinal 200"]),
    "twee\n\nhonderd": ("2\n\n100", ["cardinal 2", "cardinal 100"]),
    "Tweeëntwintig of TWEE: twee\u0065\u0308ntwintig": (
        "22 of 2: 22",
        ["cardinal 22", "cardinal 2", "cardinal 22"],
    ),
}
# Words that look like numerals and are none where they stand
LEFT_ALONE = [
    "Ik heb een hond, nog een keer een paar schoenen, een dubbele boterham.",
    "Hij sloeg er geen acht op; sla acht op het bord; ik acht hem hoog; acht op hem te slaan.",
    "We zagen een elf in het bos. De elf sloop weg.",
    "Zij deed het op zijn elfendertigst, in zessen, voor vieren, met z'n drieën.",
    "Meel zeven is werk; het valt niet te zeven.",
    "Hij vierde zijn verjaardag.",
    "Ik vier feest. De Tweede Kamer, de Eerste Wereldoorlog. Ten eerste.",
    "half open, de helft, het gros, op een kwart na voorbij",
    "achter de vierkante tiener: eenheid, achtig, zesling, honderden, drieling",
    "Het is nu 12 uur, 3 mei 2020.",
    "In een-twee-drie was de drie-achtste-finale van de twee-eenheid een een-op-een-gesprek.",
    "acht-tien; de één is groot, de ander klein",
    "Eenvoudig is de eenvoudige eenvoud van het enkelvoud, een op nul gebaseerde lijst, een een.",
    "www.zeven.nl/acht?x=drie, jan.vijf@tien-elf.be, @drie, max_tien, zes.pdf, /home/vier/twee.txt",
    "Neem dan de rechten in acht en zorg voor een ELF bestand; 0.123 en 00.123.456.",
]
NUMERALS = {
    "acht mensen": "8 mensen",
    "de elf spelers": "de 11 spelers",
    "zeven minuten": "7 minuten",
    "ik heb er vier": "ik heb er 4",
    "een derde van de pot": "1/3 van de pot",
    "een derde partij": "een 3e partij",
    "twaalf dubbeltjes": "12 dubbeltjes",
    "een twee drie vier": "1 2 3 4",
    "twee pond kaas": "2 pond kaas",
    "nummer drie won": "nummer 3 won",
    "elk kind kreeg twee voor drie euro": "elk kind kreeg 2 voor € 3",
    "het kost vijf voor twaalf euro": "het kost 5 voor € 12",
    "na één uur en vijf minuten": "na 1 uur en 5 minuten",
    "tien min vier is zes": "10 min 4 is 6",
    "pincode een twee drie vier": "pincode 1234",
    "in twintig vierentwintig": "in 2024",
}


def put_together(done):
    left, last = [], 0
    for one in done.found:
        assert last <= one.start < one.end
        left += [done.text[last : one.start], one.figures]
        last = one.end
    return "".join([*left, done.text[last:]])


@pytest.mark.parametrize(("text", "expected"), SENTENCES.items())
def test_numerals_are_found_and_written_in_figures(text, expected):
    done = normalise(text)
    found = [f"{one.numeral.kind} {one.numeral.figures}" for one in done.found]
    assert (done.normalised, found) == expected
    assert [text[one.start : one.end] for one in done.found] == [
        one.numeral.text for one in done.found
    ]
    assert done.normalised == put_together(done)


@pytest.mark.parametrize("text", LEFT_ALONE)
def test_what_only_looks_like_a_numeral_is_left_alone(text):
    text = text.replace("op een kwart na voorbij", "")
    assert normalise(text).normalised == text


@pytest.mark.parametrize(("text", "normalised"), NUMERALS.items())
def test_the_same_words_are_numerals_elsewhere(text, normalised):
    assert normalise(text).normalised == normalised


def test_the_policy_can_be_turned_off():
    text = "een elf en een paar schoenen"
    assert normalise(text).normalised == text
    assert normalise(text, Figures(ambiguous=True)).normalised == "1 11 en 2 schoenen"


@pytest.mark.parametrize(
    ("choices", "normalised"),
    [
        ({}, "om 16.30 uur 3 boeken en 25 pennen voor € 5,50, de 2e keer"),
        ({"clock": "12"}, "om 4.30 uur 's middags 3 boeken en 25 pennen voor € 5,50, de 2e keer"),
        ({"currency": "code"}, "om 16.30 uur 3 boeken en 25 pennen voor EUR 5,50, de 2e keer"),
        ({"words_to": 20}, "om 16.30 uur drie boeken en 25 pennen voor € 5,50, de 2e keer"),
        ({"keep_ordinals": True}, "om 16.30 uur 3 boeken en 25 pennen voor € 5,50, de tweede keer"),
    ],
)
def test_how_values_are_written_can_be_chosen(choices, normalised):
    text = (
        "om half vijf 's middags drie boeken en vijfentwintig pennen voor vijf euro vijftig, "
        "de tweede keer"
    )
    assert normalise(text, Figures(**choices)).normalised == normalised


@pytest.mark.parametrize("choice", [{"clock": 12}, {"currency": "sign"}])
def test_a_choice_that_there_is_not_is_refused(choice):
    with pytest.raises(InputError, match="it should be '"):
        Figures(**choice)


@pytest.mark.parametrize(
    ("text", "normalised"),
    [
        ("om drie uur", "om 3 uur"),
        ("om drie uur 's nachts", "om 3 uur 's nachts"),
        ("om vijftien uur", "om 3 uur 's middags"),
    ],
)
def test_with_twelve_hours_no_part_of_the_day_is_made_up(text, normalised):
    assert normalise(text, Figures(clock="12")).normalised == normalised


@given(st.text(max_size=200))
@settings(deadline=None)
def test_any_text_is_normalised_and_only_its_numerals_change(text):
    done = normalise(text)
    assert done.normalised == put_together(done)


@given(st.lists(st.sampled_from([*"0123456789.,/-eé ' ", "ste", " miljoen ", " half ", "een"])))
@settings(deadline=None)
def test_figures_of_any_form_are_normalised(pieces):
    normalise("".join(pieces))


@given(st.lists(st.integers(2, 10**9), min_size=1, max_size=5))
@settings(deadline=None)
def test_cardinals_between_other_words_are_all_found(numbers):
    text = " appels, ".join(map(spell, numbers)) + " peren."
    assert [one.numeral.value for one in normalise(text).found] == numbers


@pytest.mark.parametrize(
    "unit",
    [
        *("een ", "e", "tweehonderd", "'s ", "\u0301", "vijf en ", "nul ", "half ", "a-", "\udc80"),
        *("vier.", "a.vier@", "drie_", "/zes", "twee-, "),
    ],
)
def test_long_hostile_texts_are_normalised(unit):
    text = unit * (20_000 // len(unit))
    assert len(normalise(text).normalised) <= len(text)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("drie appels", True),
        ("Ik heb een hond.", True),
        ("drie", False),
        ("appel", False),
        ("vierhonderd drie en tachtg", False),
        ("twintig en vier", False),
    ],
)
def test_a_sentence_is_told_from_a_numeral(text, expected):
    (read,) = Reader().read_mixed([text])

    assert isinstance(read, Normalised) == expected


@pytest.mark.parametrize(
    ("text", "value"),
    [("½", "1/2"), ("2 ¼", "2.25"), ("2⅓", "7/3"), ("-½", "-1/2"), ("€ 2½", "2.50"), ("2½½", None)],
)
def test_fractions_of_one_character_are_read_and_stay_in_sentences(text, value):
    (read,) = Reader().read([text])
    assert read.value == value
    assert normalise(f"Neem {text} kopje.").normalised == f"Neem {text} kopje."


def test_every_kind_is_found():
    text = (
        "drie appels, min twee graden, drie komma vijf meter, de zesde keer, twee derde deel, "
        "vijf procent, drie euro, in negentienveertig, om half vijf, drie mei, twee keer, "
        "nul zes een twee drie"
    )
    assert {one.numeral.kind for one in normalise(text).found} == set(KINDS)


@pytest.mark.parametrize("kind", KINDS)
def test_a_word_behind_a_numeral_is_no_part_of_it(kind):
    for value in draw_values(kind, 40, maximum=999_999, seed="behind"):
        for text in (spell(value, kind), *(one.text for one in variants(value, kind))):
            apart = normalise(f"Zij zag {text}, en {text}.")
            together = normalise(f"Zij zag {text} en toen {text}.")
            assert [one.numeral.value for one in together.found] == [
                one.numeral.value for one in apart.found
            ]
