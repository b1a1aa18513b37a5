"""Exact match by teacher forcing is exact match of free greedy decoding."""

import pytest

from getalwoord.models.answer_model import token_model
from getalwoord.models.decoder import Decoder
from getalwoord.numerals import spell
from getalwoord.reading.decode import Answerer
from getalwoord.training.loop import fit
from getalwoord.training.scoring import exact_matches, greedy_answers


@pytest.fixture(scope="module")
def half_trained(run, tmp_path_factory):
    """A model that knows some of its numerals and not others."""
    made = run(epochs=25)
    fit(made.model, made.training, [], made.recipe, folder=tmp_path_factory.mktemp("run"))
    return made


def test_teacher_forcing_and_greedy_decoding_agree_on_every_example(half_trained):
    matches = exact_matches(
        token_model(half_trained.model), half_trained.training + half_trained.validation
    )

    tokenizer = half_trained.base.tokenizer
    decoder = Decoder(half_trained.base.backbone)
    answerer = Answerer(decoder, tokenizer, half_trained.recipe.template)
    answers = answerer.answer([spell(value) for value in range(1, 53)])
    decoded = [answer.text == str(value) for value, answer in enumerate(answers, start=1)]
    assert matches == decoded
    assert 5 < sum(matches) < len(matches) - 5, "one kind alone would prove nothing"


def test_answers_without_a_cache_are_those_of_the_decoder(half_trained):
    """
    Some end, some are cut.
    """
    tokenizer = half_trained.base.tokenizer
    examples = half_trained.training + half_trained.validation
    answerer = Answerer(
        Decoder(half_trained.base.backbone),
        tokenizer,
        half_trained.recipe.template,
        max_new_tokens=3,
    )
    expected = [one.text for one in answerer.answer([item.instruction for item in examples])]

    answers = greedy_answers(
        token_model(half_trained.model), examples, end_id=tokenizer.eos_id, most=3
    )

    assert [tokenizer.decode(ids).strip() for ids in answers] == expected
    assert {len(ids) for ids in answers} >= {2, 3}


def test_an_example_is_scored_alike_in_any_company(half_trained):
    """
    More examples than a batch holds, in another order.
    """
    model = token_model(half_trained.model)
    examples = half_trained.training + half_trained.validation
    alone = [exact_matches(model, [item])[0] for item in examples]

    assert exact_matches(model, examples) == alone
    assert exact_matches(model, examples[::-1]) == alone[::-1]


def test_nothing_is_scored_as_nothing(run):
    assert exact_matches(token_model(run().model), []) == []
