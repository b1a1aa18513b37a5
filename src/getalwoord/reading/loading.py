"""Answerers of adapters and of bases as they are, loaded by name."""

import gc
from collections.abc import Sequence

from getalwoord.adapter import Adapter
from getalwoord.models.bases import load_base
from getalwoord.models.decoder import Decoder
from getalwoord.models.device import choose_dtype
from getalwoord.reading.automaton import Automaton
from getalwoord.reading.decode import Answerer

_UNTUNED_TOKENS = 24  # of an answer of a base that is not tuned, at most


def load_answerer(
    adapter: Adapter,
    *,
    base: str | None = None,
    dtype: str = "auto",
    kinds: Sequence[str] | None = None,
    doubt: bool = False,
) -> Answerer:
    """Load an adapter's base, and give what answers by the two.

    Args:
        adapter: Loaded.
        base: Another name for the adapter's base, if it is not where it was.
        dtype: Of the base: "auto", "bfloat16" or "float32".
        kinds: Kinds of numeral that answers may be of; None lets the model say what it will.
        doubt: Whether to compute the `doubt` of each answer.

    Raises:
        InputError: The base cannot be used, or is another one than the adapter's.
    """
    loaded = load_base(
        base or adapter.recipe.base,
        dtype=choose_dtype(dtype).value,
        narrow=True,
        quantize=adapter.recipe.quantize,
    )
    adapter.apply(loaded)
    automaton = None if kinds is None else Automaton.of(kinds, loaded.tokenizer)
    decoder, tokenizer = Decoder(loaded.backbone), loaded.tokenizer
    del loaded
    gc.collect()
    # Keras and torch have half a million objects, which every further collection would walk.
    gc.freeze()
    return Answerer(decoder, tokenizer, adapter.recipe.template, automaton, doubt=doubt)


def load_untuned(
    name: str,
    *,
    dtype: str = "auto",
    template: str = "{instruction}{response}",
    beside: Answerer | None = None,
) -> Answerer:
    """Load a base as it is; it says what it will, up to the end of a line.

    Args:
        name: Of the base.
        dtype: "auto", "bfloat16" or "float32".
        template: Makes a prompt of an instruction; may show pairs first.
        beside: An answerer by the same base, tuned, with which it shares memory.

    Raises:
        InputError: The base cannot be used.
    """
    base = load_base(name, dtype=choose_dtype(dtype).value, narrow=True)
    newline = base.tokenizer.encode("\n")[-1]
    answerer = Answerer(
        Decoder(base.backbone),
        base.tokenizer,
        template,
        end_id=newline,
        max_new_tokens=_UNTUNED_TOKENS,
    )
    if beside is not None:
        answerer.share_embedding(beside)
    return answerer
