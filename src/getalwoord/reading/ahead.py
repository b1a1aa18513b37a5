"""Work done ahead by several processes, its results taken in order."""

import multiprocessing
import os
import signal
import threading
from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from multiprocessing.connection import wait
from typing import TypeVar

from getalwoord.errors import GetalwoordError, InputError

Task = TypeVar("Task")
Result = TypeVar("Result")

_AHEAD = 3  # tasks of each process that are begun before the first is asked for


def in_order(
    tasks: Iterator[Task], work: Callable[[Task], Result], *, jobs: int
) -> Iterator[tuple[Task, Result]]:
    """Do work on tasks as they come, and give them with their results in their order.

    Args:
        tasks: As few of them are taken ahead as keep the processes at work. If they end in an
            InputError, it is raised after the results of all before it.
        work: What to do; with several processes it and the tasks go to these by pickling.
        jobs: So many processes; 1 is this one.

    Raises:
        GetalwoordError: A process was killed.
    """
    if jobs == 1:
        yield from ((task, work(task)) for task in tasks)
        return
    pool = processes(jobs)
    waiting: deque[tuple[Task, Callable[[], Result]]] = deque()
    failed: InputError | None = None
    try:
        while True:
            while failed is None and len(waiting) < _AHEAD * jobs:
                try:
                    task = next(tasks)
                except StopIteration:
                    break
                except InputError as error:
                    failed = error
                else:
                    waiting.append((task, pool.submit(work, task).result))
            if not waiting:
                break
            task, result = waiting.popleft()
            yield task, result()
    except BrokenProcessPool as error:
        raise GetalwoordError(
            "a process that reads was killed, perhaps for want of memory: go on with --resume, and "
            "give fewer --jobs"
        ) from error
    finally:
        pool.shutdown(cancel_futures=True)
    if failed is not None:
        raise failed


def processes(jobs: int) -> ProcessPoolExecutor:
    """Give processes to work beside this one, which end when it ends."""
    # Forked ones would hold each other's pipes open, and outlive a parent that is killed.
    return ProcessPoolExecutor(jobs, multiprocessing.get_context("spawn"), _begin)


def _begin() -> None:
    """Leave Ctrl-C to the parent, and end when it ends."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    parent = multiprocessing.parent_process()
    assert parent is not None

    def end() -> None:
        wait([parent.sentinel])
        os._exit(1)

    threading.Thread(target=end, daemon=True).start()
