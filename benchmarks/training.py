"""How fast is fine-tuning, against the post's own recipe and the tools people use?

Every contender trains on the same pairs and the same weights, each in processes of its own, in
turn, so that a machine whose speed drifts drifts for all. The first steps of each process (setting
up, compiling) are not counted, which favours the contenders that compile.

    python benchmarks/training.py [--rounds 3]
"""

import argparse
import json
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from results import provenance, write_section

TEMPLATE = "Instruction:\n{instruction}\n\nResponse:\n{response}"
UNCOUNTED = 4  # steps at the start of each process


class Clock:
    """Notes when steps end."""

    def __init__(self) -> None:
        self.ends: list[float] = []

    def tick(self) -> None:
        self.ends.append(time.perf_counter())

    def seconds_per_step(self) -> float:
        ends = self.ends[UNCOUNTED - 1 :]
        return (ends[-1] - ends[0]) / (len(ends) - 1)


def base_folder() -> Path:
    """The embedded base as a Hugging Face folder, which every contender can open."""
    from getalwoord.models.bases import EMBEDDED, load_base
    from getalwoord.models.cache import cache_folder

    load_base(EMBEDDED, dtype="bfloat16")
    return next(path.parent for path in cache_folder().glob("*/config.json"))


def kerashub(dtype: str, batch_size: int) -> Callable[[Sequence[dict[str, str]], int], Clock]:
    """The post's program: KerasHub's own LoRA, loss over all 27 positions, `fit`."""

    def run(pairs: Sequence[dict[str, str]], steps: int) -> Clock:
        import keras
        import keras_hub

        keras.config.set_dtype_policy(dtype)
        model = keras_hub.models.Gemma3CausalLM.from_preset(os.environ["BASE_FOLDER"], dtype=dtype)
        model.backbone.enable_lora(rank=4)
        model.preprocessor.sequence_length = 27
        optimizer = keras.optimizers.AdamW(learning_rate=5e-5, weight_decay=0.01)
        optimizer.exclude_from_weight_decay(var_names=["bias", "scale"])
        model.compile(
            loss=keras.losses.SparseCategoricalCrossentropy(from_logits=True),
            optimizer=optimizer,
            weighted_metrics=[keras.metrics.SparseCategoricalAccuracy()],
        )
        clock = Clock()
        ticking = keras.callbacks.LambdaCallback(
            on_train_batch_end=lambda batch, logs: clock.tick()
        )
        before, _, after = TEMPLATE.partition("{response}")
        chosen = [pairs[number % len(pairs)] for number in range(steps * batch_size)]
        data = {
            "prompts": [before.replace("{instruction}", pair["instruction"]) for pair in chosen],
            "responses": [pair["response"] + after for pair in chosen],
        }
        model.fit(data, epochs=1, batch_size=batch_size, callbacks=[ticking], verbose=0)
        return clock

    return run


def trl(pairs: Sequence[dict[str, str]], steps: int) -> Clock:
    """TRL's SFTTrainer with PEFT on all linear layers, prompt and completion, bfloat16."""
    import torch
    from datasets import Dataset
    from peft import LoraConfig
    from transformers import AutoModelForCausalLM, GemmaTokenizer, TrainerCallback
    from trl import SFTConfig, SFTTrainer

    folder = os.environ["BASE_FOLDER"]
    tokenizer = GemmaTokenizer.from_pretrained(folder)
    model = AutoModelForCausalLM.from_pretrained(folder, dtype=torch.bfloat16)
    before, _, _ = TEMPLATE.partition("{response}")
    data = Dataset.from_list(
        [
            {
                "prompt": before.replace("{instruction}", pair["instruction"]),
                "completion": pair["response"],
            }
            for pair in pairs
        ]
    )
    clock = Clock()

    class Ticking(TrainerCallback):
        def on_step_end(self, *_: object, **__: object) -> None:
            clock.tick()

    with tempfile.TemporaryDirectory() as scratch:
        SFTTrainer(
            model=model,
            processing_class=tokenizer,
            train_dataset=data,
            peft_config=LoraConfig(r=4, lora_alpha=4, target_modules="all-linear"),
            args=SFTConfig(
                output_dir=scratch,
                per_device_train_batch_size=16,
                max_steps=steps,
                learning_rate=3e-3,
                bf16=True,
                use_cpu=True,
                save_strategy="no",
                report_to=[],
                disable_tqdm=True,
            ),
            callbacks=[Ticking()],
        ).train()
    return clock


def ours(pairs: Sequence[dict[str, str]], steps: int) -> Clock:
    """`getalwoord train` by its default recipe, at batch 16 as the others."""
    from getalwoord import Recipe
    from getalwoord.data.examples import Example
    from getalwoord.models.answer_head import answer_model
    from getalwoord.models.bases import load_base
    from getalwoord.models.device import choose_dtype
    from getalwoord.models.low_rank import attach
    from getalwoord.training.batches import encode
    from getalwoord.training.loop import fit

    recipe = Recipe.load("default").but(
        "benchmark", batch_size=16, epochs=1, stop_at_exact_match=None
    )
    base = load_base(recipe.base, dtype=choose_dtype().value)
    attach(
        base.backbone,
        rank=recipe.rank,
        alpha=recipe.scale_alpha,
        target_modules=recipe.target_modules,
        seed=0,
    )
    chosen = [pairs[number % len(pairs)] for number in range(steps * 16)]
    examples = [Example(pair["instruction"], pair["response"]) for pair in chosen]
    encoded = encode(
        examples,
        base.tokenizer,
        template=recipe.template,
        sequence_length=recipe.sequence_length,
    )
    clock = Clock()
    with tempfile.TemporaryDirectory() as scratch:
        fit(
            answer_model(base.backbone),
            encoded,
            [],
            recipe,
            folder=Path(scratch),
            on_step=lambda _: clock.tick(),
        )
    return clock


# Name, what it is, batch size, counted steps, environment, how to run it.
CONTENDERS = {
    "post": (
        "KerasHub as in the post: JAX, float32, batch 1",
        1,
        24,
        "jax",
        kerashub("float32", 1),
    ),
    "keras-jax": ("KerasHub, JAX, float32, batch 16", 16, 6, "jax", kerashub("float32", 16)),
    "keras-torch": (
        "KerasHub, torch, bfloat16, batch 16",
        16,
        8,
        "torch",
        kerashub("bfloat16", 16),
    ),
    "trl": ("TRL + PEFT, torch, bfloat16, batch 16", 16, 10, "torch", trl),
    "ours": ("getalwoord, torch, bfloat16, batch 16", 16, 30, "torch", ours),
}


def measure(name: str, pairs: Path) -> None:
    """Run one contender in this process and print what it took."""
    _, batch_size, steps, _, run = CONTENDERS[name]
    records = [json.loads(line) for line in pairs.read_text(encoding="utf-8").splitlines()]
    seconds = run(records, steps + UNCOUNTED).seconds_per_step()
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
    print(json.dumps({"examples_per_second": batch_size / seconds, "peak": peak}))


def main() -> None:
    """Take the contenders in turn, and write the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--contender", choices=CONTENDERS)
    parser.add_argument("--pairs", type=Path)
    arguments = parser.parse_args()
    if arguments.contender:
        measure(arguments.contender, arguments.pairs)
        return
    from getalwoord.data.parts import draw_parts, write_parts

    parts = draw_parts(
        count=599,
        minimum=1,
        maximum=999,
        sampling="uniform",
        replacement=False,
        validation=100,
        test=300,
        seed=0,
    )
    found: dict[str, list[dict[str, float]]] = {name: [] for name in CONTENDERS}
    with tempfile.TemporaryDirectory() as scratch:
        write_parts(Path(scratch), parts)
        folder = str(base_folder())
        for round_number in range(arguments.rounds):
            for name, (_, _, _, backend, _) in CONTENDERS.items():
                environment = os.environ | {
                    "KERAS_BACKEND": backend,
                    "BASE_FOLDER": folder,
                    "HF_HUB_OFFLINE": "1",
                }
                command = [sys.executable, __file__, "--contender", name]
                done = subprocess.run(
                    [*command, "--pairs", f"{scratch}/train.jsonl"],
                    env=environment,
                    capture_output=True,
                    text=True,
                )
                if done.returncode:
                    sys.exit(f"{name} failed:\n{done.stderr[-3000:]}")
                found[name].append(json.loads(done.stdout.splitlines()[-1]))
                print(round_number + 1, name, found[name][-1], flush=True)
    write_section("training", table(found, arguments.rounds))


def table(found: dict[str, list[dict[str, float]]], rounds: int) -> str:
    """Write the section: medians, ranges and ratios to ours."""
    speeds = {name: [run["examples_per_second"] for run in runs] for name, runs in found.items()}
    lines = [
        "## Training speed",
        "",
        provenance(
            f"python benchmarks/training.py --rounds {rounds}",
            ["getalwoord", "keras", "keras-hub", "torch", "jax", "transformers", "peft", "trl"],
        ),
        "",
        f"Gemma 3 270M, rank 4, numerals 1–999. {rounds} rounds, all contenders in turn in each, "
        "each in a new process; median (lowest–highest). Times do not include loading and "
        f"the first {UNCOUNTED} steps, where JAX compiles. The ratio is the median of the ratios "
        "within a round. KerasHub adapts query and value as in the post; TRL and getalwoord adapt "
        "all seven projections.",
        "",
        "| contender | examples/s | getalwoord is faster by | peak memory, MB |",
        "| --- | ---: | ---: | ---: |",
    ]
    for name, (what, *_) in CONTENDERS.items():
        ratios = [mine / theirs for mine, theirs in zip(speeds["ours"], speeds[name], strict=True)]
        peak = max(run["peak"] for run in found[name]) / 1e6
        lines.append(
            f"| {what} | {statistics.median(speeds[name]):.1f} "
            f"({min(speeds[name]):.1f}–{max(speeds[name]):.1f}) | "
            f"{statistics.median(ratios):.1f} × | {peak:,.0f} |"
        )
    return "\n".join(lines)


if __name__ == "__main__":
    main()
