"""A base in fewer bits, and how much memory the weights of a base take."""

import math

import keras

from getalwoord.errors import InputError
from getalwoord.models.frozen import is_quantised, matrix_of, quantise
from getalwoord.models.inference import kit
from getalwoord.models.low_rank import frozen_projections

_BITS = {"int8": 8, "int4": 4}
_BYTES = {"bfloat16": 2, "float16": 2}


def quantise_base(backbone: keras.Model, kind: str) -> None:
    """Keep the projections of a backbone in fewer bits, and let go of the weights they had.

    The embedding is kept in 8 bits in any case: it is the head, too, and looked at for each token.
    Norms stay as they are.

    Args:
        backbone: As it was loaded, changed in place. Afterwards it computes by `answer_model`
            and `Decoder` only, and has to have an adapter for the former.
        kind: "int8", with a scale for each output, or "int4", with one for every 32 inputs of it.

    Raises:
        InputError: The backend is not torch.
    """
    if keras.backend.backend() != "torch":
        raise InputError(
            f"a base is quantised on torch only, and the backend is {keras.backend.backend()}: "
            "set KERAS_BACKEND=torch, or train without quantize"
        )
    quantise(backbone.token_embedding, 8)
    for _, layer in frozen_projections(backbone):
        quantise(layer, _BITS[kind])
    kit().give_back()


def weight_bytes(backbone: keras.Model) -> int:
    """Tell how much memory the weights of a backbone take, without those of an adapter."""
    total: int = sum(
        math.prod(variable.shape) * _BYTES.get(str(variable.dtype), 4)
        for variable in backbone.variables
        if not variable.trainable
    )
    for layer in (backbone.token_embedding, *dict(frozen_projections(backbone)).values()):
        if is_quantised(layer):
            matrix = matrix_of(layer)
            weights = layer.embeddings if layer is backbone.token_embedding else layer.kernel
            total += matrix.bytes - math.prod(matrix.shape) * _BYTES.get(str(weights.dtype), 4)
    return total
