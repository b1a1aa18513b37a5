"""Few numbers that show every word."""

from collections import Counter
from random import Random

from hypothesis import given, settings
from hypothesis import strategies as st

from getalwoord.data.covering import covering, words_of
from getalwoord.data.parts import draw_parts


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
def test_a_hundred_numbers_show_what_takes_several_hundred_by_chance(seed):
    pool = Random(seed).sample(range(1, 1000), 999)
    features = {number: words_of(number) for number in pool}
    every = {feature for shown in features.values() for feature in shown}

    def share(numbers):
        return len({feature for number in numbers for feature in features[number]}) / len(every)

    assert share(covering(features, 100)) > max(0.95, share(pool[:300]))


def test_what_is_trained_on_covers_and_what_is_held_back_does_not():
    asked = {"minimum": 1, "maximum": 999, "replacement": False, "validation": 50, "test": 300}
    parts, plain = (
        draw_parts(count=150, seed=0, sampling=sampling, **asked)
        for sampling in ("covering", "uniform")
    )

    assert (parts.test, parts.validation) == (plain.test, plain.validation)
    shown, by_chance = (
        {feature for example in one.train for feature in words_of(example.value)}
        for one in (parts, plain)
    )
    assert len(shown) > len(by_chance)


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
