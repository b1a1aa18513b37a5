"""What a decoder block computes with on torch: what is frozen, and the low-rank updates."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeAlias

import torch

from getalwoord.models.blocks import Settings
from getalwoord.models.torch_matrices import Matrix

# The target modules, by the input that they have in common.
ATTENTION, OUTPUT = ("query", "key", "value"), ("output",)
GATED, DOWN = ("gate", "up"), ("down",)
GROUPS = (ATTENTION, OUTPUT, GATED, DOWN)

Group: TypeAlias = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Weights:
    """What a block computes with, but for its updates.

    Attributes:
        matrices: By target module, (outputs, inputs).
        factors: What each norm multiplies by, (width,) float32: ``before_attention`` and
            ``before_feedforward``, and ``after_attention`` and ``after_feedforward`` where there
            are such; and ``heads``, (heads + groups, size or 1), of queries and keys, with the
            scale of queries in it.
        norms_heads: Whether queries and keys are normalised.
        modules: Those that have an update, in the order of `GROUPS`.
        scale: alpha / rank
        settings: Of the backbone.
        dtype: Of products.
    """

    matrices: dict[str, Matrix]
    factors: dict[str, torch.Tensor]
    norms_heads: bool
    modules: tuple[str, ...]
    scale: float
    settings: Settings
    dtype: torch.dtype


class Updates:
    """All A and B of a block in the dtype of its products, B with the scale; and their gradients.

    Args:
        weights: Of the block.
        given: All A, (rank, inputs), and then all B, (outputs, rank), float32.
    """

    def __init__(self, weights: Weights, given: Sequence[torch.Tensor]) -> None:
        self._weights, self._given, self._half = weights, given, len(given) // 2
        self.a: dict[Group, torch.Tensor] = {}  # (rank · modules of the group, inputs)
        self.b: dict[str, torch.Tensor] = {}
        self.a_gradients: dict[Group, torch.Tensor] = {}
        self.b_gradients: dict[str, torch.Tensor] = {}  # turned, (rank, outputs)
        if not given:
            return
        self.rank = len(given[0])
        flat = torch.ops.aten.flatten_dense_tensors(given)
        flat[sum(a.numel() for a in given[: self._half]) :].mul_(weights.scale)
        flat = flat.to(weights.dtype)
        parts = torch.ops.aten.unflatten_dense_tensors(flat, given)
        self.b = dict(zip(weights.modules, parts[self._half :], strict=True))
        start = 0
        for group in GROUPS:
            if count := sum(module in self.b for module in group):
                inputs = weights.matrices[group[0]].shape[1]
                end = start + count * self.rank * inputs
                self.a[group] = flat[start:end].view(-1, inputs)
                start = end

    def gradients(self) -> tuple[torch.Tensor, ...]:
        """Give them in the order, shapes and dtype of what was given."""
        if not self._given:
            return ()
        of_a = torch.cat([self.a_gradients[g].flatten() for g in GROUPS if g in self.a]).float()
        of_b = torch.cat([self.b_gradients[module] for module in self._weights.modules], dim=1)
        wide = of_b.t().to(torch.float32, memory_format=torch.contiguous_format)
        flat = wide.mul_(self._weights.scale).flatten()
        return (
            *torch.ops.aten.unflatten_dense_tensors(of_a, self._given[: self._half]),
            *torch.ops.aten.unflatten_dense_tensors(flat, self._given[self._half :]),
        )
