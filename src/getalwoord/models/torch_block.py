"""A decoder block of a Gemma on torch, with low-rank updates, as one function with its way back.

On a CPU a training step of a small Gemma is thousands of small operations beside its products. So
a block is one node of autograd: projections of one input are one product with W, A and B each,
tokens go from block to block in float32, queries and keys are normalised and turned together, and
nothing is made for what is frozen. What it must equal are KerasHub's blocks with the projections
of `low_rank`.
"""

from collections.abc import Callable
from typing import Any

import torch
from torch.nn import functional

from getalwoord.models.torch_kernels import norm_back, normed, turned
from getalwoord.models.torch_weights import (
    ATTENTION,
    DOWN,
    GATED,
    OUTPUT,
    Group,
    Updates,
    Weights,
)


class _Pass:
    """A way through a block, and back.

    Shapes:
        mask: (rows, 1, tokens · heads of a group, tokens), to be added to logits
        angles: (rows, tokens, 1, size), float32, sines behind cosines
        positions: (answers,), the tokens that are asked for, flat; None for all
    """

    def __init__(
        self,
        weights: Weights,
        updates: Updates | None,
        angles: torch.Tensor,
        positions: torch.Tensor | None,
    ) -> None:
        self.weights, self.updates = weights, updates
        self.angles, self.positions = angles, positions
        self.kept: dict[str, torch.Tensor] = {}  # for the way back

    def forward(self, x: torch.Tensor, mask: torch.Tensor) -> torch.Tensor:
        """Go through the block, (rows · tokens, width) float32 to the same, or (answers, width)."""
        kept = self.kept
        mixed = self._attention(self._before(x, "attention"), mask)
        if self.positions is not None:
            x, mixed = (part.index_select(0, self.positions) for part in (x, mixed))
        kept["mixed"] = mixed
        attended = self._project(mixed, OUTPUT)
        x = self._after(x, attended, "attention")
        kept["both"] = self._project(self._before(x, "feedforward"), GATED)
        gate, up = kept["both"].chunk(2, dim=1)
        opened = kept["opened"] = functional.gelu(gate, approximate="tanh")
        gated = kept["gated"] = opened * up
        fed = self._project(gated, DOWN)
        return self._after(x, fed, "feedforward")

    def backward(self, gradient: torch.Tensor, *, is_asked_for: bool) -> torch.Tensor | None:
        """Go back, and give the gradient of what the block was given, if it is asked for."""
        kept = self.kept
        gated = self._project_back(self._after_back(gradient, "feedforward"), DOWN, kept["gated"])
        inner = self._project_back(self._gated_back(gated), GATED, kept["feedforward"])
        gradient = self._before_back(gradient, inner, "feedforward")
        attended = self._after_back(gradient, "attention")
        mixed = self._project_back(attended, OUTPUT, kept["mixed"])
        if self.positions is not None:
            # A token may be asked for by several texts.
            tokens = len(kept["attention"])
            gradient, mixed = (
                part.new_zeros(tokens, part.shape[1]).index_add_(0, self.positions, part)
                for part in (gradient, mixed)
            )
        asking = self._attention_back(mixed)
        if not is_asked_for:
            self._update_gradients(asking, ATTENTION, kept["attention"])
            return None
        inner = self._project_back(asking, ATTENTION, kept["attention"])
        return self._before_back(gradient, inner, "attention")

    def _gated_back(self, gradient: torch.Tensor) -> torch.Tensor:
        """Give the gradient of gate and up, one beside the other."""
        gate, up = self.kept["both"].chunk(2, dim=1)
        found = torch.empty_like(self.kept["both"])
        of_gate, of_up = found.chunk(2, dim=1)
        torch.mul(gradient, self.kept["opened"], out=of_up)
        torch.ops.aten.gelu_backward.grad_input(
            gradient.mul_(up), gate, approximate="tanh", grad_input=of_gate
        )
        return found

    def _before(self, x: torch.Tensor, name: str) -> torch.Tensor:
        kept = self.kept
        kept[f"normed {name}"], kept[f"inverse {name}"] = normed(x, self.weights.settings.epsilon)
        wide = kept[f"normed {name}"] * self.weights.factors[f"before_{name}"]
        kept[name] = wide.to(self.weights.dtype)
        return kept[name]

    def _before_back(self, around: torch.Tensor, gradient: torch.Tensor, name: str) -> torch.Tensor:
        """Give the gradient of x by both ways: around a half of the block and through it."""
        kept, factor = self.kept, self.weights.factors[f"before_{name}"]
        through = gradient * factor
        return norm_back(through, kept[f"normed {name}"], kept[f"inverse {name}"], onto=around)

    def _after(self, x: torch.Tensor, y: torch.Tensor, name: str) -> torch.Tensor:
        factor, name = self.weights.factors.get(f"after_{name}"), f"after {name}"
        if factor is None:
            return x + y
        found, self.kept[f"inverse {name}"] = normed(y.float(), self.weights.settings.epsilon)
        self.kept[f"normed {name}"] = found
        return torch.addcmul(x, found, factor)

    def _after_back(self, gradient: torch.Tensor, name: str) -> torch.Tensor:
        factor, name = self.weights.factors.get(f"after_{name}"), f"after {name}"
        if factor is not None:
            found, inverse = self.kept[f"normed {name}"], self.kept[f"inverse {name}"]
            gradient = norm_back(gradient * factor, found, inverse)
        return gradient.to(self.weights.dtype)

    def _project(self, x: torch.Tensor, group: Group) -> torch.Tensor:
        """Compute ``x·Wᵀ + scale · (x·Aᵀ)·Bᵀ`` for all modules of a group, one beside the other."""
        y = self.weights.matrices[group].product(x)
        if self.updates is not None and group in self.updates.a:
            inner = self.kept[f"inner {group}"] = self.updates.a[group] @ x.t()
            y.addmm_(inner.t(), self.updates.b[group])
        return y

    def _project_back(self, gradient: torch.Tensor, group: Group, x: torch.Tensor) -> torch.Tensor:
        inner_gradient = self._update_gradients(gradient, group, x)
        found = self.weights.matrices[group].product_back(gradient)
        if self.updates is not None and inner_gradient is not None:
            found.addmm_(inner_gradient.t(), self.updates.a[group])
        return found

    def _update_gradients(
        self, gradient: torch.Tensor, group: Group, x: torch.Tensor
    ) -> torch.Tensor | None:
        """Note the gradients of A and B; gives that of ``A·xᵀ``."""
        updates = self.updates
        if updates is None or group not in updates.a:
            return None
        # What is large is on the right, where oneDNN takes two thirds of the time.
        torch.mm(self.kept[f"inner {group}"], gradient, out=updates.b_gradients[group])
        inner_gradient = updates.b[group] @ gradient.t()
        torch.mm(inner_gradient, x, out=updates.a_gradients[group])
        return inner_gradient

    def _attention(self, x: torch.Tensor, mask: torch.Tensor) -> torch.Tensor:
        """Attend with grouped queries, (rows · tokens, width) to (rows · tokens, heads · size)."""
        kept, settings, dtype = self.kept, self.weights.settings, self.weights.dtype
        heads, groups, size = settings.heads, settings.groups, settings.size
        parts = self._project(x, ATTENTION).view(len(x), heads + 2 * groups, size)
        both, value = parts[:, : heads + groups], parts[:, heads + groups :]
        both = both.float()
        if self.weights.norms_heads:
            both, kept["inverse heads"] = normed(both, settings.epsilon)
            kept["normed heads"] = both
        both = turned(both * self.weights.factors["heads"], *self._angles())
        # The heads of a group are so many more tokens that ask for the same keys.
        query = self._by_group(both[:, :heads].to(dtype))
        keys, values = (self._by_group(part.to(dtype)) for part in (both[:, heads:], value))
        logits = _times(query, keys.transpose(1, 2))
        if settings.attention_cap is not None:
            kept["capped"] = logits.div_(settings.attention_cap).tanh_()
            logits = kept["capped"] * settings.attention_cap
        logits.view(mask.shape[0], -1, *mask.shape[2:]).add_(mask)
        # In float32: rounded, a share of almost 1 would have no gradient.
        shares = logits.softmax(dim=-1, dtype=torch.float32)
        kept |= {"query": query, "keys": keys, "values": values, "shares": shares}
        return self._by_token(_times(shares.to(dtype), values)).reshape(len(x), -1)

    def _attention_back(self, gradient: torch.Tensor) -> torch.Tensor:
        """Give the gradient of queries, keys and values, (rows · tokens, outputs of the group)."""
        kept, settings, dtype = self.kept, self.weights.settings, self.weights.dtype
        query, keys, values, shares = (kept[name] for name in ("query", "keys", "values", "shares"))
        gradient = self._by_group(gradient)
        of_shares = _times(gradient, values.transpose(1, 2)).float()
        of_logits = torch.ops.aten._softmax_backward_data(of_shares, shares, -1, torch.float32)
        of_logits = of_logits.to(dtype)
        if settings.attention_cap is not None:
            of_logits = of_logits * (1 - kept["capped"].square())
        heads, groups, size = settings.heads, settings.groups, settings.size
        tokens, device = len(kept["attention"]), gradient.device
        both = torch.empty(tokens, heads + groups, size, device=device)
        both[:, :heads] = self._by_token(_times(of_logits, keys))
        both[:, heads:] = self._by_token(_times(of_logits.transpose(1, 2), query))
        both = turned(both, *self._angles(), back=True).mul_(self.weights.factors["heads"])
        if self.weights.norms_heads:
            both = norm_back(both, kept["normed heads"], kept["inverse heads"])
        found = torch.empty(tokens, heads + 2 * groups, size, device=device, dtype=dtype)
        found[:, : heads + groups] = both
        found[:, heads + groups :] = self._by_token(
            _times(shares.to(dtype).transpose(1, 2), gradient)
        )
        return found.flatten(1)

    def _angles(self) -> tuple[torch.Tensor, ...]:
        return self.angles.flatten(0, 1).chunk(2, dim=-1)

    def _by_group(self, x: torch.Tensor) -> torch.Tensor:
        """Lay (rows · tokens, heads, size) out as (rows · groups, tokens · heads, size)."""
        rows, tokens = self.angles.shape[:2]
        groups, size = self.weights.settings.groups, self.weights.settings.size
        parts = x.reshape(rows, tokens, groups, -1, size).transpose(1, 2)
        return parts.reshape(rows * groups, -1, size)

    def _by_token(self, x: torch.Tensor) -> torch.Tensor:
        """Lay (rows · groups, tokens · heads, size) out as (rows · tokens, heads, size)."""
        rows, tokens = self.angles.shape[:2]
        groups, size = self.weights.settings.groups, self.weights.settings.size
        parts = x.view(rows, groups, tokens, -1, size).transpose(1, 2)
        return parts.reshape(rows * tokens, -1, size)


def _times(x: torch.Tensor, y: torch.Tensor) -> torch.Tensor:
    """Multiply matrices, (number, …, …) each; of a single one torch's `bmm` copies more."""
    return (x[0] @ y[0])[None] if len(x) == 1 else x @ y


class _Block(torch.autograd.Function):
    @staticmethod
    def forward(
        context: Any,
        x: torch.Tensor,
        values: torch.Tensor | None,
        updates: Updates | None,
        weights: Weights,
        mask: torch.Tensor,
        angles: torch.Tensor,
        positions: torch.Tensor | None,
    ) -> torch.Tensor:
        """Go through a block, (rows, tokens, width) float32; see `_Pass`.

        What is trained is `values` of the updates, and given to autograd apart.
        """
        if updates is not None:
            updates.rounded()
        way = _Pass(weights, updates, angles, positions)
        y = way.forward(x.flatten(0, 1), mask)
        context.way, context.names, context.shape = way, tuple(way.kept), x.shape
        context.save_for_backward(*way.kept.values())
        way.kept = {}  # autograd keeps them, or not
        return y.view(x.shape) if positions is None else y

    @staticmethod
    def backward(context: Any, upstream: torch.Tensor) -> tuple[torch.Tensor | None, ...]:
        way: _Pass = context.way
        way.kept = dict(zip(context.names, context.saved_tensors, strict=True))
        is_asked_for = context.needs_input_grad[0]
        gradient = way.backward(upstream.flatten(0, -2), is_asked_for=is_asked_for)
        way.kept = {}
        if gradient is not None:
            gradient = gradient.view(context.shape)
        of_values = way.updates.gradient() if way.updates is not None else None
        return gradient, of_values, *[None] * 5


block: Callable[..., Any] = _Block.apply
