"""The operations of `decoder`: torch's own on torch, Keras's on every other backend.

Keras's operations check and convert their arguments, which on a CPU takes longer than the work of
a step for one token. Both kits compute the same; a test holds the one to the other.
"""

from collections.abc import Callable
from functools import partial
from typing import Any

import keras
import numpy as np
import numpy.typing as npt
from keras import ops

_TOKENS = 64  # of which a number of tokens is made a multiple, where each shape is compiled


class KerasKit:
    """Keras's operations, for any backend; compiled by JAX where that is the backend."""

    any_shape = False

    def compiled(self, function: Callable[..., Any], settings: Any) -> Callable[..., Any]:
        """Bind a function to this kit and its settings."""
        bound = partial(function, self, settings)
        if keras.backend.backend() != "jax":
            return bound
        import jax

        compiled: Callable[..., Any] = jax.jit(bound, donate_argnums=(1,))
        return compiled

    def columns_seen(self, used: int, there: int) -> int:
        """Tell how many columns of the cache a step looks at; all, for one shape in all steps."""
        return there

    def give_back(self) -> None:
        """Hand freed memory back to the system, where the backend does not do so itself."""

    def rounded(self, token_ids: npt.NDArray[np.int32]) -> npt.NDArray[np.int32]:
        """Add tokens that stand nowhere, for there to be few shapes."""
        return np.pad(token_ids, (0, -len(token_ids) % _TOKENS))

    def tensor(self, array: npt.NDArray[Any], dtype: str | None = None) -> Any:
        return ops.convert_to_tensor(array, dtype=dtype)

    def room(self, shape: tuple[int, ...], dtype: str) -> Any:
        """Make room for what will be written; what it holds until then is not looked at."""
        return ops.zeros(shape, dtype)

    def table(self, embedding: Any) -> Any:
        """Give the matrix of an embedding, (vocabulary, width), for `take` and `logits`."""
        return ops.convert_to_tensor(embedding.embeddings)

    def take(self, table: Any, ids: Any, dtype: str) -> Any:
        return ops.cast(ops.take(table, ids, axis=0), dtype)

    def pick(self, x: Any, ids: Any) -> Any:
        """Pick tokens out of a row of them: (tokens, …) to (*ids, …)."""
        return ops.take(x, ids, axis=0)

    def wide(self, x: Any) -> Any:
        return ops.cast(x, "float32")

    def tanh(self, x: Any) -> Any:
        return ops.tanh(x)

    def matrix(self, kernel: Any) -> Any:
        """Make what `linear` and `gated` multiply by of a kernel of (inputs, outputs)."""
        return kernel

    def linear(self, x: Any, matrix: Any) -> Any:
        return ops.matmul(x, matrix)

    def logits(self, x: Any, rows: Any) -> Any:
        """Multiply by rows of the embedding, (tokens, width)."""
        return ops.matmul(x, ops.transpose(rows))

    def add(self, x: Any, y: Any) -> Any:
        """Add; on torch x is written to."""
        return x + y

    def gated(self, x: Any, gate: Any, up: Any) -> Any:
        """Multiply by two matrices, and what comes of one, by GELU, with what comes of the other.

        Source: Shazeer 2020, https://arxiv.org/abs/2002.05202
        """
        return ops.gelu(self.linear(x, gate), approximate=True) * self.linear(x, up)

    def norm(self, x: Any, factor: Any, epsilon: float) -> Any:
        """Root-mean-square normalisation in float32."""
        wide = ops.cast(x, "float32")
        inverse = ops.rsqrt(ops.mean(ops.square(wide), axis=-1, keepdims=True) + epsilon)
        return ops.cast(wide * inverse * factor, x.dtype)

    def rotate(self, x: Any, cosine: Any, sine: Any) -> Any:
        """Turn pairs of (tokens, heads, size) by (tokens, 1, size / 2)."""
        first, second = ops.split(x, 2, axis=-1)
        return ops.concatenate(
            [first * cosine - second * sine, second * cosine + first * sine], axis=-1
        )

    def write(self, kept: Any, new: Any, column: Any) -> Any:
        """Write (rows, tokens, groups, size) into a cache of (rows, groups, columns, size)."""
        return ops.slice_update(kept, (0, 0, column, 0), ops.transpose(new, (0, 2, 1, 3)))

    def mask(self, seen: npt.NDArray[np.bool_], shared: int, dtype: str) -> Any:
        """Make what `attend` takes of (rows, tokens, columns): so many heads for each token."""
        return ops.convert_to_tensor(np.repeat(seen[:, None], shared, axis=2))

    def attend(
        self, query: Any, keys: Any, values: Any, mask: Any, scale: float, cap: float | None
    ) -> Any:
        """Attend with grouped queries.

        Shapes:
            query: (rows, tokens, heads, size)
            keys and values: (rows, groups, columns, size)
            result: (rows · tokens, heads · size)
        """
        rows, tokens, heads, size = query.shape
        groups = keys.shape[1]
        query = ops.reshape(query, (rows, tokens, groups, heads // groups, size)) * scale
        logits = ops.einsum("btkgh,bksh->bktgs", query, keys)
        if cap is not None:
            logits = ops.tanh(logits / cap) * cap
        mask = ops.reshape(mask, (rows, 1, tokens, heads // groups, -1))
        wide = ops.where(mask, ops.cast(logits, "float32"), -1e30)
        shares = ops.cast(ops.softmax(wide, axis=-1), query.dtype)
        mixed = ops.einsum("bktgs,bksh->btkgh", shares, values)
        return ops.reshape(mixed, (rows * tokens, heads * size))

    def widened(self, kept: Any, rows: int, columns: int) -> Any:
        """Repeat a cache of one row for many rows, with room for more columns."""
        repeated = ops.repeat(kept, rows // kept.shape[0], axis=0)
        return ops.pad(repeated, [(0, 0), (0, 0), (0, columns - kept.shape[2]), (0, 0)])

    def log_sum_exp(self, logits: Any) -> npt.NDArray[np.float32]:
        result: npt.NDArray[np.float32] = ops.convert_to_numpy(ops.logsumexp(logits, axis=-1))
        return result

    def array(self, tensor: Any) -> npt.NDArray[Any]:
        result: npt.NDArray[Any] = ops.convert_to_numpy(tensor)
        return result


def kit() -> Any:
    """Give the operations for the backend in use."""
    if keras.backend.backend() == "torch":
        from getalwoord.models.torch_inference import TorchKit

        return TorchKit()
    return KerasKit()
