"""Exact match by teacher forcing is exact match of free greedy decoding."""

import pytest

from getalwoord.models.answer_head import token_model
from getalwoord.reading.decode import decode_greedily
from getalwoord.training.loop import fit
from getalwoord.training.scoring import exact_matches


@pytest.fixture(scope="module")
def half_trained(run, tmp_path_factory):
    """A model that knows some of its numerals and not others."""
    made = run(epochs=25)
    fit(made.model, made.training, [], made.recipe, folder=tmp_path_factory.mktemp("run"))
    return made


def test_teacher_forcing_and_greedy_decoding_agree_on_every_example(half_trained):
    model = token_model(half_trained.model)
    examples = half_trained.training + half_trained.validation

    matches = exact_matches(model, examples)

    eos_id = half_trained.base.tokenizer.eos_id
    answers = decode_greedily(
        model, [item.prompt for item in examples], eos_id=eos_id, max_new_tokens=16
    )
    decoded = [
        tuple(answer) == item.answer[:-1] for answer, item in zip(answers, examples, strict=True)
    ]
    assert matches == decoded
    assert 5 < sum(matches) < len(matches) - 5, "one kind alone would prove nothing"


def test_an_example_is_scored_alike_in_any_company(half_trained):
    """
    More examples than a batch holds, in another order.
    """
    model = token_model(half_trained.model)
    examples = half_trained.training + half_trained.validation
    alone = [exact_matches(model, [item])[0] for item in examples]

    assert exact_matches(model, examples) == alone
    assert exact_matches(model, examples[::-1]) == alone[::-1]


def test_decoding_stops_at_the_end_or_at_the_limit(half_trained):
    model = token_model(half_trained.model)
    prompts = [item.prompt for item in half_trained.training]
    eos_id = half_trained.base.tokenizer.eos_id

    answers = decode_greedily(model, prompts, eos_id=eos_id, max_new_tokens=2)
    longer = decode_greedily(model, prompts, eos_id=eos_id, max_new_tokens=16)

    assert all(eos_id not in answer for answer in longer)
    assert [answer[:2] for answer in longer] == answers


def test_nothing_is_scored_as_nothing(run):
    assert exact_matches(token_model(run().model), []) == []
