"""The whole job: numerals, base, adapter; score, train, score; save.

`finetune` reads like its own summary. Nothing here prints: who wants to follow a run is handed
events.
"""

import json
import math
import resource
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any, TypeAlias

from getalwoord.adapter import WEIGHTS, Adapter
from getalwoord.data.examples import Example
from getalwoord.data.jsonl import read_examples
from getalwoord.data.parts import Parts, draw_parts, read_parts, split_pairs, write_parts
from getalwoord.errors import InputError
from getalwoord.evaluation.plots import Curve, plot_run
from getalwoord.files import disk_error
from getalwoord.models import keras
from getalwoord.models.answer_head import answer_model, token_model
from getalwoord.models.bases import Base, load_base
from getalwoord.models.decoder import Decoder
from getalwoord.models.device import choose_dtype
from getalwoord.models.low_rank import attach
from getalwoord.reading.decode import Answerer
from getalwoord.recipe import Recipe
from getalwoord.training.batches import Encoded, encode
from getalwoord.training.checkpoints import CHECKPOINT
from getalwoord.training.loop import Outcome, Step, fit
from getalwoord.training.scoring import exact_matches

RECIPE, METRICS, PLOT = "recipe.toml", "metrics.jsonl", "training.png"

_SHOWN = 5  # answers that are shown before and after


@dataclass(frozen=True, slots=True)
class Prepared:
    """Model and data are ready; nothing is measured yet."""

    model: keras.Model
    base: Base
    dtype: str
    dtype_reason: str
    parts: Parts
    trainable_parameters: int
    total_parameters: int
    weight_bytes: int


@dataclass(frozen=True, slots=True)
class Scored:
    """Exact match on the test numerals was measured.

    Attributes:
        after: False before training, True after it.
        right: How many of `total` greedy answers were wholly right.
        total: All test examples.
        shown: A few of them with the answer that was given.
        groups: By kind, and by form: right and total.
    """

    after: bool
    right: int
    total: int
    shown: Sequence[tuple[Example, str]]
    groups: Mapping[str, tuple[int, int]]

    @property
    def exact_match(self) -> float:
        """Share of answers that were wholly right."""
        return self.right / self.total


Event: TypeAlias = Prepared | Scored | Step


@dataclass(frozen=True, slots=True)
class Result:
    """What a run came to; `summary` is what `train --json` prints."""

    folder: Path
    adapter: Adapter
    before: Scored
    after: Scored
    outcome: Outcome
    summary: dict[str, Any]


def finetune(
    recipe: Recipe,
    folder: Path | str,
    *,
    data: Path | None = None,
    resume: bool = False,
    overwrite: bool = False,
    on_event: Callable[[Event], None] = lambda event: None,
    callbacks: Sequence[keras.callbacks.Callback] = (),
) -> Result:
    """Fine-tune a base by a recipe, and measure it on unseen numerals before and after.

    Args:
        recipe: Everything that decides the run.
        folder: Holds the run afterwards: adapter, recipe, data, metrics and plot.
        data: Pairs of one's own to train on, JSON Lines; None for generated numerals.
        resume: Go on from where a run in `folder` stopped; with no run there, start one.
        overwrite: Replace a run in `folder`.
        on_event: Told of all that happens.
        callbacks: Further Keras callbacks for `fit`.

    Raises:
        InputError: The recipe, data, base or folder cannot be used; the message says why.
        TrainingError: Training diverged.
    """
    began, folder = time.perf_counter(), Path(folder)
    resuming = _open_run(folder, recipe, resume=resume, overwrite=overwrite)
    parts = _parts(recipe, data, folder if resuming else None)
    dtype = choose_dtype(recipe.dtype)
    base = load_base(recipe.base, dtype=dtype.value)
    training, validation, test = (
        encode(
            examples,
            base.tokenizer,
            template=recipe.template,
            sequence_length=recipe.sequence_length,
            source=data,
        )
        for examples in (parts.train, parts.validation, parts.test)
    )
    projections = attach(
        base.backbone,
        rank=recipe.rank,
        alpha=recipe.scale_alpha,
        target_modules=recipe.target_modules,
        seed=recipe.seed,
    )
    model = answer_model(base.backbone)
    tokens = token_model(model)
    if not resuming:
        _write_run(folder, recipe, parts)
    trainable = sum(math.prod(variable.shape) for variable in model.trainable_variables)
    on_event(
        Prepared(
            model,
            base,
            dtype.value,
            dtype.reason,
            parts,
            trainable_parameters=trainable,
            total_parameters=model.count_params(),
            weight_bytes=sum(
                math.prod(variable.shape) * (2 if variable.dtype == "bfloat16" else 4)
                for variable in model.variables
            ),
        )
    )
    before = _score(tokens, base, recipe, parts.test, test, after=False)
    on_event(before)
    startup = time.perf_counter() - began

    def on_step(step: Step) -> None:
        _append(folder / METRICS, asdict(step))
        on_event(step)

    outcome = fit(
        model,
        training,
        validation,
        recipe,
        folder=folder,
        resume=resuming and (folder / CHECKPOINT).is_file(),
        on_step=on_step,
        callbacks=callbacks,
    )
    after = _score(tokens, base, recipe, parts.test, test, after=True)
    summary = {
        "em_before": before.exact_match,
        "em_after": after.exact_match,
        "em_by_group": {name: right / total for name, (right, total) in after.groups.items()},
        "test_examples": after.total,
        "training_pairs": len(parts.train),
        "examples_per_second": outcome.progress.examples_per_second,
        "examples_seen": outcome.progress.examples,
        "seconds": outcome.progress.seconds,
        "seconds_to_first_step": startup,
        "peak_memory_bytes": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024,
        "trainable_parameters": trainable,
        "interrupted": outcome.interrupted,
    }
    adapter = replace(Adapter.of(projections, recipe, base), scores=summary)
    if outcome.trained or not (folder / WEIGHTS).is_file():
        adapter.save(folder)
        plot_run(folder / PLOT, f"{recipe.base}, rank {recipe.rank}", _curve(folder / METRICS))
    on_event(after)
    return Result(folder, adapter, before, after, outcome, summary)


def _open_run(folder: Path, recipe: Recipe, *, resume: bool, overwrite: bool) -> bool:
    """Make the folder ready, and tell whether a run in it is to be gone on with."""
    saved = folder / RECIPE
    try:
        holds_run = saved.exists()
        if folder.exists() and not folder.is_dir():
            raise InputError(f"{folder} is a file: give a folder with --out")
    except OSError as error:
        raise disk_error(folder, error, "use") from error
    if not holds_run:
        return False
    if overwrite:
        return False
    if not resume:
        raise InputError(
            f"{folder} holds a run already: use --resume to go on with it, --overwrite to replace "
            "it, or another --out"
        )
    if Recipe.load(saved) != recipe:
        raise InputError(
            f"{saved} differs from the recipe asked for: resume with the same settings, or use "
            "another --out"
        )
    return True


def _write_run(folder: Path, recipe: Recipe, parts: Parts) -> None:
    """Begin a run; of one that is replaced, what would be taken for the new run's goes."""
    try:
        for name in (METRICS, CHECKPOINT, WEIGHTS, PLOT):
            (folder / name).unlink(missing_ok=True)
    except OSError as error:
        raise disk_error(folder, error, "write") from error
    write_parts(folder, parts)
    recipe.save(folder / RECIPE)


def _parts(recipe: Recipe, data: Path | None, resumed: Path | None) -> Parts:
    if resumed is not None:
        return read_parts(resumed)
    if data is not None:
        return split_pairs(
            read_examples(data), validation=recipe.validation, test=recipe.test, seed=recipe.seed
        )
    return draw_parts(**recipe.drawing)


def _score(
    tokens: keras.Model,
    base: Base,
    recipe: Recipe,
    examples: Sequence[Example],
    encoded: Sequence[Encoded],
    *,
    after: bool,
) -> Scored:
    hits = exact_matches(tokens, encoded)
    shown = examples[:_SHOWN]
    answerer = Answerer(
        Decoder(base.backbone),
        base.tokenizer,
        recipe.template,
        # One more than any right answer has: an answer that is cut never looks right.
        max_new_tokens=max(len(item.answer) for item in encoded) + 1,
    )
    answers = [answer.text for answer in answerer.answer([one.instruction for one in shown])]
    groups: dict[str, tuple[int, int]] = {}
    for example, hit in zip(examples, hits, strict=True):
        for name in (example.kind, example.form):
            right, total = groups.get(name, (0, 0))
            groups[name] = (right + hit, total + 1)
    return Scored(after, sum(hits), len(encoded), list(zip(shown, answers, strict=True)), groups)


def _append(path: Path, record: dict[str, Any]) -> None:
    try:
        with path.open("a", encoding="utf-8") as file:
            file.write(json.dumps(record) + "\n")
    except OSError as error:
        raise disk_error(path, error, "write") from error


def _curve(path: Path) -> list[Curve]:
    """Read the steps of a run; where it was resumed, a step counts as last written."""
    if not path.is_file():
        return []
    records = map(json.loads, path.read_text(encoding="utf-8").splitlines())
    return [step for _, step in sorted({record["step"]: record for record in records}.items())]
