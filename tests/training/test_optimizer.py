"""The schedule's shape, and what decays."""

import math

import numpy as np
import pytest
import torch

from getalwoord.models import keras
from getalwoord.models.torch_weights import Updates
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


def made(optimizer, seed=0):
    """Two blocks' updates and their variables, of one module and of three that share an input."""
    drawn, found = np.random.default_rng(seed), []
    outputs = {"query": 6, "key": 3, "value": 3, "output": 5, "gate": 7, "up": 7, "down": 5}
    for modules in (("down",), ("query", "value", "up")):
        variables = {
            module: tuple(
                keras.Variable(drawn.normal(size=shape).astype("float32"), name=name)
                for name, shape in (("lora_a", (2, 5)), ("lora_b", (outputs[module], 2)))
            )
            for module in modules
        }
        found.append(Updates(variables, outputs, scale=2.0, dtype=torch.float32))
    variables = [variable for one in found for pair in one.variables for variable in pair]
    optimizer.build(variables)
    return found, variables


def set_gradients(updates, gradients):
    """Put gradients, one for each variable, where a backward pass does."""
    given = iter(gradients)
    for one in updates:
        one.values.grad = torch.zeros_like(one.values)
        for pair in one.of_modules(one.values.grad):
            for place in pair:
                place.copy_(next(given))


@pytest.mark.parametrize(("clip_norm", "factor"), [(None, 1.0), (1.0, 1 / 5), (10.0, 1.0)])
def test_gradients_are_clipped_by_the_norm_of_all_together(clip_norm, factor):
    """
    After its first step the momentum of Adam is a tenth of the gradient, as it was clipped. Of each
    of two blocks one number has a gradient, 3 and 4.
    """
    optimizer = make_optimizer(**{**SETTINGS, "clip_norm": clip_norm})
    updates, variables = made(optimizer)
    gradients = [torch.zeros(tuple(variable.shape)) for variable in variables]
    gradients[0][0, 0], gradients[-1][0, 0] = 3.0, 4.0
    set_gradients(updates, gradients)
    with torch.no_grad():
        optimizer.apply_to(updates, variables)

    first, *others, last = map(keras.ops.convert_to_numpy, optimizer._momentums)
    momenta = [float(first[0, 0]), float(last[0, 0])]
    assert momenta == pytest.approx([0.3 * factor, 0.4 * factor], rel=1e-4)
    assert not any(map(np.any, others))


@pytest.mark.parametrize("clip_norm", [None, 1.0, 1000.0])
def test_a_step_is_that_of_keras(clip_norm):
    """
    By gradients of all sizes: the first so small that what is added to the second moment decides.
    The norm that they are clipped by is that of all together.
    """
    settings = {**SETTINGS, "learning_rate": 0.01, "schedule": "cosine", "clip_norm": clip_norm}
    draw = torch.Generator().manual_seed(0)
    ours, theirs = make_optimizer(**settings), make_optimizer(**settings)
    (updates, variables), (_, twins) = made(ours), made(theirs)
    for scale in (1e-7, 1.0, 100.0, 1e-4, 3.0):
        gradients = [torch.randn(tuple(v.shape), generator=draw) * scale for v in variables]
        set_gradients(updates, gradients)
        with torch.no_grad():
            ours.apply_to(updates, variables)
        theirs.apply(gradients, twins)
    assert int(ours.iterations) == 5
    for one, other in zip([*variables, *ours.variables], [*twins, *theirs.variables], strict=True):
        torch.testing.assert_close(one.value.detach(), other.value.detach(), rtol=1e-5, atol=1e-6)


def test_what_is_no_update_stays_zero():
    """
    Updates of one input are held in one matrix, with zeros where one's A would meet another's B.
    """
    optimizer = make_optimizer(**SETTINGS)
    updates, variables = made(optimizer)
    _, several = updates
    assert several.values.numel() > sum(v.value.numel() for pair in several.variables for v in pair)
    several.a_gradients["query", "key", "value"].fill_(1.0)
    several.b_gradients["query", "key", "value"].fill_(1.0)
    updates[0].values.grad = torch.zeros_like(updates[0].values)
    several.values.grad = several.gradient()
    held = [place for pair in several.of_modules(several.values.grad) for place in pair]
    assert several.values.grad.count_nonzero() == sum(place.count_nonzero() for place in held) > 0

    with torch.no_grad():
        optimizer.apply_to(updates, variables)
        several.rounded()

    held = [place for pair in several.of_modules(several.values.detach()) for place in pair]
    assert several.values.count_nonzero() == sum(place.count_nonzero() for place in held) > 0
    joined = several.b["query", "key", "value"]
    assert joined[:2, 6:].count_nonzero() == joined[2:, :9].count_nonzero() == 0
    torch.testing.assert_close(joined[2:, 9:].t(), 2 * several.variables[1][1].value.detach())


def test_an_unknown_schedule_is_refused():
    with pytest.raises(ValueError, match="schedule 'linear' is not known"):
        make_optimizer(**{**SETTINGS, "schedule": "linear"})
