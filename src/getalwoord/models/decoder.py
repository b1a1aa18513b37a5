"""A Gemma that only answers: its blocks as flat matrices, with a key/value cache.

KerasHub's blocks serve training and every kind of call. Here an adapter is merged into the
kernels, those of one input are one matrix, and the cache is written in place, so that a step for
one more token costs little beyond reading the weights.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

import keras
import numpy as np
import numpy.typing as npt

from getalwoord.models.inference import kit
from getalwoord.models.low_rank import TARGET_MODULES, merged_kernels

Tensor: TypeAlias = Any
Cache: TypeAlias = list[tuple[Tensor, Tensor]]

_NORMS = {
    "before_attention": "pre_attention_norm",
    "after_attention": "post_attention_norm",
    "before_feedforward": "pre_ffw_norm",
    "after_feedforward": "post_ffw_norm",
}


@dataclass(frozen=True, slots=True)
class _Settings:
    """What the blocks of a Gemma are like."""

    dtype: str
    heads: int
    groups: int  # of heads, each with one key and value
    size: int  # of a head
    scale: float  # of queries
    epsilon: float
    attention_cap: float | None
    logit_cap: float | None
    windows: tuple[int | None, ...]  # of each block; None looks at everything
    wavelengths: tuple[tuple[float, float], ...]  # of each block, with the scaling factor


class Decoder:
    """The forward pass of a Gemma for greedy decoding.

    Everything is copied but the embedding, so the backbone may be let go of.

    Args:
        backbone: A KerasHub backbone of Gemma 1, 2 or 3, with or without low-rank updates.

    Shapes:
        Prompts of one batch are padded on the left, so that all go on in the same column.
    """

    def __init__(self, backbone: keras.Model) -> None:
        self._settings = _settings_of(backbone)
        self._kit = kit()
        self._weights = _weights_of(backbone, self._kit)
        self._forward = self._kit.compiled(_forward, self._settings)
        self.give_back()

    @property
    def dtype(self) -> str:
        """In which it computes."""
        return self._settings.dtype

    def empty_cache(self, rows: int, columns: int) -> Cache:
        """Make room for keys and values of so many texts and tokens."""
        shape = (rows, self._settings.groups, columns, self._settings.size)
        return [
            (self._kit.zeros(shape, self.dtype), self._kit.zeros(shape, self.dtype))
            for _ in self._settings.windows
        ]

    def forward(
        self,
        token_ids: npt.NDArray[np.int32],
        positions: npt.NDArray[np.int32],
        cache: Cache,
        column: int,
    ) -> tuple[Tensor, Cache]:
        """Go on with some tokens.

        Args:
            token_ids: (rows, tokens), what stands in the columns from `column` on.
            positions: (rows, columns), of every token in the cache and of these ones; -1 is
                padding.
            cache: Keys and values of the columns before; on torch written to.
            column: Where the tokens begin.

        Returns:
            What the tokens came to, (rows, tokens, width), and the cache with all of them.
        """
        tokens = token_ids.shape[1]
        now = positions[:, column : column + tokens]
        masks = self._masks(positions, column, tokens)
        tables = {key: self._table(*key, now) for key in set(self._settings.wavelengths)}
        hidden, cache = self._forward(
            self._weights,
            cache,
            self._kit.tensor(token_ids),
            [tables[key] for key in self._settings.wavelengths],
            [masks[window] for window in self._settings.windows],
            column,
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
        logits = self._kit.wide(self._kit.linear(hidden, head))
        cap = self._settings.logit_cap
        return logits if cap is None else self._kit.tanh(logits / cap) * cap

    def _masks(
        self, positions: npt.NDArray[np.int32], column: int, tokens: int
    ) -> dict[int | None, Tensor]:
        """Tell what each token may look at: (rows, 1, tokens, columns), by window."""
        columns = self._kit.columns_seen(column + tokens, positions.shape[1])
        seen = positions[:, None, :columns]
        now = positions[:, column : column + tokens, None]
        causal = np.arange(columns) <= np.arange(column, column + tokens)[:, None]
        mask = causal & (seen >= 0)
        # Padding looks at itself: to look at nothing would divide by zero.
        mask = mask | (np.arange(columns) == np.arange(column, column + tokens)[:, None])
        masks = {}
        for window in set(self._settings.windows):
            within = mask if window is None else mask & (now - seen < window)
            masks[window] = self._kit.tensor(within[:, None])
        return masks

    def _table(
        self, wavelength: float, factor: float, positions: npt.NDArray[np.int32]
    ) -> tuple[Tensor, Tensor]:
        """Give cosines and sines of the rotary embedding, (rows, tokens, 1, size / 2).

        Source: Su et al. 2021, https://arxiv.org/abs/2104.09864
        """
        half = self._settings.size // 2
        frequencies = wavelength ** (-np.arange(half, dtype=np.float32) / half) / factor
        angles = positions[:, :, None, None].astype(np.float32) * frequencies
        return (
            self._kit.tensor(np.cos(angles), self.dtype),
            self._kit.tensor(np.sin(angles), self.dtype),
        )


def _forward(
    kit: Any,
    settings: _Settings,
    weights: dict[str, Any],
    cache: Cache,
    token_ids: Tensor,
    tables: list[tuple[Tensor, Tensor]],
    masks: list[Tensor],
    column: Any,
) -> tuple[Tensor, Cache]:
    x = kit.take(weights["embedding"], token_ids, settings.dtype) * weights["embedding_scale"]
    written = []
    for block, kept, table, mask in zip(weights["blocks"], cache, tables, masks, strict=True):
        normed = kit.norm(x, block["before_attention"], settings.epsilon)
        attended, kept = _attention(kit, settings, block, normed, kept, table, mask, column)
        written.append(kept)
        x = x + _normed(kit, settings, attended, block.get("after_attention"))
        gate, up = kit.split(
            kit.linear(
                kit.norm(x, block["before_feedforward"], settings.epsilon), block["gate_up"]
            ),
            2,
        )
        fed = kit.linear(kit.gelu(gate) * up, block["down"])
        x = x + _normed(kit, settings, fed, block.get("after_feedforward"))
    return kit.norm(x, weights["final_norm"], settings.epsilon), written


def _attention(
    kit: Any,
    settings: _Settings,
    block: dict[str, Tensor],
    x: Tensor,
    kept: tuple[Tensor, Tensor],
    table: tuple[Tensor, Tensor],
    mask: Tensor,
    column: Any,
) -> tuple[Tensor, tuple[Tensor, Tensor]]:
    rows, tokens = x.shape[:2]
    heads, groups, size = settings.heads, settings.groups, settings.size
    joint = kit.linear(x, block["query_key_value"])
    joint = joint.reshape((rows, tokens, heads + 2 * groups, size))
    query, key = joint[:, :, :heads], joint[:, :, heads : heads + groups]
    if "query_norm" in block:
        query = kit.norm(query, block["query_norm"], settings.epsilon)
        key = kit.norm(key, block["key_norm"], settings.epsilon)
    keys = kit.write(kept[0], kit.rotate(key, *table), column)
    values = kit.write(kept[1], joint[:, :, heads + groups :], column)
    mixed = kit.attend(
        kit.rotate(query, *table) * settings.scale, keys, values, mask, settings.attention_cap
    )
    return kit.linear(mixed, block["output"]), (keys, values)


def _normed(kit: Any, settings: _Settings, x: Tensor, factor: Tensor | None) -> Tensor:
    return x if factor is None else kit.norm(x, factor, settings.epsilon)


def _settings_of(backbone: keras.Model) -> _Settings:
    blocks = backbone.transformer_layers
    attention = blocks[0].attention
    normalised = (
        attention.head_dim
        if attention.query_head_dim_normalize
        else attention.hidden_dim // attention.num_query_heads
    )
    return _Settings(
        dtype=backbone.compute_dtype,
        heads=attention.num_query_heads,
        groups=attention.num_key_value_heads,
        size=attention.head_dim,
        scale=1 / math.sqrt(normalised),
        epsilon=blocks[0].layer_norm_epsilon,
        attention_cap=attention.logit_soft_cap,
        logit_cap=backbone.token_embedding.logit_soft_cap,
        windows=tuple(
            block.attention.sliding_window_size
            if block.attention.use_sliding_window_attention
            else None
            for block in blocks
        ),
        wavelengths=tuple(
            (
                float(getattr(block.attention, "rope_wavelength", 10_000.0)),
                float(getattr(block.attention, "rope_scaling_factor", 1.0)),
            )
            for block in blocks
        ),
    )


def _weights_of(backbone: keras.Model, kit: Any) -> dict[str, Any]:
    """Copy the weights: matrices as (outputs, inputs), norms as the factor they multiply by."""
    ops = keras.ops
    kernels: list[dict[str, Tensor]] = [{} for _ in backbone.transformer_layers]
    blocks: list[dict[str, Tensor]] = [{} for _ in kernels]
    joined = {
        "query_key_value": ("query", "key", "value"),
        "gate_up": ("gate", "up"),
        "output": ("output",),
        "down": ("down",),
    }
    for target, kernel in merged_kernels(backbone):
        held = kernels[target.block]
        held[target.module] = ops.transpose(kernel)
        if len(held) == len(TARGET_MODULES):  # all of a block are there
            for name, parts in joined.items():
                blocks[target.block][name] = ops.concatenate([held[part] for part in parts])
            held.clear()
    for block, layer in zip(blocks, backbone.transformer_layers, strict=True):
        norms = {name: getattr(layer, given, None) for name, given in _NORMS.items()}
        norms |= {name: getattr(layer.attention, name, None) for name in ("query_norm", "key_norm")}
        block |= {name: _factor(norm) for name, norm in norms.items() if norm is not None}
    return {
        "embedding": kit.table(backbone.token_embedding),
        # The root is rounded to the dtype, as when Gemma was trained.
        "embedding_scale": ops.cast(math.sqrt(backbone.hidden_dim), backbone.compute_dtype),
        "final_norm": _factor(backbone.layer_norm),
        "blocks": blocks,
    }


def _factor(norm: keras.layers.Layer) -> Tensor:
    norm = getattr(norm, "frozen", norm)
    return keras.ops.cast(norm.scale, "float32") + 1
