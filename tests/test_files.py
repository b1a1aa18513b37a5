"""Folders that are written whole or not at all."""

from pathlib import Path

import pytest

from getalwoord.errors import InputError
from getalwoord.files import writing_folder


def write(path, text="new", **settings):
    with writing_folder(path, **settings) as folder:
        (folder / "a.txt").write_text(text)
        (folder / "within").mkdir()
        (folder / "within" / "b.txt").write_text(text)


def files(folder):
    return {str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file()}


def test_a_folder_is_made_with_those_above_it(tmp_path):
    write(tmp_path / "above" / "folder")

    assert files(tmp_path) == {"above/folder/a.txt", "above/folder/within/b.txt"}


def test_an_old_folder_is_replaced(tmp_path):
    write(tmp_path / "folder", "old")
    (tmp_path / "folder" / "c.txt").touch()

    write(tmp_path / "folder", replacing=["a.txt"])

    assert files(tmp_path) == {"folder/a.txt", "folder/within/b.txt"}
    assert (tmp_path / "folder" / "a.txt").read_text() == "new"


@pytest.mark.parametrize("failure", [OSError, KeyboardInterrupt])
@pytest.mark.parametrize("number", [1, 2])
def test_an_old_folder_is_back_when_its_replacement_fails(tmp_path, monkeypatch, failure, number):
    """
    By the disk or by Ctrl-C, at either of the two renames.
    """
    write(tmp_path / "folder", "old")
    rename, renamed = Path.rename, []

    def fail(path, target):
        renamed.append(path)
        if len(renamed) == number:
            raise failure
        return rename(path, target)

    monkeypatch.setattr(Path, "rename", fail)
    with pytest.raises((InputError, KeyboardInterrupt)):
        write(tmp_path / "folder", replacing=["a.txt"])

    assert files(tmp_path) == {"folder/a.txt", "folder/within/b.txt"}
    assert (tmp_path / "folder" / "a.txt").read_text() == "old"


def test_an_empty_folder_is_filled_and_stays_itself(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    number = tmp_path.stat().st_ino

    write(Path())

    assert files(tmp_path) == {"a.txt", "within/b.txt"}
    assert tmp_path.stat().st_ino == Path.cwd().stat().st_ino == number
    assert len(list(tmp_path.iterdir())) == 2


def test_an_empty_folder_that_cannot_be_filled_stays_empty(tmp_path, monkeypatch):
    rename, renamed = Path.rename, []

    def fail(path, target):
        renamed.append(path)
        if len(renamed) == 2:
            raise KeyboardInterrupt
        return rename(path, target)

    monkeypatch.setattr(Path, "rename", fail)
    with pytest.raises(KeyboardInterrupt):
        write(tmp_path)

    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("is_there", [True, False])
def test_a_link_to_a_folder_stays_a_link(tmp_path, is_there):
    if is_there:
        (tmp_path / "folder").mkdir()
    (tmp_path / "link").symlink_to("folder")

    write(tmp_path / "link")

    assert (tmp_path / "link").is_symlink()
    assert files(tmp_path / "folder") == {"a.txt", "within/b.txt"}


def test_what_holds_other_things_is_kept(tmp_path):
    (tmp_path / "mine.txt").touch()

    with pytest.raises(InputError, match="is not empty: give another --out"):
        write(tmp_path)
    with pytest.raises(InputError, match="holds other things than what is to be replaced"):
        write(tmp_path, replacing=["a.txt"])
    with pytest.raises(InputError, match="is a file: give a folder"):
        write(tmp_path / "mine.txt")

    assert files(tmp_path) == {"mine.txt"}
