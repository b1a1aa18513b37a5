"""Every kind of base computes what transformers computes with the same weights."""

import json
import shutil
from pathlib import Path

import gguf
import numpy as np
import pytest
import torch
from safetensors.torch import load_file, save_file
from transformers import AutoModelForCausalLM

from getalwoord.models.bases import available_bases, load_base

pytestmark = pytest.mark.witness

FAMILIES = ["gemma", "gemma2", "gemma3", "gemma3_27b"]
# Both compute in float32 and add up in another order: a few units in the last of 24 bits, over at
# most twelve layers, on values up to 7. A wrong constant anywhere changes the second digit.
TOLERANCE = {"rtol": 0, "atol": 3e-5}
# Longer than the sliding window of four tokens, the second row with padding at its end.
TOKENS = np.random.default_rng(0).integers(4, 640, (2, 13))
MASK = np.ones((2, 13), "int32")
MASK[1, 9:] = 0


@pytest.fixture(autouse=True)
def own_cache(tmp_path, monkeypatch):
    monkeypatch.setenv("GETALWOORD_CACHE", str(tmp_path / "cache"))


def computed(base):
    """Hidden states and logits of our backbone."""
    backbone = base.backbone
    with torch.no_grad():
        hidden = backbone({"token_ids": TOKENS, "padding_mask": MASK})
        logits = backbone.token_embedding(hidden, reverse=True)
    return hidden.float().numpy(), logits.float().numpy()


def expected(model):
    """Hidden states and logits of transformers' model."""
    with torch.no_grad():
        mask = torch.from_numpy(MASK)
        out = model(torch.from_numpy(TOKENS), attention_mask=mask, output_hidden_states=True)
    return out.hidden_states[-1].float().numpy(), out.logits.float().numpy()


def transformers_model(folder, dtype=torch.float32):
    # Only the eager attention of transformers caps the logits of Gemma 2.
    return AutoModelForCausalLM.from_pretrained(folder, dtype=dtype, attn_implementation="eager")


def assert_agree(base, model, **tolerance):
    for ours, theirs in zip(computed(base), expected(model), strict=True):
        real = MASK.astype(bool)  # at padding nothing is promised
        np.testing.assert_allclose(ours[real], theirs[real], **(tolerance or TOLERANCE))


@pytest.mark.parametrize("dtype", ["float32", "bfloat16", "float16"])
@pytest.mark.parametrize("family", FAMILIES)
def test_a_hugging_face_folder_computes_as_transformers_does(tiny_gemma, family, dtype):
    folder = tiny_gemma(family, dtype)

    base = load_base(str(folder), dtype="float32")

    assert_agree(base, transformers_model(folder))


@pytest.mark.parametrize("family", FAMILIES)
def test_a_keras_hub_preset_folder_computes_as_transformers_does(tiny_gemma, tiny_preset, family):
    base = load_base(str(tiny_preset(family)), dtype="float32")

    assert_agree(base, transformers_model(tiny_gemma(family)))
    assert base.tokenizer.encode("drie = 3")


@pytest.mark.parametrize("quantisation", ["F32", "F16", "BF16"])
@pytest.mark.parametrize("family", ["gemma2", "gemma3"])
def test_a_gguf_computes_as_transformers_does(tiny_gemma, tiny_gguf, family, quantisation):
    """
    The tiny weights fit into bfloat16, so these formats lose nothing.
    """
    base = load_base(str(tiny_gguf(family, quantisation)), dtype="float32")

    assert_agree(base, transformers_model(tiny_gemma(family)))


@pytest.mark.parametrize("quantisation", ["Q8_0", "Q4_0", "Q5_1"])
@pytest.mark.parametrize("family", ["gemma2", "gemma3"])
def test_a_quantised_gguf_computes_as_its_weights_rounded_to_bfloat16(
    tiny_gemma, tiny_gguf, family, quantisation
):
    kind = gguf.GGMLQuantizationType[quantisation]
    model = transformers_model(tiny_gemma(family))
    with torch.no_grad():
        for parameter in model.parameters():
            if parameter.ndim == 2:
                stored = gguf.quants.quantize(parameter.numpy(), kind)
                restored = torch.from_numpy(gguf.quants.dequantize(stored, kind))
                parameter.copy_(restored.to(torch.bfloat16))

    base = load_base(str(tiny_gguf(family, quantisation)), dtype="float32")

    assert_agree(base, model)


def test_a_gguf_with_scaled_positions_computes_as_transformers_does(tiny_gemma, tiny_gguf):
    model = transformers_model(tiny_gemma("gemma3_27b"))
    # GGUF tells 27B by its 62 layers; twelve layers scale queries by the size of a head.
    for layer in model.model.layers:
        layer.self_attn.scaling = model.config.head_dim**-0.5

    base = load_base(
        str(tiny_gguf("gemma3_27b", fields={"rope.scaling.factor": 8.0})), dtype="float32"
    )

    assert_agree(base, model)


@pytest.mark.parametrize("family", FAMILIES)
def test_bfloat16_stays_near_transformers_in_bfloat16(tiny_gemma, family):
    """
    Both round to 8 bits at places of their own, so single values differ by some 2⁻⁸ of their
    size at each layer; the bound is on the difference over all.
    """
    folder = tiny_gemma(family)

    ours, _ = computed(load_base(str(folder), dtype="bfloat16"))
    theirs, _ = expected(transformers_model(folder, torch.bfloat16))

    real = MASK.astype(bool)
    error = np.linalg.norm(ours[real] - theirs[real]) / np.linalg.norm(theirs[real])
    assert error < 0.05


def test_weights_in_several_files_are_put_together(tiny_gemma, tmp_path):
    whole = tiny_gemma("gemma3")
    AutoModelForCausalLM.from_pretrained(whole, dtype=torch.float32).save_pretrained(
        tmp_path, max_shard_size="50KB"
    )
    (tmp_path / "tokenizer.model").write_bytes((whole / "tokenizer.model").read_bytes())

    assert len(list(tmp_path.glob("*.safetensors"))) > 2
    assert_agree(load_base(str(tmp_path), dtype="float32"), transformers_model(whole))


def test_names_without_the_prefix_of_the_head_are_understood(tiny_gemma, tmp_path):
    whole = tiny_gemma("gemma2")
    for name in ("config.json", "tokenizer.model"):
        (tmp_path / name).write_bytes((whole / name).read_bytes())
    tensors = load_file(whole / "model.safetensors")
    save_file(
        {name.removeprefix("model."): tensor for name, tensor in tensors.items()},
        tmp_path / "model.safetensors",
    )

    assert_agree(load_base(str(tmp_path), dtype="float32"), transformers_model(whole))


@pytest.mark.parametrize("family", ["gemma2", "gemma3", "gemma3_27b"])
def test_a_configuration_of_transformers_4_means_the_same(tiny_gemma, tmp_path, family):
    folder = shutil.copytree(tiny_gemma(family), tmp_path / "older")
    config = json.loads((folder / "config.json").read_text())
    rope = config.pop("rope_parameters")
    del config["layer_types"]
    if family == "gemma2":
        config["rope_theta"] = rope["rope_theta"]
    else:
        config["rope_theta"] = rope["full_attention"]["rope_theta"]
        config["rope_local_base_freq"] = rope["sliding_attention"]["rope_theta"]
        factor = rope["full_attention"].get("factor")
        config["rope_scaling"] = factor and {"type": "linear", "factor": factor}
    (folder / "config.json").write_text(json.dumps(config))

    assert_agree(load_base(str(folder), dtype="float32"), transformers_model(tiny_gemma(family)))


def test_weights_are_mapped_and_not_copied(tiny_base_dir):
    base = load_base(str(tiny_base_dir), dtype="bfloat16")
    mapped = [
        line
        for line in Path("/proc/self/maps").read_text().splitlines()
        if str(tiny_base_dir) in line
    ]
    spans = [tuple(int(side, 16) for side in line.split()[0].split("-")) for line in mapped]

    for variable in base.backbone.weights:
        address = variable.value.data_ptr()
        assert any(start <= address < end for start, end in spans), variable.path


def test_no_weight_of_a_base_can_be_trained(tiny_base_dir):
    base = load_base(str(tiny_base_dir), dtype="bfloat16")

    assert not base.backbone.trainable_variables
    assert not any(variable.value.requires_grad for variable in base.backbone.weights)


def test_the_same_weights_have_the_same_sha256_in_either_dtype(tiny_base_dir, tiny_preset):
    preset = str(tiny_preset("gemma3"))
    for name in (str(tiny_base_dir), preset):
        first, second = (load_base(name, dtype=dtype) for dtype in ("float32", "bfloat16"))
        assert first.sha256 == second.sha256
        assert len(first.sha256) == 64


def test_other_weights_have_another_sha256(tiny_gemma):
    first, second = (load_base(str(tiny_gemma(f)), dtype="float32") for f in ("gemma2", "gemma3"))

    assert first.sha256 != second.sha256


def test_bases_that_need_no_download_are_listed_first():
    names = available_bases()

    assert names[0] == "gemma3_270m"
    assert {"gemma_2b_en", "gemma2_2b_en", "gemma3_1b"} < set(names)
    assert not {"gemma3_4b", "embedding_gemma3_300m"} & set(names)  # not for text alone
    assert len(names) == len(set(names))
