"""`getalwoord read`: the grammar first, the model for what is left."""

import json
import shutil

import pytest

from getalwoord.data.jsonl import read_examples


def reading(command, folder):
    """Give the arguments with which `read` or `eval` opens an adapter."""
    return (command, "--adapter", folder, "een") if command == "read" else (command, folder)


def records(done):
    return [json.loads(line) for line in done.stdout.splitlines()]


@pytest.fixture
def asks_model(finished, called):
    """Read with the adapter of the finished run."""

    def run(*arguments, **settings):
        return called("read", "--adapter", finished.folder, *arguments, **settings)

    return run


def test_without_an_adapter_the_grammar_reads(called):
    done = called("read", "--json", "vierhonderddrieëntachtig")

    assert done.returncode == 0
    assert records(done) == [
        {
            "text": "vierhonderddrieëntachtig",
            "value": "483",
            "kind": "cardinal",
            "unit": None,
            "how": "exact",
        }
    ]


def test_with_an_adapter_the_grammar_still_comes_first(asks_model):
    done = asks_model("--json", "tweeëntwintig")

    assert [(r["value"], r["how"]) for r in records(done)] == [("22", "exact")]


def test_what_the_grammar_refuses_is_read_by_the_model_and_unproven(asks_model):
    done = asks_model("--json", "twintig en vier", "drie", "dertig zes")

    readings = records(done)
    assert [reading["text"] for reading in readings] == ["twintig en vier", "drie", "dertig zes"]
    assert readings[1]["how"] == "exact"
    for reading in (readings[0], readings[2]):
        assert reading["how"] in ("unproven", None)
        assert (reading["value"] is None) == ("error" in reading)
    assert done.returncode == (0 if all(reading["value"] for reading in readings) else 2)


def test_the_model_alone_answers_as_eval_measures(asks_model, finished, called):
    """
    Of the training pairs, which the tiny model knows in part.
    """
    examples = read_examples(finished.folder / "train.jsonl")
    lines = "".join(f"{example.instruction}\n" for example in examples).encode()

    read = asks_model("--method", "model", "--json", stdin=lines)
    measured = called("eval", finished.folder, "--data", finished.folder / "train.jsonl", "--json")

    wrong = {m["instruction"]: m["answer"] for m in json.loads(measured.stdout)["mistakes"]}
    expected = [wrong.get(example.instruction, example.response) for example in examples]
    answers = [reading["value"] for reading in records(read)]
    assert len(answers) == len(examples)
    for answer, known in zip(answers, expected, strict=True):
        # Where it would have said what is no number, it says one.
        assert answer is not None
        assert answer == known or not known.removeprefix("-").isdigit()
    assert all(reading["how"] in ("unproven", None) for reading in records(read))


def test_a_sentence_has_figures_for_its_numerals(getalwoord):
    text = "ik betaalde drie euro vijftig om half vijf"
    done = getalwoord("read", "--json", text, "drie")
    sentence, numeral = records(done)
    assert sentence == {
        "text": text,
        "readings": [
            {
                **{"text": "drie euro vijftig", "value": "3.50", "kind": "money", "unit": "EUR"},
                **{"how": "exact", "figures": "€ 3,50", "start": 12, "end": 29},
            },
            {
                **{"text": "half vijf", "value": "04:30", "kind": "time", "unit": None},
                **{"how": "exact", "figures": "4.30 uur", "start": 33, "end": 42},
            },
        ],
        "normalised": "ik betaalde € 3,50 om 4.30 uur",
    }
    assert numeral["value"] == "3"
    assert getalwoord("read", text).stdout == "ik betaalde € 3,50 om 4.30 uur\n"


def test_the_order_is_that_of_the_texts(asks_model):
    texts = ["zzzdrie", "een", "tweeduizendeenn", "twaalf", "vvijf"] * 20

    done = asks_model("--json", stdin="\n".join(texts).encode())

    readings = records(done)
    assert [reading["text"] for reading in readings] == texts
    assert len({(r["text"], r["value"], r["how"]) for r in readings}) == 5


def test_a_text_that_nobody_can_read_does_not_stop_the_others(asks_model):
    done = asks_model("--json", stdin=b"een\n\n\xff\xfe\ntwee\n")

    readings = records(done)
    assert [reading["value"] for reading in (readings[0], readings[3])] == ["1", "2"]
    assert readings[1]["value"] is None
    assert readings[1]["error"] == "there is no text"
    assert done.returncode == 2
    assert "getalwoord: line 2: cannot read ''" in done.stderr


def test_without_json_value_and_how_are_printed(asks_model):
    done = asks_model("zevenhonderd")

    assert done.stdout == "700\texact\n"
    assert done.returncode == 0


def test_the_grammar_alone_says_where_a_text_stops_being_a_numeral(called):
    done = called("read", "--method", "grammar", "vieren")

    assert done.returncode == 2
    assert done.stdout == ""
    assert "cannot read 'vieren'" in done.stderr


def test_the_model_needs_an_adapter(called):
    done = called("read", "--method", "model", "een")

    assert done.returncode == 2
    assert "--method model needs a model: give --adapter, the folder of a run" in done.stderr


@pytest.mark.parametrize("command", ["read", "eval"])
def test_a_folder_without_an_adapter_is_refused(called, tmp_path, command):
    done = called(*reading(command, tmp_path))

    assert done.returncode == 2
    assert f"{tmp_path} holds no adapter: getalwoord.json is missing; give the" in done.stderr


@pytest.mark.parametrize("command", ["read", "eval"])
def test_a_damaged_adapter_is_refused(called, finished, tmp_path, command):
    folder = shutil.copytree(finished.folder, tmp_path / "run")
    path = folder / "adapter_model.safetensors"
    path.write_bytes(path.read_bytes()[:500])

    done = called(*reading(command, folder))

    assert done.returncode == 2
    assert f"{path} is damaged" in done.stderr


@pytest.mark.parametrize("command", ["read", "eval"])
def test_an_adapter_of_another_base_is_refused(called, finished, tiny_gemma, command):
    other = ("--base", tiny_gemma("gemma2"), "--dtype", "float32")

    done = called(*reading(command, finished.folder), *other)

    assert done.returncode == 2
    assert "getalwoord: the adapter was trained on " in done.stderr
    assert "give the base it was trained on" in done.stderr


@pytest.mark.parametrize("command", ["read", "eval"])
def test_a_base_that_has_gone_is_refused(called, finished, tmp_path, command):
    folder = shutil.copytree(finished.folder, tmp_path / "run")
    details = json.loads((folder / "getalwoord.json").read_text())
    details["recipe"]["base"] = "/nowhere/gemma"
    (folder / "getalwoord.json").write_text(json.dumps(details))

    done = called(*reading(command, folder))

    assert done.returncode == 2
    assert 'there is no base "/nowhere/gemma"' in done.stderr


def test_a_base_that_has_moved_can_be_named(called, finished, tiny_base_dir, tmp_path):
    moved = shutil.copytree(tiny_base_dir, tmp_path / "moved")

    done = called("read", "--adapter", finished.folder, "--base", moved, "--json", "vviijf")

    assert len(records(done)) == 1


def test_an_unknown_dtype_is_refused(called, finished):
    done = called("read", "--adapter", finished.folder, "--dtype", "int4", "vviijf")

    assert done.returncode == 2
    assert 'dtype "int4" is not known: use auto, bfloat16 or float32' in done.stderr
