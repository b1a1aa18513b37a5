"""Files that are written whole or not at all, and what the disk says made readable."""

import contextlib
import errno
import hashlib
import json
import os
import re
import shutil
import tempfile
from collections.abc import Collection, Iterator, Mapping
from pathlib import Path
from typing import Any

from getalwoord.errors import InputError

_TEMPORARY = re.compile(r"\..+\.part-[a-z0-9_]{8}(\.[a-z]+)?")  # as `writing` names them
_REASONS = {
    errno.ENOSPC: "the disk is full: free some space, or choose another place",
    errno.EDQUOT: "the disk quota is used up: free some space, or choose another place",
    errno.EFBIG: "the file would be larger than is allowed here: raise the limit (ulimit -f)",
    errno.EROFS: "the file system is read-only: choose another place",
    errno.EACCES: "permission denied: choose a place that you may use",
    errno.EPERM: "permission denied: choose a place that you may use",
    errno.ENOTDIR: "a part of the path is a file, not a folder",
    errno.EISDIR: "it is a folder, not a file",
    errno.ENOENT: "it does not exist",
    errno.ENAMETOOLONG: "the name is too long",
}


def disk_error(path: Path | str, error: OSError, doing: str) -> InputError:
    """Turn what the operating system said into a message for people.

    Args:
        path: The file or folder that was used.
        error: What was raised.
        doing: "read", "write" or the like.
    """
    known = _REASONS.get(error.errno or 0)
    if doing == "write" and error.errno == errno.ENOENT:
        known = "there is no such folder"
    return InputError(f"cannot {doing} {path}: {known or error.strerror or error}")


@contextlib.contextmanager
def disk_errors(path: Path, doing: str) -> Iterator[None]:
    """Raise what the operating system says meanwhile as `disk_error` words it.

    Raises:
        InputError: It refuses.
    """
    try:
        yield
    except OSError as error:
        raise disk_error(path, error, doing) from error


@contextlib.contextmanager
def writing(path: Path) -> Iterator[Path]:
    """Give a temporary path beside `path`; what is written there takes its place at the end.

    The file at `path` is either the old one or the whole new one, whatever happens in
    between. A failure leaves nothing behind.

    Raises:
        InputError: The disk is full, read-only or closed to us.
    """
    temporary: Path | None = None
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        descriptor, name = tempfile.mkstemp(
            prefix=f".{path.name}.part-", suffix=path.suffix, dir=path.parent
        )
        os.close(descriptor)
        temporary = Path(name)
        yield temporary
        with temporary.open("rb+") as file:
            os.fsync(file.fileno())
        temporary.chmod(0o666 & ~_umask())
        temporary.replace(path)
        temporary = None
    except OSError as error:
        raise disk_error(path, error, "write") from error
    finally:
        if temporary is not None:
            temporary.unlink(missing_ok=True)


@contextlib.contextmanager
def writing_folder(
    path: Path, *, replacing: Collection[str] = (), advice: str = "give another --out"
) -> Iterator[Path]:
    """Give a temporary folder; what is put there takes its place at `path` at the end.

    There is never half a folder at `path`, but for the instant in which an empty one is filled. A
    failure leaves nothing behind, and an old folder in its place.

    Args:
        path: Where the folder goes: there is none yet, or it is empty. A link stays one.
        replacing: Names of files by which a folder is known that may be replaced; a folder that
            lacks one of them is kept.
        advice: What to do about a folder that is not empty, if it may not be replaced.

    Raises:
        InputError: There is something at `path` that is not to be replaced, or the disk is full,
            read-only or closed to us.
    """
    try:
        path = path.resolve()
        is_empty = path.is_dir() and not any(path.iterdir())
        if path.is_dir() and not is_empty:
            if not replacing:
                raise InputError(f"{path} is not empty: {advice}")
            if not all((path / name).is_file() for name in replacing):
                raise InputError(
                    f"{path} holds other things than what is to be replaced: empty it yourself, or "
                    "give another --out"
                )
        elif path.exists() and not is_empty:
            raise InputError(f"{path} is a file: give a folder with --out")
        path.parent.mkdir(parents=True, exist_ok=True)
        place = path if is_empty else path.parent
        with tempfile.TemporaryDirectory(prefix=f".{path.name}.part-", dir=place) as scratch:
            new = Path(scratch) / "new"
            new.mkdir()
            yield new
            for written in new.rglob("*"):
                if written.is_file():
                    with written.open("rb") as file:
                        os.fsync(file.fileno())
            if is_empty:
                # It stays itself: it may be where the user is, or another disk.
                _move_content(new, path)
            else:
                _replace_folder(path, new, old=Path(f"{scratch}.old"))
    except OSError as error:
        raise disk_error(path, error, "write") from error


def _move_content(source: Path, target: Path) -> None:
    """Move all that is in a folder into another on the same disk, or nothing."""
    names = [path.name for path in source.iterdir()]
    try:
        for name in names:
            (source / name).rename(target / name)
    except BaseException:
        for name in names:
            with contextlib.suppress(FileNotFoundError):
                (target / name).rename(source / name)
        raise


def _replace_folder(path: Path, new: Path, *, old: Path) -> None:
    """Put a folder in the place of what is at `path`, which meanwhile is at `old`."""
    try:
        if path.exists():
            path.rename(old)
        new.rename(path)
    except BaseException:
        if old.exists() and not path.exists():
            old.rename(path)
        raise
    if old.exists():
        shutil.rmtree(old)


def remove_half_written(folder: Path) -> None:
    """Remove what `writing` leaves in a folder when the process is killed.

    Raises:
        InputError: The folder is closed to us.
    """
    with disk_errors(folder, "write"):
        for path in folder.glob(".*.*"):
            if _TEMPORARY.fullmatch(path.name):
                path.unlink(missing_ok=True)


def write_text(path: Path, text: str) -> None:
    """Write a text file as UTF-8, whole or not at all.

    Raises:
        InputError: The disk is full, read-only or closed to us.
    """
    with writing(path) as temporary:
        temporary.write_text(text, encoding="utf-8")


def write_json(path: Path, content: Mapping[str, Any]) -> None:
    """Write an object as a JSON file, whole or not at all.

    Raises:
        InputError: The file cannot be written.
    """
    write_text(path, json.dumps(content, indent=2, ensure_ascii=False) + "\n")


def read_object(path: Path, *, missing: str, failure: type[InputError]) -> dict[str, Any]:
    """Read a JSON file that holds an object.

    Args:
        path: The file.
        missing: What is said if there is none.
        failure: What is raised.

    Raises:
        InputError: Of the type `failure`: the file is missing or damaged, or cannot be read.
    """
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        raise failure(missing) from error
    except OSError as error:
        raise failure(str(disk_error(path, error, "read"))) from error
    except (ValueError, RecursionError) as error:
        raise failure(f"{path} is damaged: {error}") from error
    if not isinstance(content, dict):
        raise failure(f"{path} is damaged: it holds no object")
    return content


def text_of_line(line: bytes, number: int) -> str:
    """Decode a line of UTF-8, without its end; bytes that are no UTF-8 become U+FFFD.

    Args:
        line: As a binary file gives it.
        number: Of the line, from 1: some files begin with a mark.
    """
    text = line.decode("utf-8-sig" if number == 1 else "utf-8", "replace")
    return text.removesuffix("\n").removesuffix("\r")


def sha256_of(path: Path) -> str:
    """SHA-256 of a file, as hexadecimal digits.

    Raises:
        InputError: The file cannot be read.
    """
    with disk_errors(path, "read"), path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _umask() -> int:
    current = os.umask(0o022)
    os.umask(current)
    return current
