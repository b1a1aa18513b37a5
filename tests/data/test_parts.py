"""Training, validation and test: no value in two of them."""

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from getalwoord.data.covering import basic_numbers
from getalwoord.data.examples import Example
from getalwoord.data.parts import Parts, draw_parts, read_parts, split_pairs, write_parts
from getalwoord.errors import InputError
from getalwoord.numerals import parse, words_apart

SETTINGS = {
    "count": 50,
    "minimum": 1,
    "maximum": 999,
    "sampling": "uniform",
    "replacement": False,
    "validation": 10,
    "test": 20,
    "seed": 0,
}


def values(examples):
    return [example.value for example in examples]


@given(
    ends=st.tuples(*[st.integers(-(10**18) + 1, 10**18 - 1) | st.integers(-99, 99)] * 2),
    count=st.integers(1, 60),
    sampling=st.sampled_from(["uniform", "log-uniform", "covering"]),
    replacement=st.booleans(),
    validation=st.integers(0, 20),
    test=st.integers(0, 20),
    seed=st.integers(0),
)
def test_no_number_is_in_two_parts(ends, count, sampling, replacement, validation, test, seed):
    minimum, maximum = sorted(ends)
    basic = basic_numbers(minimum, maximum) if sampling == "covering" else ()
    assume(validation + test <= maximum - minimum - len(basic))
    parts = draw_parts(
        count=count,
        minimum=minimum,
        maximum=maximum,
        sampling=sampling,
        replacement=replacement,
        validation=validation,
        test=test,
        seed=seed,
    )
    train, validating, testing = map(values, (parts.train, parts.validation, parts.test))
    assert [len(train), len(validating), len(testing)] == [count, validation, test]
    assert len({*validating, *testing}) == validation + test
    assert not set(train) & {*validating, *testing}
    assert all(minimum <= value <= maximum for value in train + validating + testing)


@given(seed=st.integers(0))
def test_every_length_of_number_is_held_back_in_proportion(seed):
    parts = draw_parts(**SETTINGS | {"validation": 33, "test": 300, "seed": seed})

    held = values([*parts.validation, *parts.test])
    assert sum(value < 10 for value in held) == 3
    assert sum(10 <= value < 100 for value in held) == 30


def test_instructions_spell_the_value_and_responses_are_its_figures():
    parts = draw_parts(**SETTINGS | {"maximum": 10**18 - 1, "sampling": "log-uniform"})
    for example in [*parts.train, *parts.validation, *parts.test]:
        assert parse(example.instruction) == example.value == int(example.response)
        assert example.kind == "cardinal"


def test_the_same_seed_gives_the_same_parts_and_another_seed_others():
    assert draw_parts(**SETTINGS) == draw_parts(**SETTINGS)
    assert draw_parts(**SETTINGS) != draw_parts(**SETTINGS | {"seed": 1})


def test_without_replacement_no_number_comes_again_before_all_have_come():
    parts = draw_parts(**SETTINGS | {"maximum": 50, "count": 45})  # 30 are held back, 20 left
    train = values(parts.train)
    assert len(set(train[:20])) == 20
    assert set(train) == set(train[:20])


def test_without_replacement_short_numbers_come_again_most():
    parts = draw_parts(**SETTINGS | {"maximum": 999, "count": 2000})
    train = values(parts.train)
    size = len(set(train))
    again = train[size:]
    assert sum(value < 100 for value in again) > len(again) / 2
    assert sum(value < 100 for value in train[:size]) < size / 5


def test_without_replacement_numbers_come_again_with_words_apart_and_in_any_case():
    train = draw_parts(**SETTINGS | {"maximum": 999, "count": 2000}).train
    again = train[len({example.value for example in train}) :]

    assert all(e.instruction.lower() == words_apart(e.value) for e in again)
    twenty = {example.instruction for example in again if example.value == 20}
    assert twenty == {"twintig", "Twintig", "TWINTIG"}


def test_with_replacement_numbers_repeat():
    train = values(draw_parts(**SETTINGS | {"count": 500, "replacement": True}).train)
    assert 200 < len(set(train)) < 400  # 500 draws from 969 give 391 on average


def test_log_uniform_leaves_short_numbers_to_train_on():
    parts = draw_parts(
        **SETTINGS
        | {"minimum": 0, "maximum": 999_999, "sampling": "log-uniform", "count": 6000, "test": 300}
    )
    assert sum(value < 10 for value in values(parts.train)) == 5
    assert sum(value < 10 for value in values([*parts.validation, *parts.test])) == 5


def test_a_small_range_says_what_to_change():
    with pytest.raises(InputError, match=r"from 1 to 9 there are 9 numbers.*--max.*--validation"):
        draw_parts(**SETTINGS | {"maximum": 9})


@given(
    responses=st.lists(st.integers(0, 40), min_size=60, max_size=90),
    validation=st.integers(0, 9),
    test=st.integers(0, 9),
    seed=st.integers(0),
)
def test_pairs_of_ones_own_are_divided_by_value(responses, validation, test, seed):
    assume(len(set(responses)) >= 10)
    pairs = [
        Example(f"{number} {value}", f"{'0' * (number % 3)}{value}", value=value)
        for number, value in enumerate(responses)
    ]
    parts = split_pairs(pairs, validation=validation, test=test, seed=seed)
    groups = [set(values(part)) for part in (parts.train, parts.validation, parts.test)]
    assert sum(map(len, groups)) == len(set(responses))
    assert sorted([*parts.train, *parts.validation, *parts.test], key=repr) == sorted(
        pairs, key=repr
    )


def test_pairs_are_divided_the_same_way_in_every_process(printed_everywhere):
    """
    The order of a set of strings differs between processes.
    """
    program = (
        "from getalwoord.data.examples import Example\n"
        "from getalwoord.data.parts import split_pairs\n"
        "pairs = [Example(f'woord {n}', str(n)) for n in range(50)]\n"
        "print(split_pairs(pairs, validation=5, test=5, seed=0).test)"
    )
    assert len(printed_everywhere(program)) == 1


def test_too_few_pairs_to_hold_any_back_are_refused():
    pairs = [Example(f"woord {n}", str(n % 9)) for n in range(50)]
    with pytest.raises(InputError, match="there are 9 different responses; at least 10"):
        split_pairs(pairs, validation=1, test=1, seed=0)


def test_what_is_written_reads_back(tmp_path):
    parts = draw_parts(**SETTINGS | {"validation": 0})
    write_parts(tmp_path / "a" / "b", parts)
    found = read_parts(tmp_path / "a" / "b")
    for group in ("train", "validation", "test"):
        written = [(e.instruction, e.response, e.value) for e in getattr(parts, group)]
        assert [(e.instruction, e.response, e.value) for e in getattr(found, group)] == written


def test_pairs_that_contradict_each_other_read_back_all_the_same(tmp_path):
    """
    As a run was trained on them; of a user's own they are refused.
    """
    pairs = [Example("deertig", "30"), Example("deertig", "40")]
    write_parts(tmp_path, Parts(pairs, [], []))

    assert [example.response for example in read_parts(tmp_path).train] == ["30", "40"]


def test_a_missing_part_is_named(tmp_path):
    write_parts(tmp_path, Parts([Example("een", "1")], [], []))
    (tmp_path / "validation.jsonl").unlink()
    with pytest.raises(InputError, match=r"cannot read .*validation\.jsonl: it does not exist"):
        read_parts(tmp_path)


def test_of_parts_that_cannot_all_be_written_none_is(tmp_path):
    (tmp_path / "test.jsonl").mkdir()  # cannot be replaced by a file
    with pytest.raises(InputError, match=r"cannot write .*test\.jsonl: it is a folder"):
        write_parts(tmp_path, Parts([Example("een", "1")], [], []))
    assert [path.name for path in tmp_path.iterdir()] == ["test.jsonl"]
