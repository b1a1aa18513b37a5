"""How far readings can be trusted: how often each way of knowing a value is right.

Source: El-Yaniv and Wiener 2010, "On the Foundations of Noise-free Selective Classification",
https://jmlr.org/papers/v11/el-yaniv10a.html, for risk and coverage; Guo et al. 2017, "On
Calibration of Modern Neural Networks", https://arxiv.org/abs/1706.04599, for reliability.
"""

import itertools
import json
import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from getalwoord.data.examples import Example
from getalwoord.data.mixture import Maker
from getalwoord.data.values import draw_values, is_free
from getalwoord.evaluation.scores import Score
from getalwoord.files import write_text
from getalwoord.numerals import NOISES, apart, same_value, value_of, value_of_answer
from getalwoord.reading.proof import CALIBRATION, REACH, Thresholds
from getalwoord.reading.reader import Reader
from getalwoord.reading.readings import Reading

CLEAN = "none"  # the name of no noise
WAYS = ("exact", "near", "unproven")

_DISTANCES = (0.3, 0.4, 0.6, 0.8, 1.0, 1.2, 1.6)
_MARGINS = (0.2, 0.4, 0.6, REACH)
_PROBABILITIES = (0.0, 0.5, 0.8, 0.9, 0.95, 0.99, 0.999)
_UNLIKE = 2  # times as many are wrong where mistakes are unlike those of validation data


@dataclass(frozen=True, slots=True)
class Judged:
    """A reading and whether it was right.

    Attributes:
        kind: The kind of numeral that the text was made of.
        noise: What was done to it; `CLEAN` for nothing.
        reading: What it was read as.
        right: Whether value and unit are those it was made of.
    """

    kind: str
    noise: str
    reading: Reading
    right: bool


def draw_noisy(
    kinds: Sequence[str], *, count: int, strength: int, maximum: int, seed: str, held_back: bool
) -> Iterator[tuple[str, Example]]:
    """Draw numerals of each kind, clean and with each noise in turn; gives noise and example.

    Args:
        kinds: Names of `numerals.KINDS`.
        count: How many of each kind, all noises and none together.
        strength: How many mistakes of its noise a text has, where there is room for them.
        maximum: The largest cardinal.
        seed: The same seed draws the same.
        held_back: Whether the mistakes are of patterns that no training set has.
    """
    names = (CLEAN, *NOISES)
    for kind in kinds:
        makers = {
            name: Maker(
                kind,
                noises=[] if name == CLEAN else [name],
                strength=strength,
                sentences=0.0,
                seed=f"{seed} {name}",
                held_back=held_back,
                exactly=True,
            )
            for name in names
        }
        left, number = count, 0
        while left:
            values = draw_values(
                kind,
                min(left, _FEWEST),
                maximum=maximum,
                seed=f"{seed} {kind} {left}",
                only=is_free,
            )
            left -= len(values)
            for value in values:
                name = names[number % len(names)]
                number += 1
                example = makers[name].example(value, number)
                yield name if example.form == "noise" else CLEAN, example


_FEWEST = 250  # values that every kind has


def judge(reader: Reader, drawn: Sequence[tuple[str, Example]]) -> list[Judged]:
    """Read examples, and tell which readings are right."""
    readings = reader.iter_read(example.instruction for _, example in drawn)
    return [
        Judged(example.kind, noise, reading, _says(reading, example.response))
        for (noise, example), reading in zip(drawn, readings, strict=True)
    ]


def shares(
    judged: Sequence[Judged], by: Callable[[Judged], str]
) -> Mapping[str, Mapping[str, Score]]:
    """Count the readings of each group by how they are known, and how many of them are right.

    Returns:
        By group and way of `WAYS`; a way that no reading of a group has is left out.
    """
    counted: dict[str, dict[str, list[bool]]] = {}
    for one in judged:
        if one.reading.how is not None:
            counted.setdefault(by(one), {}).setdefault(one.reading.how, []).append(one.right)
    return {
        group: {way: Score(sum(ways[way]), len(ways[way])) for way in WAYS if way in ways}
        for group, ways in counted.items()
    }


def trust_table(groups: Mapping[str, Mapping[str, Score]]) -> str:
    """Draw groups down, and for each way its share of what was read and how much of it is right."""
    rows = [["", "texts", *(f"{way}: share | right" for way in WAYS)]]
    rows.append(["---", *["---:"] * (1 + 2 * len(WAYS))])
    for name, ways in groups.items():
        total = sum(score.total for score in ways.values())
        cells = []
        for way in WAYS:
            score = ways.get(way)
            cells += (
                ["0 %", "–"]
                if score is None
                else [f"{score.total / total:.1%}", f"{score.exact_match:.2%}"]
            )
        rows.append([name, str(total), *cells])
    return "\n".join(f"| {' | '.join(row)} |" for row in rows)


def choose_thresholds(judged: Sequence[Judged], precision: float) -> tuple[Thresholds, Score]:
    """Choose when a misspelt text counts as near, for as many as can be at a precision.

    One wrong reading more than there were is reckoned with, so that a few without one prove
    nothing, and then twice as many: people's mistakes are of other patterns than those of
    validation data. Where the precision cannot be had, it is the thresholds that come nearest to
    it.

    Args:
        judged: Readings of validation data.
        precision: The share of near values that is to be right, below 1.

    Returns:
        The thresholds, and what is near by them.
    """
    cases = [case for one in judged if (case := _case(one)) is not None]
    best: tuple[tuple[float, int], Thresholds, Score] | None = None
    for distance, margin, probability in itertools.product(_DISTANCES, _MARGINS, _PROBABILITIES):
        kept = [
            right
            for own, apart, sure, right in cases
            if own <= distance and apart >= margin and sure >= probability
        ]
        if not kept:
            continue
        score = Score(sum(kept), len(kept))
        feared = _UNLIKE * (score.total - score.right + 1) / (score.total + 1)
        order = (-max(feared, 1 - precision), score.total)
        if best is None or order > best[0]:
            best = order, Thresholds(distance, margin, probability, precision), score
    if best is None:
        return Thresholds(precision=precision), Score(0, 0)
    return best[1], best[2]


def _case(one: Judged) -> tuple[float, float, float, bool] | None:
    """Give distance, margin, probability and whether it is right, if it can be near at all."""
    reading = one.reading
    if reading.how == "exact" or reading.distance is None or not agrees(reading):
        return None
    rival = reading.rival_distance
    margin = REACH if rival is None else apart(reading.distance, rival)
    sure = 1.0 if reading.probability is None else reading.probability
    return reading.distance, margin, sure, one.right


def agrees(reading: Reading) -> bool:
    """Tell whether the model, if it was asked, said what the text was read as."""
    return reading.answer is None or _says(reading, reading.answer)


def _says(reading: Reading, answer: str) -> bool:
    if reading.value is None:
        return False
    return same_value(value_of(reading.value, reading.unit), value_of_answer(answer))


def risk_coverage(judged: Sequence[Judged]) -> list[tuple[float, float]]:
    """Give coverage and risk, the surest readings first: the shares kept, and wrong of these."""
    ordered = sorted(judged, key=lambda one: _sureness(one.reading), reverse=True)
    curve, wrong = [], 0
    for number, one in enumerate(ordered, start=1):
        if one.reading.value is None:
            break
        wrong += not one.right
        curve.append((number / len(judged), wrong / number))
    return curve


def _sureness(reading: Reading) -> tuple[float, float, float]:
    if reading.how is None:
        return (-1.0, 0.0, 0.0)
    probability = 1.0 if reading.probability is None else reading.probability
    distance = REACH if reading.distance is None else reading.distance
    return (-float(WAYS.index(reading.how)), probability, -distance)


def reliability(judged: Sequence[Judged], bins: int = 10) -> list[tuple[float, float, int]]:
    """Give mean probability, share right and number of the model's answers, by probability."""
    sorted_in: dict[int, list[tuple[float, bool]]] = {}
    for one in judged:
        probability = one.reading.probability
        if probability is not None:
            place = min(bins - 1, math.floor(probability * bins))
            sorted_in.setdefault(place, []).append((probability, one.right))
    return [
        (
            sum(probability for probability, _ in inside) / len(inside),
            sum(right for _, right in inside) / len(inside),
            len(inside),
        )
        for _, inside in sorted(sorted_in.items())
    ]


def save_thresholds(folder: Path, thresholds: Thresholds, near: Score) -> None:
    """Store thresholds with an adapter, where a `Reader` finds them.

    Raises:
        InputError: The folder cannot be written to.
    """
    record = {
        "thresholds": asdict(thresholds),
        "validation": {"near": near.total, "right": near.right},
    }
    write_text(folder / CALIBRATION, json.dumps(record, indent=2) + "\n")
