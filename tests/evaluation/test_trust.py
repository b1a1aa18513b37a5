"""Shares, precision and thresholds are what they say."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from getalwoord.evaluation.trust import (
    CLEAN,
    Judged,
    choose_thresholds,
    draw_noisy,
    judge,
    reliability,
    risk_coverage,
    save_thresholds,
    shares,
)
from getalwoord.numerals import KINDS, NOISES, parse, value_of_answer
from getalwoord.reading.proof import REACH, Thresholds, prove
from getalwoord.reading.reader import Reader
from getalwoord.reading.readings import Reading


def judged(how, right, *, distance=0.4, rival_distance=None, probability=None, kind="cardinal"):
    reading = Reading(
        "text",
        "3",
        how,
        kind,
        distance=distance,
        rival="4" if rival_distance else None,
        rival_distance=rival_distance,
        answer=None if probability is None else "3",
        probability=probability,
    )
    return Judged(kind, CLEAN, reading, right)


def test_every_kind_is_drawn_clean_and_with_every_noise():
    drawn = list(
        draw_noisy(
            ["cardinal", "time"], count=52, strength=1, maximum=999, seed="x", held_back=False
        )
    )

    assert [example.kind for _, example in drawn].count("time") == 52 == len(drawn) / 2
    found = {noise for noise, _ in drawn}
    assert CLEAN in found
    assert len(found) > 8, "a short numeral gives no room for every noise"
    assert found <= {CLEAN, *NOISES}
    for noise, example in drawn:
        if noise == CLEAN:
            assert parse(example.instruction) == value_of_answer(example.response)


def test_clean_numerals_of_every_kind_are_exact_and_right():
    drawn = list(
        draw_noisy(tuple(KINDS), count=40, strength=0, maximum=10**6, seed="clean", held_back=False)
    )

    found = judge(Reader(), drawn)

    assert all(one.reading.how == "exact" and one.right for one in found)


def test_shares_count_each_way():
    found = shares(
        [
            judged("exact", True),
            judged("near", True),
            judged("near", False),
            judged(None, False),
            judged("unproven", True, kind="time"),
        ],
        lambda one: one.kind,
    )

    assert {way: (score.right, score.total) for way, score in found["cardinal"].items()} == {
        "exact": (1, 1),
        "near": (1, 2),
    }
    assert found["time"].keys() == {"unproven"}


def apart(reading):
    return REACH if reading.rival is None else reading.rival_distance - reading.distance


cases = st.builds(
    judged,
    st.sampled_from(["near", "unproven"]),
    st.booleans(),
    distance=st.floats(0, 2),
    probability=st.one_of(st.none(), st.floats(0, 1)),
    rival_distance=st.one_of(st.none(), st.floats(2, 3)),
)


@given(found=st.lists(cases, max_size=40), precision=st.sampled_from([0.5, 0.8, 0.95]))
def test_chosen_thresholds_hold_what_they_claim(found, precision):
    """
    What they let pass is just what is counted, judged by the proof itself.
    """
    thresholds, near = choose_thresholds(found, precision)

    passed = [
        one
        for one in found
        if one.reading.distance <= thresholds.distance
        and apart(one.reading) >= thresholds.margin - 1e-6
        and (one.reading.probability is None or one.reading.probability >= thresholds.probability)
    ]
    if near.total:
        assert (sum(one.right for one in passed), len(passed)) == (near.right, near.total)


def test_the_precision_is_reached_where_it_can_be():
    good = [judged("near", True, distance=0.3, probability=0.99) for _ in range(50)]
    bad = [judged("near", False, distance=0.9, probability=0.6) for _ in range(5)]

    thresholds, near = choose_thresholds(good + bad, 0.95)

    assert near.right == near.total == 50
    assert prove(3, [], thresholds).how == "unproven"


def test_chosen_thresholds_are_found_by_a_reader(tmp_path):
    thresholds, near = choose_thresholds([judged("near", True)], 0.5)
    save_thresholds(tmp_path, thresholds, near)

    assert Thresholds.load(tmp_path) == thresholds


def test_risk_and_coverage_go_from_the_surest():
    curve = risk_coverage(
        [
            judged("unproven", False, probability=0.4),
            judged("exact", True),
            judged("near", True, probability=0.9),
            judged("unproven", True, probability=0.8),
        ]
    )

    assert curve == [(0.25, 0.0), (0.5, 0.0), (0.75, 0.0), (1.0, 0.25)]


def test_reliability_is_by_probability():
    bins = reliability(
        [judged("near", True, probability=p) for p in (0.91, 0.99, 1.0)]
        + [judged("near", False, probability=0.11)]
    )

    assert bins == [(0.11, 0.0, 1), (pytest.approx(0.9667, abs=1e-4), 1.0, 3)]
