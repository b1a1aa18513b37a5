"""Examples as token ids, in batches of those that cost little together."""

import random
from collections.abc import Sequence
from pathlib import Path

from getalwoord.data.examples import Example
from getalwoord.errors import DataError, InputError
from getalwoord.models import keras
from getalwoord.models.tokenizer import Tokenizer
from getalwoord.training.layout import Arrays, Encoded, States, arrays_of, costs_like

# So many batches are ordered together, and no more than this part of an epoch. More saves more
# tokens; fewer leaves more chance in which examples meet.
_BATCHES_ORDERED_TOGETHER, _PART_OF_EPOCH = 16, 1 / 4


def prompt_of(instruction: str, template: str) -> str:
    """Fill in a prompt template up to where the response begins."""
    return template.partition("{response}")[0].replace("{instruction}", instruction)


def encode(
    examples: Sequence[Example],
    tokenizer: Tokenizer,
    *,
    template: str,
    sequence_length: int,
    source: Path | None = None,
    cut: float = 0.0,
    seed: int = 0,
) -> list[Encoded]:
    """Turn examples into token ids.

    Prompt and response are encoded apart, as a model that reads will meet them.

    Args:
        examples: What to encode.
        tokenizer: The base's.
        template: With ``{instruction}`` and ``{response}``.
        sequence_length: The most tokens that an example may have, beginning and end included.
        source: The file that the examples came from, one a line, for the message.
        cut: Share of the letters of a prompt that it is cut before; see `Tokenizer.encode_cut`.
        seed: Decides where.

    Raises:
        InputError: An example is longer than `sequence_length`. None is ever cut.
    """
    encoded = []
    random_number = random.Random(f"{seed} cuts").random
    for number, example in enumerate(examples, start=1):
        text = prompt_of(example.instruction, template)
        prompt = tokenizer.encode_cut(text, cut, random_number) if cut else tokenizer.encode(text)
        answer = tokenizer.encode(example.response)
        item = Encoded(
            (tokenizer.bos_id, *prompt), (*answer, tokenizer.eos_id), example.instruction
        )
        if len(item) > sequence_length:
            reason = (
                f"{example.instruction!r} and its response have {len(item)} tokens, more than the "
                f"sequence_length of {sequence_length}: raise it, or shorten the example"
            )
            line = example.line or number
            raise DataError(source, line, reason) if source else InputError(reason)
        encoded.append(item)
    return encoded


class Batches(keras.utils.PyDataset):
    """The batches of every epoch, in an order that only the seed and the epoch decide.

    An epoch shuffles the examples, orders each stretch of some batches by `costs_like`, cuts it
    into batches, and shuffles those. Keras's own count of epochs is not relied on: `fit` ends an
    epoch before the first, too.

    Args:
        examples: What to train on.
        batch_size: Examples in a batch; the last of an epoch may be smaller.
        seed: The same seed gives the same batches on every machine.
        epoch: The epoch to begin with, from 0.
        skip: How many batches of that first epoch are done already.
        parts: In how many the model computes a batch.
        states: What the blocks that are fixed make of each example, as `kept_states` gives it.
    """

    def __init__(
        self,
        examples: Sequence[Encoded],
        *,
        batch_size: int,
        seed: int,
        epoch: int = 0,
        skip: int = 0,
        parts: int = 1,
        states: Sequence[States] | None = None,
    ) -> None:
        super().__init__()
        self._states = states
        self._examples = examples
        self._batch_size = batch_size
        self._seed = seed
        self._parts = parts
        self.begin(epoch, skip=skip)

    def begin(self, epoch: int, *, skip: int = 0) -> None:
        """Turn to the batches of an epoch, from 0, and leave out the first of them."""
        self.epoch = epoch
        self._order = self._drawn(epoch)[skip:]

    def __len__(self) -> int:
        return len(self._order)

    def numbers(self, index: int) -> list[int]:
        """Tell which examples a batch of this epoch holds, from 0."""
        return self._order[index]

    def __getitem__(self, index: int) -> Arrays:
        numbers = self._order[index]
        batch = [self._examples[number] for number in numbers]
        states = self._states and [self._states[number] for number in numbers]
        return arrays_of(batch, parts=self._parts, states=states)

    def _drawn(self, epoch: int) -> list[list[int]]:
        # Of the random module, only random() is promised to draw the same in every version.
        draw = random.Random(f"{self._seed} {epoch + 1}").random

        def shuffled(numbers: range) -> list[int]:
            return sorted(numbers, key=lambda _: draw())

        order = shuffled(range(len(self._examples)))
        part = int(_PART_OF_EPOCH * len(order) / self._batch_size)
        stretch = self._batch_size * max(1, min(_BATCHES_ORDERED_TOGETHER, part))
        batches = []
        for start in range(0, len(order), stretch):
            near = order[start : start + stretch]
            near.sort(key=lambda n: costs_like(self._examples[n]))
            batches += [
                near[first : first + self._batch_size]
                for first in range(0, len(near), self._batch_size)
            ]
        return [batches[number] for number in shuffled(range(len(batches)))]
