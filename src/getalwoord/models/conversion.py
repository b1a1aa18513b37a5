"""A GGUF file made into a Hugging Face folder, de-quantised to bfloat16."""

import json
import math
import struct
from pathlib import Path
from typing import Any

import numpy as np

from getalwoord.errors import BaseError
from getalwoord.models.families import SCALED_BY_WIDTH, check_config, check_tensors
from getalwoord.models.gguf import GgufFile

# In a block of layers, GGUF's names and Hugging Face's.
_BLOCK = {
    "attn_norm": "input_layernorm",
    "attn_q": "self_attn.q_proj",
    "attn_k": "self_attn.k_proj",
    "attn_v": "self_attn.v_proj",
    "attn_q_norm": "self_attn.q_norm",
    "attn_k_norm": "self_attn.k_norm",
    "attn_output": "self_attn.o_proj",
    "post_attention_norm": "post_attention_layernorm",
    "ffn_norm": "pre_feedforward_layernorm",
    "ffn_gate": "mlp.gate_proj",
    "ffn_up": "mlp.up_proj",
    "ffn_down": "mlp.down_proj",
    "post_ffw_norm": "post_feedforward_layernorm",
}
_WHOLE = {"token_embd": "embed_tokens", "output_norm": "norm"}


def convert(path: Path, folder: Path) -> None:
    """Write a GGUF file into a folder as Hugging Face's files, de-quantised to bfloat16.

    Raises:
        BaseError: The file is damaged or not supported.
    """
    file = GgufFile(path)
    config = _config(file)
    check_config(config, path)
    check_tensors(_shapes(file), config, path)
    try:
        tokenizer = _tokenizer_proto(file)
    except (ValueError, TypeError, IndexError) as error:
        raise BaseError(f"{path}: its tokenizer is damaged ({error}): get it again") from error
    _write_weights(file, folder / "model.safetensors")
    (folder / "config.json").write_text(json.dumps(config, indent=2) + "\n", encoding="utf-8")
    (folder / "tokenizer.model").write_bytes(tokenizer)


def _config(file: GgufFile) -> dict[str, Any]:
    """Give what Hugging Face's config.json holds."""
    number = file.integer
    head_size = number("attention.key_length", default=256)
    layers = number("block_count")
    shared: dict[str, Any] = {
        "bos_token_id": int(file.field("tokenizer.ggml.bos_token_id", 2)),
        "eos_token_id": int(file.field("tokenizer.ggml.eos_token_id", 1)),
        "pad_token_id": int(file.field("tokenizer.ggml.padding_token_id", 0)),
        "dtype": "bfloat16",
        "vocab_size": np.size(file.field("tokenizer.ggml.tokens")),
        "hidden_size": number("embedding_length"),
        "num_hidden_layers": layers,
        "intermediate_size": number("feed_forward_length"),
        "num_attention_heads": number("attention.head_count"),
        "num_key_value_heads": number("attention.head_count_kv"),
        "head_dim": head_size,
        "max_position_embeddings": number("context_length"),
        "rms_norm_eps": file.number("attention.layer_norm_rms_epsilon", 1e-6),
        "hidden_activation": "gelu_pytorch_tanh",
        "tie_word_embeddings": True,
    }
    model_type = "gemma2" if file.architecture == "gemma2" else "gemma3_text"
    # GGUF leaves it to the reader.
    shared["query_pre_attn_scalar"] = (
        shared["hidden_size"] // shared["num_attention_heads"]
        if (model_type, layers) in SCALED_BY_WIDTH
        else head_size
    )
    if model_type == "gemma2":
        return shared | {
            "model_type": model_type,
            "architectures": ["Gemma2ForCausalLM"],
            "rope_theta": file.number("rope.freq_base", 10_000.0),
            "sliding_window": number("attention.sliding_window", default=4096),
            "attn_logit_softcapping": file.number("attn_logit_softcapping", 50.0),
            "final_logit_softcapping": file.number("final_logit_softcapping", 30.0),
        }
    factor = file.number("rope.scaling.factor", 1.0)
    return shared | {
        "model_type": model_type,
        "architectures": ["Gemma3ForCausalLM"],
        "rope_theta": file.number("rope.freq_base", 1_000_000.0),
        "rope_local_base_freq": 10_000.0,
        "rope_scaling": None if factor == 1.0 else {"rope_type": "linear", "factor": factor},
        "sliding_window": number("attention.sliding_window"),
        "sliding_window_pattern": 6,
        "attn_logit_softcapping": None,
        "final_logit_softcapping": None,
    }


def _tokenizer_proto(file: GgufFile) -> bytes:
    """Rebuild the SentencePiece model that the file's vocabulary was made from."""
    from sentencepiece import sentencepiece_model_pb2

    format: Any = sentencepiece_model_pb2

    pieces, scores, kinds = (
        list(file.field(f"tokenizer.ggml.{name}")) for name in ("tokens", "scores", "token_type")
    )
    unknown = int(file.field("tokenizer.ggml.unknown_token_id", 3))
    # GGUF numbers the types as SentencePiece does, but calls <unk> a control token.
    kinds[unknown] = format.ModelProto.SentencePiece.UNKNOWN
    model = format.ModelProto()
    for piece, score, kind in zip(pieces, scores, kinds, strict=True):
        # llama.cpp's converter writes runs of spaces as such; SentencePiece never sees a space.
        piece = piece.replace(" ", "▁")
        model.pieces.add(piece=piece, score=float(score), type=int(kind))
    trainer, normaliser = model.trainer_spec, model.normalizer_spec
    trainer.model_type = format.TrainerSpec.BPE
    trainer.byte_fallback = True
    trainer.vocab_size = len(pieces)
    trainer.unk_id = unknown
    trainer.bos_id = int(file.field("tokenizer.ggml.bos_token_id", 2))
    trainer.eos_id = int(file.field("tokenizer.ggml.eos_token_id", 1))
    trainer.pad_id = int(file.field("tokenizer.ggml.padding_token_id", 0))
    trainer.bos_piece, trainer.eos_piece, trainer.pad_piece = "<bos>", "<eos>", "<pad>"
    normaliser.name = "identity"
    normaliser.add_dummy_prefix = False
    normaliser.remove_extra_whitespaces = False
    return bytes(model.SerializeToString())


def _write_weights(file: GgufFile, path: Path) -> None:
    """Write all tensors as safetensors, in bfloat16, a few rows at a time.

    Format: https://github.com/huggingface/safetensors#format
    """
    import torch

    header: dict[str, Any] = {"__metadata__": {"format": "pt"}}
    end = 0
    for name, shape in _shapes(file).items():
        start, end = end, end + 2 * math.prod(shape)
        header[name] = {"dtype": "BF16", "shape": shape, "data_offsets": [start, end]}
    text = json.dumps(header).encode()
    text += b" " * (-(len(text) + 8) % 64)  # so that the mapped weights are aligned
    with path.open("wb") as out:
        out.write(struct.pack("<Q", len(text)) + text)
        for name in file.tensors:
            # GGUF stores norms as the factor itself, Hugging Face as what is added to one.
            offset = np.float32(name.endswith("norm.weight"))
            for part in file.rows(name):
                rounded = torch.from_numpy(part - offset).to(torch.bfloat16)
                out.write(rounded.view(torch.int16).numpy().data)


def _shapes(file: GgufFile) -> dict[str, tuple[int, ...]]:
    """Give the shape of every tensor, under Hugging Face's names, in the file's order."""
    return {_hugging_face_name(name): tensor.shape for name, tensor in file.tensors.items()}


def _hugging_face_name(name: str) -> str:
    """Translate a tensor's name; one that is not known stays what it is."""
    stem = name.removesuffix(".weight")
    if stem in _WHOLE:
        return f"model.{_WHOLE[stem]}.weight"
    block, _, rest = stem.removeprefix("blk.").partition(".")
    if rest in _BLOCK:
        return f"model.layers.{block}.{_BLOCK[rest]}.weight"
    return name
