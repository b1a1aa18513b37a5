"""What answers are worth: exact match by group with its uncertainty, and the kinds of error.

The kinds of error are those that studies of number transcoding tell apart: *lexical* ones, where a
digit is another one, *syntactic* ones, where the digits are right and their places are not, and
the *inversion* of units and tens, which languages that say *vierendertig* for 34 invite.

Source: Deloche and Seron 1982, "From three to 3", Brain 105; Zuber, Pixner, Moeller and Nuerk
2009, "On the language specificity of basic number processing", J. Exp. Child Psychology 102.
"""

import enum
import math
import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from getalwoord.data.examples import Example
from getalwoord.errors import InputError

_95_PER_CENT = 1.959963984540054  # standard deviations of the normal distribution, two-sided

_WHOLE_NUMBER = re.compile(r"([+-]?)([0-9]+|[0-9]{1,3}(?:[ .,'\u00a0\u202f][0-9]{3})+)")


class Outcome(enum.StrEnum):
    """What an answer is; the first that applies."""

    RIGHT = "right"
    EMPTY = "no answer"
    NOT_WHOLE = "no whole number"
    FORM = "right number in another form"  # 007, 1.000, +7
    SIGN = "wrong sign"
    INVERSION = "units and tens swapped"  # vierendertig: 43
    ZEROS = "zeros added, lost or misplaced"  # driehonderdvier: 3004, 34 or 340
    ORDER = "digits in another order"
    MAGNITUDE = "wrong number of digits"
    DIGIT = "one wrong digit"
    DIGITS = "several wrong digits"
    WRONG = "wrong"  # where the right response is no whole number, no more can be said


@dataclass(frozen=True, slots=True)
class Score:
    """How many answers were wholly right.

    Attributes:
        right: Answers that equal the response, character by character.
        total: All answers; at least one.
    """

    right: int
    total: int

    @property
    def exact_match(self) -> float:
        """Share of answers that were wholly right."""
        return self.right / self.total

    @property
    def interval(self) -> tuple[float, float]:
        """Wilson's 95 % confidence interval of the share."""
        return wilson_interval(self.right, self.total)


@dataclass(frozen=True, slots=True)
class Scores:
    """All that is measured of a set of answers.

    Attributes:
        overall: Of all examples.
        groups: By the names that `groups_of` gives; an example may be in several.
        outcomes: How many answers there were of each outcome, most frequent first.
        wrong: Every answer that was not right, in the order of the examples.
    """

    overall: Score
    groups: Mapping[str, Score]
    outcomes: Mapping[Outcome, int]
    wrong: Sequence[tuple[Example, str, Outcome]]


def score(pairs: Sequence[tuple[Example, str]]) -> Scores:
    """Score examples, each with the answer that was given.

    Raises:
        InputError: There are none.
    """
    if not pairs:
        raise InputError("there are no examples to score: give at least one")
    judged = [(example, answer, outcome_of(example, answer)) for example, answer in pairs]
    total: Counter[str] = Counter()
    right: Counter[str] = Counter()
    for example, _, outcome in judged:
        groups = groups_of(example)
        total.update(groups)
        if outcome is Outcome.RIGHT:
            right.update(groups)
    outcomes = Counter(outcome for _, _, outcome in judged)
    return Scores(
        overall=Score(outcomes[Outcome.RIGHT], len(judged)),
        groups={name: Score(right[name], total[name]) for name in sorted(total, key=_natural)},
        outcomes=dict(outcomes.most_common()),
        wrong=[item for item in judged if item[2] is not Outcome.RIGHT],
    )


def groups_of(example: Example) -> list[str]:
    """Name the groups that an example is in, by its kind and what is hard about its number.

    A number's *threes* are its digits by the thousand, as it is said: 34 and 567 in 34,567.

    - ``variant``, ``noise``, ``sentence``: how it is written, if not officially;
    - ``3 digits``: without the sign;
    - ``negative``;
    - ``round``: one digit and zeros, from 10;
    - ``inversion``: a three has its units said before its tens (*vierendertig*), 21 to 99;
    - ``trema``: the same with *twee* or *drie* as units (*drieëndertig*);
    - ``teen``: a three ends in 11 to 19;
    - ``inner zero``: a zero between other digits, which nothing in the numeral names.
    """
    form = [example.form] if example.form != "official" else []
    if example.value is None:
        return [example.kind, *form]
    figures = str(abs(example.value))
    padded = figures.zfill(-(-len(figures) // 3) * 3)
    ends = [padded[end - 2 : end] for end in range(3, len(padded) + 1, 3)]  # tens and units
    features = {
        "negative": example.value < 0,
        "round": len(figures) > 1 and not figures[1:].strip("0"),
        "inversion": any(end[0] > "1" and end[1] > "0" for end in ends),
        "trema": any(end[0] > "1" and end[1] in "23" for end in ends),
        "teen": any("11" <= end <= "19" for end in ends),
        "inner zero": "0" in figures.rstrip("0"),
    }
    length = "1 digit" if len(figures) == 1 else f"{len(figures)} digits"
    return [example.kind, length, *form, *(name for name, holds in features.items() if holds)]


def outcome_of(example: Example, answer: str) -> Outcome:
    """Tell whether an answer is right, and if not, what went wrong.

    >>> str(outcome_of(Example("vierendertig", "34", value=34), "43"))
    'units and tens swapped'
    """
    if answer == example.response:
        return Outcome.RIGHT
    if not answer.strip():
        return Outcome.EMPTY
    if example.value is None:
        return Outcome.WRONG
    number = _WHOLE_NUMBER.fullmatch(answer.strip())
    if not number:
        return Outcome.NOT_WHOLE
    # Figures as text, never as a number: a model may answer more digits than Python will read.
    given = re.sub("[^0-9]", "", number[2]).lstrip("0") or "0"
    wanted = str(abs(example.value))
    same_sign = (number[1] == "-") == (example.value < 0) or given == wanted == "0"
    if given == wanted:
        return Outcome.FORM if same_sign else Outcome.SIGN
    return _difference(wanted, given)


def wilson_interval(right: int, total: int) -> tuple[float, float]:
    """95 % confidence interval of a share, sound for small numbers and near 0 and 1, too.

    Args:
        right: How many of `total`, from 0 to `total`.
        total: At least 1.

    Source: Wilson 1927, "Probable inference", J. American Statistical Association 22
    """
    z2 = _95_PER_CENT**2
    share = right / total
    centre = share + z2 / (2 * total)
    reach = math.sqrt(z2 * (share * (1 - share) / total + z2 / (4 * total**2)))
    scale = 1 + z2 / total
    # At the ends the interval reaches 0 and 1 exactly; rounding must not take it past or short.
    low = 0.0 if right == 0 else (centre - reach) / scale
    high = 1.0 if right == total else (centre + reach) / scale
    return low, high


def _difference(wanted: str, given: str) -> Outcome:
    """Compare two different numbers in figures, without sign or leading zeros."""
    if _are_inverted(wanted, given):
        return Outcome.INVERSION
    if wanted.replace("0", "") == given.replace("0", ""):
        return Outcome.ZEROS
    if sorted(wanted) == sorted(given):
        return Outcome.ORDER
    if len(wanted) != len(given):
        return Outcome.MAGNITUDE
    differing = sum(ours != theirs for ours, theirs in zip(wanted, given, strict=True))
    return Outcome.DIGIT if differing == 1 else Outcome.DIGITS


def _are_inverted(wanted: str, given: str) -> bool:
    """Tell whether two numbers differ only in threes whose tens and units changed places."""
    if len(wanted) != len(given):
        return False
    for end in range(len(wanted), 0, -3):
        ours, theirs = wanted[max(0, end - 3) : end], given[max(0, end - 3) : end]
        swapped = ours[:-2] + ours[-1] + ours[-2:-1]
        # With a zero among the two there is no such numeral: dertig says nothing before its tens.
        if ours != theirs and (theirs != swapped or "0" in ours[-2:]):
            return False
    return True


def _natural(name: str) -> tuple[int, str]:
    """Sort by the number that a name begins with, names without one first."""
    return int(re.match("[0-9]*", name)[0] or 0), name  # type: ignore[index]
