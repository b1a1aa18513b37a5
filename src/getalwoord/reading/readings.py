"""What was read, what is still to be read, and which of them a text is."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeAlias

from getalwoord.numerals import (
    Correction,
    Figures,
    Found,
    How,
    Normalised,
    Numeral,
    Suspect,
    Value,
    as_suspect,
    has_other_words,
    is_among_others,
    is_clear,
    is_counting,
    is_last_word,
    is_list,
    is_prose,
    is_told_by_a_word,
    normalise,
    same_value,
    suspects,
    value_of,
    with_figures,
    written,
)
from getalwoord.reading.proof import REACH

_SEVERAL = 3  # numbers in a row, which are no misspelt one: *vijftig zestig dertig en elf*


@dataclass(frozen=True, slots=True)
class Reading:
    """What a text was read as.

    Attributes:
        text: As given.
        value: The value in figures; None where the text could not be read.
        how: "exact" if the grammar read it; "near" if it is misspelt, but near to this value and to
            no other; "unproven" if only the model says so; None if it could not be read.
        kind: The kind of numeral.
        unit: What is counted, where the text says it.
        error: Why it could not be read.
        meant: The words that a misspelt text was taken for.
        distance: What the mistakes in it cost, if this value is meant; None if it is not near.
        rival: The nearest other value, in figures.
        rival_distance: What the mistakes cost, if that one is meant.
        answer: What the model said, if it was asked.
        probability: Of that answer among all well-formed ones.
        doubt: The model's probability of what is no well-formed answer, if that was asked for.
        divided: What the model was asked for in place of a text that is longer than any it was
            trained on; `answer` is put together of its answers.
    """

    text: str
    value: str | None
    how: How | None
    kind: str | None = None
    unit: str | None = None
    error: str | None = None
    meant: str | None = None
    distance: float | None = None
    rival: str | None = None
    rival_distance: float | None = None
    answer: str | None = None
    probability: float | None = None
    doubt: float | None = None
    divided: tuple[str, ...] | None = None


@dataclass(frozen=True, slots=True)
class Open:
    """A text that the grammar does not read as it is, and what it may be meant to be."""

    text: str
    corrections: Sequence[Correction] = ()


@dataclass(frozen=True, slots=True)
class OpenSentence:
    """A sentence in which misspelt numerals may stand.

    Attributes:
        normalised: What the grammar makes of it.
        suspects: Where they may stand, in order.
        figures: How numerals are written; None for the Dutch conventions.
    """

    normalised: Normalised
    suspects: Sequence[Suspect]
    figures: Figures | None = None

    def opened(self) -> list[Open]:
        """Give the suspects as texts to read."""
        return [Open(one.text, one.corrections) for one in self.suspects]

    def settled(self, readings: Sequence[Reading]) -> Normalised:
        """Give the sentence with what its suspects were read as.

        What is near is written in figures. What is unproven stays as it is; and so does what the
        grammar reads in it, which may be but a part of what is meant. Where nothing is near and the
        model says what the grammar reads, that stands.
        """
        found = list(self.normalised.found)
        for suspect, reading in zip(self.suspects, readings, strict=True):
            if reading.value is None or reading.kind is None or reading.how is None:
                continue
            value = value_of(reading.value, reading.unit)
            within = [one for one in found if suspect.start <= one.start and one.end <= suspect.end]
            if not suspect.corrections and _is_all(within, value):
                continue
            numeral = Numeral(suspect.text, value, reading.kind, reading.meant)
            near = reading.how == "near"
            figures = written(numeral, self.figures or Figures()) if near else suspect.text
            found = [one for one in found if one.end <= suspect.start or suspect.end <= one.start]
            found.append(Found(suspect.start, suspect.end, numeral, figures, reading.how))
        return with_figures(self.normalised.text, sorted(found, key=lambda one: one.start))


def _is_all(found: Sequence[Found], value: Value) -> bool:
    return len(found) == 1 and same_value(found[0].numeral.value, value)


#: What a model may be asked for
Unread: TypeAlias = Open | OpenSentence


def sorted_out(
    one: Open, *, model: bool, figures: Figures | None = None
) -> Open | OpenSentence | Normalised:
    """Tell running text from a numeral, and read it as far as the grammar can.

    Args:
        one: What the grammar refuses as a numeral.
        model: Whether a model will be asked for what the grammar cannot read. Without a model
            nothing more can be had of a text than the figures in it.
        figures: How numerals in a sentence are written; None for the Dutch conventions.
    """
    if is_clear(one.corrections):
        return one
    normalised = normalise(one.text, figures)
    if not has_other_words(one.text):
        is_sentence = is_last_word(normalised) or is_list(normalised) or is_counting(normalised)
        is_row = not model and len(normalised.found) >= _SEVERAL
        return normalised if is_sentence or is_row else one
    if not model:
        return normalised
    doubtful = suspects(one.text, reach=REACH)
    if any(suspect.text == one.text.strip() for suspect in doubtful):
        return one
    if not (is_prose(one.text) or (doubtful and is_told_by_a_word(one.text))):
        return normalised if is_among_others(normalised) and not doubtful else one
    return doubted(normalised, doubtful, figures)


def doubted(
    normalised: Normalised, doubtful: Sequence[Suspect], figures: Figures | None
) -> OpenSentence | Normalised:
    """Tell where in running text misspelt numerals may stand, if anywhere.

    Args:
        normalised: What the grammar makes of it.
        doubtful: Places that look like it.
        figures: How numerals are written; None for the Dutch conventions.
    """
    # What the grammar reads whole is no part of something else.
    doubtful = [one for one in doubtful if not any(map(one.cuts, normalised.found))]
    doubtful = doubtful or as_suspect(normalised)
    return OpenSentence(normalised, doubtful, figures) if doubtful else normalised
