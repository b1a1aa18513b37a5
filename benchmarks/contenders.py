"""Who is compared in `training.py`, and how each is run.

Everything heavy is imported inside the functions: each runs in a process of its own, with a backend
of its own. What the environment says of BASE_FOLDER and DTYPE is for all that compute on torch; to
import getalwoord in the processes of others would hide TensorFlow from them.
"""

import math
import os
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

EXACT_MATCH = 0.99
SEEDS = range(5)
UNCOUNTED = 4  # steps at the start of each process
OURS = 10  # examples in a batch of the recipe `default`
POST_TEMPLATE = "Instruction:\n{instruction}\n\nResponse:\n{response}"


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


def kerashub(
    dtype: str | None, batch_size: int
) -> Callable[[Sequence[dict[str, str]], int], Clock]:
    """The post's program: KerasHub's own LoRA, loss over all 27 positions, `fit`."""

    def run(pairs: Sequence[dict[str, str]], steps: int) -> Clock:
        import keras
        import keras_hub

        policy = dtype or os.environ["DTYPE"]
        keras.config.set_dtype_policy(policy)
        model = keras_hub.models.CausalLM.from_preset(os.environ["BASE_FOLDER"], dtype=policy)
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
        before, _, after = POST_TEMPLATE.partition("{response}")
        chosen = [pairs[number % len(pairs)] for number in range(steps * batch_size)]
        prompts = [before.replace("{instruction}", pair["instruction"]) for pair in chosen]
        responses = [pair["response"] + after for pair in chosen]
        data: object = {"prompts": prompts, "responses": responses}
        if not isinstance(model, keras_hub.models.Gemma3CausalLM):  # others take them in one
            data = ["".join(pair) for pair in zip(prompts, responses, strict=True)]
        model.fit(data, epochs=1, batch_size=batch_size, callbacks=[ticking], verbose=0)
        return clock

    return run


def trl(pairs: Sequence[dict[str, str]], steps: int) -> Clock:
    """TRL's SFTTrainer with PEFT on all linear layers, prompt and completion."""
    import torch
    from datasets import Dataset
    from peft import LoraConfig
    from transformers import AutoModelForCausalLM, GemmaTokenizer, TrainerCallback
    from trl import SFTConfig, SFTTrainer

    from getalwoord.recipe import Recipe

    folder, dtype = os.environ["BASE_FOLDER"], os.environ["DTYPE"]
    tokenizer = GemmaTokenizer.from_pretrained(folder)
    model = AutoModelForCausalLM.from_pretrained(folder, dtype=getattr(torch, dtype))
    before, _, _ = Recipe.load("default").template.partition("{response}")
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
                bf16=dtype == "bfloat16",
                use_cpu=True,
                save_strategy="no",
                report_to=[],
                disable_tqdm=True,
            ),
            callbacks=[Ticking()],
        ).train()
    return clock


def ours(pairs: Sequence[dict[str, str]], steps: int) -> Clock:
    """`getalwoord train` by its default recipe, at the recipe's own batch size."""
    from getalwoord.data.examples import Example
    from getalwoord.recipe import Recipe

    batch_size = Recipe.load("default").batch_size
    if batch_size != OURS:
        sys.exit(f"the recipe default has batches of {batch_size}, not of {OURS}")
    clock = Clock()
    train_by_default(
        [Example(pair["instruction"], pair["response"]) for pair in pairs],
        batch_size=batch_size,
        steps=steps,
        on_step=lambda _: clock.tick(),
    )
    return clock


def train_by_default(
    examples: Sequence[Any], *, batch_size: int, steps: int, on_step: Callable[[Any], None]
) -> tuple[Any, dict[Any, Any], list[Any]]:
    """Train by the default recipe, but for the batch size and the epochs.

    Args:
        examples: Seen once in each epoch, but for those that would leave a batch unfilled.
        batch_size: Examples in a batch.
        steps: How many there are at least; the last epoch is seen to its end.
        on_step: Told of every step.

    Returns:
        The base, its adapted projections, and the batches of examples as tokens.
    """
    from getalwoord import Recipe
    from getalwoord.models.answer_model import answer_model
    from getalwoord.models.bases import load_base
    from getalwoord.models.device import choose_dtype
    from getalwoord.models.low_rank import attach_for
    from getalwoord.training.batches import Batches, encode
    from getalwoord.training.loop import fit

    per_epoch = len(examples) // batch_size
    epochs = math.ceil(steps / per_epoch)
    recipe = Recipe.load("default").but("benchmark", batch_size=batch_size, epochs=epochs)
    base = load_base(recipe.base, dtype=choose_dtype().value, narrow=True)
    projections = attach_for(base.backbone, recipe)
    encoded = encode(
        examples[: per_epoch * batch_size],
        base.tokenizer,
        template=recipe.template,
        sequence_length=recipe.sequence_length,
    )
    with tempfile.TemporaryDirectory() as scratch:
        fit(
            answer_model(base.backbone),
            encoded,
            [],
            recipe,
            folder=Path(scratch),
            on_step=on_step,
        )
    chosen = []
    for epoch in range(epochs):
        batches = Batches(encoded, batch_size=batch_size, seed=recipe.seed, epoch=epoch)
        chosen += [[encoded[n] for n in batches.numbers(index)] for index in range(len(batches))]
    return base, projections, chosen


def until_exact_match() -> dict[str, Any]:
    """Fine-tune by the default recipe until it reads 99 % of 300 unseen numerals of 1–999.

    Returns:
        The training time in seconds and the examples seen: of the middle one of five seeds, and
        in ``all`` of each, from the soonest.
    """
    reached = sorted((_until_exact_match(seed) for seed in SEEDS), key=lambda run: run["seconds"])
    middle = reached[len(SEEDS) // 2]
    if middle["seconds"] == math.inf:
        sys.exit(f"three of five seeds did not read {EXACT_MATCH:.0%} of the unseen numerals")
    return middle | {"all": reached}


def _until_exact_match(seed: int) -> dict[str, float]:
    from getalwoord import Recipe, finetune
    from getalwoord.training.watch import Step

    recipe = Recipe.load("default").but(
        "benchmark",
        seed=seed,
        validation=300,
        test=50,
        validations_per_epoch=4,
        stop_at_exact_match=EXACT_MATCH,
    )
    steps: list[Step] = []

    def note(event: object) -> None:
        if isinstance(event, Step):
            steps.append(event)

    with tempfile.TemporaryDirectory() as scratch:
        result = finetune(recipe, scratch, on_event=note)
    last = steps[-1]
    seconds = last.seconds if (last.validation_exact_match or 0) >= EXACT_MATCH else math.inf
    run = {"seconds": seconds, "examples": result.summary["examples_seen"]}
    print(seed, run, file=sys.stderr)
    return run


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
        "KerasHub, torch, batch 16",
        16,
        8,
        "torch",
        kerashub(None, 16),
    ),
    "trl": ("TRL + PEFT, torch, batch 16", 16, 10, "torch", trl),
    "ours": (f"getalwoord, torch, batch {OURS}", OURS, 146, "torch", ours),
}
