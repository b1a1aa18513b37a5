"""The answer head computes what the full head computes, at fewer positions."""

import numpy as np
import pytest
import torch
from transformers import AutoModelForCausalLM

from getalwoord.models.answer_head import answer_model, token_model
from getalwoord.models.bases import load_base

FAMILIES = ["gemma", "gemma2", "gemma3"]
TOKENS = np.random.default_rng(0).integers(4, 640, (3, 9))
MASK = np.ones((3, 9), "int32")
MASK[1, 6:] = 0
# Flat, out of order and one of them twice.
POSITIONS = np.array([8, 0, 14, 9, 26, 26, 17], "int32")
INPUTS = {"token_ids": TOKENS, "padding_mask": MASK, "positions": POSITIONS}
REAL = POSITIONS != 17  # the last token of the second row is padding


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


@pytest.mark.parametrize("family", FAMILIES)
def test_logits_equal_those_of_the_full_head(heads, family):
    """
    The products have other shapes, so sums may differ in the last bits of float32.
    """
    model, full = heads(family)

    logits = model.predict_on_batch(INPUTS)

    assert logits.shape == (len(POSITIONS), 640)
    np.testing.assert_allclose(logits, full[POSITIONS], rtol=0, atol=1e-5)


@pytest.mark.witness
@pytest.mark.parametrize("family", FAMILIES)
def test_logits_equal_those_of_transformers(heads, tiny_gemma, family):
    model, _ = heads(family)
    theirs = AutoModelForCausalLM.from_pretrained(
        tiny_gemma(family), dtype=torch.float32, attn_implementation="eager"
    )
    with torch.no_grad():
        logits = theirs(torch.from_numpy(TOKENS), attention_mask=torch.from_numpy(MASK)).logits
    expected = logits.reshape(-1, 640).numpy()[POSITIONS]

    ours = model.predict_on_batch(INPUTS)

    # Float32 in another order, over at most six layers; without Gemma 2's final soft cap of 3
    # the first digit would differ.
    np.testing.assert_allclose(ours[REAL], expected[REAL], rtol=0, atol=3e-5)
    assert (np.abs(expected).max() < 3) == (family == "gemma2")


@pytest.mark.parametrize("family", FAMILIES)
def test_the_token_model_gives_the_most_probable_tokens(heads, family):
    model, full = heads(family)

    tokens = token_model(model).predict_on_batch(INPUTS)

    assert np.array_equal(tokens, full[POSITIONS].argmax(axis=-1))


def test_the_backbone_is_shared_and_not_copied(tiny_base_dir):
    base = load_base(str(tiny_base_dir), dtype="float32")
    ours = {id(variable) for variable in answer_model(base.backbone).variables}

    assert ours == {id(variable) for variable in base.backbone.variables}
