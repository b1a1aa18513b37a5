"""The tied embedding at both ends of a model of answers, and what is picked for it."""

import math
from typing import Any

import keras
from keras import ops

from getalwoord.models.frozen import Direct, matrix_of


class TokenEmbedding(Direct):
    """What a backbone's first block is given: rows of the embedding, times the root of the width.

    Args:
        frozen: KerasHub's tied embedding. On torch its rows are picked before they are widened.

    Shapes:
        call: (batch, tokens) int32 to (batch, tokens, width)
    """

    def call(self, token_ids: keras.KerasTensor) -> keras.KerasTensor:
        width = self.frozen.output_dim
        if keras.backend.backend() == "torch":
            import torch

            dtype = getattr(torch, self.compute_dtype)
            rows = matrix_of(self.frozen).rows(token_ids, dtype)
            return rows * rows.new_tensor(math.sqrt(width))
        rows = self.frozen(token_ids)
        return rows * ops.cast(ops.sqrt(width), rows.dtype)

    def compute_output_shape(self, input_shape: tuple[int | None, ...]) -> tuple[int | None, ...]:
        return (*input_shape, self.frozen.output_dim)


class AnswerHead(Direct):
    """The tied embedding as the language-model head.

    Args:
        frozen: KerasHub's tied embedding. On torch it is widened a piece at a time.

    Attributes:
        shortlist: Which tokens have logits in a step; None off torch, where all have.
        matrix: The embedding, as products on torch take it.

    Shapes:
        call: (answers, width) to logits, (answers, vocabulary), or those of the shortlist
    """

    def __init__(self, frozen: keras.layers.Layer, *, name: str) -> None:
        super().__init__(frozen, name=name)
        self.shortlist: Any = None
        if keras.backend.backend() == "torch":
            from getalwoord.models.shortlist import Shortlist

            self.shortlist = Shortlist(frozen.input_dim)
            self.matrix = _let_go_of(matrix_of(frozen))

    def call(self, x: keras.KerasTensor) -> keras.KerasTensor:
        if keras.backend.backend() != "torch":
            return self.frozen(x, reverse=True)
        from getalwoord.models.torch_kernels import logits

        matrix = self.shortlist.matrix(self.matrix, x.dtype)
        return logits(x, matrix, self.frozen.logit_soft_cap)

    def compute_output_shape(self, input_shape: tuple[int | None, ...]) -> tuple[int | None, ...]:
        return (input_shape[0], self.frozen.input_dim)


class MostProbable(Direct):
    """The head where only the most probable tokens are wanted.

    Args:
        head: That of all logits. On torch there are never all of them at once.

    Shapes:
        call: (answers, width) to token ids, (answers,)
    """

    def __init__(self, head: AnswerHead, *, name: str) -> None:
        super().__init__(head.frozen, name=name)
        if keras.backend.backend() == "torch":
            self._matrix = head.matrix

    def call(self, x: keras.KerasTensor) -> keras.KerasTensor:
        if keras.backend.backend() != "torch":
            return ops.argmax(self.frozen(x, reverse=True), axis=-1)
        from getalwoord.models.torch_matrices import most_probable

        return most_probable(x, self._matrix, self.frozen.logit_soft_cap)

    def compute_output_spec(self, x: keras.KerasTensor) -> keras.KerasTensor:
        return keras.KerasTensor(x.shape[:1], dtype="int32")


def _let_go_of(embedding: Any) -> Any:
    """Have an embedding that is mapped from a file leave memory, a piece at a time, after each use.

    Not every step looks at it, and its pages are read from the file's again in a sixth of the time
    that their product takes.
    """
    from getalwoord.models.pages import lies_in, unchanged_files
    from getalwoord.models.torch_matrices import Plain

    if isinstance(embedding, Plain) and lies_in(embedding.values, unchanged_files()):
        return Plain(embedding.values, is_let_go_of=True)
    return embedding


class PickPositions(keras.layers.Layer):
    """Picks hidden states out of a batch by their flat position.

    Shapes:
        hidden: (batch, tokens, width)
        positions: (answers,) int32, ``example * tokens + token``
        call: (answers, width)
    """

    def call(self, hidden: keras.KerasTensor, positions: keras.KerasTensor) -> keras.KerasTensor:
        flat = ops.reshape(hidden, (-1, hidden.shape[-1]))
        return ops.take(flat, positions, axis=0)

    def compute_output_shape(
        self, hidden_shape: tuple[int | None, ...], positions_shape: tuple[int | None, ...]
    ) -> tuple[int | None, ...]:
        return (positions_shape[0], hidden_shape[-1])
