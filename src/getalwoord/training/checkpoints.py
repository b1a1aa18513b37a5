"""Where a run stands: all that is needed to stop anywhere and to go on.

Nothing is drawn at random while a run trains: the order of the batches follows from seed and
epoch. So adapter, optimizer, metrics, shortlist and the place in the data are all that there is to
keep.
"""

import contextlib
import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from getalwoord.errors import InputError
from getalwoord.files import disk_errors, writing
from getalwoord.models import keras

CHECKPOINT, FORMER = "checkpoint.safetensors", "checkpoint-former.safetensors"

_SHORTLIST = "shortlist"

#: What a run is made of, by the name of its SHA-256 in a checkpoint.
MADE_OF = {"base_sha256": "base", "pairs_sha256": "train.jsonl"}


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a run has come.

    Attributes:
        epoch: The epoch that the next step belongs to, from 0.
        batch: How many batches of that epoch are done.
        step: Steps done in the whole run.
        finished: Whether the run came to its end.
        examples: Examples trained on so far, repeats counted.
        seconds: Time spent on training so far.
    """

    epoch: int = 0
    batch: int = 0
    step: int = 0
    finished: bool = False
    examples: int = 0
    seconds: float = 0.0

    @property
    def examples_per_second(self) -> float:
        """Mean over all training time; 0 before the first step."""
        return self.examples / self.seconds if self.seconds else 0.0


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """A state to go on from.

    Attributes:
        path: The file.
        progress: How far the run had come.
        computed: What it was computed with: backend, dtype and threads. Others round otherwise.
        tensors: By group and number.
        made_of: SHA-256 of what the run is made of, by `MADE_OF`; older versions wrote fewer.
        damage: Why this is not the latest checkpoint; None if it is.
    """

    path: Path
    progress: Progress
    computed: Mapping[str, Any]
    tensors: Mapping[str, npt.NDArray[Any]]
    made_of: Mapping[str, str] = field(default_factory=dict)
    damage: str | None = None

    def check(self, made_of: Mapping[str, str]) -> None:
        """Refuse to go on with other weights or pairs than before.

        Raises:
            InputError: The checkpoint was made with others.
        """
        for name, now in made_of.items():
            then, what = self.made_of.get(name, now), MADE_OF[name]
            if then != now:
                raise InputError(
                    f"{self.path} was made with a {what} with SHA-256 {then[:12]}…, and now it has "
                    f"{now[:12]}…: put back the {what} it was made with, or use --overwrite to "
                    "start anew"
                )

    def restore(self, model: keras.Model) -> None:
        """Put adapter and optimizer back to where the run stood.

        Raises:
            InputError: The checkpoint is of another recipe.
        """
        state = _state(model)
        fits = all(
            name in self.tensors and tuple(variable.shape) == self.tensors[name].shape
            for name, variable in state.items()
        )
        others = sum(name.startswith(("adapter.", "optimizer.")) for name in self.tensors)
        if not fits or len(state) != others:
            raise InputError(f"{self.path} was made with another recipe: resume with that recipe")
        for name, variable in state.items():
            variable.assign(self.tensors[name])
        if model.shortlist is not None and _SHORTLIST in self.tensors:
            model.shortlist.put_back(self.tensors[_SHORTLIST])

    def restore_metrics(self, model: keras.Model) -> None:
        """Put back what loss and accuracy have added up in the epoch so far."""
        for name, variable in _named("metrics", model.metrics_variables).items():
            variable.assign(self.tensors[name])


def computing_with(model: keras.Model) -> dict[str, Any]:
    """Tell what decides how a model's arithmetic rounds, on one machine."""
    found = {"backend": keras.backend.backend(), "dtype": str(model.output.dtype)}
    if found["backend"] != "torch":
        return found
    import torch

    return {**found, "threads": torch.get_num_threads()}


def save_checkpoint(
    folder: Path, model: keras.Model, progress: Progress, made_of: Mapping[str, str] | None = None
) -> None:
    """Write a checkpoint as one file, whole or not at all; the one before it is kept beside it.

    Args:
        folder: Where it goes.
        model: With its adapter and optimizer.
        progress: How far the run has come.
        made_of: SHA-256 of what the run is made of, by `MADE_OF`; what it lacks is left open.

    Raises:
        InputError: The folder cannot be written to.
    """
    from safetensors.numpy import save

    state = _state(model) | _named("metrics", model.metrics_variables)
    tensors = {
        name: np.asarray(keras.ops.convert_to_numpy(variable), order="C")
        for name, variable in state.items()
    }
    if model.shortlist is not None:
        tensors[_SHORTLIST] = model.shortlist.tokens.cpu().numpy()
    metadata = {
        "progress": json.dumps(asdict(progress)),
        "computed": json.dumps(computing_with(model)),
        **(made_of or {}),
    }
    metadata["sha256"] = _sha256(tensors, metadata)
    path = folder / CHECKPOINT
    with writing(path) as temporary:
        temporary.write_bytes(save(tensors, metadata=metadata))
        # Killed between this and the end of `writing`, a run goes on from the former.
        with contextlib.suppress(FileNotFoundError):
            path.replace(folder / FORMER)


def remove_damaged(start: Checkpoint) -> None:
    """Remove the latest checkpoint, if it is damaged and `start` the one before it.

    The next would put it in the place of the one that is whole.

    Raises:
        InputError: The folder cannot be written to.
    """
    if start.damage is not None:
        path = start.path.with_name(CHECKPOINT)
        with disk_errors(path, "remove"):
            path.unlink(missing_ok=True)


def load_checkpoint(folder: Path) -> Checkpoint | None:
    """Read the latest checkpoint that is whole; None where there never was one.

    Raises:
        InputError: All that there are are damaged.
    """
    damage: list[str] = []
    for name in (CHECKPOINT, FORMER):
        if not (folder / name).exists():
            continue
        try:
            return _read(folder / name, "; ".join(damage) or None)
        except _DamagedError as error:
            damage.append(str(error))
    if damage:
        raise InputError(f"{'; '.join(damage)}: use --overwrite to start anew")
    return None


class _DamagedError(Exception):
    pass


def _read(path: Path, damage: str | None) -> Checkpoint:
    from safetensors import SafetensorError, safe_open

    try:
        with safe_open(path, framework="numpy") as file:
            metadata = dict(file.metadata() or {})
            tensors = {
                name: file.get_tensor(name)
                for name in file.keys()  # noqa: SIM118 - no mapping
            }
        if metadata.pop("sha256") != _sha256(tensors, metadata):
            raise ValueError("its SHA-256 is another")
        progress = Progress(**json.loads(metadata["progress"]))
        made_of = {name: metadata[name] for name in MADE_OF if name in metadata}
        computed = json.loads(metadata["computed"])
        return Checkpoint(path, progress, computed, tensors, made_of, damage)
    except (SafetensorError, OSError, KeyError, TypeError, ValueError) as error:
        raise _DamagedError(f"{path} is damaged ({error})") from error


def _sha256(tensors: Mapping[str, npt.NDArray[Any]], metadata: Mapping[str, str]) -> str:
    digest = hashlib.sha256(json.dumps(metadata, sort_keys=True).encode())
    for name, tensor in sorted(tensors.items()):
        digest.update(f"{name} {tensor.dtype} {tensor.shape}".encode())
        digest.update(tensor.data if tensor.size else b"")
    return digest.hexdigest()


def _state(model: keras.Model) -> dict[str, keras.Variable]:
    model.optimizer.build(model.trained)
    return _named("adapter", model.trained) | _named("optimizer", model.optimizer.variables)


def _named(group: str, variables: list[keras.Variable]) -> dict[str, keras.Variable]:
    """Name variables by their place, which is the same in each run."""
    return {f"{group}.{number:04d}": variable for number, variable in enumerate(variables)}
