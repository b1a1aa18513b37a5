"""Training, validation and test examples, with no value in two of them.

The split is by *value*, not by text: the same number spelled in two ways on both sides would
measure memory, not understanding.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from random import Random

from getalwoord.data.draw import Sampling, draw_distinct, draws
from getalwoord.data.examples import Example
from getalwoord.data.jsonl import read_examples, write_examples
from getalwoord.errors import InputError
from getalwoord.numerals import spell

_NAMES = ("train.jsonl", "validation.jsonl", "test.jsonl")


@dataclass(frozen=True, slots=True)
class Parts:
    """Three groups of examples; no response stands in two of them."""

    train: Sequence[Example]
    validation: Sequence[Example]
    test: Sequence[Example]


def draw_parts(
    *,
    count: int,
    minimum: int,
    maximum: int,
    sampling: Sampling,
    replacement: bool,
    validation: int,
    test: int,
    seed: int,
) -> Parts:
    """Generate examples of cardinals.

    The numbers of validation and test are drawn first, all different; training pairs are drawn
    from what is left.

    Args:
        count: Training pairs.
        minimum: Smallest number.
        maximum: Largest number.
        sampling: "uniform" or "log-uniform".
        replacement: Whether a number may come more than once among the training pairs.
        validation: Numbers for validation.
        test: Numbers for the test.
        seed: The same settings and seed give the same examples everywhere.

    Raises:
        InputError: The range has too few numbers.
    """
    span = {"minimum": minimum, "maximum": maximum}
    size = maximum - minimum + 1
    needed = validation + test + (1 if replacement else count)
    if needed > size:
        raise InputError(
            f"from {minimum} to {maximum} there are {size} numbers, but {needed} are needed: "
            f"{validation} for validation, {test} for the test and the rest to train on; "
            "widen the range (--max), or ask for fewer (--count, --validation, --test)"
        )
    held_back = draw_distinct(
        validation + test, **span, sampling=sampling, seed=f"{seed} held back"
    )
    without = frozenset(held_back)
    if replacement:
        drawn = draws(**span, sampling=sampling, seed=f"{seed} train")
        train = list(islice((value for value in drawn if value not in without), count))
    else:
        train = draw_distinct(
            count, **span, sampling=sampling, seed=f"{seed} train", without=without
        )
    return Parts(
        *(
            [Example(spell(value), str(value)) for value in values]
            for values in (train, held_back[test:], held_back[:test])
        )
    )


def split_pairs(examples: Sequence[Example], *, validation: int, test: int, seed: int) -> Parts:
    """Divide a user's pairs at random, all pairs of one response into the same part.

    Args:
        examples: The pairs.
        validation: Responses to hold back for validation; at most a tenth of all.
        test: Responses to hold back for the test; at most a tenth of all.
        seed: Decides the division.

    Raises:
        InputError: There are too few different responses to hold any back.
    """
    random_number = Random(f"{seed} split").random
    responses = sorted({example.response for example in examples}, key=lambda _: random_number())
    tenth = len(responses) // 10
    if tenth == 0:
        raise InputError(
            f"there are {len(responses)} different responses; at least 10 are needed to hold "
            "some back for the test"
        )
    tested = set(responses[: min(test, tenth)])
    validated = set(responses[len(tested) : len(tested) + min(validation, tenth)])
    train, validating, testing = [], [], []
    for example in examples:
        if example.response in tested:
            testing.append(example)
        elif example.response in validated:
            validating.append(example)
        else:
            train.append(example)
    return Parts(train, validating, testing)


def write_parts(folder: Path, parts: Parts) -> None:
    """Write train.jsonl, validation.jsonl and test.jsonl into a folder.

    Raises:
        InputError: The folder cannot be written to.
    """
    for name, examples in zip(_NAMES, (parts.train, parts.validation, parts.test), strict=True):
        write_examples(folder / name, examples)


def read_parts(folder: Path) -> Parts:
    """Read what `write_parts` has written.

    Raises:
        InputError: A file is missing or wrong.
    """
    train, validation, test = (folder / name for name in _NAMES)
    held_back = read_examples(validation) if validation.stat().st_size else []
    return Parts(read_examples(train), held_back, read_examples(test))
