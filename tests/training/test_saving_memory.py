"""What saves memory changes no result: batches in parts, blocks computed again, fewer bits."""

from pathlib import Path
from unittest.mock import Mock

import numpy as np
import pytest
import torch

from getalwoord.errors import InputError
from getalwoord.recipe import Recipe
from getalwoord.training import ready
from getalwoord.training.estimate import estimate
from getalwoord.training.ready import make_ready


# Parts of one size, a smaller last one, one example each, and more parts than examples.
@pytest.mark.parametrize(("parts", "examples"), [(2, 8), (3, 8), (8, 8), (5, 3)])
def test_gradients_of_parts_add_up_to_those_of_the_whole_batch(run, one_step, parts, examples):
    """
    Answers differ in length, so that a mean of means would be another. Sums in another order.
    """
    logs, gradients = one_step(run(), parts=parts, examples=examples)
    expected_logs, expected = one_step(run(), parts=1, examples=examples)

    assert logs["loss"] == pytest.approx(expected_logs["loss"], rel=1e-5)
    assert logs["accuracy"] == pytest.approx(expected_logs["accuracy"], rel=1e-6)
    for ours, theirs in zip(gradients, expected, strict=True):
        np.testing.assert_allclose(ours, theirs, rtol=1e-3, atol=1e-5 * np.abs(theirs).max())
    assert any(np.any(gradient) for gradient in expected)


def assert_same(one, other):
    assert one.keys() == other.keys()
    for target, pair in one.items():
        assert all(map(np.array_equal, pair, other[target])), target


def test_blocks_that_are_computed_again_give_the_same_adapter_bit_for_bit(
    run, adapter_of, tmp_path
):
    plain = adapter_of(run(epochs=1), tmp_path / "plain")
    again = adapter_of(run(epochs=1, gradient_checkpointing=True), tmp_path / "again")

    assert_same(plain, again)


SAVING = {"gradient_accumulation": 3, "gradient_checkpointing": True, "quantize": "int4"}


def test_a_run_that_saves_memory_is_resumed_bit_for_bit(run, adapter_of, tmp_path):
    made = lambda: run(epochs=1, **SAVING)  # noqa: E731 - a new model each time
    whole = adapter_of(made(), tmp_path / "whole")
    adapter_of(made(), tmp_path / "cut", stop_after=3)

    assert_same(adapter_of(made(), tmp_path / "cut", resume=True), whole)


def test_batches_are_taken_apart_on_torch_only(tiny_base_dir, tmp_path, monkeypatch):
    recipe = Recipe(base=str(tiny_base_dir), gradient_accumulation=2)
    monkeypatch.setattr("keras.backend.backend", lambda: "jax")

    with pytest.raises(InputError, match="accumulated on torch only, and the backend is jax"):
        make_ready(recipe, tmp_path, None, resuming=False)


@pytest.mark.parametrize("settings", [{}, {"quantize": "int4", "gradient_checkpointing": True}])
def test_a_step_makes_no_tensor_elsewhere_than_the_model_is(run, one_step, settings):
    """
    What names no device lands on another one here, as it would if the model were on a GPU.
    """
    made, expected = run(**settings), run(**settings)
    with torch.device("meta"):
        logs, gradients = one_step(made, parts=2, examples=8)

    assert logs == one_step(expected, parts=2, examples=8)[0]
    assert all(np.isfinite(gradient).all() for gradient in gradients)


def test_pairs_are_counted_in_the_memory_of_a_run(run, monkeypatch):
    made = run()
    few, many = (
        estimate(made.recipe, made.base, made.training * times, process=0, trained=0)
        for times in (1, 1000)
    )
    tokens = sum(map(len, made.training))
    assert (many - few) / 999 > 40 * tokens

    # Drawing leaves the grammar much larger than it was.
    monkeypatch.setattr(ready, "draw_parts", draw := Mock(wraps=ready.draw_parts))
    monkeypatch.setattr(ready, "resident_bytes", lambda: draw.call_count)
    small = made.recipe.but("test", count=5, validation=1, test=1, maximum=9)
    assert make_ready(small, Path("run"), None, resuming=False).process == 1
