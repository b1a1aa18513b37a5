"""What a decoder block computes with on torch: what is frozen, and the low-rank updates."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple, TypeAlias

import torch

from getalwoord.models.blocks import Settings
from getalwoord.models.torch_matrices import Joined

# The target modules, by the input that they have in common.
ATTENTION, OUTPUT = ("query", "key", "value"), ("output",)
GATED, DOWN = ("gate", "up"), ("down",)
GROUPS = (ATTENTION, OUTPUT, GATED, DOWN)

Group: TypeAlias = tuple[str, ...]


class Place(NamedTuple):
    """Where the update of a module has its B among those of its group.

    Attributes:
        rows: Outputs of the group.
        columns: Of ``x·Aᵀ``, where the A of all updates of the group are below one another.
    """

    group: Group
    rows: slice
    columns: slice


def places_of(outputs: Mapping[str, int], updated: Collection[str], rank: int) -> dict[str, Place]:
    """Tell where each update of a block has its B, by target module, in the order of `GROUPS`.

    Args:
        outputs: By target module.
        updated: Those that have an update.
        rank: Of each.
    """
    places: dict[str, Place] = {}
    for group in GROUPS:
        row = column = 0
        for module in group:
            end = row + outputs[module]
            if module in updated:
                places[module] = Place(group, slice(row, end), slice(column, column + rank))
                column += rank
            row = end
    return places


@dataclass(frozen=True, slots=True)
class Weights:
    """What a block computes with, but for its updates.

    Attributes:
        matrices: Of the target modules of each group, (outputs, inputs).
        factors: What each norm multiplies by, (width,) float32: ``before_attention`` and
            ``before_feedforward``, and ``after_attention`` and ``after_feedforward`` where there
            are such; and ``heads``, (heads + groups, size or 1), of queries and keys, with the
            scale of queries in it.
        norms_heads: Whether queries and keys are normalised.
        places: Of the updates, by target module.
        scale: alpha / rank
        settings: Of the backbone.
        dtype: Of products.
    """

    matrices: dict[Group, Joined]
    factors: dict[str, torch.Tensor]
    norms_heads: bool
    places: dict[str, Place]
    scale: float
    settings: Settings
    dtype: torch.dtype


class Updates:
    """All A and B of a block in the dtype of its products, B with the scale; and their gradients.

    Args:
        weights: Of the block.
        given: All A, (rank, inputs), and then all B, (outputs, rank), float32.

    Attributes:
        a: By group, all A below one another, (columns, inputs); see `Place`.
        b: By group, each B in its place and zeros elsewhere, (rows, columns).
        a_gradients: As `a`.
        b_gradients: As `b`, turned, (columns, rows); where b has zeros, they mean nothing.
    """

    def __init__(self, weights: Weights, given: Sequence[torch.Tensor]) -> None:
        self._weights, self._given, self._half = weights, given, len(given) // 2
        self.a: dict[Group, torch.Tensor] = {}
        self.b: dict[Group, torch.Tensor] = {}
        self.a_gradients: dict[Group, torch.Tensor] = {}
        self.b_gradients: dict[Group, torch.Tensor] = {}
        if not given:
            return
        flat = torch.ops.aten.flatten_dense_tensors(given)
        flat[sum(a.numel() for a in given[: self._half]) :].mul_(weights.scale)
        flat = flat.to(weights.dtype)
        parts = torch.ops.aten.unflatten_dense_tensors(flat, given)
        columns = {place.group: place.columns.stop for place in weights.places.values()}
        start = 0
        for group, count in columns.items():
            outputs, inputs = weights.matrices[group].shape
            self.a[group] = flat[start : start + count * inputs].view(count, inputs)
            self.b[group] = flat.new_zeros(outputs, count)
            start += count * inputs
        for place, b in zip(weights.places.values(), parts[self._half :], strict=True):
            self.b[place.group][place.rows, place.columns] = b

    def gradients(self) -> tuple[torch.Tensor, ...]:
        """Give them in the order, shapes and dtype of what was given."""
        if not self._given:
            return ()
        of_a = torch.cat([self.a_gradients[group].flatten() for group in self.a]).float()
        of_b = torch.cat(
            [
                self.b_gradients[place.group][place.columns, place.rows]
                for place in self._weights.places.values()
            ],
            dim=1,
        )
        wide = of_b.t().to(torch.float32, memory_format=torch.contiguous_format)
        flat = wide.mul_(self._weights.scale).flatten()
        return (
            *torch.ops.aten.unflatten_dense_tensors(of_a, self._given[: self._half]),
            *torch.ops.aten.unflatten_dense_tensors(flat, self._given[self._half :]),
        )
