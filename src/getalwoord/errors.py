"""Every error that a user can meet.

::

    GetalwoordError            something failed; exit code 1
    ├── InputError             what was given cannot be used; exit code 2
    │   ├── ParseError         a text is not a numeral; says where it stops being one
    │   ├── DataError          a record of a data file is wrong; says file, line and field
    │   ├── BaseError          a base does not exist, is damaged or is not supported
    │   └── AdapterError       an adapter is damaged or belongs to another base
    └── TrainingError          training cannot go on

Errors hold data; only `cli` turns them into carets and exit codes. A message says what is
wrong, where, and what to do about it.
"""

from functools import partial
from pathlib import Path
from typing import Any


class GetalwoordError(Exception):
    """Something failed that is not the input's fault."""

    exit_code = 1


class InputError(GetalwoordError):
    """What was given cannot be used: a value, a file, a folder or a setting."""

    exit_code = 2


class ParseError(InputError):
    """A text is not a numeral.

    Args:
        text: The whole text, as given.
        position: Offset in characters of the first thing that is not understood. It equals
            ``len(text)`` where the text ends too early.
        reason: What was wrong there, without the place.
    """

    def __init__(self, text: str, position: int, reason: str) -> None:
        self.text = text
        self.position = position
        self.reason = reason
        super().__init__(f"{reason} (character {position + 1})")

    def __reduce__(self) -> tuple[Any, ...]:  # or it could not come out of another process
        return type(self), (self.text, self.position, self.reason)


class DataError(InputError):
    """A record of a data file is wrong.

    Args:
        path: The file.
        line: Number of the line, from 1; None where the whole file is meant.
        reason: What is wrong and what to do.
        field: Name of the field, where it is one field's fault.
    """

    def __init__(
        self, path: Path | str, line: int | None, reason: str, *, field: str | None = None
    ) -> None:
        self.path = Path(path)
        self.line = line
        self.field = field
        self.reason = reason
        place = str(path) if line is None else f"{path}, line {line}"
        if field is not None:
            place += f', field "{field}"'
        super().__init__(f"{place}: {reason}")

    def __reduce__(self) -> tuple[Any, ...]:
        make = partial(type(self), field=self.field)
        return make, (self.path, self.line, self.reason)


class BaseError(InputError):
    """A base does not exist, is damaged or is of a kind that is not supported."""


class AdapterError(InputError):
    """An adapter is damaged, or belongs to another base."""


class TrainingError(GetalwoordError):
    """Training cannot go on."""
