"""Work of many connections done together: what waits, the threads that do it, and turns."""

import asyncio
import contextlib
import threading
import time
from collections import deque
from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass
from typing import Generic, TypeAlias, TypeVar

Key = TypeVar("Key", bound=Hashable)
Item = TypeVar("Item")
Result = TypeVar("Result")

_REMEMBERED = 0.5  # share of what was, in the mean of how fast work is done
_BATCH_SECONDS = 2.0  # that a batch may take, by how fast work was done
_PATIENCE = 0.2  # seconds that a batch waits for company
_LEAST = 8  # weight of a batch that may take longer; smaller ones would be slower


class Full(Exception):
    """No more may wait.

    Attributes:
        seconds: In which there will be room, as far as can be told.
    """

    def __init__(self, seconds: float) -> None:
        super().__init__(f"full for {seconds:.1f} s")
        self.seconds = seconds


class Lane(Generic[Key, Item, Result]):
    """Threads that work on the items of all who wait, some of each in turn.

    Args:
        work: Does items that have one key and gives their results in order; called in a thread.
        name: Of the threads.
        weigh: Says how much work an item is; a short text is 1.
        waiting: How much may wait, in weight. What comes when nothing waits may be more.
        seconds: For how long: what would wait longer, by how fast work was done, is not taken.
        at_once: How much is done together at most, in weight; less where work is slow.
        threads: So many batches are done side by side.
        coming: Tells how much is about to come, in weight. A batch waits until it is as much as
            that and what is done beside it.
        prepare: Called in each thread before anything else; must not raise.
        on_batch: Told the number of items and the seconds after each call of `work`.
    """

    def __init__(
        self,
        work: Callable[[Key, Sequence[Item]], Sequence[Result]],
        *,
        name: str,
        weigh: Callable[[Item], int],
        waiting: int,
        seconds: float,
        at_once: int,
        threads: int = 1,
        coming: Callable[[], int] = lambda: 0,
        prepare: Callable[[], None] = lambda: None,
        on_batch: Callable[[int, float], None] = lambda items, seconds: None,
    ) -> None:
        self._work, self._weigh, self._prepare, self._on_batch = work, weigh, prepare, on_batch
        self._most_waiting, self._most_seconds = waiting, seconds
        self._at_once, self._coming = at_once, coming
        self._groups: list[_Group[Key, Item, Result]] = []  # that have items which wait
        self._weight = self._doing = 0  # of all that waits, and of what is being done
        self._ready = threading.Condition()
        self._stopping = False
        self._rate: float | None = None  # weight that a thread does in a second; not known yet
        self._threads = [threading.Thread(target=self._run, name=name) for _ in range(threads)]

    @property
    def waiting(self) -> int:
        """How much waits, in weight."""
        return self._weight

    @property
    def held(self) -> int:
        """How much waits or is being done, in weight."""
        return self._weight + self._doing

    def start(self) -> None:
        """Begin to work; called where the event loop runs."""
        self._loop = asyncio.get_running_loop()
        for thread in self._threads:
            thread.start()

    def stop(self) -> None:
        """Do what waits, and end; returns when the threads have ended."""
        with self._ready:
            self._stopping = True
            self._ready.notify_all()
        for thread in self._threads:
            thread.join()

    async def do(self, key: Key, items: Sequence[Item]) -> list[Result]:
        """Have items done. If the caller is cancelled, what still waits is taken back.

        Raises:
            Full: Too much waits already.
        """
        if not items:
            return []
        weights = [self._weigh(item) for item in items]
        group = _Group[Key, Item, Result](key, items, weights, self._loop.create_future())
        with self._ready:
            known = (self._rate or 0) * len(self._threads)
            rate = known or self._most_waiting / self._most_seconds
            room = min(self._most_waiting, self._most_seconds * rate)
            too_much = self._weight + group.weight - room
            if self._weight and too_much > 0:
                raise Full(too_much / rate)
            self._weight += group.weight
            self._groups.append(group)
            self._ready.notify_all()
        try:
            return await group.future
        finally:
            with self._ready:
                self._weight -= group.weight
                group.drop()

    def _run(self) -> None:
        self._prepare()
        while (batch := self._next()) is not None:
            if not batch.taken:  # all who waited have gone
                continue
            began = time.perf_counter()
            done = self._done(batch.taken)
            seconds = time.perf_counter() - began
            self._on_batch(len(done), seconds)
            with self._ready:
                self._doing -= batch.weight
                if batch.pressed:  # one that was not full says nothing of full ones
                    self._time(batch.weight / max(seconds, 1e-6))
            with contextlib.suppress(RuntimeError):  # nobody waits any more: the loop is closed
                self._loop.call_soon_threadsafe(_hand_out, done)

    def _time(self, rate: float) -> None:
        """Take in how fast a batch was done."""
        before = rate if self._rate is None else self._rate
        self._rate = _REMEMBERED * before + (1 - _REMEMBERED) * rate

    def _next(self) -> "_Batch[Key, Item, Result] | None":
        """Wait for work and take some of it; None when it is time to end."""
        with self._ready:
            self._ready.wait_for(lambda: self._groups or self._stopping)
            if not self._groups:
                return None
            # Batches of one size: a small one costs nearly what a large one does.
            self._ready.wait_for(self._has_company, _PATIENCE)
            return self._taken()

    def _has_company(self) -> bool:
        return self._stopping or self._weight >= min(self._at_once, self._coming() + self._doing)

    def _taken(self) -> "_Batch[Key, Item, Result]":
        """Take an item of each group in turn, of those that have the first one's key."""
        self._groups = [group for group in self._groups if group.items]
        turn = deque(group for group in self._groups if group.key == self._groups[0].key)
        taken: list[_Taken[Key, Item, Result]] = []
        before = self._weight
        room = min(self._at_once, max(_LEAST, int(_BATCH_SECONDS * (self._rate or 0))))
        while turn and room > 0:
            group = turn.popleft()
            number, item, weight = group.take()
            taken.append((group, number, item))
            room -= weight
            self._weight -= weight
            if group.items:
                turn.append(group)
        # Those that got something go behind those that did not.
        served = {id(group) for group, _, _ in taken}
        self._groups.sort(key=lambda group: id(group) in served)
        self._groups = [group for group in self._groups if group.items]
        weight = before - self._weight
        self._doing += weight
        return _Batch(taken, weight, pressed=self._weight > 0)

    def _done(
        self, batch: "Sequence[_Taken[Key, Item, Result]]"
    ) -> "list[_Done[Key, Item, Result]]":
        """Do a batch; if that fails, each item alone, so that one harms no other."""
        results: Sequence[Result | Exception]
        try:
            results = self._work(batch[0][0].key, [item for _, _, item in batch])
        except Exception as error:  # noqa: BLE001 - whatever it is, the thread must live on
            if len(batch) > 1:
                return [done for one in batch for done in self._done([one])]
            results = [error]
        return [
            (group, number, result)
            for (group, number, _), result in zip(batch, results, strict=True)
        ]


class _Group(Generic[Key, Item, Result]):
    """The items of one request.

    Attributes:
        items: That still wait, with their numbers and weights.
        weight: Of those.
        future: Gets the results when all are there.
    """

    def __init__(
        self,
        key: Key,
        items: Sequence[Item],
        weights: Sequence[int],
        future: "asyncio.Future[list[Result]]",
    ) -> None:
        self.key, self.weight, self.future = key, sum(weights), future
        self.items = deque(zip(range(len(items)), items, weights, strict=True))
        self._results: dict[int, Result] = {}
        self._count = len(items)

    def take(self) -> tuple[int, Item, int]:
        """Take the next item."""
        taken = self.items.popleft()
        self.weight -= taken[2]
        return taken

    def drop(self) -> None:
        """Let go of what waits."""
        self.items.clear()
        self.weight = 0

    def give(self, number: int, result: Result | Exception) -> None:
        """Take in a result; called where the event loop runs."""
        if self.future.done():
            return
        if isinstance(result, Exception):
            self.future.set_exception(result)
            return
        self._results[number] = result
        if len(self._results) == self._count:
            self.future.set_result([self._results[number] for number in range(self._count)])


@dataclass(frozen=True, slots=True)
class _Batch(Generic[Key, Item, Result]):
    """What is done together.

    Attributes:
        taken: The items, each with its group and its number there.
        weight: Of all of them.
        pressed: Whether more waited than was taken.
    """

    taken: "Sequence[_Taken[Key, Item, Result]]"
    weight: int
    pressed: bool


_Taken: TypeAlias = tuple[_Group[Key, Item, Result], int, Item]
_Done: TypeAlias = tuple[_Group[Key, Item, Result], int, Result | Exception]


def _hand_out(done: "Sequence[_Done[Key, Item, Result]]") -> None:
    for group, number, result in done:
        group.give(number, result)
