"""Numbers drawn from a range by a seed, the same on every machine and Python version."""

import bisect
import itertools
import math
import random
from collections.abc import Iterator, Set
from typing import Literal

from getalwoord.errors import InputError

Sampling = Literal["uniform", "log-uniform", "covering"]


def draw_distinct(
    count: int,
    *,
    minimum: int,
    maximum: int,
    sampling: Sampling,
    seed: str,
    without: Set[int] = frozenset(),
    share: float = 1.0,
) -> list[int]:
    """Draw different numbers, in random order.

    Args:
        count: How many.
        minimum: The smallest that may be drawn.
        maximum: The largest; the range may be of any size.
        sampling: "uniform" gives each number the same chance, "log-uniform" each order of
            magnitude. "covering" chooses among numbers that are drawn as by "uniform".
        seed: Decides the draw.
        without: Numbers in the range that may not be drawn.
        share: Of the numbers with as many digits, at most this share is drawn, rounded up.

    Raises:
        InputError: The range has fewer numbers than that.
    """
    left = maximum - minimum + 1 - len(without)
    if count > left:
        raise InputError(
            f"cannot draw {count} different numbers from {minimum} to {maximum}, where "
            f"{max(0, left)} are left: widen the range, or ask for fewer"
        )
    if 3 * count >= left:  # most of the range is wanted: shuffle it instead of trying for the rest
        candidates = iter(_shuffled(minimum, maximum, sampling, seed, without))
    else:
        candidates = draws(minimum=minimum, maximum=maximum, sampling=sampling, seed=seed)
    room: dict[int, int] = {}
    drawn: dict[int, None] = {}
    while len(drawn) < count:
        value = next(candidates)
        if value in without or value in drawn:
            continue
        digits = len(str(abs(value)))
        if digits not in room:
            room[digits] = math.ceil(share * _with_digits(digits, minimum, maximum))
        if room[digits] > 0:
            room[digits] -= 1
            drawn[value] = None
    return list(drawn)


def draws(*, minimum: int, maximum: int, sampling: Sampling, seed: str) -> Iterator[int]:
    """Draw numbers with replacement, without end.

    The chance of a number is the same for all, and proportional to
    ``1 / (1 + |number|)`` only if it is "log-uniform".
    """
    # Of the random module, only random() is promised to draw the same in every Python version.
    random_number = random.Random(seed).random
    if sampling != "log-uniform":
        while True:
            yield _uniform(minimum, maximum, random_number(), random_number())
    # Rejection sampling, exact in integers: an octave is chosen as if all its numbers were as
    # likely as the likeliest of them, and a number of it is then kept in proportion.
    octaves = _octaves(minimum, maximum)
    weights = itertools.accumulate((last - first + 1) / size for first, last, size in octaves)
    bounds = list(weights)
    while True:
        chosen = bisect.bisect(bounds, random_number() * bounds[-1], hi=len(bounds) - 1)
        first, last, size = octaves[chosen]
        value = _uniform(first, last, random_number(), random_number())
        if random_number() * (1 + abs(value)) < size:
            yield value


def _uniform(first: int, last: int, coarse: float, fine: float) -> int:
    # Two draws of 53 bits each: one alone cannot reach every number of a large range.
    bits = int(coarse * (1 << 53)) << 53 | int(fine * (1 << 53))
    return first + (bits * (last - first + 1) >> 106)


def _octaves(minimum: int, maximum: int) -> list[tuple[int, int, int]]:
    """Cut a range where 1 + |number| reaches a power of two: first, last, that power."""
    octaves = []
    for exponent in range(max(abs(minimum), abs(maximum)).bit_length() + 1):
        size = 1 << exponent
        near, far = size - 1, 2 * size - 2
        negative = (max(minimum, -far), min(maximum, -near, -1), size)
        positive = (max(minimum, near), min(maximum, far), size)
        octaves += [octave for octave in (negative, positive) if octave[0] <= octave[1]]
    return octaves


def _with_digits(digits: int, minimum: int, maximum: int) -> int:
    """Count the numbers of a range that have so many digits, of either sign."""
    near = int(10 ** (digits - 1)) if digits > 1 else 0
    far = int(10**digits) - 1
    positive = min(maximum, far) - max(minimum, near) + 1
    negative = min(maximum, -near, -1) - max(minimum, -far) + 1
    return max(0, positive) + max(0, negative)


def _shuffled(
    minimum: int, maximum: int, sampling: Sampling, seed: str, without: Set[int]
) -> list[int]:
    random_number = random.Random(seed).random

    def key(value: int) -> float:
        # Efraimidis and Spirakis 2006: sorted by log(u)/weight, the first n of a range are a
        # weighted draw without replacement.
        weight = 1 / (1 + abs(value)) if sampling == "log-uniform" else 1.0
        return -math.log(1 - random_number()) / weight

    pool = (value for value in range(minimum, maximum + 1) if value not in without)
    return sorted(pool, key=key)
