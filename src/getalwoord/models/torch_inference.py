"""The operations of `decoder` in torch."""

from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np
import numpy.typing as npt
import torch
from torch.nn import functional

from getalwoord.models import heap
from getalwoord.models.frozen import matrix_of
from getalwoord.models.torch_kernels import attend, inverse_root_mean_square, turned
from getalwoord.models.torch_matrices import Matrix, laid_out, linear, linear_gelu, packs, product


class TorchKit:
    """torch's operations; the same as `KerasKit`'s, with a cache that is written in place."""

    any_shape = True

    def __init__(self) -> None:
        heap.keep_freed_memory()

    def compiled(self, function: Callable[..., Any], settings: Any) -> Callable[..., Any]:
        """Bind a function to this kit and its settings, without gradients."""
        inference: Callable[..., Any] = torch.inference_mode()(partial(function, self, settings))
        return inference

    def columns_seen(self, used: int, there: int) -> int:
        """Tell how many columns of the cache a step looks at: those that hold something."""
        return used

    def give_back(self) -> None:
        """Hand freed memory back to the system."""
        heap.give_back()

    def rounded(self, token_ids: npt.NDArray[np.int32]) -> npt.NDArray[np.int32]:
        """Nothing needs to be added: any number of tokens will do."""
        return token_ids

    def tensor(self, array: npt.NDArray[Any], dtype: str | None = None) -> torch.Tensor:
        made = torch.from_numpy(np.ascontiguousarray(array)).to(_device())
        return made if dtype is None else made.to(getattr(torch, dtype))

    def room(self, shape: tuple[int, ...], dtype: str) -> torch.Tensor:
        return torch.empty(shape, dtype=getattr(torch, dtype), device=_device())

    def table(self, embedding: Any) -> Matrix:
        matrix: Matrix = matrix_of(embedding)
        return matrix

    def take(self, table: Matrix, ids: torch.Tensor, dtype: str) -> torch.Tensor:
        return table.rows(ids, getattr(torch, dtype))

    def pick(self, x: torch.Tensor, ids: torch.Tensor) -> torch.Tensor:
        return x.index_select(0, ids.reshape(-1)).view(*ids.shape, *x.shape[1:])

    def wide(self, x: torch.Tensor) -> torch.Tensor:
        return x.float()

    def tanh(self, x: torch.Tensor) -> torch.Tensor:
        return x.tanh()

    def matrix(self, kernel: torch.Tensor) -> torch.Tensor:
        kernel = kernel.detach()
        if kernel.device.type != "cpu" or not packs(kernel.dtype):
            return kernel
        return laid_out(kernel.t())

    def linear(self, x: torch.Tensor, matrix: torch.Tensor) -> torch.Tensor:
        return linear(x, matrix) if matrix.is_mkldnn else x @ matrix

    def logits(self, x: torch.Tensor, rows: torch.Tensor | Matrix) -> torch.Tensor:
        if isinstance(rows, torch.Tensor):
            return functional.linear(x, rows.detach())
        y = product(x.flatten(0, -2), rows)
        return y.view(*x.shape[:-1], y.shape[-1])

    def add(self, x: torch.Tensor, y: torch.Tensor) -> torch.Tensor:
        return x.add_(y)

    def gated(self, x: torch.Tensor, gate: torch.Tensor, up: torch.Tensor) -> torch.Tensor:
        if gate.is_mkldnn:
            opened = linear_gelu(x, gate)
        else:
            opened = functional.gelu(self.linear(x, gate), approximate="tanh")
        return opened.mul_(self.linear(x, up))

    def norm(self, x: torch.Tensor, factor: torch.Tensor, epsilon: float) -> torch.Tensor:
        wide = x.float()
        inverse = inverse_root_mean_square(wide, epsilon)
        # A copy of one's own may be written to.
        normed = wide * inverse if wide is x else wide.mul_(inverse)
        return normed.mul_(factor).to(x.dtype)

    def rotate(self, x: torch.Tensor, cosine: torch.Tensor, sine: torch.Tensor) -> torch.Tensor:
        return turned(x, cosine, sine)

    def write(self, kept: torch.Tensor, new: torch.Tensor, column: int) -> torch.Tensor:
        kept[:, :, column : column + new.shape[1]] = new.transpose(1, 2)
        return kept

    def mask(self, seen: npt.NDArray[np.bool_], shared: int, dtype: str) -> torch.Tensor:
        # What is added to logits: of truth values each call would make this anew.
        added = np.where(np.repeat(seen[:, None], shared, axis=2), np.float32(0), -np.inf)
        return self.tensor(added, dtype)

    attend = staticmethod(attend)

    def widened(self, kept: torch.Tensor, rows: int, columns: int) -> torch.Tensor:
        wide = kept.new_empty(rows, kept.shape[1], columns, kept.shape[3])
        wide[:, :, : kept.shape[2]] = kept
        return wide

    def log_sum_exp(self, logits: torch.Tensor) -> npt.NDArray[np.float32]:
        return np.asarray(logits.logsumexp(dim=-1).numpy(force=True), np.float32)

    def array(self, tensor: torch.Tensor) -> npt.NDArray[Any]:
        return np.asarray(tensor.numpy(force=True))


def _device() -> str:
    from keras.src.backend.torch.core import get_device

    return str(get_device())
