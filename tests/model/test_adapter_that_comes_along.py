"""The adapter in ``adapters/all`` reads what it was published for."""

import json
from pathlib import Path

import pytest

from getalwoord import Reader
from getalwoord.data.telbench import suite
from getalwoord.evaluation.evaluate import answered
from getalwoord.evaluation.scores import score
from getalwoord.numerals import KINDS
from getalwoord.recipe import Recipe

FOLDER = Path(__file__).parents[2] / "adapters" / "all"

pytestmark = [pytest.mark.model, pytest.mark.slow]


@pytest.fixture(scope="module")
def reader():
    with Reader(FOLDER) as reader:
        yield reader


def test_it_was_trained_by_the_recipe_of_its_name():
    details = json.loads((FOLDER / "getalwoord.json").read_text("utf-8"))
    assert Recipe.model_validate(details["recipe"]) == Recipe.load("all")


def test_its_terms_lie_beside_it():
    assert "ai.google.dev/gemma/terms" in (FOLDER / "NOTICE").read_text("utf-8")
    assert "Gemma Terms of Use" in (FOLDER / "GEMMA_TERMS.html").read_text("utf-8")


def test_the_model_alone_reads_every_kind(reader):
    examples = [example for kind in KINDS for example in suite(kind)[:10]]
    answers = answered(reader.answerer, examples)
    assert score(list(zip(examples, answers, strict=True))).overall.exact_match >= 0.95


def test_it_reads_what_the_grammar_leaves(reader):
    text = "Hij betaalde vierhonderd drie en tachteg gulden aan de koster."
    assert not Reader().normalise(text).normalised.count("483")
    assert "483" in reader.normalise(text).normalised
