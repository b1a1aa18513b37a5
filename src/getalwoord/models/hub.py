"""KerasHub's Gemma backbones: from presets, and from Hugging Face folders."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import keras
import ml_dtypes
import numpy as np
import numpy.typing as npt

from getalwoord.errors import BaseError, InputError
from getalwoord.files import disk_error, read_object
from getalwoord.models.families import check_config, check_tensors, rope
from getalwoord.models.memory import check_fits, resident_bytes
from getalwoord.models.tokenizer import BOS, EOS, PAD, Tokenizer

CONFIG, TOKENIZER, TOKENIZER_JSON = "config.json", "tokenizer.model", "tokenizer.json"
_WEIGHTS, _INDEX = "model.safetensors", "model.safetensors.index.json"
_METADATA = "metadata.json"  # of a preset
_BACKBONES = ("GemmaBackbone", "Gemma3Backbone")


def load_folder(folder: Path, dtype: str, *, narrow: bool = False) -> tuple[keras.Model, Tokenizer]:
    """Load a Hugging Face folder of Gemma 1, 2 or 3.

    On the torch backend, and in the dtype of the files, the weights are memory-mapped views:
    they are read when first used and never copied.

    Args:
        folder: Holds config.json, tokenizer.model (or tokenizer.json) and safetensors.
        dtype: "bfloat16" or "float32", to compute in.
        narrow: Keep weights that are stored in bfloat16 so, on torch, though they are computed
            with in float32. Keras widens the whole of a weight for each call; the layers of
            `models.frozen` and `models.answer_head` do better.

    Raises:
        BaseError: Something is missing, damaged or not supported.
    """
    from keras_hub.src.utils.transformers import convert_gemma, convert_gemma3

    config = read_json(folder / CONFIG)
    check_config(config, folder / CONFIG)
    tensors = _MappedTensors(folder, narrow=narrow)
    check_tensors(tensors.shapes(), config, folder)
    tokenizer = _tokenizer_of_folder(folder)
    converter = convert_gemma3 if config["model_type"] == "gemma3_text" else convert_gemma
    try:
        settings = converter.convert_backbone_config(config)
    except KeyError as error:
        raise BaseError(f"{folder / CONFIG} lacks the setting {error}") from error
    # KerasHub's converters overlook these.
    settings["layer_norm_epsilon"] = config.get("rms_norm_eps", 1e-6)
    if config["model_type"] == "gemma3_text":
        settings["global_rope_scaling_factor"] = rope(config, "full_attention")[1]
    with _without_drawing_weights():
        backbone = converter.backbone_cls(**settings, dtype=dtype)
    converter.convert_weights(backbone, tensors, config)
    return _finished(backbone, tokenizer, folder)


def load_preset(name: str, dtype: str) -> tuple[keras.Model, Tokenizer, list[Path]]:
    """Load a KerasHub preset, by name or from a folder that `save_to_preset` wrote.

    Returns:
        The backbone, its tokenizer, and the files that hold the weights.

    Raises:
        BaseError: There is no such preset of Gemma, or it cannot be reached.
        InputError: Its weights do not fit into memory.
    """
    import keras_hub
    from keras_hub.src.utils.preset_utils import get_file

    try:
        path = Path(get_file(name, CONFIG))
        _check_preset(read_json(path), name)
        _check_fits(name, dtype)
        proto = Path(get_file(name, "assets/tokenizer/vocabulary.spm"))
        with _without_drawing_weights():
            backbone = keras_hub.models.Backbone.from_preset(name, dtype=dtype)
        files = sorted(path.parent.glob("*.weights.h5"))
    except InputError:
        raise
    except Exception as error:
        reason = (str(error).strip() or type(error).__name__).splitlines()[0]
        raise BaseError(
            f"the KerasHub preset {name} cannot be loaded: {reason}\n"
            "Check the name and the connection, accept Gemma's terms where it is hosted, give "
            "a folder that holds it, or use gemma3_270m, which is embedded."
        ) from error
    return *_finished(backbone, read_tokenizer(proto), name), files


def weight_files(folder: Path) -> list[Path]:
    """List the safetensors of a Hugging Face folder.

    Raises:
        BaseError: There are none, or some are missing.
    """
    if not (folder / _INDEX).is_file():
        names = [_WEIGHTS]
    else:
        named = read_json(folder / _INDEX).get("weight_map")
        if not isinstance(named, dict) or not all(isinstance(name, str) for name in named.values()):
            raise BaseError(f"{folder / _INDEX} is damaged: it has no weight_map of file names")
        names = sorted(set(named.values()))
    for name in names:
        if not (folder / name).is_file():
            pickled = " (pickled weights, .bin, are never loaded)" * bool([*folder.glob("*.bin")])
            raise BaseError(
                f"{folder / name} is missing{pickled}: give a folder with all of its safetensors"
            )
    return [folder / name for name in names]


def read_tokenizer(path: Path) -> Tokenizer:
    """Read a SentencePiece model.

    Raises:
        BaseError: The file is missing or wrong.
    """
    try:
        return Tokenizer(path.read_bytes(), path)
    except OSError as error:
        raise disk_error(path, error, "read the tokenizer") from error


def read_json(path: Path) -> dict[str, Any]:
    """Read a JSON object of a base.

    Raises:
        BaseError: The file is missing or wrong.
    """
    missing = f"{path} is missing: give a folder of Hugging Face or KerasHub"
    return read_object(path, missing=missing, failure=BaseError)


def _check_preset(config: dict[str, Any], name: str) -> None:
    """Refuse what cannot be used, before gigabytes of it are downloaded."""
    kind, settings = str(config.get("class_name")), config.get("config", {})
    if kind not in _BACKBONES:
        raise BaseError(f"{name} is a {kind}: only Gemma 1, 2 and 3 can be used")
    if settings.get("vision_encoder") is not None:
        raise BaseError(f"{name} has a vision tower: give a text-only preset, as gemma3_4b_text")
    if settings.get("is_embedding_model"):
        raise BaseError(f"{name} makes embeddings and not text: give another preset of Gemma")


def _check_fits(name: str, dtype: str) -> None:
    """Refuse a preset that does not fit into memory: unlike a folder's, its weights are read."""
    from keras_hub.src.utils.preset_utils import get_file

    parameters = 0
    with suppress(Exception):  # KerasHub does without that file
        parameters = int(read_json(Path(get_file(name, _METADATA)))["parameter_count"])
    advice = ["a folder of Hugging Face or a GGUF file, whose weights stay on the disk until used"]
    if dtype != "bfloat16":
        advice.insert(0, "--dtype bfloat16")
    width = 4 if dtype == "float32" else 2
    check_fits(resident_bytes() + width * parameters, advice)


def _tokenizer_of_folder(folder: Path) -> Tokenizer:
    from keras_hub.src.utils.transformers import convert_gemma3

    path = folder / TOKENIZER_JSON
    if (folder / TOKENIZER).is_file():
        return read_tokenizer(folder / TOKENIZER)
    if not path.is_file():
        raise BaseError(f"{folder} has no tokenizer: {TOKENIZER} or {TOKENIZER_JSON} must be there")
    content = read_json(path)
    try:
        proto = convert_gemma3._build_sentencepiece_proto(content)
        special = {
            token["content"] for token in content.get("added_tokens", []) if token.get("special")
        }
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise BaseError(f"{path} is no tokenizer of Gemma ({error!r}): add {TOKENIZER}") from error
    return Tokenizer.with_control_tokens(proto, {PAD, EOS, BOS, *special}, path)


def _finished(
    backbone: keras.Model, tokenizer: Tokenizer, name: Path | str
) -> tuple[keras.Model, Tokenizer]:
    if not tokenizer.fits(backbone.vocabulary_size):
        raise BaseError(
            f"{name}: the tokenizer has {tokenizer.vocabulary_size} tokens, the model only "
            f"{backbone.vocabulary_size}: take the tokenizer that came with the weights"
        )
    backbone.trainable = False
    for layer in backbone.transformer_layers:
        # Gemma3DecoderBlock (0.32) passes True whatever it is told; 27B needs False.
        layer.attention.query_head_dim_normalize = backbone.query_head_dim_normalize
    return backbone, tokenizer


@contextmanager
def _without_drawing_weights() -> Iterator[None]:
    """Leave new variables unwritten: drawing weights that are replaced takes seconds.

    `keras.device("meta")` would not do: KerasHub computes a constant while it builds the graph.
    """

    def leave_unwritten(variable: Any, _initializer: object) -> None:
        if keras.backend.backend() == "torch":
            import torch

            value = torch.empty(variable._shape, dtype=getattr(torch, variable.dtype))
        else:
            value = keras.ops.zeros(variable._shape, variable.dtype)
        variable._initialize(value)

    kept = keras.Variable._initialize_with_initializer
    keras.Variable._initialize_with_initializer = leave_unwritten
    try:
        yield
    finally:
        keras.Variable._initialize_with_initializer = kept


class _MappedTensors:
    """Hands memory-mapped tensors to KerasHub's converters, in place of their own loader."""

    def __init__(self, folder: Path, *, narrow: bool) -> None:
        from safetensors import SafetensorError, safe_open

        self._narrow = narrow
        self._files: dict[str, Any] = {}
        for path in weight_files(folder):
            try:
                file: Any = safe_open(path, framework="pt")
            except (SafetensorError, OSError) as error:
                raise BaseError(
                    f"{path} is cut short or damaged ({error}): get it again"
                ) from error
            for name in file.keys():  # noqa: SIM118 - it is no mapping
                kind = file.get_slice(name).get_dtype()
                if kind not in ("BF16", "F16", "F32"):
                    raise BaseError(
                        f"{path}: {name} is stored as {kind}; give weights that are not "
                        "quantised (bfloat16, float16 or float32), or a GGUF"
                    )
                self._files[name] = file
        # A folder saved from the bare model, without the head, leaves out the prefix.
        self._prefix = "" if "model.embed_tokens.weight" in self._files else "model."

    def shapes(self) -> dict[str, tuple[int, ...]]:
        return {
            f"{self._prefix}{name}": tuple(file.get_slice(name).get_shape())
            for name, file in self._files.items()
        }

    def get_tensor(self, hf_weight_key: str) -> npt.NDArray[Any]:
        import torch

        name = hf_weight_key.removeprefix(self._prefix)
        tensor = self._files[name].get_tensor(name)
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
        _set(keras_variable, array, narrow=self._narrow)


def _set(variable: keras.Variable, array: npt.NDArray[Any], *, narrow: bool) -> None:
    """Give a variable its value, on torch without a copy where the dtype is right already."""
    if keras.backend.backend() != "torch":
        variable.assign(array)
        return
    import torch

    if array.dtype == ml_dtypes.bfloat16:
        tensor = torch.from_numpy(array.view(np.int16)).view(torch.bfloat16)
    else:
        tensor = torch.from_numpy(array)
    unwritten = variable._value
    if narrow and tensor.dtype == torch.bfloat16:
        variable._dtype = "bfloat16"  # Keras casts it to the dtype that its layer computes in
    else:
        tensor = tensor.to(unwritten.dtype)
    tensor = tensor.to(unwritten.device)
    variable._value = torch.nn.Parameter(tensor, requires_grad=False)
