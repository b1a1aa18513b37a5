"""KerasHub's Gemma backbones: from presets, and from Hugging Face folders."""

import json
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from types import ModuleType
from typing import Any

import keras
import ml_dtypes
import numpy as np
import numpy.typing as npt

from getalwoord.errors import BaseError
from getalwoord.files import disk_error
from getalwoord.models.tokenizer import Tokenizer

CONFIG, TOKENIZER = "config.json", "tokenizer.model"


def load_folder(folder: Path, dtype: str) -> tuple[keras.Model, Tokenizer]:
    """Load a Hugging Face folder of Gemma 1, 2 or 3.

    On the torch backend, and in the dtype of the files, the weights are memory-mapped views:
    they are read when first used and never copied.

    Args:
        folder: Holds config.json, tokenizer.model and safetensors.
        dtype: "bfloat16" or "float32".

    Raises:
        BaseError: Something is missing, damaged or not supported.
    """
    from safetensors import SafetensorError

    config = read_json(folder / CONFIG)
    converter = _converter(folder, config)
    tokenizer = read_tokenizer(folder / TOKENIZER)
    try:
        settings = converter.convert_backbone_config(config)
    except KeyError as error:
        raise BaseError(f"{folder / CONFIG} lacks the setting {error}") from error
    with _without_drawing_weights():
        backbone = converter.backbone_cls(**settings, dtype=dtype)
    try:
        loader = _MappedLoader(folder)
        converter.convert_weights(backbone, loader, config)
        if absent := [v.path for v in backbone.weights if v.path not in loader.ported]:
            raise KeyError(f"nothing for {absent[0]}")
    except (SafetensorError, OSError, KeyError) as error:
        raise BaseError(f"{folder}: the weights are missing or damaged: {error}") from error
    except ValueError as error:
        raise BaseError(f"{folder}: the weights do not fit {CONFIG}: {error}") from error
    return backbone, tokenizer


def load_preset(name: str, dtype: str) -> tuple[keras.Model, Tokenizer]:
    """Load a KerasHub preset, by name or from a folder that `save_to_preset` wrote.

    Raises:
        BaseError: There is no such preset of Gemma, or it cannot be reached.
    """
    import keras_hub
    from keras_hub.src.utils.preset_utils import get_file

    try:
        backbone = keras_hub.models.Backbone.from_preset(name, dtype=dtype)
        proto = get_file(name, "assets/tokenizer/vocabulary.spm")
    except Exception as error:  # noqa: BLE001 - every hub raises its own
        raise BaseError(
            f"the KerasHub preset {name} cannot be loaded: {str(error).strip().splitlines()[0]}\n"
            "Check the name and the connection, accept Gemma's terms where it is hosted, "
            "or use the embedded gemma3_270m."
        ) from error
    if type(backbone).__name__ not in ("GemmaBackbone", "Gemma3Backbone"):
        raise BaseError(f"{name} is a {type(backbone).__name__}: only Gemma 1, 2 and 3 can be used")
    return backbone, read_tokenizer(Path(proto))


def read_tokenizer(path: Path) -> Tokenizer:
    """Read a SentencePiece model.

    Raises:
        BaseError: The file is missing or wrong.
    """
    try:
        return Tokenizer(path.read_bytes(), path)
    except FileNotFoundError as error:
        raise BaseError(
            f"{path} is missing: the folder must hold Gemma's SentencePiece model"
        ) from error
    except OSError as error:
        raise disk_error(path, error, "read") from error


def read_json(path: Path) -> dict[str, Any]:
    """Read a JSON object of a base.

    Raises:
        BaseError: The file is missing or wrong.
    """
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        raise BaseError(f"{path} is missing") from error
    except (OSError, ValueError) as error:
        raise BaseError(f"{path} is damaged: {error}") from error
    if not isinstance(content, dict):
        raise BaseError(f"{path} is damaged: it holds no object")
    return content


def _converter(folder: Path, config: dict[str, Any]) -> ModuleType:
    from keras_hub.src.utils.transformers import convert_gemma, convert_gemma3

    # KerasHub's Gemma 3 can carry a vision tower; numerals need none, so only text models do.
    known = {"gemma": convert_gemma, "gemma2": convert_gemma, "gemma3_text": convert_gemma3}
    kind = config.get("model_type")
    if kind not in known:
        raise BaseError(
            f"{folder / CONFIG} is of model type {kind!r}; known are {', '.join(known)}"
        )
    return known[kind]  # type: ignore[no-any-return]


@contextmanager
def _without_drawing_weights() -> Iterator[None]:
    """On torch, leave new variables unwritten: drawing weights that are replaced takes seconds.

    `keras.device("meta")` would not do: KerasHub computes a constant while it builds the graph.
    """
    if keras.backend.backend() != "torch":
        yield
        return
    import torch

    def leave_unwritten(variable: Any, _initializer: object) -> None:
        dtype = getattr(torch, variable.dtype)
        variable._initialize(torch.empty(variable._shape, dtype=dtype))

    kept = keras.Variable._initialize_with_initializer
    keras.Variable._initialize_with_initializer = leave_unwritten
    try:
        yield
    finally:
        keras.Variable._initialize_with_initializer = kept


class _MappedLoader:
    """Hands memory-mapped tensors to KerasHub's converters, in place of its own loader."""

    def __init__(self, folder: Path) -> None:
        from safetensors import safe_open

        index = folder / "model.safetensors.index.json"
        names = sorted(set(read_json(index)["weight_map"].values())) if index.is_file() else []
        self._tensors = {}
        for name in names or ["model.safetensors"]:
            file = safe_open(folder / name, framework="pt")
            self._tensors.update(dict.fromkeys(file.keys(), file))
        self.ported: set[str] = set()

    def get_tensor(self, hf_weight_key: str) -> npt.NDArray[Any]:
        import torch

        tensor = self._tensors[hf_weight_key].get_tensor(hf_weight_key)
        if tensor.dtype == torch.bfloat16:  # NumPy has no bfloat16 of its own
            return tensor.view(torch.int16).numpy().view(ml_dtypes.bfloat16)  # type: ignore[no-any-return]
        return tensor.numpy()  # type: ignore[no-any-return]

    def port_weight(
        self,
        keras_variable: keras.Variable,
        hf_weight_key: str,
        hook_fn: Callable[[Any, Sequence[int]], Any] | None = None,
    ) -> None:
        array = self.get_tensor(hf_weight_key)
        if hook_fn is not None:
            array = hook_fn(array, list(keras_variable.shape))
        if tuple(array.shape) != tuple(keras_variable.shape):
            raise ValueError(
                f"{hf_weight_key} is {array.shape}, but {tuple(keras_variable.shape)} is needed"
            )
        _set_frozen(keras_variable, array)
        self.ported.add(keras_variable.path)


def _set_frozen(variable: keras.Variable, array: npt.NDArray[Any]) -> None:
    """Give a variable its value, on torch without a copy where the dtype is right already."""
    if keras.backend.backend() != "torch":
        variable.assign(array)
        variable.trainable = False
        return
    import torch

    if array.dtype == ml_dtypes.bfloat16:
        tensor = torch.from_numpy(array.view(np.int16)).view(torch.bfloat16)
    else:
        tensor = torch.from_numpy(array)
    wanted = getattr(torch, variable.dtype)
    variable._value = torch.nn.Parameter(tensor.to(wanted), requires_grad=False)
    variable.trainable = False
