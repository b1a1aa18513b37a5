"""The cache of converted bases: Hugging Face folders, each made whole or not at all.

A folder is named by the SHA-256 of the file that it was made of and by the version of this
cache, so that two versions of getalwoord do not undo each other's work. Its manifest holds the
SHA-256 of everything in it, checked at every use (half a second for 270M), so that a damaged
folder is made again and never answers wrongly.
"""

import contextlib
import fcntl
import json
import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

from getalwoord.errors import InputError
from getalwoord.files import disk_error, sha256_of

_MANIFEST = "getalwoord-cache.json"
# To be raised whenever what a conversion writes changes, so that old folders are not used.
_VERSION = 3


def cache_folder() -> Path:
    """Tell where converted bases are kept; ``GETALWOORD_CACHE`` moves it."""
    if "GETALWOORD_CACHE" in os.environ:
        return Path(os.environ["GETALWOORD_CACHE"])
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "getalwoord"


def cached(sha256: str, build: Callable[[Path], None]) -> Path:
    """Give the folder made of a file, building it where it is absent, old or damaged.

    Several processes may call this at once: one builds, the others wait for it.

    Args:
        sha256: Of the file.
        build: Fills a folder, which is empty.

    Raises:
        InputError: The cache cannot be written.
    """
    root = cache_folder()
    folder = root / f"{sha256[:16]}-{_VERSION}"
    if _is_whole(folder, sha256):
        return folder
    try:
        root.mkdir(parents=True, exist_ok=True)
        with _locked(root / f"{folder.name}.lock"):
            if not _is_whole(folder, sha256):
                _make(folder, sha256, build)
    except OSError as error:
        raise InputError(
            f"{disk_error(root, error, 'write the cache')}; GETALWOORD_CACHE=FOLDER moves it"
        ) from error
    return folder


def _make(folder: Path, sha256: str, build: Callable[[Path], None]) -> None:
    prefix = f".{folder.name}."
    for left_behind in folder.parent.glob(f"{prefix}*"):  # by a process that was killed
        shutil.rmtree(left_behind, ignore_errors=True)
    with tempfile.TemporaryDirectory(dir=folder.parent, prefix=prefix) as scratch:
        built = Path(scratch) / "base"
        built.mkdir()
        build(built)
        files = {
            path.name: {"size": path.stat().st_size, "sha256": sha256_of(path)}
            for path in sorted(built.iterdir())
        }
        manifest = {"version": _VERSION, "source_sha256": sha256, "files": files}
        (built / _MANIFEST).write_text(json.dumps(manifest, indent=2) + "\n", encoding="utf-8")
        if folder.exists():
            shutil.rmtree(folder)
        built.rename(folder)


def _is_whole(folder: Path, sha256: str) -> bool:
    try:
        manifest = json.loads((folder / _MANIFEST).read_text(encoding="utf-8"))
        return (
            manifest["version"] == _VERSION
            and manifest["source_sha256"] == sha256
            and all(
                (folder / name).stat().st_size == file["size"]
                and sha256_of(folder / name) == file["sha256"]
                for name, file in manifest["files"].items()
            )
        )
    except (OSError, InputError, ValueError, KeyError, TypeError, AttributeError):
        return False


@contextlib.contextmanager
def _locked(path: Path) -> Iterator[None]:
    with path.open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield
