"""Numerals longer than any that the model was trained on, read in parts.

A model composes nothing that it was not trained on: trained below 10^6, it gets one in twelve
right beyond. But *drie miljoen twaalf* names its parts itself, *drie* and *twaalf*, and what they
are worth. So such a text is divided at its scales (*miljoen*, *miljard*, …), the model reads each
part, and the parts are put together exactly. The grammar reads none of them.
"""

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from itertools import pairwise

from getalwoord.numerals import cardinals
from getalwoord.numerals.corrections import Corrector
from getalwoord.numerals.language import AND, LEVELS, LIMIT, NEGATIVE
from getalwoord.numerals.meant import MARGIN
from getalwoord.numerals.words import plain
from getalwoord.reading.answers import Answer
from getalwoord.reading.decode import Answerer

_MOST = LEVELS[-1].most  # of which there may be: *twaalfhonderd miljoen*


@dataclass(frozen=True, slots=True)
class Division:
    """A long numeral in parts.

    Attributes:
        parts: The words of each; "" where a scale stands by itself and means one.
        scales: What one of each part is worth, the largest first.
        negative: Whether it is a negative number.
    """

    parts: tuple[str, ...]
    scales: tuple[int, ...]
    negative: bool

    @property
    def asked(self) -> tuple[str, ...]:
        """The parts that the model is asked for."""
        return tuple(part for part in self.parts if part)

    def drafts(self, whole: str | None) -> list[str | None]:
        """Divide a draft of the whole answer among the parts that are asked for."""
        if whole is None or not whole.removeprefix("-").isdecimal():
            return [None for _ in self.asked]
        left, drafts = abs(int(whole)), list[str | None]()
        for part, scale in zip(self.parts, self.scales, strict=True):
            amount, left = divmod(left, scale)
            drafts += [str(amount)] if part else []
        return drafts

    def together(self, answers: Sequence[Answer]) -> Answer | None:
        """Put the answers together; None if they are no parts of one number.

        Args:
            answers: To the parts that are asked for, in their order.
        """
        given = iter(answers)
        total, above = 0, LIMIT
        for part, scale in zip(self.parts, self.scales, strict=True):
            said = next(given).text if part else "1"
            amount = int(said) * scale if said.isdecimal() else 0
            if not 0 < amount < above or (scale > 1 and amount > _MOST * scale):
                return None
            total, above = total + amount, scale
        doubts = [answer.doubt for answer in answers if answer.doubt is not None]
        return Answer(
            f"-{total}" if self.negative else f"{total}",
            math.prod(answer.probability for answer in answers),
            1 - math.prod(1 - doubt for doubt in doubts) if doubts else None,
        )


class Divider:
    """Divides cardinals at the scales that are beyond what a model was trained on.

    Args:
        trained: The largest number that the model was trained on.
    """

    def __init__(self, trained: int) -> None:
        self._scales = {
            level.word: level.value for level in LEVELS if level.value > max(trained, 100)
        }
        self._corrector = Corrector(self._scales)
        # Joined to others they are found where they are right: *tweemiljoen*, but not *miljoenste*.
        words = "|".join(sorted(self._scales, key=len, reverse=True))
        self._joined = re.compile(rf"({words})(?!st)", re.IGNORECASE)

    def divide(self, text: str) -> Division | None:
        """Divide a numeral, right or misspelt.

        Returns:
            None where there is nothing to divide at, or words that are not those of cardinals.
        """
        words = self._joined.sub(r" \1 ", text.strip(" .,;:!?")).split()
        scales = [self._scale(plain(word)) for word in words]
        if max(scales, default=1) == 1:
            return None
        pairs = list(zip(words, scales, strict=True))
        if not all(scale > 1 or _is_of_cardinals(plain(word)) for word, scale in pairs):
            return None
        negative = plain(words[0]) in NEGATIVE
        parts, values, held = list[str](), list[int](), list[str]()
        for word, scale in [*pairs[negative:], ("", 1)]:
            if scale > 1 or (held and not word):
                parts.append(" ".join(held))
                values.append(scale)
                held = []
            elif held or plain(word) != AND:
                held.append(word)
        falling = all(before > after for before, after in pairwise(values))
        return Division(tuple(parts), tuple(values), negative) if falling and any(parts) else None

    def _scale(self, word: str) -> int:
        """Tell what a word is worth if it is a scale, perhaps misspelt; 1 for any other."""
        if word in self._scales:
            return self._scales[word]
        rows = [row for row in self._corrector.rows(word, misspelt=True) if len(row[1]) == 1]
        if not rows or (len(rows) > 1 and rows[1][0] <= rows[0][0] + MARGIN):
            return 1
        return self._scales[rows[0][1][0]]


def answer_in_parts(
    answerer: Answerer,
    texts: Sequence[str],
    drafts: Sequence[str | None],
    divider: Divider,
) -> list[tuple[Answer, tuple[str, ...]]]:
    """Answer texts, the long ones in parts.

    Args:
        answerer: Answers.
        texts: What to answer.
        drafts: What each answer may be; see `Answerer.answer`.
        divider: Divides the long ones.

    Returns:
        The answers, in their order, each with the parts that the model was asked for; none where it
        was asked for the whole.
    """
    divisions = [divider.divide(text) for text in texts]
    asked, guessed = list[str](), list[str | None]()
    for text, draft, division in zip(texts, drafts, divisions, strict=True):
        asked += [text] if division is None else division.asked
        guessed += [draft] if division is None else division.drafts(draft)
    answers = iter(answerer.answer(asked, guessed))
    found = dict[int, tuple[Answer, tuple[str, ...]]]()
    for number, division in enumerate(divisions):
        if division is None:
            found[number] = next(answers), ()
        elif together := division.together([next(answers) for _ in division.asked]):
            found[number] = together, division.asked
    whole = [number for number in range(len(texts)) if number not in found]
    if whole:
        again = answerer.answer([texts[n] for n in whole], [drafts[n] for n in whole])
        found |= {number: (answer, ()) for number, answer in zip(whole, again, strict=True)}
    return [found[number] for number in range(len(texts))]


@lru_cache(10_000)
def _is_of_cardinals(word: str) -> bool:
    """Tell whether a word is made of those of cardinals, perhaps misspelt."""
    known = word in cardinals.WORDS or word in NEGATIVE
    return known or next(_cardinals().rows(word, misspelt=True), None) is not None


@cache
def _cardinals() -> Corrector:
    return Corrector(cardinals.WORDS)
