"""Further copies of frozen matrices for the backward pass, where they are worth their memory.

In float32 oneDNN takes a third less time for ``gradient·W`` if it may lay W out as it likes. That
takes a wide copy of all blocks beside the narrow one. A processor that computes in bfloat16 gains
nothing by it.
"""

import math

import keras

from getalwoord.models.frozen import is_quantised
from getalwoord.models.low_rank import first_adapted, frozen_projections
from getalwoord.models.memory import computes_on_cpu, if_small


def copies_bytes(backbone: keras.Model) -> int:
    """Tell what the copies of a backbone take; 0 where there are to be none."""
    if backbone.compute_dtype != "float32" or not computes_on_cpu():
        return 0
    from getalwoord.models.torch_matrices import has_onednn

    first = first_adapted(backbone)
    layers = [layer for target, layer in frozen_projections(backbone) if target.block >= first]
    if not has_onednn() or any(map(is_quantised, layers)):
        return 0
    return if_small(sum(4 * math.prod(layer.kernel.shape) for layer in layers))
