"""`getalwoord read`: numerals to values, by the grammar and a fine-tuned model."""

import json
from itertools import islice
from pathlib import Path
from typing import Annotated, Literal

import typer

from getalwoord.cli.texts import complain, given
from getalwoord.errors import InputError

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
    base: Annotated[
        str | None, typer.Option(help="The adapter's base, if it has moved.", metavar="NAME")
    ] = None,
    dtype: Annotated[str, typer.Option(help="auto, bfloat16 or float32.", metavar="NAME")] = "auto",
    as_json: Annotated[
        bool, typer.Option("--json", help="Print one JSON object for each text.")
    ] = False,
) -> None:
    """Turn Dutch numerals into figures; say how each is known.

    "exact" was read by the grammar, "near" is misspelt but clear to it, "unproven" was read by
    the model.

    Example: getalwoord read --adapter runs/default "vierhonderddrientachtig"
    """
    from getalwoord.reading.reader import Reader

    if method == "model" and adapter is None:
        raise InputError("--method model needs a model: give --adapter, the folder of a run")
    reader = Reader(adapter, method=method, base=base, dtype=dtype)
    failed = False
    left = given(texts)
    while batch := list(islice(left, _AT_ONCE)):
        readings = reader.read([text for _, text in batch])
        for (place, text), reading in zip(batch, readings, strict=True):
            if reading.value is None:
                failed = True
                complain(place, InputError(f"cannot read {text!r}: {reading.error}"))
            elif not as_json:
                print(f"{reading.value}\t{reading.how}")
            if as_json:
                record = {
                    "text": text,
                    "value": reading.value,
                    "kind": reading.kind,
                    "unit": reading.unit,
                    "how": reading.how,
                }
                error = {"error": reading.error} if reading.error is not None else {}
                print(json.dumps(record | error, ensure_ascii=False), flush=True)
    if failed:
        raise typer.Exit(2)
