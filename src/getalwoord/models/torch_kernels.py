"""Forward and backward passes written out for torch, where Keras's operations cost too much.

On a CPU a training step of a small Gemma is some twenty thousand small operations. Each function
here does the work of a dozen of them, and its gradient leaves out all that is frozen. The plain
ways, which these must equal, are in `low_rank` and in KerasHub. A frozen matrix is widened anew
in the backward pass, rather than kept wide until then.
"""

from collections.abc import Callable
from typing import Any

import torch
from torch.nn import functional

from getalwoord.models.torch_matrices import (
    Matrix,
    capped,
    product,
    product_back,
    product_back_of,
)


class _Product(torch.autograd.Function):
    """``x·Wᵀ``, without a gradient for W."""

    @staticmethod
    def forward(context: Any, x: torch.Tensor, matrix: Matrix) -> torch.Tensor:
        context.matrix = matrix
        return product(x, matrix)

    @staticmethod
    def backward(context: Any, upstream: torch.Tensor) -> tuple[torch.Tensor, None]:
        return product_back(upstream, context.matrix), None


class _LowRank(torch.autograd.Function):
    """``x·Wᵀ + scale · (x·Aᵀ)·Bᵀ``, without a gradient for W."""

    @staticmethod
    def forward(
        context: Any,
        x: torch.Tensor,
        matrix: Matrix,
        a: torch.Tensor,
        b: torch.Tensor,
        scale: float,
    ) -> torch.Tensor:
        """Compute the projection.

        Shapes:
            x: (tokens, inputs); matrix: W, (outputs, inputs)
            a: (rank, inputs) and b: (outputs, rank), float32
        """
        narrow_a, narrow_b = a.to(x.dtype), b.to(x.dtype)
        inner = (x @ narrow_a.t()).mul_(scale)  # (tokens, rank)
        context.matrix, context.scale = matrix, scale
        context.save_for_backward(x, inner, narrow_a, narrow_b)
        return product(x, matrix).addmm_(inner, narrow_b.t())

    @staticmethod
    def backward(
        context: Any, upstream: torch.Tensor
    ) -> tuple[torch.Tensor | None, None, torch.Tensor, torch.Tensor, None]:
        x, inner, a, b = context.saved_tensors
        inner_gradient = (upstream @ b).mul_(context.scale)  # (tokens, rank)
        x_gradient = None
        if context.needs_input_grad[0]:
            x_gradient = product_back(upstream, context.matrix).addmm_(inner_gradient, a)
        a_gradient = inner_gradient.t() @ x
        # A third of the time of upstreamᵀ·inner.
        b_gradient = (inner.t() @ upstream).t()
        wide_b = b_gradient.to(torch.float32, memory_format=torch.contiguous_format)
        return x_gradient, None, a_gradient.float(), wide_b, None


class _Logits(torch.autograd.Function):
    """``x·Eᵀ`` of the tied embedding, with a soft cap where a model has one."""

    @staticmethod
    def forward(context: Any, x: torch.Tensor, matrix: Matrix, cap: float | None) -> torch.Tensor:
        y = capped(product(x, matrix), cap)
        context.matrix, context.cap = matrix, cap
        context.save_for_backward(*([] if cap is None else [y]))
        return y

    @staticmethod
    def backward(context: Any, upstream: torch.Tensor) -> tuple[torch.Tensor, None, None]:
        # A loss leaves out what is improbable, which needs no part of the embedding.
        columns = upstream.any(dim=0).nonzero()[:, 0]
        few = len(columns) <= upstream.shape[1] // 4
        upstream = upstream[:, columns] if few else upstream
        if context.cap is not None:
            (y,) = context.saved_tensors
            y = y[:, columns] if few else y
            upstream = upstream * (y / context.cap).square_().neg_().add_(1)
        if few:
            return product_back_of(upstream, context.matrix, columns), None, None
        return product_back(upstream, context.matrix), None, None


class _RootMeanSquareNorm(torch.autograd.Function):
    """``x / √(mean(x²) + ε) · (1 + scale)`` in float32, without a gradient for the scale."""

    @staticmethod
    def forward(context: Any, x: torch.Tensor, scale: torch.Tensor, epsilon: float) -> torch.Tensor:
        normed = x.to(torch.float32, copy=True)
        inverse = inverse_root_mean_square(normed, epsilon)
        normed.mul_(inverse)
        factor = scale.float() + 1
        context.save_for_backward(normed, inverse, factor)
        return (normed * factor).to(x.dtype)

    @staticmethod
    def backward(context: Any, upstream: torch.Tensor) -> tuple[torch.Tensor, None, None]:
        normed, inverse, factor = context.saved_tensors
        gradient = upstream.to(torch.float32, copy=True).mul_(factor)
        along = (gradient * normed).mean(dim=-1, keepdim=True)
        gradient.addcmul_(normed, along, value=-1).mul_(inverse)
        return gradient.to(upstream.dtype), None, None


def inverse_root_mean_square(x: torch.Tensor, epsilon: float) -> torch.Tensor:
    """Compute ``1 / √(mean(x²) + ε)`` of float32, (…, size) to (…, 1)."""
    length = torch.linalg.vector_norm(x, dim=-1, keepdim=True)
    inverse: torch.Tensor = length.square_().div_(x.shape[-1]).add_(epsilon).rsqrt_()
    return inverse


class _Rotate(torch.autograd.Function):
    """Turn each pair (x₁, x₂) by its angle; the gradient is turned back by the same."""

    @staticmethod
    def forward(
        context: Any, x: torch.Tensor, cosine: torch.Tensor, sine: torch.Tensor
    ) -> torch.Tensor:
        """Rotate.

        Shapes:
            x: (batch, tokens, heads, size), the pairs' second halves behind their first
            cosine and sine: (1, tokens, 1, size / 2)
        """
        context.angle = cosine, sine
        return turned(x, cosine, sine)

    @staticmethod
    def backward(context: Any, upstream: torch.Tensor) -> tuple[torch.Tensor, None, None]:
        cosine, sine = context.angle
        return turned(upstream, cosine, -sine), None, None


def turned(x: torch.Tensor, cosine: torch.Tensor, sine: torch.Tensor) -> torch.Tensor:
    """Turn each pair of (…, size) by its angle; cosines and sines are (…, size / 2)."""
    first, second = x.chunk(2, dim=-1)
    return torch.cat(
        [
            (first * cosine).addcmul_(second, sine, value=-1),
            (second * cosine).addcmul_(first, sine),
        ],
        dim=-1,
    )


def attend(
    query: torch.Tensor,
    keys: torch.Tensor,
    values: torch.Tensor,
    mask: torch.Tensor,
    scale: float,
    cap: float | None,
) -> torch.Tensor:
    """Attend with grouped queries.

    Shapes:
        query: (rows, tokens, heads, size)
        keys and values: (rows, groups, columns or more, size)
        mask: (rows, 1, tokens · heads of a group, columns), to be added to the logits
        result: (rows · tokens, heads · size)
    """
    rows, tokens, heads, size = query.shape
    groups, columns = keys.shape[1], mask.shape[-1]
    keys, values = keys[:, :, :columns], values[:, :, :columns]
    # The heads of a group are so many more tokens that ask for the same keys.
    query = query.reshape(rows, tokens, groups, heads // groups, size).transpose(1, 2)
    query = query.reshape(rows, groups, -1, size)
    if cap is None and not query.requires_grad:
        mixed = functional.scaled_dot_product_attention(
            query, keys, values, attn_mask=mask, scale=scale
        )
    else:  # torch's kernel has a slow backward pass
        logits = (query * scale) @ keys.transpose(-1, -2)
        logits = logits if cap is None else (logits / cap).tanh() * cap
        shares = (logits.float() + mask).softmax(dim=-1)
        mixed = shares.to(query.dtype) @ values
    mixed = mixed.view(rows, groups, tokens, -1, size).transpose(1, 2)
    return mixed.reshape(rows * tokens, heads * size)


# torch types neither the functions' results nor `apply` itself.
frozen_product: Callable[..., Any] = _Product.apply
logits: Callable[..., Any] = _Logits.apply
low_rank: Callable[..., Any] = _LowRank.apply
root_mean_square_norm: Callable[..., Any] = _RootMeanSquareNorm.apply
rotate: Callable[..., Any] = _Rotate.apply
