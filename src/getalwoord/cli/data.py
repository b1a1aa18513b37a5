"""`getalwoord data`: pairs to train on and to measure by."""

import enum
import json
from pathlib import Path
from typing import Annotated, Any

import typer

from getalwoord.errors import InputError


class Sampling(enum.StrEnum):
    """How numbers are drawn."""

    UNIFORM = "uniform"
    LOG_UNIFORM = "log-uniform"


def data(
    out: Annotated[Path, typer.Option(help="Folder for the four files.", metavar="DIR")],
    count: Annotated[int, typer.Option(help="Training pairs.", metavar="N")] = 1000,
    seed: Annotated[int, typer.Option(help="The same gives the same files.", metavar="N")] = 0,
    minimum: Annotated[int, typer.Option("--min", help="Smallest number.", metavar="N")] = 1,
    maximum: Annotated[
        int, typer.Option("--max", help="Largest number, below 10^18.", metavar="N")
    ] = 999,
    sampling: Annotated[
        Sampling, typer.Option(help="log-uniform gives each order of magnitude its share.")
    ] = Sampling.UNIFORM,
    replacement: Annotated[
        bool, typer.Option("--replacement", help="Any draw may give any number again.")
    ] = False,
    validation: Annotated[
        int, typer.Option(help="Numbers held back for validation.", metavar="N")
    ] = 100,
    test: Annotated[int, typer.Option(help="Numbers held back for the test.", metavar="N")] = 300,
    kinds: Annotated[
        str, typer.Option(help="Kinds of numeral, with commas between them.")
    ] = "cardinal",
    overwrite: Annotated[
        bool, typer.Option("--overwrite", help="Replace a data set that is in DIR.")
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print what was made as JSON.")] = False,
) -> None:
    """Make pairs of a numeral and its value, with no number in two of the three parts.

    Writes train.jsonl, validation.jsonl, test.jsonl and README.md (a data set card) into DIR.

    Example: getalwoord data --out numerals --max 999999 --sampling log-uniform --count 6000
    """
    from getalwoord.data.card import dataset_card
    from getalwoord.data.parts import draw_parts, parts_in, write_parts
    from getalwoord.recipe import Recipe

    for kind in kinds.split(","):
        if kind.strip() != "cardinal":
            raise InputError(f'--kinds: "{kind.strip()}" cannot be made; the one kind is cardinal')
    span: dict[str, Any] = {
        "minimum": minimum,
        "maximum": maximum,
        "sampling": sampling.value,
        "replacement": replacement,
        "seed": seed,
    }
    sizes: dict[str, Any] = {"count": count, "validation": validation, "test": test}
    Recipe.of(span | sizes, "data")  # what a recipe refuses is refused here, in the same words
    present = parts_in(out)
    if present and not overwrite:
        raise InputError(
            f"{out} holds {', '.join(present)} already: use --overwrite to replace "
            f"{'it' if len(present) == 1 else 'them'}, or give another folder with --out"
        )
    parts = draw_parts(**span, **sizes)
    write_parts(out, parts, dataset_card(parts, **span))
    made = {
        "train": len(parts.train),
        "validation": len(parts.validation),
        "test": len(parts.test),
    }
    if as_json:
        different = len({example.value for example in parts.train})
        print(json.dumps({"folder": str(out), **made, "different_train_numbers": different} | span))
    else:
        print(f"{out}: " + ", ".join(f"{number} pairs in {name}" for name, number in made.items()))
