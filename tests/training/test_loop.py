"""A run can stop anywhere and goes on as if it had not; it tells what it does."""

import contextlib
import re
import signal

import numpy as np
import pytest

from getalwoord.errors import InputError, TrainingError
from getalwoord.models import keras
from getalwoord.training.batches import Batches
from getalwoord.training.checkpoints import CHECKPOINT, FORMER, load_checkpoint
from getalwoord.training.loop import fit
from getalwoord.training.loss import AnswerLoss

STEPS = 6  # of an epoch: 42 examples in batches of 8


def measured(step):
    """What of a step does not depend on the clock."""
    return step.step, step.epoch, step.loss, step.accuracy, step.validation_exact_match


def weights(folder):
    return (folder / "adapter_model.safetensors").read_bytes()


@pytest.fixture(scope="module")
def whole(run, trained, tmp_path_factory):
    """A run that nobody interrupted: its folder, outcome and steps."""
    folder = tmp_path_factory.mktemp("whole")
    return folder, *trained(run(clip_norm=1.0), folder)


# In the middle of an epoch, at its end, before its last and after its first batch.
@pytest.mark.parametrize("stops", [[2], [6], [11], [7], [1, 4, 8]])
def test_a_run_that_was_interrupted_ends_bit_for_bit_as_one_that_was_not(
    run, trained, whole, tmp_path, stops
):
    folder, outcome, steps = whole
    assert not outcome.interrupted

    for number, stop in enumerate(stops):
        begun, _ = trained(run(clip_norm=1.0), tmp_path, resume=number > 0, interrupt_after=stop)
        assert begun.interrupted
        assert not begun.progress.finished
        assert weights(tmp_path) != weights(folder)
    ended, last = trained(run(clip_norm=1.0), tmp_path, resume=True)

    assert weights(tmp_path) == weights(folder)
    assert ended.progress.finished
    assert ended.progress.examples == outcome.progress.examples == 2 * 42
    assert [step.step for step in last] == [*range(stops[-1] + 1, 2 * STEPS + 1)]
    assert [measured(step) for step in last] == [measured(step) for step in steps[stops[-1] :]]


class Stop(keras.callbacks.Callback):
    """Stop training as Keras's own callbacks do: after a batch of a call of `fit`, or an epoch."""

    def __init__(self, *, batch=None):
        super().__init__()
        self._batch = batch

    def on_train_batch_end(self, batch, logs=None):
        if batch == self._batch:
            self.model.stop_training = True

    def on_epoch_end(self, epoch, logs=None):
        if self._batch is None:
            self.model.stop_training = True


# The fourth batch after step 4 is that of the next epoch.
@pytest.mark.parametrize(("batch", "stops"), [(0, [1, 2]), (3, [4, 10]), (None, [6, 12])])
def test_a_callback_that_stops_training_interrupts_the_run(
    run, trained, whole, tmp_path, batch, stops
):
    """
    Fresh, and gone on with in the middle of an epoch.
    """
    steps = []
    for number, stop in enumerate(stops):
        stopped, seen = trained(
            run(clip_norm=1.0), tmp_path, resume=number > 0, callbacks=[Stop(batch=batch)]
        )
        steps += seen
        is_last = stop == 2 * STEPS
        assert (stopped.interrupted, stopped.progress.finished) == (not is_last, is_last)
        assert load_checkpoint(tmp_path).progress == stopped.progress
        assert len(steps) == stopped.progress.step == stop
    _, last = trained(run(clip_norm=1.0), tmp_path, resume=True)

    assert [measured(step) for step in steps + last] == [measured(step) for step in whole[2]]
    assert weights(tmp_path) == weights(whole[0])


def test_examples_are_counted_as_they_come(run, trained, tmp_path):
    training = run().training
    seed = next(n for n in range(99) if len(Batches(training, batch_size=8, seed=n).numbers(0)) < 8)

    outcome, _ = trained(run(seed=seed), tmp_path, interrupt_after=1)

    assert outcome.progress.examples == len(training) % 8


def test_a_second_interrupt_is_as_ever(run, tmp_path):
    made = run()
    # A shell starts background jobs with this signal ignored; then there is nothing to restore.
    before = signal.signal(signal.SIGINT, signal.default_int_handler)

    def on_step(step):
        signal.raise_signal(signal.SIGINT)
        signal.raise_signal(signal.SIGINT)

    try:
        with pytest.raises(KeyboardInterrupt):
            fit(made.model, made.training, [], made.recipe, folder=tmp_path, on_step=on_step)
        assert signal.getsignal(signal.SIGINT) is signal.default_int_handler
    finally:
        signal.signal(signal.SIGINT, before)


def test_the_same_recipe_gives_the_same_adapter_and_another_seed_another(run, trained, tmp_path):
    folders = [tmp_path / name for name in ("first", "second", "other")]
    for folder, seed in zip(folders, (0, 0, 1), strict=True):
        trained(run(seed=seed), folder)

    first, second, other = map(weights, folders)
    assert first == second
    assert first != other


def test_a_run_that_has_ended_is_not_gone_on_with(run, trained, tmp_path):
    trained(run(), tmp_path)
    former = {path.name: path.read_bytes() for path in tmp_path.iterdir()}
    former.pop("getalwoord.json")

    outcome, steps = trained(run(), tmp_path, resume=True)

    assert steps == []
    assert outcome.progress.finished
    assert not outcome.trained
    assert {name: (tmp_path / name).read_bytes() for name in former} == former


def test_the_base_is_bit_for_bit_as_before(run, trained, tmp_path):
    made = run()
    frozen = {v.path: v.value for v in made.model.non_trainable_variables}
    former = {path: value.float().numpy().tobytes() for path, value in frozen.items()}

    trained(made, tmp_path)

    assert {path: value.float().numpy().tobytes() for path, value in frozen.items()} == former
    assert former


def test_training_lowers_the_loss_and_tells_every_step(run, trained, tmp_path):
    made = run(epochs=4, validations_per_epoch=3)
    outcome, steps = trained(made, tmp_path)

    assert [step.step for step in steps] == [*range(1, 4 * STEPS + 1)]
    assert [step.epoch for step in steps] == [number // STEPS for number in range(4 * STEPS)]
    assert {step.total_steps for step in steps} == {4 * STEPS}
    assert steps[-1].loss < 0.7 * steps[STEPS - 1].loss
    measured = [step.step for step in steps if step.validation_exact_match is not None]
    assert measured == [*range(2, 4 * STEPS + 1, 2)]
    assert outcome.progress.examples == 4 * 42
    assert all(np.diff([step.seconds for step in steps]) > 0)


def test_the_loss_that_is_shown_is_the_mean_over_answer_tokens(run, trained, tmp_path):
    """
    So it is the same whatever batches they come in, while nothing is learnt.
    """
    losses = [
        trained(run(batch_size=size, learning_rate=1e-30, epochs=1), tmp_path / str(size))[1][-1]
        for size in (8, 42)
    ]

    assert losses[0].loss == pytest.approx(losses[1].loss, rel=1e-5)


def test_a_run_stops_early_at_the_exact_match_asked_for(run, trained, tmp_path):
    """
    The validation set is the training set here, so small that a run soon has it by heart.
    """
    made = run(epochs=400, stop_at_exact_match=0.2, validations_per_epoch=1)
    made.training = made.validation = made.training[:8]
    outcome, steps = trained(made, tmp_path)

    assert outcome.progress.finished
    assert steps[-1].validation_exact_match >= 0.2
    assert all((step.validation_exact_match or 0) < 0.2 for step in steps[:-1])
    assert steps[-1].step < steps[-1].total_steps
    assert trained(made, tmp_path, resume=True)[1] == []


def test_a_loss_that_is_no_number_ends_the_run_with_advice(run, trained, tmp_path):
    made = run(learning_rate=1e30, warmup=0.0)

    expected = r"(nan|inf|finite) .* lower the learning rate.* There is no checkpoint yet$"
    with pytest.raises(TrainingError, match=expected):
        trained(made, tmp_path)
    assert not (tmp_path / CHECKPOINT).exists()


@pytest.mark.parametrize("where", ["loss", "gradient"])
def test_a_batch_that_breaks_the_run_is_named_and_the_checkpoint_before_it_stays(
    run, trained, tmp_path, monkeypatch, where
):
    """
    In the sixth step; a gradient that is no number leaves the loss of its own step a number.
    """
    made = run()
    batches, real = Batches(made.training, batch_size=8, seed=0), AnswerLoss.call
    is_sixth = False

    class Count(keras.callbacks.Callback):
        def on_train_batch_begin(self, batch, logs=None):
            nonlocal is_sixth
            is_sixth = batch == 5

    def poisoned(self, y_true, y_pred):
        losses = real(self, y_true, y_pred)
        if is_sixth and where == "loss":
            return losses * float("inf")
        if is_sixth:
            losses.register_hook(lambda gradient: gradient * float("nan"))
        return losses

    monkeypatch.setattr(AnswerLoss, "call", poisoned)
    with pytest.raises(TrainingError) as error:
        trained(made, tmp_path, checkpoint_every=0, callbacks=[Count()])

    assert "after batch 6 of epoch 1 (step 6)" in str(error.value)
    numbers = batches.numbers(5)
    for number in numbers:
        assert f"line {number + 1}: {made.training[number].instruction!r}" in str(error.value)
    assert str(error.value).count("line ") == len(numbers)
    assert str(error.value).endswith("The last checkpoint is kept")
    assert load_checkpoint(tmp_path).progress.step == 5
    monkeypatch.undo()
    trained(run(), tmp_path, resume=True)
    trained(run(), tmp_path / "whole")
    assert weights(tmp_path) == weights(tmp_path / "whole")


def damaged(path, kept):
    """Cut a file short; or, if `kept` is none, flip one bit in the middle of it."""
    content = bytearray(path.read_bytes())
    if kept is None:
        content[len(content) // 2] ^= 1
        path.write_bytes(content)
    else:
        path.write_bytes(content[:kept])


@pytest.mark.parametrize("kept", [0, 7, 100, 20_000, None])
def test_of_a_damaged_checkpoint_the_one_before_is_taken(run, trained, whole, tmp_path, kept):
    trained(run(clip_norm=1.0), tmp_path, interrupt_after=3, checkpoint_every=0)
    path = tmp_path / CHECKPOINT
    damaged(path, kept)

    found = load_checkpoint(tmp_path)
    assert found.progress.step == 2
    assert re.fullmatch(rf"{path} is damaged \(.+\)", found.damage)
    trained(run(clip_norm=1.0), tmp_path, resume=True)
    assert weights(tmp_path) == weights(whole[0])


def test_a_damaged_checkpoint_does_not_take_the_place_of_the_one_before(
    run, trained, whole, tmp_path, monkeypatch
):
    """
    Killed within the first checkpoint after it, when the former has its name but not the new one.
    """
    trained(run(clip_norm=1.0), tmp_path, interrupt_after=3, checkpoint_every=0)
    damaged(tmp_path / CHECKPOINT, 100)

    @contextlib.contextmanager
    def killed(path):
        yield path.with_suffix(".part")
        raise KeyboardInterrupt

    monkeypatch.setattr("getalwoord.training.checkpoints.writing", killed)
    with pytest.raises(KeyboardInterrupt):
        trained(run(clip_norm=1.0), tmp_path, resume=True, checkpoint_every=0)
    monkeypatch.undo()

    assert load_checkpoint(tmp_path).progress.step == 2
    trained(run(clip_norm=1.0), tmp_path, resume=True)
    assert weights(tmp_path) == weights(whole[0])


@pytest.mark.parametrize("kept", [0, 20_000, None])
def test_damaged_checkpoints_say_so(run, trained, tmp_path, kept):
    trained(run(), tmp_path, interrupt_after=3, checkpoint_every=0)
    for name in (CHECKPOINT, FORMER):
        damaged(tmp_path / name, kept)

    with pytest.raises(InputError) as error:
        load_checkpoint(tmp_path)
    for name in (CHECKPOINT, FORMER):
        assert f"{tmp_path / name} is damaged (" in str(error.value)
    assert str(error.value).endswith(": use --overwrite to start anew")


def test_two_checkpoints_are_kept_and_tell_their_steps(run, tmp_path):
    found = []

    class Look(keras.callbacks.Callback):
        def on_train_batch_end(self, batch, logs=None):
            if (tmp_path / FORMER).exists():
                found.append(load_checkpoint(tmp_path).progress.step)

    made = run()
    fit(
        *(made.model, made.training, made.validation, made.recipe),
        folder=tmp_path,
        checkpoint_every=0,
        callbacks=[Look()],
    )
    # The end of an epoch is saved after all callbacks have seen its last batch.
    assert found == [2, 3, 4, 5, 5, 7, 8, 9, 10, 11, 11]
    assert {path.name for path in tmp_path.iterdir()} == {CHECKPOINT, FORMER}


def test_where_there_never_was_a_checkpoint_there_is_none(tmp_path):
    assert load_checkpoint(tmp_path) is None


def test_a_checkpoint_without_the_names_of_base_and_pairs_may_be_gone_on_with(
    run, trained, tmp_path
):
    """
    As older versions wrote it.
    """
    trained(run(), tmp_path, interrupt_after=2)
    assert load_checkpoint(tmp_path).made_of == {}
    load_checkpoint(tmp_path).check({"base_sha256": "1" * 64, "pairs_sha256": "2" * 64})


def test_a_checkpoint_of_another_recipe_is_refused(run, trained, tmp_path):
    trained(run(), tmp_path, interrupt_after=2)

    for changes in ({"rank": 3}, {"target_modules": ("query", "value")}):
        with pytest.raises(InputError, match="was made with another recipe: resume with that"):
            trained(run(**changes), tmp_path, resume=True)
