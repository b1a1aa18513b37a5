"""Examples to and from JSON Lines, one ``{"instruction": …, "response": …}`` a line."""

import json
from collections.abc import Iterable
from pathlib import Path

from getalwoord.data.examples import Example
from getalwoord.errors import DataError
from getalwoord.files import disk_error, write_text

_FIELDS = ("instruction", "response")


def write_examples(path: Path, examples: Iterable[Example]) -> None:
    """Write examples as UTF-8, whole or not at all.

    Raises:
        InputError: The file cannot be written.
    """
    lines = (
        json.dumps({field: getattr(example, field) for field in _FIELDS}, ensure_ascii=False)
        for example in examples
    )
    write_text(path, "".join(f"{line}\n" for line in lines))


def read_examples(path: Path) -> list[Example]:
    """Read examples; blank lines and fields other than the two are passed over.

    Raises:
        DataError: A line is wrong, or there is no example; it says file, line and field.
        InputError: The file cannot be read.
    """
    try:
        raw = path.read_bytes()
    except OSError as error:
        raise disk_error(path, error, "read") from error
    examples = [
        _example(path, number, line)
        for number, line in enumerate(raw.removeprefix(b"\xef\xbb\xbf").split(b"\n"), start=1)
        if line.strip()
    ]
    if not examples:
        raise DataError(path, None, "it holds no examples: give one JSON object a line")
    return examples


def _example(path: Path, number: int, line: bytes) -> Example:
    try:
        record = json.loads(line.decode("utf-8"))
    except UnicodeDecodeError as error:
        raise DataError(
            path, number, f"byte {error.start + 1} is not UTF-8: save the file as UTF-8"
        ) from error
    except json.JSONDecodeError as error:
        raise DataError(
            path, number, f"broken JSON at character {error.colno}: {error.msg}"
        ) from error
    except RecursionError as error:
        raise DataError(path, number, "broken JSON: nested too deeply") from error
    if not isinstance(record, dict):
        raise DataError(path, number, "it must be an object with instruction and response")
    return Example(*(_text(path, number, record, field) for field in _FIELDS), line=number)


def _text(path: Path, number: int, record: dict[str, object], field: str) -> str:
    if field not in record:
        raise DataError(path, number, "it is missing: add it", field=field)
    value = record[field]
    if not isinstance(value, str):
        shown = json.dumps(value, ensure_ascii=False)[:40]
        raise DataError(
            path, number, f"it is {shown}, which is no string: put it in quotes", field=field
        )
    if not value.strip():
        raise DataError(path, number, "it is empty", field=field)
    try:
        value.encode("utf-8")
    except UnicodeEncodeError as error:
        raise DataError(
            path, number, f"character {error.start + 1} is half a surrogate pair", field=field
        ) from error
    return value
