"""The public interface as a caller would use it; checked by mypy, never run."""

from decimal import Decimal
from pathlib import Path

import getalwoord
from getalwoord.numerals import Value


def spelling() -> str:
    return getalwoord.spell(483)


def parsing() -> Value:
    return getalwoord.parse("vierhonderddrieëntachtig")


def figures() -> list[str]:
    return [numeral.figures for numeral in getalwoord.parse_all("halfvijf")]


def amount() -> str:
    return getalwoord.spell(getalwoord.Money(Decimal("3.50"), "EUR"))


def ordinal() -> str:
    return getalwoord.spell(21, kind="ordinal")


def differences() -> list[str]:
    return [variant.name for variant in getalwoord.variants(2402)]


def training(folder: Path) -> float:
    recipe = getalwoord.Recipe(maximum=99, count=60, test=20, validation=10)
    result = getalwoord.finetune(recipe, folder)
    return result.after.exact_match


def reading(adapter: Path) -> list[str | None]:
    return [reading.value for reading in getalwoord.Reader(adapter).read(["drie", "vier"])]


def measuring(adapter: Path) -> float:
    return getalwoord.evaluate(adapter).overall.exact_match
