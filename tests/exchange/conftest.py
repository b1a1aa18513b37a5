"""Adapters of tiny Gemmas, with matrices so large that they change every answer."""

from types import SimpleNamespace

import numpy as np
import pytest
import torch

from getalwoord.adapter import Adapter
from getalwoord.models.bases import load_base
from getalwoord.models.low_rank import TARGET_MODULES, attach
from getalwoord.recipe import Recipe


@pytest.fixture(scope="session")
def token_ids():
    """Two texts of a tiny Gemma: (2, 11)."""
    return np.random.default_rng(0).integers(4, 640, (2, 11))


@pytest.fixture(scope="session")
def logits_of(token_ids):
    """Compute the logits of every token of these texts: (2, 11, vocabulary)."""

    def compute(backbone):
        inputs = {"token_ids": token_ids, "padding_mask": np.ones_like(token_ids)}
        with torch.no_grad():
            return backbone.token_embedding(backbone(inputs), reverse=True).numpy()

    return compute


@pytest.fixture(scope="session")
def tuned(tmp_path_factory, tiny_gemma, logits_of):
    """Give the folder of an adapter, its base's folder, and the logits of both together."""
    made = {}

    def make(family, modules=TARGET_MODULES):
        if (family, modules) not in made:
            base_folder = tiny_gemma(family)
            base = load_base(str(base_folder), dtype="float32")
            recipe = Recipe(
                base=str(base_folder),
                rank=2,
                alpha=5.0,
                target_modules=modules,
                template="lees {instruction} = {response}",
            )
            projections = attach(base.backbone, rank=2, alpha=5.0, target_modules=modules, seed=0)
            draw = np.random.default_rng(1)
            for layer in projections.values():
                for variable in (layer.lora_a, layer.lora_b):
                    variable.assign(draw.normal(0, 0.15, variable.shape).astype("float32"))
            folder = tmp_path_factory.mktemp(f"tuned_{family}") / "adapter"
            Adapter.of(projections, recipe, base).save(folder)
            made[family, modules] = SimpleNamespace(
                folder=folder, base=base_folder, logits=logits_of(base.backbone)
            )
        return made[family, modules]

    return make
