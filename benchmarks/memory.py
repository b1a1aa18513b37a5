"""How much memory does a run take, and how much was it thought to take?

Each setting is a `getalwoord train` of a few steps in a process of its own; the peak is that of the
whole process, the pages of weights that are mapped from the cache counted in.

    python benchmarks/memory.py [--only NAME…]
"""

import argparse
from typing import Any

from results import provenance, write_section
from runs import trained_by

from getalwoord.recipe import Recipe

STEPS = 24
SETTINGS: dict[str, dict[str, Any]] = {
    "batch 1": {"batch_size": 1},
    "batch 10": {"batch_size": 10},
    "batch 16": {"batch_size": 16},
    "batch 32": {"batch_size": 32},
    "batch 64": {"batch_size": 64},
    "batch 64, checkpointing": {"batch_size": 64, "gradient_checkpointing": True},
    "batch 64 in 8 parts": {"batch_size": 64, "gradient_accumulation": 8},
    "batch 10, int8": {"batch_size": 10, "quantize": "int8"},
    "batch 10, int4": {"batch_size": 10, "quantize": "int4"},
    "batch 10, query and value alone": {"batch_size": 10, "target_modules": ("query", "value")},
    "batch 16, sentences": {
        **{"batch_size": 16, "kinds": ("cardinal", "money", "date"), "sentences": 1.0},
        **{"maximum": 999_999},
    },
}


def main() -> None:
    """Train with each setting, and write the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--only", choices=SETTINGS, nargs="+", default=list(SETTINGS))
    arguments = parser.parse_args()
    rows = [
        "## Memory",
        "",
        provenance("python benchmarks/memory.py", ["getalwoord", "keras", "keras-hub", "torch"]),
        "",
        f"Gemma 3 270M by the default recipe but for what is named, {STEPS} steps, each setting in "
        "a process of its own: its peak, mapped weights counted in, and what was told before it "
        "began.",
        "",
        "| setting | estimated, MB | measured, MB | estimated ÷ measured |",
        "| --- | ---: | ---: | ---: |",
    ]
    for name in arguments.only:
        result = run(SETTINGS[name])
        estimated, measured = result["estimated_memory_bytes"], result["peak_memory_bytes"]
        rows.append(
            f"| {name} | {estimated / 1e6:,.0f} | {measured / 1e6:,.0f} | "
            f"{estimated / measured:.2f} |"
        )
        print(rows[-1], flush=True)
    if arguments.only == list(SETTINGS):
        write_section("memory", "\n".join(rows))


def run(changes: dict[str, Any]) -> dict[str, Any]:
    """Train for some steps in a new process, and give what it printed."""
    few = {"count": STEPS * changes["batch_size"], "epochs": 1, "validation": 16, "test": 32}
    recipe = Recipe.load("default").but("memory.py", **few, **changes)
    return trained_by(recipe)


if __name__ == "__main__":
    main()
