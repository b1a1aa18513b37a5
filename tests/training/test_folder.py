"""A run begins only where nothing is lost by it, whoever else begins there."""

import pytest

from getalwoord.data.parts import Parts, spelled, write_parts
from getalwoord.errors import InputError
from getalwoord.recipe import Recipe
from getalwoord.training.folder import RunFolder

RECIPE = Recipe.load("default")
PARTS = Parts(spelled([1, 2]), spelled([3]), spelled([4]))
OTHERS = Parts(spelled([5, 6]), spelled([7]), spelled([8]))


def contents(folder):
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def opened(folder, *, data=None, resume=False, overwrite=False):
    """Give a folder in which no run is gone on with."""
    run = RunFolder(folder)
    assert not run.open(RECIPE, data=data, resume=resume, overwrite=overwrite)
    return run


def test_of_two_runs_that_begin_in_a_new_folder_the_second_touches_nothing(tmp_path):
    folder = tmp_path / "run"
    first, second, third = (opened(folder) for _ in range(3))
    first.begin(RECIPE, PARTS, overwrite=False)
    former = contents(folder)

    with pytest.raises(InputError, match="another process is training in"):
        second.begin(RECIPE, OTHERS, overwrite=False)
    first.close()
    with pytest.raises(InputError, match="holds a run already: use --resume"):
        third.begin(RECIPE, OTHERS, overwrite=False)
    assert contents(folder) == former


def test_pairs_of_a_data_set_are_not_written_over_unasked(tmp_path):
    write_parts(tmp_path, PARTS, card="mine")
    former = contents(tmp_path)

    with pytest.raises(InputError, match=r"holds train.jsonl, .* already, .*: use --overwrite to"):
        opened(tmp_path).begin(RECIPE, OTHERS, overwrite=False)
    assert contents(tmp_path) == former

    opened(tmp_path, overwrite=True).begin(RECIPE, OTHERS, overwrite=True)
    assert contents(tmp_path)["train.jsonl"] != former["train.jsonl"]


def test_a_run_that_was_killed_as_it_began_begins_anew(tmp_path):
    write_parts(tmp_path, PARTS)
    (tmp_path / "test.jsonl").unlink()

    opened(tmp_path, resume=True).begin(RECIPE, PARTS, overwrite=False)

    assert contents(tmp_path).keys() == {
        *("recipe.toml", "train.jsonl", "validation.jsonl", "test.jsonl")
    }


@pytest.mark.parametrize("overwrite", [False, True])
def test_pairs_are_not_read_from_where_the_run_will_write_its_own(tmp_path, overwrite):
    (tmp_path / "link").symlink_to(tmp_path / "run")
    for path in (tmp_path / "run" / "mine.jsonl", tmp_path / "link" / "mine.jsonl"):
        with pytest.raises(InputError, match="lies where the run will keep its pairs"):
            opened(tmp_path / "run", data=path, overwrite=overwrite)


@pytest.mark.parametrize("last", [b'{"step": 3', b"\xff\xfe", b"[]\n", b"{}\n", b"3\n"])
def test_of_metrics_what_is_whole_is_kept(tmp_path, last):
    path, kept = tmp_path / "metrics.jsonl", b'{"step": 1}\n{"step": 2}\n'
    path.write_bytes(kept + last)

    RunFolder(tmp_path).go_on(2)
    assert path.read_bytes() == kept
    RunFolder(tmp_path).go_on(1)
    assert RunFolder(tmp_path).curve() == [{"step": 1}]


def test_a_run_that_is_gone_on_with_takes_no_other_pairs(tmp_path):
    with pytest.raises(InputError, match="use only one"):
        opened(tmp_path, resume=True, overwrite=True)
    opened(tmp_path, data=tmp_path.parent / "mine.jsonl", resume=True)  # there is none yet

    opened(tmp_path).begin(RECIPE, PARTS, overwrite=False)

    with pytest.raises(InputError, match="goes on with its own pairs: leave out --data"):
        opened(tmp_path, data=tmp_path.parent / "mine.jsonl", resume=True)
