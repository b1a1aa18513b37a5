"""Where a misspelt numeral may stand in a sentence, and where only other words do."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from getalwoord.data.templates import all_templates, templates
from getalwoord.numerals import normalise, spell, suspects


def found_in(text):
    return [
        (one.text, one.corrections[0].numeral.figures if one.corrections else None)
        for one in suspects(text, reach=0.8)
    ]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Zij zag vierhondert drie en tagtig koeien.", [("vierhondert drie en tagtig", "483")]),
        ("Zij kwam om tien ovre halfacht thuis.", [("tien ovre halfacht", "07:40")]),
        ("Voeg zeven komma vijfentwinitg liter toe.", [("zeven komma vijfentwinitg", "7.25")]),
        (
            "Van dretien stoelen waren er zeuventien stuk.",
            [("dretien", "13"), ("zeuventien", "17")],
        ),
        ("Zij kwam op zessentwintig augustus.", [("zessentwintig augustus", "--08-26")]),
        ("Noteer negentig komma neqen op het bord.", [("negentig komma neqen", "90.9")]),
        ("Bel nul twee ahct zeven nul drie.", [("nul twee ahct zeven nul drie", "028703")]),
        # Spaces within words
        ("Er gingen vier duizend tweehond ert mensen.", [("vier duizend tweehond ert", "4200")]),
        ("Er zijn zes honderddrieënzes tig aandelen.", [("zes honderddrieënzes tig", "663")]),
        # Digits that a scanner made of letters
        ("Bij de h0nderdsestigste slag begon het.", [("h0nderdsestigste", "160")]),
        # Two letters of a long word
        ("Lees driehonderdnegenentwinog boeken.", [("driehonderdnegenentwinog", "329")]),
        # Digits among words that numerals have as well
        ("Tik nul zes accht zeven negen in de mijn.", [("nul zes accht zeven negen", "06879")]),
        ("Bel op ul zeven twee nul acht zeveen.", [("ul zeven twee nul acht zeveen", "072087")]),
    ],
)  # fmt: skip
def test_rows_of_words_that_are_near_to_a_numeral_are_suspects(text, expected):
    assert found_in(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "Hij verdiende zevenentachtig gulden per week.",
        "Indien het regent, kom ik niet; de zegen van de kerk rust erop.",
        "Zij leende het diende blad aan een lieve engel.",
        "Ik at twaalf appels en drie peren.",
        "Hij plukte honderd peren en zei er weinig over; twintig leven.",
        "Zij was er om twaalfvoor tien 's avonds.",
        "Hij kocht een volledige set en een meervoudig slot.",
        "Zij zag een hond erts zoeken in het zand.",
        "Vlucht zes nul vijf vertrekt om tien uur.",
        "drei vier " * 50,  # a list
        "nul twee acht zeven",
        "Bel nul twee achtzeven.",
        "",
    ],
)
def test_other_words_and_numerals_that_are_right_are_none(text):
    assert found_in(text) == []


def test_no_sentence_of_ours_has_a_suspect_without_its_numeral():
    for texts in templates().values():
        for text in texts:
            assert found_in(text.replace("{}", "…")) == []


@given(st.integers(0, 10**6), st.sampled_from(all_templates(held_back=False)))
def test_a_numeral_that_is_right_is_no_suspect(number, template):
    text = template.replace("{}", spell(number))
    for suspect in suspects(text, reach=0.8):
        exact = [one for one in normalise(text).found if one.start < suspect.end]
        assert all(suspect.start >= one.end or suspect.cuts(one) for one in exact)


@given(st.text(max_size=60))
def test_suspects_are_places_in_the_text_in_order(text):
    found = suspects(text, reach=0.8)
    assert all(text[one.start : one.end] == one.text for one in found)
    places = [place for one in found for place in (one.start, one.end)]
    assert places == sorted(places)
