"""What the machine can do at most."""

import time
from collections.abc import Callable

ROWS, INPUTS, OUTPUTS = 2048, 640, 2048
SHAPE = f"{ROWS} × {INPUTS} by {INPUTS} × {OUTPUTS}"


def product_rate() -> float:
    """Measure a product of Gemma 3 270M's shapes; gives floating-point operations a second."""
    import torch

    from getalwoord.models.device import choose_dtype

    kind = getattr(torch, choose_dtype().value)
    left, right = torch.ones(ROWS, INPUTS, dtype=kind), torch.ones(INPUTS, OUTPUTS, dtype=kind)
    return 2 * ROWS * INPUTS * OUTPUTS / _fastest(lambda: torch.mm(left, right))


def copy_rate() -> float:
    """Measure copying; gives the bytes a second that are read and written."""
    import torch

    large = torch.ones(1 << 26)
    return 2 * large.nbytes / _fastest(large.clone)


def _fastest(work: Callable[[], object]) -> float:
    """Give the seconds of the fastest of ten times."""
    taken = []
    for _ in range(10):
        start = time.perf_counter()
        work()
        taken.append(time.perf_counter() - start)
    return min(taken)
