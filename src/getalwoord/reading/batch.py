"""A whole file read: in its order, in memory that does not grow, and to be gone on with.

Lines are written to the output as they come, in chunks of a fixed number of records. What was
interrupted, by whatever, is gone on with at its last whole chunk: that one is read once more, and
what is there must be what it gives, lest a file of another origin be lost. Since the chunks are the
same ones again, the result is the same byte for byte. Parquet and compressed files cannot be gone
on with, so for these the lines go to ``OUT.part`` until all are there.
"""

import json
import os
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import chain, islice
from pathlib import Path
from typing import BinaryIO, Literal, cast

from getalwoord.errors import DataError, InputError
from getalwoord.files import disk_error
from getalwoord.reading.ahead import in_order
from getalwoord.reading.formats import Format, Record, compression_of, format_of, records_of
from getalwoord.reading.outputs import finish, head_of, lines_of
from getalwoord.reading.reader import Reader
from getalwoord.reading.readings import Reading

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
        InputError: A file cannot be read or written, or a record is bad. Where it is one of the
            first records, or a table's columns, there is no output, or the old one.
        GetalwoordError: One of several processes was killed.
    """
    form = format_of(source, form)
    finished_later = form == "parquet" or compression_of(out) is not None
    lines = out.with_name(out.name + ".part") if finished_later else out
    rejected = out.with_name(out.name + ".rejected.jsonl")
    for written in (out, lines, rejected):
        if _is_same(written, source):
            raise InputError(f"{written} would be read and written at once: give another --out")
    if out.exists() and not overwrite and (finished_later or not resume):
        if finished_later and resume:
            return Progress(0, 0, 0, 1.0)  # it is only there if it is whole
        raise InputError(f"{out} exists: give --resume to go on with it, or --overwrite")
    job = _Job(source, form, column, lines, rejected, errors)
    if reader.answerer is not None or not source.exists() or source.stat().st_size < _LARGE:
        jobs = 1
    resume = resume and not overwrite
    progress = job.run(reader, resume=resume, jobs=jobs, on_progress=on_progress)
    if finished_later:
        finish(lines, out, form, source, column)
        lines.unlink()
    return progress


def _is_same(path: Path, other: Path) -> bool:
    try:
        return path.samefile(other)
    except OSError:
        return False  # one of them is not there


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
        resume = resume and self.lines.exists()
        done, start = self._done() if resume else (0, 0)
        chunks = self._chunks(records_of(self.source, self.form, self.column), done)
        first = list(islice(chunks, 1))  # what cannot be read leaves no output, or the old one
        written, unread, rejected = done * _CHUNK, 0, 0
        try:
            with self.lines.open("r+b" if resume else "w+b") as file:
                file.seek(start)
                self.rejected.unlink(missing_ok=True)
                work = partial(_read, reader, self.form)
                for chunk, (lines, missed) in in_order(chain(first, chunks), work, jobs=jobs):
                    rejected += len(chunk.bad)
                    self._set_apart(chunk.bad)
                    old = file.read(len(lines))
                    if not lines.startswith(old):
                        raise self._other()
                    file.seek(-len(old), os.SEEK_CUR)
                    file.write(lines)
                    file.flush()
                    written += len(chunk.good)
                    unread += missed
                    if chunk.good:
                        on_progress(Progress(written, unread, rejected, chunk.good[-1].share))
                if file.read(1):
                    raise self._other()
        except OSError as error:
            raise disk_error(self.lines, error, "write") from error
        return Progress(written, unread, rejected, 1.0)

    def _chunks(self, records: Iterator[Record], done: int) -> Iterator["_Chunk"]:
        """Give good records in chunks of the same size, and the bad ones that lay among them.

        So many chunks are done: of these only what was bad is given.
        """
        number = 0
        head: Record | None = None
        good: list[Record] = []
        bad: list[Record] = []
        for record in records:
            if record.text is not None:
                good.append(record)
            elif record.error is None:
                head = record
            elif self.errors == "stop":
                raise DataError(self.source, record.number, record.error)
            else:
                bad.append(record)
            if len(good) == _CHUNK:
                yield _Chunk(None, [], bad) if number < done else _Chunk(head, good, bad)
                head, good, bad, number = None, [], [], number + 1
        if head or good or bad:
            yield _Chunk(head, good, bad)

    def _set_apart(self, bad: Sequence[Record]) -> None:
        if not bad:
            return
        # Half a surrogate pair in a name stays as an escape of JSON.
        with self.rejected.open("a", encoding="utf-8", errors="backslashreplace") as file:
            for record in bad:
                said = {"line": record.number, "error": record.error, "record": record.raw}
                file.write(json.dumps(said, ensure_ascii=False) + "\n")

    def _done(self) -> tuple[int, int]:
        """Tell how many whole chunks stand before the last of the output, and where that begins."""
        with self.lines.open("rb") as file:
            ends = [0, *_ends_of_chunks(file, self.form)]
        done = max(len(ends) - 2, 0)
        return done, ends[done]

    def _other(self) -> InputError:
        return InputError(
            f"{self.lines} is not what {self.source} gives: resume with the options that it was "
            "begun with, or give --overwrite to replace it"
        )


def _ends_of_chunks(file: BinaryIO, form: Format) -> Iterator[int]:
    """Give where each whole chunk of an output ends, in bytes."""
    position, count = 0, 0
    head, quotes = form == "csv", 0
    for line in file:
        position += len(line)
        if not line.endswith(b"\n"):
            return
        if form == "csv":
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
    """Records that are read and written together; in the first, the head of a CSV file is."""

    head: Record | None
    good: Sequence[Record]
    bad: Sequence[Record]


def _read(reader: Reader, form: Format, chunk: _Chunk) -> tuple[bytes, int]:
    """Read a chunk; gives its lines and how many texts are no numerals."""
    read = reader.read_mixed([cast(str, record.text) for record in chunk.good])
    missed = sum(isinstance(one, Reading) and one.value is None for one in read)
    head = b"" if chunk.head is None else head_of(chunk.head)
    return head + lines_of(chunk.good, read, form), missed
