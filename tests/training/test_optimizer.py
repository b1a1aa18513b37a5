"""The schedule's shape, and what decays."""

import math

import numpy as np
import pytest
import torch

from getalwoord.models import keras
from getalwoord.training.optimizer import make_optimizer

SETTINGS = {
    "learning_rate": 0.5,
    "schedule": "constant",
    "warmup_steps": 0,
    "total_steps": 100,
    "weight_decay": 0.1,
    "clip_norm": None,
}


def rates(**changes):
    """Learning rate of every step, as the optimizer itself uses it."""
    optimizer = make_optimizer(**{**SETTINGS, **changes})
    variable = keras.Variable(np.zeros(1, "float32"), name="lora_a")
    optimizer.build([variable])
    found = []
    for _ in range(100):
        found.append(float(optimizer.learning_rate))
        optimizer.apply([torch.ones(1)], [variable])
    return found


def test_a_constant_rate_stays():
    assert rates() == [0.5] * 100


def test_the_warm_up_rises_evenly_from_zero_to_the_rate():
    for schedule in ("constant", "cosine"):
        found = rates(schedule=schedule, warmup_steps=20)
        assert found[:21] == pytest.approx([0.5 * step / 20 for step in range(21)], abs=1e-6)


def test_a_constant_rate_stays_after_its_warm_up():
    assert rates(warmup_steps=20)[20:] == pytest.approx([0.5] * 80)


@pytest.mark.parametrize("warmup", [0, 20])
def test_the_cosine_falls_from_the_rate_to_zero_at_the_last_step(warmup):
    found = rates(schedule="cosine", warmup_steps=warmup)

    share = [(step - warmup) / (100 - warmup) for step in range(warmup, 100)]
    expected = [0.5 * (1 + math.cos(math.pi * part)) / 2 for part in share]
    assert found[warmup:] == pytest.approx(expected, abs=1e-6)
    assert 0 < found[-1] < 0.001


@pytest.mark.parametrize("warmup", [0, 1])
def test_the_shortest_runs_have_a_rate(warmup):
    assert all(map(math.isfinite, rates(schedule="cosine", warmup_steps=warmup, total_steps=1)))


def test_biases_and_scales_do_not_decay_and_all_else_does():
    """
    Without a gradient, a step of AdamW changes a weight by its decay alone.
    """
    optimizer = make_optimizer(**SETTINGS)
    names = ["lora_a", "lora_b", "bias", "scale"]
    variables = [keras.Variable(np.ones(3, "float32"), name=name) for name in names]
    optimizer.build(variables)
    optimizer.apply([torch.zeros(3) for _ in variables], variables)

    values = {v.name: float(keras.ops.convert_to_numpy(v)[0]) for v in variables}
    assert values["bias"] == values["scale"] == 1
    assert values["lora_a"] == values["lora_b"] == pytest.approx(1 - 0.5 * 0.1)


@pytest.mark.parametrize(("clip_norm", "factor"), [(None, 1.0), (1.0, 1 / 5), (10.0, 1.0)])
def test_gradients_are_clipped_by_the_norm_of_all_together(clip_norm, factor):
    """
    After its first step the momentum of Adam is a tenth of the gradient, as it was clipped.
    """
    optimizer = make_optimizer(**{**SETTINGS, "clip_norm": clip_norm})
    variables = [keras.Variable(np.zeros(1, "float32"), name=name) for name in ("a", "b")]
    optimizer.build(variables)
    optimizer.apply([torch.tensor([3.0]), torch.tensor([4.0])], variables)

    momenta = [float(value[0]) for value in map(keras.ops.convert_to_numpy, optimizer._momentums)]
    assert momenta == pytest.approx([0.3 * factor, 0.4 * factor], rel=1e-4)


def test_an_unknown_schedule_is_refused():
    with pytest.raises(ValueError, match="schedule 'linear' is not known"):
        make_optimizer(**{**SETTINGS, "schedule": "linear"})


@pytest.mark.parametrize("clip_norm", [None, 1.0])
def test_a_step_is_that_of_keras(clip_norm):
    """
    Of matrices that decay and a bias that does not, by gradients of all sizes: the first so small
    that what is added to the second moment decides.
    """
    settings = {**SETTINGS, "learning_rate": 0.01, "schedule": "cosine", "clip_norm": clip_norm}
    draw = torch.Generator().manual_seed(0)
    shapes = {"lora_a": (3, 5), "lora_b": (6, 2), "bias": (4,)}
    gradients = [
        [torch.randn(shape, generator=draw) * scale for shape in shapes.values()]
        for scale in (1e-7, 1.0, 100.0, 1e-4, 3.0)
    ]
    ended = []
    for theirs in (False, True):
        drawn = np.random.default_rng(1)
        variables = [
            keras.Variable(drawn.normal(size=shape).astype("float32"), name=name)
            for name, shape in shapes.items()
        ]
        optimizer = make_optimizer(**settings)
        apply = super(type(optimizer), optimizer).apply if theirs else optimizer.apply
        for step in gradients:
            apply([gradient.clone() for gradient in step], variables)
        assert int(optimizer.iterations) == len(gradients)
        kept = [variable.value for variable in optimizer.variables]
        ended.append([*(variable.value.detach() for variable in variables), *kept])
    for ours, expected in zip(*ended, strict=True):
        torch.testing.assert_close(ours, expected, rtol=1e-5, atol=1e-6)
