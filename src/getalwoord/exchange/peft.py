"""Adapters that PEFT made elsewhere: read as far as they are a plain low-rank update, exactly.

What PEFT can do beyond that changes what the matrices mean, so it is refused by name.
"""

import json
import math
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt

from getalwoord.adapter import PEFT_CONFIG, WEIGHTS, read_tensors
from getalwoord.errors import AdapterError
from getalwoord.files import read_object
from getalwoord.models.low_rank import PEFT_MODULES, Target

Matrix: TypeAlias = npt.NDArray[np.float32]

# Settings with which the saved matrices still mean B·A times alpha over rank.
_PLAIN = {
    *("auto_mapping", "base_model_name_or_path", "peft_type", "peft_version", "revision"),
    *("task_type", "inference_mode", "r", "lora_alpha", "lora_dropout", "use_rslora"),
    *("rank_pattern", "alpha_pattern", "target_modules", "exclude_modules", "layers_pattern"),
    *("layers_to_transform", "init_lora_weights", "eva_config", "megatron_core", "runtime_config"),
    *("qalora_group_size", "bias", "fan_in_fan_out", "ensure_weight_tying"),
}
# Other ways to begin (PiSSA, OLoRA, CorDA, LoftQ …) change the base as well.
_STARTS = (True, False, None, "gaussian", "orthogonal", "eva")
_NAME = re.compile(
    r"(?:base_model\.model\.)?(?P<module>(?:model\.)?(?:language_model\.)?(?:model\.)?"
    r"layers\.(?P<block>\d+)\.(?P<projection>\w+\.\w+))\.lora_(?P<side>[AB])(?:\.\w+)?\.weight"
)


def read_peft(folder: Path) -> dict[Target, tuple[Matrix, Matrix, float]]:
    """Read an adapter of PEFT.

    Args:
        folder: Holds adapter_config.json and adapter_model.safetensors.

    Returns:
        A, (rank, inputs), B, (outputs, rank), and the factor of B·A, for each projection.

    Raises:
        AdapterError: A file is missing or damaged, or the adapter is more than a low-rank update
            of Gemma's projections.
    """
    config = _config(folder / PEFT_CONFIG)
    sides: dict[Target, dict[str, Matrix]] = {}
    names: dict[Target, str] = {}
    for name, tensor in _tensors(folder / WEIGHTS).items():
        match = _NAME.fullmatch(name)
        if match is None or match["projection"] not in PEFT_MODULES:
            raise AdapterError(
                f"{folder / WEIGHTS}: the tensor {name} is no low-rank update of a projection of "
                f"Gemma ({', '.join(PEFT_MODULES)}): leave it out when training"
            )
        target = Target(int(match["block"]), PEFT_MODULES[match["projection"]])
        names[target] = match["module"]
        if sides.setdefault(target, {}).setdefault(match["side"], tensor) is not tensor:
            raise AdapterError(f"{folder / WEIGHTS} holds two adapters: save them one by one")
    matrices = {}
    for target, pair in sides.items():
        a, b = pair.get("A"), pair.get("B")
        if a is None or b is None or a.ndim != 2 or b.ndim != 2 or len(a) != b.shape[1]:
            raise AdapterError(f"{folder / WEIGHTS}: A and B of {names[target]} are no pair")
        matrices[target] = a, b, _scale(config, names[target], len(a), folder)
    if not matrices:
        raise AdapterError(f"{folder / WEIGHTS} holds no low-rank update")
    return matrices


def _config(path: Path) -> dict[str, Any]:
    config = read_object(
        path,
        missing=f"{path} is missing: give the folder of a PEFT adapter, or a .lora.h5 of KerasHub",
        failure=AdapterError,
    )
    if config.get("peft_type") != "LORA":
        raise AdapterError(f"{path}: it is of type {config.get('peft_type')!r}, only LORA is read")
    beyond = {name: value for name, value in config.items() if value and name not in _PLAIN}
    if config.get("bias", "none") != "none":
        beyond["bias"] = config["bias"]
    if config.get("init_lora_weights", True) not in _STARTS:
        beyond["init_lora_weights"] = config["init_lora_weights"]
    for name, value in beyond.items():
        raise AdapterError(
            f"{path}: with {name} {json.dumps(value)[:60]} it is more than a low-rank update: "
            "merge it into its base with PEFT, and give that as a base"
        )
    return config


def _tensors(path: Path) -> Mapping[str, Matrix]:
    missing = f"{path} is missing (pickled weights, .bin, are never loaded): save it as safetensors"
    tensors = read_tensors(path, missing=missing)
    return {name: tensor.astype(np.float32) for name, tensor in tensors.items()}


def _scale(config: Mapping[str, Any], module: str, rank: int, folder: Path) -> float:
    """Give the factor of B·A; a setting for some modules is found as PEFT finds it."""
    alpha = config.get("lora_alpha", 8)
    try:
        for pattern, value in (config.get("alpha_pattern") or {}).items():
            if re.match(rf"(.*\.)?({pattern})$", module):
                alpha = value
                break
        return float(alpha) / (math.sqrt(rank) if config.get("use_rslora") else rank)
    except (TypeError, ValueError, AttributeError, re.error) as error:
        raise AdapterError(f"{folder / PEFT_CONFIG}: the alphas are no numbers: {error}") from error
