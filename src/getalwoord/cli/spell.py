"""`getalwoord spell`: whole numbers in words."""

import json
import re
from typing import Annotated

import typer

from getalwoord.cli.texts import complain, given
from getalwoord.errors import InputError

_LONGEST = 4000  # digits; Python refuses to read numbers that are much longer


def spell(
    numbers: Annotated[
        list[str] | None,
        typer.Argument(metavar="NUMBER", help="Whole numbers; else one a line of input."),
    ] = None,
    as_json: Annotated[
        bool, typer.Option("--json", help="Print one JSON object for each number.")
    ] = False,
) -> None:
    """Spell whole numbers in Dutch words by the official rules.

    Example: getalwoord spell 483 -6 prints vierhonderddrieëntachtig and min zes.
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
            words = numerals.spell(_whole_number(text))
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


def _whole_number(text: str) -> int:
    number = re.fullmatch(r"([+-]?)0*([0-9]+)", text.strip())
    if not number:
        raise InputError("this is no whole number: give digits only, as in 1500 or -6")
    return int(number[1] + number[2][:_LONGEST])
