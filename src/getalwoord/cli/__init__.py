"""The command line: one module a command, each of which parses, calls and prints."""

import io
import os
import sys
from pathlib import Path

from getalwoord.errors import GetalwoordError


def main() -> None:
    """Run the command line and leave with its exit code."""
    if sys.stderr is None:  # closed: what is said there would be printed on standard output
        sys.stderr = Path(os.devnull).open("w")  # noqa: SIM115 - as long as the process lives
    if isinstance(sys.stdout, io.TextIOWrapper):
        # A terminal without our letters gets them as escapes.
        sys.stdout.reconfigure(errors="backslashreplace")
    try:
        try:
            from getalwoord.cli.app import app

            app()
        finally:
            print(end="", flush=True)  # or Python would find too late that the disk is full
    except KeyboardInterrupt:
        sys.exit(130)
    except GetalwoordError as error:
        print(f"getalwoord: {error}", file=sys.stderr)
        sys.exit(error.exit_code)
    except OSError as error:
        if error.filename or not error.errno:
            raise  # this is not of our output
        # Where its reader has gone (`| head`), nothing is left to be said.
        if not isinstance(error, BrokenPipeError):
            from getalwoord.files import disk_error

            print(f"getalwoord: {disk_error('the output', error, 'write')}", file=sys.stderr)
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(1)
