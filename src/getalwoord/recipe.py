"""Everything that decides a fine-tuning run, as one small file.

A setting has its type, default, limits and one sentence here and nowhere else: the TOML files,
``getalwoord train --help`` and the documentation follow from this class.
"""

import difflib
import json
import reprlib
import tomllib
from importlib import resources
from pathlib import Path
from typing import Annotated, Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from getalwoord.data.draw import Sampling
from getalwoord.errors import InputError
from getalwoord.files import disk_error, write_text
from getalwoord.numerals import KINDS, NOISES

Module = Literal["query", "key", "value", "output", "gate", "up", "down"]

_LIMIT = 10**18 - 1  # of what `numerals.spell` can spell


class Recipe(BaseModel):
    """The settings of one run; unknown names are refused, and none can change afterwards.

    Raises:
        pydantic.ValidationError: A setting is unknown or its value is not allowed; it is a
            ValueError. `load`, `of` and `but` raise an InputError instead.
    """

    # Strict: `true` is no number and "5" none either.
    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False, strict=True)

    base: Annotated[str, Field(min_length=1)] = Field(
        default="gemma3_270m",
        description="The base: a name, a folder, hf://owner/name or FILE.gguf.",
    )
    dtype: Literal["auto", "bfloat16", "float32"] = Field(
        default="auto", description="Of the frozen base; auto measures which is faster here."
    )

    quantize: Literal["int8", "int4"] | None = Field(
        default=None,
        description="Keep the frozen base in 8 or 4 bits; unset, it is kept as it is stored.",
    )

    count: int = Field(default=1000, ge=1, le=10**7, description="Training pairs to generate.")
    minimum: int = Field(default=1, ge=-_LIMIT, le=_LIMIT, description="Smallest number.")
    maximum: int = Field(default=999, ge=-_LIMIT, le=_LIMIT, description="Largest number.")
    sampling: Sampling = Field(
        default="uniform",
        description="Of cardinals alone. log-uniform gives every length of number its share; "
        "covering trains on few that show every word, among them those that others are made of.",
    )
    replacement: bool = Field(
        default=False,
        description="Whether any draw for training may give any number again; if not, none comes "
        "again before all have come.",
    )
    kinds: tuple[str, ...] = Field(
        default=("cardinal",),
        min_length=1,
        strict=False,
        description="Kinds of numeral; if not cardinals alone, all are drawn up to the maximum, "
        "each order of magnitude as often.",
    )
    noise: tuple[str, ...] = Field(
        default=(), strict=False, description="Kinds of mistakes that are made in the texts."
    )
    noise_strength: int = Field(default=1, ge=0, le=3, description="Most mistakes in a text.")
    sentences: float = Field(
        default=0.0, ge=0, le=1, description="Share of the examples that are sentences."
    )
    validation: int = Field(
        default=100, ge=0, le=10**6, description="Numbers held back to follow the run by."
    )
    test: int = Field(
        default=300, ge=1, le=10**6, description="Numbers held back to measure the result by."
    )
    seed: int = Field(
        default=0, ge=0, description="Decides data, order of batches and the adapter's start."
    )

    template: str = Field(
        default=" {instruction} = {response}", description="Prompt and answer, as one line of text."
    )
    subword_cuts: float = Field(
        default=0.0,
        ge=0,
        le=1,
        description="Share of the letters of a training prompt that it is cut before, so that its "
        "words come in other tokens, as misspelt ones do.",
    )
    sequence_length: int = Field(
        default=128,
        ge=4,
        description="Most tokens of an example; a longer one is an error, never cut.",
    )

    start_from: str | None = Field(
        default=None,
        min_length=1,
        description="Folder of an adapter to go on from, of the same rank, alpha, target "
        "modules and first block; unset, B starts at zero.",
    )
    rank: int = Field(default=4, ge=1, description="Inner size of the low-rank update.")
    alpha: float | None = Field(
        default=None, gt=0, description="Strength of the update; unset, it equals the rank."
    )
    target_modules: tuple[Module, ...] = Field(
        default=("query", "key", "value", "output", "gate", "up", "down"),
        min_length=1,
        strict=False,  # TOML and JSON have lists, not tuples
        description="The projections that are adapted, in every decoder block.",
    )
    first_block: int = Field(
        default=0,
        ge=0,
        description="The first block that is adapted, from 0. What those below make of a text is "
        "the same in each epoch, and is kept where memory allows.",
    )

    full_vocabulary_every: int = Field(
        default=1,
        ge=1,
        description="Every so many steps the loss is over the whole vocabulary; in those between "
        "over the tokens that were not improbable then. On torch alone.",
    )
    learning_rate: float = Field(
        default=2e-3, gt=0, description="The highest that the schedule reaches."
    )
    schedule: Literal["cosine", "constant"] = Field(
        default="cosine", description="How the learning rate goes on after the warm-up."
    )
    warmup: float = Field(
        default=0.0, ge=0, lt=1, description="Share of the steps in which the rate rises from zero."
    )
    weight_decay: float = Field(
        default=0.01, ge=0, description="Of AdamW; biases and scales do not decay."
    )
    clip_norm: float | None = Field(
        default=None,
        gt=0,
        description="Largest norm of all gradients together; unset, none is clipped.",
    )
    batch_size: int = Field(default=16, ge=1, description="Examples in a step.")
    gradient_accumulation: int = Field(
        default=1,
        ge=1,
        description="Parts that a batch is computed in, one after the other, to save memory; the "
        "result is the same but for rounding.",
    )
    gradient_checkpointing: bool = Field(
        default=False,
        description="Whether each block is computed again in the backward pass, to save memory; "
        "the result is the same.",
    )
    epochs: int = Field(default=4, ge=1, description="Passes over the training pairs.")
    validations_per_epoch: int = Field(
        default=2,
        ge=1,
        description="How often an epoch measures exact match on the validation set.",
    )
    stop_at_exact_match: float | None = Field(
        default=None, gt=0, le=1, description="Validation exact match at which the run stops early."
    )

    @property
    def scale_alpha(self) -> float:
        """Alpha, with its default filled in."""
        return float(self.rank if self.alpha is None else self.alpha)

    def going_on_from(self, adapter: str, other: "Recipe") -> "Recipe":
        """Give this recipe with an adapter to start from, and all that is settled by that.

        Args:
            adapter: The folder of the adapter.
            other: The adapter's recipe.
        """
        settled = ("base", "template", "rank", "alpha", "target_modules", "first_block")
        return self.model_copy(
            update={name: getattr(other, name) for name in settled} | {"start_from": adapter}
        )

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        if self.minimum > self.maximum:
            raise ValueError(f"minimum {self.minimum} is above maximum {self.maximum}")
        if self.sampling == "covering" and self.replacement:
            raise ValueError(
                "sampling covering chooses each number once: leave replacement off, or take uniform"
            )
        prompt, response, end = self.template.partition("{response}")
        if prompt.count("{instruction}") != 1 or not response or end:
            raise ValueError(
                f"template is {self.template!r}: it should hold {{instruction}} once and end with "
                "{response}, its only one"
            )
        for name, known in (("kinds", KINDS), ("noise", NOISES)):
            for one in getattr(self, name):
                if one not in known:
                    raise ValueError(f'{name} has "{one}": give some of {", ".join(known)}')
        if len(set(self.target_modules)) != len(self.target_modules):
            raise ValueError(f"target_modules names a module twice: {self.target_modules}")
        return self

    @classmethod
    def load(cls, name: str | Path) -> "Recipe":
        """Read a recipe.

        Args:
            name: That of a packaged recipe, "default", "post" or "all", or the path of a TOML file.

        Raises:
            InputError: No such recipe, or a setting in it is wrong; the message says which.
        """
        packaged = resources.files("getalwoord") / "recipes" / f"{name}.toml"
        is_packaged = Path(name).suffix == "" and packaged.is_file()
        try:
            text = packaged.read_text("utf-8") if is_packaged else Path(name).read_text("utf-8-sig")
        except FileNotFoundError as error:
            raise InputError(
                f'there is no recipe "{name}": give default, post, all or the path of a TOML file'
            ) from error
        except OSError as error:
            raise disk_error(name, error, "read") from error
        except UnicodeDecodeError as error:
            raise InputError(f"{name} is not UTF-8 text: {error}") from error
        try:
            return cls.of(tomllib.loads(text), source=str(name))
        except (ValueError, RecursionError) as error:  # numbers and nesting beyond all measure, too
            raise InputError(f"{name} is not valid TOML: {error}") from error

    @classmethod
    def of(cls, settings: dict[str, Any], source: str) -> "Recipe":
        """Make a recipe of plain values.

        Args:
            settings: By name; what is absent has its default.
            source: Where they came from, for messages.

        Raises:
            InputError: A setting is unknown or its value is not allowed.
        """
        try:
            return cls.model_validate(settings)
        except ValidationError as error:
            raise InputError(f"{source}: {_first_reason(error)}") from error

    @property
    def drawing(self) -> dict[str, Any]:
        """The settings that decide the data, as `draw_parts` takes them."""
        return {name: getattr(self, name) for name in _DRAWING}

    def but(self, source: str, **changes: Any) -> "Recipe":
        """Give the same recipe with some settings changed; those that are None stay.

        Raises:
            InputError: A new value is not allowed.
        """
        given = {name: value for name, value in changes.items() if value is not None}
        return Recipe.of(self.model_dump() | given, source)

    def save(self, path: Path) -> None:
        """Write the recipe as a TOML file that `load` reads back equal.

        Raises:
            InputError: The file cannot be written.
        """
        lines = []
        for name, field in type(self).model_fields.items():
            value = self.model_dump(mode="json")[name]
            lines.append(f"# {field.description}")
            # For strings, numbers, booleans and lists of strings, TOML writes what JSON writes.
            text = json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")
            lines.append(f"{name} = {text}" if value is not None else f"# {name} is unset")
        write_text(path, "\n".join(lines) + "\n")


_DRAWING = (
    *("count", "minimum", "maximum", "sampling", "replacement", "validation", "test", "seed"),
    *("kinds", "noise", "noise_strength", "sentences"),
)


def _first_reason(error: ValidationError) -> str:
    detail = error.errors(include_url=False)[0]
    name = ".".join(str(part) for part in detail["loc"])
    if detail["type"] == "extra_forbidden":
        near = difflib.get_close_matches(name, Recipe.model_fields, n=1)
        hint = f'; did you mean "{near[0]}"?' if near else ""
        return f'there is no setting "{name}"{hint}'
    reason = detail["msg"].removeprefix("Value error, ").replace("Input should", "it should")
    return f'"{name}" is {reprlib.repr(detail["input"])}: {reason}' if name else reason
