"""Which answers there are: the notation of every kind of value as a regular expression.

`values.answer_of` writes such answers and `values.value_of_answer` reads every one of them. The
expressions are bounded, so that an answer comes to an end, and use no more than what automata can
follow: no looking ahead, no references.
"""

from collections.abc import Mapping, Sequence

from getalwoord.errors import InputError
from getalwoord.numerals.kinds.money import CURRENCIES

_DIGITS = 36  # of the largest number that has a word, 10^36

_POSITIVE = f"[1-9][0-9]{{0,{_DIGITS}}}"
_WHOLE = f"(?:0|{_POSITIVE})"
_PLACES = f"\\.[0-9]{{1,{_DIGITS}}}"
_AMOUNT = f"-?{_WHOLE}(?:{_PLACES})?"
_UNITS = "|".join(dict.fromkeys(currency.unit for currency in CURRENCIES))

_MONTH_DAY = (
    "(?:(?:0[13578]|1[02])-(?:0[1-9]|[12][0-9]|3[01])"
    "|(?:0[469]|11)-(?:0[1-9]|[12][0-9]|30)"
    "|02-(?:0[1-9]|1[0-9]|2[0-8]))"
)
_YEAR = "(?:[1-9][0-9]{3}|0[1-9][0-9]{2}|00[1-9][0-9]|000[1-9])"
_IN_FOUR = "0[48]|[2468][048]|[13579][26]"  # last two digits that four divides, but for 00
_LEAP_YEAR = f"(?:[0-9]{{2}}(?:{_IN_FOUR})|(?:{_IN_FOUR})00)"

#: By kind of numeral
ANSWERS: Mapping[str, str] = {
    "cardinal": _WHOLE,
    "negative": f"-{_POSITIVE}",
    "decimal": f"-?{_WHOLE}{_PLACES}",
    "ordinal": _WHOLE,
    # With a half or quarters it is answered as a decimal.
    "fraction": f"-?(?:{_POSITIVE} )?{_POSITIVE}/(?:[2-9]|[1-9][0-9]{{1,{_DIGITS}}})"
    f"|-?{_WHOLE}\\.(?:5|25|75)",
    "percentage": f"{_AMOUNT} [%‰]",
    "money": f"{_AMOUNT} (?:{_UNITS})",
    "year": "-?[1-9][0-9]{0,3}",
    "time": "(?:[01][0-9]|2[0-3]):[0-5][0-9]",
    "date": f"(?:{_YEAR}-|--){_MONTH_DAY}|(?:{_LEAP_YEAR}|-)-02-29",
    "multiplier": f"{_WHOLE}(?:{_PLACES})?",
    "digits": f"[0-9]{{1,{_DIGITS + 4}}}",
}


def answers_of_kinds(kinds: Sequence[str]) -> str:
    """Give a regular expression that the answers of some kinds match, and no other text.

    Raises:
        InputError: There is no such kind, or there are none.

    >>> import re
    >>> pattern = answers_of_kinds(["fraction", "time"])
    >>> [bool(re.fullmatch(pattern, text)) for text in ("3 2/3", "24:00")]
    [True, False]
    """
    for kind in kinds:
        if kind not in ANSWERS:
            raise InputError(f'there is no kind "{kind}": give one of {", ".join(ANSWERS)}')
    if not kinds:
        raise InputError("give a kind of numeral")
    return "|".join(f"(?:{pattern})" for pattern in dict.fromkeys(map(ANSWERS.get, kinds)))
