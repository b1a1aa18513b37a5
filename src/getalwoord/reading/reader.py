"""Text in, values out, each with how it is known: the grammar first, then the model, then proof."""

import copy
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Literal, Self, TypeAlias, cast

from getalwoord.errors import InputError
from getalwoord.numerals import (
    KINDS,
    Correction,
    Figures,
    Normalised,
    Numeral,
    answer_of,
    corrected,
    has_other_words,
    is_clear,
    is_prose,
    kind_of,
    normalise,
    parse_exactly,
    refusal,
    same_value,
    value_of_answer,
)
from getalwoord.reading.proof import REACH, How, Proof, Thresholds, prove

if TYPE_CHECKING:
    from getalwoord.reading.decode import Answer, Answerer
    from getalwoord.reading.parts import Divider

    _Answered: TypeAlias = tuple[Answer, tuple[str, ...]]

Method = Literal["auto", "grammar", "model"]

_EXACT = Proof("exact")
_AT_ONCE = 1024  # texts that `iter_read` reads together


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
        parts: What the model was asked for in place of a text that is longer than any it was
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
    parts: tuple[str, ...] | None = None


class Reader:
    """Reads Dutch numerals. Safe to be used by several threads; closing it frees the model.

    Args:
        adapter: The folder of an adapter; None for the grammar alone.
        method: "auto" asks the grammar first and the model for what it refuses; "grammar" and
            "model" ask only the one.
        base: Another name for the adapter's base, if it is not where it was.
        dtype: Of the base: "auto", "bfloat16" or "float32".
        kinds: Kinds of numeral that the model may answer with; None for all.
        thresholds: When a misspelt text counts as near; None for those of the adapter.
        doubt: Whether to compute each reading's `doubt`, which takes about twice the time.

    Attributes:
        thresholds: When a misspelt text counts as near.

    Raises:
        InputError: The adapter or its base cannot be used, or there is no such kind.
    """

    def __init__(
        self,
        adapter: Path | str | None = None,
        *,
        method: Method = "auto",
        base: str | None = None,
        dtype: str = "auto",
        kinds: Sequence[str] | None = None,
        thresholds: Thresholds | None = None,
        doubt: bool = False,
    ) -> None:
        self._uses_grammar = method != "model"
        self._answerer: Answerer | None = None
        self._divider: Divider | None = None
        self.thresholds = thresholds or Thresholds()
        self._closed = False
        if adapter is not None and method != "grammar":
            from getalwoord.adapter import Adapter
            from getalwoord.reading import parts
            from getalwoord.reading.decode import load_answerer

            loaded = Adapter.load(Path(adapter))
            self.thresholds = thresholds or Thresholds.load(Path(adapter))
            self._answerer = load_answerer(
                loaded, base=base, dtype=dtype, kinds=tuple(kinds or KINDS), doubt=doubt
            )
            if "cardinal" in loaded.recipe.kinds and "cardinal" in (kinds or KINDS):
                self._divider = parts.Divider(loaded.recipe.maximum)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def asking(self, method: Method) -> "Reader":
        """Give a reader by another method that shares this one's model."""
        other = copy.copy(self)
        other._uses_grammar = method != "model"
        if method == "grammar":
            other._answerer = None
        return other

    @property
    def has_model(self) -> bool:
        """Whether it asks a model, and not the grammar alone."""
        return self._answerer is not None

    def close(self) -> None:
        """Free the memory that the model takes; the reader reads no more."""
        self._answerer, self._closed = None, True

    def read(self, texts: Sequence[str]) -> list[Reading]:
        """Read texts, each of them one numeral, and give the readings in their order.

        Raises:
            InputError: The reader is closed.
        """
        return cast("list[Reading]", self._read(texts, sentences=False))

    def read_mixed(self, texts: Sequence[str]) -> list[Reading | Normalised]:
        """Read texts of which each is a numeral or a sentence, by what it looks like.

        The model alone takes every text for a numeral: it answers sentences, too.

        Raises:
            InputError: The reader is closed.
        """
        return self._read(texts, sentences=self._uses_grammar)

    def _read(self, texts: Sequence[str], *, sentences: bool) -> list[Reading | Normalised]:
        self._check_open()
        results: list[Reading | Normalised | None] = [self._exactly(text) for text in texts]
        left: dict[int, list[Correction]] = {}
        for number, text in enumerate(texts):
            if results[number] is None:
                corrections = corrected(text, reach=REACH) if self._uses_grammar else []
                if sentences and self._is_sentence(text, corrections):
                    results[number] = normalise(text)
                else:
                    left[number] = corrections
        read = self._left(texts, left)
        return [read[n] if one is None else one for n, one in enumerate(results)]

    def iter_read(self, texts: Iterable[str]) -> Iterator[Reading]:
        """Read texts as they come, in their order, in memory that does not grow."""
        left = iter(texts)
        while batch := list(islice(left, _AT_ONCE)):
            yield from self.read(batch)

    def normalise(self, text: str, figures: Figures | None = None) -> Normalised:
        """Write figures for the numerals in a Dutch text, by the grammar."""
        return normalise(text, figures)

    def _exactly(self, text: str) -> Reading | None:
        numeral = parse_exactly(text) if self._uses_grammar else None
        return None if numeral is None else _reading(numeral)

    def _is_sentence(self, text: str, corrections: Sequence[Correction]) -> bool:
        if not has_other_words(text) or is_clear(corrections):
            return False
        # Without a model nothing more can be had of a text than the figures in it.
        return self._answerer is None or is_prose(text)

    def _check_open(self) -> None:
        if self._closed:
            raise InputError("the reader is closed: make another one")

    def _left(
        self, texts: Sequence[str], left: Mapping[int, list[Correction]]
    ) -> dict[int, Reading]:
        """Read what the grammar refuses as it is."""
        answers: dict[int, _Answered] = {}
        asked = [number for number in left if texts[number].strip()]
        if self._answerer is not None and asked:
            stripped = [texts[number].strip() for number in asked]
            drafts = [_draft(texts[number], left[number]) for number in asked]
            answers = dict(zip(asked, self._answered(stripped, drafts), strict=True))
        return {
            number: self._proven(texts[number], corrections, answers.get(number))
            for number, corrections in left.items()
        }

    def _answered(
        self, texts: Sequence[str], drafts: Sequence[str | None]
    ) -> "Sequence[_Answered]":
        assert self._answerer is not None
        if self._divider is None:
            return [(answer, ()) for answer in self._answerer.answer(texts, drafts)]
        from getalwoord.reading.parts import answer_in_parts

        return answer_in_parts(self._answerer, texts, drafts, self._divider)

    def _proven(
        self, text: str, corrections: Sequence[Correction], answered: "_Answered | None"
    ) -> Reading:
        numeral = corrections[0].numeral if corrections else None
        if answered is None:
            if numeral is None:
                return Reading(text, None, None, error=self._why_not(text))
            return _reading(numeral, prove(numeral.value, corrections, self.thresholds))
        answer = answered[0]
        said = value_of_answer(answer.text)
        if numeral is None or (
            not same_value(said, numeral.value)
            # Where the words leave no doubt they are believed, but not proven.
            and prove(numeral.value, corrections, self.thresholds).how != "near"
        ):
            meant = (one.numeral for one in corrections if same_value(one.numeral.value, said))
            numeral = next(meant, Numeral(text, said, kind_of(said)))
        sure = same_value(said, numeral.value) and answer.probability >= self.thresholds.probability
        proof = prove(numeral.value, corrections, self.thresholds, sure=sure)
        return _reading(numeral, proof, answered)

    def _why_not(self, text: str) -> str:
        if not text.strip():
            return "there is no text"
        return str(refusal(text)) if self._uses_grammar else "no model was asked"


def _reading(
    numeral: Numeral, proof: Proof = _EXACT, answered: "_Answered | None" = None
) -> Reading:
    answer, parts = answered or (None, ())
    return Reading(
        numeral.text,
        numeral.figures,
        proof.how,
        numeral.kind,
        numeral.unit,
        meant=numeral.meant,
        distance=proof.distance,
        rival=proof.rival,
        rival_distance=proof.rival_distance,
        answer=None if answer is None else answer.text,
        probability=None if answer is None else answer.probability,
        doubt=None if answer is None else answer.doubt,
        parts=parts or None,
    )


def _draft(text: str, corrections: Sequence[Correction]) -> str | None:
    """Guess the answer by the grammar: a draft changes no answer, but one that is right is fast."""
    numeral = corrections[0].numeral if corrections else parse_exactly(text)
    return None if numeral is None else answer_of(numeral.value)
