"""How a value is known: exact, near or unproven.

The grammar is exact and independent of the model. Where a text is misspelt, the two must agree: the
model's answer is proven if the text is near to a way of writing that very value, and any other
value is farther by a margin. The distance is that of `numerals.corrections`: what people,
recognisers and scanners do is cheap, *drie* for *vier* is not. It is computed over all that the
grammar reads, which no list could hold.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from getalwoord.errors import AdapterError
from getalwoord.numerals import Correction, How, Value, apart, notation, same_value

CALIBRATION = "calibration.json"

#: How much farther than the nearest value rivals are looked for
REACH = 0.8


@dataclass(frozen=True, slots=True)
class Thresholds:
    """From when on a misspelt text counts as near to a value.

    Attributes:
        distance: The most that the mistakes may cost.
        margin: By how much any other value must be farther, at most `REACH`.
        probability: The least that the model must give its answer; 0 without a model.
        precision: The share of near values that was to be right when these were chosen.
    """

    distance: float = 1.2
    margin: float = 0.6
    probability: float = 0.0
    precision: float = 0.99

    @classmethod
    def load(cls, folder: Path) -> "Thresholds":
        """Read what was chosen for an adapter; the defaults where nothing was.

        Raises:
            AdapterError: The file is damaged.
        """
        path = folder / CALIBRATION
        try:
            found = json.loads(path.read_text(encoding="utf-8"))["thresholds"]
            return cls(**{name: float(number) for name, number in found.items()})
        except FileNotFoundError:
            return cls()
        except (OSError, ValueError, TypeError, KeyError, AttributeError) as error:
            raise AdapterError(f"{path} is damaged ({error}): calibrate again") from error


@dataclass(frozen=True, slots=True)
class Proof:
    """What decided how a value is known.

    Attributes:
        how: "near" or "unproven"; "exact" if the grammar read the text as it is.
        distance: Of the text to the value; None if it is not near to it at all.
        rival: The nearest other value in figures; None if there is none within reach.
        rival_distance: Of the text to that one.
    """

    how: How
    distance: float | None = None
    rival: str | None = None
    rival_distance: float | None = None


def prove(
    value: Value, corrections: Sequence[Correction], thresholds: Thresholds, *, sure: bool = True
) -> Proof:
    """Tell how a value of a misspelt text is known.

    Args:
        value: What it was read as.
        corrections: What it may be meant to be, the nearest first, as far as `REACH` goes.
        thresholds: When that counts.
        sure: Whether the model, if one was asked, answers the same with enough probability.
    """
    own = next((one.distance for one in corrections if same_value(one.numeral.value, value)), None)
    rival = next((one for one in corrections if not same_value(one.numeral.value, value)), None)
    near = (
        sure
        and own is not None
        and own <= thresholds.distance
        and (REACH if rival is None else apart(own, rival.distance)) >= thresholds.margin
    )
    return Proof(
        "near" if near else "unproven",
        own,
        None if rival is None else notation(rival.numeral.value),
        None if rival is None else rival.distance,
    )
