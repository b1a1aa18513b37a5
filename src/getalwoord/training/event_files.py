"""TensorBoard's event files of a run, by the writer that comes with torch: no TensorFlow."""

from pathlib import Path
from typing import Any

from getalwoord.errors import InputError
from getalwoord.files import disk_errors

FOLDER = "tensorboard"


class EventFiles:
    """Writes what is measured in a run, where TensorBoard looks for it.

    Args:
        folder: That of the run; the files go into its ``tensorboard``.
        step: The step that the run goes on after; what was written after it is not shown.

    Raises:
        InputError: TensorBoard or torch is not installed, or the folder cannot be written to; `add`
            and `close` raise it, too.
    """

    def __init__(self, folder: Path, *, step: int = 0) -> None:
        try:
            from torch.utils.tensorboard import SummaryWriter
        except ImportError as error:
            raise InputError(
                "event files need TensorBoard and torch: pip install tensorboard"
            ) from error
        self._folder = folder / FOLDER
        with disk_errors(self._folder, "write"):
            self._writer: Any = SummaryWriter(str(self._folder), purge_step=step + 1)

    def add(self, step: int, record: dict[str, Any]) -> None:
        """Write the numbers of a step; those that are None were not measured."""
        with disk_errors(self._folder, "write"):  # of TensorBoard's own thread
            for name, value in record.items():
                if value is not None:
                    self._writer.add_scalar(name, value, step)
            self._writer.flush()

    def close(self) -> None:
        """Write the rest."""
        with disk_errors(self._folder, "write"):
            self._writer.close()
