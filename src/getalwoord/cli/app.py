"""The commands by name. Each command imports what it needs when it is called."""

from typing import Annotated

import typer

from getalwoord.cli.compare import compare
from getalwoord.cli.data import data
from getalwoord.cli.evaluate import evaluate
from getalwoord.cli.export import export, import_adapter
from getalwoord.cli.info import info
from getalwoord.cli.parse import parse
from getalwoord.cli.read import read
from getalwoord.cli.serve import serve
from getalwoord.cli.spell import spell
from getalwoord.cli.train import train

app = typer.Typer(
    name="getalwoord",
    help="Teach a Gemma language model to read Dutch numerals.",
    no_args_is_help=True,
    invoke_without_command=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)


@app.callback()
def _options(
    version: Annotated[
        bool, typer.Option("--version", help="Print the version and end.", is_eager=True)
    ] = False,
) -> None:
    if version:
        from importlib.metadata import version as installed

        print(f"getalwoord {installed('getalwoord')}")
        raise typer.Exit


# Negative numbers are no options.
app.command(context_settings={"ignore_unknown_options": True})(spell)
app.command()(parse)
app.command()(data)
app.command()(train)
app.command()(compare)
app.command()(read)
app.command("eval")(evaluate)
app.command()(export)
app.command("import")(import_adapter)
app.command()(serve)
app.command()(info)
