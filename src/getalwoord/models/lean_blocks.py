"""Decoder blocks as they are trained on torch: KerasHub's parts, computed with past Keras.

KerasHub's own call of a block makes the attention mask anew, and goes through Keras for every
operation, which on a CPU takes half as long as the products.
"""

from collections.abc import Mapping, Sequence
from typing import Any
from weakref import WeakKeyDictionary

import keras
import torch

from getalwoord.models.blocks import Settings
from getalwoord.models.copies import copies_bytes
from getalwoord.models.frozen import Direct, Recomputed, factor_of, factors_of, matrix_of
from getalwoord.models.low_rank import LowRankProjection, first_adapted, in_block
from getalwoord.models.pages import unchanged_files
from getalwoord.models.torch_block import block
from getalwoord.models.torch_weights import GROUPS, Joined, Updates, Weights


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
        call: (rows, tokens, 1, size), float32, sines behind cosines

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
            kept = self._kept[device] = self._rotary(pairs, start_index=0)[0].float()
        return kept.index_select(0, depths.flatten()).view(*depths.shape, 1, self._size)

    def compute_output_spec(self, depths: keras.KerasTensor) -> keras.KerasTensor:
        return keras.KerasTensor((*depths.shape, 1, self._size), dtype="float32")


class LeanBlock(Direct):
    """A decoder block as one function of `torch_block`.

    Args:
        frozen: The block, its projections with or without low-rank updates.
        settings: Of the backbone.
        picks: Whether it is the last one, of whose tokens only some are asked for. The others are
            needed as keys and values, and go no further.

    Attributes:
        fixed: What it computes with, but for its updates.
        updates: Those; None if it has none.

    Shapes:
        x: (rows, tokens, width)
        mask: As `AttentionMask` makes it
        angles: As `RotaryAngles` makes them
        positions: (answers,), flat, if it picks
        call: (rows, tokens, width) float32; or (answers, width), if it picks
    """

    def __init__(self, frozen: keras.layers.Layer, settings: Settings, *, picks: bool) -> None:
        super().__init__(frozen)
        self.picks = picks
        layers = in_block(frozen)
        self.fixed = _weights(frozen, settings, layers)
        self.updates = _updates_of(layers, self.fixed)

    def pack(self, files: Sequence[range]) -> None:
        """Keep copies of its matrices as oneDNN likes them; see `Joined.pack`."""
        for matrix in self.fixed.matrices.values():
            matrix.pack(self.fixed.dtype, files)

    def call(self, x: Any, *, mask: Any, angles: Any, positions: Any = None) -> Any:
        values = self.updates.values if self.updates is not None else None
        return block(x.float(), values, self.updates, self.fixed, mask, angles, positions)

    def compute_output_spec(
        self,
        x: keras.KerasTensor,
        *,
        mask: keras.KerasTensor,
        angles: keras.KerasTensor,
        positions: keras.KerasTensor | None = None,
    ) -> keras.KerasTensor:
        shape = (positions.shape[0], x.shape[-1]) if positions is not None else x.shape
        return keras.KerasTensor(shape, dtype="float32")


def _weights(
    frozen: keras.layers.Layer, settings: Settings, layers: Mapping[str, keras.layers.Layer]
) -> Weights:
    factors = factors_of(frozen)
    norms_heads = hasattr(frozen.attention, "query_norm")
    one = next(iter(factors.values())).new_ones(1)
    query = factor_of(frozen.attention.query_norm) if norms_heads else one
    key = factor_of(frozen.attention.key_norm) if norms_heads else one
    of_heads = [query * settings.scale] * settings.heads + [key] * settings.groups
    matrices = {
        module: matrix_of(getattr(layer, "frozen", layer)) for module, layer in layers.items()
    }
    return Weights(
        matrices={group: Joined([matrices[module] for module in group]) for group in GROUPS},
        factors=factors | {"heads": torch.stack(of_heads)},
        norms_heads=norms_heads,
        settings=settings,
        dtype=getattr(torch, frozen.compute_dtype),
    )


# The updates of a block, by the first of their layers, which several models may share.
_UPDATES: WeakKeyDictionary[LowRankProjection, Updates] = WeakKeyDictionary()


def _updates_of(layers: Mapping[str, keras.layers.Layer], fixed: Weights) -> Updates | None:
    adapted = {
        module: layer for module, layer in layers.items() if isinstance(layer, LowRankProjection)
    }
    if not adapted:
        return None
    first = next(iter(adapted.values()))
    if first not in _UPDATES:
        _UPDATES[first] = Updates(
            {module: (layer.lora_a, layer.lora_b) for module, layer in adapted.items()},
            outputs={
                module: part.shape[0]
                for group, matrix in fixed.matrices.items()
                for module, part in zip(group, matrix.parts, strict=True)
            },
            scale=first.scale,
            dtype=fixed.dtype,
        )
    return _UPDATES[first]


def lean_hidden(
    backbone: keras.Model,
    settings: Settings,
    x: keras.KerasTensor,
    inputs: Mapping[str, keras.KerasTensor],
    *,
    recompute: bool,
) -> keras.KerasTensor:
    """Go through the blocks of a backbone with embedded tokens; gives (answers, width) float32.

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
    first, has_copies = first_adapted(backbone), copies_bytes(backbone) > 0
    files = unchanged_files() if has_copies else []
    kinds = zip(settings.windows, settings.wavelengths, strict=True)
    for number, (window, wavelength) in enumerate(kinds):
        frozen, dtype = backbone.transformer_layers[number], backbone.dtype_policy
        if window not in masks:
            name = "mask" if window is None else f"mask_{window}"
            layer = AttentionMask(window, shared, name=name, dtype=dtype)
            masks[window] = layer(inputs["seen"], inputs["depths"])
        if wavelength not in angles:
            name = f"angles_{len(angles)}"
            layer = RotaryAngles(frozen.attention.rope_layer, settings.size, name=name, dtype=dtype)
            angles[wavelength] = layer(inputs["depths"])
        lean = LeanBlock(frozen, settings, picks=number == last)
        if has_copies and number >= first:
            lean.pack(files)
        picked = {"positions": inputs["positions"]} if lean.picks else {}
        layer = Recomputed(lean) if recompute else lean
        x = layer(x, mask=masks[window], angles=angles[wavelength], **picked)
    return x
