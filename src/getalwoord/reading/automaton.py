"""Which tokens an answer may go on with: an automaton over the notation of values.

Source: Willard and Louf 2023, "Efficient Guided Generation for Large Language Models",
https://arxiv.org/abs/2307.09702
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from getalwoord.models.tokenizer import Tokenizer
from getalwoord.numerals.answers import answers_of_kinds

_CHARACTERS = re.compile(r"[0-9A-Z %‰./:-]+")  # all that answers have
_DIGITS = frozenset("0123456789")


@dataclass(frozen=True, slots=True)
class Automaton:
    """Follows an answer token by token.

    Attributes:
        tokens: All that can stand in an answer, the end of sequence first.
        allowed: (states, tokens), which of them may come next; the end where an answer is whole.
        following: (states, tokens), the state that each of them leads to.
        digits: (tokens,), which of them are one digit.
        start: The state before the first token.
    """

    tokens: tuple[int, ...]
    allowed: npt.NDArray[np.bool_]
    following: npt.NDArray[np.int32]
    digits: npt.NDArray[np.bool_]
    start: int

    @classmethod
    def of(cls, kinds: Sequence[str], tokenizer: Tokenizer) -> "Automaton":
        """Compile the automaton of the answers of some kinds of numeral.

        Raises:
            InputError: There is no such kind.
        """
        import interegular

        machine = interegular.parse_pattern(answers_of_kinds(kinds)).to_fsm()
        is_live: Any = machine.islive  # untyped
        states = [state for state in sorted(machine.states) if is_live(state)]
        number_of = {state: number for number, state in enumerate(states)}
        moves: dict[int, dict[int, int]] = {}  # by token, by state
        texts = tokenizer.texts()
        for token, text in enumerate(texts):
            if _CHARACTERS.fullmatch(text) and (found := _moves(machine, number_of, text)):
                moves[token] = found
        tokens = (tokenizer.eos_id, *moves)
        allowed = np.zeros((len(states), len(tokens)), bool)
        following = np.zeros((len(states), len(tokens)), np.int32)
        for column, token in enumerate(moves, start=1):
            for state, after in moves[token].items():
                allowed[state, column] = True
                following[state, column] = after
        allowed[[number_of[state] for state in machine.finals], 0] = True
        _close_dead_ends(allowed, following)
        digits = np.array([texts[token] in _DIGITS for token in tokens])
        return cls(tokens, allowed, following, digits, number_of[machine.initial])


def _moves(machine: Any, number_of: Mapping[Any, int], text: str) -> dict[int, int]:
    """Tell where a token leads to from each state in which it can stand."""
    symbols = [machine.alphabet[character] for character in text]
    found = {}
    for state, number in number_of.items():
        for symbol in symbols:
            state = machine.map[state].get(symbol)
            if state not in number_of:
                break
        else:
            found[number] = number_of[state]
    return found


def _close_dead_ends(allowed: npt.NDArray[np.bool_], following: npt.NDArray[np.int32]) -> None:
    """Forbid what leads to where no token goes on, for want of a token for some character."""
    ends = allowed[:, 0].copy()
    while True:
        reaching = ends | (allowed & ends[following]).any(axis=1)
        if (reaching == ends).all():
            break
        ends = reaching
    allowed[:, 1:] &= ends[following[:, 1:]]
