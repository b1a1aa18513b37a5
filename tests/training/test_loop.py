"""A run can stop anywhere and goes on as if it had not; it tells what it does."""

import signal

import numpy as np
import pytest

from getalwoord.adapter import Adapter
from getalwoord.errors import InputError, TrainingError
from getalwoord.training.checkpoints import CHECKPOINT
from getalwoord.training.loop import fit

STEPS = 6  # of an epoch: 42 examples in batches of 8


def trained(made, folder, *, resume=False, interrupt_after=None):
    """Fit, save, and give the outcome with all steps."""
    steps = []

    def on_step(step):
        steps.append(step)
        if step.step == interrupt_after:
            signal.raise_signal(signal.SIGINT)

    outcome = fit(
        made.model,
        made.training,
        made.validation,
        made.recipe,
        folder=folder,
        resume=resume,
        on_step=on_step,
    )
    Adapter.of(made.projections, made.recipe, made.base).save(folder)
    return outcome, steps


def weights(folder):
    return (folder / "adapter_model.safetensors").read_bytes()


@pytest.fixture(scope="module")
def whole(run, tmp_path_factory):
    """A run that nobody interrupted: its folder, outcome and steps."""
    folder = tmp_path_factory.mktemp("whole")
    return folder, *trained(run(clip_norm=1.0), folder)


# In the middle of an epoch, at its end, before its last and after its first batch.
@pytest.mark.parametrize("stops", [[2], [6], [11], [7], [1, 4, 8]])
def test_a_run_that_was_interrupted_ends_bit_for_bit_as_one_that_was_not(
    run, whole, tmp_path, stops
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
    matches = {step.step: step.validation_exact_match for step in steps}
    assert {step.step: step.validation_exact_match for step in last}.items() <= matches.items()


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


def test_the_same_recipe_gives_the_same_adapter_and_another_seed_another(run, tmp_path):
    folders = [tmp_path / name for name in ("first", "second", "other")]
    for folder, seed in zip(folders, (0, 0, 1), strict=True):
        trained(run(seed=seed), folder)

    first, second, other = map(weights, folders)
    assert first == second
    assert first != other


def test_a_run_that_has_ended_is_not_gone_on_with(run, tmp_path):
    trained(run(), tmp_path)
    former = {path.name: path.read_bytes() for path in tmp_path.iterdir()}
    former.pop("getalwoord.json")

    outcome, steps = trained(run(), tmp_path, resume=True)

    assert steps == []
    assert outcome.progress.finished
    assert not outcome.trained
    assert {name: (tmp_path / name).read_bytes() for name in former} == former


def test_the_base_is_bit_for_bit_as_before(run, tmp_path):
    made = run()
    frozen = {v.path: v.value for v in made.model.non_trainable_variables}
    former = {path: value.numpy().tobytes() for path, value in frozen.items()}

    trained(made, tmp_path)

    assert {path: value.numpy().tobytes() for path, value in frozen.items()} == former
    assert former


def test_training_lowers_the_loss_and_tells_every_step(run, tmp_path):
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


def test_a_run_stops_early_at_the_exact_match_asked_for(run, tmp_path):
    """
    The validation set is the training set here, which a run learns by heart.
    """
    made = run(epochs=400, stop_at_exact_match=0.2, validations_per_epoch=1)
    made.validation = made.training
    outcome, steps = trained(made, tmp_path)

    assert outcome.progress.finished
    assert steps[-1].validation_exact_match >= 0.2
    assert all((step.validation_exact_match or 0) < 0.2 for step in steps[:-1])
    assert steps[-1].step < steps[-1].total_steps
    assert trained(made, tmp_path, resume=True)[1] == []


def test_a_loss_that_is_no_number_ends_the_run_with_advice(run, tmp_path):
    made = run(learning_rate=1e30, warmup=0.0)

    with pytest.raises(TrainingError, match=r"the loss is (nan|inf) .* lower the learning rate"):
        trained(made, tmp_path)
    assert not (tmp_path / CHECKPOINT).exists()


@pytest.mark.parametrize("kept", [0, 7, 100, 20_000])
def test_a_damaged_checkpoint_says_so(run, tmp_path, kept):
    trained(run(), tmp_path, interrupt_after=2)
    path = tmp_path / CHECKPOINT
    path.write_bytes(path.read_bytes()[:kept])

    with pytest.raises(InputError, match=rf"{path} is damaged \(.*\): use --overwrite"):
        trained(run(), tmp_path, resume=True)


def test_a_missing_checkpoint_says_so(run, tmp_path):
    with pytest.raises(InputError, match="holds no checkpoint to resume from: use --overwrite"):
        trained(run(), tmp_path, resume=True)


def test_a_checkpoint_of_another_recipe_is_refused(run, tmp_path):
    trained(run(), tmp_path, interrupt_after=2)

    for changes in ({"rank": 3}, {"target_modules": ("query", "value")}):
        with pytest.raises(InputError, match="was made with another recipe: resume with that"):
            trained(run(**changes), tmp_path, resume=True)
