"""Telbench from the command line, as a user types it."""

import json


def test_the_command_writes_it(getalwoord, tmp_path):
    folder = tmp_path / "telbench"
    done = getalwoord("data", "--telbench", "--out", str(folder))
    assert done.stdout == f"{folder}: 1020 examples in suites of Telbench\n"
    first = json.loads((folder / "money.jsonl").read_text("utf-8").splitlines()[0])
    assert first["kind"] == "money"
    assert getalwoord("data", "--telbench", "--out", str(folder)).returncode == 2
    done = getalwoord("data", "--telbench", "--out", str(folder), "--overwrite", "--json")
    assert json.loads(done.stdout) == {"folder": str(folder), "examples": 1020}


def test_the_command_measures_the_grammar_alone(getalwoord, tmp_path):
    out = tmp_path / "report"
    done = getalwoord("eval", "--suite", "time", "--suite", "money", "--json", "--out", str(out))
    assert json.loads(done.stdout) == {"grammar": {"time": [40, 40], "money": [40, 40]}}
    assert sorted(path.name for path in out.iterdir()) == ["report.html", "report.json"]


def test_the_command_says_what_is_missing(getalwoord):
    done = getalwoord("eval")
    assert done.returncode == 2
    assert "name the folder of a run, or a suite with --suite" in done.stderr
    done = getalwoord("eval", "--suite", "hard")
    assert done.returncode == 2
    assert 'there is no suite "hard"' in done.stderr
