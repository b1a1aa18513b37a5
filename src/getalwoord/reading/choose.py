"""Which token comes next: the most probable of all, or of those that an automaton allows."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from getalwoord.models.decoder import Decoder
from getalwoord.reading.automaton import Automaton

_CHUNK = 32  # rows whose logits over the whole vocabulary are held at once


@dataclass(frozen=True, slots=True)
class Choice:
    """The next token of each row, the state it leads to, and logarithms of probabilities."""

    tokens: npt.NDArray[np.int64]
    states: npt.NDArray[np.int32]
    probability: npt.NDArray[np.float32]
    inside: npt.NDArray[np.float32]  # what was allowed had of all; 0 where that was not asked


class Constrained:
    """Chooses among the tokens that an automaton allows, with a head of just these."""

    def __init__(self, decoder: Decoder, automaton: Automaton, *, doubt: bool) -> None:
        self._decoder, self._automaton, self._doubt = decoder, automaton, doubt
        self._head = decoder.embedding_of(automaton.tokens)
        self._tokens = np.array(automaton.tokens, np.int64)
        self.start = automaton.start

    def guesses(self, state: int) -> npt.NDArray[np.int64]:
        """Give what is likely to come next: the digits that may."""
        automaton = self._automaton
        digits: npt.NDArray[np.int64] = self._tokens[automaton.digits & automaton.allowed[state]]
        return digits

    def next(self, hidden: Any, states: npt.NDArray[np.int32]) -> Choice:
        logits = self._decoder.array(self._decoder.logits(hidden, self._head))
        logits = np.where(self._automaton.allowed[states], logits, -np.inf)
        chosen = logits.argmax(axis=1)
        rows = np.arange(len(chosen))
        most = logits[rows, chosen]
        total = most + np.log(np.exp(logits - most[:, None]).sum(axis=1))
        inside = np.zeros(len(rows), np.float32)
        if self._doubt:
            inside = np.concatenate(
                [
                    total[begin : begin + _CHUNK]
                    - self._decoder.log_sum_exp(hidden[begin : begin + _CHUNK])
                    for begin in range(0, len(rows), _CHUNK)
                ]
            )
        return Choice(
            self._tokens[chosen],
            self._automaton.following[states, chosen],
            most - total,
            inside,
        )


class Free:
    """Chooses among all tokens there are."""

    start = 0

    def __init__(self, decoder: Decoder) -> None:
        self._decoder = decoder

    def guesses(self, state: int) -> npt.NDArray[np.int64]:
        """Give what is likely to come next: of all tokens, none."""
        return np.empty(0, np.int64)

    def next(self, hidden: Any, states: npt.NDArray[np.int32]) -> Choice:
        tokens, probability = [], []
        for begin in range(0, len(states), _CHUNK):
            part = hidden[begin : begin + _CHUNK]
            logits = self._decoder.array(self._decoder.logits(part))
            chosen = logits.argmax(axis=1)
            most = logits[np.arange(len(chosen)), chosen]
            tokens.append(chosen)
            probability.append(-np.log(np.exp(logits - most[:, None]).sum(axis=1)))
        inside = np.zeros(len(states), np.float32)
        return Choice(np.concatenate(tokens), states, np.concatenate(probability), inside)
