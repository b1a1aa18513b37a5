"""All that a run is made of: data, base, updates and model, new or as a checkpoint has them."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from getalwoord.adapter import Adapter
from getalwoord.data.examples import Example
from getalwoord.data.jsonl import as_lines, read_examples
from getalwoord.data.parts import Parts, draw_parts, read_parts, split_pairs
from getalwoord.errors import InputError
from getalwoord.models import keras
from getalwoord.models.answer_model import answer_model, token_model
from getalwoord.models.bases import Base, load_base
from getalwoord.models.device import Choice, choose_dtype
from getalwoord.models.low_rank import LowRankProjection, Target, attach_for
from getalwoord.models.memory import resident_bytes
from getalwoord.recipe import Recipe
from getalwoord.training.batches import encode
from getalwoord.training.checkpoints import Checkpoint, load_checkpoint
from getalwoord.training.layout import Encoded


@dataclass(frozen=True, slots=True)
class Ready:
    """All that a run is made of.

    Attributes:
        process: What the process held when its pairs were there and its base was not, in bytes. To
            draw many pairs of all kinds the grammar comes to hold hundreds of megabytes.
        made_of: SHA-256 of base and training pairs, by `checkpoints.MADE_OF`.
        tokens: A model that gives the most probable tokens in place of the logits.
    """

    process: int
    parts: Parts
    checkpoint: Checkpoint | None
    made_of: Mapping[str, str]
    dtype: Choice
    base: Base
    training: Sequence[Encoded]
    validation: Sequence[Encoded]
    test: Sequence[Encoded]
    projections: dict[Target, LowRankProjection]
    model: keras.Model
    tokens: keras.Model


def make_ready(recipe: Recipe, folder: Path, data: Path | None, *, resuming: bool) -> Ready:
    """Draw or read the data, load the base, and attach the updates.

    Args:
        recipe: Everything that decides the run.
        folder: Of the run.
        data: Pairs of one's own to train on; None for generated numerals, or for those there.
        resuming: Whether the folder holds the data, and a checkpoint to go on from.

    Raises:
        InputError: The recipe, data or base cannot be used; the message says why.
    """
    if recipe.gradient_accumulation > 1 and keras.backend.backend() != "torch":
        raise InputError(
            f"gradients are accumulated on torch only, and the backend is "
            f"{keras.backend.backend()}: set KERAS_BACKEND=torch, or gradient_accumulation to 1"
        )
    parts = _parts(recipe, data, folder if resuming else None)
    process = resident_bytes()
    checkpoint = load_checkpoint(folder) if resuming else None
    # What auto measures may be another dtype at another time.
    dtype = choose_dtype(recipe.dtype)
    if checkpoint is not None and recipe.dtype == "auto":
        dtype = Choice(checkpoint.computed["dtype"], "as the run began")
    base = load_base(recipe.base, dtype=dtype.value, narrow=True, quantize=recipe.quantize)
    made_of = {"base_sha256": base.sha256, "pairs_sha256": _sha256(parts.train)}
    if checkpoint is not None:
        checkpoint.check(made_of)
    training, validation, test = (
        encode(
            examples,
            base.tokenizer,
            template=recipe.template,
            sequence_length=recipe.sequence_length,
            source=data,
            cut=cut,
            seed=recipe.seed,
        )
        for examples, cut in (
            (parts.train, recipe.subword_cuts),
            (parts.validation, 0.0),
            (parts.test, 0.0),
        )
    )
    projections = _projections(base, recipe, folder)
    model = answer_model(base.backbone, recompute=recipe.gradient_checkpointing)
    return Ready(
        process,
        parts,
        checkpoint,
        made_of,
        dtype,
        base,
        training,
        validation,
        test,
        projections,
        model,
        token_model(model),
    )


def _parts(recipe: Recipe, data: Path | None, resumed: Path | None) -> Parts:
    if resumed is not None:
        return read_parts(resumed)
    if data is not None:
        return split_pairs(
            read_examples(data), validation=recipe.validation, test=recipe.test, seed=recipe.seed
        )
    return draw_parts(**recipe.drawing)


def _sha256(pairs: Sequence[Example]) -> str:
    return hashlib.sha256(as_lines(pairs).encode()).hexdigest()


def _projections(base: Base, recipe: Recipe, folder: Path) -> dict[Target, LowRankProjection]:
    """Give the base its updates: new ones, or those of the adapter to start from."""
    if recipe.start_from is None:
        return attach_for(base.backbone, recipe)
    start = Adapter.load(Path(recipe.start_from))
    if Path(recipe.start_from).resolve() == folder.resolve():
        raise InputError(f"{folder} holds the adapter to start from: use another --out")
    for name in ("rank", "scale_alpha", "target_modules", "first_block"):
        asked, there = getattr(recipe, name), getattr(start.recipe, name)
        if asked != there:
            raise InputError(
                f"the adapter to start from, {recipe.start_from}, has "
                f"{name.removeprefix('scale_')} {there}, the recipe asks for {asked}: ask for the "
                "same"
            )
    return start.apply(base)
