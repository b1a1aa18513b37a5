"""Training, validation and test examples, with no value of a kind in two of them.

The split is by *value*, not by text: the same number spelled in two ways on both sides would
measure memory, not understanding.
"""

import contextlib
from bisect import bisect
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from itertools import accumulate, islice
from pathlib import Path
from random import Random

from getalwoord.data.covering import basic_numbers, covering, shown_by
from getalwoord.data.draw import Sampling, draw_distinct, draws
from getalwoord.data.examples import Example
from getalwoord.data.jsonl import as_lines, read_examples
from getalwoord.data.mixture import draw_mixture
from getalwoord.errors import InputError
from getalwoord.files import disk_error, writing
from getalwoord.numerals import spell, words_apart

_POOL = 4_000  # numbers that fewer are chosen from; choosing more takes long and shows nothing new
_NAMES = ("train.jsonl", "validation.jsonl", "test.jsonl")
_CARD = "README.md"


@dataclass(frozen=True, slots=True)
class Parts:
    """Three groups of examples; no value of a kind stands in two of them."""

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
    kinds: Sequence[str] = ("cardinal",),
    noise: Sequence[str] = (),
    noise_strength: int = 1,
    sentences: float = 0.0,
) -> Parts:
    """Generate examples, of cardinals as they are spelled if nothing else is asked for.

    The numbers of validation and test are drawn first, all different; training pairs are drawn
    from what is left.

    Args:
        count: Training pairs.
        minimum: Smallest number; of other kinds, noise and sentences 0 or 1.
        maximum: Largest number.
        sampling: Of cardinals alone. "uniform", "log-uniform", or "covering": then those to train
            on are few that show every word, in every length and beside all its neighbours, and the
            numbers that the others are made of are not held back.
        replacement: Whether any draw for training may give any number again. If not, none comes
            again before all have come; then they come as `spelled_otherwise` draws them.
        validation: Numbers for validation.
        test: Numbers for the test.
        seed: The same settings and seed give the same examples everywhere.
        kinds: Kinds of numeral; if not cardinals alone, all are drawn up to `maximum` by
            `draw_mixture`.
        noise: Kinds of mistakes.
        noise_strength: The most mistakes in a text.
        sentences: Share of the examples that are sentences.

    Raises:
        InputError: The range has too few numbers, there is no such kind or noise, or it is not
            drawn in this way.
    """
    if tuple(kinds) != ("cardinal",) or noise or sentences:
        _check_mixture(minimum, replacement)
        mixture = draw_mixture(
            kinds=kinds,
            counts=(count, validation, test),
            maximum=maximum,
            noises=noise,
            strength=noise_strength,
            sentences=sentences,
            seed=seed,
        )
        return Parts(*mixture)
    basic = basic_numbers(minimum, maximum) if sampling == "covering" else frozenset[int]()
    size = maximum - minimum + 1 - len(basic)
    held_back = validation + test
    if held_back >= size:
        raise _too_few(minimum, maximum, validation, test, len(basic))
    # By chance alone one seed holds back one of the nine short numbers and another seven. Drawn
    # log-uniformly, nearly all of them would be held back and none be trained on.
    share = max(0.5, held_back / size) if sampling == "log-uniform" else held_back / size
    distinct = partial(draw_distinct, minimum=minimum, maximum=maximum, sampling=sampling)
    held = distinct(held_back, seed=f"{seed} held back", share=share, without=basic)
    without = frozenset(held)
    if replacement:
        endless = draws(minimum=minimum, maximum=maximum, sampling=sampling, seed=f"{seed} train")
        train = list(islice((value for value in endless if value not in without), count))
    else:
        few = sampling == "covering" and count < _POOL
        drawn = min(_POOL if few else count, size - held_back)
        others = distinct(drawn, seed=f"{seed} train", without=without | basic)
        pool = [*sorted(basic), *others]
        train = covering({n: shown_by(n) for n in pool}, count) if few else pool[:count]
    pairs = spelled(train) + spelled_otherwise(train, count - len(train), seed)
    return Parts(pairs, spelled(held[test:]), spelled(held[:test]))


def _too_few(minimum: int, maximum: int, validation: int, test: int, basic: int) -> InputError:
    """Say that a range has too few numbers, some of which are basic and not held back."""
    size = maximum - minimum + 1
    besides = f", {basic} of which the others are made of" if basic else ""
    otherwise = ", or any of them (sampling uniform)" if basic else ""
    return InputError(
        f"from {minimum} to {maximum} there are {size} numbers{besides}, too few to hold back "
        f"{validation} for validation and {test} for the test and train on the rest: widen the "
        f"range (--max), or hold back fewer (--validation, --test){otherwise}"
    )


def _check_mixture(minimum: int, replacement: bool) -> None:
    """Refuse settings that `draw_mixture` has no place for."""
    ignored = {
        f"minimum {minimum}": minimum not in (0, 1),
        "replacement": replacement,
    }
    for name, is_set in ignored.items():
        if is_set:
            raise InputError(
                f"{name} is for cardinals alone: leave it out with other kinds, noise or sentences"
            )


def spelled(values: Sequence[int]) -> list[Example]:
    """Make an example of each number, officially spelled.

    Raises:
        InputError: A number is too large to spell.
    """
    return [Example(spell(value), str(value), value=value) for value in values]


def spelled_otherwise(values: Sequence[int], count: int, seed: int) -> list[Example]:
    """Draw pairs once more, with their words apart, and often with a capital or in capitals.

    What a model learns last are numerals of a single word, of which there are few to learn from:
    that *zeven* is 7 when it knows *zevenentwintig*. So one word is drawn 27 times as often as
    three. And a text that looks otherwise, as people write it too, teaches more than the same one
    again.
    """
    random_number = Random(f"{seed} train again").random
    apart = [words_apart(value) for value in values]
    bounds = list(accumulate(1 / len(text.split()) ** 3 for text in apart))
    pairs = []
    for _ in range(count):
        number = bisect(bounds, random_number() * bounds[-1], hi=len(bounds) - 1)
        text, value = apart[number], values[number]
        spellings = (text, text.capitalize(), text.upper())
        pairs.append(Example(spellings[int(3 * random_number())], str(value), value=value))
    return pairs


def split_pairs(examples: Sequence[Example], *, validation: int, test: int, seed: int) -> Parts:
    """Divide a user's pairs at random, all pairs of one value into the same part.

    Where a response is no whole number, the response itself stands for its value.

    Args:
        examples: The pairs.
        validation: Values to hold back for validation; at most a tenth of all.
        test: Values to hold back for the test; at most a tenth of all.
        seed: Decides the division.

    Raises:
        InputError: There are too few different values to hold any back.
    """
    random_number = Random(f"{seed} split").random
    # Sorted first: the order of a set of strings is another in every process.
    values = sorted(sorted(set(map(_value, examples))), key=lambda _: random_number())
    tenth = len(values) // 10
    if tenth == 0:
        raise InputError(
            f"there are {len(values)} different responses; at least 10 are needed to hold some "
            "back for the test"
        )
    tested = set(values[: min(test, tenth)])
    validated = set(values[len(tested) : len(tested) + min(validation, tenth)])
    return Parts(
        [e for e in examples if _value(e) not in tested and _value(e) not in validated],
        [e for e in examples if _value(e) in validated],
        [e for e in examples if _value(e) in tested],
    )


def _value(example: Example) -> str:
    return example.response.strip() if example.value is None else str(example.value)


def parts_in(folder: Path) -> list[str]:
    """Names of the files in a folder that `write_parts` would write over.

    Raises:
        InputError: The path is no folder, or is closed to us.
    """
    try:
        if folder.exists() and not folder.is_dir():
            raise InputError(f"{folder} is a file: give a folder")
        return [name for name in (*_NAMES, _CARD) if (folder / name).exists()]
    except OSError as error:
        raise disk_error(folder, error, "use") from error


def parts_lost(folder: Path, parts: Parts) -> list[str]:
    """Names of the files in a folder whose pairs `write_parts` would replace by others.

    Raises:
        InputError: A file cannot be read.
    """
    lost = []
    for name, text in _texts(parts).items():
        path = folder / name
        try:
            if path.exists() and path.read_bytes() != text.encode():
                lost.append(name)
        except OSError as error:
            raise disk_error(path, error, "read") from error
    return lost


def write_parts(folder: Path, parts: Parts, card: str | None = None) -> None:
    """Write train.jsonl, validation.jsonl, test.jsonl and a card as README.md, all or none.

    Raises:
        InputError: The folder cannot be written to.
    """
    texts = _texts(parts)
    if card is not None:
        texts[_CARD] = card
    is_new = not folder.exists()
    try:
        with contextlib.ExitStack() as stack:
            for name, text in texts.items():
                stack.enter_context(writing(folder / name)).write_text(text, encoding="utf-8")
    except InputError:
        if is_new:
            with contextlib.suppress(OSError):
                folder.rmdir()
        raise


def _texts(parts: Parts) -> dict[str, str]:
    examples = (parts.train, parts.validation, parts.test)
    return dict(zip(_NAMES, map(as_lines, examples), strict=True))


def read_parts(folder: Path) -> Parts:
    """Read what `write_parts` has written.

    Raises:
        InputError: A file is missing or wrong.
    """
    # What contradicts itself was trained on so; a run is gone on with all the same.
    train, validation, test = (
        read_examples(folder / name, may_be_empty=name != _NAMES[0], may_contradict=True)
        for name in _NAMES
    )
    return Parts(train, validation, test)
