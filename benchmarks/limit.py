"""How near does a training step come to what the hardware can do?

Steps of the default recipe and products of matrices take turns, so that a machine whose speed
drifts drifts for both. What is needed are the products with the base's matrices and with the
low-rank ones: forwards, and backwards into all that leads to something trainable; with the head in
those steps alone whose loss is over all tokens. Attention's own products, everything between
products, and the optimizer are not counted, nor is a gradient through the head, which needs few of
its rows.

That is what a step needs once beginnings are shared and most losses are over a shortlist, so that
whatever is left out of a step lowers its share. The other count is the one usual for language
models (Chowdhery et al. 2022, https://arxiv.org/abs/2204.02311, appendix B): what the model itself
takes for these examples, each with all its own tokens and the loss over the whole vocabulary,
forwards and backwards.

    python benchmarks/limit.py [--rounds 5]
"""

import argparse
import math
import statistics
import time
from typing import Any

from contenders import OURS, UNCOUNTED, train_by_default
from machine import SHAPE, product_rate
from results import provenance, write_section

BATCHES = (OURS, 16)
STEPS = 12  # in a round


def main() -> None:
    """Measure by batch size, and write the section."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=5)
    rounds: int = parser.parse_args().rounds
    from getalwoord.models.device import choose_dtype

    dtype = choose_dtype().value
    rows = [
        "| batch | tokens, answer included | each beginning once | GFLOP needed | "
        "GFLOP/s of products | limit, examples/s | examples/s | share | GFLOP of the model | "
        "limit, examples/s | share |",
        "|---:|" + "---:|" * 10,
    ]
    for batch in BATCHES:
        measured = measure(batch, rounds)
        rows.append(row(batch, measured))
        print(rows[-1], flush=True)
    write_section(
        "limit",
        "\n\n".join(
            (
                "## Training and the limit of the hardware",
                provenance(
                    f"python benchmarks/limit.py --rounds {rounds}",
                    ["getalwoord", "keras", "keras-hub", "torch"],
                ),
                f"Gemma 3 270M, recipe `default`, computed in {dtype}; {rounds} rounds of {STEPS} "
                f"steps, and before each the fastest product of {SHAPE} of ten; medians "
                "(lowest–highest). Needed for an example, by the tokens that a batch has when each "
                "beginning stands there once: products with the "
                "base's and the low-rank matrices, forwards, and backwards where something "
                "trainable lies below; forwards alone for the head, where the loss is over all "
                "tokens. Of the model, the last three columns: as if each example stood alone, "
                "with all its tokens, and each loss were over all tokens, forwards and backwards; "
                "that is the utilisation usual for language models ([PaLM](https://arxiv.org/abs/"
                "2204.02311), appendix B), which what is saved raises. What keeps the first share "
                "from more is told in [decision 25](decisions/0025-training-on-trees.md).",
                "\n".join(rows),
            )
        ),
    )


def row(batch: int, measured: dict[str, Any]) -> str:
    """Write a row of the table."""
    flops = statistics.median(measured["flops"])
    columns = [
        f"{batch} | {measured['tokens']:.1f} | {measured['once']:.1f} | "
        f"{measured['needed'] / 1e9:.2f} | {flops / 1e9:,.0f} | {flops / measured['needed']:.1f} | "
        f"{statistics.median(measured['speeds']):.1f} | {share(measured, 'needed')}",
        f"{measured['model'] / 1e9:.2f} | {flops / measured['model']:.1f} | "
        f"{share(measured, 'model')}",
    ]
    return f"| {' | '.join(columns)} |"


def share(measured: dict[str, Any], count: str) -> str:
    """Tell how much of the limit a count of operations comes to, by the rounds."""
    rounds = zip(measured["speeds"], measured["flops"], strict=True)
    shares = [speed * measured[count] / rate for speed, rate in rounds]
    return f"{statistics.median(shares):.0%} ({min(shares):.0%}–{max(shares):.0%})"


def measure(batch: int, rounds: int) -> dict[str, Any]:
    """Train, and between the rounds see what the machine can do.

    Returns:
        What an example needs in floating-point operations, and what the model takes for it alone;
        its tokens, how many of them there are if each beginning stands once, and by round the
        examples a second and the floating-point operations a second of a product.
    """
    from getalwoord.data.parts import draw_parts
    from getalwoord.recipe import Recipe

    steps = UNCOUNTED + rounds * STEPS
    train = draw_parts(**Recipe.load("default").drawing).train
    speeds: list[float] = []
    flops: list[float] = []
    began = math.nan

    def look(step: Any) -> None:
        nonlocal began
        since = step.step - UNCOUNTED
        if since < 0 or since % STEPS or since > rounds * STEPS:
            return
        if since:
            speeds.append(STEPS * batch / (time.perf_counter() - began))
        if len(flops) < rounds:
            flops.append(product_rate())
        began = time.perf_counter()

    base, projections, batches = train_by_default(
        train, batch_size=batch, steps=steps, on_step=look
    )
    shapes = {
        target: (one.lora_a.shape[1], one.lora_b.shape[0]) for target, one in projections.items()
    }
    rank = next(iter(projections.values())).lora_a.shape[0]
    embedding = base.backbone.token_embedding
    every = Recipe.load("default").full_vocabulary_every
    head = embedding.input_dim * embedding.output_dim
    tokens, once, total, model = 0, 0, 0, 0
    for items in batches:
        beginnings = {one.read[:end] for one in items for end in range(1, len(one.read) + 1)}
        answers = sum(len(one.answer) for one in items)
        alone = sum(len(one.read) for one in items)
        tokens += alone
        once += len(beginnings)
        total += needed(shapes, rank, head // every, len(beginnings), answers)
        model += needed(shapes, rank, 2 * head, alone, answers)
    examples = sum(map(len, batches))
    return {
        "needed": total / examples,
        "model": model / examples,
        "tokens": tokens / examples,
        "once": once / examples,
        "speeds": speeds,
        "flops": flops,
    }


def needed(shapes: Any, rank: int, head: int, tokens: int, answers: int) -> int:
    """Count the floating-point operations that a batch needs.

    Args:
        shapes: Inputs and outputs of each projection, all of which are adapted.
        rank: Of the update.
        head: Elements of the embedding that an answer is multiplied with, by step.
        tokens: That are read.
        answers: That are predicted; the last block's other tokens are needed as keys and values.
    """
    last = max(target.block for target in shapes)
    total = 2 * answers * head
    for target, (inputs, outputs) in shapes.items():
        positions = tokens
        if target.block == last and target.module not in ("key", "value"):
            positions = answers
        # Below the first block's queries, keys and values lies the frozen embedding alone.
        below = target.block > 0 or target.module not in ("query", "key", "value")
        passes = inputs * outputs * (2 if below else 1)
        low_rank = rank * (2 * inputs + 3 * outputs + (inputs if below else 0))
        total += 2 * positions * (passes + low_rank)
    return total


if __name__ == "__main__":
    main()
