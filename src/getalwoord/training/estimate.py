"""How much memory a run will take: its recipe and its data, as `models.memory` counts them."""

import math
from collections.abc import Sequence

from getalwoord.models.bases import Base
from getalwoord.models.memory import check_fits, training_bytes
from getalwoord.recipe import Recipe
from getalwoord.training.batches import Encoded

# A token id and its place; two rows of them and what holds the two.
_OF_ID, _OF_EXAMPLE = 32 + 8, 144


def estimate(
    recipe: Recipe, base: Base, training: Sequence[Encoded], *, process: int, trained: int
) -> int | None:
    """Estimate the peak memory of a run, in bytes, and refuse one that does not fit.

    Args:
        recipe: Of the run.
        base: With the updates attached.
        training: What is trained on; the longest batch that there may be decides.
        process: What the process held before it loaded the base, pairs included, in bytes.
        trained: Trainable parameters.

    Returns:
        The estimate; None where there is none, off the torch backend or a CPU.

    Raises:
        InputError: It takes more than there is; the message says what would take less.
    """
    rows = math.ceil(min(recipe.batch_size, len(training)) / recipe.gradient_accumulation)
    longest = sorted((len(item.answer) for item in training), reverse=True)
    encoded = sum(_OF_EXAMPLE + _OF_ID * len(item) for item in training)
    estimated = training_bytes(
        base.backbone,
        process=process + encoded,
        trained=trained,
        rows=rows,
        tokens=max(len(item) - 1 for item in training),
        answers=sum(longest[:rows]),
        recompute=recipe.gradient_checkpointing,
    )
    if estimated is not None:
        check_fits(estimated, _advice(recipe))
    return estimated


def _advice(recipe: Recipe) -> list[str]:
    """Tell what of a recipe could be changed to take less memory."""
    ways = {
        "--quantize int8 or int4": recipe.quantize is None,
        "--gradient-checkpointing": not recipe.gradient_checkpointing,
        f"--gradient-accumulation {recipe.batch_size}": recipe.gradient_accumulation
        < recipe.batch_size,
        "a smaller base, or shorter examples": True,
    }
    return [way for way, is_open in ways.items() if is_open]
