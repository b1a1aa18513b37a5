"""`getalwoord train` with recipes and data that cannot be used.

In this process, for importing Keras anew for each case would take most of the time.
"""

import re
import sys

import pytest

from getalwoord.cli import main
from getalwoord.data.examples import Example
from getalwoord.data.jsonl import as_lines
from getalwoord.numerals import spell


@pytest.fixture
def refused(monkeypatch, capsys, tmp_path):
    """Give what `train` says when it refuses; it must leave no folder behind."""

    def run(*arguments):
        capsys.readouterr()  # what making the tiny base has printed
        folder = tmp_path / "run"
        monkeypatch.setattr(sys, "argv", ["getalwoord", "train", "--out", str(folder), *arguments])
        with pytest.raises(SystemExit) as end:
            main()
        assert end.value.code == 2
        assert not folder.exists()
        return capsys.readouterr().err

    return run


RECIPES = {
    "an unknown setting": ("epoch = 3", '{}: there is no setting "epoch"; did you mean "epochs"?'),
    "a wrong value": ("rank = 0", '{}: "rank" is 0: it should be greater than or equal to 1'),
    "no TOML": ("rank: 4", "{} is not valid TOML: "),
}


@pytest.mark.parametrize(("text", "reason"), RECIPES.values(), ids=RECIPES)
def test_a_wrong_recipe_is_refused_with_its_file_and_setting(text, reason, refused, tmp_path):
    path = tmp_path / "mine.toml"
    path.write_text(text, encoding="utf-8")
    assert refused("--recipe", str(path)).startswith(f"getalwoord: {reason.format(path)}")


def test_an_unknown_recipe_is_refused(refused):
    assert 'there is no recipe "fast": give default, post, all or the path' in refused(
        "--recipe", "fast"
    )


DATA = {
    "a broken line": ('{"instruction": "twee", ', ", line 2: broken JSON at character "),
    "a missing field": ('{"instruction": "twee"}', ', line 2, field "response": it is missing'),
    "no string": (
        '{"instruction": "twee", "response": 2}',
        ', line 2, field "response": 2 is no string: put it in quotes',
    ),
    "a contradiction": (
        '{"instruction": "een", "response": "2"}',
        ', line 2, field "response": "2" contradicts line 1',
    ),
}


@pytest.mark.parametrize(("line", "reason"), DATA.values(), ids=DATA)
def test_wrong_data_is_refused_with_its_file_line_and_field(line, reason, refused, tmp_path):
    path = tmp_path / "mine.jsonl"
    path.write_text(as_lines([Example("een", "1")]) + line + "\n", encoding="utf-8")
    assert refused("--data", str(path)).startswith(f"getalwoord: {path}{reason}")


def test_data_without_examples_is_refused(refused, tmp_path):
    path = tmp_path / "mine.jsonl"
    path.touch()
    assert refused("--data", str(path)).startswith(f"getalwoord: {path}: it holds no examples")


def test_too_few_examples_are_refused(refused, tmp_path):
    path = tmp_path / "mine.jsonl"
    path.write_text(as_lines([Example("een", "1")]), encoding="utf-8")
    assert "there are 1 different responses; at least 10" in refused("--data", str(path))


def test_missing_data_and_a_folder_are_refused(refused, tmp_path):
    path = tmp_path / "mine.jsonl"
    assert f"cannot read {path}: it does not exist" in refused("--data", str(path))
    path.mkdir()
    assert f"cannot read {path}: it is a folder, not a file" in refused("--data", str(path))


def test_an_example_that_is_too_long_is_refused_with_its_line(refused, tmp_path, tiny_gemma):
    examples = [Example(spell(value), str(value)) for value in range(1, 31)]
    examples[17] = Example(spell(777_777_777_777), "777777777777")
    path, recipe = tmp_path / "mine.jsonl", tmp_path / "mine.toml"
    path.write_text("\n" + as_lines(examples), encoding="utf-8")
    recipe.write_text("sequence_length = 24", encoding="utf-8")
    said = refused(
        *("--data", str(path), "--recipe", str(recipe)),
        *("--base", str(tiny_gemma("gemma3")), "--dtype", "float32"),
    )
    assert re.match(
        rf"getalwoord: {re.escape(str(path))}, line 19: .* have [0-9]+ tokens, more than the "
        "sequence_length of 24: raise it, or shorten the example",
        said,
    )
