"""What stands in the slots of forms: cardinals, ordinals, digits, and what is either of some."""

from collections.abc import Callable, Iterator
from decimal import Decimal
from fractions import Fraction
from typing import Any

from getalwoord.numerals import cardinals
from getalwoord.numerals.cardinals import Style
from getalwoord.numerals.forms import Form, Kind
from getalwoord.numerals.language import LIMIT, NEGATIVE, UNITS, ZERO
from getalwoord.numerals.patterns import ORDINAL, Found, Slot, Words, Writing
from getalwoord.numerals.values import EXACT, is_negative


class Cardinals:
    """Whole numbers in a range.

    Args:
        least: The smallest.
        most: The largest.
    """

    cues: frozenset[str] = frozenset()  # too many to tell by
    vocabulary = cardinals.WORDS
    first = last = cardinals.CARDINAL_WORDS

    def __init__(self, least: int = 0, most: int = LIMIT - 1) -> None:
        self._least, self._most = least, most

    def read(self, words: Words, at: int, *, whole: bool = False) -> list[Found]:
        """Read the cardinals that begin at a word, the longest first."""
        found = words.cardinals(at)
        if whole:
            found = found[-1:] if found and found[-1][1] == len(words.words) else []
        return [
            (value, end)
            for value, end, ordinal in reversed(found)
            if not ordinal and self._least <= value <= self._most
        ]

    def writings(self, value: Any, style: Style) -> Iterator[Writing]:
        """Write a number in the range."""
        if isinstance(value, int) and self._least <= value <= self._most:
            yield cardinals.write(value, style), ""


class Ordinals:
    """Ordinals (*rangtelwoorden*) in a range, in the singular or plural.

    Args:
        least: The smallest.
        most: The largest.
        plural: Whether they are written in the plural, too, as denominators may be: *twee derden*.
    """

    cues = frozenset({ORDINAL})
    vocabulary = cardinals.WORDS
    first = cardinals.CARDINAL_WORDS | cardinals.ORDINAL_WORDS
    last = cardinals.ORDINAL_WORDS

    def __init__(self, least: int = 0, most: int = LIMIT - 1, *, plural: bool = False) -> None:
        self._least, self._most, self._plural = least, most, plural

    def read(self, words: Words, at: int, *, whole: bool = False) -> list[Found]:
        """Read the ordinal that begins at a word."""
        if not (found := words.cardinals(at)):
            return []
        value, end, ordinal = found[-1]
        return [(value, end)] if ordinal and self._least <= value <= self._most else []

    def writings(self, value: Any, style: Style) -> Iterator[Writing]:
        """Write an ordinal in the range."""
        if not (isinstance(value, int) and self._least <= value <= self._most):
            return
        official = cardinals.write_ordinal(value, style)
        yield official, ""
        if self._plural:
            yield official + cardinals.PLURAL, "plural"
        for other in cardinals.other_ordinals(official):
            yield other, "regular ending"


class ManyMillionths:
    """Millionths and the like of which there are more: only the plural tells them from ordinals.

    *Twee miljoenste* is the 2,000,000th. They are read as other ordinals are.
    """

    cues, vocabulary = Ordinals.cues, Ordinals.vocabulary
    first, last = Ordinals.first, Ordinals.last

    def read(self, words: Words, at: int, *, whole: bool = False) -> list[Found]:
        """Read nothing."""
        return []

    def writings(self, value: Any, style: Style) -> Iterator[Writing]:
        """Write the plural."""
        if value in cardinals.SINGLE_LEVELS:
            yield cardinals.write_ordinal(value, style) + cardinals.PLURAL, ""


_DIGIT_OF = {word: str(value) for value, word in UNITS.items()} | {ZERO: "0"}
_WORD_OF = {digit: word for word, digit in _DIGIT_OF.items()}


def digits_at(words: Words, at: int) -> tuple[str, int]:
    """Read digits that are said one by one, as many as there are."""
    end = at
    while end < len(words.words) and words.words[end] in _DIGIT_OF:
        end += 1
    return "".join(_DIGIT_OF[word] for word in words.words[at:end]), end


def said_one_by_one(digits: str) -> str:
    """Write digits in words, one by one."""
    return " ".join(_WORD_OF[digit] for digit in digits)


class Either:
    """What any of some slots can hold, the first that can being official.

    Args:
        slots: In order of preference.
        convert: Makes of a value what the slots know: of a whole decimal a cardinal.
    """

    def __init__(self, *slots: Slot, convert: Callable[[Any], Any] = lambda value: value) -> None:
        self._slots, self._convert = slots, convert
        cues = [slot.cues for slot in slots]
        self.cues = frozenset().union(*cues) if all(cues) else frozenset()
        self.vocabulary = frozenset().union(*(slot.vocabulary for slot in slots))
        self.first = frozenset().union(*(slot.first for slot in slots))
        self.last = frozenset().union(*(slot.last for slot in slots))

    def read(self, words: Words, at: int, *, whole: bool = False) -> list[Found]:
        """Read all that any of them can."""
        return [found for slot in self._slots for found in words.remembered(slot, at, whole=whole)]

    def writings(self, value: Any, style: Style) -> Iterator[Writing]:
        """Write a value by each of them that can."""
        otherwise = ""
        for slot in self._slots:
            for text, name in slot.writings(self._convert(value), style):
                yield text, name or otherwise
                otherwise = "in other words"


def signed(slot: Slot) -> Kind:
    """Make a kind that has negative values, too, of one that has none."""
    return Kind(
        [
            Form("{unsigned}", lambda value: value, lambda v: None if is_negative(v) else (v,)),
            Form(
                f"{'|'.join(NEGATIVE)} {{unsigned}}",
                lambda value: None if value == (other := negated(value)) else other,
                lambda value: (negated(value),) if is_negative(value) else None,
            ),
        ],
        {"unsigned": slot},
    )


def negated(value: Any) -> Any:
    """Give a value with the other sign, unrounded."""
    return EXACT.minus(value) if isinstance(value, Decimal) else -value


def exact_decimal(value: int | Fraction | Decimal) -> Decimal | None:
    """Give a number as a decimal, exactly; None if it has no end."""
    if not isinstance(value, Fraction):
        return Decimal(value)
    below = value.denominator
    for factor in (2, 5):
        while below % factor == 0:
            below //= factor
    return EXACT.divide(Decimal(value.numerator), value.denominator) if below == 1 else None


def whole_if_whole(value: Any) -> Any:
    """Make an integer of a decimal or fraction that is one."""
    return int(value) if isinstance(value, Decimal | Fraction) and value == int(value) else value
