"""`getalwoord read`: numerals to values, by the grammar and a fine-tuned model."""

import json
import os
import sys
from collections.abc import Mapping
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from getalwoord.cli.texts import complain, given, shorten
from getalwoord.errors import InputError

if TYPE_CHECKING:
    from getalwoord.reading.batch import Progress
    from getalwoord.reading.reader import Reader

_AT_ONCE = 256  # texts that are read together; bounds memory however long the input


def read(
    texts: Annotated[
        list[str] | None,
        typer.Argument(metavar="TEXT", help="Numerals in words; else one a line of input."),
    ] = None,
    adapter: Annotated[
        Path | None, typer.Option(help="Folder of a run of `train`.", metavar="DIR")
    ] = None,
    method: Annotated[
        Literal["auto", "grammar", "model"],
        typer.Option(help="auto asks the model only for what the grammar refuses."),
    ] = "auto",
    kinds: Annotated[
        str | None,
        typer.Option(help="Kinds that the model may answer with; else all.", metavar="NAME,…"),
    ] = None,
    doubt: Annotated[
        bool,
        typer.Option(
            "--doubt",
            help="Tell how much of the model's probability is no answer, with --json; takes twice "
            "the time.",
        ),
    ] = False,
    base: Annotated[
        str | None, typer.Option(help="The adapter's base, if it has moved.", metavar="NAME")
    ] = None,
    dtype: Annotated[str, typer.Option(help="auto, bfloat16 or float32.", metavar="NAME")] = "auto",
    source: Annotated[
        Path | None,
        typer.Option("--in", help="Read a file; .gz and .zst are unpacked.", metavar="FILE"),
    ] = None,
    out: Annotated[
        Path | None, typer.Option(help="With --in: the file to write.", metavar="FILE")
    ] = None,
    form: Annotated[
        Literal["text", "jsonl", "csv", "parquet"] | None,
        typer.Option("--format", help="Of the file, if its name does not tell."),
    ] = None,
    column: Annotated[
        str | None,
        typer.Option(help="Field with the text; else text, or the only one.", metavar="NAME"),
    ] = None,
    errors: Annotated[
        Literal["stop", "skip"],
        typer.Option(help="Bad records: stop, or set them apart in OUT.rejected.jsonl."),
    ] = "stop",
    jobs: Annotated[
        int | None,
        typer.Option(min=1, help="Processes that read a file without a model; else one a core."),
    ] = None,
    resume: Annotated[
        bool, typer.Option("--resume", help="Go on after what OUT holds already.")
    ] = False,
    overwrite: Annotated[bool, typer.Option("--overwrite", help="Replace OUT.")] = False,
    as_json: Annotated[
        bool, typer.Option("--json", help="Print one JSON object for each text.")
    ] = False,
) -> None:
    """Turn Dutch numerals into figures, alone or in sentences; say how each is known.

    "exact" was read by the grammar; "near" is misspelt, but near to this value and to no other;
    "unproven" is what the model or the grammar takes it for, without that proof.

    Example: getalwoord read --adapter runs/default "vierhonderd drie n tagtich"; getalwoord read
    --in deeds.csv --column sum --out figures.csv
    """
    from getalwoord.reading.reader import Reader

    if method == "model" and adapter is None:
        raise InputError("--method model needs a model: give --adapter, the folder of a run")
    if (source is None) != (out is None):
        raise InputError("give --in and --out together: the file to read and the one to write")
    if source is not None and texts:
        raise InputError("give texts or --in, not both")
    chosen = None if kinds is None else [name.strip() for name in kinds.split(",")]
    with Reader(
        adapter, method=method, base=base, dtype=dtype, kinds=chosen, doubt=doubt
    ) as reader:
        if source is None or out is None:
            _read_texts(texts, reader, as_json)
            return
        from getalwoord.reading.batch import read_file

        try:
            with _Bar(source) as bar:
                progress = read_file(
                    source,
                    out,
                    reader,
                    form=form,
                    column=column,
                    resume=resume,
                    overwrite=overwrite,
                    errors=errors,
                    jobs=jobs or len(os.sched_getaffinity(0)),
                    on_progress=bar.show,
                )
        except KeyboardInterrupt:
            print("getalwoord: stopped; --resume goes on from here", file=sys.stderr)
            raise typer.Exit(130) from None
    _report(progress, out, as_json)


def _read_texts(texts: list[str] | None, reader: "Reader", as_json: bool) -> None:
    from getalwoord.numerals import Normalised
    from getalwoord.reading.readings import Reading
    from getalwoord.reading.records import record_of, record_of_sentence

    failed = False
    left = given(texts)
    while batch := list(islice(left, _AT_ONCE)):
        for (place, text), one in zip(
            batch, reader.read_mixed([text for _, text in batch]), strict=True
        ):
            if isinstance(one, Normalised) and "\ufffd" in text:
                one = Reading(text, None, None, error="some of it is not UTF-8")
            if isinstance(one, Normalised):
                if as_json:
                    _show(record_of_sentence(one))
                else:
                    print(one.normalised)
                continue
            if one.value is None:
                failed = True
                complain(place, InputError(f"cannot read {shorten(text)!r}: {one.error}"))
            elif not as_json:
                print(f"{one.value}\t{one.how}")
            if as_json:
                _show(record_of(one))
    if failed:
        raise typer.Exit(2)


class _Bar:
    """Progress with the time left, on standard error where that is a terminal."""

    def __init__(self, source: Path) -> None:
        self._source = source

    def __enter__(self) -> "_Bar":
        from rich.console import Console
        from rich.progress import Progress as Bar

        console = Console(stderr=True)
        self._bar = Bar(console=console, disable=not console.is_terminal)
        self._bar.start()
        self._task = self._bar.add_task(self._source.name, total=1.0)
        return self

    def __exit__(self, *_: object) -> None:
        self._bar.stop()

    def show(self, progress: "Progress") -> None:
        """Show how far a file has been read."""
        self._bar.update(self._task, completed=progress.share)


def _report(progress: "Progress", out: Path, as_json: bool) -> None:
    counts = {
        "records": progress.records,
        "unread": progress.unread,
        "rejected": progress.rejected,
    }
    if as_json:
        _show(counts)
    else:
        said = ", ".join(f"{count} {name}" for name, count in counts.items())
        print(f"{out}: {said}", file=sys.stderr)
    if progress.rejected or progress.unread:
        raise typer.Exit(2)


def _show(record: Mapping[str, object]) -> None:
    print(json.dumps(record, ensure_ascii=False), flush=True)
