"""A run can be followed while it goes on: by event files, and by callbacks of other tools."""

import shutil
import signal
import sys
import threading

import pytest
from safetensors.torch import load_file, save_file

from getalwoord import finetune
from getalwoord.data.jsonl import write_examples
from getalwoord.data.parts import spelled
from getalwoord.errors import InputError
from getalwoord.models import keras
from getalwoord.recipe import Recipe
from getalwoord.training.event_files import EventFiles
from getalwoord.training.events import Prepared


@pytest.fixture(scope="module")
def recipe(tiny_base_dir):
    return Recipe(
        base=str(tiny_base_dir),
        dtype="float32",
        count=12,
        maximum=99,
        validation=4,
        test=4,
        rank=2,
        batch_size=4,
        epochs=2,
        validations_per_epoch=1,
    )


class Follower(keras.callbacks.Callback):
    """What the callbacks of MLflow and trackio do: send the logs of batches and epochs on."""

    def __init__(self, stop_after=None):
        super().__init__()
        self.sent = []
        self._stop_after = stop_after

    def on_train_batch_end(self, batch, logs=None):
        self.sent.append(("batch", dict(logs)))
        if len(self.sent) == self._stop_after:
            signal.raise_signal(signal.SIGINT)

    def on_epoch_end(self, epoch, logs=None):
        self.sent.append(("epoch", dict(logs)))


def scalars(folder):
    """What TensorBoard reads from a run: steps and values, by name."""
    from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

    found = EventAccumulator(str(folder / "tensorboard"))
    found.Reload()
    return {
        name: [(event.step, event.value) for event in found.Scalars(name)]
        for name in found.Tags()["scalars"]
    }


def test_a_run_is_followed_by_event_files_and_callbacks(recipe, tmp_path):
    follower, events = Follower(), []
    result = finetune(
        recipe, tmp_path, tensorboard=True, callbacks=[follower], on_event=events.append
    )

    drawn = scalars(tmp_path)
    assert drawn.keys() == {"loss", "accuracy", "examples_per_second", "validation_exact_match"}
    assert [step for step, _ in drawn["loss"]] == [1, 2, 3, 4, 5, 6]
    assert [step for step, _ in drawn["validation_exact_match"]] == [3, 6]
    assert [kind for kind, _ in follower.sent] == (["batch"] * 3 + ["epoch"]) * 2
    assert all(logs.keys() == {"loss", "accuracy"} for _, logs in follower.sent)
    losses = [logs["loss"] for kind, logs in follower.sent if kind == "batch"]
    assert [value for _, value in drawn["loss"]] == pytest.approx(losses)
    prepared = next(event for event in events if isinstance(event, Prepared))
    assert prepared.estimated_memory_bytes == result.summary["estimated_memory_bytes"] > 10**7

    finetune(recipe, tmp_path, overwrite=True)
    assert not (tmp_path / "tensorboard").exists(), "what is left of a former run misleads"


def test_a_resumed_run_goes_on_in_the_event_files_after_its_checkpoint(recipe, tmp_path):
    stopped = finetune(recipe, tmp_path, tensorboard=True, callbacks=[Follower(stop_after=2)])
    assert stopped.outcome.interrupted
    # By one that was killed later on, after its last checkpoint.
    EventFiles(tmp_path, step=stopped.outcome.progress.step).add(5, {"loss": 1e9})

    finetune(recipe, tmp_path, tensorboard=True, resume=True)

    assert [step for step, _ in scalars(tmp_path)["loss"]] == [1, 2, 3, 4, 5, 6]
    assert all(value < 100 for _, value in scalars(tmp_path)["loss"])


def test_without_tensorboard_one_is_told_what_to_install(recipe, tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "torch.utils.tensorboard", None)
    with pytest.raises(InputError, match="event files need TensorBoard and torch: pip install"):
        finetune(recipe, tmp_path, tensorboard=True)


def test_a_run_that_does_not_fit_is_refused_before_it_touches_its_folder(
    recipe, tmp_path, monkeypatch
):
    monkeypatch.setattr("getalwoord.models.memory.available_bytes", lambda: -(10**10))
    with pytest.raises(InputError, match=r"would take about .* use --quantize int8 or int4, "):
        finetune(recipe, tmp_path / "run")
    assert not (tmp_path / "run").exists()


def test_a_run_is_not_gone_on_with_when_its_base_has_other_weights(recipe, tiny_base_dir, tmp_path):
    base, folder = shutil.copytree(tiny_base_dir, tmp_path / "base"), tmp_path / "run"
    recipe = recipe.but("test", base=str(base))
    assert finetune(recipe, folder, callbacks=[Follower(stop_after=2)]).outcome.interrupted
    weights = base / "model.safetensors"
    tensors = load_file(weights)
    tensors["model.norm.weight"] += 1
    save_file(tensors, weights)

    with pytest.raises(InputError, match=r"checkpoint.safetensors was made with a base with SHA"):
        finetune(recipe, folder, resume=True)


def test_a_run_is_not_gone_on_with_when_its_pairs_are_others(recipe, tmp_path):
    assert finetune(recipe, tmp_path, callbacks=[Follower(stop_after=2)]).outcome.interrupted
    path = tmp_path / "train.jsonl"
    lines = path.read_text(encoding="utf-8").splitlines(keepends=True)
    path.write_text("".join(lines[1:]), encoding="utf-8")

    with pytest.raises(InputError, match=r"made with a train.jsonl with SHA.*: put back the train"):
        finetune(recipe, tmp_path, resume=True)

    path.write_text("\n".join(lines), encoding="utf-8")  # blank lines are no pairs
    assert not finetune(recipe, tmp_path, resume=True).outcome.interrupted


def test_how_far_readings_can_be_trusted_is_forgotten_with_the_adapter(recipe, tmp_path):
    calibration = tmp_path / "calibration.json"
    finetune(recipe, tmp_path, callbacks=[Follower(stop_after=2)])
    calibration.write_text("{}", encoding="utf-8")

    finetune(recipe, tmp_path, resume=True)
    assert not calibration.exists(), "the adapter is another"

    calibration.write_text("{}", encoding="utf-8")
    finetune(recipe, tmp_path, resume=True)
    assert calibration.exists(), "the run had ended"


@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
def test_event_files_that_cannot_be_written_are_an_error_for_people(tmp_path):
    others = set(threading.enumerate())
    events = EventFiles(tmp_path)
    events.add(1, {"loss": 1.0})
    shutil.rmtree(tmp_path / "tensorboard")

    def go_on():
        for step in range(2, 100):  # a thread of its own writes, some time later
            events.add(step, {"loss": 1.0})

    with pytest.raises(InputError, match=f"cannot write {tmp_path / 'tensorboard'}: there is no"):
        go_on()
    with pytest.raises(InputError, match="cannot write"):
        events.close()
    for thread in set(threading.enumerate()) - others:
        thread.join()


def test_a_quantised_run_is_recorded_and_read_with_the_same_base(recipe, tmp_path):
    from getalwoord.adapter import Adapter
    from getalwoord.reading.loading import load_answerer

    result = finetune(recipe.but("test", quantize="int4"), tmp_path)

    adapter = Adapter.load(tmp_path)
    assert adapter.recipe.quantize == "int4"
    answerer = load_answerer(adapter, dtype="float32")
    answers = answerer.answer([example.instruction for example, _ in result.after.shown])
    # What is shown is cut sooner.
    for answer, (_, shown) in zip(answers, result.after.shown, strict=True):
        assert answer.text.startswith(shown)
        assert shown


def test_a_base_may_have_any_name(recipe, tiny_base_dir, tmp_path):
    base = shutil.copytree(tiny_base_dir, tmp_path / r"$\frac$")  # no formula, in the plot
    recipe = recipe.but("test", base=str(base), epochs=1)

    assert finetune(recipe, tmp_path / "run").outcome.progress.finished
    assert (tmp_path / "run" / "training.png").is_file()


def test_the_path_of_data_may_be_text(recipe, tmp_path):
    pairs = tmp_path / "pairs.jsonl"
    write_examples(pairs, spelled(range(20)))

    result = finetune(recipe.but("test", epochs=1), tmp_path / "run", data=str(pairs))

    assert result.summary["training_pairs"] == 16
