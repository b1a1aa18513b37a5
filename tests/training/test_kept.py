"""Blocks below the first that is trained: fixed, and computed once for all epochs."""

import numpy as np
import pytest

from getalwoord.errors import InputError
from getalwoord.models import memory
from getalwoord.models.low_rank import first_adapted
from getalwoord.training.kept import kept_bytes, kept_states

FIRST = 3  # of six


@pytest.mark.parametrize(
    ("rows", "accumulate", "recompute"), [(1, 1, False), (3, 1, True), (4, 2, False)]
)
def test_states_that_are_kept_give_the_same_step(run, one_step, rows, accumulate, recompute):
    """
    Products of other shapes, so sums in another order.
    """
    made = run(first_block=FIRST, gradient_checkpointing=recompute)
    states = kept_states(made.model, made.training, epochs=2)
    assert {state.shape[-1] for state in states} == {made.base.backbone.hidden_dim}
    assert [len(state) for state in states] == [len(item.read) for item in made.training]

    logs, ours = one_step(made, rows=rows, states=states, parts=accumulate)
    expected_logs, theirs = one_step(
        run(first_block=FIRST, gradient_checkpointing=recompute), rows=rows, parts=accumulate
    )

    assert logs["loss"] == pytest.approx(expected_logs["loss"], rel=1e-5)
    assert len(ours) == 2 * 7 * (6 - FIRST)
    for one, other in zip(ours, theirs, strict=True):
        np.testing.assert_allclose(one, other, rtol=1e-3, atol=1e-4 * np.abs(other).max())
    assert any(np.any(gradient) for gradient in theirs)


def test_blocks_below_the_first_stay_as_they_are_and_a_resumed_run_ends_bit_for_bit(
    run, adapter_of, tmp_path
):
    whole = adapter_of(run(first_block=FIRST), tmp_path / "whole")
    adapter_of(run(first_block=FIRST), tmp_path / "parts", stop_after=4)
    resumed = adapter_of(run(first_block=FIRST), tmp_path / "parts", resume=True)

    assert len(whole) == 7 * 6, "an adapter has all blocks, for those who read it"
    for target, (a, b) in whole.items():
        assert np.any(b) == (target.block >= FIRST)
        assert np.array_equal(a, resumed[target][0])
        assert np.array_equal(b, resumed[target][1])


def test_without_memory_for_states_the_run_is_the_same_but_for_rounding(
    run, adapter_of, tmp_path, monkeypatch
):
    with_states = adapter_of(run(first_block=FIRST, epochs=2), tmp_path / "with")
    monkeypatch.setattr(memory, "total_bytes", lambda: 1000)
    made = run(first_block=FIRST, epochs=2)
    assert kept_states(made.model, made.training, epochs=2) is None
    without = adapter_of(made, tmp_path / "without")

    for target, (_, b) in with_states.items():
        other = without[target][1]
        np.testing.assert_allclose(b, other, rtol=0.02, atol=0.02 * max(np.abs(other).max(), 1e-9))


def test_states_are_kept_where_they_are_used_again(run):
    made = run(first_block=FIRST)
    width, tokens = made.base.backbone.hidden_dim, sum(len(item.read) for item in made.training)

    def size(**changes):
        usual = {"fixed_blocks": FIRST, "width": width, "epochs": 2}
        return kept_bytes(made.training, **(usual | changes))

    assert size() == 4 * width * tokens
    assert size(epochs=1) == size(fixed_blocks=0) == size(width=10**9) == 0
    assert first_adapted(made.base.backbone) == made.model.fixed_blocks == FIRST
    assert kept_states(run().model, made.training, epochs=2) is None


def test_a_block_that_is_not_there_cannot_be_the_first(run):
    with pytest.raises(InputError, match=r"first_block 6 leaves no block .* has 6, from 0 on"):
        run(first_block=6)
