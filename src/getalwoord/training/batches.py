"""Examples as token ids, in batches of like length."""

import random
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

from getalwoord.data.examples import Example
from getalwoord.errors import DataError, InputError
from getalwoord.models import keras
from getalwoord.models.tokenizer import Tokenizer

Arrays: TypeAlias = tuple[
    dict[str, npt.NDArray[np.int32]], npt.NDArray[np.int32], npt.NDArray[np.float32]
]

# So many batches are sorted by length together. More saves more padding; fewer leaves more chance
# in which examples meet.
_BATCHES_SORTED_TOGETHER = 16


@dataclass(frozen=True, slots=True)
class Encoded:
    """One example as token ids.

    Attributes:
        prompt: Beginning of sequence and the prompt.
        answer: The response and the end of sequence.
        instruction: The text, for messages.
    """

    prompt: tuple[int, ...]
    answer: tuple[int, ...]
    instruction: str = ""

    def __len__(self) -> int:
        return len(self.prompt) + len(self.answer)


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


def arrays_of(batch: Sequence[Encoded], *, multiple: int = 1) -> Arrays:
    """Lay a batch out for the answer model.

    Args:
        batch: Examples, padded on the right to the longest of them.
        multiple: Tokens, and eight-fold answers, are padded up to a multiple of this. Backends
            that compile anew for each shape need few shapes.

    Returns:
        Inputs by name, ``token_ids`` and ``padding_mask`` (batch, tokens) and ``positions``
        (answers,), as `answer_model` takes them; targets (answers,); and weights (answers,), 0
        on padding and 1 elsewhere.
    """
    tokens = _rounded(max(len(item) - 1 for item in batch), multiple)
    token_ids = np.zeros((len(batch), tokens), np.int32)
    padding_mask = np.zeros((len(batch), tokens), np.int32)
    positions: list[int] = []
    targets: list[int] = []
    for row, item in enumerate(batch):
        line = (*item.prompt, *item.answer[:-1])  # the last token is predicted, never read
        token_ids[row, : len(line)] = line
        padding_mask[row, : len(line)] = 1
        first = row * tokens + len(item.prompt) - 1
        positions += range(first, first + len(item.answer))
        targets += item.answer
    padding = _rounded(len(targets), 8 * multiple if multiple > 1 else 1) - len(targets)
    weights = np.r_[np.ones(len(targets), np.float32), np.zeros(padding, np.float32)]
    inputs = {
        "token_ids": token_ids,
        "padding_mask": padding_mask,
        "positions": np.array(positions + [0] * padding, np.int32),
    }
    return inputs, np.array(targets + [0] * padding, np.int32), weights


def shape_multiple() -> int:
    """Tell what lengths are rounded up to on the backend in use."""
    return 1 if keras.backend.backend() == "torch" else 8


class Batches(keras.utils.PyDataset):
    """The batches of every epoch, in an order that only the seed and the epoch decide.

    An epoch shuffles the examples, sorts each stretch of some batches by length, cuts it into
    batches, and shuffles those. Keras's own count of epochs is not relied on: `fit` ends an epoch
    before the first, too.

    Args:
        examples: What to train on.
        batch_size: Examples in a batch; the last of an epoch may be smaller.
        seed: The same seed gives the same batches on every machine.
        epoch: The epoch to begin with, from 0.
        skip: How many batches of that first epoch are done already.
    """

    def __init__(
        self,
        examples: Sequence[Encoded],
        *,
        batch_size: int,
        seed: int,
        epoch: int = 0,
        skip: int = 0,
    ) -> None:
        super().__init__()
        self._examples = examples
        self._batch_size = batch_size
        self._seed = seed
        self._multiple = shape_multiple()
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
        return arrays_of(
            [self._examples[number] for number in self._order[index]], multiple=self._multiple
        )

    def _drawn(self, epoch: int) -> list[list[int]]:
        # Of the random module, only random() is promised to draw the same in every version.
        draw = random.Random(f"{self._seed} {epoch + 1}").random

        def shuffled(numbers: range) -> list[int]:
            return sorted(numbers, key=lambda _: draw())

        order = shuffled(range(len(self._examples)))
        stretch = self._batch_size * _BATCHES_SORTED_TOGETHER
        batches = []
        for start in range(0, len(order), stretch):
            near = sorted(order[start : start + stretch], key=lambda n: len(self._examples[n]))
            batches += [
                near[first : first + self._batch_size]
                for first in range(0, len(near), self._batch_size)
            ]
        return [batches[number] for number in shuffled(range(len(batches)))]


def _rounded(number: int, multiple: int) -> int:
    return -(-number // multiple) * multiple
