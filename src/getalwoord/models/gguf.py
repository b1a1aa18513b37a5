"""GGUF files of Gemma 2 and 3, made into Hugging Face folders.

The metadata are read here and not by `gguf.GGUFReader`, which makes several NumPy arrays for
each of the 262,144 tokens and takes ten seconds and half a gigabyte for it; the quantisation
formats are `gguf`'s.

Format: https://github.com/ggml-org/ggml/blob/master/docs/gguf.md
"""

import json
import math
import mmap
import struct
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

import gguf
import numpy as np
import numpy.typing as npt

from getalwoord.errors import BaseError
from getalwoord.files import disk_error
from getalwoord.models.families import check_config, check_tensors, layer_types

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

_AT_ONCE = 1 << 22  # values to de-quantise in one go; bounds the memory taken
_VERSIONS = (2, 3)
_STRING, _ARRAY = 8, 9
_SCALARS = {
    **{0: "<u1", 1: "<i1", 2: "<u2", 3: "<i2", 4: "<u4", 5: "<i4"},
    **{6: "<f4", 7: "?", 10: "<u8", 11: "<i8", 12: "<f8"},
}


@dataclass(frozen=True, slots=True)
class _Stored:
    """Where a tensor lies in the file, and how; the shape is as NumPy counts, rows first."""

    kind: gguf.GGMLQuantizationType
    shape: tuple[int, ...]
    offset: int
    row_bytes: int


class _Cursor:
    """Reads the values of a GGUF file in their order."""

    def __init__(self, data: mmap.mmap) -> None:
        self.data = data
        self.position = 0

    def numbers(self, dtype: str, count: int) -> npt.NDArray[Any]:
        size = np.dtype(dtype).itemsize * count
        if size > len(self.data) - self.position:
            raise ValueError("it ends too early")
        self.position += size
        return np.frombuffer(self.data, dtype, count, self.position - size)

    def number(self, dtype: str) -> Any:
        return self.numbers(dtype, 1)[0].item()

    def text(self) -> str:
        return self.texts(1)[0]

    def texts(self, count: int) -> list[str]:
        found, position, data = [], self.position, self.data
        length_at = struct.Struct("<Q").unpack_from
        for _ in range(count):
            (length,) = length_at(data, position)
            position += 8 + length
            if position > len(data):
                raise ValueError("it ends too early")
            found.append(data[position - length : position].decode())
        self.position = position
        return found

    def value(self) -> Any:
        kind = self.number("<u4")
        if kind != _ARRAY:
            return self.text() if kind == _STRING else self.number(_SCALARS[kind])
        kind, count = self.number("<u4"), self.number("<u8")
        return self.texts(count) if kind == _STRING else self.numbers(_SCALARS[kind], count)


class GgufFile:
    """A GGUF file of Gemma, opened.

    Args:
        path: The file.

    Raises:
        BaseError: It is no GGUF, is cut short, or is not of Gemma 2 or 3.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        try:
            with path.open("rb") as file:
                if file.read(4) != b"GGUF":
                    raise BaseError(f"{path} is no GGUF file: give one, or a folder")
                self._data = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
            self._read()
        except FileNotFoundError as error:
            raise BaseError(f"{path} does not exist: give the path of a GGUF file") from error
        except OSError as error:
            raise disk_error(path, error, "read") from error
        except (ValueError, KeyError, struct.error) as error:
            raise BaseError(
                f"{path} is cut short or damaged ({error}): download it again"
            ) from error
        if self.architecture not in ("gemma2", "gemma3"):
            raise BaseError(
                f"{path} is of architecture {self.architecture}: give a GGUF of Gemma 2 or 3"
            )
        if self._field("split.count", 1) != 1:
            raise BaseError(f"{path} is one of several parts: join them (llama-gguf-split --merge)")

    def _read(self) -> None:
        cursor = _Cursor(self._data)
        cursor.position = 4
        version = cursor.number("<u4")
        if version not in _VERSIONS:
            raise BaseError(
                f"{self.path} is GGUF version {version}: give one of version 2 or 3, little-endian"
            )
        tensors, fields = cursor.number("<u8"), cursor.number("<u8")
        self._fields: dict[str, Any] = {}
        for _ in range(fields):
            name = cursor.text()
            self._fields[name] = cursor.value()
        self.architecture = str(self._field("general.architecture"))
        described = [self._describe(cursor) for _ in range(tensors)]
        alignment = self._field("general.alignment", gguf.GGUF_DEFAULT_ALIGNMENT)
        start = math.ceil(cursor.position / alignment) * alignment
        self._stored: dict[str, _Stored] = {}
        for name, kind, shape, offset in described:
            per_block, block_bytes = gguf.GGML_QUANT_SIZES[kind]
            stored = _Stored(kind, shape, start + offset, shape[-1] // per_block * block_bytes)
            if stored.offset + math.prod(shape[:-1]) * stored.row_bytes > len(self._data):
                raise ValueError(f"it ends before {name} does")
            self._stored[name] = stored

    def _describe(
        self, cursor: _Cursor
    ) -> tuple[str, gguf.GGMLQuantizationType, tuple[int, ...], int]:
        name, sides = cursor.text(), cursor.number("<u4")
        shape = tuple(cursor.numbers("<u8", sides)[::-1].tolist())
        kind, offset = cursor.number("<u4"), cursor.number("<u8")
        try:
            return name, gguf.GGMLQuantizationType(kind), shape, offset
        except ValueError as error:
            raise BaseError(
                f"{self.path}: {name} is quantised in a way (number {kind}) that this version of "
                "the package gguf does not know: give another quantisation, or a newer gguf"
            ) from error

    def config(self) -> dict[str, Any]:
        """Give what Hugging Face's config.json holds."""
        number = self._number
        head_size = number("attention.key_length", default=256)
        layers = number("block_count")
        shared: dict[str, Any] = {
            "bos_token_id": int(self._field("tokenizer.ggml.bos_token_id", 2)),
            "eos_token_id": int(self._field("tokenizer.ggml.eos_token_id", 1)),
            "pad_token_id": int(self._field("tokenizer.ggml.padding_token_id", 0)),
            "dtype": "bfloat16",
            "vocab_size": len(self._field("tokenizer.ggml.tokens")),
            "hidden_size": number("embedding_length"),
            "num_hidden_layers": layers,
            "intermediate_size": number("feed_forward_length"),
            "num_attention_heads": number("attention.head_count"),
            "num_key_value_heads": number("attention.head_count_kv"),
            "head_dim": head_size,
            "max_position_embeddings": number("context_length"),
            "rms_norm_eps": self._float("attention.layer_norm_rms_epsilon", 1e-6),
            "hidden_activation": "gelu_pytorch_tanh",
            "tie_word_embeddings": True,
        }
        # GGUF leaves it to the reader: 27B scales queries by width over heads, others by head size.
        wide = {("gemma2", 46), ("gemma3", 62)}
        shared["query_pre_attn_scalar"] = (
            shared["hidden_size"] // shared["num_attention_heads"]
            if (self.architecture, layers) in wide
            else head_size
        )
        if self.architecture == "gemma2":
            return shared | {
                "model_type": "gemma2",
                "architectures": ["Gemma2ForCausalLM"],
                "rope_theta": self._float("rope.freq_base", 10_000.0),
                "sliding_window": number("attention.sliding_window", default=4096),
                "layer_types": layer_types("gemma2", layers),
                "attn_logit_softcapping": self._float("attn_logit_softcapping", 50.0),
                "final_logit_softcapping": self._float("final_logit_softcapping", 30.0),
            }
        factor = self._float("rope.scaling.factor", 1.0)
        return shared | {
            "model_type": "gemma3_text",
            "architectures": ["Gemma3ForCausalLM"],
            "rope_theta": self._float("rope.freq_base", 1_000_000.0),
            "rope_local_base_freq": 10_000.0,
            "rope_scaling": None if factor == 1.0 else {"rope_type": "linear", "factor": factor},
            "sliding_window": number("attention.sliding_window"),
            "layer_types": layer_types("gemma3_text", layers),
            "attn_logit_softcapping": None,
            "final_logit_softcapping": None,
        }

    def tokenizer_proto(self) -> bytes:
        """Rebuild the SentencePiece model that the file's vocabulary was made from."""
        from sentencepiece import sentencepiece_model_pb2 as format

        pieces = self._field("tokenizer.ggml.tokens")
        scores = self._field("tokenizer.ggml.scores").tolist()
        # GGUF numbers the types as SentencePiece does, but calls <unk> a control token.
        kinds = self._field("tokenizer.ggml.token_type").tolist()
        if not len(pieces) == len(scores) == len(kinds):
            raise BaseError(f"{self.path}: tokens, scores and types differ in number")
        unknown = int(self._field("tokenizer.ggml.unknown_token_id", 3))
        kinds[unknown] = format.ModelProto.SentencePiece.UNKNOWN
        model = format.ModelProto()
        for piece, score, kind in zip(pieces, scores, kinds, strict=True):
            model.pieces.add(piece=piece, score=score, type=kind)
        trainer, normaliser = model.trainer_spec, model.normalizer_spec
        trainer.model_type = format.TrainerSpec.BPE
        trainer.byte_fallback = True
        trainer.vocab_size = len(pieces)
        trainer.unk_id = unknown
        trainer.bos_id = int(self._field("tokenizer.ggml.bos_token_id", 2))
        trainer.eos_id = int(self._field("tokenizer.ggml.eos_token_id", 1))
        trainer.pad_id = int(self._field("tokenizer.ggml.padding_token_id", 0))
        trainer.bos_piece, trainer.eos_piece, trainer.pad_piece = "<bos>", "<eos>", "<pad>"
        normaliser.name = "identity"
        normaliser.add_dummy_prefix = False
        normaliser.remove_extra_whitespaces = False
        return bytes(model.SerializeToString())

    def shapes(self) -> dict[str, tuple[int, ...]]:
        """Give the shape of every tensor, under Hugging Face's names."""
        return {
            self._hugging_face_name(name): stored.shape for name, stored in self._stored.items()
        }

    def write_weights(self, path: Path) -> None:
        """Write all tensors as safetensors, de-quantised to bfloat16, a few rows at a time.

        Format: https://github.com/huggingface/safetensors#format
        """
        header: dict[str, Any] = {"__metadata__": {"format": "pt"}}
        end = 0
        for name, shape in self.shapes().items():
            start, end = end, end + 2 * math.prod(shape)
            header[name] = {"dtype": "BF16", "shape": shape, "data_offsets": [start, end]}
        text = json.dumps(header).encode()
        text += b" " * (-(len(text) + 8) % 64)  # so that the mapped weights are aligned
        with path.open("wb") as file:
            file.write(struct.pack("<Q", len(text)) + text)
            for name, stored in self._stored.items():
                self._write_tensor(name, stored, file)

    def _write_tensor(self, name: str, stored: _Stored, file: BinaryIO) -> None:
        import torch

        rows = math.prod(stored.shape[:-1])
        data = np.frombuffer(self._data, np.uint8, rows * stored.row_bytes, stored.offset)
        data = data.reshape(rows, stored.row_bytes)
        step = max(1, _AT_ONCE // stored.shape[-1])
        for start in range(0, rows, step):
            try:
                values = gguf.quants.dequantize(data[start : start + step], stored.kind)
            except (NotImplementedError, ValueError) as error:
                raise BaseError(
                    f"{self.path}: {name} cannot be de-quantised from {stored.kind.name}: give "
                    "another quantisation, such as Q8_0 or Q4_K_M"
                ) from error
            # GGUF stores norms as the factor itself, Hugging Face as what is added to one.
            values = values.astype(np.float32, copy=False) - np.float32(
                name.endswith("norm.weight")
            )
            file.write(torch.from_numpy(values).to(torch.bfloat16).view(torch.int16).numpy().data)

    def _hugging_face_name(self, name: str) -> str:
        """Translate a tensor's name; one that is not known stays what it is."""
        stem = name.removesuffix(".weight")
        if stem in _WHOLE:
            return f"model.{_WHOLE[stem]}.weight"
        block, _, rest = stem.removeprefix("blk.").partition(".")
        if rest in _BLOCK:
            return f"model.layers.{block}.{_BLOCK[rest]}.weight"
        return name

    def _field(self, name: str, default: Any = None) -> Any:
        value = self._fields.get(name, default)
        if value is None:
            raise BaseError(f"{self.path} lacks the field {name}: it is not a whole Gemma")
        return value

    def _number(self, name: str, default: int | None = None) -> int:
        return int(self._field(f"{self.architecture}.{name}", default))

    def _float(self, name: str, default: float) -> float:
        # A float32 read as a double has digits that nobody wrote.
        return float(f"{float(self._field(f'{self.architecture}.{name}', default)):.7g}")


def convert(path: Path, folder: Path) -> None:
    """Write a GGUF file into a folder as Hugging Face's files, de-quantised to bfloat16.

    Raises:
        BaseError: The file is damaged or not supported.
    """
    file = GgufFile(path)
    config = file.config()
    check_config(config, path)
    check_tensors(file.shapes(), config, path)
    file.write_weights(folder / "model.safetensors")
    (folder / "config.json").write_text(json.dumps(config, indent=2) + "\n", encoding="utf-8")
    (folder / "tokenizer.model").write_bytes(file.tokenizer_proto())
