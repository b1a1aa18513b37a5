"""Adapters on disk: PEFT reads them, they come back the same, and damage is noticed."""

import json
import resource
import shutil

import numpy as np
import pytest
import torch
from peft import PeftModel
from transformers import AutoModelForCausalLM

from getalwoord.adapter import Adapter
from getalwoord.errors import AdapterError, InputError
from getalwoord.models import keras
from getalwoord.models.bases import load_base
from getalwoord.models.low_rank import TARGET_MODULES, attach, detach
from getalwoord.recipe import Recipe

TOKENS = np.random.default_rng(0).integers(4, 640, (2, 11))
FILES = {"adapter_model.safetensors", "adapter_config.json", "getalwoord.json", "NOTICE"}


@pytest.fixture(scope="module")
def base(tiny_base_dir):
    return load_base(str(tiny_base_dir), dtype="float32")


@pytest.fixture
def recipe(tiny_base_dir):
    return Recipe(
        base=str(tiny_base_dir), rank=3, alpha=5.0, template="lees {instruction}:{response}"
    )


@pytest.fixture
def adapter(base, recipe):
    """An adapter with all matrices drawn, so large that they change every answer."""
    projections = attach(
        base.backbone, rank=3, alpha=5.0, target_modules=recipe.target_modules, seed=0
    )
    random = np.random.default_rng(1)
    for layer in projections.values():
        for variable in (layer.lora_a, layer.lora_b):
            variable.assign(random.normal(0, 0.2, variable.shape).astype("float32"))
    made = Adapter.of(projections, recipe, base)
    yield made
    detach(base.backbone)


@pytest.fixture
def saved(adapter, tmp_path):
    folder = tmp_path / "adapter"
    adapter.save(folder)
    return folder


def logits_of(base):
    with torch.no_grad():
        hidden = base.backbone({"token_ids": TOKENS, "padding_mask": np.ones_like(TOKENS)})
        return base.backbone.token_embedding(hidden, reverse=True).numpy()


@pytest.mark.witness
def test_peft_loads_what_was_saved_and_gives_the_same_logits(base, saved, tiny_base_dir):
    """
    Float32 added up in another order over six layers; a wrong scale changes the first digit.
    """
    model = AutoModelForCausalLM.from_pretrained(
        tiny_base_dir, dtype=torch.float32, attn_implementation="eager"
    )
    plain = model(torch.from_numpy(TOKENS)).logits.detach().numpy()
    model = PeftModel.from_pretrained(model, saved)
    with torch.no_grad():
        theirs = model(torch.from_numpy(TOKENS)).logits.numpy()

    np.testing.assert_allclose(logits_of(base), theirs, rtol=0, atol=1e-4)
    assert np.abs(plain - theirs).max() > 0.1


@pytest.mark.witness
def test_peft_loads_an_adapter_of_a_few_modules(base, recipe, tmp_path, tiny_base_dir):
    recipe = recipe.model_copy(update={"target_modules": ("query", "down")})
    layers = attach(base.backbone, rank=3, alpha=5.0, target_modules=["query", "down"], seed=0)
    for layer in layers.values():
        layer.lora_b.assign(np.ones(layer.lora_b.shape, "float32") / 10)
    Adapter.of(layers, recipe, base).save(tmp_path)

    model = AutoModelForCausalLM.from_pretrained(
        tiny_base_dir, dtype=torch.float32, attn_implementation="eager"
    )
    model = PeftModel.from_pretrained(model, tmp_path)
    with torch.no_grad():
        theirs = model(torch.from_numpy(TOKENS)).logits.numpy()
    np.testing.assert_allclose(logits_of(base), theirs, rtol=0, atol=1e-4)


def test_what_was_saved_comes_back_the_same(base, adapter, saved):
    loaded = Adapter.load(saved)

    assert loaded.recipe == adapter.recipe
    assert loaded.base_sha256 == base.sha256
    assert loaded.matrices.keys() == adapter.matrices.keys()
    for target, pair in adapter.matrices.items():
        for ours, theirs in zip(pair, loaded.matrices[target], strict=True):
            assert ours.dtype == theirs.dtype == np.float32
            assert np.array_equal(ours, theirs)


def test_a_loaded_adapter_answers_as_the_trained_one(base, adapter, saved):
    trained = logits_of(base)
    detach(base.backbone)
    assert np.abs(logits_of(base) - trained).max() > 0.1

    Adapter.load(saved).apply(base)

    assert np.array_equal(logits_of(base), trained)


def test_applying_an_adapter_replaces_another(base, adapter):
    trained = logits_of(base)
    attach(base.backbone, rank=2, alpha=1.0, target_modules=TARGET_MODULES, seed=9)

    adapter.apply(base)

    assert np.array_equal(logits_of(base), trained)


def test_an_adapter_keeps_its_matrices_when_the_model_is_trained_on(base, adapter):
    target = next(iter(adapter.matrices))
    former = adapter.matrices[target][0].copy()
    layer = adapter.apply(base)[target]
    layer.lora_a.assign(keras.ops.zeros_like(layer.lora_a))

    assert np.array_equal(adapter.matrices[target][0], former)


def test_the_folder_holds_all_that_is_needed_and_gemmas_terms(saved, base):
    assert {path.name for path in saved.iterdir()} == FILES
    assert "Gemma Terms of Use found at ai.google.dev/gemma/terms" in (saved / "NOTICE").read_text()
    details = json.loads((saved / "getalwoord.json").read_text())
    assert details["base_sha256"] == base.sha256
    assert details["recipe"]["template"] == "lees {instruction}:{response}"
    assert {"getalwoord", "keras", "keras-hub", "numpy"} <= details["versions"].keys()


def test_another_base_is_refused(saved, tiny_gemma):
    other = load_base(str(tiny_gemma("gemma2")), dtype="float32")
    loaded = Adapter.load(saved)

    with pytest.raises(AdapterError, match=r"was trained on .* give the base it was trained on"):
        loaded.apply(other)
    assert not other.backbone.trainable_variables


@pytest.mark.parametrize("name", ["adapter_model.safetensors", "getalwoord.json"])
def test_a_missing_file_is_named(saved, name):
    (saved / name).unlink()

    with pytest.raises(AdapterError, match=f"{saved} holds no adapter: {name} is missing"):
        Adapter.load(saved)


@pytest.mark.parametrize("kept", [0, 4, 100, 5000])
@pytest.mark.parametrize("name", ["adapter_model.safetensors", "getalwoord.json"])
def test_a_truncated_file_is_named(saved, name, kept):
    path = saved / name
    whole = path.read_bytes()
    path.write_bytes(whole[: min(kept, len(whole) - 10)])

    with pytest.raises(AdapterError, match=f"{path} is damaged"):
        Adapter.load(saved)


@pytest.mark.parametrize(
    "content",
    ["[]", "null", "{}", '{"recipe": {}, "base_sha256": "", "scores": 3}', '{"recipe": {"x": 1}}',
     "\xff", "[" * 100_000],
)  # fmt: skip
def test_wrong_details_are_named(saved, content):
    path = saved / "getalwoord.json"
    path.write_bytes(content.encode("latin-1"))

    with pytest.raises(AdapterError, match=f"{path} is damaged"):
        Adapter.load(saved)


def test_tensors_that_are_no_pairs_are_refused(saved):
    from safetensors.numpy import load_file, save_file

    path = saved / "adapter_model.safetensors"
    tensors = load_file(path)
    name = next(name for name in tensors if "lora_B" in name)

    save_file({key: value for key, value in tensors.items() if key != name}, path)
    with pytest.raises(AdapterError, match=f"{path}: cannot place the tensor "):
        Adapter.load(saved)
    save_file({**tensors, "model.extra": tensors[name]}, path)
    with pytest.raises(AdapterError, match=f"{path}: {len(tensors) + 1} tensors"):
        Adapter.load(saved)
    save_file({}, path)
    with pytest.raises(AdapterError, match=f"{path}: 0 tensors"):
        Adapter.load(saved)


def test_matrices_of_another_shape_are_refused_with_their_place(saved, base):
    from safetensors.numpy import load_file, save_file

    path = saved / "adapter_model.safetensors"
    name = "base_model.model.model.layers.2.mlp.down_proj.lora_A.weight"
    save_file({**load_file(path), name: np.zeros((3, 5), "float32")}, path)

    with pytest.raises(
        AdapterError, match=r"layers\.2\.mlp\.down_proj: A is \(3, 5\), .* \(3, 64\)"
    ):
        Adapter.load(saved).apply(base)


def test_an_adapter_of_fewer_blocks_is_refused(saved, base):
    from safetensors.numpy import load_file, save_file

    path = saved / "adapter_model.safetensors"
    kept = {name: tensor for name, tensor in load_file(path).items() if "layers.5." not in name}
    save_file(kept, path)

    with pytest.raises(AdapterError, match="matrices for 35 projections, its base has 42"):
        Adapter.load(saved).apply(base)


def test_a_full_disk_leaves_the_adapter_that_was_there(saved, adapter, base):
    """
    A limit on the size of files fails in the same call as a full disk does.
    """
    former = {path.name: path.read_bytes() for path in saved.iterdir()}
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (4096, hard))
    try:
        with pytest.raises(InputError, match=r"cannot write .*adapter_model\.safetensors: "):
            adapter.save(saved)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))

    assert {path.name: path.read_bytes() for path in saved.iterdir()} == former


def test_a_folder_that_cannot_be_made_is_refused(adapter, tmp_path):
    (tmp_path / "file").touch()

    with pytest.raises(InputError, match="a part of the path is a file, not a folder"):
        adapter.save(tmp_path / "file" / "adapter")


def test_an_adapter_can_be_moved(saved, tmp_path, adapter):
    shutil.move(saved, tmp_path / "elsewhere")

    assert Adapter.load(tmp_path / "elsewhere").matrices.keys() == adapter.matrices.keys()
