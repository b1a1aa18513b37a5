"""KerasHub: merged models as presets, and adapters as `.lora.h5`, out and in.

Of a projection with heads, KerasHub has an A for each head and one B for all of them, where PEFT,
and this project, have one A and a B for each head. Either is the other at a higher rank: the
components of each head come one after another, with zeros where they are another head's.

Such a file names layers by their number alone, and stores neither targets nor alpha: KerasHub
takes alpha to be the rank, so the scale is part of B here.
"""

import json
from pathlib import Path
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt

from getalwoord.adapter import Adapter
from getalwoord.errors import AdapterError, InputError
from getalwoord.models import keras
from getalwoord.models.hub import load_folder
from getalwoord.models.low_rank import Target, frozen_projections

LORA = "adapter.lora.h5"

Matrix: TypeAlias = npt.NDArray[np.float32]
Matrices: TypeAlias = dict[Target, tuple[Matrix, Matrix]]

_PREPROCESSOR = "preprocessor.json"
_PER_HEAD = ("query", "key", "value")


def write_keras(
    merged: Path, adapter: Adapter, folder: Path, *, dtype: str
) -> tuple[list[str], int]:
    """Write a KerasHub preset of a merged model, and the adapter for a model without it.

    Args:
        merged: The merged model as a Hugging Face folder.
        adapter: What it was merged with.
        folder: An empty folder.
        dtype: Of the preset.

    Returns:
        The names of the layers that the adapter is for and its rank, as `enable_lora` takes them.

    Raises:
        InputError: KerasHub cannot compute this Gemma.
    """
    from keras_hub import models

    backbone, tokenizer = load_folder(merged, dtype)
    is_third = isinstance(backbone, models.Gemma3Backbone)
    if is_third and not backbone.query_head_dim_normalize:
        raise InputError(
            "KerasHub scales the queries of every Gemma 3 by the size of a head, and this one's "
            "are scaled by the width: it would answer wrongly there"
        )
    named = write_lora(adapter, backbone, folder / LORA)
    backbone.trainable = True  # which a preset says of its model
    backbone.save_to_preset(folder)
    if is_third:
        made = models.Gemma3Tokenizer(proto=tokenizer.proto, has_vision_tokens=False)
        _write_preprocessor(made, models.Gemma3CausalLMPreprocessor, folder)
    else:
        made = models.GemmaTokenizer(proto=tokenizer.proto)
        _write_preprocessor(made, models.GemmaCausalLMPreprocessor, folder)
    return named


def write_lora(adapter: Adapter, backbone: keras.Model, path: Path) -> tuple[list[str], int]:
    """Write an adapter as KerasHub's `save_lora_weights` does; gives names of layers, and rank.

    Args:
        adapter: What to write.
        backbone: Its base, which never had an adapter on it: that changes the order of layers.
        path: The file.
    """
    from keras.src.saving.saving_lib import H5IOStore

    numbers = _numbers(backbone)
    layers = dict(frozen_projections(backbone))
    scale = adapter.recipe.scale_alpha / adapter.recipe.rank
    converted = {
        target: _to_keras(target, a, b * np.float32(scale), tuple(layers[target].kernel.shape))
        for target, (a, b) in adapter.matrices.items()
    }
    rank = max(b.shape[0] for _, b in converted.values())
    store = H5IOStore(path, mode="w")
    store.make("lora")["rank"] = rank
    for target, (a, b) in sorted(converted.items(), key=lambda item: numbers[item[0]]):
        more = rank - b.shape[0]
        entry = store.make(f"lora/{numbers[target]}")
        entry["lora_kernel_a"] = np.pad(a, [(0, 0)] * (a.ndim - 1) + [(0, more)])
        entry["lora_kernel_b"] = np.pad(b, [(0, more), (0, 0)])
    store.close()
    return sorted({layers[target].name for target in adapter.matrices}), rank


def read_lora(path: Path, backbone: keras.Model) -> Matrices:
    """Read a `.lora.h5` of KerasHub as matrices of ours, at the lowest rank that shows at once.

    Args:
        path: The file.
        backbone: Its base, which never had an adapter on it.

    Returns:
        A and B of each projection; the update is B·A.

    Raises:
        AdapterError: The file is damaged, or belongs to another base.
    """
    from keras.src.saving.saving_lib import H5IOStore

    targets = {number: target for target, number in _numbers(backbone).items()}
    kernels = {target: layer.kernel.shape for target, layer in frozen_projections(backbone)}
    matrices: Matrices = {}
    try:
        store = H5IOStore(path, mode="r")
        for name in sorted(store.h5_file["lora"].keys() - {"vars"}, key=int):
            target, entry = targets[int(name)], store.get(f"lora/{name}")
            a, b = (np.asarray(entry[f"lora_kernel_{one}"], np.float32) for one in "ab")
            shape = tuple(kernels[target])
            if (a.shape, b.shape) != ((*shape[:-1], b.shape[0]), (b.shape[0], shape[-1])):
                raise AdapterError(
                    f"{path}: layer {name} has A {a.shape} and B {b.shape}, but the "
                    f"{target.module} projection of the base is {shape}: give the base it was "
                    "trained on"
                )
            matrices[target] = _condensed(*_from_keras(target, a, b))
        store.close()
    except (OSError, KeyError, ValueError, AttributeError, IndexError) as error:
        raise AdapterError(
            f"{path} is no LoRA of KerasHub for this base, or is damaged: {error}"
        ) from error
    if not matrices:
        raise AdapterError(f"{path} holds no LoRA of KerasHub")
    return matrices


def _write_preprocessor(tokenizer: Any, kind: Any, folder: Path) -> None:
    """Write a tokenizer and what KerasHub's text model prepares its texts with.

    The latter as text: that of Gemma 3 cannot be made without TensorFlow, though it does not use it
    for texts.
    """
    tokenizer.save_to_preset(folder)
    settings = {
        "tokenizer": keras.saving.serialize_keras_object(tokenizer),
        "config_file": _PREPROCESSOR,
        "sequence_length": 1024,
        "add_start_token": True,
        "add_end_token": True,
    }
    content = {
        "module": kind.__module__,
        "class_name": kind.__name__,
        "config": settings,
        "registered_name": keras.saving.get_registered_name(kind),
    }
    (folder / _PREPROCESSOR).write_text(json.dumps(content, indent=4) + "\n", encoding="utf-8")


def _numbers(backbone: keras.Model) -> dict[Target, int]:
    """Give the number by which KerasHub names the layer of each projection."""
    layers = [layer for layer in backbone._flatten_layers(include_self=False) if layer.weights]
    number_of = {id(layer): number for number, layer in enumerate(layers)}
    return {target: number_of[id(layer)] for target, layer in frozen_projections(backbone)}


def _to_keras(
    target: Target, a: Matrix, b: Matrix, kernel: tuple[int, ...]
) -> tuple[Matrix, Matrix]:
    """Give KerasHub's A, the kernel's shape but its last side by rank, and B, (rank, last side)."""
    rank = len(a)
    if target.module not in _PER_HEAD:
        return a.T.reshape(*kernel[:-1], rank), b.T
    heads, inputs, size = kernel
    wide_a = np.zeros((heads, inputs, heads * rank), np.float32)
    for head in range(heads):
        wide_a[head, :, head * rank : (head + 1) * rank] = a.T
    # (heads · size, rank) to (heads · rank, size)
    wide_b = b.reshape(heads, size, rank).transpose(0, 2, 1).reshape(heads * rank, size)
    return wide_a, wide_b


def _from_keras(target: Target, a: Matrix, b: Matrix) -> tuple[Matrix, Matrix]:
    """Give A, (rank, inputs), and B, (outputs, rank)."""
    if target.module not in _PER_HEAD:
        return a.reshape(-1, len(b)).T, b.T
    heads, inputs, rank = a.shape
    size = b.shape[1]
    wide_a = a.transpose(0, 2, 1).reshape(heads * rank, inputs)
    wide_b = np.zeros((heads * size, heads * rank), np.float32)
    for head in range(heads):
        rows = slice(head * size, (head + 1) * size)
        wide_b[rows, head * rank : (head + 1) * rank] = b.T
    return wide_a, wide_b


def _condensed(a: Matrix, b: Matrix) -> tuple[Matrix, Matrix]:
    """Leave out components that are zero, and join those with the same row of A."""
    joined: dict[bytes, tuple[Matrix, Matrix]] = {}
    for row, column in zip(a, b.T, strict=True):
        if row.any() and column.any():
            _, former = joined.get(row.tobytes(), (row, np.zeros_like(column)))
            joined[row.tobytes()] = row, former + column
    if not joined:
        return np.zeros_like(a[:1]), np.zeros_like(b[:, :1])
    rows, columns = zip(*joined.values(), strict=True)
    return np.stack(rows), np.stack(columns, axis=1)
