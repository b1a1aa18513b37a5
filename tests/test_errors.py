"""Errors come out of other processes as they were."""

import copy

import pytest

from getalwoord.errors import DataError, InputError, ParseError


@pytest.mark.parametrize(
    "error",
    [
        InputError("no"),
        ParseError("een twee", 4, "it goes on"),
        DataError("a.csv", 3, "it is wrong", field="text"),
        DataError("a.csv", None, "it is empty"),
    ],
)
def test_errors_can_be_pickled(error):
    again = copy.copy(error)  # by the same steps as pickle

    assert type(again) is type(error)
    assert str(again) == str(error)
    assert vars(again) == vars(error)
