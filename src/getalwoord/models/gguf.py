"""GGUF files of Gemma 2 and 3, made into Hugging Face folders.

Format: https://github.com/ggml-org/ggml/blob/master/docs/gguf.md
"""

import json
from pathlib import Path
from typing import Any

import gguf
import numpy as np

from getalwoord.errors import BaseError

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

_ROWS_AT_ONCE = 1 << 14  # of a matrix to de-quantise; bounds the float32 copy


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
            self._reader = gguf.GGUFReader(path)
        except FileNotFoundError as error:
            raise BaseError(f"{path} does not exist") from error
        except (ValueError, IndexError, KeyError, OSError) as error:
            raise BaseError(f"{path} is no whole GGUF file ({error}): download it again") from error
        self.architecture = str(self._field("general.architecture"))
        if self.architecture not in ("gemma2", "gemma3"):
            raise BaseError(
                f"{path} is of architecture {self.architecture}; only gemma2 and gemma3 can be used"
            )

    def config(self) -> dict[str, Any]:
        """Give what Hugging Face's config.json holds."""
        number = self._number
        head_size = number("attention.key_length", default=256)
        shared = {
            "bos_token_id": int(self._field("tokenizer.ggml.bos_token_id", 2)),
            "eos_token_id": int(self._field("tokenizer.ggml.eos_token_id", 1)),
            "pad_token_id": int(self._field("tokenizer.ggml.padding_token_id", 0)),
            "dtype": "bfloat16",
            "vocab_size": len(self._field("tokenizer.ggml.tokens")),
            "hidden_size": number("embedding_length"),
            "num_hidden_layers": number("block_count"),
            "intermediate_size": number("feed_forward_length"),
            "num_attention_heads": number("attention.head_count"),
            "num_key_value_heads": number("attention.head_count_kv"),
            "head_dim": head_size,
            "max_position_embeddings": number("context_length"),
            "rms_norm_eps": self._float("attention.layer_norm_rms_epsilon", 1e-6),
            "hidden_activation": "gelu_pytorch_tanh",
            "tie_word_embeddings": True,
            "sliding_window": number("attention.sliding_window", default=4096),
        }
        layers = shared["num_hidden_layers"]
        # The 27B models scale queries by width over heads, all others by the size of a head.
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
                "rope_theta": 10_000.0,
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
            "attn_logit_softcapping": None,
            "final_logit_softcapping": None,
            "sliding_window_pattern": 6,
            "layer_types": [
                "sliding_attention" if (layer + 1) % 6 else "full_attention"
                for layer in range(layers)
            ],
        }

    def tokenizer_proto(self) -> bytes:
        """Rebuild the SentencePiece model that the file's vocabulary was made from."""
        from sentencepiece import sentencepiece_model_pb2 as format

        model = format.ModelProto()
        pieces = self._field("tokenizer.ggml.tokens")
        scores = self._field("tokenizer.ggml.scores")
        kinds = self._field("tokenizer.ggml.token_type")
        unknown = int(self._field("tokenizer.ggml.unknown_token_id", 3))
        for number, (piece, score, kind) in enumerate(zip(pieces, scores, kinds, strict=True)):
            # GGUF numbers the types as SentencePiece does, but calls <unk> a control token.
            type_ = format.ModelProto.SentencePiece.UNKNOWN if number == unknown else int(kind)
            model.pieces.add(piece=piece, score=float(score), type=type_)
        trainer, normaliser = model.trainer_spec, model.normalizer_spec
        trainer.model_type = format.TrainerSpec.BPE
        trainer.byte_fallback = True
        trainer.vocab_size = len(pieces)
        trainer.unk_id = unknown
        trainer.bos_id = int(self._field("tokenizer.ggml.bos_token_id", 2))
        trainer.eos_id = int(self._field("tokenizer.ggml.eos_token_id", 1))
        trainer.pad_id = int(self._field("tokenizer.ggml.padding_token_id", 0))
        normaliser.name = "identity"
        normaliser.add_dummy_prefix = False
        normaliser.remove_extra_whitespaces = False
        return bytes(model.SerializeToString())

    def tensors(self) -> dict[str, Any]:
        """De-quantise all weights to bfloat16 torch tensors, under Hugging Face's names."""
        return {
            name: self._dequantised(tensor, is_norm=name.endswith("norm.weight"))
            for tensor in self._reader.tensors
            if (name := self._hugging_face_name(tensor.name)) is not None
        }

    def _dequantised(self, tensor: gguf.ReaderTensor, *, is_norm: bool) -> Any:
        import torch

        shape = tuple(int(side) for side in reversed(tensor.shape))
        out = torch.empty(shape, dtype=torch.bfloat16)
        try:
            rows = tensor.data.reshape(shape[0], -1)
            for start in range(0, shape[0], _ROWS_AT_ONCE):
                part = gguf.quants.dequantize(
                    rows[start : start + _ROWS_AT_ONCE], tensor.tensor_type
                )
                # GGUF stores norms as the factor itself, Hugging Face as what is added to one.
                part = part.astype(np.float32) - (1.0 if is_norm else 0.0)
                out[start : start + len(part)] = torch.from_numpy(part).reshape(-1, *shape[1:])
        except (NotImplementedError, ValueError, KeyError) as error:
            raise BaseError(
                f"{self.path}: {tensor.name} cannot be de-quantised from "
                f"{tensor.tensor_type.name}: {error}"
            ) from error
        return out

    def _hugging_face_name(self, name: str) -> str | None:
        stem = name.removesuffix(".weight")
        if stem in _WHOLE:
            return f"model.{_WHOLE[stem]}.weight"
        if stem.startswith("blk."):
            _, layer, part = stem.split(".", 2)
            if part in _BLOCK:
                return f"model.layers.{layer}.{_BLOCK[part]}.weight"
        if name in ("rope_freqs.weight", "output.weight"):  # derived, and tied to the embedding
            return None
        raise BaseError(f"{self.path} holds {name}, which no text-only Gemma has")

    def _field(self, name: str, default: Any = None) -> Any:
        field = self._reader.fields.get(name)
        if field is not None:
            return field.contents()
        if default is None:
            raise BaseError(f"{self.path} lacks the field {name}: it is not a whole Gemma")
        return default

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
    from safetensors.torch import save_file

    file = GgufFile(path)
    save_file(file.tensors(), folder / "model.safetensors", metadata={"format": "pt"})
    (folder / "config.json").write_text(json.dumps(file.config(), indent=2), encoding="utf-8")
    (folder / "tokenizer.model").write_bytes(file.tokenizer_proto())
