"""`getalwoord spell`: values in words."""

import json
import re
from typing import Annotated

import typer

from getalwoord.cli.texts import complain, given
from getalwoord.errors import InputError


def spell(
    numbers: Annotated[
        list[str] | None,
        typer.Argument(metavar="NUMBER", help="Values in figures; else one a line of input."),
    ] = None,
    kind: Annotated[
        str | None,
        typer.Option(help="ordinal, year, multiplier, digits …; else by its figures."),
    ] = None,
    unit: Annotated[
        str | None, typer.Option(help="EUR or another currency, % or ‰.", metavar="UNIT")
    ] = None,
    as_json: Annotated[
        bool, typer.Option("--json", help="Print one JSON object for each number.")
    ] = False,
) -> None:
    """Spell numbers, times and dates in Dutch words by the official rules.

    Figures are 1500, -6, 2.5, 2/3, 16:30, 1945-05-03 or --03-21.

    Example: getalwoord spell 483 -6 prints vierhonderddrieëntachtig and min zes; with --unit EUR
    3.50 is drie euro vijftig, with --kind ordinal 21 is eenentwintigste.
    """
    from getalwoord import numerals

    # An unknown option comes as a number, since -6 must.
    for text in numbers or ():
        if re.match("--?[A-Za-z]", text):
            raise InputError(f"there is no option {text}: getalwoord spell --help lists all")
    failed = False
    for place, text in given(numbers):
        words = None
        try:
            words = numerals.spell(numerals.value_given(text.strip(), kind, unit), kind)
        except InputError as error:
            failed = True
            shown = text if len(text) <= 40 else text[:40] + "…"
            reason = f'"{shown}": {error}'
            complain(place, InputError(reason))
        if as_json:
            record = {"text": words, "value": text.strip()}
            print(json.dumps(record if words else record | {"error": reason}, ensure_ascii=False))
        elif words:
            print(words)
    if failed:
        raise typer.Exit(2)
