"""A merged model as a GGUF file, which llama.cpp, Ollama and whatever builds on them load.

Metadata and layouts are those of llama.cpp's own converter.

Format: https://github.com/ggml-org/ggml/blob/master/docs/gguf.md
"""

import contextlib
import ctypes
import importlib
import math
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import gguf
import numpy as np
import numpy.typing as npt
from gguf import GGMLQuantizationType as _Kind

from getalwoord.errors import InputError
from getalwoord.exchange.huggingface import config_of, merged_tensors
from getalwoord.exchange.prompts import go_template, jinja_template
from getalwoord.exchange.tokenizer import CONTROL, UNKNOWN, UNUSED, USER_DEFINED, pieces_of
from getalwoord.models.bases import Base
from getalwoord.models.families import SCALED_BY_WIDTH, rope, tensor_shapes
from getalwoord.models.tokenizer import Tokenizer

_BLOCK = 256  # values that a K-quantisation takes together
QUANTISATIONS = {
    "f32": gguf.LlamaFileType.ALL_F32,
    "bf16": gguf.LlamaFileType.MOSTLY_BF16,
    "q8_0": gguf.LlamaFileType.MOSTLY_Q8_0,
    "q4_k_m": gguf.LlamaFileType.MOSTLY_Q4_K_M,
}


def write_gguf(
    base: Base, folder: Path, *, quantisation: str, name: str, template: str, max_new_tokens: int
) -> Path:
    """Write a base, with the adapter that is on it merged, as a GGUF file and a Modelfile.

    Args:
        base: With or without an adapter, in bfloat16; in float32 for f32.
        folder: An empty folder.
        quantisation: One of `QUANTISATIONS`; norms are float32 in all of them.
        name: Of the model, and of the file with the quantisation after it.
        template: Makes a prompt of an instruction; written as the chat template.
        max_new_tokens: Tokens that an answer has at most, for Ollama.

    Returns:
        The GGUF file.

    Raises:
        InputError: There is no quantiser for it here, or llama.cpp cannot compute this Gemma.
    """
    config = config_of(base)
    _check_query_scale(config)
    kinds = _kinds(config, quantisation)
    quantise = _k_quantiser() if quantisation == "q4_k_m" else gguf.quants.quantize
    path = folder / f"{name}-{quantisation}.gguf"
    writer = gguf.GGUFWriter(path, config["model_type"].removesuffix("_text"))
    writer.add_type(gguf.GGUFType.MODEL)
    writer.add_name(name)
    writer.add_license("gemma")
    writer.add_languages(["nl"])
    _add_settings(writer, config)
    writer.add_file_type(QUANTISATIONS[quantisation])
    writer.add_quantization_version(gguf.GGML_QUANT_VERSION)
    _add_tokenizer(writer, base.tokenizer, config["vocab_size"])
    writer.add_chat_template(jinja_template(template))
    names = _names(config)
    for tensor, shape in tensor_shapes(config).items():
        size = math.prod(gguf.quant_shape_to_byte_shape(shape, kinds[tensor]))
        writer.add_tensor_info(
            names[tensor], shape, np.dtype(np.float32), size, raw_dtype=kinds[tensor]
        )
    with contextlib.closing(writer):
        writer.write_header_to_file()
        writer.write_kv_data_to_file()
        writer.write_ti_data_to_file()
        for tensor, values in merged_tensors(base.backbone):
            wide = values.astype(np.float32)
            if values.ndim == 1:
                wide += 1  # GGUF holds the factor itself, Hugging Face what is added to one
            writer.write_tensor_data(quantise(wide, kinds[tensor]))
    (folder / "Modelfile").write_text(
        f'FROM ./{path.name}\nTEMPLATE """{go_template(template)}"""\n'
        f"PARAMETER temperature 0\nPARAMETER num_predict {max_new_tokens}\n"
        'PARAMETER stop "<eos>"\n',
        encoding="utf-8",
    )
    return path


def _check_query_scale(config: Mapping[str, Any]) -> None:
    """Refuse a Gemma whose queries llama.cpp would scale otherwise: it goes by the layers."""
    kind, layers = config["model_type"], config["num_hidden_layers"]
    by_width = config.get("query_pre_attn_scalar", config["head_dim"]) != config["head_dim"]
    if by_width != ((kind, layers) in SCALED_BY_WIDTH):
        raise InputError(
            f"llama.cpp cannot compute this {kind} of {layers} layers: its queries are scaled by "
            f"{config['query_pre_attn_scalar']}, which a GGUF cannot say"
        )


def _add_settings(writer: gguf.GGUFWriter, config: Mapping[str, Any]) -> None:
    writer.add_context_length(config["max_position_embeddings"])
    writer.add_embedding_length(config["hidden_size"])
    writer.add_block_count(config["num_hidden_layers"])
    writer.add_feed_forward_length(config["intermediate_size"])
    writer.add_head_count(config["num_attention_heads"])
    writer.add_head_count_kv(config["num_key_value_heads"])
    writer.add_layer_norm_rms_eps(config["rms_norm_eps"])
    writer.add_key_length(config["head_dim"])
    writer.add_value_length(config["head_dim"])
    if config["model_type"] == "gemma":
        return
    writer.add_sliding_window(config["sliding_window"])
    if config["model_type"] == "gemma2":
        writer.add_attn_logit_softcapping(config["attn_logit_softcapping"])
        writer.add_final_logit_softcapping(config["final_logit_softcapping"])
        return
    wavelength, factor = rope(config, "full_attention")
    writer.add_rope_freq_base(wavelength)
    if factor != 1.0:
        writer.add_rope_scaling_type(gguf.RopeScalingType.LINEAR)
        writer.add_rope_scaling_factor(factor)


def _add_tokenizer(writer: gguf.GGUFWriter, tokenizer: Tokenizer, rows: int) -> None:
    """Write the vocabulary, with as many tokens as the embedding has rows."""
    pieces = pieces_of(tokenizer)[:rows]
    pieces += [(f"[PAD{number}]", -1000.0, UNUSED) for number in range(len(pieces), rows)]
    writer.add_tokenizer_model("llama")
    writer.add_tokenizer_pre("default")
    # llama.cpp looks for tokens of the user in the text as it is.
    writer.add_token_list(
        [text.replace("▁", " ") if kind == USER_DEFINED else text for text, _, kind in pieces]
    )
    writer.add_token_scores([score for _, score, _ in pieces])
    writer.add_token_types([CONTROL if kind == UNKNOWN else kind for _, _, kind in pieces])
    unknown = next(number for number, (_, _, kind) in enumerate(pieces) if kind == UNKNOWN)
    writer.add_bos_token_id(tokenizer.bos_id)
    writer.add_eos_token_id(tokenizer.eos_id)
    writer.add_unk_token_id(unknown)
    writer.add_pad_token_id(tokenizer.pad_id)
    writer.add_add_bos_token(True)
    writer.add_add_eos_token(False)
    writer.add_add_space_prefix(False)


def _names(config: Mapping[str, Any]) -> dict[str, str]:
    """Give GGUF's names by Hugging Face's."""
    architecture = gguf.MODEL_ARCH[config["model_type"].removesuffix("_text").upper()]
    known = gguf.get_tensor_name_map(architecture, config["num_hidden_layers"])
    return {name: str(known.get_name(name, (".weight",))) for name in tensor_shapes(config)}


def _kinds(config: Mapping[str, Any], quantisation: str) -> dict[str, _Kind]:
    """Tell how each tensor is stored."""
    kinds = {}
    for name, shape in tensor_shapes(config).items():
        if len(shape) == 1:
            kinds[name] = _Kind.F32
        elif quantisation == "q4_k_m":
            kinds[name] = _mixed(name, shape[1], config["num_hidden_layers"])
        else:
            kinds[name] = _Kind[quantisation.upper()]
    return kinds


def _mixed(name: str, columns: int, layers: int) -> _Kind:
    """Tell how Q4_K_M stores a matrix: six bits for those that matter most, four for the rest.

    Source: llama_tensor_get_type of llama.cpp, src/llama-quant.cpp
    """
    more = name == "model.embed_tokens.weight"  # which is the head, too
    if name.endswith(("v_proj.weight", "down_proj.weight")):
        layer = int(name.removeprefix("model.layers.").partition(".")[0])
        eighth = layers // 8
        more = layer < eighth or layer >= 7 * layers // 8 or (layer - eighth) % 3 == 2
    if columns % _BLOCK:  # no K-quantisation fits
        return _Kind.Q8_0 if more else _Kind.Q5_0
    return _Kind.Q6_K if more else _Kind.Q4_K


def _k_quantiser() -> Callable[[npt.NDArray[np.float32], _Kind], npt.NDArray[Any]]:
    """Find the quantiser of llama.cpp, which the package xllamacpp holds.

    It is part of ggml's public interface, ggml.h; the package gguf has no K-quantisation.
    """
    try:
        library = importlib.import_module("xllamacpp.xllamacpp")
        chunk = ctypes.CDLL(str(library.__file__)).ggml_quantize_chunk
    except (ImportError, OSError, AttributeError) as error:
        raise InputError(
            f"q4_k_m needs the quantiser of llama.cpp ({error}): pip install 'getalwoord[gguf]', "
            "or write bf16 and run llama-quantize FILE.gguf Q4_K_M"
        ) from error
    whole = ctypes.c_int64
    chunk.argtypes = [ctypes.c_int, ctypes.c_void_p, ctypes.c_void_p, whole, whole, whole]
    chunk.argtypes += [ctypes.c_void_p]
    chunk.restype = ctypes.c_size_t

    def quantise(values: npt.NDArray[np.float32], kind: _Kind) -> npt.NDArray[Any]:
        if kind == _Kind.F32:
            return values
        rows, columns = values.shape
        values = np.ascontiguousarray(values)
        out = np.empty(gguf.quant_shape_to_byte_shape(values.shape, kind), np.uint8)
        chunk(kind.value, values.ctypes.data, out.ctypes.data, 0, rows, columns, None)
        return out

    return quantise
