"""The answer head computes what the full head computes, at fewer positions."""

import numpy as np
import pytest
import torch
from transformers import AutoModelForCausalLM

from getalwoord.models.answer_model import answer_model, token_model
from getalwoord.models.bases import load_base
from getalwoord.models.packing import trees

FAMILIES = ["gemma", "gemma2", "gemma3"]
TOKENS = np.random.default_rng(0).integers(4, 640, (3, 9))
TOKENS[1, :3] = TOKENS[0, :3]
TOKENS[2, :2] = TOKENS[0, :2]
MASK = np.ones((3, 9), "int32")
MASK[1, 6:] = 0
# Of each answer the text and the token before it: out of order, one of them twice, and two that are
# one token of the tree.
ASKED = [(0, 8), (0, 1), (1, 1), (1, 5), (2, 8), (2, 8), (1, 3)]
FLAT = [text * 9 + token for text, token in ASKED]


def inputs(rows):
    """Lay the texts out in trees."""
    made = trees([TOKENS[0], TOKENS[1, :6], TOKENS[2]], rows=rows)
    assert len(made.token_ids) == rows
    positions = np.array([made.paths[text][token] for text, token in ASKED], "int32")
    return {**made.inputs, "positions": positions}


@pytest.fixture(scope="module")
def heads(tiny_gemma):
    """Give the answer model and the full head's logits, (batch · tokens, vocabulary)."""
    made = {}

    def give(family):
        if family not in made:
            base = load_base(str(tiny_gemma(family)), dtype="float32")
            with torch.no_grad():
                hidden = base.backbone({"token_ids": TOKENS, "padding_mask": MASK})
                full = base.backbone.token_embedding(hidden, reverse=True)
            made[family] = answer_model(base.backbone), full.reshape(-1, 640).numpy()
        return made[family]

    return give


@pytest.mark.parametrize("rows", [1, 2, 3])
@pytest.mark.parametrize("family", FAMILIES)
def test_logits_equal_those_of_the_full_head(heads, family, rows):
    """
    The products have other shapes, so sums may differ in the last bits of float32.
    """
    model, full = heads(family)

    logits = model.predict_on_batch(inputs(rows))

    assert logits.shape == (len(ASKED), 640)
    np.testing.assert_allclose(logits, full[FLAT], rtol=0, atol=1e-5)


@pytest.mark.witness
@pytest.mark.parametrize("family", FAMILIES)
def test_logits_equal_those_of_transformers(heads, tiny_gemma, family):
    model, _ = heads(family)
    theirs = AutoModelForCausalLM.from_pretrained(
        tiny_gemma(family), dtype=torch.float32, attn_implementation="eager"
    )
    with torch.no_grad():
        logits = theirs(torch.from_numpy(TOKENS), attention_mask=torch.from_numpy(MASK)).logits
    expected = logits.reshape(-1, 640).numpy()[FLAT]

    ours = model.predict_on_batch(inputs(1))

    # Float32 in another order, over at most six layers; without Gemma 2's final soft cap of 3
    # the first digit would differ.
    np.testing.assert_allclose(ours, expected, rtol=0, atol=3e-5)
    assert (np.abs(expected).max() < 3) == (family == "gemma2")


@pytest.mark.parametrize("family", FAMILIES)
def test_the_token_model_gives_the_most_probable_tokens(heads, family):
    model, full = heads(family)

    tokens = token_model(model).predict_on_batch(inputs(2))

    assert np.array_equal(tokens, full[FLAT].argmax(axis=-1))


def test_the_backbone_is_shared_and_not_copied(tiny_base_dir):
    base = load_base(str(tiny_base_dir), dtype="float32")
    ours = {id(variable) for variable in answer_model(base.backbone).variables}

    assert ours == {id(variable) for variable in base.backbone.variables}
