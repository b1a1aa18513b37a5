"""A base computes the same on JAX, the other backend."""

import os
import subprocess
import sys

import numpy as np
import pytest

from getalwoord.models.bases import load_base

PROGRAM = """
import sys
import numpy as np
from getalwoord.models.bases import load_base

folder, out = sys.argv[1:]
base = load_base(folder, dtype="float32")
tokens = np.arange(4, 17)[None]
hidden = base.backbone({"token_ids": tokens, "padding_mask": np.ones_like(tokens)})
assert not base.backbone.trainable_variables
rough = load_base(folder, dtype="bfloat16")
assert {str(v.dtype) for v in rough.backbone.weights} == {"bfloat16"}
np.save(out, np.asarray(hidden))
"""


COMPUTED_AGAIN = """
import jax
import keras
import numpy as np
from getalwoord.models.frozen import Recomputed

dense = keras.layers.Dense(3)
dense.build((2, 3))
layer, values = Recomputed(dense), [variable.value for variable in dense.variables]
outputs = [
    jax.jit(lambda values, x: layer.stateless_call(values, [], x)[0])(values, np.ones((2, 3)))
    for _ in range(2)
]
assert (outputs[0] == outputs[1]).all()
"""


def run_under_jax(program, *arguments):
    """Run a program in a process of its own, in which Keras computes with JAX."""
    pytest.importorskip("jax")
    done = subprocess.run(
        [sys.executable, "-c", program, *map(str, arguments)],
        env={**os.environ, "KERAS_BACKEND": "jax"},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr[-3000:]


@pytest.mark.slow
def test_under_jax_a_block_can_be_computed_again_in_more_than_one_model():
    run_under_jax(COMPUTED_AGAIN)


@pytest.mark.slow
def test_jax_computes_as_torch_does(tiny_base_dir, tmp_path):
    out = tmp_path / "hidden.npy"
    run_under_jax(PROGRAM, tiny_base_dir, out)

    base = load_base(str(tiny_base_dir), dtype="float32")
    tokens = np.arange(4, 17)[None]
    hidden = base.backbone({"token_ids": tokens, "padding_mask": np.ones_like(tokens)})

    # The order of float32 sums, as against transformers.
    np.testing.assert_allclose(np.load(out), hidden.detach().numpy(), rtol=0, atol=3e-5)
