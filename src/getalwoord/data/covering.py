"""Few numbers that show every word, in every place and beside every neighbour."""

import heapq
import itertools
from collections import Counter
from collections.abc import Hashable, Mapping, Sequence

from getalwoord.numerals import words_apart


def words_of(number: int) -> tuple[Hashable, ...]:
    """Give what a number shows: its words in numerals of as many words, and each two neighbours.

    >>> words_of(34)[:3]
    (('^', 'vier'), ('vier', 'en'), ('en', 'dertig'))
    """
    words = ["^", *words_apart(number).split(), "$"]
    placed = ((len(words), word) for word in words)
    return tuple(dict.fromkeys([*itertools.pairwise(words), *placed]))


def covering(features: Mapping[int, Sequence[Hashable]], count: int) -> list[int]:
    """Choose numbers one after the other, each time the one that shows most that is new.

    A feature is worth a quarter as much each time that it has been shown.

    Args:
        features: What each number shows that may be chosen; of those that show as much the first
            is chosen.
        count: How many to choose, if there are so many.

    Source of the lazy order: Minoux 1978, "Accelerated greedy algorithms for maximizing submodular
    set functions"; what a number is worth never rises, so a stale worth is a bound.
    """
    shown = Counter[Hashable]()

    def worth(number: int) -> float:
        return sum(0.25 ** shown[feature] for feature in features[number])

    numbers = list(features)
    waiting = [(-worth(number), place) for place, number in enumerate(numbers)]
    heapq.heapify(waiting)
    chosen: list[int] = []
    while waiting and len(chosen) < count:
        _, place = waiting[0]
        now = (-worth(numbers[place]), place)
        heapq.heapreplace(waiting, now)
        if waiting[0] == now:  # still the best
            heapq.heappop(waiting)
            chosen.append(numbers[place])
            shown.update(features[numbers[place]])
    return chosen
