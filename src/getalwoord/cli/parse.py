"""`getalwoord parse`: numerals in words to figures, by the grammar alone."""

import json
from typing import Annotated

import typer

from getalwoord.cli.texts import complain, given
from getalwoord.errors import ParseError
from getalwoord.reading.records import record_of


def parse(
    texts: Annotated[
        list[str] | None,
        typer.Argument(metavar="TEXT", help="Numerals in words; else one a line of input."),
    ] = None,
    as_json: Annotated[
        bool, typer.Option("--json", help="Print one JSON object for each text.")
    ] = False,
) -> None:
    """Turn Dutch numerals in words into figures, without a model.

    With --json, "how" is "exact", or "near" for a misspelt numeral that only one value is near to.

    Example: getalwoord parse "vierhonderd drie en tachtig" prints 483.
    """
    from getalwoord.numerals import parse_numeral

    failed = False
    for place, text in given(texts):
        try:
            numeral = parse_numeral(text)
        except ParseError as error:
            failed = True
            complain(place, error)
            record: dict[str, object] = {
                "text": text,
                "value": None,
                "error": str(error),
                "position": error.position,
            }
        else:
            if not as_json:
                print(numeral.figures)
            record = record_of(numeral)
            if numeral.meant is not None:
                record["meant"] = numeral.meant
        if as_json:
            print(json.dumps(record, ensure_ascii=False))
    if failed:
        raise typer.Exit(2)
