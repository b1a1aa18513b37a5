"""The loss and the accuracy equal Keras's own, in value and gradient."""

import numpy as np
import pytest
import torch

from getalwoord.models import keras
from getalwoord.training.loss import AnswerAccuracy, AnswerLoss


def drawn(rows, vocabulary=50, scale=3.0):
    random = np.random.default_rng(rows)
    logits = random.normal(0, scale, (rows, vocabulary)).astype("float32")
    targets = random.integers(0, vocabulary, rows).astype("int32")
    weights = np.ones(rows, "float32")
    weights[rows - rows // 4 :] = 0
    return logits, targets, weights


def keras_loss(logits, targets, weights):
    return keras.losses.SparseCategoricalCrossentropy(
        from_logits=True, reduction="mean_with_sample_weight"
    )(targets, logits, weights)


# Eight rows are computed at once: fewer, just as many, one more, many.
@pytest.mark.parametrize("rows", [1, 7, 8, 9, 16, 61])
@pytest.mark.parametrize("weighted", [False, True])
def test_value_and_gradient_equal_kerass_cross_entropy(rows, weighted):
    """
    Both in float32; sums over 50 logits differ in the last bits.
    """
    logits, targets, weights = drawn(rows)
    weights = weights if weighted else None
    found = []
    for loss in (lambda *of: AnswerLoss()(of[1], of[0], of[2]), keras_loss):
        given = torch.from_numpy(logits).requires_grad_()
        value = loss(given, torch.from_numpy(targets), weights)
        value.backward()
        found.append((value.item(), given.grad.numpy()))

    (ours, our_gradient), (theirs, their_gradient) = found
    assert ours == pytest.approx(theirs, rel=1e-5)
    np.testing.assert_allclose(our_gradient, their_gradient, rtol=1e-4, atol=1e-7)
    assert np.any(our_gradient)


def test_a_gradient_in_the_place_of_the_logits_is_the_same():
    logits, targets, weights = drawn(20)
    found = []
    for overwrite in (False, True):
        leaf = torch.from_numpy(logits).requires_grad_()
        given = leaf * 2
        AnswerLoss(overwrite=overwrite)(torch.from_numpy(targets), given, weights).backward()
        found.append(leaf.grad.numpy())
        assert torch.equal(given, leaf * 2) != overwrite

    assert np.array_equal(*found)


def test_padding_has_no_part_in_value_or_gradient():
    logits, targets, weights = drawn(12)
    changed = np.where(weights[:, None] > 0, logits, 1e4)
    found = []
    for rows in (logits, changed):
        given = torch.from_numpy(rows.astype("float32")).requires_grad_()
        value = AnswerLoss()(torch.from_numpy(targets), given, weights)
        value.backward()
        found.append((value.item(), given.grad.numpy()))

    assert found[0][0] == found[1][0]
    assert np.array_equal(found[0][1], found[1][1])
    assert not found[0][1][weights == 0].any()


@pytest.mark.parametrize("overwrite", [False, True])
def test_tokens_below_the_precision_of_the_logits_have_no_gradient(overwrite):
    """
    A token counts for all rows if one row may give it, and if it is right, however improbable.
    """
    probabilities = torch.full((9, 400), 2e-6)
    probabilities[:, :3] = torch.tensor([0.7, 0.2, 0.0992])
    probabilities[8, 7] = 1e-3
    leaf = probabilities.log().bfloat16().requires_grad_()
    targets = torch.tensor([0, 1, 2, 0, 0, 0, 0, 0, 300])
    AnswerLoss(overwrite=overwrite)(targets, leaf * 1).backward()
    wide = leaf.detach().float().requires_grad_()
    keras_loss(wide, targets, None).backward()

    counted = [0, 1, 2, 7, 300]
    assert leaf.grad.any(dim=0).nonzero()[:, 0].tolist() == counted
    np.testing.assert_allclose(
        leaf.grad[:, counted].float(), wide.grad[:, counted], rtol=2**-7, atol=1e-9
    )
    left_out = wide.grad.clone()
    left_out[:, counted] = 0
    assert left_out.norm() < 2**-8 * wide.grad.norm()


def test_huge_logits_overflow_nowhere():
    logits = torch.tensor([[1e4, -1e4, 0.0], [-1e4, 1e4, 0.0]], requires_grad=True)
    value = AnswerLoss()(torch.tensor([0, 0]), logits)
    value.backward()

    assert value.item() == pytest.approx(1e4)  # (0 + 2·10⁴) / 2
    assert torch.isfinite(logits.grad).all()


def test_logits_in_bfloat16_are_summed_in_float32():
    """
    The gradient alone is rounded to bfloat16's 8 bits.
    """
    logits, targets, weights = drawn(20)
    narrow = torch.from_numpy(logits).bfloat16().requires_grad_()
    wide = narrow.detach().float().requires_grad_()
    ours = AnswerLoss()(torch.from_numpy(targets), narrow, weights)
    theirs = keras_loss(wide, torch.from_numpy(targets), weights)
    ours.backward()
    theirs.backward()

    assert ours.item() == pytest.approx(theirs.item(), rel=1e-5)
    assert narrow.grad.dtype == torch.bfloat16
    np.testing.assert_allclose(narrow.grad.float(), wide.grad, rtol=2**-7, atol=1e-6)


def test_accuracy_is_the_weighted_share_of_most_probable_tokens():
    logits, targets, weights = drawn(40)
    targets[::3] = logits[::3].argmax(axis=-1)
    accuracy = AnswerAccuracy()
    for rows in (slice(0, 15), slice(15, 40)):
        accuracy.update_state(targets[rows], torch.from_numpy(logits[rows]), weights[rows])

    right = (logits.argmax(axis=-1) == targets)[weights > 0].mean()
    assert float(accuracy.result()) == pytest.approx(right)
    assert 0.3 < right < 0.5
