"""AdamW, what does not decay, and the schedule of the learning rate."""

import math
from collections.abc import Callable, Sequence
from typing import Any

from getalwoord.models import keras


def make_optimizer(
    *,
    learning_rate: float,
    schedule: str,
    warmup_steps: int,
    total_steps: int,
    weight_decay: float,
    clip_norm: float | None,
) -> keras.optimizers.Optimizer:
    """Make the optimizer of a run.

    Args:
        learning_rate: The highest that the schedule reaches.
        schedule: "cosine" falls to zero at `total_steps`, "constant" stays.
        warmup_steps: Over so many steps the rate rises from zero.
        total_steps: All steps of the run, warm-up included.
        weight_decay: Decoupled weight decay; biases and scales do not decay.
        clip_norm: Largest norm of all gradients together; None to leave them.

    Source: Loshchilov and Hutter 2019, https://arxiv.org/abs/1711.05101
    """
    optimizer = _AdamW(
        learning_rate=_schedule(learning_rate, schedule, warmup_steps, total_steps),
        weight_decay=weight_decay,
        global_clipnorm=clip_norm,
    )
    optimizer.exclude_from_weight_decay(var_names=["bias", "scale"])
    return optimizer


class _AdamW(keras.optimizers.AdamW):
    """Keras's AdamW, which torch takes in one go: 2 ms for the base's 252 matrices and not 30."""

    # Two for each of what `apply_to` is given; the variables are parts of them.
    _moments: Sequence[tuple[Any, Any]] | None = None

    def apply_to(self, updates: Sequence[Any], variables: Sequence[Any]) -> None:
        """Take a step on torch, as `apply` does.

        All of it decays: A and B are neither biases nor scales.

        Args:
            updates: All that is trained, of `models.torch_weights`, with gradients, which may be
                written to.
            variables: All that they hold, in the order of a checkpoint.
        """
        import torch
        from torch.optim.adamw import adamw

        if not self.built:
            self.build(variables)
        if self._moments is None:
            self._moments = [self._moments_of(one.variables, one.joined) for one in updates]
        values, gradients = [one.values for one in updates], [one.values.grad for one in updates]
        if self.global_clipnorm is not None:
            norm = max(float(torch.nn.utils.get_total_norm(gradients)), self.global_clipnorm)
            torch._foreach_mul_(gradients, self.global_clipnorm / norm)
        done = int(self.iterations)
        adamw(
            values,
            gradients,
            [first for first, _ in self._moments],
            [second for _, second in self._moments],
            [],
            list(values[0].new_full((len(values),), float(done)).unbind()),
            fused=True,
            amsgrad=False,
            beta1=self.beta_1,
            beta2=self.beta_2,
            lr=float(self.learning_rate),
            weight_decay=self.weight_decay,
            # Keras adds it before what corrects the second moment's bias, torch after it.
            eps=self.epsilon / math.sqrt(1 - self.beta_2 ** (done + 1)),
            maximize=False,
        )
        self.iterations.assign_add(1)

    def _moments_of(
        self, pairs: Sequence[tuple[Any, Any]], joined: Callable[[Sequence[Any]], Any]
    ) -> tuple[Any, Any]:
        """Lay the moments of A and B out as these are."""
        places = [tuple(map(self._get_variable_index, pair)) for pair in pairs]
        first, second = (
            joined([(moments[a], moments[b]) for a, b in places])
            for moments in (self._momentums, self._velocities)
        )
        return first, second


def _schedule(
    learning_rate: float, schedule: str, warmup_steps: int, total_steps: int
) -> float | keras.optimizers.schedules.LearningRateSchedule:
    falling = max(1, total_steps - warmup_steps)
    # Keras counts the steps of the fall from the end of the warm-up.
    match schedule:
        case "cosine":
            return keras.optimizers.schedules.CosineDecay(
                initial_learning_rate=0.0 if warmup_steps else learning_rate,
                decay_steps=falling,
                warmup_target=learning_rate if warmup_steps else None,
                warmup_steps=warmup_steps,
            )
        case "constant" if warmup_steps == 0:
            return learning_rate
        case "constant":
            return keras.optimizers.schedules.CosineDecay(
                initial_learning_rate=0.0,
                decay_steps=falling,
                alpha=1.0,
                warmup_target=learning_rate,
                warmup_steps=warmup_steps,
            )
    raise ValueError(f"schedule {schedule!r} is not known")
