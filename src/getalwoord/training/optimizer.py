"""AdamW, what does not decay, and the schedule of the learning rate."""

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
    optimizer = keras.optimizers.AdamW(
        learning_rate=_schedule(learning_rate, schedule, warmup_steps, total_steps),
        weight_decay=weight_decay,
        global_clipnorm=clip_norm,
    )
    optimizer.exclude_from_weight_decay(var_names=["bias", "scale"])
    return optimizer


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
