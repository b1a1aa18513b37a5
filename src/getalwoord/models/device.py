"""Which Keras backend and dtype to compute with, and why.

On a CPU the backend is torch, in bfloat16 where the processor multiplies bfloat16 matrices
faster than float32 ones. On a GPU or TPU it is JAX. ``KERAS_BACKEND`` and an explicit dtype
always win.
"""

import contextlib
import functools
import importlib.util
import os
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from getalwoord.errors import InputError

_SIDE = 512  # of the products that are timed; large enough to show, 10 ms at most in float32
_ROUNDS, _SECONDS = 20, 0.2  # of timing at most; one disturbed moment must not decide
_SPINS = "10000"
_SHAPES = "64"  # of products, that torch keeps something of
_CODES = "192"  # of products, that oneDNN keeps code for; a step of training has some sixty


@dataclass(frozen=True, slots=True)
class Choice:
    """What was chosen, and why, in words that `info` prints."""

    value: str
    reason: str


def settle_backend() -> None:
    """Set the Keras backend, leave TensorFlow out where it is not wanted, and let threads sleep.

    ``KERAS_BACKEND`` wins, and so does an earlier import of Keras. Keras and KerasHub import
    TensorFlow wherever it is installed, for preprocessing that is not used here; that costs ten
    seconds and 0.8 GB. ``GETALWOORD_TENSORFLOW=1`` lets them.

    torch's threads wait for each other by spinning, for milliseconds unless told otherwise. Where
    another program takes a core, a step then takes fifty times as long. ``GOMP_SPINCOUNT`` and
    ``OMP_WAIT_POLICY`` win over what is set here.

    oneDNN keeps code for every shape that it has multiplied, 0.6 MB each, of which batches of ever
    other lengths have hundreds: half a gigabyte. To write it anew takes as long as a product.
    ``LRU_CACHE_CAPACITY`` (torch's own cache of them) and ``ONEDNN_PRIMITIVE_CACHE_CAPACITY`` win,
    too.

    Raises:
        InputError: The backend is neither torch nor JAX.
    """
    if "OMP_WAIT_POLICY" not in os.environ:
        os.environ.setdefault("GOMP_SPINCOUNT", _SPINS)  # libgomp reads it when torch loads it
    os.environ.setdefault("LRU_CACHE_CAPACITY", _SHAPES)
    os.environ.setdefault("ONEDNN_PRIMITIVE_CACHE_CAPACITY", _CODES)
    if "keras" not in sys.modules and "KERAS_BACKEND" not in os.environ:
        os.environ["KERAS_BACKEND"] = _backend_for_this_machine().value
        # JAX would otherwise take most of a GPU's memory at its start.
        os.environ.setdefault("XLA_PYTHON_CLIENT_PREALLOCATE", "false")
    if "keras" in sys.modules:
        backend = sys.modules["keras"].config.backend()
    else:
        backend = os.environ["KERAS_BACKEND"]
    if backend not in ("torch", "jax"):
        raise InputError(
            f"Keras's backend is {backend!r}, but getalwoord computes with torch or jax: set "
            "KERAS_BACKEND to one of them, or unset it and import getalwoord before keras"
        )
    if os.environ.get("GETALWOORD_TENSORFLOW") != "1":
        for name in ("tensorflow", "tensorflow_text"):
            sys.modules.setdefault(name, None)  # type: ignore[arg-type]


@contextlib.contextmanager
def hiding_what_is_not_used() -> Iterator[None]:
    """Let Keras import without packages that it loads on torch wherever they are installed.

    JAX, pandas, matplotlib and IPython cost a second and 200 MB, for parts of Keras that are not
    used here. Afterwards they can be imported as ever; only Keras does without them.
    """
    names = {"jax", "pandas", "matplotlib", "IPython"} - sys.modules.keys()
    if os.environ.get("KERAS_BACKEND") != "torch":
        names = set()
    for name in names:
        sys.modules[name] = None  # type: ignore[assignment]
    try:
        yield
    finally:
        for name in names:
            del sys.modules[name]


def choose_backend() -> Choice:
    """Tell the Keras backend in use, or the one that would be used."""
    chosen = os.environ.get("KERAS_BACKEND", "")
    if chosen and chosen != _backend_for_this_machine().value:
        return Choice(chosen, "set by KERAS_BACKEND")
    return _backend_for_this_machine()


@functools.cache
def choose_dtype(wanted: str = "auto") -> Choice:
    """Choose the dtype of the frozen base.

    Args:
        wanted: "auto", "bfloat16" or "float32".

    Raises:
        InputError: `wanted` is none of these.
    """
    if wanted in ("bfloat16", "float32"):
        return Choice(wanted, "set by the user")
    if wanted != "auto":
        raise InputError(f'dtype "{wanted}" is not known: use auto, bfloat16 or float32')
    import keras

    if keras.backend.backend() != "torch":
        accelerated = _has_accelerator()
        return (
            Choice("bfloat16", "GPUs and TPUs compute in bfloat16")
            if accelerated
            else Choice("float32", f"the {keras.backend.backend()} backend is fastest so on a CPU")
        )
    import torch

    if torch.cuda.is_available():
        return Choice("bfloat16", "GPUs compute in bfloat16")
    slow, fast = _seconds_for_products()
    dtype = "bfloat16" if fast < slow else "float32"
    return Choice(dtype, f"a bfloat16 product takes {fast / slow:.2f} × the time of a float32 one")


def _seconds_for_products() -> tuple[float, float]:
    """Time products in float32 and in bfloat16, in turns; gives the least of each."""
    import torch

    operands = [torch.ones((_SIDE, _SIDE), dtype=one) for one in (torch.float32, torch.bfloat16)]
    for operand in operands:
        operand @ operand  # the first product also sets the library up
    least = [float("inf")] * 2
    began = time.perf_counter()
    for _ in range(_ROUNDS):
        for number, operand in enumerate(operands):
            start = time.perf_counter()
            operand @ operand
            least[number] = min(least[number], time.perf_counter() - start)
        if time.perf_counter() - began > _SECONDS:
            break
    return least[0], least[1]


@functools.cache
def _backend_for_this_machine() -> Choice:
    if not _has_accelerator():
        return Choice("torch", "no GPU or TPU that JAX can use; torch is the fastest on a CPU")
    return Choice("jax", "a GPU or TPU was found")


def _has_accelerator() -> bool:
    """Look for a device *and* the JAX plugin that drives it, without importing JAX."""

    def installed(*modules: str) -> bool:
        return any(importlib.util.find_spec(module) is not None for module in modules)

    gpu = Path("/dev/nvidiactl").exists() and installed("jax_cuda12_plugin", "jax_cuda13_plugin")
    tpu = installed("libtpu") and any(
        Path(device).exists() for device in ("/dev/accel0", "/dev/vfio/0")
    )
    return installed("jax") and (gpu or tpu)
