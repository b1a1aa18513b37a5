"""Numbers drawn from a range."""

import itertools
import re
from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from getalwoord.data.draw import draw_distinct, draws
from getalwoord.errors import InputError

NUMBERS = st.integers(-(10**18) + 1, 10**18 - 1)
RANGES = st.tuples(NUMBERS, NUMBERS).map(sorted)
SAMPLINGS = st.sampled_from(["uniform", "log-uniform"])


@given(ends=RANGES, sampling=SAMPLINGS, seed=st.text())
def test_every_draw_is_in_the_range(ends, sampling, seed):
    minimum, maximum = ends
    drawn = draws(minimum=minimum, maximum=maximum, sampling=sampling, seed=seed)
    assert all(minimum <= value <= maximum for value in itertools.islice(drawn, 50))


@given(first=NUMBERS, size=st.integers(1, 5), sampling=SAMPLINGS)
def test_every_number_of_a_narrow_range_is_drawn_however_large(first, size, sampling):
    """
    Floating-point numbers are too coarse for this above 2^53.
    """
    last = min(first + size - 1, 10**18 - 1)
    drawn = draws(minimum=first, maximum=last, sampling=sampling, seed="0")
    assert set(itertools.islice(drawn, 400)) == set(range(first, last + 1))


def test_log_uniform_gives_each_number_of_digits_its_share():
    drawn = draws(minimum=1, maximum=10**18 - 1, sampling="log-uniform", seed="0")
    digits = Counter(len(str(value)) for value in itertools.islice(drawn, 18_000))
    assert set(digits) == set(range(1, 19))
    assert all(800 < count < 1200 for count in digits.values())  # six standard deviations


def test_log_uniform_chances_are_one_over_one_more_than_the_number():
    drawn = draws(minimum=-2, maximum=3, sampling="log-uniform", seed="0")
    counts = Counter(itertools.islice(drawn, 30_000))
    whole = sum(1 / (1 + abs(value)) for value in range(-2, 4))
    for value in range(-2, 4):
        assert counts[value] / 30_000 == pytest.approx(1 / (1 + abs(value)) / whole, abs=0.015)


def test_uniform_gives_every_number_the_same_chance():
    drawn = draws(minimum=-3, maximum=6, sampling="uniform", seed="0")
    counts = Counter(itertools.islice(drawn, 20_000))
    assert len(counts) == 10
    assert all(1750 < count < 2250 for count in counts.values())


def test_draws_are_the_same_in_every_release():
    """
    Recorded when first released: data made by a seed must not change silently.
    """
    found = {
        sampling: list(
            itertools.islice(draws(minimum=1, maximum=10**18 - 1, sampling=sampling, seed="0"), 3)
        )
        for sampling in ("uniform", "log-uniform")
    }
    assert found == {
        "uniform": [361690477137742817, 362885119115597171, 98939924480417000],
        "log-uniform": [64, 525828751539567, 4516045186390],
    }


@given(
    minimum=st.integers(-300, 300),
    size=st.integers(1, 300),
    data=st.data(),
    sampling=SAMPLINGS,
    seed=st.text(),
)
def test_distinct_numbers_are_distinct_and_none_is_excluded(minimum, size, data, sampling, seed):
    numbers = range(minimum, minimum + size)
    without = data.draw(st.frozensets(st.sampled_from(numbers)))
    count = data.draw(st.integers(0, size - len(without)))
    drawn = draw_distinct(
        count,
        minimum=numbers[0],
        maximum=numbers[-1],
        sampling=sampling,
        seed=seed,
        without=without,
    )
    assert len(drawn) == len(set(drawn)) == count
    assert set(drawn) <= set(numbers) - without


@given(seed=st.text(), minimum=st.integers(-100, 0))
def test_no_more_than_its_share_of_any_length_is_drawn(seed, minimum):
    drawn = draw_distinct(
        300, minimum=minimum, maximum=9999, sampling="log-uniform", seed=seed, share=0.5
    )
    for digits in (1, 2):
        alike = sum(len(str(abs(value))) == digits for value in range(minimum, 10_000))
        taken = sum(len(str(abs(value))) == digits for value in drawn)
        assert taken <= (alike + 1) // 2


def test_too_few_numbers_say_how_many_are_left():
    wanted = "cannot draw 8 different numbers from 1 to 9, where 7 are left: widen the range"
    with pytest.raises(InputError, match=re.escape(wanted)):
        draw_distinct(
            8, minimum=1, maximum=9, sampling="uniform", seed="0", without=frozenset({1, 2})
        )
