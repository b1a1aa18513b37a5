"""A tiny Gemma 3 with an adapter, and a handful of numerals to train it on."""

import signal
from types import SimpleNamespace

import pytest


@pytest.fixture(scope="session")
def run(tiny_base_dir):
    """Give a fresh model and its data, by changes to a small recipe."""
    from getalwoord.data.examples import Example
    from getalwoord.models.answer_model import answer_model
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


@pytest.fixture(scope="session")
def unmoved():
    """Give a model, compiled so that steps change nothing."""
    from getalwoord.models import keras
    from getalwoord.training.loss import AnswerAccuracy, AnswerLoss

    def compiled(made, *, parts=1):
        made.model.parts = parts
        made.model.compile(
            optimizer=keras.optimizers.SGD(0.0),
            loss=AnswerLoss(),
            weighted_metrics=[AnswerAccuracy()],
        )
        return made.model

    return compiled


@pytest.fixture(scope="session")
def gradients_of():
    """Give the gradients that a step has left."""
    return lambda model: [gradient.numpy().copy() for gradient in model.gradients()]


@pytest.fixture(scope="session")
def one_step(unmoved, gradients_of):
    """Give loss, accuracy and gradients of a batch."""
    from getalwoord.training.layout import arrays_of

    def step(made, *, examples=8, parts=1, rows=None, states=None):
        model, states = unmoved(made, parts=parts), states and states[:examples]
        arrays = arrays_of(made.training[:examples], parts=rows or parts, states=states)
        return model.train_on_batch(*arrays, return_dict=True), gradients_of(model)

    return step


@pytest.fixture(scope="session")
def trained():
    """Fit, maybe a part of the way, save, and give the outcome with all steps."""
    from getalwoord.adapter import Adapter
    from getalwoord.training.checkpoints import load_checkpoint
    from getalwoord.training.loop import fit

    def train(made, folder, *, resume=False, interrupt_after=None, **settings):
        steps = []

        def on_step(step):
            steps.append(step)
            if step.step == interrupt_after:
                signal.raise_signal(signal.SIGINT)

        outcome = fit(
            made.model,
            made.training,
            made.validation,
            made.recipe,
            folder=folder,
            start=load_checkpoint(folder) if resume else None,
            on_step=on_step,
            **settings,
        )
        Adapter.of(made.projections, made.recipe, made.base).save(folder)
        return outcome, steps

    return train


@pytest.fixture(scope="session")
def adapter_of(trained):
    """Train, maybe a part of the way, and give the matrices."""
    from getalwoord.adapter import Adapter

    def matrices(made, folder, *, resume=False, stop_after=None):
        trained(made, folder, resume=resume, interrupt_after=stop_after)
        return Adapter.of(made.projections, made.recipe, made.base).matrices

    return matrices
