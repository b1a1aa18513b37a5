"""`getalwoord eval --trust`: how often each way of knowing a value is right."""

import json
import math
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path

from getalwoord.adapter import Adapter
from getalwoord.data.examples import Example
from getalwoord.evaluation.plots import plot_trust
from getalwoord.evaluation.scores import Score
from getalwoord.evaluation.trust import (
    choose_thresholds,
    draw_noisy,
    judge,
    reliability,
    risk_coverage,
    save_thresholds,
    shares,
    trust_table,
)
from getalwoord.files import write_text
from getalwoord.numerals import KINDS
from getalwoord.reading.proof import Thresholds
from getalwoord.reading.reader import Reader

_MAXIMUM = 999_999  # of cardinals, where no recipe says so
_COUNT = 130  # texts of each kind: ten of each noise, and ten clean
_FOR_EACH_WRONG = 20  # texts to choose thresholds by, for each that may be wrong
_STRENGTHS = (1, 2)  # of texts to choose thresholds by: what is read has more than one mistake, too


def measure_trust(
    adapter: Path | None,
    *,
    count: int | None,
    strength: int,
    precision: float | None,
    seed: int,
    base: str | None,
    dtype: str,
    out: Path | None,
    as_json: bool,
) -> None:
    """Measure and print, and with a precision choose thresholds and store them.

    Args:
        adapter: The folder of a run; None for the grammar alone.
        count: Texts of each kind; None for 130, and for as many as a precision asks for.
        strength: Mistakes in a text of those measured on.
        precision: What share of near values is to be right; None keeps the thresholds.
        seed: Draws the texts.
        base: Another name for the adapter's base.
        dtype: Of the base.
        out: Folder for trust.json and trust.png.
        as_json: Print the result as JSON.

    Raises:
        InputError: The adapter cannot be used, or a file cannot be written.
    """
    kinds, maximum = tuple(KINDS), _MAXIMUM
    if adapter is not None:
        recipe = Adapter.load(adapter).recipe
        kinds, maximum = recipe.kinds, recipe.maximum
    with Reader(adapter, base=base, dtype=dtype) as reader:

        def draw(
            part: str, each: int, mistakes: int, *, held_back: bool
        ) -> list[tuple[str, Example]]:
            return list(
                draw_noisy(
                    kinds,
                    count=each,
                    strength=mistakes,
                    maximum=maximum,
                    seed=f"{seed} trust {part}",
                    held_back=held_back,
                )
            )

        thresholds = reader.thresholds
        if precision is not None:
            needed = math.ceil(_FOR_EACH_WRONG / (1 - precision) / len(kinds))
            each = math.ceil((count or max(_COUNT, needed)) / len(_STRENGTHS))
            judged = [
                one
                for mistakes in _STRENGTHS
                for one in judge(
                    reader, draw(f"validation {mistakes}", each, mistakes, held_back=False)
                )
            ]
            thresholds, near = choose_thresholds(judged, precision)
            if adapter is not None:
                save_thresholds(adapter, thresholds, near)
            reader.thresholds = thresholds
        drawn = draw("test", count or _COUNT, strength, held_back=True)
        judged = judge(reader, drawn)
        curves = {"grammar, model and proof": risk_coverage(judged)}
        alone = judge(reader.asking("model"), drawn) if adapter is not None else []
        curves |= {"model alone": risk_coverage(alone)} if alone else {}
        curves["grammar alone"] = risk_coverage(judge(reader.asking("grammar"), drawn))
    groups = {
        "all": shares(judged, lambda one: "all")["all"],
        **shares(judged, lambda one: one.kind),
        **{f"noise: {name}": ways for name, ways in shares(judged, lambda o: o.noise).items()},
    }
    record = _record(groups, thresholds, len(judged))
    if out is not None:
        write_text(out / "trust.json", json.dumps(record, indent=1) + "\n")
        plot_trust(out / "trust.png", reliability(alone), curves)
    print(json.dumps(record) if as_json else trust_table(groups))


def _record(
    groups: Mapping[str, Mapping[str, Score]], thresholds: Thresholds, texts: int
) -> dict[str, object]:
    return {
        "texts": texts,
        "thresholds": asdict(thresholds),
        "groups": {
            name: {way: {"right": s.right, "total": s.total} for way, s in ways.items()}
            for name, ways in groups.items()
        },
    }
