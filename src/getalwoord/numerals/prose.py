"""How running Dutch is told from a numeral, which may be badly misspelt."""

from itertools import islice

from getalwoord.numerals.context import OF_SENTENCES
from getalwoord.numerals.meant import is_like_word
from getalwoord.numerals.running import WORD, split_word
from getalwoord.numerals.sentences import normalise

_TOLD_BY = 2  # letters; so short a word may be what is left of any
_FEW_WORDS = 6
_ENOUGH_WORDS = 100  # a numeral has fewer


def has_other_words(text: str) -> bool:
    """Tell whether a text has several words, and some of them are not made of those of numerals."""
    words = [word[0] for word in islice(WORD.finditer(text), _ENOUGH_WORDS)]
    return len(words) > 1 and any(split_word(word) is None for word in words)


def is_prose(text: str) -> bool:
    """Tell whether a text is a sentence, and not a badly misspelt numeral of several words.

    A sentence has a word that no numeral comes near to, and a numeral. Or one word in six at least
    is not even like those of numerals; there are two such words, or one beside a numeral.
    """
    if is_told_by_a_word(text) and normalise(text).found:
        return True
    words = [word[0] for word in islice(WORD.finditer(text), _ENOUGH_WORDS)]
    strange = [word for word in words if len(word) > _TOLD_BY and not is_like_word(word)]
    if len(words) > _FEW_WORDS * len(strange):
        return False
    return len(strange) > 1 or (len(strange) == 1 and bool(normalise(text).found))


def is_told_by_a_word(text: str) -> bool:
    """Tell whether a text has a word of sentences that no numeral comes near to."""
    words = (word[0].lower() for word in islice(WORD.finditer(text), _ENOUGH_WORDS))
    return not OF_SENTENCES.isdisjoint(words)
