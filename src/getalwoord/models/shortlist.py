"""The tokens whose logits a training step computes, where not all are needed."""

import contextlib
from collections.abc import Iterator
from typing import Any

import torch

from getalwoord.models.torch_matrices import Matrix, Plain

# Of the vocabulary; of more, logits are not worth leaving the others out.
_MOST = 1 / 16
# A probability; see `training.loss`, which leaves as much out of a gradient in bfloat16.
_LEAST = 2**-12


class Shortlist:
    """All tokens in every so many-th step; in between those that were not improbable in that one.

    What a loss changes at an improbable token is next to nothing. A model that is to answer in
    figures soon has some dozens of others, and which these are changes slowly. The tokens of the
    answers are always among them.

    Args:
        vocabulary: How many tokens there are.

    Attributes:
        every: In how many steps all tokens are computed once; in 1, always.
        tokens: The ids, (columns,), in order; none before the first step.

    Source: a vocabulary for each part of the training, Jean et al. 2015, section 3,
    https://arxiv.org/abs/1412.2007; there it holds the answers of that part, and here what
    competes with them.
    """

    def __init__(self, vocabulary: int) -> None:
        self._longest = _MOST * vocabulary
        self.every = 1
        self.tokens = torch.empty(0, dtype=torch.long)
        self._of_all = True
        self._rows: Plain | None = None

    @contextlib.contextmanager
    def step(self, number: int, targets: torch.Tensor) -> Iterator[bool]:
        """Choose the tokens of a step; outside one they are all.

        Args:
            number: Of the step, from 0.
            targets: Token ids that the answers of the batch have.

        Returns:
            Whether `note` is to be told the gradient of the logits.
        """
        self._answers = len(targets)
        self.tokens = self.tokens.to(targets.device)
        known = 0 < len(self.tokens) <= self._longest
        self._of_all = not known or number % self.every == 0
        if self._of_all:
            self.tokens = targets.new_empty(0, dtype=torch.long)
        if self.every > 1:
            self._add(targets)
        try:
            yield self._of_all and self.every > 1
        finally:
            self._of_all = True

    def places(self, targets: torch.Tensor) -> torch.Tensor:
        """Tell where among the logits the targets are."""
        return targets if self._of_all else torch.searchsorted(self.tokens, targets.long())

    def matrix(self, embedding: Matrix, dtype: torch.dtype) -> Matrix:
        """Give the rows of an embedding that belong to the tokens."""
        if self._of_all:
            return embedding
        if self._rows is None:
            self._rows = Plain(embedding.rows(self.tokens, dtype))
        return self._rows

    def note(self, gradient: torch.Tensor) -> None:
        """Take up the tokens that have a gradient.

        Args:
            gradient: Of the mean loss by all logits, (answers, vocabulary), of a part of the batch.
        """
        # A positive one is a probability, divided by the answers of the batch.
        probable = gradient.amax(dim=0) >= _LEAST / self._answers
        self._add(probable.nonzero()[:, 0])

    def put_back(self, tokens: Any) -> None:
        """Go on with the tokens of an earlier run."""
        self.tokens, self._rows = torch.as_tensor(tokens, dtype=torch.long), None

    def _add(self, tokens: torch.Tensor) -> None:
        found = torch.unique(torch.cat([self.tokens, tokens.long()]))
        if len(found) > len(self.tokens):
            self.tokens, self._rows = found, None
