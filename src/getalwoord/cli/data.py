"""`getalwoord data`: pairs to train on and to measure by."""

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Annotated

import typer

from getalwoord.data.draw import Sampling
from getalwoord.errors import InputError


def data(
    out: Annotated[Path, typer.Option(help="Folder for the four files.", metavar="DIR")],
    count: Annotated[int, typer.Option(help="Training pairs.", metavar="N")] = 1000,
    seed: Annotated[int, typer.Option(help="The same gives the same files.", metavar="N")] = 0,
    minimum: Annotated[
        int, typer.Option("--min", help="Smallest number, of cardinals alone.", metavar="N")
    ] = 1,
    maximum: Annotated[
        int, typer.Option("--max", help="Largest number, below 10^18.", metavar="N")
    ] = 999,
    sampling: Annotated[
        Sampling,
        typer.Option(
            help="Of cardinals alone. log-uniform gives each order of magnitude its share; "
            "covering trains on few that show every word, among them those that others are made of."
        ),
    ] = "uniform",
    replacement: Annotated[
        bool, typer.Option("--replacement", help="Any draw may give any number again.")
    ] = False,
    validation: Annotated[
        int, typer.Option(help="Numbers held back for validation.", metavar="N")
    ] = 100,
    test: Annotated[int, typer.Option(help="Numbers held back for the test.", metavar="N")] = 300,
    kinds: Annotated[
        str,
        typer.Option(help="Kinds of numeral, with commas between them; all for all of them."),
    ] = "cardinal",
    noise: Annotated[
        list[str] | None,
        typer.Option(help="Mistakes to make; all for all of them.", metavar="NAME"),
    ] = None,
    strength: Annotated[
        int, typer.Option(help="Most mistakes in a text, 0 to 3.", metavar="N")
    ] = 1,
    sentences: Annotated[
        float, typer.Option(help="Share of the pairs that are sentences.", metavar="SHARE")
    ] = 0.0,
    telbench: Annotated[
        bool, typer.Option("--telbench", help="Write the benchmark's suites instead.")
    ] = False,
    overwrite: Annotated[
        bool, typer.Option("--overwrite", help="Replace a data set that is in DIR.")
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print what was made as JSON.")] = False,
) -> None:
    """Make pairs of a numeral and its value, with no value of a kind in two of the three parts.

    Writes train.jsonl, validation.jsonl, test.jsonl and README.md (a data set card) into DIR.

    The test part has no sentence and no pattern of a mistake that the training part has.

    Example: getalwoord data --out numerals --kinds all --noise all --sentences 0.2 --max 999999
    """
    from getalwoord.data import telbench as benchmark
    from getalwoord.data.card import dataset_card
    from getalwoord.data.parts import draw_parts, parts_in, write_parts
    from getalwoord.numerals import KINDS, NOISES
    from getalwoord.recipe import Recipe

    if telbench:
        if out.exists() and not overwrite:
            raise InputError(f"{out} is there already: use --overwrite, or give another folder")
        written = benchmark.write_telbench(out)
        if as_json:
            print(json.dumps({"folder": str(out), "examples": written}))
        else:
            print(f"{out}: {written} examples in suites of Telbench")
        return
    # What a recipe refuses is refused here, in the same words.
    recipe = Recipe.of(
        {
            "count": count,
            "minimum": minimum,
            "maximum": maximum,
            "sampling": sampling,
            "replacement": replacement,
            "validation": validation,
            "test": test,
            "seed": seed,
            "kinds": _names(kinds.split(","), KINDS),
            "noise": _names(noise or (), NOISES),
            "noise_strength": strength,
            "sentences": sentences,
        },
        "data",
    )
    if strength != 1 and not noise:
        raise InputError("--strength is for --noise: add that, or leave --strength out")
    present = parts_in(out)
    if present and not overwrite:
        raise InputError(
            f"{out} holds {', '.join(present)} already: use --overwrite to replace "
            f"{'it' if len(present) == 1 else 'them'}, or give another folder with --out"
        )
    parts = draw_parts(**recipe.drawing)
    write_parts(out, parts, dataset_card(parts, **recipe.drawing))
    made = {
        "train": len(parts.train),
        "validation": len(parts.validation),
        "test": len(parts.test),
    }
    if as_json:
        different = len({example.response for example in parts.train})
        settings = {name: value for name, value in recipe.drawing.items() if name not in _SIZES}
        print(json.dumps({"folder": str(out), **made, "different_responses": different} | settings))
    else:
        print(f"{out}: " + ", ".join(f"{number} pairs in {name}" for name, number in made.items()))


_SIZES = ("count", "validation", "test")


def _names(given: Iterable[str], known: Iterable[str]) -> list[str]:
    names = [name.strip() for part in given for name in part.split(",")]
    return list(known) if names == ["all"] else names
