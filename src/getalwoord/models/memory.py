"""How much memory a run will take, told from shapes before it starts, and how much there is."""

import os
import re
import resource
from collections.abc import Sequence
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
# Of the machine's memory, whatever else there is in it: runs are to be repeated.
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
    """Tell how much memory the machine has."""
    return os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")


def if_small(size: int) -> int:
    """Give the bytes of what is kept only to save time; 0 where it is too much of the machine's."""
    return size if size <= _SMALL * total_bytes() else 0


def available_bytes() -> int:
    """Tell how much memory a process can still take: of the machine, or of its container."""
    lines = Path("/proc/meminfo").read_text(encoding="ascii").splitlines()
    kilobytes = {name: int(rest.split()[0]) for name, rest in (line.split(":") for line in lines)}
    free = 1024 * (kilobytes["MemAvailable"] + kilobytes["SwapFree"])
    try:
        group = Path("/sys/fs/cgroup")
        limit, used, stat = (
            (group / f"memory.{name}").read_text() for name in ("max", "current", "stat")
        )
        counted = dict(line.split() for line in stat.splitlines())
        # Files that were read count as used, though their memory is had back for the asking.
        return min(free, int(limit) - int(used) + int(counted["inactive_file"]))
    except (OSError, ValueError, KeyError):  # no container, or one without a limit ("max")
        return free


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
