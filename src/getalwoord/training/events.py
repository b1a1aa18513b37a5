"""What a run tells those who follow it, besides its steps."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

from getalwoord.data.examples import Example
from getalwoord.data.parts import Parts
from getalwoord.models import keras
from getalwoord.models.bases import Base
from getalwoord.training.watch import Step


@dataclass(frozen=True, slots=True)
class Prepared:
    """Model and data are ready; nothing is measured yet."""

    model: keras.Model
    base: Base
    dtype: str
    dtype_reason: str
    parts: Parts
    trainable_parameters: int
    total_parameters: int
    weight_bytes: int
    estimated_memory_bytes: int | None


@dataclass(frozen=True, slots=True)
class Scored:
    """Exact match on the test numerals was measured.

    Attributes:
        after: False before training, True after it.
        right: How many of `total` greedy answers were wholly right.
        total: All test examples.
        shown: A few of them with the answer that was given.
        groups: By kind, and by form: right and total.
    """

    after: bool
    right: int
    total: int
    shown: Sequence[tuple[Example, str]]
    groups: Mapping[str, tuple[int, int]]

    @property
    def exact_match(self) -> float:
        """Share of answers that were wholly right."""
        return self.right / self.total


@dataclass(frozen=True, slots=True)
class Resumed:
    """A run goes on from a checkpoint.

    Attributes:
        step: Steps that are done.
        damage: What is wrong with a later checkpoint, so that this one was taken.
        changed: What is computed otherwise than before, so that the adapter may differ in its last
            bits: name, then and now.
    """

    step: int
    damage: str | None
    changed: Mapping[str, tuple[Any, Any]]


Event: TypeAlias = Prepared | Resumed | Scored | Step
