"""Texts as commands take them, and how a command says which one it cannot read."""

import re
import sys
import unicodedata
from collections.abc import Iterator, Sequence

from getalwoord.errors import InputError, ParseError

_WINDOW = 36  # characters shown on either side of a fault


def given(arguments: Sequence[str] | None) -> Iterator[tuple[str, str]]:
    """Give each text with its place: the arguments, or else the lines of standard input.

    Bytes that are not UTF-8 become U+FFFD, which no grammar understands.

    Raises:
        InputError: There are no arguments, and standard input is closed or a terminal, at which
            a command would wait without a word.
    """
    if arguments:
        for argument in arguments:
            yield "", re.sub("[\ud800-\udfff]", "\ufffd", argument)
        return
    if sys.stdin is None or sys.stdin.isatty():
        raise InputError(
            "nothing is given: write arguments, or send lines to standard input "
            "(--help has an example)"
        )
    from getalwoord.files import text_of_line

    for number, line in enumerate(sys.stdin.buffer, start=1):
        yield f"line {number}: ", text_of_line(line, number)


def shorten(text: str) -> str:
    """Give the beginning of a long text, for a message."""
    return text if len(text) <= 2 * _WINDOW else text[: 2 * _WINDOW - 1] + "…"


def complain(place: str, error: InputError) -> None:
    """Say on standard error what is wrong, and where in the text if that is known."""
    print(f"getalwoord: {place}{_shown(str(error))}", file=sys.stderr)
    if isinstance(error, ParseError) and error.text.strip():
        print(_caret(error), file=sys.stderr)


def _caret(error: ParseError) -> str:
    """Draw the text, or what surrounds the fault, and a caret under the fault."""
    start = max(0, error.position - _WINDOW)
    before = ("…" if start else "") + error.text[start : error.position]
    behind = error.text[error.position : error.position + _WINDOW]
    more = "…" if len(error.text) > error.position + _WINDOW else ""
    return f"    {_shown(before + behind)}{more}\n    {' ' * sum(map(_width, before))}^"


def _shown(text: str) -> str:
    """Leave out what a terminal would obey instead of showing it."""
    return "".join(
        character if character.isprintable() else " " if character.isspace() else "\ufffd"
        for character in text
    )


def _width(character: str) -> int:
    """Columns that a character takes in a terminal."""
    if unicodedata.combining(character):
        return 0
    return 2 if unicodedata.east_asian_width(character) in "WF" else 1
