"""Examples of many kinds of numeral, alone and in sentences, with and without mistakes.

All kinds have as many examples. What the test has is in no training pair: no value of a kind, no
sentence, and no pattern of a noise.
"""

from collections.abc import Sequence, Set
from random import Random

from getalwoord.data.examples import Example
from getalwoord.data.templates import all_templates, crossed, fill, templates_for
from getalwoord.data.values import draw_values, is_free
from getalwoord.errors import InputError
from getalwoord.numerals import (
    KINDS,
    Value,
    add_noise,
    answer_of,
    check_noises,
    normalise,
    parse,
    spell,
    variants,
)

# Of the numerals that stand alone and have no mistakes, the share that is a variant
_VARIANTS = 0.4
_NOISY = 0.6  # of all, where there is noise
# Of the training sentences, the share that begins as one sentence and ends as another. A kind has
# some twelve of its own, and a model that knows no others reads new words as parts of the number.
_CROSSED = 0.6

# There are few short numbers: by chance nearly all would be held back, and none be trained on.
_KEPT: Set[Value] = {number for number in range(-99, 100) if number % 3 and number % 10}


def draw_mixture(
    *,
    kinds: Sequence[str],
    counts: Sequence[int],
    maximum: int,
    noises: Sequence[str],
    strength: int,
    sentences: float,
    seed: int,
) -> list[list[Example]]:
    """Draw groups of examples, the first for training and the others held back from it.

    Args:
        kinds: Names of `numerals.KINDS`; each has its share.
        counts: How many examples each group has.
        maximum: The largest cardinal.
        noises: Names of `numerals.NOISES`; a text has one to `strength` mistakes.
        strength: The most mistakes in a text, 0 to 3.
        sentences: Share of the examples that are sentences.
        seed: The same settings and seed give the same examples everywhere.

    Raises:
        InputError: There is no such kind or noise, or a kind has too few values.
    """
    for kind in kinds:
        if kind not in KINDS:
            raise InputError(f'there is no kind "{kind}": give one of {", ".join(KINDS)}')
    check_noises(noises, strength)
    groups: list[list[Example]] = [[] for _ in counts]
    answers: dict[str, str] = {}
    for place, kind in enumerate(kinds):
        without: set[Value] = set()
        # Held back first: of the few values of some kinds, the test must have its share.
        for group in [*range(1, len(counts)), 0]:
            share, more = divmod(counts[group], len(kinds))
            count = share + (place < more)
            if group:
                values = _values(kind, count, maximum, f"{seed} {group}", without | _KEPT)
                without.update(values)
            else:
                values = _values(kind, count, maximum, f"{seed} {group}", without, again=True)
            maker = Maker(
                kind,
                noises=noises,
                strength=strength,
                sentences=sentences,
                seed=f"{seed} {group}",
                held_back=group > 0,
            )
            for number, value in enumerate(values):
                example = maker.example(value, number)
                # With mistakes in it *deertig* may stand for 30 and for 40.
                if answers.setdefault(example.instruction, example.response) != example.response:
                    example = maker.spelled(value)
                groups[group].append(example)
    for number, examples in enumerate(groups):
        random_number = Random(f"{seed} {number} order").random
        examples.sort(key=lambda _: random_number())
    return groups


def _values(
    kind: str,
    count: int,
    maximum: int,
    seed: str,
    without: Set[Value],
    *,
    again: bool = False,
) -> list[Value]:
    """Draw values; of a kind that has too few the same come again, in other texts.

    If `again` is set, they may also do so where it is the maximum that leaves too few.
    """
    values: list[Value] = []
    most = _FEW.get(kind, count)  # a time of the day is one of 1,440
    while len(values) < count:
        try:
            values += draw_values(
                kind,
                min(count - len(values), most),
                maximum=maximum,
                seed=f"{seed} {len(values)}",
                without=without,
                only=is_free,
            )
        except InputError:
            most //= 2
            if not (again and most):
                raise
    return values


_FEW = {
    "time": 700,
    "year": 500,
    "multiplier": 300,
    "percentage": 2000,
    "fraction": 500,
    "ordinal": 8000,
}


class Maker:
    """Makes examples of a kind.

    Args:
        kind: One of `numerals.KINDS`.
        noises: Names of `numerals.NOISES`.
        strength: The most mistakes in a text.
        sentences: Share of the examples that are sentences.
        seed: Decides the texts.
        held_back: Whether sentences and mistakes are those of tests.
        exactly: Whether every text has `strength` mistakes, where there is room for them.
    """

    def __init__(
        self,
        kind: str,
        *,
        noises: Sequence[str],
        strength: int,
        sentences: float,
        seed: str,
        held_back: bool,
        exactly: bool = False,
    ) -> None:
        self._kind, self._noises, self._strength = kind, noises, strength
        self._sentences, self._seed = sentences, f"{seed} {kind}"
        self._held_back, self._exactly = held_back, exactly
        self._random = Random(self._seed).random
        self._templates = templates_for(kind, held_back=held_back)
        self._all = [] if held_back else all_templates(held_back=False)

    def spelled(self, value: Value) -> Example:
        """Make an example of a value as it is spelled officially."""
        return self._of(value, spell(value, self._kind), "official")

    def example(self, value: Value, number: int) -> Example:
        """Make an example of a value."""
        text, form = spell(value, self._kind), "official"
        if self._random() < _VARIANTS:
            text, form = self._variant(value, text)
        if self._noises and self._strength and (self._exactly or self._random() < _NOISY):
            strength = self._strength if self._exactly else 1 + self._below(self._strength)
            noisy, made = add_noise(
                text,
                value,
                self._noises,
                strength,
                f"{self._seed} {number}",
                held_back=self._held_back,
            )
            text, form = noisy, "noise" if made else form
        if self._random() < self._sentences:
            template = self._template()
            # *Een vijfde uur* is no numeral where it stands, and so no example of one.
            found = normalise(fill(template, spell(value, self._kind))).found
            if [one.numeral.value for one in found] == [value]:
                text, form = fill(template, text), "sentence"
        return self._of(value, text, form)

    def _of(self, value: Value, text: str, form: str) -> Example:
        whole = value if isinstance(value, int) else None
        return Example(text, answer_of(value), self._kind, whole, form)

    def _template(self) -> str:
        if self._all and self._random() < _CROSSED:
            first, second = (self._all[self._below(len(self._all))] for _ in range(2))
            return crossed(first, second)
        return self._templates[self._below(len(self._templates))]

    def _below(self, end: int) -> int:
        return int(self._random() * end)

    def _variant(self, value: Value, official: str) -> tuple[str, str]:
        texts = [variant.text for variant in variants(value, self._kind)]
        text = texts[self._below(len(texts))]
        return (text, "variant") if parse(text) == value else (official, "official")
