"""Examples to and from JSON Lines, one ``{"instruction": …, "response": …}`` a line."""

import json
import re
from collections.abc import Iterable, Mapping
from pathlib import Path

from getalwoord.data.examples import Example
from getalwoord.errors import DataError
from getalwoord.files import disk_error, write_text

_FIELDS = ("instruction", "response")
# Written where they are not the usual ones, and read where they are there.
_LABELS = {"kind": "cardinal", "form": "official"}


def as_lines(examples: Iterable[Example]) -> str:
    """Give examples as the text of a JSON Lines file, letters beyond ASCII as they are."""
    lines = (json.dumps(_record(example), ensure_ascii=False) for example in examples)
    return "".join(f"{line}\n" for line in lines)


def _record(example: Example) -> dict[str, str]:
    labels = {
        label: getattr(example, label)
        for label, usual in _LABELS.items()
        if getattr(example, label) != usual
    }
    return {field: getattr(example, field) for field in _FIELDS} | labels


def write_examples(path: Path, examples: Iterable[Example]) -> None:
    """Write examples as UTF-8, whole or not at all.

    Raises:
        InputError: The file cannot be written.
    """
    write_text(path, as_lines(examples))


def read_examples(
    path: Path, *, may_be_empty: bool = False, may_contradict: bool = False
) -> list[Example]:
    """Read examples.

    Blank lines are passed over, and so are fields other than instruction, response, kind and form:
    many data sets carry more. A pair may occur twice, but one instruction with two responses
    cannot be learnt, and is refused unless that may be.

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
    if not examples and not may_be_empty:
        raise DataError(path, None, "it holds no examples: give one JSON object a line")
    if not may_contradict:
        _check_consistent(path, examples)
    return examples


def _check_consistent(path: Path, examples: list[Example]) -> None:
    known: dict[str, Example] = {}
    for example in examples:
        earlier = known.setdefault(example.instruction, example)
        if earlier.response != example.response:
            raise DataError(
                path,
                example.line,
                f"{_shown(example.response)} contradicts line {earlier.line}, where the same "
                f"instruction has {_shown(earlier.response)}: keep one of the two",
                field="response",
            )


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
    except ValueError as error:  # Python reads no number of thousands of digits
        raise DataError(path, number, "it holds a number that is too long: put it in quotes") from (
            error
        )
    if not isinstance(record, dict):
        raise DataError(path, number, "it must be an object with instruction and response")
    instruction, response = (_text(path, number, record, field) for field in _FIELDS)
    kind, form = (_text(path, number, _LABELS | record, label) for label in _LABELS)
    figures = re.fullmatch(r"-?[0-9]{1,37}", response) if kind != "digits" else None
    return Example(instruction, response, kind, int(response) if figures else None, form, number)


def _text(path: Path, number: int, record: Mapping[str, object], field: str) -> str:
    if field not in record:
        raise DataError(path, number, "it is missing: add it", field=field)
    value = record[field]
    if not isinstance(value, str):
        raise DataError(
            path, number, f"{_shown(value)} is no string: put it in quotes", field=field
        )
    if not value.strip():
        raise DataError(path, number, "it is empty: fill it in, or remove the line", field=field)
    try:
        value.encode("utf-8")
    except UnicodeEncodeError as error:
        raise DataError(
            path, number, f"character {error.start + 1} is half a surrogate pair", field=field
        ) from error
    return value


def _shown(value: object) -> str:
    text = json.dumps(value, ensure_ascii=False)
    return text if len(text) <= 40 else text[:40] + "…"
