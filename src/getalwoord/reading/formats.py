"""Files of texts: text, JSON Lines, CSV and Parquet.

What is written is of the same form as what was read: every field of a record stays, and the
reading's fields come behind it. So no field may have the name of one of these, or of another. Any
form but Parquet, which compresses by itself, may be compressed with gzip or Zstandard.

Formats: https://jsonlines.org, RFC 4180 (CSV), https://parquet.apache.org/docs/file-format
"""

import csv
import gzip
import io
import json
import re
import zlib
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO, Literal, cast

from getalwoord.errors import InputError
from getalwoord.files import disk_error, text_of_line
from getalwoord.reading.records import FIELDS

Format = Literal["text", "jsonl", "csv", "parquet"]

_SUFFIXES: Mapping[str, Format] = {
    ".txt": "text",
    ".jsonl": "jsonl",
    ".ndjson": "jsonl",
    ".csv": "csv",
    ".parquet": "parquet",
}
_COMPRESSED = (".gz", ".zst")
_DEFAULT_COLUMN = "text"

#: Of a Parquet file that are held at once
ROWS = 4096
#: What a reading adds to a record of CSV or Parquet
COLUMNS = ("value", "kind", "unit", "how", "normalised")


@dataclass(frozen=True, slots=True)
class Record:
    """One text of a file.

    Attributes:
        number: Of its line or row, from 1.
        fields: All that the record holds, by name; the text alone has none.
        text: What is to be read; None in a bad record, and in the head of a CSV file.
        share: How much of the file lies before its end, 0 to 1.
        error: What is wrong with a bad record.
        raw: A bad record as it stands in the file.
    """

    number: int
    fields: Mapping[str, Any]
    text: str | None
    share: float
    error: str | None = None
    raw: str = ""


def format_of(path: Path, wanted: Format | None = None) -> Format:
    """Tell the format of a file by its name, or as the user says.

    Raises:
        InputError: The name tells nothing.
    """
    if wanted is not None:
        return wanted
    suffixes = [suffix.lower() for suffix in path.suffixes if suffix.lower() not in _COMPRESSED]
    found = _SUFFIXES.get(suffixes[-1]) if suffixes else None
    if found is None:
        raise InputError(
            f"{path}: the name does not tell the format: give --format text, jsonl, csv or parquet"
        )
    return found


def compression_of(path: Path) -> str | None:
    """Give ".gz" or ".zst" where a file is compressed, by its name."""
    return path.suffix.lower() if path.suffix.lower() in _COMPRESSED else None


@contextmanager
def opened(path: Path) -> Iterator[tuple[BinaryIO, Callable[[], float]]]:
    """Open a file for reading; gives it uncompressed, and what tells how much of it was read.

    Raises:
        InputError: It cannot be read, or is damaged.
    """
    try:
        compression = compression_of(path)
        with path.open("rb") as file:
            size = max(1, path.stat().st_size)

            def share() -> float:
                return min(1.0, file.tell() / size)

            if compression == ".gz":
                with gzip.open(file) as stream:
                    yield cast(BinaryIO, stream), share
            elif compression == ".zst":
                yield io.BufferedReader(arrow().CompressedInputStream(file, "zstd")), share
            else:
                yield file, share
    except (EOFError, gzip.BadGzipFile, zlib.error) as error:
        raise InputError(f"{path} is damaged: {error}") from error
    except OSError as error:
        raise disk_error(path, error, "read") from error


def records_of(path: Path, form: Format, column: str | None) -> Iterator[Record]:
    """Give the records of a file in their order, in memory that does not grow.

    The first of a CSV file is its head, whose fields are the columns' names.

    Args:
        path: Of the file.
        form: Its format.
        column: The field that holds the text; None for "text", or the only one there is.

    Raises:
        InputError: The file cannot be read, or has no such column.
    """
    if form == "parquet":
        yield from _parquet(path, column)
        return
    with opened(path) as (file, share):
        if form == "csv":
            lines = io.TextIOWrapper(file, "utf-8-sig", "surrogateescape", newline="")
            yield from _csv(path, lines, column, share)
            return
        for number, line in enumerate(file, start=1):
            text = text_of_line(line, number)
            # Decoded again only where something was replaced, or stood so in the file.
            if "\ufffd" in text and (error := _not_utf_8(line)):
                yield Record(number, {}, None, share(), error, text)
            elif form == "text":
                yield Record(number, {}, text, share())
            elif text.strip():
                yield _json_record(number, text, column or _DEFAULT_COLUMN, share())


def _not_utf_8(line: bytes) -> str | None:
    """Say which byte of a line is no UTF-8, if one is."""
    try:
        line.decode("utf-8")
    except UnicodeDecodeError as error:
        return f"byte {error.start + 1} is not UTF-8"
    return None


def _json_record(number: int, line: str, column: str, share: float) -> Record:
    try:
        fields = json.loads(line, object_pairs_hook=_object)
    except (ValueError, RecursionError) as error:
        return Record(number, {}, None, share, f"this cannot be read as JSON: {error}", line)
    if not isinstance(fields, dict):
        return Record(number, {}, None, share, "this is no JSON object", line)
    if not isinstance(fields.get(column), str):
        return Record(number, {}, None, share, f'there is no text in the field "{column}"', line)
    if taken := _taken(fields, FIELDS):
        return Record(number, {}, None, share, f"it has {taken}", line)
    return Record(number, fields, fields[column], share)


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """Make an object of its fields, none of which may be lost."""
    if repeated := _repeated([name for name, _ in pairs]):
        raise ValueError(f"it has {repeated}")
    return dict(pairs)


_ESCAPED = re.compile("[\udc80-\udcff]")  # bytes that are no UTF-8


def _csv(
    path: Path, lines: io.TextIOWrapper, column: str | None, share: Callable[[], float]
) -> Iterator[Record]:
    rows = csv.reader(lines)
    try:
        head = next(rows, [])
        chosen = column_of(path, head, column)
        yield Record(1, dict.fromkeys(head), None, share())
        for row in rows:
            if not row:
                continue  # a blank line
            if any(map(_ESCAPED.search, row)):
                raw = json.dumps([_ESCAPED.sub("\ufffd", field) for field in row])
                yield Record(rows.line_num, {}, None, share(), "it is not UTF-8", raw)
                continue
            if len(row) != len(head):
                error = f"this has {len(row)} fields, the head has {len(head)}"
                raw = json.dumps(row, ensure_ascii=False)
                yield Record(rows.line_num, {}, None, share(), error, raw)
                continue
            fields = dict(zip(head, row, strict=True))
            yield Record(rows.line_num, fields, fields[chosen], share())
    except csv.Error as error:
        raise InputError(f"{path}, line {rows.line_num}: {error}") from error


def _parquet(path: Path, column: str | None) -> Iterator[Record]:
    arrow()
    from pyarrow import ArrowException, parquet

    try:
        with parquet.ParquetFile(path) as file:
            chosen = column_of(path, file.schema_arrow.names, column)
            number, rows = 0, max(1, file.metadata.num_rows)
            for batch in file.iter_batches(ROWS):
                for fields in batch.to_pylist():
                    number += 1
                    if isinstance(fields[chosen], str):
                        yield Record(number, fields, fields[chosen], number / rows)
                    else:
                        raw = json.dumps(fields, ensure_ascii=False, default=str)
                        error = f'there is no text in the column "{chosen}"'
                        yield Record(number, {}, None, number / rows, error, raw)
    except OSError as error:
        raise disk_error(path, error, "read") from error
    except ArrowException as error:
        raise InputError(f"{path} is no Parquet file, or is damaged: {error}") from error


def column_of(path: Path, names: Sequence[str], column: str | None) -> str:
    """Choose the column that holds the text.

    Raises:
        InputError: There is none; or the output would lose a column, by its name.
    """
    if wrong := _repeated(names) or _taken(names, COLUMNS):
        raise InputError(f"{path} has {wrong}")
    if column is None and _DEFAULT_COLUMN not in names and len(names) == 1:
        return names[0]
    chosen = column or _DEFAULT_COLUMN
    if chosen not in names:
        raise InputError(
            f'{path} has no column "{chosen}": give --column, one of {", ".join(names) or "none"}'
        )
    return chosen


def _repeated(names: Sequence[str]) -> str:
    """Say which names stand more than once; nothing if none does."""
    if len(set(names)) == len(names):
        return ""
    repeated = (name for name, count in Counter(names).items() if count > 1)
    return f"more than one field with the name {_quoted(repeated)}: rename all but one"


def _taken(names: Iterable[str], ours: Sequence[str]) -> str:
    """Say which names a reading's fields have, too; nothing if none does."""
    taken = [name for name in names if name in ours]
    return f"fields that the output adds: rename {_quoted(taken)}" if taken else ""


def _quoted(names: Iterable[str]) -> str:
    return ", ".join(f'"{name}"' for name in names)


def arrow() -> Any:
    """Import pyarrow.

    Raises:
        InputError: It is not installed.
    """
    try:
        import pyarrow
    except ImportError as error:
        raise InputError(
            "Parquet and Zstandard need pyarrow: pip install 'getalwoord[files]'"
        ) from error
    return pyarrow
