"""Text in, values out, each with how it is known: the grammar first, then the model, then proof."""

import copy
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from functools import cache
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Literal, Self, TypeAlias, get_args

from getalwoord.errors import InputError
from getalwoord.numerals import (
    KINDS,
    MARGIN,
    Correction,
    Figures,
    Normalised,
    Numeral,
    Value,
    answer_of,
    apart,
    corrected,
    kind_of,
    normalise,
    parse_exactly,
    refusal,
    same_value,
    suspects,
    value_of_answer,
)
from getalwoord.numerals.answers import answers_of_kinds
from getalwoord.reading.proof import REACH, Proof, Thresholds, prove
from getalwoord.reading.readings import Open, Reading, Unread, doubted, sorted_out

if TYPE_CHECKING:
    from getalwoord.reading import parts
    from getalwoord.reading.answers import Answer
    from getalwoord.reading.decode import Answerer

    _Answered: TypeAlias = tuple[Answer, tuple[str, ...]]

Method = Literal["auto", "grammar", "model"]

_EXACT = Proof("exact")
_AT_ONCE = 1024  # texts that `iter_read` reads together


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
        InputError: The adapter or its base cannot be used, or there is no such kind or method.
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
        if method not in get_args(Method):
            raise InputError(
                f'there is no method "{method}": give one of {", ".join(get_args(Method))}'
            )
        self._uses_grammar = method != "model"
        self._answerer: Answerer | None = None
        self._divider: parts.Divider | None = None
        self.thresholds = thresholds or Thresholds()
        self._closed = False
        chosen = tuple(KINDS if kinds is None else kinds)
        answers_of_kinds(chosen)  # which refuses what is no kind
        if adapter is not None and method != "grammar":
            from getalwoord.adapter import Adapter
            from getalwoord.reading.loading import load_answerer
            from getalwoord.reading.parts import Divider

            loaded = Adapter.load(Path(adapter))
            self.thresholds = thresholds or Thresholds.load(Path(adapter))
            self._answerer = load_answerer(
                loaded, base=base, dtype=dtype, kinds=chosen, doubt=doubt
            )
            if "cardinal" in loaded.recipe.kinds and "cardinal" in chosen:
                self._divider = Divider(loaded.recipe.maximum)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @property
    def answerer(self) -> "Answerer | None":
        """The model, if there is one."""
        return self._answerer

    def asking(self, method: Method, answerer: "Answerer | None" = None) -> "Reader":
        """Give a reader by another method that shares this one's model, or asks another model."""
        other = copy.copy(self)
        other._uses_grammar = method != "model"
        other._answerer = None if method == "grammar" else answerer or self._answerer
        if other._answerer is not self._answerer:
            other._divider = None  # who knows what it was trained on
        return other

    def apart(self) -> "Reader":
        """Give a reader by the same model that does not wait while this one asks it."""
        other = copy.copy(self)
        other._answerer = self._answerer and self._answerer.apart()
        return other

    def close(self) -> None:
        """Free the memory that the model takes; the reader reads no more."""
        self._answerer, self._closed = None, True

    def read(self, texts: Iterable[str]) -> list[Reading]:
        """Read texts, each of them one numeral, and give the readings in their order.

        Raises:
            InputError: The reader is closed, or what is given is one text, whose letters would be
                read.
        """
        self._check(texts)
        weighed = [self.exactly(text) or self.weighed(text) for text in texts]
        finished = iter(self._finish([one for one in weighed if isinstance(one, Open)]))
        return [next(finished) if isinstance(one, Open) else one for one in weighed]

    def read_mixed(self, texts: Iterable[str]) -> list[Reading | Normalised]:
        """Read texts of which each is a numeral or a sentence, by what it looks like.

        The model alone takes every text for a numeral: it answers sentences, too.

        Raises:
            InputError: The reader is closed, or what is given is one text.
        """
        if not self._uses_grammar:
            return [*self.read(texts)]
        self._check(texts)
        asks = self._answerer is not None
        read = [self.exactly(text) or sorted_out(self.weighed(text), model=asks) for text in texts]
        finished = iter(self.finish([one for one in read if isinstance(one, Unread)]))
        return [next(finished) if isinstance(one, Unread) else one for one in read]

    def exactly(self, text: str) -> Reading | None:
        """Read a numeral that the grammar has as it is, in microseconds; None for another text."""
        numeral = parse_exactly(text) if self._uses_grammar else None
        return None if numeral is None else _reading(numeral)

    def weighed(self, text: str) -> Open:
        """Look for what a text may be meant to be; takes milliseconds where it is misspelt."""
        return Open(text, corrected(text, reach=REACH) if self._uses_grammar else ())

    def finish(self, texts: Sequence[Unread]) -> list[Reading | Normalised]:
        """Read what was weighed, with the model's help if there is one.

        Raises:
            InputError: The reader is closed.
        """
        self._check_open()
        each = [[one] if isinstance(one, Open) else one.opened() for one in texts]
        read = iter(self._finish([one for opened in each for one in opened]))
        return [
            next(read) if isinstance(one, Open) else one.settled(list(islice(read, len(opened))))
            for one, opened in zip(texts, each, strict=True)
        ]

    def _finish(self, texts: Sequence[Open]) -> list[Reading]:
        answers: dict[int, _Answered] = {}
        asked = [number for number, one in enumerate(texts) if one.text.strip()]
        answerer = self._answerer  # another thread may close the reader meanwhile
        if answerer is not None and asked:
            stripped = [texts[number].text.strip() for number in asked]
            drafts = [_draft(texts[number]) for number in asked]
            answers = dict(zip(asked, self._answered(answerer, stripped, drafts), strict=True))
        return [
            self._proven(one.text, one.corrections, answers.get(number))
            for number, one in enumerate(texts)
        ]

    def iter_read(self, texts: Iterable[str]) -> Iterator[Reading]:
        """Read texts as they come, in their order, in memory that does not grow.

        Raises:
            InputError: The reader is closed, or what is given is one text.
        """
        self._check(texts)
        return self._batches_read(iter(texts))

    def _batches_read(self, left: Iterator[str]) -> Iterator[Reading]:
        while batch := list(islice(left, _AT_ONCE)):
            yield from self.read(batch)

    def normalise(self, text: str, figures: Figures | None = None) -> Normalised:
        """Write figures for the numerals in a Dutch text.

        A model, if there is one, is asked for the misspelt ones. What is unproven keeps its words,
        and has its value among what was found.

        Raises:
            InputError: The reader is closed.
        """
        self._check_open()
        normalised = normalise(text, figures)
        if self._answerer is None or not self._uses_grammar:
            return normalised
        one = doubted(normalised, suspects(text, reach=REACH), figures)
        done = one if isinstance(one, Normalised) else self.finish([one])[0]
        assert isinstance(done, Normalised)
        return done

    def _check_open(self) -> None:
        if self._closed:
            raise InputError("the reader is closed: make another one")

    def _check(self, texts: Iterable[str]) -> None:
        self._check_open()
        if isinstance(texts, str | bytes):
            raise InputError(f"texts are to be in a list: give [{texts!r:.60}]")

    def _answered(
        self, answerer: "Answerer", texts: Sequence[str], drafts: Sequence[str | None]
    ) -> "Sequence[_Answered]":
        if self._divider is None:
            return [(answer, ()) for answer in answerer.answer(texts, drafts)]
        from getalwoord.reading.parts import answer_in_parts

        return answer_in_parts(answerer, texts, drafts, self._divider)

    def _proven(
        self, text: str, corrections: Sequence[Correction], answered: "_Answered | None"
    ) -> Reading:
        numeral = corrections[0].numeral if corrections else None
        if answered is None:
            if numeral is None:
                return Reading(text, None, None, error=self._why_not(text))
            return _reading(numeral, prove(numeral.value, corrections, self.thresholds))
        answer = answered[0]
        said = _value_said(answer.text)
        numeral = _meant(text, corrections, said)
        if numeral is None:
            why = f"the model said {answer.text!r}, which is no value"
            unread = Reading(text, None, None, error=why)
            return replace(unread, answer=answer.text, probability=answer.probability)
        agreed = said is not None and same_value(said, numeral.value)
        sure = agreed and answer.probability >= self.thresholds.probability
        proof = prove(numeral.value, corrections, self.thresholds, sure=sure)
        return _reading(numeral, proof, answered)

    def _why_not(self, text: str) -> str:
        if not text.strip():
            return "there is no text"
        return str(refusal(text)) if self._uses_grammar else "no model was asked"


def _meant(text: str, corrections: Sequence[Correction], said: Value | None) -> Numeral | None:
    """Choose between what a text is near to and what the model said.

    The nearest is believed, for the model is sure of itself in mistakes that it never saw, too. It
    decides where there is nothing near, and among values that are as good as equally near.
    """
    if not corrections:
        return None if said is None else Numeral(text, said, kind_of(said))
    nearest = corrections[0].distance
    equals = [one.numeral for one in corrections if apart(nearest, one.distance) <= MARGIN]
    agreed = (one for one in equals if said is not None and same_value(one.value, said))
    return next(agreed, equals[0])


def _reading(
    numeral: Numeral, proof: Proof = _EXACT, answered: "_Answered | None" = None
) -> Reading:
    answer, divided = answered or (None, ())
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
        divided=divided or None,
    )


def _draft(one: Open) -> str | None:
    """Guess the answer by the grammar: a draft changes no answer, but one that is right is fast."""
    numeral = one.corrections[0].numeral if one.corrections else parse_exactly(one.text)
    return None if numeral is None else answer_of(numeral.value)


def _value_said(answer: str) -> Value | None:
    """Read an answer; None for what is no value, which only a model that is not tuned says."""
    return value_of_answer(answer) if _answers().fullmatch(answer) else None


@cache
def _answers() -> re.Pattern[str]:
    return re.compile(answers_of_kinds(tuple(KINDS)))
