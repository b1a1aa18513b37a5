"""An adapter that was made elsewhere, made one of ours."""

from collections.abc import Mapping
from pathlib import Path

import numpy as np
import numpy.typing as npt

from getalwoord.adapter import Adapter
from getalwoord.errors import AdapterError, InputError
from getalwoord.exchange.keras import read_lora
from getalwoord.exchange.peft import read_peft
from getalwoord.files import writing_folder
from getalwoord.models.bases import Base, load_base
from getalwoord.models.low_rank import TARGET_MODULES, Target, merged_kernels
from getalwoord.recipe import Recipe

_Found = Mapping[Target, tuple[npt.NDArray[np.float32], npt.NDArray[np.float32], float]]


def import_adapter(source: Path, out: Path, *, base: str, template: str) -> Adapter:
    """Write an adapter of PEFT or KerasHub as a folder of ours.

    Args:
        source: The folder of a PEFT adapter, or a `.lora.h5` of KerasHub.
        out: The folder to make.
        base: What the adapter was trained on.
        template: How it was asked, with ``{instruction}`` and ``{response}``.

    Raises:
        InputError: The adapter, its base or the folder cannot be used; the message says why.
    """
    if not source.exists():
        raise AdapterError(
            f"{source} does not exist: give the folder of a PEFT adapter, or a .lora.h5 of KerasHub"
        )
    recipe = Recipe.of({"base": base, "template": template}, "import")
    with writing_folder(out) as folder:
        found: _Found = read_peft(source) if source.is_dir() else {}
        loaded = load_base(base, dtype="float32")
        if not source.is_dir():
            read = read_lora(source, loaded.backbone)
            found = {target: (a, b, 1.0) for target, (a, b) in read.items()}
        adapter = _even(found, recipe, loaded, source)
        adapter.apply(loaded)  # which checks that all fits
        adapter.save(folder)
    return adapter


def _even(found: _Found, recipe: Recipe, base: Base, source: Path) -> Adapter:
    """Give every block the same projections and rank: what is added is zero, and stays so.

    Neither A nor B of what is added has a gradient, as each is multiplied by the other.
    """
    modules = tuple(
        module for module in TARGET_MODULES if module in {target.module for target in found}
    )
    ranks = {len(a) for a, _, _ in found.values()}
    scales = {scale for _, _, scale in found.values()}
    rank = max(ranks)
    # Where all agree nothing is computed, and A and B stay what they are, bit for bit.
    common = scales.pop() if len(scales) == len(ranks) == 1 else 1.0
    matrices = {}
    for target, kernel in merged_kernels(base.backbone):
        if target.module not in modules:
            continue
        if target in found:
            a, b, scale = found[target]
            b = b if scale == common else b * np.float32(scale / common)
        else:
            inputs, outputs = kernel.shape
            a, b = np.zeros((1, inputs), np.float32), np.zeros((outputs, 1), np.float32)
        more = rank - len(a)
        matrices[target] = np.pad(a, [(0, more), (0, 0)]), np.pad(b, [(0, 0), (0, more)])
    beyond = found.keys() - matrices.keys()
    if beyond:
        name = min(target.peft_name for target in beyond)
        raise AdapterError(f"{source} has an update of {name}, which the base {base.name} has not")
    try:
        even = recipe.but("import", rank=rank, alpha=common * rank, target_modules=modules)
    except InputError as error:
        raise AdapterError(f"{source}: {error}") from error
    return Adapter(matrices, even, base.sha256)
