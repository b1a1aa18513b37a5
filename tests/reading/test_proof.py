"""What counts as near, and what does not."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from getalwoord.errors import AdapterError
from getalwoord.numerals import Correction, Numeral, corrected, spell
from getalwoord.reading.proof import CALIBRATION, REACH, Thresholds, prove
from getalwoord.reading.reader import Reader

THRESHOLDS = Thresholds(distance=1.0, margin=0.5)


def meant(value, distance):
    return Correction(Numeral("text", value, meant="words"), distance)


@pytest.mark.parametrize(
    ("corrections", "how", "rival"),
    [
        ([meant(3, 0.4)], "near", None),
        ([meant(3, 0.4), meant(4, 0.9)], "near", "4"),
        ([meant(3, 0.4), meant(4, 0.8)], "unproven", "4"),
        ([meant(3, 1.1)], "unproven", None),
        ([meant(4, 0.2), meant(3, 0.4)], "unproven", "4"),
        ([meant(4, 0.2)], "unproven", "4"),
        ([], "unproven", None),
    ],
)
def test_a_value_is_near_if_it_is_and_no_other_is(corrections, how, rival):
    proof = prove(3, corrections, THRESHOLDS)

    assert (proof.how, proof.rival) == (how, rival)
    assert prove(3, corrections, THRESHOLDS, sure=False).how == "unproven"


@given(
    distances=st.lists(st.floats(0, 2), min_size=1, max_size=3),
    small=st.floats(0.1, 0.9),
    more=st.floats(0, 0.5),
)
def test_stricter_thresholds_prove_no_more(distances, small, more):
    corrections = [meant(value, distance) for value, distance in enumerate(sorted(distances))]
    loose = prove(0, corrections, Thresholds(distance=small + more, margin=small))
    strict = prove(0, corrections, Thresholds(distance=small, margin=small + more))

    assert (strict.how, loose.how) != ("near", "unproven")


@given(value=st.integers(21, 999_999), place=st.integers(0, 60))
def test_a_doubled_letter_is_near_to_the_value_or_unproven(value, place):
    text = spell(value)
    place %= len(text)
    if not text[place].isalpha():
        return
    (reading,) = Reader().read([text[: place + 1] + text[place:]])

    if reading.how in ("exact", "near"):
        assert reading.value == str(value)


def test_rivals_are_found_as_far_as_the_reach():
    found = corrected("zewenzestig", reach=REACH)

    assert found[0].distance <= found[-1].distance <= found[0].distance + REACH


def test_thresholds_are_those_stored_with_the_adapter(tmp_path):
    assert Thresholds.load(tmp_path) == Thresholds()
    stored = {"distance": 0.6, "margin": 0.4, "probability": 0.9, "precision": 0.999}
    (tmp_path / CALIBRATION).write_text(json.dumps({"thresholds": stored}))
    assert Thresholds.load(tmp_path) == Thresholds(0.6, 0.4, 0.9, 0.999)


@pytest.mark.parametrize("content", ["", "[]", '{"thresholds": {"far": 1}}', '{"thresholds": 3}'])
def test_damaged_thresholds_are_refused(tmp_path, content):
    (tmp_path / CALIBRATION).write_text(content)

    with pytest.raises(AdapterError, match=r"calibration.json is damaged .*calibrate again"):
        Thresholds.load(tmp_path)
