"""`getalwoord train`: a whole run, stopping and going on, and places that cannot be written."""

import errno
import io
import itertools
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
from safetensors.numpy import load_file

from getalwoord.cli.train import _Report
from getalwoord.data.jsonl import read_examples
from getalwoord.numerals import spell
from getalwoord.recipe import Recipe
from getalwoord.training.watch import Step

STEPS = 40


def contents(folder):
    return {path.name: path.read_bytes() for path in folder.iterdir()}


@pytest.fixture
def copied(finished, tmp_path):
    """A copy of the finished run."""
    return shutil.copytree(finished.folder, tmp_path / "run")


def test_the_last_line_is_the_result_as_json(finished):
    result = json.loads(finished.stdout.splitlines()[-1])

    assert finished.stdout.count("\n") == 1, "with --json nothing else goes to standard output"
    for name in ("em_before", "em_after"):
        assert result[name] * 10 == int(result[name] * 10)  # ten test numerals
        assert 0 <= result[name] <= 1
    assert result["em_before"] == 0
    assert result["examples_per_second"] > 0
    assert 0 < result["seconds"] < 600
    assert result["examples_per_second"] == pytest.approx(160 / result["seconds"], rel=0.01)
    assert 10**8 < result["peak_memory_bytes"] < 10**10
    # Six blocks; rank 2 times the sides of the seven projections.
    sides = (32 + 64) + 2 * (32 + 32) + (64 + 32) + 2 * (32 + 64) + (64 + 32)
    assert result["trainable_parameters"] == 6 * 2 * sides


def test_the_folder_holds_the_adapter_the_recipe_the_pairs_the_metrics_and_the_plot(
    finished, tiny_recipe
):
    files = contents(finished.folder)

    assert files.keys() == {
        *("adapter_model.safetensors", "adapter_config.json", "getalwoord.json", "NOTICE"),
        *("recipe.toml", "train.jsonl", "validation.jsonl", "test.jsonl"),
        *("metrics.jsonl", "training.png", "checkpoint.safetensors"),
    }
    assert files["training.png"].startswith(b"\x89PNG\r\n")
    assert Recipe.load(finished.folder / "recipe.toml") == Recipe.load(tiny_recipe)
    metrics = [json.loads(line) for line in files["metrics.jsonl"].splitlines()]
    assert [record["step"] for record in metrics] == [*range(1, STEPS + 1)]
    assert metrics[-1]["loss"] < metrics[9]["loss"]
    scores = json.loads(files["getalwoord.json"])["scores"]
    assert scores == json.loads(finished.stdout)


def test_pairs_are_spelled_numerals_and_no_number_is_in_two_parts(finished):
    parts = [
        read_examples(finished.folder / f"{name}.jsonl") for name in ("train", "validation", "test")
    ]

    assert [len(part) for part in parts] == [40, 5, 10]
    assert all(e.instruction == spell(int(e.response)) for part in parts for e in part)
    assert len({example.response for part in parts for example in part}) == 55


def test_a_person_is_told_of_the_model_the_data_and_the_answers(finished):
    said = finished.stderr

    assert re.search(r"6 decoder blocks, [0-9,]+ parameters, of which 7,296 \([0-9.]+%\)", said)
    assert "40 pairs to train on, 5 held back for validation, 10 for the test" in said
    assert re.search(r"Before training: 0 of 10 unseen numerals read exactly \(0\.0%\)", said)
    assert re.search(r"After training: [0-9]+ of 10 unseen numerals read exactly", said)
    assert re.search(r"step 40/40: loss [0-9.]+, exact match [0-9.]+% on the validation", said)
    assert len(re.findall(r"^    [a-zë]+ → .*  [=≠] [0-9]+$", said, re.MULTILINE)) == 10
    assert re.search(r"160 examples in [0-9]+ s of training, [0-9.]+ a second; peak memory", said)
    assert f"The adapter is in {finished.folder}" in said
    assert "token_embedding" in said, "--summary shows the layers"
    assert "Traceback" not in said


@pytest.fixture(scope="module")
def interrupted(finished, tmp_path_factory, tiny_recipe):
    """The same run, stopped by Ctrl-C after its first steps."""
    folder = tmp_path_factory.mktemp("interrupted") / "run"
    metrics = folder / "metrics.jsonl"
    arguments = ("--recipe", tiny_recipe, "--out", folder, "--json")
    with subprocess.Popen(
        [sys.executable, "-m", "getalwoord", "train", *map(str, arguments)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        while not (metrics.exists() and metrics.stat().st_size):
            assert process.poll() is None, process.stderr.read()
            time.sleep(0.002)
        process.send_signal(signal.SIGINT)
        stdout, stderr = process.communicate()
    return folder, process.returncode, stdout, stderr


def test_ctrl_c_keeps_what_there_is_and_says_how_to_go_on(interrupted):
    folder, code, stdout, stderr = interrupted
    metrics = (folder / "metrics.jsonl").read_text().splitlines()

    assert 0 < len(metrics) < STEPS
    assert code == 1
    assert f"Go on with: getalwoord train --resume --out {folder}" in stderr
    assert "Traceback" not in stderr
    assert json.loads(stdout)["interrupted"] is True
    assert (folder / "adapter_model.safetensors").is_file()


def test_a_resumed_run_gives_the_adapter_of_one_that_was_not_stopped(
    interrupted, finished, called, tmp_path
):
    folder = shutil.copytree(interrupted[0], tmp_path / "run")
    done = called("train", "--resume", "--out", folder, "--json")

    assert done.returncode == 0
    weights = "adapter_model.safetensors"
    assert (folder / weights).read_bytes() == (finished.folder / weights).read_bytes()
    result, whole = json.loads(done.stdout), json.loads(finished.stdout)
    assert result["em_after"] == whole["em_after"]
    assert result["examples_seen"] == whole["examples_seen"] == 160
    metrics = (folder / "metrics.jsonl").read_text().splitlines()
    steps = [json.loads(line)["step"] for line in metrics]
    assert steps == [*range(1, STEPS + 1)]


def test_a_run_is_not_written_over_unasked(copied, called, tiny_recipe):
    former = contents(copied)

    done = called("train", "--recipe", tiny_recipe, "--out", copied)

    assert done.returncode == 2
    assert f"{copied} holds a run already: use --resume to go on with it, --over" in done.stderr
    assert contents(copied) == former


def test_resuming_a_finished_run_changes_nothing(copied, called, finished):
    former = contents(copied)

    done = called("train", "--out", copied, "--resume", "--json")

    assert done.returncode == 0
    assert contents(copied) == former
    result, whole = json.loads(done.stdout), json.loads(finished.stdout)
    for name in ("em_before", "em_after", "trainable_parameters", "seconds"):
        assert result[name] == whole[name], name


def test_resuming_with_another_recipe_is_refused(copied, called, tiny_recipe):
    former = contents(copied)
    for change in (("--seed", "5"), ("--epochs", "9"), ("--max", "80")):
        done = called("train", "--recipe", tiny_recipe, "--out", copied, "--resume", *change)
        assert done.returncode == 2
        assert "recipe.toml differs from the recipe asked for: resume with" in done.stderr
    assert contents(copied) == former


def test_a_data_set_is_not_written_over_unasked(called, tiny_recipe, tmp_path):
    assert called("data", "--count", 40, "--out", tmp_path / "pairs").returncode == 0
    former = contents(tmp_path / "pairs")

    for options, reason in {
        (): "holds train.jsonl, validation.jsonl, test.jsonl already",
        ("--data", tmp_path / "pairs" / "train.jsonl"): "lies where the run will keep its pairs",
    }.items():
        done = called("train", "--recipe", tiny_recipe, "--out", tmp_path / "pairs", *options)
        assert done.returncode == 2
        assert reason in done.stderr
    assert contents(tmp_path / "pairs") == former


def test_resuming_takes_neither_other_pairs_nor_overwriting(copied, called, tmp_path):
    former = contents(copied)
    for options, reason in {
        ("--data", tmp_path / "missing.jsonl"): "goes on with its own pairs: leave out --data",
        ("--overwrite",): "--resume goes on with a run, --overwrite replaces it: use only one",
    }.items():
        done = called("train", "--out", copied, "--resume", *options)
        assert done.returncode == 2
        assert reason in done.stderr
    assert contents(copied) == former


def test_paths_are_printed_as_they_are(called, tiny_recipe, tmp_path):
    folder = tmp_path / "a[/b] :star:"

    done = called("train", "--recipe", tiny_recipe, "--out", folder, "--epochs", "1")

    assert done.returncode == 0
    assert f"The adapter is in {folder}. Try it" in done.stdout


def test_resuming_where_there_is_no_run_starts_one_and_overwriting_replaces_it(
    called, tiny_recipe, tmp_path
):
    folder = tmp_path / "run"
    arguments = ("train", "--recipe", tiny_recipe, "--out", folder, "--epochs", "1", "--json")

    assert called(*arguments, "--resume").returncode == 0
    former = contents(folder)
    assert called(*arguments, "--overwrite", "--seed", "1").returncode == 0

    replaced = contents(folder)
    assert replaced.keys() == former.keys()
    assert replaced["metrics.jsonl"].count(b"\n") == former["metrics.jsonl"].count(b"\n") == 10
    for name in ("adapter_model.safetensors", "train.jsonl", "recipe.toml"):
        assert replaced[name] != former[name]


def test_a_damaged_checkpoint_says_so(copied, called):
    (copied / "checkpoint.safetensors").write_bytes(b"nothing")

    done = called("train", "--resume", "--out", copied)

    assert done.returncode == 2
    assert f"{copied / 'checkpoint.safetensors'} is damaged" in done.stderr
    assert "use --overwrite to start anew" in done.stderr


def killed(tiny_recipe, folder, steps):
    """Train with a checkpoint at each step, and kill the process after some."""
    metrics = folder / "metrics.jsonl"
    command = ["train", "--recipe", str(tiny_recipe), "--out", str(folder), "--resume"]
    with subprocess.Popen(
        [sys.executable, "-m", "getalwoord", *command, "--checkpoint-every", "0"],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    ) as process:
        while not (metrics.exists() and metrics.read_bytes().count(b"\n") >= steps):
            assert process.poll() is None
            time.sleep(0.002)
        process.kill()


def test_a_run_that_was_killed_goes_on_bit_for_bit_even_from_the_checkpoint_before(
    tiny_recipe, called, finished, tmp_path
):
    folder = tmp_path / "run"
    killed(tiny_recipe, folder, 8)
    checkpoint = folder / "checkpoint.safetensors"
    checkpoint.write_bytes(checkpoint.read_bytes()[:-1])
    with (folder / "metrics.jsonl").open("a") as file:
        file.write('{"epoch": 1, "st')  # a line that was cut
    (folder / ".checkpoint.safetensors.part-abcd1234.safetensors").write_bytes(b"half")

    done = called("train", "--resume", "--out", folder)

    assert done.returncode == 0
    assert re.search(rf"{checkpoint} is damaged \(.*\): taking the checkpoint bef", done.stdout)
    assert re.search(r"Going on after step [0-9]+", done.stdout)
    weights = "adapter_model.safetensors"
    assert (folder / weights).read_bytes() == (finished.folder / weights).read_bytes()
    ours, theirs = (
        [json.loads(line) for line in (place / "metrics.jsonl").read_text().splitlines()]
        for place in (folder, finished.folder)
    )
    for record in ours + theirs:
        del record["seconds"], record["examples_per_second"]
    assert ours == theirs
    assert contents(folder).keys() - contents(finished.folder).keys() == {
        "checkpoint-former.safetensors"
    }


@pytest.mark.parametrize(
    "lost",
    ["getalwoord.json", "adapter_config.json", "training.png", "adapter_model.safetensors"],
)
def test_resuming_completes_an_adapter_whose_saving_was_cut_off(copied, called, finished, lost):
    (copied / lost).unlink()
    assert called("train", "--resume", "--out", copied).returncode == 0

    assert contents(copied).keys() == contents(finished.folder).keys()
    weights = "adapter_model.safetensors"
    assert (copied / weights).read_bytes() == (finished.folder / weights).read_bytes()


def test_an_adapter_of_an_earlier_stop_is_replaced(copied, called, finished):
    """As if the run was stopped once, resumed, and killed just before its adapter was saved."""
    path = copied / "getalwoord.json"
    details = json.loads(path.read_text())
    details["scores"] |= {"examples_seen": 4, "interrupted": True}
    path.write_text(json.dumps(details))

    assert called("train", "--resume", "--out", copied).returncode == 0
    scores = json.loads(path.read_text())["scores"]
    assert scores["examples_seen"] == 160
    assert scores["interrupted"] is False


def test_one_process_at_a_time_trains_in_a_folder(copied, called):
    import fcntl

    descriptor = os.open(copied, os.O_RDONLY)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        done = called("train", "--resume", "--out", copied)
    finally:
        os.close(descriptor)
    assert done.returncode == 2
    assert f"another process is training in {copied}: wait for it" in done.stderr


@pytest.mark.parametrize("name", ["train.jsonl", "recipe.toml"])
def test_a_run_with_a_damaged_file_is_not_resumed(copied, called, name):
    (copied / name).write_text("{")

    done = called("train", "--resume", "--out", copied)

    assert done.returncode == 2
    assert str(copied / name) in done.stderr


def test_pairs_of_ones_own_are_learnt(called, tiny_recipe, tmp_path):
    path = tmp_path / "mine.jsonl"
    pairs = [{"instruction": f"getal {spell(n)}", "response": str(n)} for n in range(1, 41)]
    path.write_text("".join(json.dumps(pair, ensure_ascii=False) + "\n" for pair in pairs))
    folder = tmp_path / "run"

    done = called(
        *("train", "--recipe", tiny_recipe, "--data", path, "--out", folder, "--epochs", "1"),
        "--resume",  # where there is no run, one begins
    )

    assert done.returncode == 0
    parts = [read_examples(folder / f"{name}.jsonl") for name in ("train", "validation", "test")]
    assert [len(part) for part in parts] == [32, 4, 4]
    assert all(e.instruction == f"getal {spell(int(e.response))}" for p in parts for e in p)


def test_a_base_that_does_not_exist_is_refused(called, tmp_path):
    done = called("train", "--base", "gemma9_9t", "--out", tmp_path / "run")

    assert done.returncode == 2
    assert 'getalwoord: there is no base "gemma9_9t": give gemma3_270m (embedded)' in done.stderr
    assert not (tmp_path / "run").exists()


@pytest.mark.parametrize("damaged", ["model.safetensors", "config.json", "tokenizer.model"])
def test_a_damaged_base_is_refused(called, tiny_recipe, tiny_base_dir, tmp_path, damaged):
    base = shutil.copytree(tiny_base_dir, tmp_path / "base")
    whole = (base / damaged).read_bytes()
    (base / damaged).write_bytes(whole[: len(whole) // 2])

    done = called("train", "--recipe", tiny_recipe, "--base", base, "--out", tmp_path / "run")

    assert done.returncode == 2
    assert done.stderr.startswith(f"getalwoord: {base}")
    assert not (tmp_path / "run").exists()


def test_a_full_disk_says_so_and_leaves_nothing_half_written(called, tiny_recipe, tmp_path):
    """
    A limit on the size of files fails in the same call as a full disk does. The adapter, and
    still more the checkpoint, is larger than the limit; the pairs are smaller.
    """
    folder = tmp_path / "run"
    arguments = ["train", "--recipe", str(tiny_recipe), "--out", str(folder), "--epochs", "1"]
    limited = ("bash", "-c", 'ulimit -f 20; exec "$@"', "-", sys.executable, "-m", "getalwoord")
    done = subprocess.run(
        [*limited, *arguments],
        capture_output=True,
        text=True,
    )

    assert done.returncode == 2
    assert re.search(rf"getalwoord: cannot write {folder}/[a-z.]+: the file would be", done.stderr)
    assert "Traceback" not in done.stderr
    left = contents(folder)
    assert left.keys() <= {
        *("recipe.toml", "train.jsonl", "validation.jsonl", "test.jsonl", "metrics.jsonl")
    }
    assert all(json.loads(line) for line in left["metrics.jsonl"].splitlines())
    # With space again, the run goes on from what is there.
    assert called(*arguments, "--resume", "--json").returncode == 0
    assert (folder / "adapter_model.safetensors").is_file()
    assert len((folder / "metrics.jsonl").read_text().splitlines()) >= 10


def test_a_place_that_is_no_folder_is_refused_before_any_work(called, tiny_recipe, tmp_path):
    (tmp_path / "file").write_text("mine")
    for out, reason in {
        tmp_path / "file": "is a file: give a folder with --out",
        tmp_path / "file" / "run": "a part of the path is a file, not a folder",
        tmp_path / ("x" * 300): "the name is too long",
    }.items():
        for options in (("--recipe", tiny_recipe), ("--resume",)):
            done = called("train", "--out", out, *options)
            assert done.returncode == 2
            assert reason in done.stderr
    assert contents(tmp_path) == {"file": b"mine"}


def test_a_read_only_folder_is_refused(called, tiny_recipe, tmp_path, monkeypatch):
    """
    To a privileged user no folder is closed, so the system's answer is played.
    """
    folder = tmp_path / "run"
    folder.mkdir()
    real = tempfile.mkstemp

    def mkstemp(*arguments, **settings):
        if settings.get("dir") == folder:
            raise OSError(errno.EROFS, os.strerror(errno.EROFS))
        return real(*arguments, **settings)

    monkeypatch.setattr(tempfile, "mkstemp", mkstemp)
    done = called("train", "--recipe", tiny_recipe, "--out", folder)

    assert done.returncode == 2
    assert f"cannot write {folder}" in done.stderr
    assert "the file system is read-only: choose another place" in done.stderr
    assert contents(folder) == {}


@pytest.mark.skipif(os.geteuid() == 0, reason="to a privileged user no folder is closed")
def test_a_closed_folder_is_refused(called, tiny_recipe, tmp_path):
    folder = tmp_path / "run"
    folder.mkdir(mode=0o500)

    done = called("train", "--recipe", tiny_recipe, "--out", folder)

    assert done.returncode == 2
    assert "permission denied: choose a place that you may use" in done.stderr


def test_training_under_jax_follows_training_under_torch(
    getalwoord, finished, tiny_recipe, tmp_path
):
    """
    Both compute in float32, in another order; forty steps of Adam let that grow. The losses would
    differ from the second step on if JAX's were the mean over examples, as Keras takes it.
    """
    pytest.importorskip("jax")
    folder = tmp_path / "run"

    done = getalwoord(
        *("train", "--recipe", str(tiny_recipe), "--out", str(folder), "--json"),
        environment={"KERAS_BACKEND": "jax"},
    )

    assert done.returncode == 0, done.stderr
    under_jax, under_torch = (
        [json.loads(line) for line in (place / "metrics.jsonl").read_text().splitlines()]
        for place in (folder, finished.folder)
    )
    for name in ("step", "loss", "validation_exact_match"):
        assert [step[name] for step in under_jax] == [
            value if value is None else pytest.approx(value, rel=1e-3)
            for value in (step[name] for step in under_torch)
        ]
    ours, theirs = (
        load_file(place / "adapter_model.safetensors") for place in (folder, finished.folder)
    )
    for name, matrix in theirs.items():
        np.testing.assert_allclose(ours[name], matrix, rtol=0, atol=1e-3)


def test_commands_that_are_shown_can_be_pasted():
    shown = io.StringIO()
    summary = {"examples_seen": 1, "seconds": 1, "examples_per_second": 1, "peak_memory_bytes": 1}
    outcome = SimpleNamespace(interrupted=True)
    result = SimpleNamespace(summary=summary, folder=Path("two words"), outcome=outcome)

    _Report(show_layers=False, file_for_text=shown).conclude(result)

    assert "train --resume --out 'two words'\n" in shown.getvalue()
    assert "read --adapter 'two words' " in shown.getvalue()


def test_the_time_left_is_told_of_slow_steps_too():
    report, clock = _Report(show_layers=False, file_for_text=io.StringIO()), itertools.count(0, 60)
    now = [0]
    report._progress.get_time = lambda: now[0]
    for step in range(1, 6):
        now[0] = next(clock)
        report.tell(Step(0, step, 10, 1.0, 0.5, 16 / 60, 60.0 * step))

    assert report._progress.tasks[0].time_remaining == 5 * 60
