"""A whole file read: in its order, in memory that does not grow, and to be gone on with.

Lines are written to the output as they come, in chunks of a fixed number of records. What was
interrupted, by whatever, is gone on with after its last whole chunk; since the chunks are the
same ones again, the result is the same byte for byte. Parquet and compressed files cannot be gone
on with, so for these the lines go to ``OUT.part`` until all are there.
"""

import csv
import gzip
import io
import json
import shutil
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import islice
from pathlib import Path
from typing import BinaryIO, Literal, cast

from getalwoord.errors import DataError, InputError
from getalwoord.files import disk_error, writing
from getalwoord.numerals import Normalised
from getalwoord.reading.ahead import in_order
from getalwoord.reading.formats import (
    COLUMNS,
    Format,
    Record,
    arrow,
    column_of,
    compression_of,
    format_of,
    opened,
    records_of,
)
from getalwoord.reading.reader import Reader
from getalwoord.reading.readings import Reading
from getalwoord.reading.records import record_of, record_of_sentence

_CHUNK = 1024  # records that are read and written together
_LARGE = 2**20  # bytes; for less no process is begun


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a file has been read.

    Attributes:
        records: Written so far, those of an earlier run included.
        unread: Texts that are no numerals, so far as this run has come.
        rejected: Bad records, so far.
        share: Of the file that was read so far, 0 to 1.
    """

    records: int
    unread: int
    rejected: int
    share: float


def read_file(
    source: Path,
    out: Path,
    reader: Reader,
    *,
    form: Format | None = None,
    column: str | None = None,
    resume: bool = False,
    overwrite: bool = False,
    errors: Literal["stop", "skip"] = "stop",
    jobs: int = 1,
    on_progress: Callable[[Progress], None] = lambda progress: None,
) -> Progress:
    """Read every text of a file, and write the file with what they were read as.

    Args:
        source: Text, one a line; JSON Lines, CSV or Parquet; these but Parquet also compressed.
        out: The same form, compressed if its name says so.
        reader: Reads.
        form: Of the file, if its name does not tell.
        column: The field that holds the text.
        resume: Go on after what is in `out` already.
        overwrite: Replace `out`.
        errors: What to do about a bad record: stop, or set it apart in ``OUT.rejected.jsonl``.
        jobs: So many processes read, where the grammar reads alone and the file is large; a program
            that gives more than 1 needs an ``if __name__ == "__main__"``. A model has threads of
            its own.
        on_progress: Told after each chunk.

    Raises:
        InputError: A file cannot be read or written, or a record is bad.
        GetalwoordError: One of several processes was killed.
    """
    form = format_of(source, form)
    finished_later = form == "parquet" or compression_of(out) is not None
    lines = out.with_name(out.name + ".part") if finished_later else out
    if out.exists() and not overwrite and (finished_later or not resume):
        if finished_later and resume:
            return Progress(0, 0, 0, 1.0)  # it is only there if it is whole
        raise InputError(f"{out} exists: give --resume to go on with it, or --overwrite")
    job = _Job(source, form, column, lines, out.with_name(out.name + ".rejected.jsonl"), errors)
    if reader.answerer is not None or not source.exists() or source.stat().st_size < _LARGE:
        jobs = 1
    resume = resume and not overwrite
    progress = job.run(reader, resume=resume, jobs=jobs, on_progress=on_progress)
    if finished_later:
        _finish(lines, out, form, source, column)
        lines.unlink()
    return progress


@dataclass(frozen=True, slots=True)
class _Job:
    source: Path
    form: Format
    column: str | None
    lines: Path
    rejected: Path
    errors: Literal["stop", "skip"]

    def run(
        self,
        reader: Reader,
        *,
        resume: bool,
        jobs: int,
        on_progress: Callable[[Progress], None],
    ) -> Progress:
        """Read and write chunk by chunk; gives how far it came."""
        with opened(self.source):
            pass  # what cannot be read leaves no output
        done, end = self._done() if resume else (0, 0)
        records = records_of(self.source, self.form, self.column)
        written, unread, rejected = done * _CHUNK, 0, 0
        try:
            with self.lines.open("r+b" if resume and self.lines.exists() else "wb") as file:
                file.seek(end)
                file.truncate()
                self.rejected.unlink(missing_ok=True)
                work = partial(_read, reader, self.form)
                for chunk, (lines, missed) in in_order(
                    self._chunks(records, done), work, jobs=jobs
                ):
                    rejected += len(chunk.bad)
                    self._set_apart(chunk.bad)
                    if not chunk.good:
                        continue
                    file.write(lines)
                    file.flush()
                    written += len(chunk.good)
                    unread += missed
                    on_progress(Progress(written, unread, rejected, chunk.good[-1].share))
        except OSError as error:
            raise disk_error(self.lines, error, "write") from error
        return Progress(written, unread, rejected, 1.0)

    def _chunks(self, records: Iterator[Record], done: int) -> Iterator["_Chunk"]:
        """Give good records in chunks of the same size, and the bad ones that lay among them.

        So many chunks are done: of these only what was bad is given.
        """
        number = 0
        good: list[Record] = []
        bad: list[Record] = []
        for record in records:
            if record.error is None:
                good.append(record)
            elif self.errors == "stop":
                raise DataError(self.source, record.number, record.error)
            else:
                bad.append(record)
            if len(good) == _CHUNK:
                yield _Chunk([] if number < done else good, bad, number == 0)
                good, bad, number = [], [], number + 1
        if good or bad:
            yield _Chunk(good, bad, number == 0)

    def _set_apart(self, bad: Sequence[Record]) -> None:
        if not bad:
            return
        with self.rejected.open("a", encoding="utf-8") as file:
            for record in bad:
                said = {"line": record.number, "error": record.error, "record": record.raw}
                file.write(json.dumps(said, ensure_ascii=False) + "\n")

    def _done(self) -> tuple[int, int]:
        """Tell how many whole chunks the output has, and where the last of them ends."""
        if not self.lines.exists():
            return 0, 0
        with self.lines.open("rb") as file:
            ends = [0, *_ends_of_chunks(file, self.form)]
        return len(ends) - 1, ends[-1]


def _ends_of_chunks(file: BinaryIO, form: Format) -> Iterator[int]:
    """Give where each whole chunk of an output ends, in bytes."""
    position, count = 0, 0
    head, quotes = form in ("csv", "parquet"), 0
    for line in file:
        position += len(line)
        if not line.endswith(b"\n"):
            return
        if head or form == "csv":
            quotes += line.count(b'"')
            if quotes % 2:
                continue  # the record goes on in the next line
        if head:
            head = False
            continue
        count += 1
        if count % _CHUNK == 0:
            yield position


@dataclass(frozen=True, slots=True)
class _Chunk:
    """Records that are read and written together; in the first, the head of a table is."""

    good: Sequence[Record]
    bad: Sequence[Record]
    first: bool


def _read(reader: Reader, form: Format, chunk: _Chunk) -> tuple[bytes, int]:
    """Read a chunk; gives its lines and how many texts are no numerals."""
    if not chunk.good:
        return b"", 0
    read = reader.read_mixed([cast(str, record.text) for record in chunk.good])
    head = chunk.first and form in ("csv", "parquet")
    missed = sum(isinstance(one, Reading) and one.value is None for one in read)
    return _written(chunk.good, read, form, head=head), missed


def _written(
    chunk: Sequence[Record], read: Sequence[Reading | Normalised], form: Format, *, head: bool
) -> bytes:
    """Write records with what they were read as, a line each."""
    out = io.StringIO(newline="")
    if form == "text":
        for one in read:
            out.write(_line(one) + "\n")
    elif form == "jsonl":
        for record, one in zip(chunk, read, strict=True):
            result = record_of_sentence(one) if isinstance(one, Normalised) else record_of(one)
            del result["text"]  # the record has it, under the name that it has there
            out.write(json.dumps({**record.fields, **result}, ensure_ascii=False) + "\n")
    elif form == "csv":
        names = [*chunk[0].fields, *COLUMNS]
        writer = csv.writer(out, lineterminator="\n")
        if head:
            writer.writerow(names)
        for record, one in zip(chunk, read, strict=True):
            writer.writerow((dict(record.fields) | _cells(one)).get(name) for name in names)
    else:
        if head:
            out.write("parquet\n")
        for one in read:
            out.write(json.dumps(_cells(one), ensure_ascii=False) + "\n")
    return out.getvalue().encode("utf-8", "replace")


def _line(one: Reading | Normalised) -> str:
    if isinstance(one, Normalised):
        return one.normalised
    return f"{one.value}\t{one.how}" if one.value is not None else one.text


def _cells(one: Reading | Normalised) -> dict[str, str | None]:
    if isinstance(one, Normalised):
        return {**dict.fromkeys(COLUMNS), "normalised": one.normalised}
    cells = (one.value, one.kind, one.unit, one.how, None)
    return dict(zip(COLUMNS, cells, strict=True))


def _finish(lines: Path, out: Path, form: Format, source: Path, column: str | None) -> None:
    """Make the output of its lines: compressed, or Parquet with the columns of the source."""
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

    added = pyarrow.schema([(name, pyarrow.string()) for name in COLUMNS])
    next(lines)
    with parquet.ParquetFile(source) as given:
        kept = [name for name in given.schema_arrow.names if name not in COLUMNS]
        fields = [given.schema_arrow.field(name) for name in kept]
        schema = pyarrow.schema([*fields, *added])
        chosen = column_of(source, kept, column)
        with parquet.ParquetWriter(path, schema) as writer:
            for batch in given.iter_batches(_CHUNK * 4, columns=kept):
                batch = batch.filter(batch[chosen].is_valid())  # the others were bad records
                cells = [json.loads(line) for line in islice(lines, batch.num_rows)]
                columns = [
                    pyarrow.array([cell[name] for cell in cells], pyarrow.string())
                    for name in COLUMNS
                ]
                writer.write_batch(pyarrow.record_batch([*batch.columns, *columns], schema=schema))
