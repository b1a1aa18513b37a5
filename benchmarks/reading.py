"""How fast numerals are read: KerasHub, transformers, llama.cpp and getalwoord, in one run.

Run alone: ``python benchmarks/reading.py --adapter DIR [--rounds 2] [--only NAME…]``. All but
llama.cpp answer with the same merged weights in the dtype that is faster here; llama.cpp takes them
as exported in Q4_K_M and Q8_0. Each contender runs in a process of its own, in turn, and reads some
prompts first, uncounted. With ``--only``, to compare two versions by ``PYTHONPATH``, nothing is
written.
"""

import argparse
import gc
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from machine import SHAPE, copy_rate, product_rate
from results import provenance, write_section

TEMPLATE_KEY, BATCH = "READING_TEMPLATE", 64
FEW, MANY, LATENCIES = 128, 1000, 20


def numerals(count: int) -> list[int]:
    """Draw values of 1 to 999,999."""
    import random

    draw = random.Random("reading").random
    return [1 + int(draw() * 999_999) for _ in range(count)]


def prompts(count: int) -> list[str]:
    """Write prompts of the adapter's template."""
    from getalwoord.numerals import spell
    from getalwoord.training.batches import prompt_of

    return [prompt_of(spell(value), os.environ[TEMPLATE_KEY]) for value in numerals(count)]


Answers = Callable[[list[str]], list[str]]


def dtype() -> str:
    """What `getalwoord` computes in on this machine."""
    from getalwoord.models.device import choose_dtype

    return choose_dtype().value


def kerashub(folder: str) -> Answers:
    """KerasHub's own `generate`."""
    from getalwoord.models.bases import causal_lm, load_base

    model = causal_lm(load_base(folder, dtype=dtype()))
    model.compile(sampler="greedy")

    def answer(texts: list[str]) -> list[str]:
        given = []
        for start in range(0, len(texts), BATCH):
            part = texts[start : start + BATCH]
            out = model.generate(part, max_length=40)
            given += [text.removeprefix(prompt) for text, prompt in zip(out, part, strict=True)]
        return given

    return answer


def transformers(folder: str) -> Answers:
    """transformers' batched `generate`, prompts of like length together."""
    import torch
    from transformers import AutoModelForCausalLM

    from getalwoord.models.bases import load_base

    tokenizer = load_base(folder, dtype=dtype()).tokenizer
    model = AutoModelForCausalLM.from_pretrained(folder, dtype=getattr(torch, dtype()))

    def answer(texts: list[str]) -> list[str]:
        ids = [[tokenizer.bos_id, *tokenizer.encode(text)] for text in texts]
        order = sorted(range(len(ids)), key=lambda number: len(ids[number]))
        given = [""] * len(ids)
        for start in range(0, len(order), BATCH):
            part = order[start : start + BATCH]
            longest = max(len(ids[number]) for number in part)
            rows = [[0] * (longest - len(ids[n])) + ids[n] for n in part]
            mask = [[0] * (longest - len(ids[n])) + [1] * len(ids[n]) for n in part]
            out = model.generate(
                torch.tensor(rows),
                attention_mask=torch.tensor(mask),
                max_new_tokens=12,
                do_sample=False,
                eos_token_id=tokenizer.eos_id,
                pad_token_id=0,
            )[:, longest:].tolist()
            for number, row in zip(part, out, strict=True):
                given[number] = tokenizer.decode([one for one in row if one > 1])
        return given

    return answer


def llamacpp(path: str, at_once: int) -> Answers:
    """llama.cpp's server, so many slots at once."""
    import xllamacpp

    parameters = xllamacpp.CommonParams()
    parameters.model.path = path
    parameters.n_parallel = at_once
    parameters.n_ctx = 64 * at_once
    parameters.cpuparams.n_threads = os.cpu_count() or 1
    parameters.cpuparams_batch.n_threads = os.cpu_count() or 1
    parameters.warmup = True
    parameters.verbosity = -1
    server = xllamacpp.Server(parameters)

    def one(text: str) -> str:
        asked = {"prompt": text, "n_predict": 12, "temperature": 0.0, "cache_prompt": False}
        said = server.handle_completions(asked)
        said = json.loads(said) if isinstance(said, str) else said
        return str(said["choices"][0]["text"])

    def answer(texts: list[str]) -> list[str]:
        with ThreadPoolExecutor(at_once) as pool:
            return list(pool.map(one, texts))

    return answer


def ours(folder: str) -> tuple[Answers, Callable[[], int]]:
    """Our decoder, constrained, without drafts; also what counts the tokens it computes."""
    from getalwoord.models.bases import load_base
    from getalwoord.models.decoder import Decoder
    from getalwoord.numerals import KINDS
    from getalwoord.reading.automaton import Automaton
    from getalwoord.reading.decode import Answerer

    base = load_base(folder, dtype=dtype())
    automaton = Automaton.of(tuple(KINDS), base.tokenizer)
    decoder = Decoder(base.backbone)
    forward, tokens = decoder.forward, []

    def counting(token_ids, *rest, **more):
        tokens.append(len(token_ids))
        return forward(token_ids, *rest, **more)

    decoder.forward = counting
    answerer = Answerer(decoder, base.tokenizer, "{instruction}{response}", automaton)
    return lambda texts: [answer.text for answer in answerer.answer(texts)], lambda: sum(tokens)


def reader(adapter: str, method: str) -> Answers:
    """Our Reader, as users call it."""
    from getalwoord.numerals import spell
    from getalwoord.reading.reader import Reader

    made = Reader(adapter if method == "model" else None, method=method)
    words = {
        prompt: spell(value) for prompt, value in zip(prompts(MANY), numerals(MANY), strict=True)
    }
    return lambda texts: [str(one.value) for one in made.read([words[text] for text in texts])]


def contender(name: str, folder: str, adapter: str) -> tuple[Answers, int]:
    """Load a contender; gives it and how many numerals it reads."""
    if name in LLAMA_CPP:
        quantisation, at_once = LLAMA_CPP[name]
        path = gguf(Path(folder), quantisation)
        return llamacpp(str(path), at_once), FEW if at_once == 1 else 2 * FEW
    match name:
        case "KerasHub generate":
            return kerashub(f"{folder}/hf"), FEW
        case "transformers generate":
            return transformers(f"{folder}/hf"), 4 * FEW
        case "getalwoord, model only, grammar drafts":
            return reader(adapter, "model"), MANY
    return reader(adapter, "grammar"), MANY


OURS = "getalwoord, model only"
LLAMA_CPP = {
    f"llama.cpp {kind}, {at_once} at once": (kind.lower(), at_once)
    for kind in ("Q4_K_M", "Q8_0")
    for at_once in (1, 16)
}
WEIGHTS = 100.3e6  # of the blocks

CONTENDERS = (
    "KerasHub generate",
    "transformers generate",
    *LLAMA_CPP,
    OURS,
    "getalwoord, model only, grammar drafts",
    "getalwoord, grammar first",
)


def child(name: str, folder: str, adapter: str) -> None:
    """Measure one contender once and print it."""
    computed = None
    if name == OURS:
        (answer, computed), count = ours(f"{folder}/hf"), MANY
    else:
        answer, count = contender(name, folder, adapter)
    gc.freeze()  # what was imported for the benchmark is not walked while it measures
    texts = prompts(count)
    answer(texts[:BATCH])
    before = computed() if computed else 0
    began = time.perf_counter()
    given = answer(texts)
    seconds = time.perf_counter() - began
    tokens = computed() - before if computed else 0
    latencies = []
    for text in texts[:LATENCIES]:
        start = time.perf_counter()
        answer([text])
        latencies.append(time.perf_counter() - start)
    right = [text.strip() == str(value) for text, value in zip(given, numerals(count), strict=True)]
    measured = {
        "rate": count / seconds,
        "latency": statistics.median(latencies),
        "right": sum(right) / count,
        "count": count,
    }
    if computed:
        measured |= {
            "tokens": tokens / count,
            "flops": product_rate(),
            "bandwidth": copy_rate(),
        }
    print("MEASURED " + json.dumps(measured))


def gguf(folder: Path, quantisation: str) -> Path:
    """Tell where an export for llama.cpp is."""
    return folder / quantisation / f"getalwoord-{quantisation}.gguf"


def exported(adapter: Path, folder: Path) -> str:
    """Write the merged model for all; gives the adapter's template."""
    from getalwoord.adapter import Adapter
    from getalwoord.exchange.export import export

    export(adapter, folder / "hf", to="hf", dtype=dtype())
    for quantisation in ("q4_k_m", "q8_0"):
        export(adapter, gguf(folder, quantisation).parent, to="gguf", quantisation=quantisation)
    return Adapter.load(adapter).recipe.template


def main() -> None:
    """Measure in rounds, print and write the section."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--adapter", type=Path, required=True)
    options.add_argument("--rounds", type=int, default=2)
    options.add_argument("--only", nargs="+", choices=CONTENDERS, default=CONTENDERS)
    options.add_argument("--child", nargs=2)
    given = options.parse_args()
    if given.child:
        name, folder = given.child
        child(name, folder, str(given.adapter))
        return
    rounds: dict[str, list[dict[str, float]]] = {name: [] for name in given.only}
    with tempfile.TemporaryDirectory() as scratch:
        template = exported(given.adapter, Path(scratch))
        for _ in range(given.rounds):
            for name in given.only:
                rounds[name].append(in_child(name, given.adapter, scratch, template))
                print(name, rounds[name][-1], flush=True)
    if given.only is not CONTENDERS:
        return
    markdown = section(rounds, given.rounds)
    print(markdown)
    write_section("reading", markdown)


def in_child(name: str, adapter: Path, folder: str, template: str) -> dict[str, float]:
    """Run a contender in a process of its own."""
    keras = {"GETALWOORD_TENSORFLOW": "1", "TF_CPP_MIN_LOG_LEVEL": "3"}
    done = subprocess.run(
        [
            *(sys.executable, __file__, "--adapter", str(adapter)),
            *("--child", name, folder),
        ],
        env={
            **os.environ,
            TEMPLATE_KEY: template,
            **(keras if name.startswith("KerasHub") else {}),
        },
        capture_output=True,
        text=True,
    )
    line = next((one for one in done.stdout.splitlines() if one.startswith("MEASURED ")), None)
    if line is None:
        raise SystemExit(f"{name} failed:\n{done.stderr[-3000:]}")
    return json.loads(line.removeprefix("MEASURED "))


def section(rounds: dict[str, list[dict[str, float]]], count: int) -> str:
    """Write the section: medians of the rounds."""
    middle = {
        name: {key: statistics.median(one[key] for one in measured) for key in measured[0]}
        for name, measured in rounds.items()
    }
    own = middle[OURS]
    rows = [
        "| | numerals/s | ours against it | one, ms | right |",
        "|---|---:|---:|---:|---:|",
    ]
    rows += [
        f"| {name} | {one['rate']:,.1f} | {own['rate'] / one['rate']:.2f} × | "
        f"{one['latency'] * 1000:.1f} | "
        f"{one['right']:.1%} |"
        for name, one in middle.items()
    ]
    needed = 2 * WEIGHTS * own["tokens"]
    taken = "one round" if count == 1 else f"medians of {count} rounds"
    return "\n\n".join(
        (
            "## Reading speed",
            provenance(
                "python benchmarks/reading.py --adapter DIR",
                ["getalwoord", "torch", "keras-hub", "transformers", "xllamacpp"],
            ),
            f"Numerals of 1 to 999,999, {taken} in which all take turns; "
            f"KerasHub reads {FEW} of them, {BATCH} at once, transformers {4 * FEW}, llama.cpp "
            f"{FEW} or {2 * FEW}, getalwoord {MANY:,}. One: the median of {LATENCIES} read alone, "
            "warm.",
            "\n".join(rows),
            f"The machine multiplies {own['flops'] / 1e9:,.0f} GFLOP/s in {dtype()}, "
            f"{SHAPE}, and copies {own['bandwidth'] / 1e9:.1f} GB/s. Where what prompts have in "
            f"common is computed once, a numeral is {own['tokens']:.1f} tokens, its answer "
            f"included, and needs {needed / 1e9:.1f} GFLOP; so {own['flops'] / needed:,.0f} "
            f"numerals/s is the limit, and {own['rate'] * needed / own['flops']:.0%} of it is "
            "reached without drafts.",
        )
    )


if __name__ == "__main__":
    main()
