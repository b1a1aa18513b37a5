"""What people write and say, list by list: read exactly, as it is meant, and within sentences.

The lists are the project's own. What is accepted follows the Woordenlijst (woordenlijst.org) and
taaladvies.net: "Aaneenschrijven van telwoorden (algemeen)", "Breuken", "Tijdsaanduiding" and "Vijf
euro / vijf euro's"; what is misspelt is seen on forums, heard on the telephone or likely.
"""

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from getalwoord.errors import ParseError
from getalwoord.numerals import KINDS, normalise, notation, parse_all, parse_numeral, spell

PARTS = ("nachts", "ochtends", "middags", "avonds")


def rows(name):
    """Give the rows of a list; columns are parted by tabs."""
    lines = (Path(__file__).parent / name).read_text("utf-8").splitlines()
    return [line.split("\t") for line in lines if line and not line.startswith("#")]


@pytest.mark.parametrize("row", rows("accepted.tsv"), ids=lambda row: row[0])
def test_what_is_in_use_is_read_exactly(row):
    text, *expected = row
    numeral = parse_numeral(text)
    read = [numeral.kind, numeral.figures, *filter(None, [numeral.unit])]
    assert (read, numeral.how) == (expected, "exact")


@pytest.mark.parametrize("row", rows("misspelt.tsv"), ids=lambda row: row[0])
def test_what_is_misspelt_is_taken_for_what_is_meant_or_refused(row):
    text, figures = row
    if figures == "-":
        with pytest.raises(ParseError):
            parse_numeral(text)
    else:
        assert parse_numeral(text).figures == figures


@pytest.mark.parametrize("row", rows("sentences.tsv"), ids=lambda row: row[0])
def test_all_numerals_of_a_sentence_are_found_and_none_invented(row):
    text, values = row[0], row[1] if len(row) > 1 else ""
    assert ";".join(one.numeral.figures for one in normalise(text).found) == values


def on_the_face(hour, minute):
    """Say a time as it is on a clock face, in several ways."""
    this, following = (spell((hour + more - 1) % 12 + 1) for more in (0, 1))
    if minute == 0:
        return [f"{this} uur"]
    said = [f"{this} uur {spell(minute)}"]
    if minute == 30:
        return [*said, f"half {following}"]
    if minute == 15:
        return [*said, f"kwart over {this}", f"kwart na {this}"]
    if minute == 45:
        return [*said, f"kwart voor {following}"]
    if minute < 30:
        before = spell(30 - minute)
        return [*said, f"{spell(minute)} over {this}", f"{before} voor half {following}"]
    after = spell(minute - 30)
    return [*said, f"{spell(60 - minute)} voor {following}", f"{after} over half {following}"]


@pytest.mark.parametrize("hour", range(24))
def test_every_minute_is_read_as_it_is_said(hour):
    for minute in range(60):
        expected = f"{hour:02}:{minute:02}"
        for said in on_the_face(hour, minute):
            part = PARTS[hour // 6]
            for text in (f"{said} 's {part}", f"om {said} s'{part}", f"'s {part} om {said}"):
                assert parse_numeral(text).figures == expected, text
        by_day = f"{spell(hour)} uur {spell(minute)}".removesuffix(" nul")
        assert parse_numeral(by_day).figures == expected, by_day


words = st.sampled_from(sorted(frozenset().union(*(kind.vocabulary for kind in KINDS.values()))))


@given(st.lists(words, max_size=7).map(" ".join))
@settings(deadline=None, max_examples=500)
def test_any_row_of_words_of_numerals_has_values_or_is_refused(text):
    try:
        figures = [numeral.figures for numeral in parse_all(text)]
    except ParseError:
        figures = []
    assert all(figures)
    assert all(notation(one.numeral.value) for one in normalise(text).found)
