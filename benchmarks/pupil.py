"""Which numbers a run of the study of sample efficiency sees, and in which pass."""

from collections.abc import Iterator, Sequence
from random import Random


class Pupil:
    """Chooses what each pass of a run shows.

    Args:
        choice: "covering": what the recipe `default` draws, for all words and their neighbours to
            appear. "uniform": as many by chance. "curriculum": those of "covering", in the first
            pass those of one or two digits alone. "wrong": half of those of "covering", and with
            each pass some of what the model then gets wrong of all that may be trained on.
        covering: The numbers that the recipe draws, as many as may be seen.
        pool: All that may be trained on.
        seed: Decides what is left to chance.

    Attributes:
        asks: Whether it is to be told what the model gets wrong.
        seen: The numbers that came.
    """

    def __init__(self, choice: str, covering: Sequence[int], pool: Sequence[int], seed: int):
        self.asks, self.seen = choice == "wrong", set[int]()
        self._random, self._pairs = Random(f"{seed} pupil"), len(covering)
        chosen = self._random.sample(pool, self._pairs) if choice == "uniform" else covering
        self._chosen = [*chosen[: self._pairs // 2]] if self.asks else [*chosen]
        self._first = [number for number in self._chosen if number < 100]
        self._is_first = choice == "curriculum"
        self._order = self._endless()

    def pass_of(self, size: int) -> list[int]:
        """Give the numbers of a pass: each comes once before any comes again."""
        found = [next(self._order) for _ in range(size)]
        self.seen.update(found)
        if self._is_first:
            self._is_first, self._order = False, self._endless()
        return found

    def learn_from(self, wrong: Sequence[int]) -> None:
        """Take in some of what the model gets wrong: an eighth of the numbers in all, or less."""
        new = [number for number in wrong if number not in self._chosen]
        room = min(self._pairs // 8, self._pairs - len(self._chosen), len(new))
        self._chosen += self._random.sample(new, room)
        self._order = self._endless()

    def _endless(self) -> Iterator[int]:
        chosen = self._first if self._is_first else self._chosen
        while True:
            yield from self._random.sample(chosen, len(chosen))
