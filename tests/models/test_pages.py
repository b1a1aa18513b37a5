"""What is mapped from a file can leave memory and come back; what was written to stays."""

import numpy as np
import pytest
import torch
from safetensors import safe_open
from safetensors.torch import save_file

from getalwoord.models.answer_model import answer_model
from getalwoord.models.bases import load_base
from getalwoord.models.copies import copies_bytes, let_go_bytes
from getalwoord.models.low_rank import TARGET_MODULES, attach, frozen_projections
from getalwoord.models.memory import resident_bytes
from getalwoord.models.pages import give_back, lies_in, unchanged_files
from getalwoord.models.torch_matrices import (
    Plain,
    most_probable,
    product,
    product_back,
    product_back_of,
)
from getalwoord.models.torch_weights import Joined

SHAPE = (40_000, 320)  # 26 MB, of which a piece is more than half


@pytest.fixture
def mapped(tmp_path):
    """Map a matrix from a file; give it, and a copy in memory."""
    values = torch.randn(SHAPE, generator=torch.Generator().manual_seed(0)).bfloat16()
    save_file({"values": values}, tmp_path / "file.safetensors")
    with safe_open(tmp_path / "file.safetensors", framework="pt") as file:
        tensor = file.get_tensor("values")
    assert torch.equal(tensor, values)
    return tensor, values


def test_a_file_is_told_from_memory_and_from_what_was_written_to(mapped):
    tensor, copy = mapped
    assert lies_in(tensor, unchanged_files())
    assert lies_in(tensor[1000:2000], unchanged_files())
    assert not lies_in(copy, unchanged_files())

    tensor[20_000, 7] = 1.0

    assert not lies_in(tensor, unchanged_files())
    assert not lies_in(tensor[1000:2000], unchanged_files()), "its pages are not told apart"


def test_pages_that_are_given_back_leave_memory_and_are_read_again(mapped):
    tensor, copy = mapped
    before = resident_bytes()

    give_back(tensor)

    assert before - resident_bytes() > 0.9 * copy.numel() * 2
    assert torch.equal(tensor, copy)


@pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16])
def test_a_matrix_that_is_let_go_of_computes_what_one_that_stays_does(mapped, dtype, monkeypatch):
    """
    A piece at a time is in memory. Of those with few columns there are several, too.
    """
    tensor, copy = mapped
    monkeypatch.setattr("getalwoord.models.torch_matrices._PASSING", SHAPE[0] * SHAPE[1] * 2 // 3)
    draw = torch.Generator().manual_seed(1)
    x, gradient = (
        (torch.randn(3, size, generator=draw) / size**0.5).to(dtype) for size in reversed(SHAPE)
    )
    columns = torch.arange(0, SHAPE[0], 7)
    found = []
    for matrix in (Plain(tensor, is_let_go_of=True), Plain(copy)):
        give_back(tensor)
        at_once = len(list(matrix.pieces(dtype)))
        found.append(
            [
                product(x, matrix),
                product_back(gradient, matrix),
                product_back_of(gradient[:, columns], matrix, columns),
                most_probable(x, matrix, None),
            ]
        )
        in_bfloat16 = 2 if matrix.values is tensor else 1
        assert at_once == (10 if dtype == torch.float32 else in_bfloat16)
    before = resident_bytes()
    give_back(tensor)
    assert before - resident_bytes() < 1e6, "it was in memory"
    close = {"rtol": 2**-6, "atol": 2**-6} if dtype == torch.bfloat16 else {"rtol": 0, "atol": 0}
    for one, other in zip(*found, strict=True):
        torch.testing.assert_close(one, other, **close)


def test_matrices_of_which_there_are_copies_leave_memory(mapped):
    """
    Unless they are in no file: these would be gone.
    """
    tensor, copy = mapped
    draw = torch.Generator().manual_seed(1)
    x, gradient = (
        torch.randn(3, size, generator=draw).bfloat16() for size in (SHAPE[1], 2 * SHAPE[0])
    )
    joined, plain = (Joined([Plain(tensor), Plain(copy)]) for _ in range(2))
    assert tensor.float().sum() == copy.float().sum()  # all of it is in memory now

    joined.pack(torch.bfloat16, unchanged_files())

    before = resident_bytes()
    give_back(tensor)
    assert before - resident_bytes() < 1e6, "it was in memory"
    assert torch.equal(tensor, copy)
    for ours, theirs in (
        (joined.product(x), plain.product(x)),
        (joined.product_back(gradient), plain.product_back(gradient)),
    ):
        torch.testing.assert_close(ours, theirs, rtol=1e-2, atol=4.0)


@pytest.mark.parametrize("dtype", ["float32", "bfloat16"])
def test_what_leaves_memory_is_told_beforehand(tiny_base_dir, dtype):
    """
    The embedding, and in bfloat16 the blocks, which have copies there for both ways.
    """
    base = load_base(str(tiny_base_dir), dtype=dtype, narrow=True)
    attach(base.backbone, rank=2, alpha=4.0, target_modules=TARGET_MODULES, seed=0)
    kernels = sum(layer.kernel.value.numel() for _, layer in frozen_projections(base.backbone))
    embedding = base.backbone.token_embedding.embeddings.value
    assert copies_bytes(base.backbone) == 4 * kernels
    blocks = 2 * kernels if dtype == "bfloat16" else 0
    assert let_go_bytes(base.backbone) == 2 * embedding.numel() + blocks
    answer_model(base.backbone)
    assert let_go_bytes(base.backbone) == 2 * embedding.numel() + blocks

    embedding[0, 0] = 1.0

    assert let_go_bytes(base.backbone) == 0, "one file holds all weights, and is not what it was"
    before = embedding.float().numpy()
    answer_model(base.backbone)(
        {
            "token_ids": np.array([[5, 6]], "int32"),
            "positions": np.array([1], "int32"),
            "depths": np.array([[0, 1]], "int32"),
            "seen": np.tri(2, dtype=bool)[None],
        }
    )
    assert np.array_equal(before, embedding.float().numpy())
