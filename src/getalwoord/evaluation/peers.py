"""Other programs that read Dutch numerals, each called as its own documentation says.

A peer gives an answer in our notation, so that it is measured like an adapter. One that is not
installed is left out. What a peer does not know at all, such as clock times, it answers wrongly or
not at all; that is what is measured.
"""

import importlib.util
import re
from collections.abc import Callable, Mapping
from functools import cache
from typing import Any

#: A text in, an answer out; "" for none
Peer = Callable[[str], str]

_SEARCHED = 100_000  # numbers that num2words is asked for; it takes half a minute
_NUMBER = re.compile(r"-?\d+(?:[.,/]\d+)?")


def installed_peers() -> Mapping[str, Peer]:
    """Give the peers that are installed, by name."""
    return {
        name: peer
        for name, (module, peer) in _PEERS.items()
        if importlib.util.find_spec(module) is not None
    }


def by_text2num(text: str) -> str:
    """Ask text2num: its `alpha2digit` writes figures into a text, from the smallest number on.

    Source: https://github.com/allo-media/text2num, "Find and transcribe"
    """
    from text_to_num import alpha2digit

    written: str = alpha2digit(text, "nl", threshold=0)
    if re.fullmatch(r"[0-9 ]+", written):
        return written.replace(" ", "") if written.startswith("0") else written
    found = _NUMBER.findall(written)
    if len(found) != 1:
        return ""
    unit = next((unit for word, unit in _UNITS.items() if f"{found[0]} {word}" in written), "")
    return f"{found[0].replace(',', '.')} {unit}".strip()


_UNITS = {
    "procent": "%",
    "promille": "‰",
    "euro": "EUR",
    "dollar": "USD",
    "pond": "GBP",
    "gulden": "NLG",
}


def by_num2words(text: str) -> str:
    """Search what num2words writes: the numbers to 99,999 as cardinals, ordinals and years.

    Source: https://github.com/savoirfairelinux/num2words, "Usage"
    """
    return _written_by_num2words().get(text.strip().lower(), "")


@cache
def _written_by_num2words() -> dict[str, str]:
    from num2words import num2words

    written: dict[str, str] = {}
    for number in range(_SEARCHED):
        for kind in ("cardinal", "ordinal"):
            written.setdefault(num2words(number, lang="nl", to=kind), str(number))
        if 1000 <= number < 2100:
            written.setdefault(num2words(number, lang="nl", to="year"), str(number))
        written.setdefault(num2words(-number, lang="nl"), str(-number))
    return written


def by_icu(text: str) -> str:
    """Ask ICU's lenient parser by its rules for spelling out.

    Source: https://unicode-org.github.io/icu/userguide/format_parse/numbers/rbnf.html
    """
    import icu

    formatter = _icu_formatter()
    try:
        number = formatter.parse(text.strip().lower())
    except icu.ICUError:
        return ""
    value = number.getDouble() if number.getType() == icu.Formattable.kDouble else number.getInt64()
    return str(value)


@cache
def _icu_formatter() -> Any:
    import icu

    formatter = icu.RuleBasedNumberFormat(icu.URBNFRuleSetTag.SPELLOUT, icu.Locale("nl"))
    formatter.setLenient(True)
    return formatter


def by_ovos(text: str) -> str:
    """Ask ovos-number-parser for the number in a text.

    Source: https://github.com/OpenVoiceOS/ovos-number-parser, "Extract Number"
    """
    from ovos_number_parser import extract_number

    number = extract_number(text, lang="nl-nl")
    if number is None or number is False:
        return ""
    return str(int(number)) if number == int(number) else str(number)


_PEERS: Mapping[str, tuple[str, Peer]] = {
    "text2num": ("text_to_num", by_text2num),
    "num2words": ("num2words", by_num2words),
    "ICU": ("icu", by_icu),
    "ovos-number-parser": ("ovos_number_parser", by_ovos),
}
