"""The folder of a run: opened, begun, gone on with; and the metrics in it, a line a step."""

import fcntl
import json
import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from getalwoord.adapter import DETAILS, PEFT_CONFIG, WEIGHTS
from getalwoord.data.parts import Parts, parts_lost, write_parts
from getalwoord.errors import InputError
from getalwoord.files import disk_errors, remove_half_written, write_text
from getalwoord.recipe import Recipe
from getalwoord.training.checkpoints import CHECKPOINT, FORMER
from getalwoord.training.event_files import FOLDER as EVENTS

RECIPE, METRICS = "recipe.toml", "metrics.jsonl"
_CALIBRATION = "calibration.json"  # which `reading.proof` reads: of another adapter it misleads


class RunFolder:
    """The folder of one run, which one process at a time can train in.

    Args:
        folder: It need not exist.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._lock: int | None = None

    def open(self, recipe: Recipe, *, data: Path | None, resume: bool, overwrite: bool) -> bool:
        """Tell whether a run in the folder is to be gone on with.

        Raises:
            InputError: It holds a run, and that is not to be touched, or is of another recipe or
                other data; `data` lies in it; or another process is training there.
        """
        if resume and overwrite:
            raise InputError("--resume goes on with a run, --overwrite replaces it: use only one")
        with disk_errors(self._folder, "use"):
            if self._folder.exists() and not self._folder.is_dir():
                raise InputError(f"{self._folder} is a file: give a folder with --out")
            resuming = (self._folder / RECIPE).exists() and not overwrite
        if resuming:
            self._check_resumed(recipe, data, resume=resume)
        elif data is not None and _really(data).parent == _really(self._folder):
            raise InputError(f"{data} lies where the run will keep its pairs: use another --out")
        if self._folder.is_dir():
            self._take()
        return resuming

    def _check_resumed(self, recipe: Recipe, data: Path | None, *, resume: bool) -> None:
        saved = self._folder / RECIPE
        if not resume:
            raise self._held()
        if data is not None:
            raise InputError(
                f"{self._folder} holds a run, which goes on with its own pairs: leave out --data, "
                "or use another --out"
            )
        if Recipe.load(saved) != recipe:
            raise InputError(
                f"{saved} differs from the recipe asked for: resume with the same settings, or "
                "use another --out"
            )

    def _held(self) -> InputError:
        return InputError(
            f"{self._folder} holds a run already: use --resume to go on with it, "
            "--overwrite to replace it, or another --out"
        )

    def begin(self, recipe: Recipe, parts: Parts, *, overwrite: bool) -> None:
        """Write what a run starts from; of one that is replaced, what would mislead goes first.

        The recipe goes first and comes last: where there is one, there is the whole run.

        Raises:
            InputError: The folder cannot be written to, another process is training there or has
                since it was opened, or it holds other pairs.
        """
        with disk_errors(self._folder, "write"):
            self._folder.mkdir(parents=True, exist_ok=True)
        self._take()
        if not overwrite:
            self._check_free(parts)
        old = (RECIPE, DETAILS, WEIGHTS, PEFT_CONFIG, CHECKPOINT, FORMER, METRICS, _CALIBRATION)
        with disk_errors(self._folder, "write"):
            for name in old:
                (self._folder / name).unlink(missing_ok=True)
            if (self._folder / EVENTS).is_dir():
                shutil.rmtree(self._folder / EVENTS)
        write_parts(self._folder, parts)
        remove_half_written(self._folder)
        recipe.save(self._folder / RECIPE)

    def _check_free(self, parts: Parts) -> None:
        """Refuse to replace a run, or the pairs of a data set, unasked."""
        if (self._folder / RECIPE).exists():  # of a process that has ended since `open`
            raise self._held()
        # The same pairs may be there, without a recipe, of a run that was killed as it began.
        lost = parts_lost(self._folder, parts)
        if lost:
            raise InputError(
                f"{self._folder} holds {', '.join(lost)} already, with other pairs: use "
                "--overwrite to replace them, or another --out"
            )

    def go_on(self, step: int) -> None:
        """Take back what a run that was killed did after its checkpoint.

        Raises:
            InputError: The folder cannot be written to.
        """
        remove_half_written(self._folder)
        path = self._folder / METRICS
        if path.is_file():
            kept = [line for record, line in _lines(path) if record["step"] <= step]
            write_text(path, "".join(kept))

    def forget_calibration(self) -> None:
        """Remove how far another adapter's readings could be trusted.

        Raises:
            InputError: The folder cannot be written to.
        """
        path = self._folder / _CALIBRATION
        with disk_errors(path, "remove"):
            path.unlink(missing_ok=True)

    def append(self, record: dict[str, Any]) -> None:
        """Add a line to the metrics, for others to see at once.

        Raises:
            InputError: The file cannot be written.
        """
        path = self._folder / METRICS
        with disk_errors(path, "write"), path.open("a", encoding="utf-8") as file:
            file.write(json.dumps(record) + "\n")

    def curve(self) -> list[Any]:
        """Read the metrics of all steps, as `plot_run` takes them."""
        path = self._folder / METRICS
        return [record for record, _ in _lines(path)] if path.is_file() else []

    def _take(self) -> None:
        """Keep other processes out, until this is closed or the process ends."""
        if self._lock is not None:
            return
        with disk_errors(self._folder, "use"):
            self._lock = os.open(self._folder, os.O_RDONLY)
        try:
            fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise InputError(
                f"another process is training in {self._folder}: wait for it, or use another --out"
            ) from error
        except OSError:
            pass  # a file system without locks

    def close(self) -> None:
        """Let others train in the folder."""
        if self._lock is not None:
            os.close(self._lock)
            self._lock = None

    def __del__(self) -> None:
        self.close()


def _really(path: Path) -> Path:
    return Path(os.path.realpath(path))  # unlike `Path.resolve`, of links that go in a circle, too


def _lines(path: Path) -> Iterator[tuple[dict[str, Any], str]]:
    """Give the steps of a metrics file, up to a line that is none; the last may be cut short."""
    with disk_errors(path, "read"):
        text = path.read_text(encoding="utf-8", errors="replace")
    for line in text.splitlines(keepends=True):
        try:
            record = json.loads(line)
        except ValueError:
            return
        if not isinstance(record, dict) or "step" not in record:
            return
        yield record, line
