"""Do other tools answer with an export as getalwoord answers with the adapter?

Run alone: ``python benchmarks/witnesses.py --adapter DIR [--count 500]``. Every tool loads its
export in a process of its own and generates for itself: no teacher forcing. Numerals are those of
the recipe's range that the adapter never saw, and where these are too few, others above it.
"""

import argparse
import json
import os
import random
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from results import provenance, write_section

from getalwoord.adapter import Adapter
from getalwoord.exchange.export import export
from getalwoord.models.bases import Base, load_base
from getalwoord.models.decoder import Decoder
from getalwoord.numerals import spell
from getalwoord.reading.decode import Answerer
from getalwoord.training.batches import prompt_of

PROGRAMS = Path(__file__).parent.parent / "tests" / "model" / "witnesses.py"
TOKENS = 12
# What is shown, the program, the export and the reference that it is compared with.
WITNESSES = (
    ("transformers + PEFT, float32", "transformers_and_peft", "peft", "adapter"),
    ("transformers, bfloat16 weights", "transformers", "hf", "merged"),
    ("KerasHub `generate`, bfloat16 weights", "keras_hub_generate", "keras", "merged"),
    ("llama.cpp, bf16", "llama_cpp", "bf16", "merged"),
    ("llama.cpp, Q8_0", "llama_cpp", "q8_0", "merged"),
    ("llama.cpp, Q4_K_M", "llama_cpp", "q4_k_m", "merged"),
)


def unseen(adapter: Path, maximum: int, count: int) -> list[int]:
    """Draw numbers that the adapter was not trained on."""
    lines = (adapter / "train.jsonl").read_text(encoding="utf-8").splitlines()
    seen = {int(json.loads(line)["response"]) for line in lines}
    draw = random.Random("witnesses")
    within = [number for number in range(1, min(maximum, 10**6) + 1) if number not in seen]
    numbers = draw.sample(within, min(count, len(within)))
    return numbers + draw.sample(range(maximum + 1, 10 * maximum + 10), count - len(numbers))


def ours(base: Base, template: str, texts: list[str]) -> list[str]:
    """Answer with our decoder, free of any constraint."""
    answerer = Answerer(Decoder(base.backbone), base.tokenizer, template, max_new_tokens=TOKENS)
    return [answer.text for answer in answerer.answer(texts)]


def exported(adapter: Path, root: Path) -> dict[str, Path]:
    """Write every export; gives what a witness loads."""
    for to in ("peft", "hf", "keras"):
        export(adapter, root / to, to=to)
    paths = {to: root / to for to in ("peft", "hf", "keras")}
    for quantisation in ("bf16", "q8_0", "q4_k_m"):
        export(adapter, root / quantisation, to="gguf", quantisation=quantisation)
        paths[quantisation] = root / quantisation / f"getalwoord-{quantisation}.gguf"
    return paths


def said(program: str, asked: dict[str, Any]) -> tuple[list[str], float]:
    """Ask a witness; gives its answers and the seconds it took, loading included."""
    began = time.perf_counter()
    done = subprocess.run(
        [sys.executable, PROGRAMS, program],
        input=json.dumps(asked),
        env={**os.environ, "KERAS_BACKEND": "torch", "TF_CPP_MIN_LOG_LEVEL": "3"},
        capture_output=True,
        text=True,
    )
    line = next((one for one in done.stdout.splitlines() if one.startswith("SAID ")), None)
    if line is None:
        raise SystemExit(f"{program} failed:\n{done.stderr[-3000:]}")
    answers = [text.strip() for text in json.loads(line.removeprefix("SAID "))]
    return answers, time.perf_counter() - began


def main() -> None:
    """Export, ask everyone, print and write the section."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--adapter", type=Path, required=True)
    options.add_argument("--count", type=int, default=500)
    given = options.parse_args()
    adapter = Adapter.load(given.adapter)
    recipe = adapter.recipe
    numbers = unseen(given.adapter, recipe.maximum, given.count)
    texts = [spell(number) for number in numbers]
    prompts = [prompt_of(text, recipe.template) for text in texts]
    rows = []
    with tempfile.TemporaryDirectory() as scratch:
        paths = exported(given.adapter, Path(scratch))
        base = load_base(recipe.base, dtype="float32")
        folder = str(base.folder)
        adapter.apply(base)
        answers = {"adapter": ours(base, recipe.template, texts)}
        merged = load_base(str(paths["hf"]), dtype="float32")
        answers["merged"] = ours(merged, recipe.template, texts)
        longest = max(len(merged.tokenizer.encode(prompt)) for prompt in prompts) + 1
        del base, merged
        expected = [str(number) for number in numbers]
        for shown, program, to, reference in WITNESSES:
            asked = {"path": str(paths[to]), "prompts": prompts, "tokens": TOKENS}
            asked |= {"base": folder, "tokenizer": str(paths["hf"]), "longest": longest}
            given_answers, seconds = said(program, asked)
            same = sum(a == b for a, b in zip(given_answers, answers[reference], strict=True))
            right = sum(a == b for a, b in zip(given_answers, expected, strict=True))
            rows.append(f"| {shown} | {same} | {right} | {seconds:.0f} |")
            print(rows[-1], flush=True)
        own = {
            name: sum(a == b for a, b in zip(found, expected, strict=True))
            for name, found in answers.items()
        }
    markdown = section(rows, own, numbers, recipe.maximum)
    print(markdown)
    write_section("witnesses", markdown)


def section(rows: list[str], own: dict[str, int], numbers: list[int], maximum: int) -> str:
    """Write the section."""
    within = sum(number <= maximum for number in numbers)
    above = len(numbers) - within
    which = f", {within} of 1 to {maximum:,}" + (f" and {above} above" if above else "")
    return "\n\n".join(
        (
            "## The same answers in other tools",
            provenance(
                "python benchmarks/witnesses.py --adapter DIR",
                [*("getalwoord", "torch", "transformers", "peft", "keras-hub", "xllamacpp")],
            ),
            f"Greedy answers to {len(numbers)} numerals that the adapter never saw{which}. Each "
            "tool loads its export in a process of its own. PEFT is compared with the adapter in "
            "float32 here, the others with the merged bfloat16 weights, computed with in float32 "
            "here. Of these "
            f"{own['adapter']} and {own['merged']} are right. Seconds include loading and are no "
            "measure of speed.",
            "\n".join(
                ("| tool | the same as ours | right | seconds |", "| --- | ---: | ---: | ---: |")
            )
            + "\n"
            + "\n".join(rows),
        )
    )


if __name__ == "__main__":
    main()
