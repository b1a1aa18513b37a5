"""How much memory a run will take, told from shapes before it starts, and how much there is."""

import contextlib
import os
import re
import resource
from collections.abc import Iterator, Sequence
from pathlib import Path

import keras

from getalwoord.errors import InputError
from getalwoord.models.frozen import NORMS
from getalwoord.models.quantisation import weight_bytes

# Beside the weights, loading makes Keras's layers and the tokenizer.
_OF_LAYER, _OF_TOKEN = 3_000_000, 200
# Keras's loop, scoring, the plot, and code that oneDNN keeps.
_OF_RUN = 90_000_000
# AdamW's two moments, and A and B with their gradients, all in float32.
_OF_TRAINED = 4 * 4
# Products and losses widen into these; see `torch_matrices`.
_SCRATCH = 2 * (1 << 21) * 4
# Freed blocks that do not fit what is asked for next stay unused between those that do. Of ever
# other shapes, more of them. Measured by benchmarks/memory.py.
_SCATTERED = 1.6
# Blocks that are computed again leave holes, too: of so many blocks. Measured likewise.
_AGAIN = 4
# Of all the memory there is, whatever else is in it: runs are to be repeated.
_SMALL = 1 / 16


def training_bytes(
    backbone: keras.Model,
    *,
    process: int,
    trained: int,
    rows: int,
    tokens: int,
    answers: int,
    recompute: bool,
    copies: int,
    fixed_blocks: int,
) -> int | None:
    """Estimate the peak memory of a process that trains.

    Args:
        backbone: As it was loaded, with its updates.
        process: What the process held before it loaded the base, and its examples, in bytes.
        trained: Trainable parameters.
        rows: That are computed at once.
        tokens: Of a row.
        answers: Answer tokens that are computed at once.
        recompute: Whether blocks are computed again in the backward pass.
        copies: Further copies of matrices, less what does not stay in memory, in bytes.
        fixed_blocks: Blocks below the first that is trained, which keep nothing.

    Returns:
        Bytes; None where this is not known, off the torch backend or a CPU.
    """
    if not computes_on_cpu():
        return None
    width = 4 if backbone.compute_dtype == "float32" else 2
    blocks = len(backbone.transformer_layers)
    kept, passing = _of_block(backbone, tokens, width)
    stream = backbone.hidden_dim * width
    trained_blocks = blocks - fixed_blocks
    held = stream * trained_blocks + _AGAIN * kept if recompute else kept * trained_blocks
    logits = answers * backbone.vocabulary_size * width
    if backbone.token_embedding.logit_soft_cap is not None:
        logits *= 2  # the gradient cannot take the place of what the cap still needs
    return int(
        process
        + _OF_RUN
        + weight_bytes(backbone)
        + copies
        + blocks * _OF_LAYER
        + backbone.vocabulary_size * _OF_TOKEN
        + trained * _OF_TRAINED
        + _SCRATCH
        + rows * tokens * (held + passing) * _SCATTERED
        + logits
    )


def _of_block(backbone: keras.Model, tokens: int, width: int) -> tuple[int, int]:
    """Tell how many bytes a block keeps for the backward pass, and passes on, for one token."""
    block = backbone.transformer_layers[0]
    attention = block.attention
    hidden, gate = backbone.hidden_dim, block.gating_ffw
    inner = getattr(gate, "frozen", gate).kernel.shape[-1]
    queries = attention.num_query_heads * attention.head_dim
    keys = attention.num_key_value_heads * attention.head_dim
    norms = hidden * sum(hasattr(block, name) for name in NORMS.values())
    if hasattr(attention, "query_norm"):
        norms += queries + keys
    # Inputs of projections; queries and what attention made of them; keys, values; gelu and gates.
    others = 2 * hidden + 2 * queries + 2 * keys + 4 * inner
    shares = attention.num_query_heads * tokens
    others += shares if attention.logit_soft_cap is not None else 0
    return (norms + shares) * 4 + others * width, 3 * inner * width


def computes_on_cpu() -> bool:
    """Tell whether models are computed by torch on a CPU."""
    if keras.backend.backend() != "torch":
        return False
    from keras.src.backend.torch.core import get_device

    return bool(get_device() == "cpu")


def peak_bytes() -> int:
    """Tell the most memory that this process has held.

    `getrusage` counts what the process that started this one held, too; it serves where the kernel
    keeps no mark.
    """
    status = Path("/proc/self/status").read_text(encoding="utf-8", errors="replace")
    mark = re.search(r"^VmHWM:\s*(\d+) kB$", status, re.M)
    kilobytes = int(mark[1]) if mark else resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return 1024 * kilobytes


def resident_bytes() -> int:
    """Tell how much memory this process holds."""
    pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE")


def total_bytes() -> int:
    """Tell how much memory there is in all: of the machine, or of its container."""
    machine = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    limits = (_number(group, _LIMIT) for group in _control_groups())
    return min([machine, *(limit for limit in limits if limit is not None)])


def if_small(size: int) -> int:
    """Give the bytes of what is kept only to save time; 0 where it is too much of the machine's."""
    return size if size <= _SMALL * total_bytes() else 0


def available_bytes() -> int:
    """Tell how much memory a process can still take: of the machine, or of its container."""
    lines = Path("/proc/meminfo").read_text(encoding="ascii").splitlines()
    kilobytes = {name: int(rest.split()[0]) for name, rest in (line.split(":") for line in lines)}
    free = 1024 * (kilobytes["MemAvailable"] + kilobytes["SwapFree"])
    for group in _control_groups():
        limit, used = _number(group, _LIMIT), _number(group, _USED)
        if limit is not None and used is not None:
            free = min(free, limit - used + _of_files(group))
    return free


# In version 2 of control groups, and in version 1
_LIMIT, _USED = ("memory.max", "memory.limit_in_bytes"), ("memory.current", "memory.usage_in_bytes")


def _control_groups() -> Iterator[Path]:
    """Give the control groups that this process is in, from within.

    Source: https://docs.kernel.org/admin-guide/cgroup-v2.html and cgroup-v1/memory.html. In a
    container its own group is the root; the path may be that of the machine, which is not seen.
    """
    path = Path("/proc/self/cgroup")
    for line in path.read_text(encoding="utf-8").splitlines() if path.exists() else ():
        _, controllers, group = line.split(":", 2)
        if not controllers or "memory" in controllers.split(","):
            root = Path("/sys/fs/cgroup", "memory" if controllers else "")
            inner = root / group.lstrip("/")
            yield from (one for one in (inner, *inner.parents) if one.is_relative_to(root))


def _number(group: Path, names: Sequence[str]) -> int | None:
    """Read the first file of a group that holds a number; one without a limit says "max"."""
    for name in names:
        with contextlib.suppress(OSError, ValueError):
            return int((group / name).read_text(encoding="ascii"))
    return None


def _of_files(group: Path) -> int:
    """Tell what of a group's memory are files that were read: it is had back for the asking."""
    with contextlib.suppress(OSError):
        lines = (group / "memory.stat").read_text(encoding="ascii").splitlines()
        counted = {name: int(number) for name, number in map(str.split, lines)}
        names = ("inactive_file", "active_file")
        return sum(counted.get(f"total_{name}", counted.get(name, 0)) for name in names)
    return 0


def check_fits(estimated: int, advice: Sequence[str]) -> None:
    """Refuse a run that would not fit.

    Args:
        estimated: Peak memory of this process, in bytes.
        advice: What would take less.

    Raises:
        InputError: It takes more than there is.
    """
    there = available_bytes() + resident_bytes()
    if estimated > there:
        raise InputError(
            f"this run would take about {estimated / 1e9:.1f} GB of memory, and there are "
            f"{there / 1e9:.1f} GB: use {', or '.join(advice)}"
        )
