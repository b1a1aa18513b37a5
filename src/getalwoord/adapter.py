"""An adapter on disk and in memory: the low-rank matrices and what is needed to use them again.

The folder of an adapter *is* a PEFT adapter, with one file of ours beside it::

    adapter_model.safetensors   A and B of every projection, float32, under PEFT's names
    adapter_config.json         rank, alpha, target modules, as PEFT reads them
    getalwoord.json             the base and its SHA-256, recipe, versions, scores
    NOTICE                      Gemma's terms, which an adapter of Gemma comes under

Format: PEFT's checkpoint layout, https://huggingface.co/docs/peft/developer_guides/checkpoint
"""

import importlib.metadata
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from getalwoord.errors import AdapterError
from getalwoord.files import read_object, write_json, write_text, writing
from getalwoord.models import keras
from getalwoord.models.bases import Base
from getalwoord.models.low_rank import PEFT_MODULES, LowRankProjection, Target, attach_for
from getalwoord.recipe import Recipe

WEIGHTS, PEFT_CONFIG, DETAILS = (
    "adapter_model.safetensors",
    "adapter_config.json",
    "getalwoord.json",
)

_NOTICE = """\
Gemma is provided under and subject to the Gemma Terms of Use found at ai.google.dev/gemma/terms

The files in this folder were made by fine-tuning a Gemma model and are a Model Derivative under
those terms: whoever passes them on passes the terms on with them. The weights differ from
Google's: they hold a low-rank update, trained by getalwoord, that is added to the base model.
"""


@dataclass(frozen=True, slots=True)
class Adapter:
    """Low-rank matrices with the base and recipe that they belong to.

    Attributes:
        matrices: A and B of each projection; (rank, inputs) and (outputs, rank), float32.
        recipe: How they were trained, with rank, alpha, target modules and prompt template.
        base_sha256: Identifies the weights of the base.
        scores: What was measured at training, by name.
    """

    matrices: Mapping[Target, tuple[npt.NDArray[np.float32], npt.NDArray[np.float32]]]
    recipe: Recipe
    base_sha256: str
    scores: Mapping[str, Any] = field(default_factory=dict)

    @classmethod
    def of(
        cls, projections: Mapping[Target, LowRankProjection], recipe: Recipe, base: Base
    ) -> "Adapter":
        """Copy the matrices out of a model."""

        matrices = {
            target: (
                keras.ops.convert_to_numpy(layer.lora_a).copy(),
                keras.ops.convert_to_numpy(layer.lora_b).copy(),
            )
            for target, layer in projections.items()
        }
        return cls(matrices, recipe, base.sha256)

    def apply(self, base: Base) -> dict[Target, LowRankProjection]:
        """Put the adapter on its base, in place of any other.

        Raises:
            AdapterError: The adapter was made for other weights, or its matrices do not fit.
        """
        if self.base_sha256 != base.sha256:
            raise AdapterError(
                f"the adapter was trained on {self.recipe.base} with SHA-256 "
                f"{self.base_sha256[:12]}…, but the base {base.name} has {base.sha256[:12]}…: "
                "give the base it was trained on"
            )
        projections = attach_for(base.backbone, self.recipe)
        if projections.keys() != self.matrices.keys():
            raise AdapterError(
                f"the adapter has matrices for {len(self.matrices)} projections, "
                f"its base has {len(projections)}: they do not belong together"
            )
        for target, layer in projections.items():
            a, b = self.matrices[target]
            for name, variable, value in (("A", layer.lora_a, a), ("B", layer.lora_b, b)):
                if tuple(variable.shape) != value.shape:
                    raise AdapterError(
                        f"{target.peft_name}: {name} is {value.shape}, "
                        f"the base needs {tuple(variable.shape)}"
                    )
                variable.assign(value)
        return projections

    def save(self, folder: Path, *, base_name: str | None = None) -> None:
        """Write the adapter's files into a folder, each whole or not at all.

        getalwoord.json comes last: where it tells of an adapter, the others are there.

        Args:
            folder: Where to.
            base_name: What PEFT is to load as the base; None for the recipe's name of it.

        Raises:
            InputError: The folder cannot be written to.
        """
        from safetensors.numpy import save

        tensors = {}
        for target, (a, b) in self.matrices.items():
            prefix = f"base_model.model.{target.peft_name}"
            tensors[f"{prefix}.lora_A.weight"] = np.ascontiguousarray(a)
            tensors[f"{prefix}.lora_B.weight"] = np.ascontiguousarray(b)
        with writing(folder / WEIGHTS) as temporary:
            temporary.write_bytes(save(tensors, metadata={"format": "pt"}))
        write_json(folder / PEFT_CONFIG, self._peft_config(base_name or self.recipe.base))
        write_text(folder / "NOTICE", _NOTICE)
        self.save_details(folder)

    def save_details(self, folder: Path) -> None:
        """Write getalwoord.json alone.

        Raises:
            InputError: The folder cannot be written to.
        """
        write_json(
            folder / DETAILS,
            {
                "base": self.recipe.base,
                "base_sha256": self.base_sha256,
                "recipe": self.recipe.model_dump(mode="json"),
                "scores": dict(self.scores),
                "versions": {
                    name: importlib.metadata.version(name)
                    for name in ("getalwoord", "keras", "keras-hub", "numpy")
                },
            },
        )

    @classmethod
    def load(cls, folder: Path) -> "Adapter":
        """Read an adapter that getalwoord has saved.

        Raises:
            AdapterError: A file is missing or damaged; the message says which.
        """
        details = read_object(
            folder / DETAILS,
            missing=f"{folder} holds no adapter: {DETAILS} is missing; give the --out folder of a "
            "run, or take in an adapter that was made elsewhere with `getalwoord import`",
            failure=AdapterError,
        )
        try:
            recipe = Recipe.model_validate(details["recipe"])
            sha256, scores = str(details["base_sha256"]), dict(details["scores"])
        except (KeyError, TypeError, ValueError) as error:
            raise AdapterError(f"{folder / DETAILS} is damaged: {error}") from error
        path = folder / WEIGHTS
        tensors = read_tensors(path, missing=f"{folder} holds no adapter: {WEIGHTS} is missing")
        return cls(_paired(path, tensors), recipe, sha256, scores)

    def _peft_config(self, base_name: str) -> dict[str, Any]:
        names = {target.peft_name.rsplit(".", 1)[1] for target in self.matrices}
        return {
            "peft_type": "LORA",
            "task_type": "CAUSAL_LM",
            "base_model_name_or_path": base_name,
            "r": self.recipe.rank,
            "lora_alpha": self.recipe.scale_alpha,
            "target_modules": sorted(names),
            "lora_dropout": 0.0,
            "bias": "none",
            "fan_in_fan_out": False,
            "inference_mode": True,
        }


def read_tensors(path: Path, *, missing: str) -> dict[str, npt.NDArray[Any]]:
    """Read the matrices of an adapter, by their names.

    Args:
        path: A safetensors file.
        missing: What is said if there is none.

    Raises:
        AdapterError: The file is missing or damaged.
    """
    from safetensors import SafetensorError
    from safetensors.numpy import load_file

    try:
        return load_file(path)
    except FileNotFoundError as error:
        raise AdapterError(missing) from error
    except (SafetensorError, OSError) as error:
        raise AdapterError(f"{path} is damaged: {error}") from error


def _paired(
    path: Path, tensors: Mapping[str, npt.NDArray[np.float32]]
) -> dict[Target, tuple[npt.NDArray[np.float32], npt.NDArray[np.float32]]]:
    matrices = {}
    for name in tensors:
        prefix, found, _ = name.partition(".lora_A.weight")
        if not found:
            continue
        try:
            block, _, projection = prefix.removeprefix("base_model.model.model.layers.").partition(
                "."
            )
            target = Target(int(block), PEFT_MODULES[projection])
            matrices[target] = (tensors[name], tensors[f"{prefix}.lora_B.weight"])
        except (KeyError, ValueError) as error:
            raise AdapterError(f"{path}: cannot place the tensor {name}") from error
    if len(tensors) != 2 * len(matrices) or not matrices:
        raise AdapterError(f"{path}: {len(tensors)} tensors, which are not pairs of A and B")
    return matrices
