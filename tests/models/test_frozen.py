"""Weights kept narrow compute what wide ones do; quantised ones, what their values say."""

import numpy as np
import pytest
import torch

from getalwoord.errors import InputError
from getalwoord.models import memory, torch_matrices
from getalwoord.models.answer_model import answer_model, token_model
from getalwoord.models.bases import load_base
from getalwoord.models.copies import copies_bytes
from getalwoord.models.decoder import Decoder
from getalwoord.models.frozen import matrix_of, wide_kernel
from getalwoord.models.lean_blocks import LeanBlock
from getalwoord.models.low_rank import TARGET_MODULES, attach, frozen_projections, places
from getalwoord.models.packing import trees
from getalwoord.models.quantisation import quantise_base, weight_bytes
from getalwoord.models.torch_kernels import logits
from getalwoord.models.torch_matrices import (
    Plain,
    Quantised,
    most_probable,
    product,
    product_back,
)
from getalwoord.training.loss import AnswerLoss

FAMILIES = ["gemma", "gemma2", "gemma3"]
TOKENS = np.random.default_rng(0).integers(4, 640, (3, 9)).astype("int32")
INPUTS = {
    **trees(TOKENS.tolist(), rows=3).inputs,  # one text in each
    "positions": np.array([8, 3, 14, 26], "int32"),
}


def adapted(folder, *, modules=("query", "down"), dtype="float32", **how):
    """Load a tiny Gemma with an update that changes its answers; give it and its answer model."""
    base = load_base(str(folder), dtype=dtype, **how)
    projections = attach(base.backbone, rank=2, alpha=4.0, target_modules=modules, seed=0)
    draw = np.random.default_rng(1)
    for layer in projections.values():
        layer.lora_b.assign(draw.normal(0, 0.3, layer.lora_b.shape).astype("float32"))
    return base, answer_model(base.backbone)


def copied(model):
    """Give the matrices that have a copy."""
    blocks = [layer for layer in model.layers if isinstance(layer, LeanBlock)]
    matrices = [matrix for block in blocks for matrix in block.fixed.matrices.values()]
    return [matrix for matrix in matrices if matrix.turned is not None]


def passes(model):
    """Give logits, gradients and most probable tokens."""
    y = model(INPUTS).float()
    weights = torch.from_numpy(np.random.default_rng(2).normal(size=y.shape)).float()
    (y * weights).sum().backward()
    gradients = [gradient.numpy() for gradient in model.gradients()]
    return [y.detach().numpy(), *gradients, token_model(model).predict_on_batch(INPUTS)]


@pytest.mark.parametrize("family", FAMILIES)
def test_narrow_weights_compute_bit_for_bit_what_wide_ones_do(tiny_gemma, family):
    narrow, model = adapted(tiny_gemma(family), narrow=True)
    wide, twin = adapted(tiny_gemma(family))

    kept = {str(v.dtype) for v in narrow.backbone.variables if "lora" not in v.path}
    assert kept == {"bfloat16"}
    assert weight_bytes(wide.backbone) == 2 * weight_bytes(narrow.backbone)
    assert model.output.dtype == "float32"
    for ours, theirs in zip(passes(model), passes(twin), strict=True):
        assert np.array_equal(ours, theirs)
        assert np.any(ours)


@pytest.mark.parametrize("family", FAMILIES)
def test_a_loss_leaves_logits_that_a_soft_cap_still_needs(tiny_gemma, family):
    _, model = adapted(tiny_gemma(family))
    found = []
    for overwrite in (False, model.logits_may_be_overwritten):
        model.zero_grad()
        AnswerLoss(overwrite=overwrite)(np.array([5, 6, 7, 8]), model(INPUTS)).backward()
        found.append([gradient.numpy().copy() for gradient in model.gradients()])

    assert model.logits_may_be_overwritten == (family != "gemma2")
    assert all(map(np.array_equal, *found))


@pytest.mark.parametrize("family", FAMILIES)
def test_the_decoder_computes_with_narrow_weights_what_it_does_with_wide_ones(tiny_gemma, family):
    found = []
    for narrow in (True, False):
        base, _ = adapted(tiny_gemma(family), narrow=narrow)
        decoder = Decoder(base.backbone)
        positions = np.tile(np.arange(9, dtype="int32"), (3, 1))
        places = np.arange(27, dtype="int32").reshape(3, 9)
        cache = decoder.empty_cache(3, 9)
        hidden, _ = decoder.forward(TOKENS.ravel(), positions, cache, 0, places=places, last=9)
        found.append(decoder.array(decoder.logits(hidden)))

    assert np.array_equal(*found)


def test_a_matrix_gives_the_same_in_one_piece_and_in_several(monkeypatch):
    """
    In float64 the order of sums would make no difference; in float32 it makes one of some units
    in the last place.
    """
    draw = torch.Generator().manual_seed(0)
    matrix = Plain(torch.randn(50, 32, generator=draw).bfloat16())
    x = torch.randn(5, 32, generator=draw)
    upstream = torch.randn(5, 50, generator=draw)

    def found():
        given = x.clone().requires_grad_()
        y = logits(given, matrix, 3.0)
        (y * upstream).sum().backward()
        return [
            most_probable(x, matrix, 3.0),
            product(x, matrix),
            product_back(upstream, matrix),
            y.detach(),
            given.grad,
        ]

    whole = found()
    monkeypatch.setattr("getalwoord.models.torch_matrices._PIECE", 32 * 7)
    assert len(list(matrix.pieces(torch.float32))) == 8
    for one, other in zip(found(), whole, strict=True):
        torch.testing.assert_close(one, other, rtol=1e-5, atol=1e-5)
    # A plain product and a plain cap are the reference.
    wide = x.clone().requires_grad_()
    y = 3.0 * torch.tanh(wide @ matrix.rows(slice(None), torch.float32).t() / 3.0)
    (y * upstream).sum().backward()
    torch.testing.assert_close(whole[3], y.detach(), rtol=1e-5, atol=1e-5)
    torch.testing.assert_close(whole[4], wide.grad, rtol=1e-4, atol=1e-5)
    assert torch.equal(whole[0], y.argmax(dim=-1))


@pytest.mark.parametrize("cap", [None, 3.0])
@pytest.mark.parametrize("bits", [None, 8, 4])
def test_a_gradient_in_a_few_columns_needs_their_rows_of_the_embedding_alone(
    cap, bits, monkeypatch
):
    draw = torch.Generator().manual_seed(0)
    matrix = Plain(torch.randn(50, 32, generator=draw))
    matrix = matrix if bits is None else Quantised(matrix, bits)
    x = torch.randn(5, 32, generator=draw)
    upstream = torch.zeros(5, 50)
    upstream[:, [3, 17, 40]] = torch.randn(5, 3, generator=draw)
    asked = []

    def rows(which, dtype):
        asked.append(which)
        return type(matrix).rows(matrix, which, dtype)

    monkeypatch.setattr(matrix, "rows", rows)
    monkeypatch.setattr(torch_matrices, "_PIECE", 64)
    given = x.clone().requires_grad_()
    logits(given, matrix, cap).backward(upstream)

    assert [which.tolist() for which in asked] == [[3, 17], [40]], "two rows at once"
    wide = x.clone().requires_grad_()
    y = wide @ type(matrix).rows(matrix, slice(None), torch.float32).t()
    (y if cap is None else cap * torch.tanh(y / cap)).backward(upstream)
    torch.testing.assert_close(given.grad, wide.grad, rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize(("bits", "bound", "size"), [(8, 1 / 254, 1.2), (4, 1 / 14, 0.7)])
def test_quantised_values_are_within_half_a_step_of_their_own(bits, bound, size):
    """
    A step is the largest of those that share a scale, divided by 127 or 7.
    """
    values = torch.randn(24, 96, generator=torch.Generator().manual_seed(0))
    values[3, 32:64] = 0
    values[:, 70] *= 20
    matrix = Quantised(Plain(values), bits)

    kept = matrix.rows(slice(None), torch.float32)

    group = 96 if bits == 8 else 32
    largest = values.reshape(24, -1, group).abs().amax(dim=-1, keepdim=True)
    error = (kept - values).reshape(24, -1, group).abs()
    assert (error <= largest * bound * 1.001).all()
    assert torch.equal(kept[3, 32:64], values[3, 32:64])
    assert matrix.bytes < values.numel() * size
    assert torch.equal(matrix.rows(torch.tensor([[5, 2]]), torch.float32), kept[None, [5, 2]])
    for rows in matrix.pieces(torch.float32):
        assert torch.equal(matrix.piece(rows, torch.float32), kept[rows])


def test_values_that_fit_four_bits_come_back_as_they_were():
    values = torch.arange(-7, 8).repeat(32)[:128].reshape(2, 64).float() / 4

    assert torch.equal(Quantised(Plain(values), 4).rows(slice(None), torch.float32), values)


@pytest.mark.parametrize("kind", ["int8", "int4"])
@pytest.mark.parametrize("family", FAMILIES)
def test_a_quantised_base_computes_with_the_values_that_are_kept(tiny_gemma, family, kind):
    """
    Its twin holds the same values in float32: other orders of multiplying by a scale.
    """
    base, model = adapted(tiny_gemma(family), modules=TARGET_MODULES, narrow=True, quantize=kind)
    twin_base, _ = adapted(tiny_gemma(family), modules=TARGET_MODULES)
    twin_base.backbone.token_embedding.embeddings.assign(
        matrix_of(base.backbone.token_embedding).rows(slice(None), torch.float32)
    )
    for (_, holder, name), (_, other, _) in zip(
        places(base.backbone), places(twin_base.backbone), strict=True
    ):
        kernel = wide_kernel(getattr(holder, name).frozen)
        wide_kernel(getattr(other, name).frozen).copy_(kernel)
    twin = answer_model(twin_base.backbone)

    assert weight_bytes(base.backbone) < weight_bytes(twin_base.backbone) * 0.35
    for ours, theirs in zip(passes(model), passes(twin), strict=True):
        np.testing.assert_allclose(ours, theirs, rtol=1e-4, atol=1e-4 * np.abs(theirs).max())
    plain = passes(adapted(tiny_gemma(family), modules=TARGET_MODULES)[1])[0]
    assert np.abs(plain - passes(model)[0]).max() > 1e-3, "nothing was quantised"


@pytest.mark.parametrize("dtype", ["float32", "bfloat16"])
def test_copies_change_nothing(tiny_base_dir, monkeypatch, dtype):
    """
    Sums in another order. Where there is little memory, or fewer bits, there are no copies.
    """
    base, model = adapted(tiny_base_dir, modules=TARGET_MODULES, dtype=dtype)
    with_copies = passes(model)
    kernels = sum(layer.kernel.value.numel() for _, layer in frozen_projections(base.backbone))
    assert copies_bytes(base.backbone) == 4 * kernels
    assert len(copied(model)) == 4 * 6  # queries, keys and values together, and gate and up
    assert (copied(model)[0].packed is not None) == (dtype == "bfloat16")

    monkeypatch.setattr(memory, "total_bytes", lambda: 16 * 4 * kernels - 1)
    assert copies_bytes(base.backbone) == 0
    _, model = adapted(tiny_base_dir, modules=TARGET_MODULES, dtype=dtype)
    assert not copied(model)
    rtol, atol = (1e-4, 1e-5) if dtype == "float32" else (2**-4, 2**-5)
    for one, other in zip(with_copies, passes(model), strict=True):
        np.testing.assert_allclose(one, other, rtol=rtol, atol=atol * np.abs(other).max())
    monkeypatch.undo()
    assert copies_bytes(adapted(tiny_base_dir, quantize="int8")[0].backbone) == 0


@pytest.mark.parametrize("made", [Plain, lambda matrix: Quantised(Plain(matrix), 8)])
def test_products_are_the_same_without_onednn(made, monkeypatch):
    """
    Sums in another order. The matrix takes several pieces, the last of them smaller.
    """
    draw = torch.Generator().manual_seed(0)
    matrix = made(torch.randn(2700, 640, generator=draw))
    x, upstream = (torch.randn(9, size, generator=draw) for size in (640, 2700))
    assert len(list(matrix.pieces(torch.float32))) > 1

    ours = product(x, matrix), product_back(upstream, matrix), most_probable(x, matrix, None)
    monkeypatch.setattr(torch_matrices, "has_onednn", lambda: False)
    theirs = product(x, matrix), product_back(upstream, matrix), most_probable(x, matrix, None)

    for one, other in zip(ours, theirs, strict=True):
        torch.testing.assert_close(one, other, rtol=1e-4, atol=1e-3)


def test_an_adapter_can_be_put_on_a_quantised_base_again(tiny_base_dir):
    base, model = adapted(tiny_base_dir, modules=TARGET_MODULES, quantize="int8")
    first = passes(model)[0]
    projections = attach(base.backbone, rank=2, alpha=4.0, target_modules=["query"], seed=0)

    again = passes(answer_model(base.backbone))[0]

    assert len(projections) == 6
    assert again.shape == first.shape
    assert np.isfinite(again).all()


def test_a_base_is_quantised_on_torch_only(tiny_base_dir, monkeypatch):
    base = load_base(str(tiny_base_dir), dtype="float32")
    monkeypatch.setattr("keras.backend.backend", lambda: "jax")
    with pytest.raises(InputError, match="quantised on torch only, and the backend is jax"):
        quantise_base(base.backbone, "int8")
