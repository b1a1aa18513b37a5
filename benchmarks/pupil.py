"""What a run of the study of sample efficiency sees: which numbers, and when."""

import itertools
from collections.abc import Hashable, Mapping, Sequence
from random import Random

from getalwoord.data.covering import covering, words_of


class Pupil:
    """Chooses which numbers a run sees, and when.

    Args:
        choice: "uniform": by chance. "covering": for all words and their neighbours to appear.
            "tokens": for all tokens and their neighbours to appear. "curriculum": those of
            "covering", the short ones first. "wrong": a third of those of "covering", and then
            what the model gets wrong of all that may be trained on.
        pool: What may be trained on, with the tokens of its prompt.
        pairs: How many different numbers may be seen.
        steps: Of the run.
        seed: Decides what is left to chance.
    """

    def __init__(
        self, choice: str, pool: Mapping[int, Sequence[int]], pairs: int, steps: int, seed: int
    ) -> None:
        self.asks, self.seen = choice == "wrong", set[int]()
        self._choice, self._pairs, self._steps = choice, pairs, steps
        self._random = Random(f"{seed} pupil")
        shuffled = self._random.sample([*pool], len(pool))
        first = pairs // 3 if self.asks else pairs
        if choice != "uniform":
            shuffled = covering(
                {
                    number: features_of_tokens(pool[number])
                    if choice == "tokens"
                    else words_of(number)
                    for number in shuffled
                },
                len(shuffled),
            )
        self._chosen = shuffled[:first]
        self._waiting: list[int] = []

    def batch(self, step: int, size: int) -> list[int]:
        """Give the numbers of a step: each comes once before any comes again."""
        chosen = self._chosen
        if self._choice == "curriculum":
            most = 99 if step < self._steps // 5 else 999
            chosen = [number for number in chosen if number <= most] or chosen
        allowed, batch = set(chosen), list[int]()
        while len(batch) < size:
            self._waiting = [number for number in self._waiting if number in allowed]
            self._waiting = self._waiting or self._random.sample(chosen, len(chosen))
            batch.append(self._waiting.pop())
        self.seen.update(batch)
        return batch

    def learn_from(self, wrong: Sequence[int]) -> None:
        """Take in some of what the model gets wrong, and see that first."""
        new = [number for number in wrong if number not in self._chosen]
        room = max(0, self._pairs - len(self._chosen))
        added = self._random.sample(new, min(len(new), room, self._pairs // 3))
        self._chosen = self._chosen + added
        again = [number for number in wrong if number in self.seen]
        self._waiting += [*again, *added]


def features_of_tokens(tokens: Sequence[int]) -> Sequence[Hashable]:
    """Give the tokens of a prompt, and each pair of neighbours."""
    return (*dict.fromkeys(tokens), *dict.fromkeys(itertools.pairwise(tokens)))
