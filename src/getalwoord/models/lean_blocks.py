"""Decoder blocks as they are trained on torch: KerasHub's parts, without what it does in between.

KerasHub's own call of a block makes the attention mask anew, and goes through Keras for every
operation, which on a CPU takes half as long as the products.
"""

from collections.abc import Mapping
from typing import Any

import keras
import torch
from torch.nn import functional

from getalwoord.models.blocks import Settings
from getalwoord.models.frozen import Direct, Recomputed
from getalwoord.models.torch_kernels import attend, rotate


class AttentionMask(keras.layers.Layer):
    """What tokens may look at, as numbers to be added to the logits of attention.

    Args:
        window: How many tokens of its text each sees, itself included; None for all before it.
        shared: Heads that share a key.

    Shapes:
        seen and depths: (rows, tokens, tokens) and (rows, tokens), see `packing.Trees`
        call: (rows, 1, tokens · shared, tokens)
    """

    def __init__(self, window: int | None, shared: int, **keywords: Any) -> None:
        super().__init__(**keywords)
        self._window, self._shared = window, shared

    def call(self, seen: Any, depths: Any) -> Any:
        if self._window is not None:
            seen = seen & (depths[:, :, None] - depths[:, None] < self._window)
        dtype = getattr(torch, self.compute_dtype)
        # Not infinity: padding sees nothing at all.
        mask = torch.zeros(seen.shape, dtype=dtype, device=seen.device)
        mask.masked_fill_(~seen, torch.finfo(dtype).min / 2)
        return mask.repeat_interleave(self._shared, dim=1)[:, None]

    def compute_output_spec(
        self, seen: keras.KerasTensor, depths: keras.KerasTensor
    ) -> keras.KerasTensor:
        rows, tokens, _ = seen.shape
        asking = None if tokens is None else tokens * self._shared
        return keras.KerasTensor((rows, 1, asking, tokens), dtype=self.compute_dtype)


class RotaryAngles(keras.layers.Layer):
    """Cosines and sines of KerasHub's rotary embedding, by where tokens stand.

    Args:
        rotary: The rotary embedding.
        size: Of a head.

    Shapes:
        depths: (rows, tokens)
        call: (rows, tokens, 1, size), sines behind cosines

    Source: Su et al. 2021, https://arxiv.org/abs/2104.09864
    """

    def __init__(self, rotary: keras.layers.Layer, size: int, **keywords: Any) -> None:
        super().__init__(**keywords)
        self._rotary, self._size = rotary, size
        self._kept: dict[Any, Any] = {}  # by device, (tokens, 1, size)

    def call(self, depths: Any) -> Any:
        tokens, device = depths.shape[1], depths.device
        # Keras builds models with tensors of torch's device "meta", which hold no numbers.
        kept = self._kept.get(device)
        if kept is None or len(kept) < tokens:
            # Each pair (1, 0) is turned into its (cosine, sine).
            dtype = getattr(torch, self.compute_dtype)
            pairs = torch.zeros(1, 2 * tokens, 1, self._size, dtype=dtype, device=device)
            pairs[..., : self._size // 2] = 1
            kept = self._kept[device] = self._rotary(pairs, start_index=0)[0]
        return kept.index_select(0, depths.flatten()).view(*depths.shape, 1, self._size)

    def compute_output_spec(self, depths: keras.KerasTensor) -> keras.KerasTensor:
        return keras.KerasTensor((*depths.shape, 1, self._size), dtype=self.compute_dtype)


class LeanBlock(Direct):
    """A decoder block whose projections and norms are called one after the other.

    Args:
        frozen: The block, its projections with or without low-rank updates.
        settings: Of the backbone.
        picks: Whether it is the last one, of whose tokens only some are asked for. The others are
            needed as keys and values, and go no further.

    Shapes:
        x: (rows, tokens, width)
        mask: As `AttentionMask` makes it
        angles: As `RotaryAngles` makes them
        positions: (answers,), flat, if it picks
        call: (rows, tokens, width); or (answers, width), if it picks
    """

    def __init__(self, frozen: keras.layers.Layer, settings: Settings, *, picks: bool) -> None:
        super().__init__(frozen)
        self._settings, self.picks = settings, picks

    def call(self, x: Any, *, mask: Any, angles: Any, positions: Any = None) -> Any:
        block = self.frozen
        mixed = self._mixed(block.attention, block.pre_attention_norm(x), mask, angles)
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

    def _mixed(self, attention: Any, x: Any, mask: Any, angles: Any) -> Any:
        """Attend; gives (rows, tokens, heads, size)."""
        query, key, value = (
            project(x)
            for project in (attention.query_dense, attention.key_dense, attention.value_dense)
        )
        if hasattr(attention, "query_norm"):
            query, key = attention.query_norm(query), attention.key_norm(key)
        cosine, sine = angles.chunk(2, dim=-1)
        query, key = (rotate(part, cosine, sine) for part in (query, key))
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
        angles: keras.KerasTensor,
        positions: keras.KerasTensor | None = None,
    ) -> keras.KerasTensor:
        shape = (positions.shape[0], x.shape[-1]) if positions is not None else x.shape
        return keras.KerasTensor(shape, dtype=x.dtype)


def lean_hidden(
    backbone: keras.Model,
    settings: Settings,
    x: keras.KerasTensor,
    inputs: Mapping[str, keras.KerasTensor],
    *,
    recompute: bool,
) -> keras.KerasTensor:
    """Go through the blocks of a backbone with embedded tokens; gives (answers, width).

    Args:
        backbone: As KerasHub built it, with or without low-rank updates.
        settings: Of the backbone.
        x: (rows, tokens, width)
        inputs: ``depths``, ``seen`` and ``positions``, as `answer_model` takes them.
        recompute: Whether each block is computed again in the backward pass.
    """
    masks: dict[int | None, keras.KerasTensor] = {}
    angles: dict[tuple[float, float], keras.KerasTensor] = {}
    shared, last = settings.heads // settings.groups, len(settings.windows) - 1
    kinds = zip(settings.windows, settings.wavelengths, strict=True)
    for number, (window, wavelength) in enumerate(kinds):
        block, dtype = backbone.transformer_layers[number], backbone.dtype_policy
        if window not in masks:
            name = "mask" if window is None else f"mask_{window}"
            layer = AttentionMask(window, shared, name=name, dtype=dtype)
            masks[window] = layer(inputs["seen"], inputs["depths"])
        if wavelength not in angles:
            name = f"angles_{len(angles)}"
            layer = RotaryAngles(block.attention.rope_layer, settings.size, name=name, dtype=dtype)
            angles[wavelength] = layer(inputs["depths"])
        lean = LeanBlock(block, settings, picks=number == last)
        picked = {"positions": inputs["positions"]} if lean.picks else {}
        layer = Recomputed(lean) if recompute else lean
        x = layer(x, mask=masks[window], angles=angles[wavelength], **picked)
    return x
