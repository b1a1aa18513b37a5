"""Work by several processes: in order, and ending when it should."""

import os

import pytest

from getalwoord.errors import DataError, GetalwoordError
from getalwoord.reading.ahead import in_order


def failing_after(count):
    yield from range(count)
    raise DataError("in.csv", count, "this is bad")


@pytest.mark.parametrize("jobs", [1, 2])
def test_results_come_in_order_and_all_of_them_before_an_error(jobs):
    found = []

    with pytest.raises(DataError, match="this is bad"):
        found.extend(in_order(failing_after(20), str, jobs=jobs))

    assert found == [(number, str(number)) for number in range(20)]


def test_a_killed_process_is_told_of():
    with pytest.raises(GetalwoordError, match=r"was killed.*--jobs"):
        list(in_order(iter([1]), os._exit, jobs=2))


def test_no_more_is_taken_ahead_than_keeps_processes_at_work():
    taken = []

    def tasks():
        for number in range(100):
            taken.append(number)
            yield number

    working = in_order(tasks(), str, jobs=2)
    next(working)
    working.close()

    assert len(taken) <= 6
