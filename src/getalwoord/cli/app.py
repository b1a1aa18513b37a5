"""The commands by name. Each command imports what it needs when it is called."""

import typer

app = typer.Typer(
    name="getalwoord",
    help="Teach a Gemma language model to read Dutch numerals.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
