"""A merged model as a Hugging Face folder, which transformers and whatever builds on it load.

The tensors and the configuration are made from KerasHub's backbone, so every base can be written:
a preset, too, which never was such a folder.
"""

import math
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from keras_hub.models import Gemma3Backbone

from getalwoord.exchange.prompts import jinja_template
from getalwoord.exchange.tokenizer import write_tokenizer
from getalwoord.files import write_json
from getalwoord.models import keras
from getalwoord.models.bases import Base
from getalwoord.models.families import layer_types, tensor_shapes
from getalwoord.models.hub import CONFIG, read_json
from getalwoord.models.low_rank import TARGET_MODULES, frozen_projections, merged_kernels

_SHARD = 4 * 10**9  # bytes of a file of weights, at most; one tensor may be more
_BYTES = {"bfloat16": 2, "float32": 4}
# KerasHub's norms of a block, and what Hugging Face calls them.
_NORMS = {
    "pre_attention_norm": "input_layernorm",
    "post_attention_norm": "post_attention_layernorm",
    "pre_ffw_norm": "pre_feedforward_layernorm",
    "post_ffw_norm": "post_feedforward_layernorm",
}
_NORMS_OF_GEMMA_1 = {
    "pre_attention_norm": "input_layernorm",
    "pre_ffw_norm": "post_attention_layernorm",
}
_ARCHITECTURES = {
    "gemma": "GemmaForCausalLM",
    "gemma2": "Gemma2ForCausalLM",
    "gemma3_text": "Gemma3ForCausalLM",
}


def write_huggingface(base: Base, folder: Path, *, template: str, max_new_tokens: int) -> None:
    """Write a base, with the adapter that is on it merged, as a Hugging Face folder.

    Args:
        base: With or without an adapter. Its dtype is that of the files.
        folder: An empty folder.
        template: Makes a prompt of an instruction; written as the chat template.
        max_new_tokens: Tokens that an answer has at most, for the generation settings.
    """
    config = config_of(base)
    _write_weights(base, config, folder)
    write_json(folder / CONFIG, config)
    ids = {name: config[name] for name in ("bos_token_id", "eos_token_id", "pad_token_id")}
    generation = {"do_sample": False, "max_new_tokens": max_new_tokens}
    write_json(folder / "generation_config.json", ids | generation)
    write_tokenizer(base.tokenizer, folder, chat_template=jinja_template(template))


def config_of(base: Base) -> dict[str, Any]:
    """Give what Hugging Face's config.json holds."""
    backbone, tokenizer = base.backbone, base.tokenizer
    kind, layers = _model_type(backbone), backbone.num_layers
    # Of Gemma 1 and 2 KerasHub's intermediate_dim counts gate and up together.
    gate = next(layer for target, layer in frozen_projections(backbone) if target.module == "gate")
    shared = {
        "architectures": [_ARCHITECTURES[kind]],
        "model_type": kind,
        "bos_token_id": tokenizer.bos_id,
        "eos_token_id": tokenizer.eos_id,
        "pad_token_id": tokenizer.pad_id,
        "dtype": _dtype(backbone),
        "vocab_size": backbone.vocabulary_size,
        "hidden_size": backbone.hidden_dim,
        "num_hidden_layers": layers,
        "intermediate_size": gate.kernel.shape[-1],
        "num_attention_heads": backbone.num_query_heads,
        "num_key_value_heads": backbone.num_key_value_heads,
        "head_dim": backbone.head_dim,
        "max_position_embeddings": _context_length(base),
        "rms_norm_eps": backbone.layer_norm_epsilon,
        "hidden_act": "gelu_pytorch_tanh",
        "hidden_activation": "gelu_pytorch_tanh",
        "attention_bias": False,
        "tie_word_embeddings": True,
        "rope_theta": 10_000.0,
    }
    if kind == "gemma":
        return shared
    shared |= {
        "query_pre_attn_scalar": backbone.head_dim
        if backbone.query_head_dim_normalize
        else backbone.hidden_dim // backbone.num_query_heads,
        "sliding_window": backbone.sliding_window_size,
        "layer_types": layer_types(kind, layers),
        "attn_logit_softcapping": backbone.attention_logit_soft_cap,
        "final_logit_softcapping": backbone.final_logit_soft_cap,
    }
    if kind == "gemma2":
        return shared
    factor = backbone.global_rope_scaling_factor
    return shared | {
        "rope_theta": 1_000_000.0,
        "rope_local_base_freq": 10_000.0,
        "rope_scaling": None if factor == 1.0 else {"rope_type": "linear", "factor": factor},
        "sliding_window_pattern": 6,
    }


def merged_tensors(backbone: keras.Model) -> Iterator[tuple[str, npt.NDArray[Any]]]:
    """Give every tensor in the order of `tensor_shapes`, in the backbone's dtype, updates added."""
    array = keras.ops.convert_to_numpy
    names = _NORMS_OF_GEMMA_1 if _model_type(backbone) == "gemma" else _NORMS
    yield "model.embed_tokens.weight", array(backbone.token_embedding.embeddings)
    yield "model.norm.weight", array(backbone.layer_norm.scale)
    for target, kernel in merged_kernels(backbone):
        yield f"{target.peft_name}.weight", np.ascontiguousarray(array(kernel).T)
        if target.module != TARGET_MODULES[-1]:
            continue
        block = backbone.transformer_layers[target.block]
        norms = {theirs: getattr(block, ours) for ours, theirs in names.items()}
        if hasattr(block.attention, "query_norm"):
            norms["self_attn.q_norm"] = block.attention.query_norm
            norms["self_attn.k_norm"] = block.attention.key_norm
        for name, norm in norms.items():
            scale = getattr(norm, "frozen", norm).scale
            yield f"model.layers.{target.block}.{name}.weight", array(scale)


def _write_weights(base: Base, config: dict[str, Any], folder: Path) -> None:
    """Write safetensors, in several files where they are large; one is in memory at a time."""
    from safetensors.numpy import save_file

    sizes = {
        name: math.prod(shape) * _BYTES[config["dtype"]]
        for name, shape in tensor_shapes(config).items()
    }
    shards = _shards(sizes)
    tensors = merged_tensors(base.backbone)
    weight_map: dict[str, str] = {}
    for number, names in enumerate(shards, start=1):
        file = f"model-{number:05}-of-{len(shards):05}.safetensors"
        file = "model.safetensors" if len(shards) == 1 else file
        save_file(dict(islice(tensors, len(names))), folder / file, metadata={"format": "pt"})
        weight_map |= dict.fromkeys(names, file)
    if len(shards) > 1:
        total = {"total_size": sum(sizes.values())}
        index = {"metadata": total, "weight_map": weight_map}
        write_json(folder / "model.safetensors.index.json", index)


def _shards(sizes: dict[str, int]) -> list[list[str]]:
    """Divide tensors, in their order, among files."""
    shards: list[list[str]] = [[]]
    filled = 0
    for name, size in sizes.items():
        if filled and filled + size > _SHARD:
            shards.append([])
            filled = 0
        shards[-1].append(name)
        filled += size
    return shards


def _model_type(backbone: keras.Model) -> str:
    if isinstance(backbone, Gemma3Backbone):
        return "gemma3_text"
    return "gemma2" if backbone.use_post_ffw_norm else "gemma"


def _dtype(backbone: keras.Model) -> str:
    return str(keras.backend.standardize_dtype(backbone.token_embedding.embeddings.dtype))


def _context_length(base: Base) -> int:
    """Tell how many tokens a text may have; a KerasHub backbone does not know."""
    stated = None if base.folder is None else read_json(base.folder / CONFIG)
    if stated and isinstance(stated.get("max_position_embeddings"), int):
        return int(stated["max_position_embeddings"])
    if not isinstance(base.backbone, Gemma3Backbone):
        return 8192
    # The larger Gemmas 3 have the longer texts, and scale their rotary embedding for that.
    return 32_768 if base.backbone.global_rope_scaling_factor == 1.0 else 131_072
