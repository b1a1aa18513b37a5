"""`getalwoord compare`: runs side by side, as a table and a plot."""

import json
from pathlib import Path
from typing import Annotated

import typer

_COLUMNS = ("step", "loss", "validation_exact_match", "em_after", "seconds")


def compare(
    folders: Annotated[list[Path], typer.Argument(metavar="DIR...", help="Folders of runs.")],
    plot: Annotated[
        Path | None, typer.Option(help="Draw the runs in this PNG file.", metavar="FILE")
    ] = None,
    as_json: Annotated[
        bool, typer.Option("--json", help="One line of JSON a run, instead of a table.")
    ] = False,
) -> None:
    """Show runs side by side: how far they came, and what they reached.

    Runs that are still going on can be compared, too.

    Example: getalwoord compare runs/one runs/two --plot runs.png
    """
    from getalwoord.evaluation.runs import plot_runs, read_run

    runs = {str(folder): read_run(folder) for folder in folders}
    if plot is not None:
        plot_runs(plot, {name: run.curve for name, run in runs.items()})
    if as_json:
        for name, run in runs.items():
            print(json.dumps({"folder": name, **run.summary}))
        return
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    table = Table("run", *(column.replace("_", " ") for column in _COLUMNS))
    for name, run in runs.items():
        shown = (run.summary.get(column) for column in _COLUMNS)
        table.add_row(Text(name), *("" if value is None else _figures(value) for value in shown))
    Console().print(table)


def _figures(number: float) -> str:
    """Write a number in four figures, or all of those before its point."""
    return f"{number:.4g}" if abs(number) < 1000 else f"{number:.0f}"
