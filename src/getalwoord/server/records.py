"""What was read as JSON objects, and as the answers of a model."""

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any, TypeAlias

from getalwoord.numerals import (
    Figures,
    Normalised,
    Numeral,
    answer_of,
    explain,
    parse_exactly,
    value_of,
    written,
)
from getalwoord.reading.readings import Reading
from getalwoord.reading.records import record_of, record_of_sentence
from getalwoord.server.refusals import Refused

Record: TypeAlias = dict[str, Any]


def record(
    read: Reading | Normalised, *, explained: bool, figures: Figures | None = None
) -> Record:
    """Give what was read as an object.

    Args:
        read: A numeral or a sentence.
        explained: Whether each numeral has the parts it was read by.
        figures: How a numeral is written; None if that is not wanted.
    """
    made = record_of_sentence(read) if isinstance(read, Normalised) else record_of(read)
    if figures is not None and made.get("kind") is not None:
        value = value_of(made["value"], made["unit"])
        made["figures"] = written(Numeral(made["text"], value, made["kind"]), figures)
    if explained:
        numerals: Sequence[Record] = made.get("readings", [made])
        for numeral in numerals:
            numeral["parts"] = _parts(numeral)
    return made


def _parts(numeral: Record) -> list[Record]:
    """Give the parts of a numeral, or of what it was meant to be; none if no grammar reads it."""
    text: str = numeral.get("meant") or numeral["text"]
    if numeral["value"] is None or parse_exactly(text) is None:
        return []
    return [asdict(part) for part in explain(text, numeral["kind"])]


def response_of(made: Record, *, said: bool) -> str:
    """Give a record as the response of a training pair is written, or a sentence in figures.

    Args:
        made: Of a numeral or a sentence.
        said: Whether what the model said is wanted, and not what was made of it.

    Raises:
        Refused: The text could not be read.
    """
    if "normalised" in made:
        return str(made["normalised"])
    if said and "answer" in made:
        return str(made["answer"])
    if made["value"] is None:
        message = f"cannot read {_short(made['text'])!r}: {_short(made['error'])}"
        raise Refused(422, message, code="unreadable")
    return answer_of(value_of(made["value"], made["unit"]))


def _short(text: str) -> str:
    return text if len(text) <= _SHOWN else text[:_SHOWN] + "…"


_SHOWN = 200  # characters
