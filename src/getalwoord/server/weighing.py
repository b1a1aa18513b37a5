"""Weighing what misspelt texts may mean, in a process of its own where threads must not wait."""

from collections.abc import Callable, Sequence
from concurrent.futures.process import BrokenProcessPool

from getalwoord.reading.ahead import processes
from getalwoord.reading.readings import Open


class Weigher:
    """Weighs texts for one thread.

    Args:
        weigh: Weighs one text; goes to the process by pickling.
        apart: Whether another process does it, for this one to be free.
    """

    def __init__(self, weigh: Callable[[str], Open], *, apart: bool) -> None:
        self._weigh = weigh
        self._pool = processes(1) if apart else None

    def weigh(self, texts: Sequence[str]) -> list[Open]:
        """Weigh texts, in their order."""
        if self._pool is not None:
            try:
                return list(self._pool.map(self._weigh, texts, chunksize=len(texts)))
            except BrokenProcessPool:  # it was killed
                self._pool = processes(1)
        return [self._weigh(text) for text in texts]

    def stop(self) -> None:
        """End the process, if there is one."""
        if self._pool is not None:
            self._pool.shutdown()
