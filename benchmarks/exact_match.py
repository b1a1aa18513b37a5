"""How many unseen numerals are read right after training, and how long does that take?

Runs `getalwoord train` as a user does, once for each seed.

    python benchmarks/exact_match.py [--seeds 0 1 2] [--ranges 999 999999] [--jobs 1]
"""

import argparse
import os
import shutil
import tempfile
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path

from results import RESULTS, provenance, write_section
from runs import trained

RANGES = {
    "999": ["--max", "999"],
    "999999": ["--max", "999999", "--count", "6000", "--epochs", "2"],
}


def main() -> None:
    """Train for each range and seed, and write the tables."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", type=int, nargs="+", default=[0, 1, 2])
    parser.add_argument("--ranges", choices=RANGES, nargs="+", default=["999"])
    parser.add_argument("--jobs", type=int, default=1, help="runs at once; speeds are then lower")
    arguments = parser.parse_args()
    from getalwoord.models.device import choose_dtype

    threads = max(1, (os.cpu_count() or 1) // arguments.jobs)
    at_once = f"{arguments.jobs} runs at once, {threads} thread each. "
    for name in arguments.ranges:
        options = RANGES[name]
        rows = [
            f"## Exact match on unseen numerals of 1–{int(name):,}",
            "",
            provenance(
                f"python benchmarks/exact_match.py --seeds {' '.join(map(str, arguments.seeds))} "
                f"--ranges {name} --jobs {arguments.jobs}",
                ["getalwoord", "keras", "keras-hub", "torch"],
            ),
            "",
            f"`getalwoord train {' '.join(options)}` on Gemma 3 270M, by the default recipe, "
            f"computed in {choose_dtype().value}. "
            "The numerals of the test are in no training pair. Seconds are those of training; "
            "those to the first step are loading and measuring before it, without imports. "
            + (at_once if arguments.jobs > 1 else ""),
            "",
            "| seed | before | after | pairs | examples seen | seconds | to the first step "
            "| examples/s | peak memory, MB |",
            "| ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: |",
        ]
        with ThreadPoolExecutor(arguments.jobs) as pool:
            results = pool.map(partial(run, options=options, threads=threads), arguments.seeds)
            for seed, result in zip(arguments.seeds, results, strict=True):
                rows.append(row(seed, result))
                print(rows[-1], flush=True)
        write_section(f"exact-match-{name}", "\n".join(rows))


def row(seed: int, result: dict[str, float]) -> str:
    """Write what one run came to as a row of the table."""
    total = result["test_examples"]
    return (
        f"| {seed} | {round(result['em_before'] * total)} of {total} | "
        f"{round(result['em_after'] * total)} of {total} ({result['em_after']:.1%}) | "
        f"{result['training_pairs']:,} | {result['examples_seen']:,} | "
        f"{result['seconds']:.0f} | {result['seconds_to_first_step']:.0f} | "
        f"{result['examples_per_second']:.1f} | {result['peak_memory_bytes'] / 1e6:,.0f} |"
    )


def run(seed: int, *, options: list[str], threads: int | None = None) -> dict[str, float]:
    """Train with one seed; keep the first seed's plot for the README."""
    with tempfile.TemporaryDirectory() as scratch:
        result = trained(
            *("--seed", str(seed), *options),
            out=Path(scratch),
            environment={"OMP_NUM_THREADS": str(threads)} if threads else None,
        )
        if seed == 0 and options == RANGES["999"]:
            shutil.copy(Path(scratch) / "training.png", RESULTS.parent / "training.png")
        return result


if __name__ == "__main__":
    main()
