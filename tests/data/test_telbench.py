"""Telbench is the same for everyone, and nothing of it is trained on."""

from pathlib import Path

import pytest

from getalwoord.data.jsonl import as_lines, read_examples
from getalwoord.data.mixture import draw_mixture
from getalwoord.data.telbench import suite, suites, telbench_card
from getalwoord.data.values import is_reserved
from getalwoord.errors import InputError
from getalwoord.numerals import KINDS, NOISES, names_another, normalise, parse, value_of_answer

PUBLISHED = Path(__file__).parents[2] / "benchmarks" / "telbench"


def test_what_is_published_is_what_is_made():
    files = {path.stem: path.read_text("utf-8") for path in PUBLISHED.glob("*.jsonl")}
    assert files == {name: as_lines(examples) for name, examples in suites().items()}
    assert (PUBLISHED / "README.md").read_text("utf-8") == telbench_card()


def test_what_is_published_is_read_back():
    for name, examples in suites().items():
        read = read_examples(PUBLISHED / f"{name}.jsonl")
        assert [(e.instruction, e.response, e.kind, e.form) for e in read] == [
            (e.instruction, e.response, e.kind, e.form) for e in examples
        ]


def test_there_is_a_suite_for_every_kind_and_every_difficulty():
    difficult = {"longer", "noise-1", "noise-2", "noise-3", "sentences"}
    assert set(suites()) == set(KINDS) | difficult
    assert 500 <= sum(map(len, suites().values())) <= 2000
    for name in difficult - {"longer"}:
        assert {example.kind for example in suite(name)} == set(KINDS)


def test_no_value_of_it_is_drawn_for_training():
    groups = draw_mixture(
        kinds=list(KINDS),
        counts=(3000, 120, 120),
        maximum=999_999,
        noises=list(NOISES),
        strength=2,
        sentences=0.3,
        seed=0,
    )
    drawn = {(e.kind, value_of_answer(e.response)) for group in groups for e in group}
    assert not any(is_reserved(kind, value) for kind, value in drawn if kind != "digits")
    reserved = {(e.kind, e.response) for name in suites() for e in suite(name) if name != "longer"}
    assert not {(e.kind, e.response) for group in groups for e in group} & reserved


def test_a_noisy_example_is_no_other_numeral():
    for name in ("noise-1", "noise-2", "noise-3"):
        for example in suite(name):
            if example.kind != "digits":
                value = value_of_answer(example.response)
                assert not names_another(example.instruction, value)


def test_clean_examples_are_what_the_grammar_reads():
    for kind in KINDS:
        for example in suite(kind):
            if kind != "digits":
                assert parse(example.instruction) == value_of_answer(example.response)


def test_longer_numbers_are_beyond_those_that_recipes_train_on():
    assert all(example.value >= 10**6 for example in suite("longer"))
    assert max(example.value for example in suite("longer")) > 10**11


def test_a_sentence_has_one_numeral():
    for example in suite("sentences"):
        if example.form == "sentence":
            assert len(normalise(example.instruction).found) == 1


def test_there_is_no_other_suite():
    with pytest.raises(InputError, match='there is no suite "hard": give one of cardinal'):
        suite("hard")
