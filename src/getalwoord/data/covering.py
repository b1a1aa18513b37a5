"""Few numbers that show every word, in every length and beside all its neighbours."""

import heapq
from collections import Counter
from collections.abc import Hashable, Mapping, Sequence

from getalwoord.numerals import words_apart


def basic_numbers(minimum: int, maximum: int) -> frozenset[int]:
    """Give the numbers of a range that others are made of: to twenty, and a digit and noughts.

    >>> sorted(basic_numbers(18, 300))
    [18, 19, 20, 30, 40, 50, 60, 70, 80, 90, 100, 200, 300]
    """
    digits = len(str(max(abs(minimum), abs(maximum))))
    round_ones = {digit * 10**noughts for digit in range(1, 10) for noughts in range(digits)}
    known = round_ones.union(range(21))
    return frozenset(
        number for one in known for number in (one, -one) if minimum <= number <= maximum
    )


def neighbours(number: int, size: int) -> list[tuple[str, ...]]:
    """Give each so many neighbouring words of a number, whose ends are words, too.

    >>> neighbours(34, 2)
    [('^', 'vier'), ('vier', 'en'), ('en', 'dertig'), ('dertig', '$')]
    """
    words = ["^", *words_apart(number).split(), "$"]
    return [*zip(*(words[skipped:] for skipped in range(size)), strict=False)]


def shown_by(number: int) -> tuple[Hashable, ...]:
    """Give what a number shows: words and two neighbours, by its digits, and three neighbours.

    >>> shown_by(34)[:3]
    ((2, '^'), (2, 'vier'), (2, 'en'))
    """
    digits = len(str(abs(number)))
    placed = ((digits, *near) for size in (1, 2) for near in neighbours(number, size))
    return tuple(dict.fromkeys([*placed, *neighbours(number, 3)]))


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
