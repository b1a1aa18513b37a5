"""A base inside KerasHub's own text model, for those who want its `generate` and `fit`."""

import os
import subprocess
import sys

import pytest

from getalwoord.errors import InputError
from getalwoord.models.bases import causal_lm, load_base

PROGRAM = """
import sys
import numpy as np
from keras import ops
from getalwoord.models.bases import causal_lm, load_base

base = load_base(sys.argv[1], dtype="float32")
model = causal_lm(base)
assert model.backbone is base.backbone
model.compile(sampler="greedy")
tokenizer = base.tokenizer
ids = [tokenizer.bos_id, *tokenizer.encode("vierendertig =")]
generated = model.generate("vierendertig =", max_length=len(ids) + 4)
for _ in range(4):
    inputs = {"token_ids": np.array([ids]), "padding_mask": np.ones((1, len(ids)), "int32")}
    logits = base.backbone.token_embedding(base.backbone(inputs), reverse=True)
    ids.append(int(ops.argmax(logits[0, -1])))
    if ids[-1] == tokenizer.eos_id:
        break
print(repr(generated), repr(tokenizer.decode(ids)), sep="\\n")
assert generated == tokenizer.decode(ids), (generated, tokenizer.decode(ids))
print("the same", type(model).__name__)
"""


@pytest.mark.slow
@pytest.mark.parametrize(
    ("family", "kind"), [("gemma2", "GemmaCausalLM"), ("gemma3", "Gemma3CausalLM")]
)
def test_keras_hubs_generate_continues_as_the_backbone_does(tiny_gemma, family, kind):
    """
    Its cached generation gives the tokens that uncached greedy decoding of the same object gives.
    """
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM, str(tiny_gemma(family))],
        env={**os.environ, "GETALWOORD_TENSORFLOW": "1", "TF_CPP_MIN_LOG_LEVEL": "3"},
        capture_output=True,
        text=True,
    )

    assert done.returncode == 0, done.stderr[-3000:]
    assert done.stdout.endswith(f"the same {kind}\n")


def test_without_tensorflow_it_says_how_to_have_it(tiny_base_dir):
    base = load_base(str(tiny_base_dir), dtype="float32")

    with pytest.raises(InputError, match=r"need TensorFlow.*GETALWOORD_TENSORFLOW=1"):
        causal_lm(base)
