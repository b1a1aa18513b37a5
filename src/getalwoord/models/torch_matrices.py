"""Frozen matrices that are kept narrow and computed with wide, on torch.

Weights in bfloat16, int8 or int4 take a half to an eighth of the memory of float32, in which many
processors compute. So they are widened for one product, a piece at a time that stays in the
processor's cache, and in the backward pass once more. To widen bfloat16 loses nothing: the
results are bit for bit those of weights held in float32.
"""

import functools
import math
import threading
from collections.abc import Iterator
from typing import Any, TypeAlias

import torch

from getalwoord.models.pages import give_back

Which: TypeAlias = slice | torch.Tensor

_GROUP = 32  # inputs of an output that share a scale in int4; in int8 all of them do
_PIECE = 5 << 18  # elements that are widened at once; 5 MB in float32
_PASSING = 16 * _PIECE  # elements that are looked at and let go of; 42 MB in bfloat16
_OF_THREAD = threading.local()
# Of x, a matrix, a bias and what to do afterwards; torch's own, so not in every build of it.
_linear_pointwise: Any = getattr(torch.ops.mkldnn, "_linear_pointwise", None)


class Plain:
    """A matrix in floating point.

    Args:
        values: (outputs, inputs), in any dtype; may be mapped from a file
        is_let_go_of: Whether each piece is handed back to the system after use. It has to be mapped
            from a file that nobody has written to.
    """

    def __init__(self, values: torch.Tensor, *, is_let_go_of: bool = False) -> None:
        self.values, self._is_let_go_of = values, is_let_go_of
        self.shape, self.device = tuple(values.shape), values.device
        self.bytes = values.numel() * values.element_size()

    def rows(self, which: Which, dtype: torch.dtype) -> torch.Tensor:
        """Give some rows in a dtype; without a copy where they are a slice and in it already."""
        return self.values[which].to(dtype)

    def piece(self, which: slice, dtype: torch.dtype) -> torch.Tensor:
        """Give one of `pieces` in a dtype, for use before the next is asked for."""
        values = self.values[which]
        if values.dtype == dtype:
            return values
        return scratch(values.shape, dtype, values.device).copy_(values)

    def pieces(self, dtype: torch.dtype) -> Iterator[slice]:
        """Cut the rows into pieces to compute with; all at once where nothing is widened.

        In float32 there are always the same pieces, so that sums are the same for any storage.
        """
        size = _PIECE
        if dtype != torch.float32 and self.values.dtype == dtype:
            size = _PASSING if self._is_let_go_of else self.values.numel()
        for which in _pieces(self.shape, size):
            yield which
            self.let_go(which)

    def let_go(self, which: slice) -> None:
        """Hand some rows back to the system, if they are to be."""
        if self._is_let_go_of:
            give_back(self.values[which])


class Quantised:
    """A matrix in int8, with a scale for each output, or in int4, with one for every 32 inputs.

    Args:
        matrix: What to quantise.
        bits: 8 or 4.

    Source: symmetric abs-max quantisation, as Keras's `abs_max_quantize`; the groups are those of
    Dettmers and Zettlemoyer 2023, https://arxiv.org/abs/2212.09720
    """

    def __init__(self, matrix: Plain, bits: int) -> None:
        self.shape = matrix.shape
        outputs, inputs = self.shape
        size = inputs if bits == 8 else math.gcd(inputs, _GROUP)
        packed = bits == 4
        self._packed = packed
        # (outputs, groups, size), two of a group in a byte where there are four bits
        self._values = torch.empty(
            (outputs, inputs // size, size // 2 if packed else size),
            dtype=torch.uint8 if packed else torch.int8,
            device=matrix.device,
        )
        self._scales = torch.empty(outputs, inputs // size, 1, device=matrix.device)
        largest = 2 ** (bits - 1) - 1
        for rows in _pieces(self.shape):
            wide = matrix.rows(rows, torch.float32).reshape(-1, inputs // size, size)
            scale = wide.abs().amax(dim=-1, keepdim=True).div_(largest)
            # A group of zeros has no scale.
            whole = (wide / scale.clamp(min=torch.finfo(torch.float32).tiny)).round_()
            self._scales[rows] = scale
            self._values[rows] = _pack(whole) if packed else whole.to(torch.int8)
        self.bytes = self._values.numel() + 4 * self._scales.numel()

    def rows(self, which: Which, dtype: torch.dtype) -> torch.Tensor:
        """Give some rows in a dtype."""
        values = self._values[which]
        wide = (_unpack(values) if self._packed else values).float()
        return wide.mul_(self._scales[which]).flatten(-2).to(dtype)

    def piece(self, which: slice, dtype: torch.dtype) -> torch.Tensor:
        """Give one of `pieces` in a dtype, for use before the next is asked for."""
        values = self._values[which]
        values = _unpack(values) if self._packed else values
        wide = scratch(values.shape, torch.float32, values.device).copy_(values)
        return wide.mul_(self._scales[which]).flatten(-2).to(dtype)

    def pieces(self, dtype: torch.dtype) -> Iterator[slice]:
        """Cut the rows into pieces to compute with."""
        return _pieces(self.shape)


Matrix: TypeAlias = Plain | Quantised


def product(x: torch.Tensor, matrix: Matrix) -> torch.Tensor:
    """Compute ``x·Wᵀ``, (rows, inputs) to (rows, outputs)."""
    y = x.new_empty(len(x), matrix.shape[0])
    for rows in matrix.pieces(x.dtype):
        part = linear(x, matrix.piece(rows, x.dtype))
        if part.shape == y.shape:
            y = part
        else:
            y[:, rows] = part
    return y


def product_back(gradient: torch.Tensor, matrix: Matrix) -> torch.Tensor:
    """Compute ``gradient·W``, (rows, outputs) to (rows, inputs), summed in float32."""
    total: torch.Tensor | None = None
    for rows in matrix.pieces(gradient.dtype):
        part = linear(gradient[:, rows], matrix.piece(rows, gradient.dtype).t())
        total = part if total is None else total.float() + part
    assert total is not None  # no matrix is empty
    return total.to(gradient.dtype)


def product_back_of(gradient: torch.Tensor, matrix: Matrix, columns: torch.Tensor) -> torch.Tensor:
    """Compute what `product_back` does where only some columns of a gradient are not zero.

    Early in training tens of thousands of tokens are probable. Their rows of the embedding are
    never held at once.

    Args:
        gradient: These columns of it, (rows, columns).
        matrix: (outputs, inputs)
        columns: Which of the outputs they are, in order.
    """
    total = gradient.new_zeros((len(gradient), matrix.shape[1]), dtype=torch.float32)
    step = max(1, _PIECE // matrix.shape[1])
    for start in range(0, len(columns), step):
        chosen = columns[start : start + step]
        rows = matrix.rows(chosen, gradient.dtype)
        total += linear(gradient[:, start : start + step], rows.t())
        if isinstance(matrix, Plain):
            matrix.let_go(slice(int(chosen[0]), int(chosen[-1]) + 1))
    return total.to(gradient.dtype)


def linear(x: torch.Tensor, matrix: torch.Tensor) -> torch.Tensor:
    """Compute ``x·Wᵀ`` by oneDNN, which for some hundred rows in float32 is faster than `matmul`.

    In bfloat16 torch asks oneDNN itself.

    Shapes:
        x: (rows, inputs)
        matrix: (outputs, inputs), plain or packed for oneDNN
    """
    if matrix.is_mkldnn or (x.dtype == torch.float32 and x.device.type == "cpu" and has_onednn()):
        y: torch.Tensor = _linear_pointwise(x, matrix, None, "none", [], "")
        return y
    return x @ matrix.t()


def linear_gelu(x: torch.Tensor, packed: torch.Tensor) -> torch.Tensor:
    """Compute the GELU of ``x·Wᵀ``, by its tanh form, of a matrix that is packed for oneDNN."""
    y: torch.Tensor = _linear_pointwise(x, packed, None, "gelu", [], "tanh")
    return y


@functools.cache
def has_onednn() -> bool:
    """Tell whether torch can hand its products to oneDNN, on a processor that oneDNN is fast on."""
    if _linear_pointwise is None or not torch.backends.mkldnn.is_available():  # type: ignore[no-untyped-call]
        return False
    return torch.backends.cpu.get_cpu_capability().startswith("AVX")


def packs(dtype: torch.dtype) -> bool:
    """Tell whether oneDNN multiplies faster by a matrix that it may lay out as it likes.

    Otherwise it does so anew in each product, which for a few tokens takes as long as the product.
    """
    if not has_onednn():
        return False
    return dtype != torch.bfloat16 or bool(torch.ops.mkldnn._is_mkldnn_bf16_supported())


def laid_out(matrix: torch.Tensor) -> torch.Tensor:
    """Copy a matrix of (outputs, inputs) as oneDNN likes it, for `linear`; see `packs`."""
    packed: torch.Tensor = torch.ops.mkldnn._reorder_linear_weight(matrix.contiguous())
    return packed


def capped(logits: torch.Tensor, cap: float | None) -> torch.Tensor:
    """Put a soft cap on logits, in their place."""
    return logits if cap is None else logits.div_(cap).tanh_().mul_(cap)


def most_probable(x: torch.Tensor, matrix: Matrix, cap: float | None) -> torch.Tensor:
    """Tell which output is the largest, (rows,), the first of equals; never holds all outputs."""
    best = x.new_full((len(x),), -math.inf)
    index = torch.zeros(len(x), dtype=torch.long, device=x.device)
    for rows in matrix.pieces(x.dtype):
        values, where = capped(linear(x, matrix.piece(rows, x.dtype)), cap).max(dim=-1)
        higher = values > best
        index = torch.where(higher, where + rows.start, index)
        best = torch.where(higher, values, best)
    return index


def scratch(shape: tuple[int, ...], dtype: torch.dtype, device: torch.device) -> torch.Tensor:
    """Give memory for a piece, the same each time.

    Taken anew for each product, it would leave holes of some megabytes between the tensors that
    are kept for the backward pass: the process took 0.3 GB more.
    """
    size, name = math.prod(shape), f"{dtype} {device}"
    kept: torch.Tensor | None = getattr(_OF_THREAD, name, None)
    if kept is None or len(kept) < size:
        kept = torch.empty(max(size, _PIECE), dtype=dtype, device=device)
        setattr(_OF_THREAD, name, kept)
    return kept[:size].view(shape)


def _pieces(shape: tuple[int, ...], size: int = _PIECE) -> Iterator[slice]:
    outputs, inputs = shape
    step = max(1, size // inputs)
    return (slice(start, min(start + step, outputs)) for start in range(0, outputs, step))


def _pack(values: torch.Tensor) -> torch.Tensor:
    """Put the halves of each group into the low and the high four bits of its bytes."""
    low, high = values.add_(8).to(torch.uint8).chunk(2, dim=-1)
    return low | (high << 4)


def _unpack(values: torch.Tensor) -> torch.Tensor:
    return torch.cat([values & 15, values >> 4], dim=-1).to(torch.int8).sub_(8)
