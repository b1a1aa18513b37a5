"""Exact match by teacher forcing: no decoder is needed to measure a model.

Under teacher forcing every answer token is predicted from the right prefix. Free greedy decoding
gives the whole answer, with its end, exactly when all these predictions are right. So the answer
head alone measures greedy exact match, up to ties between two logits.

A few answers are decoded all the same, to be shown. That goes without a cache of keys and values:
a decoder would hold the weights a second time.
"""

from collections.abc import Sequence

import numpy as np

from getalwoord.models import keras
from getalwoord.models.heap import give_back
from getalwoord.training.layout import Encoded, alike, arrays_of

_BATCH_SIZE = 16


def exact_matches(model: keras.Model, examples: Sequence[Encoded]) -> list[bool]:
    """Tell for each example whether greedy decoding would give its whole answer.

    Args:
        model: A model of most probable tokens, as `models.answer_model.token_model` builds it.
        examples: In any order; batches are made of those that cost little together.
    """
    give_back()  # what training has left in pieces does not fit what is needed here
    right = [False] * len(examples)
    for numbers in alike(examples, _BATCH_SIZE):
        batch = [examples[number] for number in numbers]
        inputs, targets, _ = arrays_of(batch)
        hits = np.asarray(model.predict_on_batch(inputs)) == targets
        first = 0
        for number, example in zip(numbers, batch, strict=True):
            end = first + len(example.answer)
            right[number] = bool(hits[first:end].all())
            first = end
    return right


def greedy_answers(
    model: keras.Model, prompts: Sequence[Encoded], *, end_id: int, most: int
) -> list[tuple[int, ...]]:
    """Give the tokens that greedy decoding answers prompts with, without the one that ends them.

    Args:
        model: As for `exact_matches`.
        prompts: Few; their answers are not looked at.
        end_id: The token that ends an answer.
        most: Where an answer is cut that has not ended.
    """
    answers: list[tuple[int, ...]] = [() for _ in prompts]
    going_on = list(range(len(prompts)))
    for _ in range(most):
        # Whatever is the answer here, the token before it is the last that there is.
        batch = [Encoded(prompts[n].prompt + answers[n], (end_id,)) for n in going_on]
        inputs, _, _ = arrays_of(batch)
        tokens = np.asarray(model.predict_on_batch(inputs))
        for number, token in zip(going_on, tokens, strict=False):  # what comes after is padding
            if token != end_id:
                answers[number] += (int(token),)
        going_on = [n for n, token in zip(going_on, tokens, strict=False) if token != end_id]
        if not going_on:
            break
    return answers
