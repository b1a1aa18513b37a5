"""A tiny Gemma 3 with an adapter, and a handful of numerals to train it on."""

from types import SimpleNamespace

import pytest


@pytest.fixture(scope="session")
def run(tiny_base_dir):
    """Give a fresh model and its data, by changes to a small recipe."""
    from getalwoord.data.examples import Example
    from getalwoord.models.answer_head import answer_model
    from getalwoord.models.bases import load_base
    from getalwoord.models.low_rank import attach_for
    from getalwoord.numerals import spell
    from getalwoord.recipe import Recipe
    from getalwoord.training.batches import encode

    def make(**changes):
        settings = {"rank": 4, "learning_rate": 1e-2, "batch_size": 8, "epochs": 2, "warmup": 0.1}
        recipe = Recipe(base=str(tiny_base_dir), **(settings | changes))
        base = load_base(recipe.base, dtype="float32", narrow=True, quantize=recipe.quantize)
        projections = attach_for(base.backbone, recipe)
        examples = [Example(spell(value), str(value)) for value in range(1, 53)]
        encoded = encode(examples, base.tokenizer, template=recipe.template, sequence_length=64)
        return SimpleNamespace(
            base=base,
            recipe=recipe,
            projections=projections,
            model=answer_model(base.backbone, recompute=recipe.gradient_checkpointing),
            training=encoded[:42],  # the last batch of an epoch is smaller
            validation=encoded[42:],
        )

    return make
