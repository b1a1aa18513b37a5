"""Compile and fit; stop early, and stop when asked, without losing a step."""

import contextlib
import gc
import math
import signal
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from types import FrameType
from typing import Any

from getalwoord.models import keras
from getalwoord.models.heap import keep_freed_memory
from getalwoord.recipe import Recipe
from getalwoord.training.checkpoints import Checkpoint, Progress, remove_damaged
from getalwoord.training.layout import Encoded
from getalwoord.training.loss import AnswerAccuracy, AnswerLoss
from getalwoord.training.optimizer import make_optimizer
from getalwoord.training.watch import Outcome, Step, Watch

# A checkpoint of the embedded base took 0.13 to 0.25 s at rank 4, so less than 1 % of the time.
CHECKPOINT_EVERY = 30.0


def fit(
    model: keras.Model,
    training: Sequence[Encoded],
    validation: Sequence[Encoded],
    recipe: Recipe,
    *,
    folder: Path,
    start: Checkpoint | None = None,
    made_of: Mapping[str, str] | None = None,
    checkpoint_every: float = CHECKPOINT_EVERY,
    on_step: Callable[[Step], None] | None = None,
    callbacks: Sequence[keras.callbacks.Callback] = (),
) -> Outcome:
    """Train an answer model's adapter by a recipe.

    Args:
        model: The answer model, with low-rank updates attached.
        training: What to train on.
        validation: Held-back examples; early stopping looks at these.
        recipe: Everything that decides the run. Only torch can accumulate gradients, and leave
            improbable tokens out.
        folder: Where checkpoints go.
        start: Go on from here.
        made_of: SHA-256 of base and pairs, by `checkpoints.MADE_OF`, for checkpoints to tell.
        checkpoint_every: Seconds between two checkpoints; one is also written at the end, and
            when the run is interrupted.
        on_step: Told of every step.
        callbacks: Further Keras callbacks. One that stops training interrupts the run.

    Raises:
        TrainingError: The loss or the adapter is no longer finite; the checkpoint before that
            stays.
        InputError: A checkpoint cannot be written, or `start` is of another recipe.
    """
    keep_freed_memory()
    model.parts = recipe.gradient_accumulation
    if model.shortlist is not None:
        model.shortlist.every = recipe.full_vocabulary_every
    steps = math.ceil(len(training) / recipe.batch_size)
    total_steps = steps * recipe.epochs
    compile_for(model, recipe, total_steps=total_steps)
    if start is not None:
        start.restore(model)
        if start.progress.finished:
            return Outcome(start.progress, interrupted=False, trained=False)
        remove_damaged(start)
    watch = Watch(
        model,
        training,
        validation,
        recipe,
        folder=folder,
        checkpoint=start,
        made_of=made_of,
        steps=steps,
        on_step=on_step,
        checkpoint_every=checkpoint_every,
    )
    progress = start.progress if start is not None else Progress()
    with _stopping_on_interrupt(watch), _left_to_itself():
        first = progress.epoch
        if progress.batch:
            watch.fit(progress.epoch, progress.batch, progress.epoch + 1, callbacks)
            first += 1
        if not (watch.over or watch.interrupted) and first < recipe.epochs:
            watch.fit(first, 0, recipe.epochs, callbacks)
    return watch.outcome()


def compile_for(model: keras.Model, recipe: Recipe, *, total_steps: int) -> None:
    """Give an answer model a recipe's optimizer, and the loss and accuracy of answers."""
    model.compile(
        optimizer=make_optimizer(
            learning_rate=recipe.learning_rate,
            schedule=recipe.schedule,
            warmup_steps=min(total_steps - 1, round(recipe.warmup * total_steps)),
            total_steps=total_steps,
            weight_decay=recipe.weight_decay,
            clip_norm=recipe.clip_norm,
        ),
        loss=AnswerLoss(overwrite=model.logits_may_be_overwritten),
        weighted_metrics=[AnswerAccuracy()],
    )


@contextlib.contextmanager
def _left_to_itself() -> Iterator[None]:
    """Keep Python's collector of garbage from what is there already.

    To go through a base and its libraries, half a million objects, takes it as long as a step,
    every fifty steps.
    """
    gc.collect()
    gc.freeze()
    try:
        yield
    finally:
        gc.unfreeze()


class _stopping_on_interrupt:
    """Let the first Ctrl-C or SIGTERM end training after the step at hand; the next is as ever."""

    def __init__(self, watch: Watch) -> None:
        self._watch = watch
        self._former: dict[signal.Signals, Any] = {}

    def __enter__(self) -> None:
        if threading.current_thread() is threading.main_thread():
            for number in (signal.SIGINT, signal.SIGTERM):
                self._former[number] = signal.signal(number, self._stop)

    def __exit__(self, *_: object) -> None:
        for number, former in self._former.items():
            if former is not None:
                signal.signal(number, former)

    def _stop(self, _signal: int, _frame: FrameType | None) -> None:
        self._watch.interrupted = True
        self.__exit__()
