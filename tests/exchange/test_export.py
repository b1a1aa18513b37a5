"""What is exported loads in the other tool, and computes there what it computes here.

Bounds of 1e-3 are for float32 that is added up in another order, with logits of some tens.
"""

import json
import subprocess
import sys
from dataclasses import replace

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from getalwoord.adapter import Adapter
from getalwoord.exchange import huggingface
from getalwoord.exchange.export import export
from getalwoord.exchange.tokenizer import _fast
from getalwoord.models.bases import load_base
from getalwoord.models.tokenizer import Tokenizer

FAMILIES = ["gemma", "gemma2", "gemma3"]


def theirs(folder, token_ids, **options):
    """Compute logits by transformers."""
    from transformers import AutoModelForCausalLM

    model = AutoModelForCausalLM.from_pretrained(folder, attn_implementation="eager", **options)
    with torch.no_grad():
        return model(torch.from_numpy(token_ids)).logits.float().numpy()


@pytest.mark.witness
@pytest.mark.parametrize("family", [*FAMILIES, "gemma3_27b"])
def test_transformers_computes_the_same_with_the_merged_model(
    tuned, family, tmp_path, token_ids, logits_of
):
    made = tuned(family)

    export(made.folder, tmp_path / "hf", to="hf", dtype="float32")

    loaded = theirs(tmp_path / "hf", token_ids)
    np.testing.assert_allclose(loaded, made.logits, rtol=0, atol=1e-3)
    again = load_base(str(tmp_path / "hf"), dtype="float32").backbone
    np.testing.assert_allclose(logits_of(again), made.logits, rtol=0, atol=1e-3)
    plain = theirs(made.base, token_ids, dtype=torch.float32)
    assert np.abs(plain - made.logits).max() > 1, "the adapter changed nothing"


def test_merged_weights_are_rounded_once(tuned, tmp_path):
    from safetensors.torch import load_file

    made = tuned("gemma3")
    for dtype in ("float32", "bfloat16"):
        export(made.folder, tmp_path / dtype, to="hf", dtype=dtype)

    wide, narrow = (
        load_file(tmp_path / dtype / "model.safetensors") for dtype in ("float32", "bfloat16")
    )
    assert wide.keys() == narrow.keys()
    for name, tensor in wide.items():
        assert torch.equal(tensor.bfloat16(), narrow[name]), name


def test_of_an_adapter_trained_on_fewer_bits_it_is_said_what_was_merged(tuned, tmp_path):
    made = tuned("gemma3")
    adapter = Adapter.load(made.folder)
    narrow = replace(adapter, recipe=adapter.recipe.model_copy(update={"quantize": "int8"}))
    narrow.save(tmp_path / "narrow")

    export(tmp_path / "narrow", tmp_path / "hf", to="hf", dtype="float32")
    export(made.folder, tmp_path / "wide", to="hf", dtype="float32")

    assert "trained on weights in int8" in (tmp_path / "hf" / "README.md").read_text()
    merged = "model.safetensors"
    assert (tmp_path / "hf" / merged).read_bytes() == (tmp_path / "wide" / merged).read_bytes()


def test_large_weights_are_divided_among_files(tuned, tmp_path, token_ids, monkeypatch):
    monkeypatch.setattr(huggingface, "_SHARD", 50_000)
    made = tuned("gemma2")

    export(made.folder, tmp_path / "hf", to="hf", dtype="float32")

    index = json.loads((tmp_path / "hf" / "model.safetensors.index.json").read_text())
    files = set(index["weight_map"].values())
    assert len(files) > 3
    assert {path.name for path in (tmp_path / "hf").glob("*.safetensors")} == files
    np.testing.assert_allclose(theirs(tmp_path / "hf", token_ids), made.logits, rtol=0, atol=1e-3)


@pytest.mark.witness
def test_transformers_own_tokenizer_and_settings_are_right(tuned, tmp_path):
    from transformers import AutoTokenizer, GenerationConfig

    export(tuned("gemma3").folder, tmp_path / "hf", to="hf")

    tokenizer = AutoTokenizer.from_pretrained(tmp_path / "hf")
    ours = load_base(str(tmp_path / "hf"), dtype="float32").tokenizer
    prompt = "lees vierendertig = "
    assert tokenizer(prompt)["input_ids"] == [2, *ours.encode(prompt)]
    asked = tokenizer.apply_chat_template([{"role": "user", "content": "vierendertig"}])
    assert asked["input_ids"] == [2, *ours.encode(prompt)]
    assert (tokenizer.bos_token_id, tokenizer.eos_token_id, tokenizer.pad_token_id) == (2, 1, 0)
    generation = GenerationConfig.from_pretrained(tmp_path / "hf")
    assert (generation.eos_token_id, generation.do_sample) == (1, False)


@pytest.fixture(scope="module")
def both_tokenizers(tiny_tokenizer_model):
    ours = Tokenizer(tiny_tokenizer_model, "tiny")
    return ours, _fast(ours)


@pytest.mark.witness
@settings(max_examples=300, deadline=None)
@given(st.text(alphabet="adeinrtvwzëE1234 = \n\t▁<>é😀", max_size=40))
def test_tokenizer_json_gives_the_tokens_of_sentencepiece(both_tokenizers, text):
    ours, fast = both_tokenizers

    assert fast.encode(text).ids == [2, *ours.encode(text)]


LLAMA_CPP = """
import json, sys
import xllamacpp

asked = json.load(sys.stdin)
parameters = xllamacpp.CommonParams()
parameters.model.path = asked["path"]
parameters.n_ctx, parameters.n_parallel, parameters.warmup = 256, 1, False
parameters.cpuparams.n_threads = parameters.cpuparams_batch.n_threads = 1
parameters.cache_type_k = parameters.cache_type_v = xllamacpp.ggml_type.GGML_TYPE_F32
parameters.flash_attn_type = xllamacpp.llama_flash_attn_type.LLAMA_FLASH_ATTN_TYPE_DISABLED
parameters.verbosity = -1
server = xllamacpp.Server(parameters)
said = server.handle_completions(
    {"prompt": asked["prompt"], "n_predict": 1, "temperature": 0.0, "logprobs": 640,
     "logit_bias": [["1", 1e6]]}  # it says nothing of a token that is half a character
)
said = json.loads(said) if isinstance(said, str) else said
top = said["choices"][0]["logprobs"]["content"][0]["top_logprobs"]
print("SAID " + json.dumps({str(one["id"]): one["logprob"] for one in top}))
"""


def by_llama_cpp(path, prompt):
    """Give the log-probability of every token after a prompt, by llama.cpp in a fresh process."""
    done = subprocess.run(
        [sys.executable, "-c", LLAMA_CPP],
        input=json.dumps({"path": str(path), "prompt": prompt}),
        capture_output=True,
        text=True,
    )
    line = next((one for one in done.stdout.splitlines() if one.startswith("SAID ")), None)
    assert line is not None, done.stderr[-3000:]
    said = json.loads(line.removeprefix("SAID "))
    found = np.full(640, np.nan)
    found[[int(token) for token in said]] = list(said.values())
    return found


def by_us(base, prompt):
    """Give the same."""
    ids = np.array([[base.tokenizer.bos_id, *base.tokenizer.encode(prompt)]])
    with torch.no_grad():
        hidden = base.backbone({"token_ids": ids, "padding_mask": np.ones_like(ids)})
        logits = base.backbone.token_embedding(hidden, reverse=True)[0, -1]
        return torch.log_softmax(logits.float(), dim=-1).numpy()


@pytest.mark.witness
@pytest.mark.parametrize("family", FAMILIES)
def test_llama_cpp_computes_the_same_with_the_merged_model(tuned, family, tmp_path):
    """
    The prompt is longer than the sliding window. llama.cpp has GELU in a table of float16.
    """
    pytest.importorskip("xllamacpp")
    made = tuned(family)
    export(made.folder, tmp_path / "gguf", to="gguf", quantisation="f32")
    export(made.folder, tmp_path / "hf", to="hf", dtype="float32")
    prompt = "lees vierhonderddrieëntachtigduizend\n\n  = "

    found = by_llama_cpp(tmp_path / "gguf" / "getalwoord-f32.gguf", prompt)

    expected = by_us(load_base(str(tmp_path / "hf"), dtype="float32"), prompt)
    np.testing.assert_allclose(found, expected, rtol=0, atol=0.02)
