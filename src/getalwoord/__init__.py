"""getalwoord teaches Gemma language models to read Dutch numerals.

The public names are imported when they are first used, so that `spell` and `parse` never wait for
Keras.
"""

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from getalwoord.evaluation.evaluate import evaluate
    from getalwoord.numerals import (
        Figures,
        Money,
        MonthDay,
        Rate,
        normalise,
        parse,
        parse_all,
        spell,
        variants,
    )
    from getalwoord.pipeline import finetune
    from getalwoord.reading.reader import Reader
    from getalwoord.recipe import Recipe

    __version__: str

__all__ = [
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

_HOMES = {
    "Reader": "getalwoord.reading.reader",
    "Recipe": "getalwoord.recipe",
    "evaluate": "getalwoord.evaluation.evaluate",
    "finetune": "getalwoord.pipeline",
    **dict.fromkeys(
        (
            *("Figures", "Money", "MonthDay", "Rate"),
            *("normalise", "parse", "parse_all", "spell", "variants"),
        ),
        "getalwoord.numerals",
    ),
}


def __getattr__(name: str) -> Any:
    if name == "__version__":
        from importlib.metadata import version

        return version("getalwoord")
    if name not in _HOMES:
        raise AttributeError(f"module 'getalwoord' has no attribute {name!r}")
    return getattr(importlib.import_module(_HOMES[name]), name)


def __dir__() -> list[str]:
    return __all__
