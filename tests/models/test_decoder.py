"""The decoder computes what the backbone computes: cached, padded, merged, on every backend."""

import os
import subprocess
import sys

import numpy as np
import pytest

from getalwoord.models.bases import load_base
from getalwoord.models.decoder import Decoder
from getalwoord.models.inference import KerasKit
from getalwoord.models.low_rank import TARGET_MODULES, attach

FAMILIES = ["gemma", "gemma2", "gemma3", "gemma3_27b"]
TOKENS = np.random.default_rng(0).integers(4, 640, (3, 11)).astype("int32")


def tuned(folder):
    """Load a tiny Gemma with an update that changes its answers."""
    base = load_base(str(folder), dtype="float32")
    projections = attach(base.backbone, rank=2, alpha=4.0, target_modules=TARGET_MODULES, seed=0)
    draw = np.random.default_rng(1)
    for layer in projections.values():
        layer.lora_b.assign(draw.normal(0, 0.3, layer.lora_b.shape).astype("float32"))
    return base


def expected(base):
    """Compute the logits of every token by the backbone: (rows, tokens, vocabulary)."""
    inputs = {"token_ids": TOKENS, "padding_mask": np.ones_like(TOKENS)}
    logits = base.backbone.token_embedding(base.backbone(inputs), reverse=True)
    return logits.detach().numpy()


def in_steps(decoder, token_ids, positions, parts):
    """Compute logits in several steps of so many columns each."""
    cache = decoder.empty_cache(*positions.shape)
    logits, column = [], 0
    for part in parts:
        here = slice(column, column + part)
        places = np.arange(token_ids[:, here].size, dtype="int32").reshape(-1, part)
        places = np.where(positions[:, here] < 0, -1, places)
        hidden, cache = decoder.forward(
            token_ids[:, here].ravel(), positions, cache, column, places=places, last=part
        )
        logits.append(decoder.array(decoder.logits(hidden)))
        column += part
    return np.concatenate(logits, axis=1)


@pytest.mark.parametrize("family", FAMILIES)
@pytest.mark.parametrize("parts", [[11], [5, 1, 1, 3, 1]])
def test_cached_steps_give_the_logits_of_the_backbone(tiny_gemma, family, parts):
    """
    Other orders of float32 sums; the update is merged and not added.
    """
    base = tuned(tiny_gemma(family))
    positions = np.tile(np.arange(11, dtype="int32"), (3, 1))

    logits = in_steps(Decoder(base.backbone), TOKENS, positions, parts)

    np.testing.assert_allclose(logits, expected(base), rtol=0, atol=2e-4)


@pytest.mark.parametrize("family", FAMILIES)
def test_padding_anywhere_changes_nothing(tiny_gemma, family):
    """
    On the left, where prompts are shorter; in the middle, where a draft was refused.
    """
    base = tuned(tiny_gemma(family))
    token_ids = np.zeros((3, 16), "int32")
    positions = np.full((3, 16), -1, "int32")
    for row, gaps in enumerate([[0, 1, 2, 3, 4], [0, 1, 7, 8, 9], [11, 12, 13, 14, 15]]):
        real = np.setdiff1d(np.arange(16), gaps)
        token_ids[row, real] = TOKENS[row]
        positions[row, real] = np.arange(11)

    logits = in_steps(Decoder(base.backbone), token_ids, positions, [6, 10])

    real = logits[positions >= 0].reshape(3, 11, -1)
    np.testing.assert_allclose(real, expected(base), rtol=0, atol=2e-4)


@pytest.mark.parametrize("family", FAMILIES)
def test_both_kits_compute_the_same(tiny_gemma, family, monkeypatch):
    base = tuned(tiny_gemma(family))
    positions = np.tile(np.arange(11, dtype="int32"), (3, 1))
    torch_logits = in_steps(Decoder(base.backbone), TOKENS, positions, [8, 3])

    monkeypatch.setattr("getalwoord.models.decoder.kit", KerasKit)
    import torch

    with torch.no_grad():
        keras_logits = in_steps(Decoder(base.backbone), TOKENS, positions, [8, 3])

    np.testing.assert_allclose(keras_logits, torch_logits, rtol=0, atol=2e-4)


@pytest.mark.parametrize("family", FAMILIES)
def test_without_onednn_it_computes_the_same(tiny_gemma, family, monkeypatch):
    from getalwoord.models import torch_matrices

    base = tuned(tiny_gemma(family))
    positions = np.tile(np.arange(11, dtype="int32"), (3, 1))
    monkeypatch.setattr(torch_matrices, "has_onednn", lambda: False)

    logits = in_steps(Decoder(base.backbone), TOKENS, positions, [8, 3])

    np.testing.assert_allclose(logits, expected(base), rtol=0, atol=2e-4)


def test_a_head_of_some_tokens_gives_their_logits(tiny_gemma):
    base = tuned(tiny_gemma("gemma2"))  # has a cap
    decoder = Decoder(base.backbone)
    positions = np.tile(np.arange(11, dtype="int32"), (3, 1))
    places = np.arange(33, dtype="int32").reshape(3, 11)
    hidden, _ = decoder.forward(
        TOKENS.ravel(), positions, decoder.empty_cache(3, 11), 0, places=places
    )

    some = decoder.array(decoder.logits(hidden[:, -1], decoder.embedding_of([5, 600, 77])))

    np.testing.assert_allclose(some, expected(base)[:, -1, [5, 600, 77]], rtol=0, atol=2e-4)
    sums = np.log(np.exp(expected(base)[:, -1]).sum(axis=-1))
    np.testing.assert_allclose(decoder.log_sum_exp(hidden[:, -1]), sums, rtol=0, atol=2e-4)


PROGRAM = """
import sys
import numpy as np
from getalwoord.models.bases import load_base
from getalwoord.models.decoder import Decoder
from getalwoord.reading.automaton import Automaton
from getalwoord.reading.decode import Answerer

folder = sys.argv[1]
base = load_base(folder, dtype="float32")
decoder = Decoder(base.backbone)
automaton = Automaton.of(["cardinal", "money"], base.tokenizer)
for rule in (automaton, None):
    answerer = Answerer(decoder, base.tokenizer, "{instruction} ={response}", rule)
    asked = ["vierendertig", "tweehonderd", "zes", "achthonderdeenentwintigduizend"]
    print([answer.text for answer in answerer.answer(asked)])
    print([answer.text for answer in answerer.answer(asked, ["34", "2", None, "821000"])])
"""


@pytest.mark.slow
def test_jax_answers_as_torch_does(tiny_base_dir):
    pytest.importorskip("jax")
    said = {}
    for backend in ("torch", "jax"):
        done = subprocess.run(
            [sys.executable, "-c", PROGRAM, str(tiny_base_dir)],
            env={**os.environ, "KERAS_BACKEND": backend},
            capture_output=True,
            text=True,
        )
        assert done.returncode == 0, done.stderr[-3000:]
        said[backend] = done.stdout

    assert said["jax"] == said["torch"]
    assert len(set(said["torch"].splitlines())) == 2, "a draft changed an answer"
