"""Exact match by group, its uncertainty, and the kinds of error."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from getalwoord.data.examples import Example
from getalwoord.errors import InputError
from getalwoord.evaluation.scores import (
    Outcome,
    Score,
    groups_of,
    outcome_of,
    score,
    wilson_interval,
)
from getalwoord.numerals import spell

NUMBERS = st.integers(-(10**18) + 1, 10**18 - 1)


def example_of(value):
    return Example(spell(value), str(value), value=value)


@given(value=NUMBERS)
def test_the_response_itself_is_right(value):
    assert outcome_of(example_of(value), str(value)) is Outcome.RIGHT


@given(value=NUMBERS, answer=st.text() | NUMBERS.map(str))
def test_any_other_answer_is_not_right(value, answer):
    right = outcome_of(example_of(value), answer) is Outcome.RIGHT
    assert right == (answer == str(value))


@given(
    head=st.integers(0, 9999), tens=st.integers(1, 9), units=st.integers(1, 9), tail=st.booleans()
)
def test_swapping_units_and_tens_is_an_inversion_in_any_three(head, tens, units, tail):
    rest = "017" if tail else ""
    value = int(f"{head}{tens}{units}{rest}")
    answer = str(int(f"{head}{units}{tens}{rest}"))
    wanted = Outcome.RIGHT if tens == units else Outcome.INVERSION
    assert outcome_of(example_of(value), answer) is wanted


@given(value=NUMBERS, data=st.data())
def test_one_digit_exchanged_for_another_is_one_wrong_digit(value, data):
    figures = str(abs(value))
    place = data.draw(st.integers(0, len(figures) - 1))
    digit = data.draw(st.sampled_from("123456789").filter(lambda new: new != figures[place]))
    answer = "-" * (value < 0) + figures[:place] + digit + figures[place + 1 :]
    assert outcome_of(example_of(value), answer) is Outcome.DIGIT


ANSWERS = [
    (34, "", Outcome.EMPTY),
    (34, " \n", Outcome.EMPTY),
    (34, "34 euro", Outcome.NOT_WHOLE),
    (34, "vierendertig", Outcome.NOT_WHOLE),
    (34, "3,4", Outcome.NOT_WHOLE),
    (34, "٣٤", Outcome.NOT_WHOLE),
    (34, "034", Outcome.FORM),
    (34, "+34", Outcome.FORM),
    (34, " 34", Outcome.FORM),
    (0, "-0", Outcome.FORM),
    (0, "00", Outcome.FORM),
    (1234567, "1.234.567", Outcome.FORM),
    (-1234, "-1 234", Outcome.FORM),
    (-6, "6", Outcome.SIGN),
    (6, "-6", Outcome.SIGN),
    (13, "31", Outcome.INVERSION),
    (34056, "43065", Outcome.INVERSION),
    (130, "103", Outcome.ZEROS),
    (304, "3004", Outcome.ZEROS),
    (304, "34", Outcome.ZEROS),
    (5000, "500", Outcome.ZEROS),
    (5030, "5300", Outcome.ZEROS),
    (483, "843", Outcome.ORDER),
    (123, "312", Outcome.ORDER),
    (483, "4830001", Outcome.MAGNITUDE),
    (483, "48", Outcome.MAGNITUDE),
    (483, "1" * 5000, Outcome.MAGNITUDE),
    (483, "482", Outcome.DIGIT),
    (483, "492", Outcome.DIGITS),
]


@pytest.mark.parametrize(("value", "answer", "outcome"), ANSWERS)
def test_an_answer_has_the_outcome_that_describes_it(value, answer, outcome):
    assert outcome_of(example_of(value), answer) is outcome


def test_where_the_response_is_no_whole_number_an_answer_is_only_right_or_wrong():
    example = Example("anderhalf", "1.5")
    assert outcome_of(example, "1.5") is Outcome.RIGHT
    assert outcome_of(example, "1,5") is Outcome.WRONG
    assert outcome_of(example, "") is Outcome.EMPTY


GROUPS = {
    0: ["1 digit"],
    7: ["1 digit"],
    10: ["2 digits", "round"],
    11: ["2 digits", "teen"],
    -19: ["2 digits", "negative", "teen"],
    20: ["2 digits", "round"],
    34: ["2 digits", "inversion"],
    33: ["2 digits", "inversion", "trema"],
    304: ["3 digits", "inner zero"],
    400: ["3 digits", "round"],
    5000: ["4 digits", "round"],
    22000: ["5 digits", "inversion", "trema"],
    12034: ["5 digits", "inversion", "teen", "inner zero"],
}


@pytest.mark.parametrize(("value", "groups"), GROUPS.items())
def test_an_example_is_in_the_groups_of_its_number(value, groups):
    assert groups_of(example_of(value)) == ["cardinal", *groups]


@given(value=NUMBERS)
def test_the_groups_trema_and_negative_agree_with_the_official_spelling(value):
    groups = groups_of(example_of(value))
    assert ("trema" in groups) == ("ë" in spell(value))
    assert ("negative" in groups) == spell(value).startswith("min ")


def test_an_example_without_a_known_number_is_in_the_group_of_its_kind_alone():
    assert groups_of(Example("anderhalf", "1.5", kind="decimal")) == ["decimal"]


@given(pairs=st.lists(st.tuples(NUMBERS, NUMBERS | st.none()), min_size=1))
def test_scores_count_every_answer_once(pairs):
    examples = [example_of(value) for value, _ in pairs]
    answers = [str(value if other is None else other) for value, other in pairs]
    scores = score(list(zip(examples, answers, strict=True)))
    right = sum(other in (None, value) for value, other in pairs)
    assert scores.overall == Score(right, len(pairs))
    assert sum(scores.outcomes.values()) == len(pairs)
    assert scores.outcomes.get(Outcome.RIGHT, 0) == right == len(pairs) - len(scores.wrong)
    assert scores.groups["cardinal"] == scores.overall
    digits = [group for name, group in scores.groups.items() if "digit" in name]
    assert sum(group.total for group in digits) == len(pairs)
    assert sum(group.right for group in digits) == right


def test_scores_name_what_went_wrong_and_sort_groups_by_length():
    examples = [example_of(value) for value in (1234567890, 34, 7)]
    scores = score(list(zip(examples, ["1234567890", "43", "7"], strict=True)))
    lengths = [name for name in scores.groups if "digit" in name]
    assert lengths == ["1 digit", "2 digits", "10 digits"]
    assert scores.wrong == [(examples[1], "43", Outcome.INVERSION)]
    assert scores.groups["2 digits"] == Score(0, 1)


def test_nothing_to_score_is_refused():
    with pytest.raises(InputError, match="there are no examples to score: give at least one"):
        score([])


@pytest.mark.parametrize(
    ("right", "total", "low", "high"),
    [
        (81, 263, 0.2553, 0.3662),
        (15, 148, 0.0624, 0.1605),
        (0, 20, 0, 0.1611),
        (1, 29, 0.0061, 0.1718),
    ],
)
def test_the_interval_is_that_of_the_literature(right, total, low, high):
    """
    Newcombe 1998, Statistics in Medicine 17, table I, method 3.
    """
    assert wilson_interval(right, total) == pytest.approx((low, high), abs=5e-5)


@given(total=st.integers(1, 10**6), data=st.data())
def test_the_interval_holds_the_share_and_mirrors(total, data):
    right = data.draw(st.integers(0, total))
    low, high = Score(right, total).interval
    assert 0 <= low <= right / total <= high <= 1
    assert low < high
    mirrored = wilson_interval(total - right, total)
    assert (1 - high, 1 - low) == pytest.approx(mirrored, abs=1e-9)
