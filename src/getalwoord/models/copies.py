"""Frozen matrices beside what a base was loaded with: copies that save time, and what is let go of.

oneDNN takes a third less time for a product if it may lay the matrix out as it likes, which takes
a copy; see `torch_weights.Joined`. Of what is mapped from a file, and seldom looked at, nothing
needs to stay in memory.
"""

import math

import keras

from getalwoord.models.frozen import is_quantised
from getalwoord.models.low_rank import first_adapted, frozen_projections
from getalwoord.models.memory import computes_on_cpu, if_small


def copies_bytes(backbone: keras.Model) -> int:
    """Tell what the copies of a backbone take; 0 where there are to be none."""
    if not computes_on_cpu():
        return 0
    import torch

    from getalwoord.models.torch_matrices import packs

    layers = _copied(backbone)
    if not packs(getattr(torch, backbone.compute_dtype)) or any(map(is_quantised, layers)):
        return 0
    # One of float32, or two of bfloat16.
    return if_small(sum(4 * math.prod(layer.kernel.shape) for layer in layers))


def let_go_bytes(backbone: keras.Model) -> int:
    """Tell how much of the weights of a backbone does not stay in memory while it is trained."""
    if not computes_on_cpu():
        return 0
    from getalwoord.models.pages import lies_in, unchanged_files

    seldom = [] if is_quantised(backbone.token_embedding) else [backbone.token_embedding.embeddings]
    if backbone.compute_dtype != "float32" and copies_bytes(backbone):
        seldom += [layer.kernel for layer in _copied(backbone)]
    files = unchanged_files()
    values = [variable.value for variable in seldom]
    return sum(one.numel() * one.element_size() for one in values if lies_in(one, files))


def _copied(backbone: keras.Model) -> list[keras.layers.EinsumDense]:
    """Give the projections that have copies, if any do: those that gradients go back through."""
    first = first_adapted(backbone)
    return [layer for target, layer in frozen_projections(backbone) if target.block >= first]
