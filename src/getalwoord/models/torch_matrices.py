"""Frozen matrices that are kept narrow and computed with wide, on torch.

Weights in bfloat16, int8 or int4 take a half to an eighth of the memory of float32, in which many
processors compute. So they are widened for one product, a piece at a time that stays in the
processor's cache, and in the backward pass once more. To widen bfloat16 loses nothing: the
results are bit for bit those of weights held in float32.
"""

import contextlib
import ctypes
import functools
import math
import mmap
import threading
from collections.abc import Iterator
from typing import Any, TypeAlias

import torch

Which: TypeAlias = slice | torch.Tensor

_GROUP = 32  # inputs of an output that share a scale in int4; in int8 all of them do
_PIECE = 5 << 18  # elements that are widened at once; 5 MB in float32
_OF_THREAD = threading.local()
# Of x, a matrix, a bias and what to do afterwards; torch's own, so not in every build of it.
_linear_pointwise: Any = getattr(torch.ops.mkldnn, "_linear_pointwise", None)


class Plain:
    """A matrix in floating point.

    Shapes:
        values: (outputs, inputs), in any dtype; may be mapped from a file
    """

    def __init__(self, values: torch.Tensor) -> None:
        self._values = values
        self.shape, self.device = tuple(values.shape), values.device
        self.bytes = values.numel() * values.element_size()
        self.turned: torch.Tensor | None = None

    def pack_turned(self) -> None:
        """Keep a wide copy for `product_back` as well, laid out as oneDNN likes it."""
        wide = self.rows(slice(None), torch.float32).t().contiguous()
        self.turned = torch.ops.mkldnn._reorder_linear_weight(wide)

    def rows(self, which: Which, dtype: torch.dtype) -> torch.Tensor:
        """Give some rows in a dtype; without a copy where they are a slice and in it already."""
        return self._values[which].to(dtype)

    def piece(self, which: slice, dtype: torch.dtype) -> torch.Tensor:
        """Give one of `pieces` in a dtype, for use before the next is asked for."""
        values = self._values[which]
        if values.dtype == dtype:
            return values
        return scratch(values.shape, dtype, values.device).copy_(values)

    def pieces(self, dtype: torch.dtype) -> Iterator[slice]:
        """Cut the rows into pieces to compute with; all at once where nothing is widened.

        In float32 there are always the same pieces, so that sums are the same for any storage.
        """
        whole = dtype != torch.float32 and self._values.dtype == dtype
        return _pieces(self.shape, whole=whole)


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
        for rows in _pieces(self.shape, whole=False):
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
        return _pieces(self.shape, whole=False)


Matrix: TypeAlias = Plain | Quantised


def product(x: torch.Tensor, matrix: Matrix) -> torch.Tensor:
    """Compute ``x·Wᵀ``, (rows, inputs) to (rows, outputs)."""
    first, *others = matrix.pieces(x.dtype)
    if not others:
        return linear(x, matrix.piece(first, x.dtype))
    y = x.new_empty(len(x), matrix.shape[0])
    for rows in (first, *others):
        y[:, rows] = linear(x, matrix.piece(rows, x.dtype))
    return y


def product_back(gradient: torch.Tensor, matrix: Matrix) -> torch.Tensor:
    """Compute ``gradient·W``, (rows, outputs) to (rows, inputs), summed in float32."""
    if isinstance(matrix, Plain) and matrix.turned is not None:
        return linear(gradient, matrix.turned)
    first, *others = matrix.pieces(gradient.dtype)
    if not others:
        return linear(gradient, matrix.piece(first, gradient.dtype).t())
    total = linear(gradient[:, first], matrix.piece(first, gradient.dtype).t()).float()
    for rows in others:
        total += linear(gradient[:, rows], matrix.piece(rows, gradient.dtype).t())
    return total.to(gradient.dtype)


def product_back_of(gradient: torch.Tensor, matrix: Matrix, columns: torch.Tensor) -> torch.Tensor:
    """Compute what `product_back` does where only some columns of a gradient are not zero.

    Early in training tens of thousands of tokens are probable. Their rows of the embedding are
    never held at once.

    Args:
        gradient: These columns of it, (rows, columns).
        matrix: (outputs, inputs)
        columns: Which of the outputs they are.
    """
    total = gradient.new_zeros((len(gradient), matrix.shape[1]), dtype=torch.float32)
    step = max(1, _PIECE // matrix.shape[1])
    for start in range(0, len(columns), step):
        chosen = slice(start, start + step)
        rows = matrix.rows(columns[chosen], gradient.dtype)
        total += linear(gradient[:, chosen], rows.t())
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


def give_back(tensor: torch.Tensor) -> None:
    """Hand the memory of a tensor that nobody needs any more back to the system.

    One that is mapped from a file would otherwise count until the whole file is let go of.
    """
    page = mmap.PAGESIZE
    first = tensor.data_ptr() + page - 1 & -page
    last = tensor.data_ptr() + tensor.numel() * tensor.element_size() & -page
    if tensor.device.type == "cpu" and last > first:
        with contextlib.suppress(AttributeError, OSError):  # another C library has no madvise
            arguments = ctypes.c_void_p(first), ctypes.c_size_t(last - first)
            ctypes.CDLL(None).madvise(*arguments, mmap.MADV_DONTNEED)


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


def _pieces(shape: tuple[int, ...], *, whole: bool) -> Iterator[slice]:
    outputs, inputs = shape
    step = outputs if whole else max(1, _PIECE // inputs)
    return (slice(start, min(start + step, outputs)) for start in range(0, outputs, step))


def _pack(values: torch.Tensor) -> torch.Tensor:
    """Put the halves of each group into the low and the high four bits of its bytes."""
    low, high = values.add_(8).to(torch.uint8).chunk(2, dim=-1)
    return low | (high << 4)


def _unpack(values: torch.Tensor) -> torch.Tensor:
    return torch.cat([values & 15, values >> 4], dim=-1).to(torch.int8).sub_(8)
