"""`getalwoord compare`: runs side by side."""

import json
import shutil
from pathlib import Path

import pytest


def test_runs_are_compared_finished_or_not(finished, called, tmp_path):
    going_on = shutil.copytree(finished.folder, tmp_path / "going-on")
    (going_on / "getalwoord.json").unlink()
    lines = (going_on / "metrics.jsonl").read_text().splitlines(keepends=True)
    (going_on / "metrics.jsonl").write_text("".join(lines[:25]) + lines[25][:9])
    plot = tmp_path / "runs.png"

    done = called("compare", finished.folder, going_on, "--json", "--plot", plot)

    assert done.returncode == 0
    whole, begun = map(json.loads, done.stdout.splitlines())
    assert [whole["folder"], begun["folder"]] == [str(finished.folder), str(going_on)]
    assert (whole["step"], begun["step"]) == (40, 25)
    assert whole["em_after"] == json.loads(finished.stdout)["em_after"]
    assert "em_after" not in begun
    assert begun["loss"] == json.loads(lines[24])["loss"]
    assert plot.read_bytes().startswith(b"\x89PNG\r\n")
    table = called("compare", finished.folder, going_on)
    assert table.returncode == 0
    assert "em after" in table.stdout


def test_what_is_no_run_is_refused(finished, called, tmp_path):
    done = called("compare", finished.folder, tmp_path)
    assert done.returncode == 2
    assert f"{tmp_path} holds no steps of a run: give the --out folder" in done.stderr

    (tmp_path / "metrics.jsonl").write_text('{"step": 1}\n')
    done = called("compare", tmp_path)
    assert done.returncode == 2
    assert f"{tmp_path / 'metrics.jsonl'}, line 1: it is no step of a run" in done.stderr


def test_long_runs_are_shown_in_full(called, tmp_path):
    step = {"step": 16000, "loss": 0.123456, "seconds": 12345.6, "validation_exact_match": 0.98765}
    (tmp_path / "metrics.jsonl").write_text(json.dumps(step) + "\n")

    done = called("compare", tmp_path)

    assert all(f" {shown} " in done.stdout for shown in ("16000", "0.1235", "12346", "0.9877"))


@pytest.mark.parametrize("name", ["plot", "plot.xyz", "plot.svg"])
def test_a_plot_is_a_png_file(called, tmp_path, name):
    step = {"step": 1, "loss": 0.5, "seconds": 1.0, "validation_exact_match": None}
    (tmp_path / "metrics.jsonl").write_text(json.dumps(step) + "\n")

    done = called("compare", tmp_path, "--plot", tmp_path / name)

    assert done.returncode == 2
    assert done.stderr.endswith(f"{name} is no name of a PNG file: give one that ends in .png\n")
    assert not (tmp_path / name).exists()


def test_names_are_shown_as_they_are(called, tmp_path, monkeypatch):
    """
    Neither Rich's markup nor Matplotlib's formulas are meant by the name of a folder.
    """
    monkeypatch.chdir(tmp_path)
    folder = Path(r"[red]one[x] $\oops$")
    folder.mkdir()
    step = {"step": 1, "loss": 0.5, "seconds": 1.0, "validation_exact_match": None}
    (folder / "metrics.jsonl").write_text(json.dumps(step) + "\n")

    done = called("compare", folder, "--plot", tmp_path / "plot.png")

    assert done.returncode == 0, done.stderr
    assert f" {folder} " in done.stdout
    assert (tmp_path / "plot.png").exists()
