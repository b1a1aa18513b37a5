"""Exact match of an adapter on pairs, or on fresh numerals that it never saw."""

from collections.abc import Sequence
from pathlib import Path

from getalwoord.adapter import Adapter
from getalwoord.data.draw import draw_distinct
from getalwoord.data.examples import Example
from getalwoord.data.jsonl import read_examples
from getalwoord.data.parts import read_parts, spelled
from getalwoord.errors import InputError
from getalwoord.evaluation.scores import Scores, score
from getalwoord.reading.decode import Answerer
from getalwoord.reading.loading import load_answerer


def evaluate(
    adapter: Path | str,
    examples: Sequence[Example] | None = None,
    *,
    limit: int | None = None,
    base: str | None = None,
    dtype: str = "auto",
) -> Scores:
    """Measure an adapter by greedy decoding.

    Args:
        adapter: The folder of a run.
        examples: What to measure on, as `data.jsonl.read_examples` reads them; None for the
            numerals that the run held back for its test.
        limit: Measure on so many of them at most, 1 or more.
        base: Another name for the adapter's base, if it is not where it was.
        dtype: Of the base: "auto", "bfloat16" or "float32".

    Raises:
        InputError: The adapter or its base cannot be used, there are no examples, or the limit is
            below 1.
    """
    if limit is not None and limit < 1:
        raise InputError(f"limit is {limit}: give 1 or more, or None")
    folder = Path(adapter)
    loaded = Adapter.load(folder)
    if examples is None:
        _check_is_run(folder)
    chosen = list(read_parts(folder).test if examples is None else examples)[:limit]
    texts = answered(load_answerer(loaded, base=base, dtype=dtype), chosen)
    return score(list(zip(chosen, texts, strict=True)))


def answered(answerer: Answerer, examples: Sequence[Example]) -> list[str]:
    """Answer examples; their responses are drafts, so that a good model is measured fast."""
    answers = answerer.answer(
        [example.instruction for example in examples],
        drafts=[example.response for example in examples],
    )
    return [answer.text for answer in answers]


def fresh_numerals(adapter: Path, *, count: int, seed: int) -> list[Example]:
    """Draw numerals from the recipe's range that the run has not trained on.

    Raises:
        InputError: The range has too few that are left.
    """
    recipe = Adapter.load(adapter).recipe
    _check_is_run(adapter)
    if recipe.kinds != ("cardinal",):
        raise InputError(
            f"{adapter} was trained on other kinds than cardinals: fresh numerals are cardinals; "
            "give a file with --data"
        )
    trained = read_examples(adapter / "train.jsonl")
    # A user's pairs may have responses that are no numbers.
    seen = frozenset(example.value for example in trained if example.value is not None)
    values = draw_distinct(
        count,
        minimum=recipe.minimum,
        maximum=recipe.maximum,
        sampling=recipe.sampling,
        seed=f"{seed} fresh",
        without=seen,
    )
    return spelled(values)


def _check_is_run(folder: Path) -> None:
    if not any((folder / name).is_file() for name in ("train.jsonl", "test.jsonl")):
        raise InputError(
            f"{folder} does not say what its adapter was trained on, as one that was trained "
            "elsewhere: give pairs with --data, or a suite with --suite"
        )
