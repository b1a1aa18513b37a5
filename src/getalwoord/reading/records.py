"""What was read as JSON objects: those of `--json`, of files and of the service."""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from getalwoord.numerals import Normalised, Numeral
    from getalwoord.reading.readings import Reading


def record_of(read: "Reading | Numeral") -> dict[str, Any]:
    """Give what was read as an object of --json; of what is not known only the main fields."""
    value = getattr(read, "figures", read.value)
    main = {
        "text": read.text,
        "value": value,
        "kind": read.kind,
        "unit": read.unit,
        "how": read.how,
    }
    known = {name: getattr(read, name, None) for name in _FURTHER}
    return main | {name: value for name, value in known.items() if value is not None}


_FURTHER = (
    "meant",
    "distance",
    "rival",
    "rival_distance",
    "answer",
    "probability",
    "doubt",
    "divided",
    "error",
)
#: All that such an object may have beside its text
FIELDS = ("value", "kind", "unit", "how", *_FURTHER, "readings", "normalised")


def record_of_sentence(normalised: "Normalised") -> dict[str, Any]:
    """Give a sentence, its numerals and where they stand as an object of --json."""
    readings = [
        record_of(found.numeral)
        | {
            "how": found.how,
            "figures": found.figures,
            "start": found.start,
            "end": found.end,
        }
        for found in normalised.found
    ]
    return {"text": normalised.text, "readings": readings, "normalised": normalised.normalised}
