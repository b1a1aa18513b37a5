"""Other programs write the same numerals.

Spaces and acute accents are left out of the comparison: both witnesses write no space after
*duizend*, and num2words writes *honderdéén* (the Leidraad has the space, and no accents in
compounds). The trema, which both write, is compared. No other disagreement was found, so none is
listed.
"""

import functools
import random
import re
import unicodedata

import pytest
from num2words import num2words
from num2words.lang_NL import Num2Word_NL
from unicode_rbnf import RbnfEngine

from getalwoord.numerals import parse, spell

pytestmark = [pytest.mark.witness, pytest.mark.slow]

RANGES = {
    "to a million": [*range(20_000), *range(20_000, 1_000_001, 7)],
    "random below 10^18": random.Random(0).sample(range(10**18), 20_000),
}


def rule_based():
    """ICU's `nl` spell-out rules; the parts below a thousand are computed once."""
    engine = RbnfEngine.for_language("nl")
    parts = engine.iter_format_number
    small = functools.cache(lambda number, rules: tuple(parts(number, rules)))

    def remembering(number, ruleset_name, radix=None, tolerance=0.0):
        return small(number, ruleset_name) if number < 1000 else parts(number, ruleset_name)

    engine.iter_format_number = remembering
    return lambda number: "".join(remembering(number, "spellout-cardinal")).replace("\u00ad", "")


def by_num2words():
    """num2words' own converter; the parts below a thousand are computed once."""
    converter = Num2Word_NL()
    parts = converter.splitnum
    small = functools.cache(lambda number: [converter.clean(parts(number))])
    converter.splitnum = lambda number: small(number) if number < 1000 else parts(number)
    return converter.to_cardinal


def bare(text):
    decomposed = unicodedata.normalize("NFD", text)
    return re.sub("[\u0301 ]", "", decomposed)


@pytest.mark.parametrize("numbers", RANGES.values(), ids=RANGES)
@pytest.mark.parametrize("witness", [rule_based, by_num2words])
def test_witnesses_write_the_same_numerals(witness, numbers):
    write = witness()
    for number in numbers:
        theirs = write(number)
        assert bare(spell(number)) == bare(theirs)
        assert parse(theirs) == number


def test_what_is_remembered_changes_no_witness():
    engine, fast, remembered = RbnfEngine.for_language("nl"), rule_based(), by_num2words()
    for number in (*range(2000), *RANGES["random below 10^18"][:1000]):
        assert fast(number) == engine.format_number(number).text
        assert remembered(number) == num2words(number, lang="nl")
