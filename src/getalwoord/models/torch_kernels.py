"""Norms, rotation, attention and the head on torch, where Keras's operations cost too much.

Their gradients leave out all that is frozen. The plain ways, which these must equal, are in
KerasHub. A frozen matrix is widened anew in the backward pass, rather than kept wide until then.
"""

import functools
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
    """``x / √(mean(x²) + ε) · factor`` of float32 in a dtype, without a gradient for the factor."""

    @staticmethod
    def forward(
        context: Any, x: torch.Tensor, factor: torch.Tensor, epsilon: float, dtype: torch.dtype
    ) -> torch.Tensor:
        found, inverse = normed(x, epsilon)
        context.save_for_backward(found, inverse, factor)
        return (found * factor).to(dtype)

    @staticmethod
    def backward(context: Any, upstream: torch.Tensor) -> tuple[torch.Tensor, None, None, None]:
        found, inverse, factor = context.saved_tensors
        return norm_back(upstream * factor, found, inverse), None, None, None


def normed(x: torch.Tensor, epsilon: float) -> tuple[torch.Tensor, torch.Tensor]:
    """Give ``x / √(mean(x²) + ε)`` of float32, (…, size), and what x was multiplied by, (…, 1)."""
    inverse = inverse_root_mean_square(x, epsilon)
    return x * inverse, inverse


def norm_back(
    gradient: torch.Tensor,
    found: torch.Tensor,
    inverse: torch.Tensor,
    *,
    onto: torch.Tensor | None = None,
) -> torch.Tensor:
    """Give the gradient of what was normed, from that of what `normed` found of it.

    Args:
        gradient: It may be overwritten.
        found: By `normed`.
        inverse: From there, too.
        onto: What it is added to.
    """
    along = (gradient * found).sum(dim=-1, keepdim=True)
    gradient.addcmul_(found, along, value=-1 / found.shape[-1])
    return gradient.mul_(inverse) if onto is None else torch.addcmul(onto, gradient, inverse)


def inverse_root_mean_square(x: torch.Tensor, epsilon: float) -> torch.Tensor:
    """Compute ``1 / √(mean(x²) + ε)`` of float32, (…, size) to (…, 1)."""
    length = torch.linalg.vector_norm(x, dim=-1, keepdim=True)
    added = _number(epsilon, x.device)
    return torch.addcmul(added, length, length, value=1 / x.shape[-1]).rsqrt_()


@functools.cache
def _number(value: float, device: torch.device) -> torch.Tensor:
    return torch.tensor(value, device=device)


def turned(
    x: torch.Tensor, cosine: torch.Tensor, sine: torch.Tensor, *, back: bool = False
) -> torch.Tensor:
    """Turn each pair by its angle.

    Args:
        x: (…, size)
        cosine: Of the angles, (…, size / 2).
        sine: Of them, too.
        back: Turn it the other way.
    """
    first, second = x.chunk(2, dim=-1)
    sign = -1 if back else 1
    return torch.cat(
        [
            (first * cosine).addcmul_(second, sine, value=-sign),
            (second * cosine).addcmul_(first, sine, value=sign),
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
    if cap is None:
        mixed = functional.scaled_dot_product_attention(
            query, keys, values, attn_mask=mask, scale=scale
        )
    else:  # torch's kernel knows no cap
        logits = (query * scale) @ keys.transpose(-1, -2)
        logits = (logits / cap).tanh() * cap
        shares = (logits.float() + mask).softmax(dim=-1)
        mixed = shares.to(query.dtype) @ values
    mixed = mixed.view(rows, groups, tokens, -1, size).transpose(1, 2)
    return mixed.reshape(rows * tokens, heads * size)


# torch types neither the functions' results nor `apply` itself.
logits: Callable[..., Any] = _Logits.apply
root_mean_square_norm: Callable[..., Any] = _RootMeanSquareNorm.apply
