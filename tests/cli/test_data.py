"""`getalwoord data`, as a user types it."""

import inspect
import json
import re
import shlex
import subprocess
import sys

import pytest

from getalwoord.cli.data import data
from getalwoord.data.jsonl import read_examples
from getalwoord.numerals import KINDS, parse
from getalwoord.recipe import Recipe

FILES = ["README.md", "test.jsonl", "train.jsonl", "validation.jsonl"]
SMALL = ["--count", "20", "--validation", "5", "--test", "10"]


def names(folder):
    return sorted(path.name for path in folder.iterdir())


def test_four_files_are_made_and_no_number_is_in_two_parts(getalwoord, tmp_path):
    done = getalwoord("data", "--out", str(tmp_path / "new" / "set"))
    folder = tmp_path / "new" / "set"
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout == (
        f"{folder}: 1000 pairs in train, 100 pairs in validation, 300 pairs in test\n"
    )
    assert names(folder) == FILES
    parts = [read_examples(folder / f"{part}.jsonl") for part in ("train", "validation", "test")]
    train, validation, test = ({example.value for example in part} for part in parts)
    assert train | validation | test == set(range(1, 1000))
    assert len(train) + len(validation) + len(test) == 999
    assert all(parse(example.instruction) == example.value for part in parts for example in part)


def test_a_line_is_the_pair_with_letters_as_they_are(getalwoord, tmp_path):
    getalwoord("data", "--out", str(tmp_path), *SMALL, "--min", "23", "--max", "59")
    text = (tmp_path / "train.jsonl").read_text(encoding="utf-8")
    assert re.fullmatch(r'(\{"instruction": "[a-zë]+", "response": "[0-9]{2}"\}\n){20}', text)
    assert "ën" in text


def test_the_same_seed_makes_the_same_files_and_another_seed_others(getalwoord, tmp_path):
    for name, seed in (("a", "1"), ("b", "1"), ("c", "2")):
        getalwoord("data", "--out", str(tmp_path / name), "--seed", seed, *SMALL)
    a, b, c = ([(tmp_path / n / f).read_bytes() for f in FILES] for n in "abc")
    assert a == b
    assert all(ours != others for ours, others in zip(a, c, strict=True))


def test_all_of_the_largest_range_can_be_drawn_from(getalwoord, tmp_path):
    done = getalwoord(
        *("data", "--out", str(tmp_path), *SMALL, "--max", str(10**18 - 1), "--json"),
        *("--sampling", "log-uniform", "--min", str(1 - 10**18), "--replacement"),
    )
    assert json.loads(done.stdout) == {
        "folder": str(tmp_path),
        "train": 20,
        "validation": 5,
        "test": 10,
        "different_responses": 20,
        "minimum": 1 - 10**18,
        "maximum": 10**18 - 1,
        "sampling": "log-uniform",
        "replacement": True,
        "seed": 0,
        "kinds": ["cardinal"],
        "noise": [],
        "noise_strength": 1,
        "sentences": 0.0,
    }


@pytest.mark.parametrize(
    "options",
    [
        ["--replacement"],
        ["--kinds", "money,time", "--noise", "lost", "--noise", "key", "--sentences", "0.5"],
    ],
)
def test_the_command_in_the_card_makes_the_same_files(options, getalwoord, tmp_path):
    getalwoord("data", "--out", str(tmp_path / "a"), *SMALL, "--seed", "3", *options)
    card = (tmp_path / "a" / "README.md").read_text(encoding="utf-8")
    (command,) = [line for line in card.splitlines() if line.startswith("getalwoord data")]
    getalwoord(*shlex.split(command.replace("DIR", str(tmp_path / "b")))[1:])
    a, b = ([(tmp_path / n / f).read_bytes() for f in FILES] for n in "ab")
    assert a == b


def test_help_has_an_example_and_the_example_works(getalwoord, tmp_path):
    shown = " ".join(getalwoord("data", "--help").stdout.split())
    (example,) = re.findall(r"Example: getalwoord (.*? 999999) ", shown)
    done = getalwoord(*example.replace("numerals", str(tmp_path)).split())
    assert (done.returncode, done.stderr) == (0, "")
    examples = read_examples(tmp_path / "train.jsonl")
    assert len(examples) == 1000
    assert {example.kind for example in examples} == set(KINDS)
    assert {example.form for example in examples} == {"official", "variant", "noise", "sentence"}


def test_defaults_are_those_of_a_recipe():
    parameters = inspect.signature(data).parameters
    ours = {name: p.default for name, p in parameters.items() if name in Recipe.model_fields}
    theirs = {name: field.default for name, field in Recipe.model_fields.items() if name in ours}
    assert ours | {"kinds": ("cardinal",), "noise": ()} == theirs
    assert len(ours) == 11


REFUSED = {
    "a range that is too small": (["--max", "9"], "from 1 to 9 there are 9 numbers, too few"),
    "no pairs": (["--count", "0"], '"count" is 0: it should be greater than or equal to 1'),
    "more than memory holds": (["--count", str(10**12)], "less than or equal to 10000000"),
    "a number that is too large": (["--max", str(10**18)], f"less than or equal to {10**18 - 1}"),
    "ends the wrong way round": (["--min", "7", "--max", "5"], "minimum 7 is above maximum 5"),
    "a negative seed": (["--seed", "-1"], '"seed" is -1: it should be greater than or equal to 0'),
    "no number": (["--max", "veel"], "Invalid value for '--max'"),
    "another sampling": (["--sampling", "normal"], "Invalid value for '--sampling'"),
    "another kind": (["--kinds", "cardinal,colour"], 'kinds has "colour": give some of'),
    "another noise": (["--noise", "typo"], 'noise has "typo": give some of'),
    "too much noise": (["--strength", "4"], '"noise_strength" is 4'),
    "mistakes without a kind of them": (["--strength", "2"], "--strength is for --noise: add that"),
    "a range of numbers that others are made of": (
        ["--max", "20", "--sampling", "covering"],
        "from 1 to 20 there are 20 numbers, 20 of which the others are made of, too few",
    ),
    "replacement of kinds": (
        ["--kinds", "all", "--replacement"],
        "replacement is for cardinals alone",
    ),
    "a smallest number with noise": (
        ["--noise", "lost", "--min", "50"],
        "minimum 50 is for cardinals alone",
    ),
    "more than all sentences": (["--sentences", "1.5"], '"sentences" is 1.5'),
}


@pytest.mark.parametrize(("options", "reason"), REFUSED.values(), ids=REFUSED)
def test_what_cannot_be_made_is_refused_and_nothing_written(options, reason, getalwoord, tmp_path):
    done = getalwoord("data", "--out", str(tmp_path / "new"), *options)
    assert (done.returncode, done.stdout) == (2, "")
    assert reason in done.stderr
    assert "Traceback" not in done.stderr
    assert names(tmp_path) == []


def test_a_folder_with_a_data_set_is_refused_unless_it_may_be_overwritten(getalwoord, tmp_path):
    (tmp_path / "README.md").write_text("mine", encoding="utf-8")
    done = getalwoord("data", "--out", str(tmp_path), *SMALL)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == (
        f"getalwoord: {tmp_path} holds README.md already: use --overwrite to replace it, or give "
        "another folder with --out\n"
    )
    assert (tmp_path / "README.md").read_text(encoding="utf-8") == "mine"

    assert getalwoord("data", "--out", str(tmp_path), *SMALL, "--overwrite").returncode == 0
    assert names(tmp_path) == FILES
    assert (tmp_path / "README.md").read_text(encoding="utf-8") != "mine"


def test_a_file_in_the_place_of_the_folder_is_named(getalwoord, tmp_path):
    (tmp_path / "file").touch()
    for out, reason in (("file", "is a file: give a folder"), ("file/new", "is a file, not a")):
        for overwrite in ([], ["--overwrite"]):
            done = getalwoord("data", "--out", str(tmp_path / out), *SMALL, *overwrite)
            assert (done.returncode, done.stdout) == (2, "")
            assert reason in done.stderr
            assert "Traceback" not in done.stderr


def test_a_folder_that_cannot_be_written_to_is_named(getalwoord):
    # Not even root may make a folder here.
    done = getalwoord("data", "--out", "/proc/getalwoord", *SMALL)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith("getalwoord: cannot write /proc/getalwoord/train.jsonl: ")
    assert "Traceback" not in done.stderr


LIMITED = """
import resource, signal
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (2000, 2000))
from getalwoord.cli import main
main()
"""


@pytest.mark.parametrize("existing", [True, False])
def test_a_disk_that_fills_leaves_all_as_it_was(existing, tmp_path, getalwoord):
    """
    The limit lets the smaller files through: they must not stay without the others.
    """
    folder = tmp_path / "set"
    before = {}
    if existing:
        getalwoord("data", "--out", str(folder), *SMALL)
        before = {path.name: path.read_bytes() for path in folder.iterdir()}
    sizes = ["--count", "20", "--validation", "5", "--test", "500"]
    done = subprocess.run(
        [
            *(sys.executable, "-c", LIMITED, "data", "--out", str(folder)),
            *(*sizes, "--seed", "1", "--overwrite"),
        ],
        capture_output=True,
        text=True,
    )
    assert (done.returncode, done.stdout) == (2, "")
    assert re.search(r"cannot write .*test\.jsonl: the file would be larger than", done.stderr)
    assert "Traceback" not in done.stderr
    assert folder.exists() == existing
    if existing:
        assert {path.name: path.read_bytes() for path in folder.iterdir()} == before
