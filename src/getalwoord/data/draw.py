"""Numbers drawn from a range by a seed, the same on every machine and Python version."""

import math
import random
from collections.abc import Iterator, Set
from typing import Literal

from getalwoord.errors import InputError

Sampling = Literal["uniform", "log-uniform"]


def draw_distinct(
    count: int,
    *,
    minimum: int,
    maximum: int,
    sampling: Sampling,
    seed: str,
    without: Set[int] = frozenset(),
) -> list[int]:
    """Draw different numbers, in random order.

    Args:
        count: How many.
        minimum: The smallest that may be drawn.
        maximum: The largest; the range may be of any size.
        sampling: "uniform" gives each number the same chance, "log-uniform" each order of
            magnitude.
        seed: Decides the draw.
        without: Numbers in the range that may not be drawn.

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
        return _shuffled(count, minimum, maximum, sampling, seed, without)
    drawn: dict[int, None] = {}
    for value in draws(minimum=minimum, maximum=maximum, sampling=sampling, seed=seed):
        if value not in without:
            drawn[value] = None
            if len(drawn) >= count:
                break
    return list(drawn)[:count]


def draws(*, minimum: int, maximum: int, sampling: Sampling, seed: str) -> Iterator[int]:
    """Draw numbers with replacement, without end."""
    # Of the random module, only random() is promised to draw the same in every Python version.
    random_number = random.Random(seed).random
    if sampling == "uniform":
        size = maximum - minimum + 1
        while True:
            # Two draws of 53 bits each: one alone cannot reach every number of a large range.
            bits = int(random_number() * (1 << 53)) << 53 | int(random_number() * (1 << 53))
            yield minimum + (bits * size >> 106)
    # What is drawn is cut towards zero, so the end away from zero lies one further out.
    low = _signed_log(minimum if minimum >= 0 else minimum - 1)
    high = _signed_log(maximum + 1 if maximum >= 0 else maximum)
    while True:
        size = math.expm1(abs(logarithm := low + random_number() * (high - low)))
        # A float has 53 bits; the bits of a larger number that it leaves out are drawn apart.
        value = int(math.copysign(int(size) + int(random_number() * math.ulp(size)), logarithm))
        if minimum <= value <= maximum:
            yield value


def _shuffled(
    count: int, minimum: int, maximum: int, sampling: Sampling, seed: str, without: Set[int]
) -> list[int]:
    random_number = random.Random(seed).random

    def key(value: int) -> float:
        # Efraimidis and Spirakis 2006: sorted by log(u)/weight, the first n of a range are a
        # weighted draw without replacement. The weight of a log-uniform draw is 1/(1+|value|).
        weight = 1.0 if sampling == "uniform" else 1 / (1 + abs(value))
        return -math.log(1 - random_number()) / weight

    pool = (value for value in range(minimum, maximum + 1) if value not in without)
    return sorted(pool, key=key)[:count]


def _signed_log(value: int) -> float:
    return math.copysign(math.log1p(abs(value)), value)
