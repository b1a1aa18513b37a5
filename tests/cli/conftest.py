"""Commands run as a user runs them."""

import io
import os
import subprocess
import sys
from types import SimpleNamespace

import pytest


@pytest.fixture(scope="session")
def getalwoord():
    """Run a command in a process of its own; standard input is bytes, output is text."""

    def run(*arguments, stdin=b"", environment=None):
        done = subprocess.run(
            [sys.executable, "-m", "getalwoord", *arguments],
            input=stdin,
            capture_output=True,
            env={**os.environ, "PYTHONUTF8": "1", **(environment or {})},
        )
        return subprocess.CompletedProcess(
            done.args, done.returncode, done.stdout.decode(), done.stderr.decode()
        )

    return run


@pytest.fixture
def called(monkeypatch, capsys):
    """Run a command in this process, which has imported Keras already."""
    from getalwoord.cli import main

    def run(*arguments, stdin=b""):
        capsys.readouterr()  # what fixtures have printed
        monkeypatch.setattr(sys, "argv", ["getalwoord", *map(str, arguments)])
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(stdin)))
        with pytest.raises(SystemExit) as end:
            main()
        said = capsys.readouterr()
        return SimpleNamespace(returncode=end.value.code, stdout=said.out, stderr=said.err)

    return run


@pytest.fixture(scope="session")
def tiny_recipe(tmp_path_factory, tiny_base_dir):
    """A recipe file for a run of a second or two."""
    path = tmp_path_factory.mktemp("recipe") / "tiny.toml"
    path.write_text(
        f"""
        base = "{tiny_base_dir}"
        dtype = "float32"
        count = 40
        maximum = 99
        validation = 5
        test = 10
        subword_cuts = 0.1
        rank = 2
        learning_rate = 1e-2
        batch_size = 4
        epochs = 4
        """
    )
    return path


@pytest.fixture(scope="session")
def finished(getalwoord, tiny_recipe, tmp_path_factory):
    """A run of `train --json --summary` on the tiny Gemma 3: what it said, and its folder."""
    folder = tmp_path_factory.mktemp("finished") / "run"
    arguments = ("--recipe", str(tiny_recipe), "--out", str(folder), "--json", "--summary")
    done = getalwoord("train", *arguments)
    assert done.returncode == 0, done.stderr
    return SimpleNamespace(folder=folder, stdout=done.stdout, stderr=done.stderr)
