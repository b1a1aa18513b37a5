"""The tuned model and its untuned base, for several threads at once."""

import sys
import threading
from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

from getalwoord.numerals import Normalised
from getalwoord.reading.reader import Reader
from getalwoord.reading.readings import Reading, Unread

if TYPE_CHECKING:
    from getalwoord.reading.decode import Answerer

_KEPT = 8  # answerers that are held to some kinds; to make one takes a second


class Model:
    """What texts are read with that the grammar refuses.

    Threads that use it do not wait for each other: each takes the memory of its own batch.

    Args:
        folder: Of a run.
        base: Another name for the adapter's base.
        dtype: Of the base.

    Raises:
        InputError: The adapter or its base cannot be used.
    """

    def __init__(self, folder: Path, *, base: str | None, dtype: str) -> None:
        from getalwoord.adapter import Adapter

        recipe = Adapter.load(folder).recipe
        self.base_name, self._kinds, self._dtype = base or recipe.base, recipe.kinds, dtype
        self._reader = Reader(folder, base=base, dtype=dtype)
        self._tuned: Answerer = self._reader.answerer  # type: ignore[assignment]
        self._untuned: Answerer | None = None
        self._loading = threading.Lock()
        self._among = lru_cache(_KEPT)(self._tuned.among)
        self.tokenizer = self._tuned.tokenizer
        self._tuned.answer(["een"])  # the first answer takes longer than others

    def read(
        self, texts: Sequence[Unread], *, untuned: bool, kinds: tuple[str, ...] | None
    ) -> list[Reading | Normalised]:
        """Read texts.

        Args:
            texts: Weighed by the grammar, or not.
            untuned: Whether the base as it is answers, instead of the tuned model.
            kinds: Kinds that the tuned model may answer with; None for all.
        """
        answerer = self._base() if untuned else self._among(kinds) if kinds else self._tuned
        return self._reader.asking("auto", answerer).apart().finish(texts)

    def _base(self) -> "Answerer":
        """Give the untuned base, which is loaded when it is first asked."""
        with self._loading:
            if self._untuned is None:
                from getalwoord.evaluation.suites import few_shots
                from getalwoord.reading.loading import load_untuned

                self._untuned = load_untuned(
                    self.base_name,
                    dtype=self._dtype,
                    template=few_shots(self._kinds),
                    beside=self._tuned,
                )
            return self._untuned


def share_cores(threads: int) -> None:
    """Let the calling thread compute with its part of the cores, where so many compute at once."""
    torch = sys.modules.get("torch")
    if torch is not None:  # JAX divides its work by itself
        torch.set_num_threads(max(1, torch.get_num_threads() // threads))
