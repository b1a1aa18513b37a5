"""The other accepted ways to write a number, each with a name for the difference."""

from dataclasses import dataclass

from getalwoord.numerals.grammar import Style, spell, write

_STYLES = {
    "no trema": Style(trema=False),
    "een before honderd and duizend": Style(one=True),
    "linking en": Style(linking_and=True),
    "counted in hundreds": Style(in_hundreds=True),
    "words apart": Style(spaced=True),
    "in one word": Style(joined=True),
}


@dataclass(frozen=True, slots=True)
class Variant:
    """A text that names the same number as its official spelling, and how it differs."""

    text: str
    name: str


def variants(value: int) -> list[Variant]:
    """List ways to write a number other than the official one.

    Raises:
        InputError: The number is not between -10^18 and 10^18, both excluded.

    >>> [variant.text for variant in variants(2402)][:3]
    ['tweeduizend vierhonderdentwee', 'vierentwintighonderdtwee', 'twee duizend vier honderd twee']
    """
    official = spell(value)
    texts = {write(value, style): name for name, style in reversed(_STYLES.items())}
    texts |= {official.upper(): "capitals", official.replace(" ", "-"): "hyphens"}
    if official.endswith("een"):
        texts[official[:-3] + "één"] = "accents on een"
    texts.pop(official, None)
    return [Variant(text, name) for text, name in reversed(texts.items())]
