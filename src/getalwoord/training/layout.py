"""How a batch lies in memory: as trees of tokens on torch, padded for backends that compile."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt

from getalwoord.models import keras
from getalwoord.models.packing import MULTIPLE, rounded, trees

#: Inputs of the answer model by name, targets (answers,), and weights (answers,), 0 on padding.
Arrays: TypeAlias = tuple[
    dict[str, npt.NDArray[Any]], npt.NDArray[np.int32], npt.NDArray[np.float32]
]

#: What blocks make of the tokens of an example that are read: (tokens, width).
States: TypeAlias = npt.NDArray[np.float32]


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

    @property
    def read(self) -> tuple[int, ...]:
        """The tokens that are read; the last one is predicted, never read."""
        return (*self.prompt, *self.answer[:-1])


def costs_like(item: Encoded) -> tuple[int, tuple[int, ...]]:
    """Order examples so that neighbours cost little together, in either layout.

    Padded to the same length, they have the same beginning.
    """
    return rounded(len(item.read)), item.prompt


def alike(examples: Sequence[Encoded], size: int) -> Iterator[list[int]]:
    """Give the numbers of examples in batches of those that cost little together."""
    order = sorted(range(len(examples)), key=lambda number: costs_like(examples[number]))
    for start in range(0, len(order), size):
        yield order[start : start + size]


def arrays_of(
    batch: Sequence[Encoded], *, parts: int = 1, states: Sequence[States] | None = None
) -> Arrays:
    """Lay a batch out for the answer model, answers in the order of the examples.

    Args:
        batch: Examples. Those that are ordered by `costs_like` take the least time.
        parts: In how many the model is to compute it; on torch, the least number of rows.
        states: Of each example, on torch.
    """
    if keras.backend.backend() != "torch":
        return padded(batch)
    return in_trees(batch, rows=parts, states=states)


def in_trees(
    batch: Sequence[Encoded], *, rows: int = 1, states: Sequence[States] | None = None
) -> Arrays:
    """Lay a batch out with each beginning once in a row, as `answer_model` takes it on torch.

    Args:
        batch: Examples.
        rows: The least number of them.
        states: Of each example.

    Returns:
        Inputs ``token_ids`` and ``depths`` (rows, tokens), ``seen`` (rows, tokens, tokens), and
        ``positions`` (answers,), flat, as many as a multiple of 8, the last one repeated; targets;
        and weights. With states, ``states`` (rows, tokens, width), too.
    """
    made = trees([item.read for item in batch], rows=rows)
    answers = [path[len(item.prompt) - 1 :] for item, path in zip(batch, made.paths, strict=True)]
    positions = np.concatenate(answers).astype(np.int32)
    targets = np.array([token for item in batch for token in item.answer], np.int32)
    weights = np.ones(len(targets), np.float32)
    more = (0, rounded(len(targets)) - len(targets))
    inputs = {**made.inputs, "positions": np.pad(positions, more, mode="edge")}
    if states is not None:
        laid_out = np.zeros((made.token_ids.size, states[0].shape[-1]), np.float32)
        for path, state in zip(made.paths, states, strict=True):
            laid_out[path] = state
        inputs["states"] = laid_out.reshape(*made.token_ids.shape, -1)
    return inputs, np.pad(targets, more, mode="edge"), np.pad(weights, more)


def padded(batch: Sequence[Encoded]) -> Arrays:
    """Lay a batch out with a row for each example, padded on the right.

    Returns:
        Inputs ``token_ids`` and ``padding_mask`` (batch, tokens), as many tokens as a multiple of
        8, and ``positions`` (answers,), flat, as many as a multiple of 64; targets; and weights.
    """
    tokens = rounded(max(len(item.read) for item in batch))
    token_ids = np.zeros((len(batch), tokens), np.int32)
    padding_mask = np.zeros((len(batch), tokens), np.int32)
    positions: list[int] = []
    targets: list[int] = []
    for row, item in enumerate(batch):
        token_ids[row, : len(item.read)] = item.read
        padding_mask[row, : len(item.read)] = 1
        first = row * tokens + len(item.prompt) - 1
        positions += range(first, first + len(item.answer))
        targets += item.answer
    padding = rounded(len(targets), 8 * MULTIPLE) - len(targets)
    weights = np.r_[np.ones(len(targets), np.float32), np.zeros(padding, np.float32)]
    inputs = {
        "token_ids": token_ids,
        "padding_mask": padding_mask,
        "positions": np.array(positions + [0] * padding, np.int32),
    }
    return inputs, np.array(targets + [0] * padding, np.int32), weights
