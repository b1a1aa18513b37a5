"""Few numbers that show every word."""

from collections import Counter
from random import Random

from hypothesis import given, settings
from hypothesis import strategies as st

from getalwoord.data.covering import basic_numbers, covering, shown_by
from getalwoord.data.parts import draw_parts
from getalwoord.recipe import Recipe

SETTINGS = Recipe.load("default").drawing


@given(
    features=st.lists(st.lists(st.integers(0, 9), unique=True, max_size=5), max_size=30),
    count=st.integers(0, 35),
)
def test_each_number_is_the_one_that_shows_most_that_is_new(features, count):
    numbers = dict(enumerate(features))
    left, shown, expected = list(numbers), Counter(), []
    while left and len(expected) < count:
        best = max(left, key=lambda number: sum(0.25 ** shown[f] for f in numbers[number]))
        left.remove(best)
        expected.append(best)
        shown.update(numbers[best])

    assert covering(numbers, count) == expected


@settings(max_examples=10)
@given(seed=st.integers(0))
def test_what_250_numbers_show_takes_more_than_twice_as_many_by_chance(seed):
    pool = Random(seed).sample(range(1, 1000), 999)
    features = {number: shown_by(number) for number in pool}
    every = {feature for shown in features.values() for feature in shown}

    def share(numbers):
        return len({feature for number in numbers for feature in features[number]}) / len(every)

    assert share(covering(features, 250)) > max(0.9, share(pool[:500]))


def test_what_is_trained_on_shows_more_than_a_draw_by_chance():
    shown, by_chance = (
        {
            feature
            for example in draw_parts(**SETTINGS | {"count": 150, "sampling": sampling}).train
            for feature in shown_by(example.value)
        }
        for sampling in ("covering", "uniform")
    )
    assert len(shown) > len(by_chance)


@given(ends=st.tuples(*[st.integers(-9999, 9999)] * 2))
def test_basic_numbers_are_those_to_twenty_and_round_ones(ends):
    minimum, maximum = sorted(ends)
    assert basic_numbers(minimum, maximum) == {
        number
        for number in range(minimum, maximum + 1)
        if abs(number) <= 20 or len(str(abs(number)).rstrip("0")) == 1
    }


@settings(max_examples=20)
@given(seed=st.integers(0))
def test_basic_numbers_are_never_held_back_but_trained_on(seed):
    parts = draw_parts(**SETTINGS | {"seed": seed})
    assert basic_numbers(1, 999) <= {example.value for example in parts.train}


def test_the_same_is_chosen_in_every_process(printed_everywhere):
    """
    The order of a set of strings differs between processes.
    """
    program = (
        "from getalwoord.data.parts import draw_parts\n"
        "parts = draw_parts(count=200, minimum=1, maximum=999, sampling='covering',\n"
        "    replacement=False, validation=50, test=300, seed=3)\n"
        "print([example.value for example in parts.train])"
    )
    assert len(printed_everywhere(program)) == 1
