"""Does a run that is killed at any moment, and resumed, end as one that was not?

Each run is killed with SIGKILL once or more, at moments drawn at random over the length of a whole
run: while it loads, trains, writes a checkpoint, scores or saves its adapter. Then it is resumed
until it ends, and its adapter is compared with that of a run that nobody killed.

    python benchmarks/kill_and_resume.py [--runs 50] [--base gemma3_270m]
"""

import argparse
import collections
import io
import json
import math
import os
import random
import signal
import sys
import tempfile
import time
from pathlib import Path

from results import provenance, write_section

from getalwoord.adapter import WEIGHTS
from getalwoord.errors import GetalwoordError
from getalwoord.files import sha256_of
from getalwoord.numerals import spell
from getalwoord.pipeline import finetune  # imported once; each run is a process forked from here
from getalwoord.recipe import Recipe
from getalwoord.training.folder import METRICS

_MOST_KILLS = 4


def main() -> None:
    """Run, kill, resume, compare, and write the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=50)
    parser.add_argument("--base")
    parser.add_argument("--seed", type=int, default=0)
    arguments = parser.parse_args()
    draw = random.Random(arguments.seed)
    with tempfile.TemporaryDirectory() as scratch:
        root = Path(scratch)
        base = arguments.base or tiny_gemma(root / "base")
        recipe = Recipe.load("default").but(
            "benchmark", base=base, count=160, maximum=299, validation=10, test=20, epochs=2
        )
        start = time.perf_counter()
        if not ended(begun(recipe, root / "whole")):
            sys.exit("the run that is to be compared with failed")
        length = time.perf_counter() - start
        found = [
            one(recipe, root / f"run-{number}", root / "whole", length, draw)
            for number in range(arguments.runs)
        ]
    name = arguments.base or "a Gemma 3 of six blocks and width 32, random weights"
    name += f"; {recipe.epochs * math.ceil(recipe.count / recipe.batch_size)} steps"
    command = f"python benchmarks/kill_and_resume.py --runs {arguments.runs}"
    command += f" --base {arguments.base}" if arguments.base else ""
    write_section("kill-and-resume", table(found, name, command))
    if not all(run["same"] and run["metrics"] for run in found):
        sys.exit("a run that was killed ended otherwise")


def begun(recipe: Recipe, folder: Path, every: float = 0.0) -> int:
    """Start a run in a process of its own, or go on with it; give the process's id."""
    process = os.fork()
    if process:
        return process
    try:
        finetune(recipe, folder, resume=True, checkpoint_every=every)
        os._exit(0)
    except GetalwoordError as error:
        print(error, flush=True)
    finally:
        os._exit(1)


def ended(process: int) -> bool:
    """Wait for a process, and tell whether it did what it should."""
    return os.waitpid(process, 0)[1] == 0


def one(
    recipe: Recipe, folder: Path, whole: Path, length: float, draw: random.Random
) -> dict[str, bool | int]:
    """Kill a run once or more, resume it to its end, and compare it."""
    kills, every = draw.randint(1, _MOST_KILLS), draw.choice((0.0, 0.0, 0.2))
    hit = 0
    for _ in range(kills):
        process = begun(recipe, folder, every)
        time.sleep(draw.uniform(0, length))
        os.kill(process, signal.SIGKILL)  # not yet waited for, so the id is still the process's
        hit += os.waitpid(process, 0)[1] == signal.SIGKILL
    succeeded = ended(begun(recipe, folder))
    result = {
        "hit": hit,
        "same": succeeded and sha256_of(folder / WEIGHTS) == sha256_of(whole / WEIGHTS),
        "metrics": succeeded and measured(folder) == measured(whole),
    }
    print(folder.name, result, flush=True)
    return result


def measured(folder: Path) -> list[dict[str, float | None]]:
    """Read the metrics of a run, without what depends on the clock."""
    lines = (folder / METRICS).read_text(encoding="utf-8").splitlines()
    timed = ("seconds", "examples_per_second")
    return [
        {name: value for name, value in json.loads(line).items() if name not in timed}
        for line in lines
    ]


def table(found: list[dict[str, bool | int]], base: str, command: str) -> str:
    """Write the section: runs by how often they were killed, and how many ended alike."""
    lines = [
        "## Killed and resumed",
        "",
        provenance(command, ["getalwoord", "keras", "torch"]),
        "",
        f"Base: {base}. Each run was killed (SIGKILL) at moments drawn over the whole "
        "length of a run, and resumed until it ended. It ends alike if the SHA-256 of its "
        "adapter_model.safetensors is that of a run that nobody killed; its metrics are alike if "
        "every step is there once with the same loss, accuracy and exact match.",
        "",
        "| times killed before its end | runs | adapter alike | metrics alike |",
        "| ---: | ---: | ---: | ---: |",
    ]
    by_hits = collections.defaultdict(list)
    for run in found:
        by_hits[int(run["hit"])].append(run)
    for label, runs in [*sorted(by_hits.items()), ("all", found)]:
        same, metrics = (sum(run[name] for run in runs) for name in ("same", "metrics"))
        lines.append(f"| {label} | {len(runs)} | {same} | {metrics} |")
    return "\n".join(lines)


def tiny_gemma(folder: Path) -> str:
    """Make a Gemma 3 of random weights, with a tokenizer, as a Hugging Face folder."""
    import sentencepiece
    import torch
    from transformers import Gemma3ForCausalLM, Gemma3TextConfig

    out = io.BytesIO()
    sentencepiece.SentencePieceTrainer.train(
        sentence_iterator=(f"{spell(number)} = {number}" for number in range(1, 2000)),
        model_writer=out,
        model_type="bpe",
        vocab_size=512,
        byte_fallback=True,
        normalization_rule_name="identity",
        add_dummy_prefix=False,
        remove_extra_whitespaces=False,
        **{"pad_id": 0, "eos_id": 1, "bos_id": 2, "unk_id": 3},
        **{"pad_piece": "<pad>", "eos_piece": "<eos>", "bos_piece": "<bos>"},
        minloglevel=2,
    )
    rope = {
        kind: {"rope_type": "default", "rope_theta": wavelength}
        for kind, wavelength in {"sliding_attention": 1e4, "full_attention": 1e6}.items()
    }
    config = Gemma3TextConfig(
        vocab_size=512,
        hidden_size=32,
        intermediate_size=64,
        num_hidden_layers=6,
        num_attention_heads=4,
        num_key_value_heads=2,
        head_dim=16,
        query_pre_attn_scalar=16,
        sliding_window=512,
        rope_parameters=rope,
        **{"pad_token_id": 0, "eos_token_id": 1, "bos_token_id": 2},
    )
    torch.manual_seed(0)
    Gemma3ForCausalLM(config).save_pretrained(folder)
    (folder / "tokenizer.model").write_bytes(out.getvalue())
    return str(folder)


if __name__ == "__main__":
    main()
