"""What the blocks that are not trained make of the examples, computed once for all epochs."""

from collections.abc import Sequence

import numpy as np

from getalwoord.models import keras
from getalwoord.models.memory import if_small
from getalwoord.models.packing import trees
from getalwoord.training.layout import Encoded, States, alike

_AT_ONCE = 64


def kept_bytes(training: Sequence[Encoded], *, fixed_blocks: int, width: int, epochs: int) -> int:
    """Tell what the states of all examples take; 0 where none are to be kept.

    Args:
        training: The examples.
        fixed_blocks: Blocks below the first that is trained.
        width: Of a state.
        epochs: How often each example is seen.
    """
    if not fixed_blocks or epochs == 1:
        return 0
    return if_small(4 * width * sum(len(item.read) for item in training))


def kept_states(
    model: keras.Model, training: Sequence[Encoded], *, epochs: int
) -> list[States] | None:
    """Compute the states of all examples.

    In an order and in batches that the examples alone decide, so that a resumed run has the same
    ones, bit for bit.

    Args:
        model: The answer model.
        training: The examples.
        epochs: How often each is seen.

    Returns:
        For each example (tokens, width), float32; None where none are to be kept, and off torch.
    """
    if keras.backend.backend() != "torch" or not model.fixed_blocks:
        return None
    width = model.below.output.shape[-1]
    if not kept_bytes(training, fixed_blocks=model.fixed_blocks, width=width, epochs=epochs):
        return None
    states: list[States] = [np.empty((0, width), np.float32)] * len(training)
    for numbers in alike(training, _AT_ONCE):
        made = trees([training[number].read for number in numbers])
        flat = np.asarray(model.below.predict_on_batch(made.inputs)).reshape(-1, width)
        for number, path in zip(numbers, made.paths, strict=True):
            states[number] = flat[path]
    return states
