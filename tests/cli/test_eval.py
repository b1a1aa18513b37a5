"""`getalwoord eval`: exact match of a finished run."""

import json
import shutil

import pytest

from getalwoord import evaluate
from getalwoord.data.examples import Example
from getalwoord.data.jsonl import read_examples, write_examples
from getalwoord.data.telbench import suites
from getalwoord.errors import InputError


@pytest.fixture
def measured(called, finished):
    """Give the result of `eval --json` on the finished run."""

    def run(*arguments):
        done = called("eval", finished.folder, "--json", *arguments)
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout)

    return run


def test_without_data_the_runs_test_numerals_are_measured(measured, finished):
    """
    By greedy decoding; training measured the same by teacher forcing.
    """
    result = measured()

    assert result["total"] == 10
    assert result["exact_match"] == json.loads(finished.stdout)["em_after"]
    assert result["right"] == 10 * result["exact_match"] == 10 - len(result["mistakes"])
    low, high = result["interval"]
    assert 0 <= low <= result["exact_match"] <= high <= 1
    test = {
        example.instruction: example for example in read_examples(finished.folder / "test.jsonl")
    }
    for mistake in result["mistakes"]:
        assert mistake["response"] == test[mistake["instruction"]].response != mistake["answer"]


def test_pairs_of_ones_own_can_be_measured_and_limited(measured, finished):
    train = finished.folder / "train.jsonl"

    assert measured("--data", train)["total"] == 40
    assert measured("--data", train, "--limit", "7")["total"] == 7


def test_fresh_numerals_are_none_that_were_trained_on(measured, finished):
    result = measured("--fresh", "30", "--seed", "4")
    trained = {example.response for example in read_examples(finished.folder / "train.jsonl")}

    assert result["total"] == 30
    assert not trained & {mistake["response"] for mistake in result["mistakes"]}
    assert measured("--fresh", "30", "--seed", "4") == result


def test_too_many_fresh_numerals_are_refused(called, finished):
    done = called("eval", finished.folder, "--fresh", "80")

    assert done.returncode == 2
    assert done.stderr.startswith("getalwoord: ")
    assert "Traceback" not in done.stderr


def test_a_person_gets_a_table(called, finished):
    done = called("eval", finished.folder)

    assert done.returncode == 0
    assert " of 10 read exactly: " in done.stdout
    assert "95 % interval" in done.stdout


@pytest.mark.parametrize(
    ("text", "reason"),
    {
        '{"instruction": "een"': "line 1: broken JSON at character",
        '{"instruction": "een"}': 'line 1, field "response": it is missing: add it',
        '{"instruction": "een", "response": 1}': 'field "response": 1 is no string: put it in',
        "": "it holds no examples: give one JSON object a line",
    }.items(),
)
def test_wrong_pairs_are_refused_with_their_place(called, finished, tmp_path, text, reason):
    path = tmp_path / "mine.jsonl"
    path.write_text(text)

    done = called("eval", finished.folder, "--data", path)

    assert done.returncode == 2
    assert done.stderr.startswith(f"getalwoord: {path}")
    assert reason in done.stderr


def test_a_run_without_its_test_numerals_is_refused(called, finished, tmp_path):
    folder = shutil.copytree(finished.folder, tmp_path / "run")
    (folder / "test.jsonl").unlink()

    done = called("eval", folder)

    assert done.returncode == 2
    assert f"cannot read {folder / 'test.jsonl'}: it does not exist" in done.stderr


def test_responses_that_are_no_numbers_can_be_measured(measured, tmp_path):
    path = tmp_path / "mine.jsonl"
    write_examples(path, [Example("een", "één stuk"), Example("twee", "2")])

    result = measured("--data", path)

    assert result["total"] == 2
    assert result["mistakes"][0]["response"] == "één stuk"


def test_trust_is_measured_and_thresholds_are_stored(called, finished, tmp_path):
    folder = tmp_path / "run"
    shutil.copytree(finished.folder, folder)

    done = called(
        "eval",
        folder,
        "--trust",
        "--limit",
        "26",
        "--precision",
        "0.9",
        "--out",
        tmp_path,
        "--json",
    )

    result = json.loads(done.stdout)
    assert result == json.loads((tmp_path / "trust.json").read_text())
    assert result["texts"] == 26
    assert result["groups"]["all"]["exact"]["total"] > 0
    assert (tmp_path / "trust.png").stat().st_size > 1000
    stored = json.loads((folder / "calibration.json").read_text())["thresholds"]
    assert stored == result["thresholds"]


def test_trust_of_the_grammar_needs_no_model(getalwoord):
    done = getalwoord("eval", "--trust", "--limit", "4")

    assert done.returncode == 0, done.stderr
    assert "exact: share | right" in done.stdout
    assert "| noise: none |" in done.stdout


def test_fresh_numerals_of_a_run_with_pairs_of_ones_own(called, finished, tmp_path):
    """
    Whose responses may be no numbers; those that are come not again.
    """
    folder = shutil.copytree(finished.folder, tmp_path / "run")
    pairs = [Example("een", "één stuk"), Example("twee", "2.5"), Example("drie", "3")]
    write_examples(folder / "train.jsonl", pairs)

    done = called("eval", folder, "--fresh", "98", "--json")

    assert done.returncode == 0, done.stderr
    result = json.loads(done.stdout)
    assert result["total"] == 98
    assert "3" not in {mistake["response"] for mistake in result["mistakes"]}
    assert called("eval", folder, "--fresh", "99").returncode == 2, "3 was trained on"


@pytest.mark.parametrize(
    ("options", "reason"),
    {
        ("--peers",): "--peers is for --suite: add that, or leave --peers out",
        ("--trust", "--untuned"): "--untuned is for --suite",
        ("--precision", "0.9"): "--precision is for --trust",
        ("--suite", "time", "--precision", "0.9"): "--precision is for --trust",
        ("--strength", "2"): "--strength is for --trust",
        ("--seed", "2"): "--seed is for --fresh or --trust: add that, or leave --seed out",
        ("--data", "mine.jsonl", "--fresh", "3"): "give only one of --fresh, --data",
        ("--suite", "time", "--trust"): "give only one of --suite, --trust",
    }.items(),
)
def test_options_that_would_be_ignored_are_refused(called, options, reason):
    done = called("eval", "run", *options)

    assert done.returncode == 2
    assert done.stderr.startswith(f"getalwoord: {reason}")


def test_the_untuned_base_is_that_of_the_adapter(called, finished, tiny_base_dir, monkeypatch):
    names = []

    def by_base(name, *, dtype):
        names.append(name)
        return lambda examples: [""] * len(examples)

    monkeypatch.setattr("getalwoord.evaluation.suites.by_base", by_base)
    called("eval", finished.folder, "--suite", "time", "--limit", "1", "--untuned")

    assert names == [str(tiny_base_dir)]


def test_a_limit_leaves_some(finished):
    with pytest.raises(InputError, match="limit is -1: give 1 or more"):
        evaluate(finished.folder, limit=-1)


def test_a_report_alone_is_that_of_all_suites(getalwoord, tmp_path):
    getalwoord("eval", "--limit", "1", "--out", tmp_path / "report")

    scores = json.loads((tmp_path / "report" / "report.json").read_text())["scores"]
    assert len(scores["grammar"]) == len(suites())
