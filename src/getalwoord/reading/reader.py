"""Text in, values out: the grammar first, the model for what the grammar cannot read."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from getalwoord.errors import InputError, ParseError
from getalwoord.numerals import kind_of, notation, parse_numeral, unit_of, value_of_answer

Method = Literal["auto", "grammar", "model"]


@dataclass(frozen=True, slots=True)
class Reading:
    """What a text was read as.

    Attributes:
        text: As given.
        value: The value in figures; None where the text could not be read.
        how: "exact" if the grammar read it, "near" if it is misspelt and the grammar knows of one
            value that it is near to, "unproven" if the model read it; None if none could.
        kind: The kind of numeral.
        unit: What is counted, where the text says it.
        error: Why it could not be read.
    """

    text: str
    value: str | None
    how: Literal["exact", "near", "unproven"] | None
    kind: str | None = "cardinal"
    unit: str | None = None
    error: str | None = None


class Reader:
    """Reads Dutch numerals.

    Args:
        adapter: The folder of an adapter; None for the grammar alone.
        method: "auto" asks the grammar first and the model for what it refuses; "grammar" and
            "model" ask only the one.
        base: Another name for the adapter's base, if it is not where it was.
        dtype: Of the base: "auto", "bfloat16" or "float32".

    Raises:
        InputError: The adapter or its base cannot be used.
    """

    def __init__(
        self,
        adapter: Path | str | None = None,
        *,
        method: Method = "auto",
        base: str | None = None,
        dtype: str = "auto",
    ) -> None:
        self._uses_grammar = method != "model"
        self._uses_model = adapter is not None and method != "grammar"
        if self._uses_model:
            from getalwoord.adapter import Adapter
            from getalwoord.reading.decode import answering

            self._answers = answering(Adapter.load(Path(str(adapter))), base=base, dtype=dtype)

    def read(self, texts: Sequence[str]) -> list[Reading]:
        """Read texts, each of them one numeral, and give the readings in their order."""
        readings = [self._by_grammar(text) for text in texts]
        left = [number for number, reading in enumerate(readings) if reading.value is None]
        if left and self._uses_model:
            answers = self._answers([texts[number].strip() for number in left])
            for number, answer in zip(left, answers, strict=True):
                readings[number] = _by_model(texts[number], answer)
        return readings

    def _by_grammar(self, text: str) -> Reading:
        if not self._uses_grammar:
            return Reading(text, None, None)
        try:
            numeral = parse_numeral(text)
        except ParseError as error:
            return Reading(text, None, None, kind=None, error=str(error))
        return Reading(text, numeral.figures, numeral.how, numeral.kind, numeral.unit)


def _by_model(text: str, answer: str) -> Reading:
    if not text.strip():
        return Reading(text, None, None, kind=None, error="there is no text")
    try:
        value = value_of_answer(answer)
    except InputError:
        return Reading(
            text, None, None, kind=None, error=f"the model's answer {answer!r} is no number"
        )
    return Reading(text, notation(value), "unproven", kind_of(value), unit_of(value))
