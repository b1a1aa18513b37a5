"""A base inside KerasHub's own text model; what that says is in `tests/reading/test_decode.py`."""

import pytest

from getalwoord.errors import InputError
from getalwoord.models.bases import causal_lm, load_base


def test_without_tensorflow_it_says_how_to_have_it(tiny_base_dir):
    base = load_base(str(tiny_base_dir), dtype="float32")

    with pytest.raises(InputError, match=r"need TensorFlow.*GETALWOORD_TENSORFLOW=1"):
        causal_lm(base)
