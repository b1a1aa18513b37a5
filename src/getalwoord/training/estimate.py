"""How much memory a run will take: its recipe and its data, as `models.memory` counts them."""

import math
from collections.abc import Sequence

from getalwoord.models.bases import Base
from getalwoord.models.copies import copies_bytes, let_go_bytes
from getalwoord.models.low_rank import first_adapted
from getalwoord.models.memory import check_fits, training_bytes
from getalwoord.recipe import Recipe
from getalwoord.training.batches import Batches
from getalwoord.training.kept import kept_bytes
from getalwoord.training.layout import Encoded

# A token id and its place; two rows of them and what holds the two.
_OF_ID, _OF_EXAMPLE = 32 + 8, 144
_LAID_OUT = 16  # of the largest batches


def estimate(
    recipe: Recipe, base: Base, training: Sequence[Encoded], *, process: int, trained: int
) -> int | None:
    """Estimate the peak memory of a run, in bytes, and refuse one that does not fit.

    Args:
        recipe: Of the run.
        base: With the updates attached.
        training: What is trained on; the largest batches of the first epoch decide.
        process: What the process held before it loaded the base, pairs included, in bytes.
        trained: Trainable parameters.

    Returns:
        The estimate; None where there is none, off the torch backend or a CPU.

    Raises:
        InputError: It takes more than there is; the message says what would take less.
    """
    examples = math.ceil(min(recipe.batch_size, len(training)) / recipe.gradient_accumulation)
    longest = sorted((len(item.answer) for item in training), reverse=True)
    encoded = sum(_OF_EXAMPLE + _OF_ID * len(item) for item in training)
    rows, tokens = _largest(recipe, training)
    fixed = first_adapted(base.backbone)
    states = kept_bytes(
        training, fixed_blocks=fixed, width=base.backbone.hidden_dim, epochs=recipe.epochs
    )
    estimated = training_bytes(
        base.backbone,
        process=process + encoded + states,
        fixed_blocks=fixed,
        trained=trained,
        rows=rows,
        tokens=tokens,
        answers=sum(longest[:examples]),
        recompute=recipe.gradient_checkpointing,
        copies=copies_bytes(base.backbone) - let_go_bytes(base.backbone),
    )
    if estimated is not None:
        check_fits(estimated, _advice(recipe))
    return estimated


def _largest(recipe: Recipe, training: Sequence[Encoded]) -> tuple[int, int]:
    """Give the rows that are computed at once, and their tokens, where they are the most."""
    batches = Batches(
        training,
        batch_size=recipe.batch_size,
        seed=recipe.seed,
        parts=recipe.gradient_accumulation,
    )

    def tokens(index: int) -> int:
        return sum(len(training[number]) for number in batches.numbers(index))

    # What beginnings have in common is not known before they are laid out.
    largest = sorted(range(len(batches)), key=tokens, reverse=True)[:_LAID_OUT]
    shapes = [batches[index][0]["token_ids"].shape for index in largest]
    at_once = [(math.ceil(rows / recipe.gradient_accumulation), tokens) for rows, tokens in shapes]
    return max(at_once, key=math.prod)


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
