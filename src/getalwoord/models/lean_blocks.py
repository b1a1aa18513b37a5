"""Decoder blocks as they are trained on torch: KerasHub's parts, without what it does in between.

KerasHub's own call of a block makes the attention mask anew, and goes through Keras for every
operation, which on a CPU takes half as long as the products.
"""

from collections.abc import Iterator
from typing import Any

import keras
import torch
from torch.nn import functional

from getalwoord.models.blocks import Settings
from getalwoord.models.frozen import Direct
from getalwoord.models.torch_kernels import attend


class AttentionMask(keras.layers.Layer):
    """What tokens may look at, as numbers to be added to the logits of attention.

    Args:
        window: How many tokens each sees, itself included; None for all before it.
        shared: Heads that share a key.

    Shapes:
        padding_mask: (batch, tokens), 0 on padding
        call: (batch, 1, tokens · shared, tokens)
    """

    def __init__(self, window: int | None, shared: int, **keywords: Any) -> None:
        super().__init__(**keywords)
        self._window, self._shared = window, shared

    def call(self, padding_mask: Any) -> Any:
        place = torch.arange(padding_mask.shape[1], device=padding_mask.device)
        before = place[:, None] - place
        seen = (before >= 0) & padding_mask[:, None].bool()
        if self._window is not None:
            seen &= before < self._window
        dtype = getattr(torch, self.compute_dtype)
        # Not infinity: padding may see nothing at all.
        mask = torch.zeros(seen.shape, dtype=dtype, device=seen.device)
        mask.masked_fill_(~seen, torch.finfo(dtype).min / 2)
        return mask.repeat_interleave(self._shared, dim=1)[:, None]

    def compute_output_spec(self, padding_mask: keras.KerasTensor) -> keras.KerasTensor:
        batch, tokens = padding_mask.shape
        rows = None if tokens is None else tokens * self._shared
        return keras.KerasTensor((batch, 1, rows, tokens), dtype=self.compute_dtype)


class LeanBlock(Direct):
    """A decoder block whose projections and norms are called one after the other.

    Args:
        frozen: The block, its projections with or without low-rank updates.
        settings: Of the backbone.
        picks: Whether it is the last one, of whose tokens only some are asked for. The others are
            needed as keys and values, and go no further.

    Shapes:
        x: (batch, tokens, width)
        mask: As `AttentionMask` makes it
        positions: (answers,), flat, if it picks
        call: (batch, tokens, width); or (answers, width), if it picks
    """

    def __init__(self, frozen: keras.layers.Layer, settings: Settings, *, picks: bool) -> None:
        super().__init__(frozen)
        self._settings, self.picks = settings, picks

    def call(self, x: Any, *, mask: Any, positions: Any = None) -> Any:
        block = self.frozen
        mixed = self._mixed(block.attention, block.pre_attention_norm(x), mask)
        if self.picks:
            x, mixed = (part.flatten(0, 1).index_select(0, positions)[None] for part in (x, mixed))
        attended = block.attention.output_dense(mixed)
        if hasattr(block, "post_attention_norm"):
            attended = block.post_attention_norm(attended)
        x = x + attended
        normed = block.pre_ffw_norm(x)
        gate = functional.gelu(block.gating_ffw(normed), approximate="tanh")
        fed = block.ffw_linear(gate * block.gating_ffw_2(normed))
        if hasattr(block, "post_ffw_norm"):
            fed = block.post_ffw_norm(fed)
        x = x + fed
        return x[0] if self.picks else x

    def _mixed(self, attention: Any, x: Any, mask: Any) -> Any:
        """Attend; gives (batch, tokens, heads, size)."""
        query, key, value = (
            project(x)
            for project in (attention.query_dense, attention.key_dense, attention.value_dense)
        )
        if hasattr(attention, "query_norm"):
            query, key = attention.query_norm(query), attention.key_norm(key)
        query, key = (attention.rope_layer(part, start_index=0) for part in (query, key))
        keys, values = (part.transpose(1, 2) for part in (key, value))
        mixed = attend(
            query, keys, values, mask, self._settings.scale, self._settings.attention_cap
        )
        return mixed.view(query.shape)

    def compute_output_spec(
        self,
        x: keras.KerasTensor,
        *,
        mask: keras.KerasTensor,
        positions: keras.KerasTensor | None = None,
    ) -> keras.KerasTensor:
        shape = (positions.shape[0], x.shape[-1]) if positions is not None else x.shape
        return keras.KerasTensor(shape, dtype=x.dtype)


def lean_blocks(
    backbone: keras.Model, settings: Settings, padding_mask: keras.KerasTensor
) -> Iterator[tuple[LeanBlock, keras.KerasTensor]]:
    """Give the blocks of a backbone, each with its mask; the last one picks."""
    masks: dict[int | None, keras.KerasTensor] = {}
    shared, last = settings.heads // settings.groups, len(settings.windows) - 1
    for number, window in enumerate(settings.windows):
        if window not in masks:
            name = "mask" if window is None else f"mask_{window}"
            layer = AttentionMask(window, shared, name=name, dtype=backbone.dtype_policy)
            masks[window] = layer(padding_mask)
        block = LeanBlock(backbone.transformer_layers[number], settings, picks=number == last)
        yield block, masks[window]
