"""What the machine can do at most."""

import time

SHAPE = "2048 × 640 by 640 × 2048"


def limits() -> dict[str, float]:
    """Measure products of Gemma 3 270M's shapes, and copying; the fastest of ten.

    Returns:
        "flops", floating-point operations a second, and "bandwidth", bytes a second.
    """
    import torch

    from getalwoord.models.device import choose_dtype

    kind = getattr(torch, choose_dtype().value)
    left, right = torch.ones(2048, 640, dtype=kind), torch.ones(640, 2048, dtype=kind)
    large = torch.ones(1 << 26)
    best = {"product": float("inf"), "copy": float("inf")}
    for _ in range(10):
        start = time.perf_counter()
        torch.mm(left, right)
        best["product"] = min(best["product"], time.perf_counter() - start)
        start = time.perf_counter()
        large.clone()
        best["copy"] = min(best["copy"], time.perf_counter() - start)
    return {
        "flops": 2 * 2048 * 640 * 2048 / best["product"],
        "bandwidth": 2 * 4 * (1 << 26) / best["copy"],
    }
