"""A lane: everybody gets their own results, company or not, and nobody waits for ever."""

import asyncio
import contextlib
import threading
import time
from concurrent.futures import ThreadPoolExecutor

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from getalwoord.server.batching import Full, Lane


def run(scenario, work, **settings):
    """Run a scenario with a lane of its own, and stop that at the end."""
    lane = Lane(
        work,
        name="test",
        **{"weigh": lambda item: 1, "waiting": 1000, "seconds": 60, "at_once": 8} | settings,
    )

    async def whole():
        lane.start()
        try:
            return await asyncio.wait_for(scenario(lane), 30)
        finally:
            lane.stop()

    return asyncio.run(whole())


class Held:
    """Work that waits until it is let go, and remembers its batches."""

    def __init__(self):
        self.batches, self.free, self.busy = [], threading.Event(), threading.Event()

    def __call__(self, key, items):
        self.batches.append((key, list(items)))
        self.busy.set()
        assert self.free.wait(30)
        return [(key, item) for item in items]

    async def begin(self, lane):
        """Have the lane busy with something that is not let go yet."""
        first = asyncio.create_task(lane.do("first", ["first"]))
        await asyncio.to_thread(self.busy.wait, 30)
        return first


@settings(max_examples=50, deadline=None)
@given(
    groups=st.lists(st.tuples(st.sampled_from("ab"), st.lists(st.integers(), max_size=20))),
    at_once=st.integers(1, 9),
    weight=st.integers(1, 3),
)
def test_every_item_has_its_own_result_whatever_company_it_was_in(groups, at_once, weight):
    async def scenario(lane):
        return await asyncio.gather(*(lane.do(key, items) for key, items in groups))

    results = run(
        scenario,
        lambda key, items: [(key, item) for item in items],
        weigh=lambda item: weight,
        at_once=at_once,
    )

    assert results == [[(key, item) for item in items] for key, items in groups]


def test_requests_that_wait_are_done_together_and_only_with_their_like():
    work = Held()

    async def scenario(lane):
        first = await work.begin(lane)
        others = [asyncio.create_task(lane.do(key, [key, key])) for key in "aab"]
        await asyncio.sleep(0)
        work.free.set()
        await asyncio.gather(first, *others)

    run(scenario, work)

    assert work.batches == [("first", ["first"]), ("a", ["a"] * 4), ("b", ["b"] * 2)]


def test_a_batch_waits_until_it_is_as_much_as_what_is_coming(monkeypatch):
    monkeypatch.setattr("getalwoord.server.batching._PATIENCE", 60)
    coming, batches = [4], []

    def work(key, items):
        batches.append(list(items))
        return items

    async def scenario(lane):
        waiting = []
        for item in "ab":
            coming[0] -= 1
            waiting.append(asyncio.create_task(lane.do("a", [item])))
            await asyncio.sleep(0)
        await asyncio.gather(*waiting)
        for item in "cd":
            coming[0] -= 1
            await lane.do("a", [item])

    run(scenario, work, coming=lambda: coming[0])

    assert batches == [["a", "b"], ["c"], ["d"]]


def test_batches_are_done_side_by_side_and_each_waits_for_one_like_the_other(monkeypatch):
    monkeypatch.setattr("getalwoord.server.batching._PATIENCE", 60)
    both, free = threading.Barrier(2), threading.Event()
    batches = []

    def work(key, items):
        batches.append(list(items))
        if len(batches) == 1:
            assert free.wait(30)
        both.wait(30)
        return items

    async def scenario(lane):
        first = asyncio.create_task(lane.do("a", [1, 2]))
        while not batches:
            await asyncio.sleep(0)
        second = asyncio.create_task(lane.do("a", [3]))
        await asyncio.sleep(0.05)
        alone = len(batches)
        third = asyncio.create_task(lane.do("a", [4]))
        await asyncio.sleep(0)
        free.set()
        return alone, await asyncio.gather(first, second, third)

    assert run(scenario, work, threads=2) == (1, [[1, 2], [3], [4]])
    assert sorted(batches) == [[1, 2], [3, 4]]


def test_a_batch_waits_for_none_who_do_not_come():
    assert run(lambda lane: lane.do("a", [1]), lambda key, items: items, coming=lambda: 9) == [1]


def test_a_large_request_lets_small_ones_through():
    work = Held()

    async def scenario(lane):
        first = await work.begin(lane)
        large = asyncio.create_task(lane.do("a", range(100)))
        small = asyncio.create_task(lane.do("a", ["small"]))
        await asyncio.sleep(0)
        work.free.set()
        await asyncio.gather(first, large, small)

    run(scenario, work)

    assert "small" in work.batches[1][1]
    assert len(work.batches) > 10


def test_past_the_queue_there_is_no_room_and_then_there_is_again():
    work = Held()

    async def scenario(lane):
        first = await work.begin(lane)
        waiting = asyncio.create_task(lane.do("a", [1, 2, 3]))
        await asyncio.sleep(0)
        with pytest.raises(Full) as full:
            await lane.do("a", [4, 5])
        assert full.value.seconds > 0
        work.free.set()
        await asyncio.gather(first, waiting)
        return await lane.do("a", [4, 5])

    assert run(scenario, work, waiting=4) == [("a", 4), ("a", 5)]


def test_what_would_wait_for_too_long_is_not_taken():
    """
    Fifty items can be done in a second at most.
    """

    def work(key, items):
        time.sleep(0.02 * len(items))
        return items

    async def scenario(lane):
        await lane.do("a", range(9))
        waiting = asyncio.create_task(lane.do("a", range(40)))
        await asyncio.sleep(0)
        with pytest.raises(Full):
            await lane.do("a", range(100))
        return await waiting

    assert run(scenario, work, seconds=1) == list(range(40))


def test_a_request_larger_than_the_queue_is_taken_if_nothing_waits():
    async def scenario(lane):
        return await lane.do("a", range(10))

    assert run(scenario, lambda key, items: items, waiting=4) == list(range(10))


def test_what_nobody_waits_for_any_more_is_not_done():
    work = Held()

    async def scenario(lane):
        first = await work.begin(lane)
        gone = asyncio.create_task(lane.do("a", [1, 2, 3]))
        await asyncio.sleep(0)
        gone.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await gone
        assert lane.waiting == 0
        work.free.set()
        return await asyncio.gather(first, lane.do("b", [4]))

    assert run(scenario, work)[1] == [("b", 4)]
    assert [key for key, _ in work.batches] == ["first", "b"]


def test_an_item_that_fails_harms_no_other():
    def work(key, items):
        if "bad" in items:
            raise ValueError("bad")
        return items

    async def scenario(lane):
        return await asyncio.gather(
            *(lane.do("a", items) for items in ([1, 2], ["bad", 3], [4])), return_exceptions=True
        )

    one, failed, other = run(scenario, work)

    assert (one, other) == ([1, 2], [4])
    assert isinstance(failed, ValueError)


def test_stopping_does_first_what_waits():
    work = Held()

    async def scenario(lane):
        first = await work.begin(lane)
        waiting = asyncio.create_task(lane.do("a", [1]))
        await asyncio.sleep(0)
        with ThreadPoolExecutor(1) as pool:
            stopped = asyncio.get_running_loop().run_in_executor(pool, lane.stop)
            work.free.set()
            await stopped
        return await asyncio.gather(first, waiting)

    async def whole():
        lane = Lane(work, name="test", weigh=lambda item: 1, waiting=9, seconds=60, at_once=8)
        lane.start()
        return await asyncio.wait_for(scenario(lane), 30)

    assert asyncio.run(whole())[1] == [("a", 1)]
