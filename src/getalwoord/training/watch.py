"""Each step of a run: measure, report, save, and decide whether it is over."""

import math
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from getalwoord.errors import TrainingError
from getalwoord.models import keras
from getalwoord.models.answer_model import token_model
from getalwoord.models.heap import give_back
from getalwoord.recipe import Recipe
from getalwoord.training.batches import Batches
from getalwoord.training.checkpoints import Checkpoint, Progress, save_checkpoint
from getalwoord.training.kept import kept_states
from getalwoord.training.layout import Encoded
from getalwoord.training.scoring import exact_matches

_ADVICE = "lower the learning rate, or raise the warm-up"
_NAMED = 16  # examples of a batch that an error names


@dataclass(frozen=True, slots=True)
class Step:
    """What is known after a step.

    Attributes:
        epoch: From 0.
        step: Steps done in the whole run.
        total_steps: Steps of the whole run, if it does not stop early.
        loss: Mean over the answer tokens of the epoch so far.
        accuracy: Share of answer tokens predicted, over the epoch so far.
        examples_per_second: Over all training time; the time of validation is not counted.
        seconds: Training time so far.
        validation_exact_match: In a step after which it was measured, else None.
    """

    epoch: int
    step: int
    total_steps: int
    loss: float
    accuracy: float
    examples_per_second: float
    seconds: float
    validation_exact_match: float | None = None


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a run ended.

    Attributes:
        progress: Where it stands.
        interrupted: Whether Ctrl-C, SIGTERM or another callback stopped it; it can be resumed.
        trained: Whether any step was taken; a finished run that is resumed takes none.
    """

    progress: Progress
    interrupted: bool
    trained: bool


class Watch(keras.callbacks.Callback):
    """Measures, reports, saves, and decides when a run is over."""

    def __init__(
        self,
        model: keras.Model,
        training: Sequence[Encoded],
        validation: Sequence[Encoded],
        recipe: Recipe,
        *,
        folder: Path,
        checkpoint: Checkpoint | None,
        made_of: Mapping[str, str] | None,
        steps: int,
        on_step: Callable[[Step], None] | None,
        checkpoint_every: float,
    ) -> None:
        super().__init__()
        began = time.perf_counter()
        self._states = kept_states(model, training, epochs=recipe.epochs)
        spent = time.perf_counter() - began if self._states is not None else 0.0
        self._answer_model, self._token_model = model, token_model(model)
        self._training, self._validation, self._recipe = training, validation, recipe
        self._folder, self._on_step, self._steps = folder, on_step, steps
        self._checkpoint, self._checkpoint_every = checkpoint, checkpoint_every
        self._made_of, self._has_saved = made_of, checkpoint is not None
        self._start = start = checkpoint.progress if checkpoint is not None else Progress()
        self._saved = time.perf_counter()
        self._epoch, self._batch = start.epoch, start.batch
        self._examples, self._seconds, self._mark = start.examples, start.seconds + spent, 0.0
        self.interrupted = False
        self.over = False

    def fit(
        self, epoch: int, skip: int, end: int, callbacks: Sequence[keras.callbacks.Callback]
    ) -> None:
        """Train from a batch of one epoch to the start of another."""
        self._batches = Batches(
            self._training,
            batch_size=self._recipe.batch_size,
            seed=self._recipe.seed,
            epoch=epoch,
            skip=skip,
            parts=self._recipe.gradient_accumulation,
            states=self._states,
        )
        self._answer_model.fit(
            self._batches,
            initial_epoch=epoch,
            epochs=end,
            shuffle=False,  # Keras would shuffle again, by a seed that is not ours
            verbose=0,
            callbacks=[self, *callbacks],
        )

    def on_epoch_begin(self, epoch: int, logs: Mapping[str, Any] | None = None) -> None:
        if epoch != self._batches.epoch:
            self._batches.begin(epoch)
        if self._checkpoint is not None and self._batch:  # Keras has just put them to zero
            self._checkpoint.restore_metrics(self._answer_model)
        self._mark = time.perf_counter()

    def on_train_batch_end(self, batch: int, logs: Mapping[str, Any] | None = None) -> None:
        loss = float((logs or {})["loss"])
        self._seconds += time.perf_counter() - self._mark
        self._batch += 1
        self._examples += len(self._batches.numbers(batch))
        if not math.isfinite(loss):
            raise self._diverged(f"the loss is {loss}", batch)
        if keras.backend.backend() == "torch" and not self._adapter_is_finite():
            raise self._diverged("the adapter is no longer finite", batch)
        matched = self._validate() if self._is_time_to_validate() else None
        if self._on_step is not None:
            self._on_step(self._step(logs or {}, matched))
        if self.interrupted or self.over:
            self._answer_model.stop_training = True
        elif self._batch < self._steps:  # at the end of an epoch `on_epoch_end` saves
            self._save_if_due()
        self._mark = time.perf_counter()

    def on_epoch_end(self, epoch: int, logs: Mapping[str, Any] | None = None) -> None:
        if self._batch == self._steps:
            self._epoch, self._batch = self._epoch + 1, 0
        self.over = self.over or self._epoch == self._recipe.epochs
        if self.over or self.interrupted:
            self._save()
        else:
            self._save_if_due()

    def on_train_end(self, logs: Mapping[str, Any] | None = None) -> None:
        # Another callback may have stopped it, and has perhaps been called after this one.
        if self._answer_model.stop_training and not (self.over or self.interrupted):
            self.interrupted = True
            self._save()

    def outcome(self) -> Outcome:
        """Tell how the run ended."""
        progress = self._progress()
        return Outcome(
            progress,
            interrupted=self.interrupted and not self.over,
            trained=progress.examples > self._start.examples,
        )

    def _save_if_due(self) -> None:
        if time.perf_counter() - self._saved >= self._checkpoint_every:
            self._save()

    def _save(self) -> None:
        self._sync()
        if not self._adapter_is_finite():
            raise TrainingError(f"the adapter is no longer finite after {self._place()}: {_ADVICE}")
        save_checkpoint(self._folder, self._answer_model, self._progress(), self._made_of)
        self._has_saved = True
        give_back()
        self._saved = time.perf_counter()

    def _sync(self) -> None:
        """Fetch the variables that JAX leaves empty while it trains."""
        if keras.backend.backend() == "jax":
            self._answer_model.jax_state_sync()

    def _adapter_is_finite(self) -> bool:
        # Finite where all values are, which are far from the root of the largest float32.
        if keras.backend.backend() == "torch":  # a tenth of the time that Keras's operations take
            import torch

            with torch.no_grad():
                values = [updates.values for updates in self._answer_model.updates]
                return bool(torch.nn.utils.get_total_norm(values).isfinite())
        norms = [keras.ops.norm(variable.value) for variable in self._answer_model.trained]
        return bool(keras.ops.all(keras.ops.isfinite(keras.ops.stack(norms))))

    def _place(self) -> str:
        return f"batch {self._batch} of epoch {self._epoch + 1}"

    def _diverged(self, what: str, batch: int) -> TrainingError:
        """Make the error for a batch that led nowhere: its place and its examples."""
        numbers, which = self._batches.numbers(batch), "batch holds"
        if keras.backend.backend() == "jax" and batch:  # only the next loss tells of a gradient
            numbers, which = numbers + self._batches.numbers(batch - 1), "last two batches hold"
        named = [f"line {n + 1}: {self._training[n].instruction!r}" for n in sorted(numbers)]
        more = f" and {len(named) - _NAMED} more" if len(named) > _NAMED else ""
        step = self._epoch * self._steps + self._batch
        kept = "The last checkpoint is kept" if self._has_saved else "There is no checkpoint yet"
        return TrainingError(
            f"{what} after {self._place()} (step {step}): {_ADVICE}. The {which}, of the "
            f"training pairs, {'; '.join(named[:_NAMED])}{more}. {kept}"
        )

    def _is_time_to_validate(self) -> bool:
        """Tell whether a batch ends one of the equal parts of an epoch; the last always does."""
        times = min(self._recipe.validations_per_epoch, self._steps)
        return self._batch * times // self._steps > (self._batch - 1) * times // self._steps

    def _validate(self) -> float | None:
        if not self._validation:
            return None
        self._sync()
        matches = exact_matches(self._token_model, self._validation)
        matched = sum(matches) / len(matches)
        wanted = self._recipe.stop_at_exact_match
        self.over = self.over or (wanted is not None and matched >= wanted)
        return matched

    def _progress(self) -> Progress:
        return Progress(
            self._epoch,
            self._batch,
            self._epoch * self._steps + self._batch,
            finished=self.over,
            examples=self._examples,
            seconds=self._seconds,
        )

    def _step(self, logs: Mapping[str, Any], matched: float | None) -> Step:
        return Step(
            epoch=self._epoch,
            step=self._epoch * self._steps + self._batch,
            total_steps=self._recipe.epochs * self._steps,
            loss=float(logs["loss"]),
            accuracy=float(logs["accuracy"]),
            examples_per_second=self._examples / self._seconds,
            seconds=self._seconds,
            validation_exact_match=matched,
        )
