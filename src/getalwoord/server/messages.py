"""What the service is asked and what it answers, as JSON."""

from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field

from getalwoord.numerals import KINDS, Figures
from getalwoord.numerals.figures import Clock, Currency
from getalwoord.server.limits import CHARACTERS, TEXTS


def _known(kind: str) -> str:
    if kind not in KINDS:
        raise ValueError(f"give one of {', '.join(KINDS)}")
    return kind


def as_whole(number: object) -> object:
    """Take 3.0 for 3, as JSON Schema does."""
    return int(number) if isinstance(number, float) and number.is_integer() else number


Kind = Annotated[str, AfterValidator(_known), Field(json_schema_extra={"enum": list(KINDS)})]
Text = Annotated[str, Field(max_length=CHARACTERS)]
Texts = Annotated[list[Text], Field(max_length=TEXTS)]


def examples(*shown: Any) -> ConfigDict:
    """Show what a message may be like in the description of the API."""
    return ConfigDict(json_schema_extra={"examples": list(shown)})


_MISSPELT = {
    "text": "dretien",
    "value": "13",
    "kind": "cardinal",
    "unit": None,
    "how": "near",
    "meant": "dertien",
    "distance": 0.7,
}
_PLACED = {
    "text": "drie euro vijftig",
    "value": "3.50",
    "kind": "money",
    "unit": "EUR",
    "how": "exact",
    "figures": "€ 3,50",
    "start": 11,
    "end": 28,
}
_SENTENCE = {
    "text": "het kostte drie euro vijftig",
    "readings": [_PLACED],
    "normalised": "het kostte € 3,50",
}


class _Asked(BaseModel):
    """What is asked; a field that is not known is refused, and so is one of another type."""

    model_config = ConfigDict(extra="forbid", strict=True)


class Style(_Asked):
    """How figures are written in a Dutch text."""

    currency: Currency = Field(default="symbol", description="€ 5 or EUR 5")
    clock: Clock = Field(default="24", description="16.30 uur or 4.30 uur 's middags")
    words_to: Annotated[int, Field(ge=0, le=10**12), BeforeValidator(as_whole)] = Field(
        default=0, description="cardinals up to this stay words"
    )
    keep_ordinals: bool = Field(default=False, description="ordinals stay words")
    ambiguous: bool = Field(
        default=False, description="what is most often no numeral (een, een paar) is one"
    )

    def figures(self) -> Figures:
        """Give the choices as the library takes them."""
        return Figures(**self.model_dump())


class ReadRequest(_Asked):
    """Texts to read, each of them a numeral or a sentence."""

    model_config = examples({"texts": ["dretien", _SENTENCE["text"]]})

    texts: Texts
    method: Literal["auto", "grammar", "model"] = Field(
        "auto", description="auto asks a model only for what the grammar refuses"
    )
    model: str | None = Field(
        None, description="adapter (the tuned model, if nothing is said) or base (the untuned one)"
    )
    kinds: Annotated[list[Kind], Field(min_length=1, max_length=len(KINDS))] | None = Field(
        None, description="kinds that the tuned model may answer with; else all"
    )
    explain: bool = Field(False, description="give the parts that each numeral was read by")
    style: Style | None = Field(None, description="give figures as a Dutch text has them, so")


class NormaliseRequest(_Asked):
    """Texts in which numerals are to become figures."""

    model_config = examples({"texts": [_SENTENCE["text"]]})

    texts: Texts
    style: Style = Style()
    explain: bool = Field(False, description="give the parts that each numeral was read by")


class SpellRequest(_Asked):
    """Values in figures, to be spelled."""

    model_config = examples({"values": ["3.50"], "unit": "EUR"}, {"values": ["483"]})

    values: Annotated[list[Annotated[str, Field(max_length=100)]], Field(max_length=TEXTS)]
    kind: Kind | None = Field(None, description="else by the figures themselves")
    unit: Annotated[str, Field(max_length=10)] | None = Field(
        None, description="ISO code of a currency, % or ‰"
    )


class Part(BaseModel):
    """A piece of a numeral; its place is in the numeral's own text, or in what was meant."""

    text: str
    start: int
    end: int
    value: str | None = Field(description="in figures; null for what only joins")


class Numeral(BaseModel):
    """What a text was read as; a field beyond the fifth is there where it is known."""

    model_config = examples(_MISSPELT)

    text: str
    value: str | None = Field(description="in figures; null if the text could not be read")
    kind: str | None
    unit: str | None
    how: Literal["exact", "near", "unproven"] | None
    figures: str | None = Field(None, description="as a Dutch text has it")
    meant: str | None = Field(None, description="the words that a misspelt text was taken for")
    distance: float | None = Field(None, description="what the mistakes in it cost then")
    rival: str | None = Field(None, description="the nearest other value")
    rival_distance: float | None = Field(None, description="what they cost if that is meant")
    answer: str | None = Field(None, description="what a model said, if one was asked")
    probability: float | None = Field(None, description="of it among all well-formed answers")
    divided: list[str] | None = Field(None, description="what it was asked for, of a long text")
    error: str | None = Field(None, description="why it could not be read")
    parts: list[Part] | None = Field(None, description="if they were asked for")


class Placed(Numeral):
    """A numeral in a sentence."""

    model_config = examples(_PLACED)

    start: int
    end: int


class Sentence(BaseModel):
    """A text with figures for its numerals."""

    model_config = examples(_SENTENCE)

    text: str
    readings: list[Placed]
    normalised: str


class ReadResponse(BaseModel):
    """One result for each text, in their order."""

    model_config = examples({"results": [_MISSPELT, _SENTENCE]})

    results: list[Sentence | Numeral]


class NormaliseResponse(BaseModel):
    """One result for each text, in their order."""

    model_config = examples({"results": [_SENTENCE]})

    results: list[Sentence]


class Spelled(BaseModel):
    """A value in words."""

    value: str
    text: str | None = Field(description="null if it could not be spelled")
    error: str | None = Field(None, description="why it could not be spelled")


class SpellResponse(BaseModel):
    """One result for each value, in their order."""

    model_config = examples({"results": [{"value": "3.50", "text": "drie euro vijftig"}]})

    results: list[Spelled]


class Info(BaseModel):
    """What there is to read with."""

    version: str
    ready: bool
    adapter: str | None
    base: str | None
    kinds: list[str]
    limits: dict[str, float]


class ErrorDetail(BaseModel):
    """What went wrong."""

    message: str
    type: str
    param: str | None
    code: str | None


class Error(BaseModel):
    """What every request that fails is answered."""

    model_config = examples(
        {
            "error": {
                "message": "texts: too many: 256 at most",
                "type": "invalid_request_error",
                "param": "texts",
                "code": None,
            }
        }
    )

    error: ErrorDetail
