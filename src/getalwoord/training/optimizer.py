"""AdamW, what does not decay, and the schedule of the learning rate."""

import math
from collections.abc import Sequence
from typing import Any, NamedTuple

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


class _Group(NamedTuple):
    """Variables that decay, or do not: which of all, and their tensors, which are written to."""

    decays: bool
    places: list[int]
    values: list[Any]
    momentums: list[Any]
    velocities: list[Any]


class _AdamW(keras.optimizers.AdamW):
    """Keras's AdamW, which torch takes in one go: 10 ms for the base's 252 matrices and not 30."""

    # The ids of variables, all of which the optimizer was built with and holds, and their groups;
    # what else refers to a variable here is saved with the optimizer.
    _of: tuple[list[int], list[_Group]] = ([], [])

    def apply(self, gradients: Sequence[Any], variables: Sequence[Any] | None = None) -> None:
        if variables is None or keras.backend.backend() != "torch":
            super().apply(gradients, variables)
            return
        import torch
        from torch.optim.adamw import adamw

        if not self.built:
            self.build(variables)
        if self._of[0] != (ids := [*map(id, variables)]):
            self._of = ids, self._groups(variables)
        if self.global_clipnorm is not None:
            norm = max(float(torch.nn.utils.get_total_norm(gradients)), self.global_clipnorm)
            gradients = torch._foreach_mul(list(gradients), self.global_clipnorm / norm)
        done = int(self.iterations)
        for group in self._of[1]:
            adamw(
                group.values,
                [gradients[place] for place in group.places],
                group.momentums,
                group.velocities,
                [],
                list(torch.full((len(group.places),), float(done)).unbind()),
                fused=True,
                amsgrad=False,
                beta1=self.beta_1,
                beta2=self.beta_2,
                lr=float(self.learning_rate),
                weight_decay=self.weight_decay if group.decays else 0.0,
                # Keras adds it before what corrects the second moment's bias, torch after it.
                eps=self.epsilon / math.sqrt(1 - self.beta_2 ** (done + 1)),
                maximize=False,
            )
        self.iterations.assign_add(1)

    def _groups(self, variables: Sequence[Any]) -> list[_Group]:
        """Find the tensors of all variables, which Keras takes 10 µs for each time it is asked."""
        by_decay: dict[bool, list[int]] = {}
        for place, variable in enumerate(variables):
            by_decay.setdefault(self._use_weight_decay(variable), []).append(place)
        groups = []
        for decays, places in by_decay.items():
            own = [self._get_variable_index(variables[place]) for place in places]
            groups.append(
                _Group(
                    decays,
                    places,
                    [variables[place].value for place in places],
                    [self._momentums[index].value for index in own],
                    [self._velocities[index].value for index in own],
                )
            )
        return groups


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
