"""The answers of a batch, while they grow and when they are whole."""

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from getalwoord.models.tokenizer import Tokenizer
from getalwoord.reading.choose import Choice


@dataclass(frozen=True, slots=True)
class Answer:
    """What a model answered.

    Attributes:
        text: Without the blanks around it.
        probability: Of this answer among all that were allowed, 0 to 1.
        doubt: How much of the model's probability lay outside what was allowed: 1 less the
            product of what lay inside, step by step. None if it was not asked for.
    """

    text: str
    probability: float
    doubt: float | None = None


class Run:
    """The answers of a batch as they grow."""

    def __init__(self, count: int, start: int) -> None:
        self.rows = np.arange(count)  # of the batch, that are still computed
        self.states = np.full(count, start, np.int32)
        self.last = np.zeros(count, np.int64)
        self._ids: list[list[int]] = [[] for _ in self.rows]
        self._probability = np.zeros(count)
        self._inside = np.zeros(count)

    def take(self, choice: Choice, where: npt.NDArray[np.bool_]) -> None:
        """Add a token to some of the answers that are still computed."""
        rows = self.rows[where]
        for row, token in zip(rows, choice.tokens[where], strict=True):
            self._ids[row].append(int(token))
        self._probability[rows] += choice.probability[where]
        self._inside[rows] += choice.inside[where]
        self.last = np.where(where, choice.tokens, self.last)
        self.states = np.where(where, choice.states, self.states)

    def live(self, end_id: int, most: float) -> npt.NDArray[np.bool_]:
        """Tell which have neither ended nor grown too long."""
        return np.array(
            [self._ids[row][-1] != end_id and len(self._ids[row]) < most for row in self.rows]
        )

    def keep(self, kept: npt.NDArray[np.bool_]) -> None:
        """Go on with some of the rows only."""
        self.rows, self.states, self.last = self.rows[kept], self.states[kept], self.last[kept]

    def answers(self, tokenizer: Tokenizer, end_id: int, *, doubted: bool) -> list[Answer]:
        """Give the answers, in the order of the prompts."""
        return [
            Answer(
                tokenizer.decode(ids[:-1] if ids[-1:] == [end_id] else ids).strip(),
                float(math.exp(self._probability[row])),
                float(-math.expm1(min(0.0, self._inside[row]))) if doubted else None,
            )
            for row, ids in enumerate(self._ids)
        ]
