"""The command line: one module a command, each of which parses, calls and prints."""

import io
import os
import sys

from getalwoord.errors import GetalwoordError


def main() -> None:
    """Run the command line and leave with its exit code."""
    from getalwoord.cli.app import app

    if isinstance(sys.stdout, io.TextIOWrapper):
        # A terminal without our letters gets them as escapes.
        sys.stdout.reconfigure(errors="backslashreplace")
    try:
        app()
    except GetalwoordError as error:
        print(f"getalwoord: {error}", file=sys.stderr)
        sys.exit(error.exit_code)
    except BrokenPipeError:
        # Whoever read our output has gone (`| head`); nothing is left to be said to them.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(1)
