"""Every answer that can be right is allowed, and every one that is allowed is well formed."""

import re

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from getalwoord.data.values import draw_values
from getalwoord.errors import InputError
from getalwoord.models.tokenizer import Tokenizer
from getalwoord.numerals import KINDS, answer_of, value_of_answer
from getalwoord.numerals.answers import ANSWERS, answers_of_kinds
from getalwoord.reading.automaton import Automaton


@pytest.fixture(scope="module")
def tokenizer(tiny_tokenizer_model):
    return Tokenizer(tiny_tokenizer_model, "tiny")


@pytest.fixture(scope="module")
def automaton(tokenizer):
    return Automaton.of(tuple(KINDS), tokenizer)


def follow(automaton, ids):
    """Tell whether an automaton takes some tokens and the end behind them."""
    state = automaton.start
    for token in (*ids, automaton.tokens[0]):
        if token not in automaton.tokens:
            return False
        column = automaton.tokens.index(token)
        if not automaton.allowed[state, column]:
            return False
        state = automaton.following[state, column]
    return True


def test_there_are_answers_of_every_kind():
    assert ANSWERS.keys() == KINDS.keys()


@pytest.mark.parametrize("kind", KINDS)
def test_right_answers_match(kind):
    for value in draw_values(kind, 300, maximum=10**12, seed="answers"):
        assert re.fullmatch(ANSWERS[kind], answer_of(value)), value


@given(data=st.data(), kind=st.sampled_from(tuple(KINDS)))
def test_every_answer_that_matches_is_a_value(data, kind):
    answer = data.draw(st.from_regex(f"(?:{ANSWERS[kind]})\\Z", fullmatch=True))

    value_of_answer(answer.removesuffix("\n"))


@given(data=st.data(), kind=st.sampled_from(tuple(KINDS)))
def test_tokens_of_an_answer_are_followed_to_its_end(automaton, tokenizer, data, kind):
    answer = data.draw(st.from_regex(ANSWERS[kind], fullmatch=True)).removesuffix("\n")
    ids = tokenizer.encode(answer)
    if tokenizer.decode(ids) != answer or any(not tokenizer.texts()[token] for token in ids):
        return  # the tiny tokenizer spells some letters in bytes
    assert follow(automaton, ids)


@pytest.mark.parametrize(
    "answer", ["12a", "1.", "007-", "24:00", "2023-02-29", "1900-02-29", "3/1", "-", "", "4 EURO"]
)
def test_what_is_no_value_is_not_followed(automaton, tokenizer, answer):
    assert not follow(automaton, tokenizer.encode(answer))


def test_kinds_that_are_not_asked_for_are_not_allowed(tokenizer):
    cardinals = Automaton.of(["cardinal"], tokenizer)

    assert follow(cardinals, tokenizer.encode("483"))
    assert not follow(cardinals, tokenizer.encode("4.83"))
    assert not follow(cardinals, tokenizer.encode("0483"))


def test_an_answer_comes_to_an_end_from_every_state(automaton):
    """
    However long a model would go on, there is no way to do so for ever.
    """
    reached, steps = np.zeros(len(automaton.allowed), bool), 0
    reached[automaton.start] = True
    while reached.any():
        rows, columns = np.nonzero(automaton.allowed[:, 1:] & reached[:, None])
        reached = np.zeros(len(automaton.allowed), bool)
        reached[automaton.following[rows, columns + 1]] = True
        steps += 1
        assert steps < 200


@pytest.mark.parametrize(
    ("kinds", "message"), [(["letters"], 'no kind "letters"'), ([], "give a kind")]
)
def test_kinds_that_there_are_not_are_refused(kinds, message):
    with pytest.raises(InputError, match=message):
        answers_of_kinds(kinds)
