"""Frozen layers of KerasHub in a form that costs less: past Keras's own call, and kept narrow."""

from typing import Any
from weakref import WeakKeyDictionary

import keras
from keras import ops


class Direct(keras.layers.Layer):
    """A layer in the place of a frozen one, which torch tensors go straight through.

    Keras's own `__call__` casts, masks and keeps books, 0.3 ms each time on a CPU.
    """

    def __init__(self, frozen: keras.layers.Layer, *, name: str | None = None) -> None:
        super().__init__(name=name or frozen.name, dtype=frozen.dtype_policy)
        self.frozen = frozen
        self.built = True
        self.supports_masking = True  # what is padding is told where it matters

    def __call__(self, x: Any, *, training: bool | None = None, **keywords: Any) -> Any:
        # Keras tells the layers of a model whether it trains, which makes no difference here.
        if keras.backend.backend() == "torch" and not isinstance(x, keras.KerasTensor):
            return self.call(x, **keywords)
        return super().__call__(x, **keywords)


class FrozenNorm(Direct):
    """KerasHub's RMS normalisation with a backward pass that is written out; torch only.

    Args:
        frozen: The normalisation to wrap.

    Shapes:
        call: (…, width) float32, to the same in the dtype to compute in

    Source: Zhang and Sennrich 2019, https://arxiv.org/abs/1910.07467
    """

    def __init__(self, frozen: keras.layers.Layer) -> None:
        super().__init__(frozen)
        self._factor = factor_of(frozen)

    def call(self, x: keras.KerasTensor) -> keras.KerasTensor:
        import torch

        from getalwoord.models.torch_kernels import root_mean_square_norm

        dtype = getattr(torch, self.compute_dtype)
        return root_mean_square_norm(x, self._factor, self.frozen.epsilon, dtype)

    def compute_output_shape(self, input_shape: tuple[int | None, ...]) -> tuple[int | None, ...]:
        return input_shape


# The norms of a decoder block, and what KerasHub calls them; not every family has all.
NORMS = {
    "before_attention": "pre_attention_norm",
    "after_attention": "post_attention_norm",
    "before_feedforward": "pre_ffw_norm",
    "after_feedforward": "post_ffw_norm",
}


def factor_of(norm: keras.layers.Layer) -> keras.KerasTensor:
    """Tell what an RMS normalisation of KerasHub multiplies by, (width,) float32."""
    return ops.stop_gradient(ops.cast(norm.scale, "float32")) + 1


def factors_of(block: keras.layers.Layer) -> dict[str, keras.KerasTensor]:
    """Tell what each norm of a decoder block multiplies by, by its name in `NORMS`."""
    norms = {name: getattr(block, given, None) for name, given in NORMS.items()}
    return {name: factor_of(norm) for name, norm in norms.items() if norm is not None}


class Recomputed(Direct):
    """A block that keeps only its input for the backward pass, and is computed again there.

    Source: Chen et al. 2016, https://arxiv.org/abs/1604.06174
    """

    def call(self, x: keras.KerasTensor, **keywords: keras.KerasTensor) -> keras.KerasTensor:
        # A new function each time: of one that it knows, JAX would take what it traced before, with
        # the variables of that trace.
        return keras.remat(lambda x: self.frozen(x, **keywords))(x)

    def compute_output_spec(
        self, x: keras.KerasTensor, **keywords: keras.KerasTensor
    ) -> keras.KerasTensor:
        if isinstance(self.frozen, Direct):
            return self.frozen.compute_output_spec(x, **keywords)
        return keras.KerasTensor(x.shape, dtype=x.dtype)


# What layers were quantised to; their own weights are gone.
_QUANTISED: WeakKeyDictionary[keras.layers.Layer, Any] = WeakKeyDictionary()


def matrix_of(layer: keras.layers.Layer) -> Any:
    """Give the weights of a projection or an embedding, as they are kept; torch only.

    Returns:
        A matrix of `torch_matrices`, (outputs, inputs) or (vocabulary, width).
    """
    from getalwoord.models.torch_matrices import Plain

    if layer in _QUANTISED:
        return _QUANTISED[layer]
    if isinstance(layer, keras.layers.Embedding):
        return Plain(layer.embeddings.value.detach())
    return Plain(_flat(layer).detach().t())


def is_quantised(layer: keras.layers.Layer) -> bool:
    """Tell whether the weights of a layer are kept in fewer bits."""
    return layer in _QUANTISED


def wide_kernel(projection: keras.layers.EinsumDense) -> keras.KerasTensor:
    """Give the kernel of a projection as (inputs, outputs), in the dtype it is computed in."""
    if keras.backend.backend() != "torch":
        return _flat(projection)
    import torch

    dtype = getattr(torch, projection.compute_dtype)
    return matrix_of(projection).rows(slice(None), dtype).t()


def quantise(layer: keras.layers.Layer, bits: int) -> None:
    """Keep the weights of a projection or an embedding in 8 or 4 bits, and let go of them.

    Afterwards only what asks `matrix_of` can compute with the layer; torch only.
    """
    import torch

    from getalwoord.models.pages import give_back
    from getalwoord.models.torch_matrices import Quantised

    is_embedding = isinstance(layer, keras.layers.Embedding)
    variable = layer.embeddings if is_embedding else layer.kernel
    _QUANTISED[layer] = Quantised(matrix_of(layer), bits)
    give_back(variable.value)
    gone = torch.empty(variable.shape, dtype=variable.value.dtype, device="meta")
    variable._value = torch.nn.Parameter(gone, requires_grad=False)


def _flat(projection: keras.layers.EinsumDense) -> keras.KerasTensor:
    kernel = projection.kernel
    match projection.equation:
        case "btd,ndh->btnh" | "bsd,kdh->bskh":
            heads, inputs, size = kernel.shape
            return ops.reshape(ops.transpose(kernel, (1, 0, 2)), (inputs, heads * size))
        case "btnh,nhd->btd":
            heads, size, outputs = kernel.shape
            return ops.reshape(kernel, (heads * size, outputs))
        case _:  # "btd,df->btf" and "btf,fd->btd" are flat already
            return ops.convert_to_tensor(kernel)
