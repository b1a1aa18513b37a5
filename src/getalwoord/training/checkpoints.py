"""Where a run stands: all that is needed to stop anywhere and to go on."""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from getalwoord.errors import InputError
from getalwoord.files import writing
from getalwoord.models import keras

CHECKPOINT = "checkpoint.safetensors"


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a run has come.

    Attributes:
        epoch: The epoch that the next step belongs to, from 0.
        batch: How many batches of that epoch are done.
        finished: Whether the run came to its end.
        examples: Examples trained on so far, repeats counted.
        seconds: Time spent on training so far.
    """

    epoch: int = 0
    batch: int = 0
    finished: bool = False
    examples: int = 0
    seconds: float = 0.0

    @property
    def examples_per_second(self) -> float:
        """Mean over all training time; 0 before the first step."""
        return self.examples / self.seconds if self.seconds else 0.0


def save_checkpoint(folder: Path, model: keras.Model, progress: Progress) -> None:
    """Write adapter, optimizer and progress as one file, whole or not at all.

    Raises:
        InputError: The folder cannot be written to.
    """
    from safetensors.numpy import save

    tensors = {
        name: np.asarray(keras.ops.convert_to_numpy(variable), order="C")
        for name, variable in _state(model).items()
    }
    with writing(folder / CHECKPOINT) as temporary:
        temporary.write_bytes(save(tensors, metadata={"progress": json.dumps(asdict(progress))}))


def load_checkpoint(folder: Path, model: keras.Model) -> Progress:
    """Put adapter and optimizer back to where a run stood.

    Raises:
        InputError: There is no checkpoint, it is damaged, or it is of another recipe.
    """
    from safetensors import SafetensorError, safe_open

    path = folder / CHECKPOINT
    if not path.is_file():
        raise InputError(
            f"{folder} holds no checkpoint to resume from: use --overwrite to start anew"
        )
    try:
        with safe_open(path, framework="numpy") as file:
            progress = Progress(**json.loads(file.metadata()["progress"]))
            tensors: Mapping[str, npt.NDArray[np.float32]] = {
                name: file.get_tensor(name)
                for name in file.keys()  # noqa: SIM118 - no mapping
            }
    except (SafetensorError, OSError, KeyError, TypeError, ValueError) as error:
        raise InputError(f"{path} is damaged ({error}): use --overwrite to start anew") from error
    state = _state(model)
    fits = state.keys() == tensors.keys() and all(
        tuple(variable.shape) == tensors[name].shape for name, variable in state.items()
    )
    if not fits:
        raise InputError(f"{path} was made with another recipe: resume with that recipe")
    for name, variable in state.items():
        variable.assign(tensors[name])
    return progress


def _state(model: keras.Model) -> dict[str, keras.Variable]:
    """Name the variables of adapter and optimizer by their place, which is the same in each run."""
    model.optimizer.build(model.trainable_variables)
    groups = {"adapter": model.trainable_variables, "optimizer": model.optimizer.variables}
    return {
        f"{group}.{number:04d}": variable
        for group, variables in groups.items()
        for number, variable in enumerate(variables)
    }
