"""The low-rank update of a frozen projection (LoRA), for any Gemma of KerasHub.

KerasHub's own `enable_lora` adds B·A to the kernel in every step, and so forms a full-size
kernel and a full-size weight gradient for each projection. Here neither exists.
"""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import keras
import numpy as np
from keras import ops

from getalwoord.errors import InputError
from getalwoord.models.frozen import Direct, wide_kernel
from getalwoord.recipe import Recipe

# Where each projection sits in a KerasHub decoder block, and what Hugging Face and PEFT call it.
_PLACES = {
    "query": ("attention", "query_dense", "self_attn.q_proj"),
    "key": ("attention", "key_dense", "self_attn.k_proj"),
    "value": ("attention", "value_dense", "self_attn.v_proj"),
    "output": ("attention", "output_dense", "self_attn.o_proj"),
    "gate": (None, "gating_ffw", "mlp.gate_proj"),
    "up": (None, "gating_ffw_2", "mlp.up_proj"),
    "down": (None, "ffw_linear", "mlp.down_proj"),
}
TARGET_MODULES = tuple(_PLACES)
# Target modules by what Hugging Face and PEFT call them in a block.
PEFT_MODULES = {name: module for module, (_, _, name) in _PLACES.items()}


@dataclass(frozen=True, slots=True)
class Target:
    """One projection that an adapter changes.

    Attributes:
        block: Number of the decoder block, from 0.
        module: One of `TARGET_MODULES`.
    """

    block: int
    module: str

    @property
    def peft_name(self) -> str:
        """The module's name as PEFT and Hugging Face write it."""
        return f"model.layers.{self.block}.{_PLACES[self.module][2]}"


class LowRankProjection(Direct):
    """A frozen projection with a trainable low-rank update (LoRA).

    ``y = x·W + (alpha / rank) · (x·Aᵀ)·Bᵀ``, in that order: the product B·A is as large as W
    and is never formed. W is never written to, so several adapters can share one base.

    A and B are kept in float32, since the steps of an optimizer are smaller than bfloat16 can
    hold, and are rounded to the base's dtype for the product.

    Args:
        frozen: The projection to wrap, an `EinsumDense` of KerasHub. Its kernel W is used as a
            flat matrix, which on torch is a view where the base was loaded by us, and is widened
            for each product where it is kept narrower than it is computed with.
        rank: Inner size of the update.
        alpha: Strength of the update; equal to the rank, the scale is 1.
        seed: Draws A. B starts at zero, so an untrained adapter changes no answer.
        name: Must differ from all others in a model: gradients on torch are found by the paths of
            their variables.

    Shapes:
        W, flat: (inputs, outputs)
        A and B: (rank, inputs) and (outputs, rank), float32, as PEFT stores them
        call: that of `frozen`, in the dtype of its input

    Raises:
        InputError: The rank is below 1 or above the smaller side of W.

    Source: Hu et al. 2021, section 4.1, https://arxiv.org/abs/2106.09685
    """

    def __init__(
        self,
        frozen: keras.layers.EinsumDense,
        *,
        rank: int,
        alpha: float,
        seed: Sequence[int],
        name: str,
    ) -> None:
        super().__init__(frozen, name=name)
        self._outputs = tuple(frozen.partial_output_shape[1:])  # without the tokens' axis
        outputs = math.prod(self._outputs)
        inputs = math.prod(frozen.kernel.shape) // outputs
        if not 1 <= rank <= min(inputs, outputs):
            raise InputError(
                f"rank {rank} does not fit the {frozen.name} projection, which is {inputs} by "
                f"{outputs}: choose 1 to {min(inputs, outputs)}"
            )
        self.scale = alpha / rank
        # PEFT's initialisation: uniform with bound 1/√inputs. NumPy draws it, so that it is the
        # same on every backend.
        bound = 1 / math.sqrt(inputs)
        drawn = np.random.default_rng(seed).uniform(-bound, bound, (rank, inputs))
        self.lora_a = self.add_weight(
            name="lora_a", shape=(rank, inputs), initializer="zeros", dtype="float32"
        )
        self.lora_a.assign(drawn.astype("float32"))
        self.lora_b = self.add_weight(
            name="lora_b", shape=(outputs, rank), initializer="zeros", dtype="float32"
        )

    def merged_kernel(self) -> keras.KerasTensor:
        """Give W with its update added, (inputs, outputs), summed in float32."""
        update = ops.matmul(self.lora_b * self.scale, self.lora_a)  # (outputs, inputs)
        kernel = wide_kernel(self.frozen)
        return ops.cast(ops.cast(kernel, "float32") + ops.transpose(update), kernel.dtype)

    def call(self, x: keras.KerasTensor) -> keras.KerasTensor:
        batch, tokens, *inputs = ops.shape(x)
        x = ops.reshape(x, (batch, tokens, math.prod(inputs)))
        a = ops.transpose(ops.cast(self.lora_a, x.dtype))  # (inputs, rank)
        b = ops.transpose(ops.cast(self.lora_b * self.scale, x.dtype))  # (rank, outputs)
        y = ops.matmul(x, wide_kernel(self.frozen)) + ops.matmul(ops.matmul(x, a), b)
        return ops.reshape(y, (batch, tokens, *self._outputs))

    def compute_output_shape(self, input_shape: tuple[int | None, ...]) -> tuple[int | None, ...]:
        return tuple(self.frozen.compute_output_shape(input_shape))


def attach(
    backbone: keras.Model,
    *,
    rank: int,
    alpha: float,
    target_modules: Sequence[str],
    seed: int,
    first_block: int = 0,
) -> dict[Target, LowRankProjection]:
    """Freeze a backbone and give its projections a low-rank update each.

    Args:
        backbone: A KerasHub backbone of Gemma 1, 2 or 3; changed in place.
        rank: Inner size of the updates.
        alpha: Strength of the updates.
        target_modules: Which projections, of `TARGET_MODULES`, in every decoder block.
        seed: Draws the matrices A.
        first_block: The updates of the blocks below it stay zero.

    Raises:
        InputError: A target module is not known, the rank does not fit, or there is no such block.
    """
    blocks = len(backbone.transformer_layers)
    if first_block >= blocks:
        raise InputError(
            f"first_block {first_block} leaves no block to adapt: the base has {blocks}, from 0 on"
        )
    unknown = set(target_modules) - set(TARGET_MODULES)
    if unknown:
        raise InputError(
            f"target module {min(unknown)!r} is not known: use {', '.join(TARGET_MODULES)}"
        )
    detach(backbone)
    for variable in backbone.variables:
        variable.trainable = False
    adapted = [place for place in places(backbone) if place[0].module in target_modules]
    projections = {
        target: LowRankProjection(
            getattr(holder, attribute),
            rank=rank,
            alpha=alpha,
            seed=(seed, target.block, TARGET_MODULES.index(target.module)),
            name=f"block_{target.block}_{target.module}",
        )
        for target, holder, attribute in adapted
    }
    for target, holder, attribute in adapted:
        if target.block < first_block:
            projections[target].trainable = False
        _replace(holder, attribute, projections[target])
    return projections


def attach_for(backbone: keras.Model, recipe: Recipe) -> dict[Target, LowRankProjection]:
    """Attach the updates that a recipe asks for, as `attach` does."""
    return attach(
        backbone,
        rank=recipe.rank,
        alpha=recipe.scale_alpha,
        target_modules=recipe.target_modules,
        seed=recipe.seed,
        first_block=recipe.first_block,
    )


def first_adapted(backbone: keras.Model) -> int:
    """Tell which block is the first that is trained, from 0; 0 if none is."""
    layers = ((target, getattr(holder, name)) for target, holder, name in places(backbone))
    trained = (
        target.block
        for target, layer in layers
        if isinstance(layer, LowRankProjection) and layer.trainable
    )
    return min(trained, default=0)


def frozen_projections(
    backbone: keras.Model,
) -> Iterator[tuple[Target, keras.layers.EinsumDense]]:
    """Give each projection of a backbone as it is without an update."""
    for target, holder, attribute in places(backbone):
        layer = getattr(holder, attribute)
        yield target, getattr(layer, "frozen", layer)


def merged_kernels(backbone: keras.Model) -> Iterator[tuple[Target, keras.KerasTensor]]:
    """Give each projection of a backbone as a matrix of (inputs, outputs), updates added."""
    for target, holder, attribute in places(backbone):
        layer = getattr(holder, attribute)
        if isinstance(layer, LowRankProjection):
            yield target, layer.merged_kernel()
        else:
            yield target, wide_kernel(layer)


def detach(backbone: keras.Model) -> None:
    """Give a backbone its own projections back."""
    for _, holder, attribute in places(backbone):
        layer = getattr(holder, attribute)
        if isinstance(layer, Direct):
            _replace(holder, attribute, layer.frozen)


def places(backbone: keras.Model) -> Iterator[tuple[Target, keras.layers.Layer, str]]:
    """Tell where each projection is: the layer that holds it, and by what attribute."""
    for number, block in enumerate(backbone.transformer_layers):
        for module, holder, attribute in _places_in(block):
            yield Target(number, module), holder, attribute


def in_block(block: keras.layers.Layer) -> dict[str, keras.layers.Layer]:
    """Give the projections of a decoder block by target module, with or without an update."""
    return {module: getattr(holder, attribute) for module, holder, attribute in _places_in(block)}


def _places_in(block: keras.layers.Layer) -> Iterator[tuple[str, keras.layers.Layer, str]]:
    for module, (part, attribute, _) in _PLACES.items():
        yield module, getattr(block, part) if part else block, attribute


def _replace(holder: keras.layers.Layer, attribute: str, layer: keras.layers.Layer) -> None:
    # A built layer is locked against new parts; Keras's own enable_lora unlocks it likewise.
    holder._tracker.unlock()
    holder._tracker.untrack(getattr(holder, attribute))
    setattr(holder, attribute, layer)
    holder._tracker.lock()
