"""How a numeral is read, piece by piece."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from getalwoord.numerals import KINDS, cardinals, explain, parse_numeral, spell, variants
from getalwoord.numerals.grammar import VOCABULARY


def is_all_whole(text):
    words = VOCABULARY.split(text)
    read = cardinals.read(words, 0)
    return bool(read) and read[-1].end == len(words)


def value_of(parts):
    """Add up the pieces of a cardinal, as a reader would."""
    numbers = []
    for part in parts:
        if part.value is None:
            continue
        if not part.value.startswith("×"):
            numbers.append(int(part.value))
            continue
        level = int(part.value.removeprefix("×"))
        counted = 0
        while numbers and numbers[-1] < level:
            counted += numbers.pop()
        numbers.append(counted * level)
    return sum(numbers)


@given(value=st.integers(0, 10**36 - 1), data=st.data())
def test_the_pieces_of_a_cardinal_add_up_to_it(value, data):
    texts = [spell(value), *(variant.text for variant in variants(value))]
    # A part of a thousand (*een kwart duizend*) is no whole number to be added.
    text = data.draw(st.sampled_from([text for text in texts if is_all_whole(text)]))

    assert value_of(explain(text, "cardinal")) == value


@given(text=st.text("vierhondrtgëé e\u0308\u00ad-", max_size=30))
def test_the_pieces_of_any_text_stand_in_it_in_their_order(text):
    end = 0
    for part in explain(text, "cardinal"):
        assert end <= part.start < part.end <= len(text)
        assert text[part.start : part.end] == part.text
        end = part.end


@pytest.mark.parametrize(
    ("text", "pieces"),
    [
        ("vierhonderddrieëntachtig", "vierhonderd 400, drie 3, ën, tachtig 80"),
        ("Vier honderd drie e\u0308n tachtig", "Vier honderd 400, drie 3, e\u0308n, tachtig 80"),
        ("drieëntwintigduizend", "drie 3, ën, twintig 20, duizend ×1000"),
        ("drie honderdste", "drie 3, honderdste 100"),
        ("driehonderdste", "driehonderdste 300"),
        ("min zes", "min -, zes 6"),
        ("anderhalf", "anderhalf 1.5"),
        ("twee komma vijf procent", "twee 2, komma ., vijf 5, procent %"),
        ("drie euro vijftig", "drie 3, euro, vijftig 50"),
        ("vijf voor half drie 's middags", "vijf 5, voor -, half -30, drie 3, 's, middags"),
        (
            "drie mei negentienhonderdvijfenveertig",
            "drie 3, mei, negentienhonderd 1900, vijf 5, en, veertig 40",
        ),
        ("een half dozijn", "een 1, half 1/2, dozijn 12"),
    ],
)
def test_a_numeral_of_any_kind_is_explained_by_its_words(text, pieces):
    numeral = parse_numeral(text)
    assert numeral.kind in KINDS

    parts = explain(text, numeral.kind)

    assert ", ".join(f"{p.text} {p.value}" if p.value else p.text for p in parts) == pieces
