"""Greedy decoding: prompts in, answers out, as token ids."""

from collections.abc import Callable, Sequence
from functools import partial

import numpy as np

from getalwoord.adapter import Adapter
from getalwoord.models import keras
from getalwoord.models.answer_head import answer_model, token_model
from getalwoord.models.bases import Base, load_base
from getalwoord.models.device import choose_dtype
from getalwoord.training.batches import Encoded, arrays_of, prompt_of, shape_multiple

_BATCH_SIZE = 32
_MAX_NEW_TOKENS = 32


def answering(
    adapter: Adapter, *, base: str | None = None, dtype: str = "auto"
) -> Callable[[Sequence[str]], list[str]]:
    """Load an adapter's base, and give what answers instructions by the two.

    Args:
        adapter: Loaded.
        base: Another name for the adapter's base, if it is not where it was.
        dtype: Of the base: "auto", "bfloat16" or "float32".

    Raises:
        InputError: The base cannot be used, or is another one than the adapter's.
    """
    loaded = load_base(base or adapter.recipe.base, dtype=choose_dtype(dtype).value)
    adapter.apply(loaded)
    model = token_model(answer_model(loaded.backbone))
    return partial(answers_of, model, loaded, template=adapter.recipe.template)


def decode_greedily(
    model: keras.Model, prompts: Sequence[Sequence[int]], *, eos_id: int, max_new_tokens: int
) -> list[list[int]]:
    """Answer a batch of prompts, always with the most probable next token.

    Every step computes the whole sequence again; there is no key/value cache.

    Args:
        model: A model of most probable tokens, as `models.answer_head.token_model` builds it.
        prompts: Token ids with the beginning of sequence; best of like length.
        eos_id: The token that ends an answer; it is not part of what is returned.
        max_new_tokens: An answer that has not ended by then is cut.
    """
    answers: list[list[int]] = [[] for _ in prompts]
    running = list(range(len(prompts)))
    for _ in range(max_new_tokens):
        # The answer model predicts what follows the prompt; a lone target token asks for just that.
        rows = [Encoded((*prompts[row], *answers[row]), (eos_id,)) for row in running]
        inputs, _, _ = arrays_of(rows, multiple=shape_multiple())
        following = np.asarray(model.predict_on_batch(inputs))[: len(running)]  # (running,)
        for row, token in zip(running, following, strict=True):
            answers[row].append(int(token))
        running = [row for row in running if answers[row][-1] != eos_id]
        if not running:
            break
    return [answer[:-1] if answer[-1:] == [eos_id] else answer for answer in answers]


def answers_of(
    model: keras.Model,
    base: Base,
    instructions: Sequence[str],
    *,
    template: str,
    max_new_tokens: int = _MAX_NEW_TOKENS,
) -> list[str]:
    """Answer instructions greedily, in their order.

    Args:
        model: A model of most probable tokens over the base's backbone.
        base: Gives the tokenizer.
        instructions: What to answer.
        template: The prompt template that the adapter was trained with.
        max_new_tokens: An answer that has not ended by then is cut.
    """
    tokenizer = base.tokenizer
    prompts = [
        [tokenizer.bos_id, *tokenizer.encode(prompt_of(instruction, template))]
        for instruction in instructions
    ]
    order = sorted(range(len(prompts)), key=lambda number: len(prompts[number]))
    answers = [""] * len(prompts)
    for start in range(0, len(order), _BATCH_SIZE):
        numbers = order[start : start + _BATCH_SIZE]
        decoded = decode_greedily(
            model,
            [prompts[number] for number in numbers],
            eos_id=tokenizer.eos_id,
            max_new_tokens=max_new_tokens,
        )
        for number, ids in zip(numbers, decoded, strict=True):
            answers[number] = tokenizer.decode(ids).strip()
    return answers
