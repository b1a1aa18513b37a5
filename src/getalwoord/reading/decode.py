"""Greedy decoding: prompts in, answers out, as token ids."""

from collections.abc import Sequence

import keras
import numpy as np

from getalwoord.training.batches import Encoded, arrays_of, shape_multiple


def decode_greedily(
    model: keras.Model, prompts: Sequence[Sequence[int]], *, eos_id: int, max_new_tokens: int
) -> list[list[int]]:
    """Answer a batch of prompts, always with the most probable next token.

    Every step computes the whole sequence again; there is no key/value cache.

    Args:
        model: An answer model, as `models.answer_head.answer_model` builds it.
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
        logits = np.asarray(model.predict_on_batch(inputs))  # (running and padding, vocabulary)
        following = logits[: len(running)].argmax(axis=-1)
        for row, token in zip(running, following, strict=True):
            answers[row].append(int(token))
        running = [row for row in running if answers[row][-1] != eos_id]
        if not running:
            break
    return [answer[:-1] if answer[-1:] == [eos_id] else answer for answer in answers]
