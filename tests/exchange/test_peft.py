"""PEFT loads what is exported for it, and its own adapters are taken in, or refused by name."""

import json
import shutil
from pathlib import Path

import numpy as np
import pytest
import torch
from peft import LoraConfig, PeftModel, get_peft_model
from safetensors.torch import load_file, save_file
from transformers import AutoModelForCausalLM

from getalwoord.adapter import Adapter
from getalwoord.errors import AdapterError, InputError
from getalwoord.exchange.export import export
from getalwoord.exchange.taking_in import import_adapter
from getalwoord.models.bases import load_base

FAMILIES = ["gemma", "gemma2", "gemma3"]
TEMPLATE = "{instruction}:{response}"
WEIGHTS, CONFIG = "adapter_model.safetensors", "adapter_config.json"


def transformers_model(folder):
    return AutoModelForCausalLM.from_pretrained(
        folder, dtype=torch.float32, attn_implementation="eager"
    )


def logits(model, token_ids):
    with torch.no_grad():
        return model(torch.from_numpy(token_ids)).logits.numpy()


@pytest.fixture(scope="module")
def by_peft(tiny_base_dir, tmp_path_factory, token_ids):
    """Make an adapter with PEFT, all drawn; gives its folder and its logits."""

    def make(**settings):
        config = LoraConfig(**{"r": 3, "lora_alpha": 7, "task_type": "CAUSAL_LM"} | settings)
        model = get_peft_model(transformers_model(tiny_base_dir), config)
        draw = torch.Generator().manual_seed(0)
        with torch.no_grad():
            for name, parameter in model.named_parameters():
                if "lora_" in name:
                    parameter.copy_(torch.randn(parameter.shape, generator=draw) * 0.2)
        folder = tmp_path_factory.mktemp("theirs")
        model.eval().save_pretrained(folder)
        return folder, logits(model, token_ids)

    return make


@pytest.fixture(scope="module")
def of_queries(by_peft):
    return by_peft(target_modules=["q_proj"])[0]


@pytest.fixture
def folder(of_queries, tmp_path):
    """An adapter of PEFT for the queries alone, to be changed."""
    return Path(shutil.copytree(of_queries, tmp_path / "theirs"))


@pytest.mark.witness
@pytest.mark.parametrize("family", FAMILIES)
def test_peft_computes_the_same_with_the_adapter(tuned, family, tmp_path, token_ids):
    made = tuned(family)

    export(made.folder, tmp_path / "peft", to="peft", base_name="owner/gemma")

    model = PeftModel.from_pretrained(transformers_model(made.base), tmp_path / "peft")
    np.testing.assert_allclose(logits(model, token_ids), made.logits, rtol=0, atol=1e-3)
    config = json.loads((tmp_path / "peft" / CONFIG).read_text())
    assert config["base_model_name_or_path"] == "owner/gemma"
    assert Adapter.load(tmp_path / "peft").recipe == Adapter.load(made.folder).recipe


@pytest.mark.witness
@pytest.mark.parametrize(
    "settings",
    [
        {"target_modules": ["q_proj", "v_proj"]},
        {"target_modules": "all-linear", "use_rslora": True},
        {"target_modules": r".*\.(k_proj|down_proj)"},
        {"target_modules": ["o_proj", "up_proj"], "layers_to_transform": [1, 4]},
        {
            "target_modules": ["q_proj", "gate_proj"],
            "rank_pattern": {"q_proj": 5},
            "alpha_pattern": {r"layers\.[12]\.mlp.gate_proj": 2, "q_proj": 11},
        },
    ],
    ids=["list", "rslora", "regex", "layers", "patterns"],
)
def test_an_adapter_of_peft_is_taken_in(by_peft, settings, tmp_path, tiny_base_dir, logits_of):
    folder, expected = by_peft(**settings)

    import_adapter(folder, tmp_path / "ours", base=str(tiny_base_dir), template=TEMPLATE)

    base = load_base(str(tiny_base_dir), dtype="float32")
    taken = Adapter.load(tmp_path / "ours")
    assert taken.recipe.template == TEMPLATE
    taken.apply(base)
    np.testing.assert_allclose(logits_of(base.backbone), expected, rtol=0, atol=1e-3)
    plain = logits_of(load_base(str(tiny_base_dir), dtype="float32").backbone)
    assert np.abs(plain - expected).max() > 1


def test_its_matrices_are_kept_bit_for_bit(folder, tmp_path, tiny_base_dir):

    taken = import_adapter(folder, tmp_path / "ours", base=str(tiny_base_dir), template=TEMPLATE)

    tensors = load_file(folder / WEIGHTS)
    assert (taken.recipe.rank, taken.recipe.alpha) == (3, pytest.approx(7))
    assert len(tensors) == 2 * len(taken.matrices)
    for target, (a, b) in taken.matrices.items():
        name = f"base_model.model.{target.peft_name}"
        assert np.array_equal(a, tensors[f"{name}.lora_A.weight"].numpy())
        assert np.array_equal(b, tensors[f"{name}.lora_B.weight"].numpy())


@pytest.mark.parametrize("dtype", ["bfloat16", "float16"])
def test_other_dtypes_and_names_are_read(folder, tmp_path, tiny_base_dir, dtype):
    tensors = {
        name.replace(".weight", ".default.weight"): tensor.to(getattr(torch, dtype))
        for name, tensor in load_file(folder / WEIGHTS).items()
    }
    save_file(tensors, folder / WEIGHTS)

    taken = import_adapter(folder, tmp_path / "ours", base=str(tiny_base_dir), template=TEMPLATE)

    for target, (a, _) in taken.matrices.items():
        name = f"base_model.model.{target.peft_name}.lora_A.default.weight"
        assert np.array_equal(a, tensors[name].float().numpy())


@pytest.mark.parametrize(
    ("settings", "named"),
    [
        ({"use_dora": True}, "use_dora"),
        ({"bias": "lora_only"}, "bias"),
        ({"modules_to_save": ["embed_tokens"]}, "modules_to_save"),
        ({"init_lora_weights": "pissa"}, "init_lora_weights"),
        ({"a_setting_of_tomorrow": 3}, "a_setting_of_tomorrow"),
        ({"peft_type": "IA3"}, "IA3"),
        ({"lora_alpha": "much"}, "no numbers"),
        ({"lora_alpha": -1}, "alpha"),
    ],
)
def test_what_is_more_than_a_low_rank_update_is_refused(
    folder, tmp_path, tiny_base_dir, settings, named
):
    config = json.loads((folder / CONFIG).read_text())
    (folder / CONFIG).write_text(json.dumps(config | settings))

    with pytest.raises(InputError, match=named):
        import_adapter(folder, tmp_path / "ours", base=str(tiny_base_dir), template=TEMPLATE)
    assert not (tmp_path / "ours").exists()


def test_tensors_that_do_not_belong_are_named(folder, tmp_path, tiny_base_dir):
    tensors = load_file(folder / WEIGHTS)
    name = "base_model.model.model.layers.2.self_attn.q_proj.lora_A.weight"
    cases = [
        ({**tensors, "base_model.model.lm_head.lora_A.weight": torch.ones(3, 32)}, "lm_head"),
        ({**tensors, name.replace("layers.2", "layers.9"): torch.ones(3, 32)}, "are no pair"),
        ({key: value for key, value in tensors.items() if key != name}, "are no pair"),
        ({**tensors, name: torch.ones(3, 5)}, r"A is \(3, 5\)"),
        (
            {key.replace("layers.2", "layers.9"): value for key, value in tensors.items()},
            "layers.9.self_attn.q_proj, which the base",
        ),
        ({}, "no low-rank update"),
    ]
    for changed, reason in cases:
        save_file(changed, folder / WEIGHTS)
        with pytest.raises(AdapterError, match=reason):
            import_adapter(folder, tmp_path / "ours", base=str(tiny_base_dir), template=TEMPLATE)


@pytest.mark.parametrize("name", [WEIGHTS, CONFIG])
@pytest.mark.parametrize("content", [None, b"", b"[]", b"\xff" * 99])
def test_missing_and_damaged_files_are_named(folder, tmp_path, tiny_base_dir, name, content):
    (folder / name).unlink()
    if content is not None:
        (folder / name).write_bytes(content)

    with pytest.raises(AdapterError, match=f"{folder / name} is (missing|damaged)"):
        import_adapter(folder, tmp_path / "ours", base=str(tiny_base_dir), template=TEMPLATE)
