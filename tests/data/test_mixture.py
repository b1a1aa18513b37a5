"""Examples of many kinds: balanced, and nothing of the test in training."""

import itertools
from collections import Counter

import pytest

from getalwoord.data.mixture import draw_mixture
from getalwoord.data.templates import all_templates, fill, templates, templates_for
from getalwoord.data.values import draw_values
from getalwoord.errors import InputError
from getalwoord.numerals import KINDS, NOISES, answer_of, normalise, parse, spell, value_of_answer

SETTINGS = {
    "kinds": list(KINDS),
    "counts": (1200, 60, 240),
    "maximum": 999_999,
    "noises": list(NOISES),
    "strength": 2,
    "sentences": 0.3,
    "seed": 0,
}


def test_all_kinds_have_as_many_examples_in_each_group():
    for examples, count in zip(draw_mixture(**SETTINGS), SETTINGS["counts"], strict=True):
        assert len(examples) == count
        assert set(Counter(example.kind for example in examples).values()) == {count // len(KINDS)}


def test_no_value_of_a_kind_is_in_two_groups():
    train, validation, test = (
        {(example.kind, example.response) for example in examples}
        for examples in draw_mixture(**SETTINGS)
    )
    assert not train & test
    assert not train & validation
    assert not validation & test


@pytest.mark.parametrize("seed", range(3))
def test_no_text_with_mistakes_has_two_answers(seed):
    """
    Of *drie* and *twee* little may be left but *e*.
    """
    groups = draw_mixture(
        kinds=["cardinal"],
        counts=(2500, 3, 3),
        maximum=49,
        noises=["lost", "doubled", "key"],
        strength=2,
        sentences=0.0,
        seed=seed,
    )
    answers = {}
    for example in itertools.chain(*groups):
        assert answers.setdefault(example.instruction, example.response) == example.response
    assert sum(example.form == "noise" for example in groups[0]) > 1000


def test_no_sentence_of_the_test_is_in_training():
    train, _, test = draw_mixture(**SETTINGS | {"sentences": 1.0})
    known = {kind: templates_for(kind, held_back=False) for kind in KINDS}
    for example in test:
        starts = tuple(text.split("{}")[0] for text in known[example.kind] if text[0] != "{")
        assert not example.instruction.startswith(tuple(s for s in starts if len(s) > 12))
    sentences = [example.instruction for example in train if example.form == "sentence"]
    assert len(sentences) > 0.9 * len(train)
    kept = [text.split("{}") for text in all_templates(held_back=True)]
    for text in sentences:
        assert not any(text.startswith(before) for before, _ in kept if len(before) > 12)


def test_training_sentences_begin_as_one_and_end_as_another():
    train, _, _ = draw_mixture(**SETTINGS | {"sentences": 1.0, "noises": [], "strength": 0})
    known = {kind: templates_for(kind, held_back=False) for kind in KINDS}
    own = 0
    for example in train:
        parts = [text.split("{}") for text in known[example.kind]]
        own += any(
            example.instruction.startswith(before) and example.instruction.endswith(behind)
            for before, behind in parts
            if before and len(behind) > 1
        )
    assert 0.2 < own / len(train) < 0.7


def test_the_same_seed_draws_the_same_examples():
    assert draw_mixture(**SETTINGS) == draw_mixture(**SETTINGS)
    assert draw_mixture(**SETTINGS) != draw_mixture(**SETTINGS | {"seed": 1})


def test_short_numbers_are_left_to_train_on():
    train, validation, test = draw_mixture(**SETTINGS | {"kinds": ["cardinal"]})
    held_back = {example.value for example in (*validation, *test)}
    assert held_back & set(range(1, 100))
    assert len(held_back & set(range(1, 100))) < 60
    assert {1, 2, 4, 5, 7, 8} <= {example.value for example in train}


def test_without_noise_and_sentences_every_instruction_parses_to_its_response():
    (examples,) = draw_mixture(
        **SETTINGS | {"counts": (600,), "noises": [], "sentences": 0.0, "strength": 0}
    )
    for example in examples:
        assert parse(example.instruction) == value_of_answer(example.response)
        assert example.form in ("official", "variant")


def test_kinds_of_few_values_come_again_and_none_is_held_back_from_itself():
    train, held_back = draw_mixture(**SETTINGS | {"kinds": ["time"], "counts": (3000, 300)})
    assert len({example.response for example in train}) <= 1440 - 300
    assert not {e.response for e in train} & {e.response for e in held_back}


def test_where_the_maximum_leaves_too_few_values_training_repeats_them():
    settings = SETTINGS | {"kinds": ["cardinal"], "maximum": 99, "counts": (300, 10, 10)}

    train, *held_back = ([one.response for one in group] for group in draw_mixture(**settings))

    assert len(train) == 300 > len(set(train))
    assert all(set(train).isdisjoint(group) for group in held_back)


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"kinds": ["colour"]}, 'there is no kind "colour"'),
        ({"noises": ["typo"]}, 'there is no noise "typo"'),
        ({"kinds": ["cardinal"], "maximum": 9}, "cannot draw 60 different values of cardinal"),
    ],
)
def test_what_cannot_be_drawn_is_refused(change, reason):
    with pytest.raises(InputError, match=reason):
        draw_mixture(**SETTINGS | change)


def test_there_are_hundreds_of_sentences_for_training_and_test():
    assert set(templates()) == set(KINDS)
    assert sum(map(len, templates().values())) >= 200
    for kind in KINDS:
        assert len(templates_for(kind, held_back=False)) >= 8
        assert len(templates_for(kind, held_back=True)) >= 3
        assert all(text.count("{}") == 1 for text in templates()[kind])


@pytest.mark.parametrize("kind", KINDS)
def test_nearly_every_numeral_is_found_in_every_sentence(kind):
    values = draw_values(kind, 60, maximum=999_999, seed="sentences")
    found = total = 0
    for place, template in enumerate(templates()[kind]):
        for value in values[place::5]:
            text = fill(template, spell(value, kind))
            total += 1
            found += [one.numeral.value for one in normalise(text).found] == [value]
    assert found >= 0.9 * total


@pytest.mark.parametrize("kind", KINDS)
def test_answers_are_read_back(kind):
    for value in draw_values(kind, 50, maximum=999_999, seed="answers"):
        assert value_of_answer(answer_of(value)) == value
