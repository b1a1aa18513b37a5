"""A Gemma that only answers: its blocks as flat matrices, with a key/value cache.

KerasHub's blocks serve training and every kind of call. Here an adapter is merged into the
kernels, query, key and value are one matrix, and the cache is written in place, so that a step for
one more token costs little beyond reading the weights. All but attention is computed for a row of
tokens without padding, in which a beginning that several texts have in common stands once.
"""

import math
from collections.abc import Sequence
from typing import Any

import keras
import numpy as np
import numpy.typing as npt

from getalwoord.models.blocks import Cache, Tensor, forward, settings_of
from getalwoord.models.frozen import factor_of, factors_of
from getalwoord.models.inference import kit
from getalwoord.models.low_rank import TARGET_MODULES, merged_kernels


class Decoder:
    """The forward pass of a Gemma for greedy decoding.

    Everything is copied but the embedding, so the backbone may be let go of.

    Args:
        backbone: A KerasHub backbone of Gemma 1, 2 or 3, with or without low-rank updates.

    Shapes:
        The texts of one batch are padded on the left, so that all go on in the same column.
    """

    def __init__(self, backbone: keras.Model) -> None:
        self._settings = settings_of(backbone)
        self._kit = kit()
        self._weights = _weights_of(backbone, self._kit)
        self._forward = self._kit.compiled(forward, self._settings)
        self.give_back()

    @property
    def dtype(self) -> str:
        """In which it computes."""
        return self._settings.dtype

    def share_embedding(self, other: "Decoder") -> None:
        """Use the embedding of a decoder of the same base, and let go of one's own."""
        self._weights["embedding"] = other._weights["embedding"]

    def empty_cache(self, rows: int, columns: int) -> Cache:
        """Make room for keys and values of so many texts and tokens."""
        shape = (rows, self._settings.groups, columns, self._settings.size)
        return [
            (self._kit.room(shape, self.dtype), self._kit.room(shape, self.dtype))
            for _ in self._settings.windows
        ]

    def forward(
        self,
        token_ids: npt.NDArray[np.int32],
        positions: npt.NDArray[np.int32],
        cache: Cache,
        column: int,
        *,
        places: npt.NDArray[np.int32] | None = None,
        last: int = 1,
    ) -> tuple[Tensor, Cache]:
        """Go on with some tokens.

        Args:
            token_ids: (tokens,), each of them computed once; see `packing.packed`.
            positions: (rows, columns), of every token in the cache and of these ones; -1 is
                padding.
            cache: Keys and values of the columns before; on torch written to.
            column: Where the tokens begin.
            places: (rows, columns of these tokens), which token stands in each of the columns from
                `column` on, -1 for padding. None: there is one column, and a token for each row.
            last: How many of the columns are asked for.

        Returns:
            What the last columns came to, (rows, last, width), and the cache with all tokens.
        """
        if places is None:
            where = back = ending = None
            columns, at = 1, positions[:, column]
        else:
            token_ids = self._kit.rounded(token_ids)
            columns, held = places.shape[1], np.flatnonzero(places >= 0)
            first = np.zeros(len(token_ids), np.int64)
            first[places.flat[held]] = held  # any of its places will do
            at = positions[:, column : column + columns].flat[first]
            where, back, ending = map(
                self._kit.tensor, (places.clip(0), first, places[:, -last:].clip(0))
            )
        tables = {key: self._table(*key, at) for key in set(self._settings.wavelengths)}
        hidden, cache = self._forward(
            self._weights,
            cache,
            self._kit.tensor(token_ids),
            [tables[key] for key in self._settings.wavelengths],
            self._masks(positions, column, columns, last),
            column,
            (where, back, ending),
        )
        return hidden, cache

    @property
    def drops_rows(self) -> bool:
        """Whether a batch may shrink; where each shape is compiled, it may not."""
        return bool(self._kit.any_shape)

    def rounded(self, tokens: int) -> int:
        """Give what a length of prompts is padded to, for there to be few shapes."""
        return tokens if self._kit.any_shape else -(-tokens // 8) * 8

    def rows_of(self, cache: Cache, rows: npt.NDArray[np.bool_]) -> Cache:
        """Keep some of the rows of a cache."""
        return [tuple(kept[rows] for kept in pair) for pair in cache]

    def widened(self, cache: Cache, rows: int, columns: int) -> Cache:
        """Copy a cache, of all the rows or one for all of them, with room for more columns."""
        widened = self._kit.widened
        return [
            (widened(key, rows, columns), widened(value, rows, columns)) for key, value in cache
        ]

    def array(self, tensor: Tensor) -> npt.NDArray[np.float32]:
        """Give a tensor's numbers."""
        return np.asarray(self._kit.array(tensor), np.float32)

    def log_sum_exp(self, hidden: Tensor) -> npt.NDArray[np.float32]:
        """Give the logarithm of what all tokens' exponentials add up to, (rows,)."""
        return np.asarray(self._kit.log_sum_exp(self.logits(hidden)), np.float32)

    def give_back(self) -> None:
        """Hand the memory that a batch has used back to the system."""
        self._kit.give_back()

    def embedding_of(self, tokens: Sequence[int]) -> Tensor:
        """Give the rows of the embedding for some tokens: a head for just these."""
        ids = self._kit.tensor(np.array(tokens, np.int32))
        return self._kit.take(self._weights["embedding"], ids, self.dtype)

    def logits(self, hidden: Tensor, head: Tensor | None = None) -> Tensor:
        """Give the logits, (rows, tokens) float32, by a head or of the whole vocabulary."""
        head = self._weights["embedding"] if head is None else head
        logits = self._kit.wide(self._kit.logits(hidden, head))
        cap = self._settings.logit_cap
        return logits if cap is None else self._kit.tanh(logits / cap) * cap

    def _masks(
        self, positions: npt.NDArray[np.int32], column: int, tokens: int, last: int
    ) -> list[Tensor]:
        """Tell each block what each column may look at; the last block has only the last ones."""
        columns = self._kit.columns_seen(column + tokens, positions.shape[1])
        seen = positions[:, None, :columns]
        now = positions[:, column : column + tokens, None]
        causal = np.arange(columns) <= np.arange(column, column + tokens)[:, None]
        mask = causal & (seen >= 0)
        # Padding looks at itself: to look at nothing would divide by zero.
        mask = mask | (np.arange(columns) == np.arange(column, column + tokens)[:, None])
        shared = self._settings.heads // self._settings.groups
        masks, made = [], {}
        for window in self._settings.windows:
            if window not in made:
                within = mask if window is None else mask & (now - seen < window)
                made[window] = self._kit.mask(within, shared, self.dtype)
            masks.append(made[window])
        masks[-1] = masks[-1][:, :, -last * shared :]
        return masks

    def _table(
        self, wavelength: float, factor: float, positions: npt.NDArray[np.int32]
    ) -> tuple[Tensor, Tensor]:
        """Give cosines and sines of the rotary embedding, (tokens, 1, size / 2).

        Source: Su et al. 2021, https://arxiv.org/abs/2104.09864
        """
        half = self._settings.size // 2
        frequencies = wavelength ** (-np.arange(half, dtype=np.float32) / half) / factor
        angles = positions[:, None, None].astype(np.float32) * frequencies
        return (
            self._kit.tensor(np.cos(angles), self.dtype),
            self._kit.tensor(np.sin(angles), self.dtype),
        )


def _weights_of(backbone: keras.Model, kit: Any) -> dict[str, Any]:
    """Copy the weights: matrices as (inputs, outputs), norms as the factor they multiply by."""
    ops = keras.ops
    kernels: list[dict[str, Tensor]] = [{} for _ in backbone.transformer_layers]
    blocks: list[dict[str, Tensor]] = [{} for _ in kernels]
    joined = {
        "query_key_value": ("query", "key", "value"),
        "output": ("output",),
        "gate": ("gate",),  # apart from "up": torch's GELU is twice as slow on half of a matrix
        "up": ("up",),
        "down": ("down",),
    }
    for target, kernel in merged_kernels(backbone):
        held = kernels[target.block]
        held[target.module] = kernel
        if len(held) == len(TARGET_MODULES):  # all of a block are there
            for name, parts in joined.items():
                kernel = ops.concatenate([held[part] for part in parts], axis=1)
                blocks[target.block][name] = kit.matrix(kernel)
            held.clear()
    for block, layer in zip(blocks, backbone.transformer_layers, strict=True):
        block |= factors_of(layer)
        if hasattr(layer.attention, "query_norm"):
            of_heads = [
                factor_of(layer.attention.query_norm)[None]
            ] * layer.attention.num_query_heads
            of_groups = [factor_of(layer.attention.key_norm)[None]]
            of_groups *= layer.attention.num_key_value_heads
            block["query_key_norm"] = ops.concatenate(of_heads + of_groups)
    return {
        "embedding": kit.table(backbone.token_embedding),
        # The root is rounded to the dtype, as when Gemma was trained.
        "embedding_scale": ops.cast(math.sqrt(backbone.hidden_dim), backbone.compute_dtype),
        "final_norm": factor_of(backbone.layer_norm),
        "blocks": blocks,
    }
