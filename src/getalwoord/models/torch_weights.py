"""What a decoder block computes with on torch: what is frozen, and the low-rank updates."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple, TypeAlias

import torch

from getalwoord.models.blocks import Settings
from getalwoord.models.pages import give_back, lies_in
from getalwoord.models.torch_matrices import Matrix, Plain, laid_out, linear, product, product_back

# The target modules, by the input that they have in common.
ATTENTION, OUTPUT = ("query", "key", "value"), ("output",)
GATED, DOWN = ("gate", "up"), ("down",)
GROUPS = (ATTENTION, OUTPUT, GATED, DOWN)
MODULES = tuple(module for group in GROUPS for module in group)

Group: TypeAlias = tuple[str, ...]


class Joined:
    """Matrices of one input, one below the other.

    oneDNN lays out a matrix anew in each product, unless it has a copy that it may keep so. In
    float32 there is one for ``gradient·W`` alone, where it saves more; in bfloat16, for the same
    memory, there is one for each way, and the matrices themselves are looked at no more.

    Args:
        parts: Each (outputs, inputs).
    """

    def __init__(self, parts: Sequence[Matrix]) -> None:
        self.parts = parts
        self.shape = sum(part.shape[0] for part in parts), parts[0].shape[1]
        self.packed: torch.Tensor | None = None
        self.turned: torch.Tensor | None = None

    def pack(self, dtype: torch.dtype, files: Sequence[range] = ()) -> None:
        """Keep copies as oneDNN likes them.

        Args:
            dtype: Of products.
            files: Which unchanged files are mapped; see `pages`.
        """
        whole = torch.cat([part.rows(slice(None), dtype) for part in self.parts])
        self.turned = laid_out(whole.t())
        if dtype == torch.float32:
            return
        self.packed = laid_out(whole)
        for part in self.parts:
            if isinstance(part, Plain) and lies_in(part.values, files):
                give_back(part.values)

    def product(self, x: torch.Tensor) -> torch.Tensor:
        """Compute ``x·Wᵀ``, (rows, inputs) to (rows, outputs of all)."""
        if self.packed is not None:
            return linear(x, self.packed)
        parts = [product(x, part) for part in self.parts]
        return torch.cat(parts, dim=1) if len(parts) > 1 else parts[0]

    def product_back(self, gradient: torch.Tensor) -> torch.Tensor:
        """Compute ``gradient·W``, (rows, outputs of all) to (rows, inputs)."""
        if self.turned is not None:
            return linear(gradient, self.turned)
        gradients = torch.split_with_sizes(gradient, [part.shape[0] for part in self.parts], dim=1)
        first, *others = map(product_back, gradients, self.parts)
        for other in others:
            first.add_(other)
        return first


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
        settings: Of the backbone.
        dtype: Of products.
    """

    matrices: dict[Group, Joined]
    factors: dict[str, torch.Tensor]
    norms_heads: bool
    settings: Settings
    dtype: torch.dtype


class _Place(NamedTuple):
    """Where the A and the B of a module are among those of its group."""

    group: Group
    columns: slice  # of x·Aᵀ
    rows: slice  # outputs


class Updates:
    """All A and B of a block, in one tensor, so that a step does for all what it does for one.

    For each group it holds all A below one another, (columns, inputs), and then all B turned,
    (columns, outputs), each where its A and its outputs are and zeros elsewhere: they are zeros
    for ever, since they have no gradient.

    Args:
        variables: A and B by target module, (rank, inputs) and (outputs, rank), float32. They
            become parts of that tensor: Keras writes to a variable's value, and does not replace
            it.
        outputs: Of each target module.
        scale: alpha / rank
        dtype: Of products.

    Attributes:
        variables: A and B, in the order of `of_modules`.
        values: What is trained, (size,) float32.
        a: By group, as `rounded` left them, in the dtype of products.
        b: By group, turned, with the scale.
        a_gradients: By group, to be written to; as `a`.
        b_gradients: By group, to be written to; as `b`, and any number where that has zeros.
    """

    def __init__(
        self,
        variables: Mapping[str, tuple[Any, Any]],
        outputs: Mapping[str, int],
        scale: float,
        dtype: torch.dtype,
    ) -> None:
        self.variables = [variables[module] for module in MODULES if module in variables]
        self._places: list[_Place] = []
        self._columns: dict[Group, int] = {}
        self._sizes: list[int] = []  # of all A and of all B, by group
        for group in GROUPS:
            row = column = inputs = 0
            for module in group:
                if module in variables:
                    rank, inputs = variables[module][0].shape
                    columns = slice(column, column := column + rank)
                    self._places.append(_Place(group, columns, slice(row, row + outputs[module])))
                row += outputs[module]
            if column:
                self._columns[group] = column
                self._sizes += [column * inputs, column * row]
        self.values = self.joined(self.variables)
        self._factors = torch.zeros_like(self.values)
        for a, b in self.of_modules(self._factors):
            a.fill_(1)
            b.fill_(scale)
        self._narrow = torch.empty_like(self.values, dtype=dtype)
        self._gradients = torch.zeros_like(self._narrow)
        self.a, self.b = self._of_groups(self._narrow)
        self.a_gradients, self.b_gradients = self._of_groups(self._gradients)
        self.values.requires_grad_(self.variables[0][0].trainable)

    def joined(self, variables: Sequence[tuple[Any, Any]]) -> torch.Tensor:
        """Have variables be parts of one new tensor, which is laid out as `values` and returned.

        Args:
            variables: Of the shapes of A and B, and in their order.
        """
        flat = torch.zeros(sum(self._sizes), device=variables[0][0].value.device)
        for pair, views in zip(variables, self.of_modules(flat), strict=True):
            for variable, view in zip(pair, views, strict=True):
                view.copy_(variable.value.detach())
                variable._value = torch.nn.Parameter(view, requires_grad=variable.trainable)
        return flat

    def rounded(self) -> None:
        """Round A and B for products, once before a way through the block."""
        torch.mul(self.values, self._factors, out=self._narrow)

    def gradient(self) -> torch.Tensor:
        """Give the gradient of `values`."""
        return self._gradients * self._factors

    def of_modules(self, flat: torch.Tensor) -> list[tuple[torch.Tensor, torch.Tensor]]:
        """Give views of what is laid out as `values`: A and B of each module as variables."""
        a, b = self._of_groups(flat)
        return [
            (a[group][columns], b[group][columns, rows].t())
            for group, columns, rows in self._places
        ]

    def _of_groups(
        self, flat: torch.Tensor
    ) -> tuple[dict[Group, torch.Tensor], dict[Group, torch.Tensor]]:
        parts = iter(torch.split_with_sizes(flat, self._sizes))
        a, b = {}, {}
        for group, columns in self._columns.items():
            a[group], b[group] = (next(parts).view(columns, -1) for _ in range(2))
        return a, b
