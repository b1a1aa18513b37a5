"""What was read as lines of each format, and Parquet and compressed files made of these."""

import csv
import gzip
import io
import json
import shutil
from collections.abc import Iterable, Sequence
from itertools import islice
from pathlib import Path
from typing import Any, BinaryIO

from getalwoord.files import writing
from getalwoord.numerals import Normalised
from getalwoord.reading.formats import (
    COLUMNS,
    ROWS,
    Format,
    Record,
    arrow,
    column_of,
    compression_of,
)
from getalwoord.reading.readings import Reading
from getalwoord.reading.records import record_of, record_of_sentence


def head_of(record: Record) -> bytes:
    """Write the head of a CSV file, with the columns of what was read."""
    return _csv([[*record.fields, *COLUMNS]]).encode()


def lines_of(
    records: Sequence[Record], read: Sequence[Reading | Normalised], form: Format
) -> bytes:
    """Write records with what they were read as, a line each; those of Parquet are not kept."""
    if form == "csv":
        rows = zip(records, map(_cells, read), strict=True)
        return _csv([*record.fields.values(), *cells.values()] for record, cells in rows).encode()
    lines: Iterable[str]
    if form == "text":
        lines = map(_line, read)
    elif form == "jsonl":
        objects = zip(records, map(_object, read), strict=True)
        lines = (_json({**record.fields, **added}) for record, added in objects)
    else:
        lines = (_json(_cells(one)) for one in read)
    # In JSON, half a surrogate pair stays as an escape.
    return "".join(f"{line}\n" for line in lines).encode("utf-8", "backslashreplace")


def _csv(rows: Iterable[Sequence[str | None]]) -> str:
    out = io.StringIO(newline="")
    plain = csv.writer(out, lineterminator="\n")
    quoted = csv.writer(out, lineterminator="\n", quoting=csv.QUOTE_ALL)
    for row in rows:
        # Python before 3.13 quotes no carriage return by itself, which ends a row when read.
        broken = any(cell is not None and "\r" in cell for cell in row)
        (quoted if broken else plain).writerow(row)
    return out.getvalue()


def _json(record: dict[str, Any]) -> str:
    return json.dumps(record, ensure_ascii=False)


def _line(one: Reading | Normalised) -> str:
    if isinstance(one, Normalised):
        return one.normalised
    return f"{one.value}\t{one.how}" if one.value is not None else one.text


def _object(one: Reading | Normalised) -> dict[str, Any]:
    record = record_of_sentence(one) if isinstance(one, Normalised) else record_of(one)
    del record["text"]  # the file's record has it, under the name that it has there
    return record


def _cells(one: Reading | Normalised) -> dict[str, str | None]:
    if isinstance(one, Normalised):
        return {**dict.fromkeys(COLUMNS), "normalised": one.normalised}
    cells = (one.value, one.kind, one.unit, one.how, None)
    return dict(zip(COLUMNS, cells, strict=True))


def finish(lines: Path, out: Path, form: Format, source: Path, column: str | None) -> None:
    """Make the output of its lines: compressed, or Parquet with the columns of the source.

    Raises:
        InputError: It cannot be written.
    """
    with writing(out) as temporary, lines.open("rb") as file:
        compression = compression_of(out)
        if form == "parquet":
            _write_parquet(temporary, source, file, column)
        elif compression == ".gz":
            # Without name and time, which would differ from run to run.
            with temporary.open("wb") as raw, gzip.GzipFile("", "wb", 6, raw, mtime=0) as packed:
                shutil.copyfileobj(file, packed)
        else:
            with arrow().CompressedOutputStream(str(temporary), "zstd") as packed:
                shutil.copyfileobj(file, packed)


def _write_parquet(path: Path, source: Path, lines: BinaryIO, column: str | None) -> None:
    pyarrow = arrow()
    from pyarrow import parquet

    with parquet.ParquetFile(source) as given:
        fields = list(given.schema_arrow)
        schema = pyarrow.schema([*fields, *((name, pyarrow.string()) for name in COLUMNS)])
        chosen = column_of(source, given.schema_arrow.names, column)
        with parquet.ParquetWriter(path, schema) as writer:
            for batch in given.iter_batches(ROWS):
                texts = batch[chosen].to_pylist()
                # The others were bad records.
                batch = batch.filter(pyarrow.array([isinstance(text, str) for text in texts]))
                cells = [json.loads(line) for line in islice(lines, batch.num_rows)]
                columns = [
                    pyarrow.array([cell[name] for cell in cells], pyarrow.string())
                    for name in COLUMNS
                ]
                writer.write_batch(pyarrow.record_batch([*batch.columns, *columns], schema=schema))
