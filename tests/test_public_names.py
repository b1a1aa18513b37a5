"""The public interface is a list."""

import importlib.metadata

import getalwoord


def test_the_public_names_are_these_and_can_be_imported():
    assert getalwoord.__all__ == [
        "Figures",
        "Money",
        "MonthDay",
        "Rate",
        "Reader",
        "Recipe",
        "evaluate",
        "finetune",
        "normalise",
        "parse",
        "parse_all",
        "spell",
        "variants",
    ]
    assert all(callable(getattr(getalwoord, name)) for name in getalwoord.__all__)


def test_the_version_is_that_of_the_package():
    assert getalwoord.__version__ == importlib.metadata.version("getalwoord")
