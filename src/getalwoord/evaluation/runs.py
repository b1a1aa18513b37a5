"""Runs of `getalwoord train`, finished or not, read from their folders and drawn together."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from getalwoord.errors import DataError, InputError
from getalwoord.evaluation.plots import Curve, figure_in, measured
from getalwoord.files import disk_error

_METRICS, _DETAILS = "metrics.jsonl", "getalwoord.json"


@dataclass(frozen=True, slots=True)
class Run:
    """What a folder tells of its run.

    Attributes:
        curve: Its steps.
        summary: Step, loss, seconds, the last exact match on the validation set; and, of a run that
            has an adapter, all its scores.
    """

    curve: Sequence[Curve]
    summary: Mapping[str, Any]


def read_run(folder: Path) -> Run:
    """Read the metrics and scores of a run.

    Raises:
        InputError: The folder holds no run, or one of its files is damaged.
    """
    path = folder / _METRICS
    try:
        # The last line of a run that goes on may not be whole yet.
        lines = path.read_text(encoding="utf-8").rpartition("\n")[0].splitlines()
        details = folder / _DETAILS
        text = details.read_text(encoding="utf-8") if details.exists() else '{"scores": {}}'
    except FileNotFoundError as error:
        raise InputError(
            f"{folder} holds no steps of a run: give the --out folder of a run"
        ) from error
    except (OSError, UnicodeDecodeError) as error:
        if isinstance(error, OSError):
            raise disk_error(folder, error, "read") from error
        raise InputError(f"{path} is damaged: {error}") from error
    curve: list[Any] = []
    for number, line in enumerate(lines, start=1):
        try:
            record = json.loads(line)
            curve.append({**record, **{name: record[name] for name in Curve.__annotations__}})
        except (ValueError, KeyError, TypeError) as error:
            raise DataError(path, number, f"it is no step of a run ({error!r})") from error
    if not curve:
        raise InputError(f"{folder} holds no steps of a run yet: wait for its first")
    try:
        scores = dict(json.loads(text)["scores"])
    except (ValueError, KeyError, TypeError) as error:
        raise InputError(f"{folder / _DETAILS} is damaged: {error!r}") from error
    shares = (p["validation_exact_match"] for p in reversed(curve))
    match = next((share for share in shares if share is not None), None)
    last = {name: curve[-1].get(name) for name in ("step", "loss", "seconds")}
    return Run(curve, scores | last | {"validation_exact_match": match})


def plot_runs(path: Path, curves: Mapping[str, Sequence[Curve]]) -> None:
    """Draw loss, and exact match on the validation set, of runs one above the other, as PNG.

    Raises:
        InputError: The name is not that of a PNG file, or the file cannot be written.
    """
    if path.suffix.lower() != ".png":
        raise InputError(f"{path} is no name of a PNG file: give one that ends in .png")
    with figure_in(path, 2, sharex=True, figsize=(8, 6)) as (losses, matches):
        for name, curve in curves.items():
            losses.plot([p["step"] for p in curve], [p["loss"] for p in curve], label=name)
            points = measured(curve)
            matches.plot([p["step"] for p, _ in points], [share for _, share in points], marker="o")
        losses.set_ylabel("loss, mean of the epoch so far")
        losses.legend()
        matches.set_ylabel("exact match on the validation set, %")
        matches.set_xlabel("step")
