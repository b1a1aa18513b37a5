"""The whole job: numerals, base, adapter; score, train, score; save.

`finetune` reads like its own summary. Nothing here prints: who wants to follow a run is handed
events.
"""

import contextlib
import math
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from getalwoord.adapter import PEFT_CONFIG, Adapter
from getalwoord.errors import AdapterError
from getalwoord.evaluation.plots import plot_run
from getalwoord.models import keras
from getalwoord.models.memory import peak_bytes
from getalwoord.models.quantisation import weight_bytes
from getalwoord.recipe import Recipe
from getalwoord.training.checkpoints import Checkpoint, computing_with
from getalwoord.training.estimate import estimate
from getalwoord.training.event_files import EventFiles
from getalwoord.training.events import Event, Prepared, Resumed, Scored
from getalwoord.training.folder import RunFolder
from getalwoord.training.loop import CHECKPOINT_EVERY, fit
from getalwoord.training.ready import Ready, make_ready
from getalwoord.training.scoring import exact_matches, greedy_answers
from getalwoord.training.watch import Outcome, Step

PLOT = "training.png"

_SHOWN = 5  # answers that are shown before and after


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
    data: Path | str | None = None,
    resume: bool = False,
    overwrite: bool = False,
    checkpoint_every: float = CHECKPOINT_EVERY,
    tensorboard: bool = False,
    on_event: Callable[[Event], None] = lambda event: None,
    callbacks: Sequence[keras.callbacks.Callback] = (),
) -> Result:
    """Fine-tune a base by a recipe, and measure it on unseen numerals before and after.

    Args:
        recipe: Everything that decides the run.
        folder: Holds the run afterwards: adapter, recipe, data, metrics and plot.
        data: Pairs of one's own to train on, JSON Lines; None for generated numerals, and where a
            run is gone on with, which has its own.
        resume: Go on from where a run in `folder` stopped; with no run there, start one.
        overwrite: Replace a run, or a data set, in `folder`.
        checkpoint_every: Seconds between two checkpoints; one is also written at the end, and
            when the run is interrupted.
        tensorboard: Write TensorBoard event files into `folder`, too.
        on_event: Told of all that happens.
        callbacks: Further Keras callbacks for `fit`.

    Raises:
        InputError: The recipe, data, base or folder cannot be used; the message says why.
        TrainingError: Training diverged.
    """
    with contextlib.closing(RunFolder(Path(folder))) as run:
        return _finetune(
            run,
            recipe,
            Path(folder),
            data=None if data is None else Path(data),
            resume=resume,
            overwrite=overwrite,
            checkpoint_every=checkpoint_every,
            tensorboard=tensorboard,
            on_event=on_event,
            callbacks=callbacks,
        )


def _finetune(
    run: RunFolder,
    recipe: Recipe,
    folder: Path,
    *,
    data: Path | None,
    resume: bool,
    overwrite: bool,
    on_event: Callable[[Event], None],
    tensorboard: bool,
    **following: Any,
) -> Result:
    began = time.perf_counter()
    resuming = run.open(recipe, data=data, resume=resume, overwrite=overwrite)
    ready = make_ready(recipe, folder, data, resuming=resuming)
    prepared = _prepared(ready, recipe)
    if not resuming:
        run.begin(recipe, ready.parts, overwrite=overwrite)
    on_event(prepared)
    before = _score(ready, after=False)
    on_event(before)
    ready.base.tokenizer.let_go()
    startup = time.perf_counter() - began
    done = ready.checkpoint.progress.step if ready.checkpoint is not None else 0
    if resuming:
        run.go_on(done)
    if ready.checkpoint is not None:
        on_event(_resumed(ready.checkpoint, ready.model))
    with contextlib.ExitStack() as stack:
        events = None
        if tensorboard:
            events = stack.enter_context(contextlib.closing(EventFiles(folder, step=done)))

        def on_step(step: Step) -> None:
            run.append(asdict(step))
            if events is not None:
                events.add(step.step, _followed(step))
            on_event(step)

        outcome = fit(
            ready.model,
            ready.training,
            ready.validation,
            recipe,
            folder=folder,
            start=ready.checkpoint,
            made_of=ready.made_of,
            on_step=on_step,
            **following,
        )
    after = _score(ready, after=True)
    summary = _summary(prepared, before, after, outcome) | {"seconds_to_first_step": startup}
    adapter = replace(Adapter.of(ready.projections, recipe, ready.base), scores=summary)
    if not _is_saved(folder, adapter):
        run.forget_calibration()
        plot_run(folder / PLOT, f"{recipe.base}, rank {recipe.rank}", run.curve())
        adapter.save(folder)
    on_event(after)
    return Result(folder, adapter, before, after, outcome, summary)


def _prepared(ready: Ready, recipe: Recipe) -> Prepared:
    """Tell what a run is made of, and whether it fits into memory."""
    trainable = sum(math.prod(variable.shape) for variable in ready.model.trained)
    return Prepared(
        ready.model,
        ready.base,
        ready.dtype.value,
        ready.dtype.reason,
        ready.parts,
        trainable_parameters=trainable,
        total_parameters=ready.model.count_params(),
        weight_bytes=weight_bytes(ready.base.backbone),
        estimated_memory_bytes=estimate(
            recipe, ready.base, ready.training, process=ready.process, trained=trainable
        ),
    )


def _summary(prepared: Prepared, before: Scored, after: Scored, outcome: Outcome) -> dict[str, Any]:
    return {
        "em_before": before.exact_match,
        "em_after": after.exact_match,
        "em_by_group": {name: right / total for name, (right, total) in after.groups.items()},
        "test_examples": after.total,
        "training_pairs": len(prepared.parts.train),
        "examples_per_second": outcome.progress.examples_per_second,
        "examples_seen": outcome.progress.examples,
        "seconds": outcome.progress.seconds,
        "peak_memory_bytes": peak_bytes(),
        "weight_bytes": prepared.weight_bytes,
        "estimated_memory_bytes": prepared.estimated_memory_bytes,
        "trainable_parameters": prepared.trainable_parameters,
        "interrupted": outcome.interrupted,
    }


def _followed(step: Step) -> dict[str, Any]:
    """Give what of a step is drawn against the others."""
    names = ("loss", "accuracy", "examples_per_second", "validation_exact_match")
    return {name: getattr(step, name) for name in names}


def _resumed(checkpoint: Checkpoint, model: keras.Model) -> Resumed:
    now = computing_with(model)
    changed = {
        name: (then, now.get(name))
        for name, then in checkpoint.computed.items()
        if now.get(name) != then
    }
    return Resumed(checkpoint.progress.step, checkpoint.damage, changed)


def _is_saved(folder: Path, adapter: Adapter) -> bool:
    """Tell whether the folder holds this very adapter, which a run that was killed may not."""
    try:
        saved = Adapter.load(folder)
    except AdapterError:
        return False
    return (
        saved.scores.get("examples_seen") == adapter.scores["examples_seen"]
        and saved.scores.get("interrupted") == adapter.scores["interrupted"]
        and saved.matrices.keys() == adapter.matrices.keys()
        and all(
            np.array_equal(mine, theirs)
            for target, pair in adapter.matrices.items()
            for mine, theirs in zip(pair, saved.matrices[target], strict=True)
        )
        and all((folder / name).is_file() for name in (PEFT_CONFIG, PLOT))
    )


def _score(ready: Ready, *, after: bool) -> Scored:
    examples, encoded, tokenizer = ready.parts.test, ready.test, ready.base.tokenizer
    hits = exact_matches(ready.tokens, encoded)
    shown = examples[:_SHOWN]
    given = greedy_answers(
        ready.tokens,
        encoded[:_SHOWN],
        end_id=tokenizer.eos_id,
        # One more than any right answer has: an answer that is cut never looks right.
        most=max(len(item.answer) for item in encoded) + 1,
    )
    answers = [tokenizer.decode(ids).strip() for ids in given]
    groups: dict[str, tuple[int, int]] = {}
    for example, hit in zip(examples, hits, strict=True):
        for name in (example.kind, example.form):
            right, total = groups.get(name, (0, 0))
            groups[name] = (right + hit, total + 1)
    return Scored(after, sum(hits), len(encoded), list(zip(shown, answers, strict=True)), groups)
