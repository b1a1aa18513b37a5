"""Does a base in 8 or 4 bits learn as well as one in bfloat16?

Trains by the default recipe with each, once for each seed, as a user does; in fewer epochs there
is more that may differ.

    python benchmarks/quantized.py [--seeds 0 1 2] [--epochs N]
"""

import argparse
import statistics

from exact_match import RANGES, run
from results import provenance, write_section

from getalwoord.models.device import choose_dtype
from getalwoord.recipe import Recipe

KEPT = {"as stored": [], "int8": ["--quantize", "int8"], "int4": ["--quantize", "int4"]}


def main() -> None:
    """Train with each, in turn for each seed, and write the table after each seed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", type=int, nargs="+", default=[0, 1, 2])
    parser.add_argument("--epochs", type=int, default=Recipe.load("default").epochs)
    arguments = parser.parse_args()
    common = [*RANGES["999"], "--epochs", str(arguments.epochs)]
    found: dict[str, list[dict[str, float]]] = {name: [] for name in KEPT}
    for done, seed in enumerate(arguments.seeds, start=1):
        for name, options in KEPT.items():
            result = run(seed, options=[*common, *options])
            found[name].append(result)
            print(seed, name, result["em_after"], flush=True)
        write_section("quantized", table(found, arguments.seeds[:done], arguments.epochs))


def table(found: dict[str, list[dict[str, float]]], seeds: list[int], epochs: int) -> str:
    """Write the section: what each way of keeping the base came to."""
    rows = [
        "## A base in fewer bits",
        "",
        provenance(
            f"python benchmarks/quantized.py --seeds {' '.join(map(str, seeds))} --epochs {epochs}",
            ["getalwoord", "keras", "keras-hub", "torch"],
        ),
        "",
        "`getalwoord train` on Gemma 3 270M by the default recipe in "
        f"{epochs} epochs, with the frozen base kept as it is stored, in int8 and in int4 "
        f"(`--quantize`), computing in {choose_dtype().value}: "
        "exact match on 300 unseen numerals, for each seed; memory is the median. What a step "
        "takes so, of larger models, is told above.",
        "",
        "| weights kept in | weights, MB | exact match, by seed | peak memory, MB |",
        "| --- | ---: | --- | ---: |",
    ]
    for name, results in found.items():
        matches = ", ".join(f"{result['em_after']:.1%}" for result in results)
        peak = statistics.median(result["peak_memory_bytes"] for result in results)
        size = results[0]["weight_bytes"] / 1e6
        rows.append(f"| {name} | {size:,.0f} | {matches} | {peak / 1e6:,.0f} |")
    return "\n".join(rows)


if __name__ == "__main__":
    main()
