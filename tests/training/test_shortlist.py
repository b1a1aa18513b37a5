"""Steps whose loss is over the tokens that were not improbable in the last full one."""

import numpy as np
import pytest
import torch
from torch.nn import functional

from getalwoord.models import shortlist
from getalwoord.training.kept import kept_states
from getalwoord.training.layout import arrays_of

VOCABULARY = 640


@pytest.fixture
def made_for(unmoved):
    """Give a model whose steps change nothing, with a full one in so many."""

    def model(made, *, every, parts=1):
        made.model.shortlist.every = every
        return unmoved(made, parts=parts)

    return model


@pytest.mark.parametrize(
    ("changes", "parts"), [({}, 1), ({}, 2), ({"first_block": 3}, 1), ({"quantize": "int4"}, 1)]
)
def test_a_step_between_has_the_loss_of_its_tokens_alone(
    run, made_for, gradients_of, changes, parts
):
    made = run(**changes)
    model, batch = made_for(made, every=3, parts=parts), made.training[:8]
    states = kept_states(model, batch, epochs=2)
    arrays = arrays_of(batch, parts=parts, states=states)
    answers = sorted({token for item in batch for token in item.answer})
    tokens = torch.tensor(sorted({*answers, *range(100, 120)}))
    model.train_on_batch(*arrays)
    model.shortlist.put_back(tokens[tokens != answers[1]])

    logs = model.train_on_batch(*arrays, return_dict=True)

    ours = gradients_of(model)
    assert torch.equal(model.shortlist.tokens, tokens), "answers of the batch are among them"
    model.zero_grad()
    inputs, targets, _ = arrays_of(batch)
    logits = model(inputs)
    assert logits.shape[1] == VOCABULARY, "outside of steps all have logits"
    places = torch.searchsorted(tokens, torch.from_numpy(targets).long())
    loss = functional.cross_entropy(logits[:, tokens], places)
    loss.backward()
    accuracy = (logits[:, tokens].argmax(dim=1) == places).float().mean()
    assert logs["loss"] == pytest.approx(loss.item(), rel=1e-5)
    assert logs["accuracy"] == pytest.approx(accuracy.item())
    for one, other in zip(ours, gradients_of(model), strict=True):
        np.testing.assert_allclose(one, other, rtol=1e-3, atol=1e-4 * np.abs(other).max())
    assert any(np.any(gradient) for gradient in ours)


def test_a_full_step_tells_which_tokens_are_not_improbable(
    run, made_for, gradients_of, monkeypatch
):
    """
    To a tiny base that has learned nothing few are, so the list may be as long as it likes here.
    """
    monkeypatch.setattr(shortlist, "_MOST", 1)
    monkeypatch.setattr(shortlist, "_LEAST", 1e-6)
    made = run()
    model = made_for(made, every=2)
    arrays = arrays_of(made.training[:8])

    full = model.train_on_batch(*arrays, return_dict=True), gradients_of(model)
    assert len(model.shortlist.tokens) == VOCABULARY
    short = model.train_on_batch(*arrays, return_dict=True), gradients_of(model)

    assert short[0]["loss"] == pytest.approx(full[0]["loss"], rel=1e-5)
    for one, other in zip(short[1], full[1], strict=True):
        np.testing.assert_allclose(one, other, rtol=1e-3, atol=1e-4 * np.abs(other).max())


@pytest.mark.parametrize("every", [1, 2, 3])
def test_all_tokens_come_in_every_so_many_th_step_or_while_many_are_probable(run, made_for, every):
    made = run()
    model, arrays = made_for(made, every=every), arrays_of(made.training[:8])
    head, computed = model.get_layer("answer_head"), []
    call = head.call
    head.call = lambda x: computed.append((y := call(x)).shape[1]) or y

    def columns():
        model.train_on_batch(*arrays)
        return computed[-1]

    assert [columns() for _ in range(3)] == 3 * [VOCABULARY], "the list is too long to be of use"
    for number in range(3, 7):
        model.shortlist.put_back(range(20))
        assert (columns() == VOCABULARY) == (number % every == 0)


def test_a_run_that_is_resumed_between_full_steps_ends_bit_for_bit(
    run, adapter_of, tmp_path, monkeypatch
):
    monkeypatch.setattr(shortlist, "_MOST", 1)
    monkeypatch.setattr(shortlist, "_LEAST", 2e-3)  # so that the list is not all there is
    settings = {"full_vocabulary_every": 5}
    made = run(**settings)
    whole = adapter_of(made, tmp_path / "whole")
    assert 0 < len(made.model.shortlist.tokens) < VOCABULARY
    adapter_of(run(**settings), tmp_path / "parts", stop_after=7)
    resumed = adapter_of(run(**settings), tmp_path / "parts", resume=True)
    full = adapter_of(run(), tmp_path / "full")

    for target, (a, b) in whole.items():
        assert np.array_equal(a, resumed[target][0])
        assert np.array_equal(b, resumed[target][1])
    assert any(np.any(b != full[target][1]) for target, (_, b) in whole.items())
