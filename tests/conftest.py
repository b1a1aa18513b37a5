"""Tiny Gemmas, made on the spot: random weights, their own tokenizer, every format there is.

The weights are drawn so that each can be held in bfloat16 without loss, and large enough that
soft-capping, sliding windows and rotary embeddings change the answer.
"""

import io
import json
import random

import hypothesis
import pytest

# Tests are never timed: a machine may be busy.
hypothesis.settings.register_profile("untimed", deadline=None)
hypothesis.settings.load_profile("untimed")

TINY = {
    "vocab_size": 640,
    "hidden_size": 32,
    "intermediate_size": 64,
    "num_attention_heads": 4,
    "num_key_value_heads": 2,
    "head_dim": 16,
    "max_position_embeddings": 128,
    "pad_token_id": 0,
    "eos_token_id": 1,
    "bos_token_id": 2,
}
LAYERS = {"gemma": 3, "gemma2": 4, "gemma3": 6, "gemma3_27b": 12}  # every sixth of 3 is global


@pytest.fixture(scope="session")
def tiny_tokenizer_model():
    """A SentencePiece model with Gemma's settings and special tokens, as bytes."""
    import sentencepiece

    draw = random.Random(0)
    words = "nul een twee drie vier vijf zes zeven acht negen tien elf twaalf dertien veertien "
    words += "twintig dertig veertig vijftig zestig zeventig tachtig negentig honderd duizend en ën"
    sentences = (
        "".join(draw.choices(words.split(), k=draw.randint(1, 5))) + f" = {draw.randrange(10**6)}"
        for _ in range(2000)
    )
    out = io.BytesIO()
    sentencepiece.SentencePieceTrainer.train(
        sentence_iterator=sentences,
        model_writer=out,
        model_type="bpe",
        vocab_size=TINY["vocab_size"],
        byte_fallback=True,
        split_digits=True,
        character_coverage=1.0,
        normalization_rule_name="identity",
        add_dummy_prefix=False,
        remove_extra_whitespaces=False,
        allow_whitespace_only_pieces=True,
        user_defined_symbols=["\n", "\t", "▁▁"],
        pad_id=0,
        eos_id=1,
        bos_id=2,
        unk_id=3,
        pad_piece="<pad>",
        eos_piece="<eos>",
        bos_piece="<bos>",
        minloglevel=2,
    )
    return out.getvalue()


def tiny_config(family):
    """Give transformers' configuration of a tiny Gemma; the sliding window is four tokens."""
    from transformers import Gemma2Config, Gemma3TextConfig, GemmaConfig

    shared = {**TINY, "num_hidden_layers": LAYERS[family]}
    if family == "gemma":
        return GemmaConfig(**shared)
    if family == "gemma2":
        capped = {"attn_logit_softcapping": 5.0, "final_logit_softcapping": 3.0}
        return Gemma2Config(**shared, sliding_window=4, query_pre_attn_scalar=16, **capped)
    rope = {
        "sliding_attention": {"rope_type": "default", "rope_theta": 10_000.0},
        "full_attention": {"rope_type": "default", "rope_theta": 1_000_000.0},
    }
    query_scale = 16
    if family == "gemma3_27b":  # scales rope as 4B and above do, and queries as no other does
        rope["full_attention"] |= {"rope_type": "linear", "factor": 8.0}
        query_scale = TINY["hidden_size"] // TINY["num_attention_heads"]
    return Gemma3TextConfig(
        **shared, sliding_window=4, query_pre_attn_scalar=query_scale, rope_parameters=rope
    )


def draw_weights(model):
    """Redraw all weights of a torch model, to values that bfloat16 can hold."""
    import torch

    draw = torch.Generator().manual_seed(0)
    with torch.no_grad():
        for name, parameter in model.named_parameters():
            strength = 0.3 if "norm" in name else 1.5 / parameter.shape[-1] ** 0.5
            drawn = torch.randn(parameter.shape, generator=draw) * strength
            parameter.copy_(drawn.to(torch.bfloat16))


@pytest.fixture(scope="session")
def tiny_gemma(tmp_path_factory, tiny_tokenizer_model):
    """Give the Hugging Face folder of a tiny Gemma, by family and dtype of its file.

    Families are gemma, gemma2, gemma3, and gemma3_27b with its own scales.
    """
    made = {}

    def make(family, dtype="bfloat16"):
        if (family, dtype) not in made:
            import torch
            from transformers import AutoModelForCausalLM

            model = AutoModelForCausalLM.from_config(tiny_config(family))
            draw_weights(model)
            folder = tmp_path_factory.mktemp(f"{family}_{dtype}")
            model.to(getattr(torch, dtype)).save_pretrained(folder)
            (folder / "tokenizer.model").write_bytes(tiny_tokenizer_model)
            made[family, dtype] = folder
        return made[family, dtype]

    return make


@pytest.fixture(scope="session")
def tiny_base_dir(tiny_gemma):
    """The Hugging Face folder of a tiny Gemma 3, with its tokenizer."""
    return tiny_gemma("gemma3")


@pytest.fixture(scope="session")
def tiny_preset(tmp_path_factory, tiny_gemma):
    """Give a KerasHub preset folder with the weights of a tiny Gemma, by family."""
    from getalwoord.models.bases import load_base

    def make(family):
        folder = tmp_path_factory.mktemp(f"preset_{family}")
        base = load_base(str(tiny_gemma(family, "float32")), dtype="float32")
        base.backbone.save_to_preset(folder)
        vocabulary = folder / "assets" / "tokenizer" / "vocabulary.spm"
        vocabulary.parent.mkdir(parents=True)
        vocabulary.write_bytes(base.tokenizer.proto)
        return folder

    return make


def write_gguf(path, folder, quantisation, *, fields=None, tensors=None):
    """Write a Hugging Face folder of Gemma 2 or 3 as a GGUF file, as llama.cpp's converter does.

    Args:
        fields: Changes to the architecture's fields; None leaves a field out.
        tensors: Changes to the tensors, in GGUF's names; None leaves a tensor out.
    """
    import gguf
    import numpy as np
    import sentencepiece
    from safetensors.torch import load_file

    config = json.loads((folder / "config.json").read_text())
    family = config["model_type"].removesuffix("_text")
    writer = gguf.GGUFWriter(path, family)
    for name, value in {**_gguf_fields(config), **(fields or {})}.items():
        if value is not None:
            add = writer.add_uint32 if isinstance(value, int) else writer.add_float32
            add(f"{family}.{name}", value)
    model = sentencepiece.SentencePieceProcessor(model_file=str(folder / "tokenizer.model"))
    numbers = range(model.vocab_size())
    writer.add_tokenizer_model("llama")
    pieces = [model.id_to_piece(number) for number in numbers]
    writer.add_token_list([" " * len(piece) if piece == "▁▁" else piece for piece in pieces])
    writer.add_token_scores([model.get_score(number) for number in numbers])
    user_defined = ("\n", "\t", "▁▁")
    writer.add_token_types(
        [
            gguf.TokenType.CONTROL
            if number < 4
            else gguf.TokenType.BYTE
            if model.is_byte(number)
            else gguf.TokenType.USER_DEFINED
            if pieces[number] in user_defined
            else gguf.TokenType.NORMAL
            for number in numbers
        ]
    )
    for name, number in {"bos": 2, "eos": 1, "unknown": 3, "padding": 0}.items():
        writer.add_uint32(f"tokenizer.ggml.{name}_token_id", number)
    kind = gguf.GGMLQuantizationType[quantisation]
    names = gguf.get_tensor_name_map(gguf.MODEL_ARCH[family.upper()], config["num_hidden_layers"])
    arrays = {}
    for name, tensor in load_file(folder / "model.safetensors").items():
        is_norm = name.endswith("norm.weight")
        arrays[names.get_name(name, (".weight",))] = tensor.float().numpy() + is_norm
    for name, array in {**arrays, **(tensors or {})}.items():
        if array is not None:
            stored = gguf.GGMLQuantizationType.F32 if array.ndim == 1 else kind
            data = gguf.quants.quantize(array.astype(np.float32), stored)
            writer.add_tensor(name, data, raw_dtype=stored)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()


def _gguf_fields(config):
    fields = {
        "context_length": config["max_position_embeddings"],
        "embedding_length": config["hidden_size"],
        "block_count": config["num_hidden_layers"],
        "feed_forward_length": config["intermediate_size"],
        "attention.head_count": config["num_attention_heads"],
        "attention.head_count_kv": config["num_key_value_heads"],
        "attention.key_length": config["head_dim"],
        "attention.layer_norm_rms_epsilon": config["rms_norm_eps"],
        "attention.sliding_window": config["sliding_window"],
    }
    if config["model_type"] == "gemma2":
        return fields | {
            "attn_logit_softcapping": config["attn_logit_softcapping"],
            "final_logit_softcapping": config["final_logit_softcapping"],
        }
    return fields | {"rope.freq_base": config["rope_parameters"]["full_attention"]["rope_theta"]}


@pytest.fixture(scope="session")
def tiny_gguf(tmp_path_factory, tiny_gemma):
    """Give a tiny Gemma 2 or 3 as a GGUF file; changes are those of `write_gguf`."""

    def make(family, quantisation="F32", **changes):
        path = tmp_path_factory.mktemp(f"gguf_{family}") / "tiny.gguf"
        write_gguf(path, tiny_gemma(family, "float32"), quantisation, **changes)
        return path

    return make
