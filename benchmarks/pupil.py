"""What a run of the study of sample efficiency sees: which numbers, and when."""

import itertools
from collections.abc import Hashable, Mapping, Sequence
from random import Random

from getalwoord.data.covering import covering, neighbours, shown_by
from getalwoord.data.examples import Example
from getalwoord.numerals import spell, words_apart


class Pupil:
    """Chooses which numbers a run sees, and when.

    Args:
        choice: "uniform": by chance. "covering": for all words and their neighbours to appear.
            "groups": for all groups of three words to appear, too. "digits": words and neighbours
            in numbers of as many digits, and groups of three, as `data.covering` chooses.
            "tokens": for all tokens and their neighbours to appear. "curriculum": those of
            "covering", the short ones first. "wrong": a third of those of "covering", and then
            what the model gets wrong of all that may be trained on.
        pool: What may be trained on, with the tokens of its prompt.
        pairs: How many different numbers may be seen.
        steps: Of the run.
        seed: Decides what is left to chance.

    Attributes:
        asks: Whether it is to be told what the model gets wrong.
        seen: The numbers that came.
        chosen: The numbers that may come.
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
            others = {
                "groups": groups_of,
                "digits": shown_by,
                "tokens": lambda number: features_of_tokens(pool[number]),
            }
            shows = others.get(choice, by_count)
            shuffled = covering({number: shows(number) for number in shuffled}, len(shuffled))
        self.chosen = shuffled[:first]
        self._waiting: list[int] = []

    def batch(self, step: int, size: int) -> list[int]:
        """Give the numbers of a step: each comes once before any comes again."""
        chosen = self.chosen
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
        new = [number for number in wrong if number not in self.chosen]
        room = max(0, self._pairs - len(self.chosen))
        added = self._random.sample(new, min(len(new), room, self._pairs // 3))
        self.chosen = self.chosen + added
        again = [number for number in wrong if number in self.seen]
        self._waiting += [*again, *added]


def by_count(number: int) -> tuple[Hashable, ...]:
    """Give each two neighbours of a number's words, and its words in numerals of as many words."""
    words = neighbours(number, 1)
    placed = ((len(words), *word) for word in words)
    return tuple(dict.fromkeys([*neighbours(number, 2), *placed]))


def groups_of(number: int) -> tuple[Hashable, ...]:
    """Give what `by_count` gives, and each group of three words."""
    return (*by_count(number), *dict.fromkeys(neighbours(number, 3)))


def last_word_apart(chosen: Sequence[int], most: int) -> dict[int, Example]:
    """Write apart the last word of some numbers, where it is no number that was chosen.

    So *elf* is seen as a word of its own, in *vierhonderd elf*, where 11 is held back.

    Args:
        chosen: Numbers below 1,000.
        most: How many numbers show the same word.
    """
    found = {}
    for value in range(1, 100):
        word = spell(value)
        if value in chosen or word != words_apart(value):
            continue
        ending = [number for number in chosen if number > 100 and number % 100 == value]
        for number in ending[:most]:
            text = f"{spell(number).removesuffix(word)} {word}"
            found[number] = Example(text, str(number), value=number)
    return found


def features_of_tokens(tokens: Sequence[int]) -> tuple[Hashable, ...]:
    """Give the tokens of a prompt, and each pair of neighbours."""
    return (*dict.fromkeys(tokens), *dict.fromkeys(itertools.pairwise(tokens)))
