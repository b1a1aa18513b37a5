"""How long does a step of a larger Gemma take, and how much memory?

Full-size architectures with random weights, which compute as slowly as real ones, each in a
`getalwoord train` of its own, and in the contenders of `training.py` that keep weights in bfloat16.
They borrow the vocabulary of the embedded base, so Gemma 2's embedding is two per cent larger than
its own.

    python benchmarks/larger.py [--only NAME…] [--steps 2]
"""

import argparse
import json
import shutil
import tempfile
from pathlib import Path
from typing import Any

from contenders import CONTENDERS, base_folder
from results import provenance, write_section
from runs import trained_by
from training import fastest_dtype, in_new_process

from getalwoord.models.families import tensor_shapes
from getalwoord.numerals import spell
from getalwoord.recipe import Recipe

BATCH = 16
SHARED = {
    "vocab_size": 262_144,
    "head_dim": 256,
    "rms_norm_eps": 1e-6,
    "hidden_activation": "gelu_pytorch_tanh",
    "max_position_embeddings": 8192,
}
ARCHITECTURES: dict[str, dict[str, Any]] = {
    "gemma3_1b": SHARED
    | {"model_type": "gemma3_text", "architectures": ["Gemma3ForCausalLM"]}
    | {"hidden_size": 1152, "intermediate_size": 6912}
    | {"num_hidden_layers": 26, "num_attention_heads": 4, "num_key_value_heads": 1}
    | {"sliding_window": 512, "query_pre_attn_scalar": 256},
    "gemma2_2b": SHARED
    | {"model_type": "gemma2", "architectures": ["Gemma2ForCausalLM"]}
    | {"hidden_size": 2304, "intermediate_size": 9216}
    | {"num_hidden_layers": 26, "num_attention_heads": 8, "num_key_value_heads": 4}
    | {"sliding_window": 4096, "query_pre_attn_scalar": 256}
    | {"attn_logit_softcapping": 50.0, "final_logit_softcapping": 30.0},
}
KEPT: dict[str, str | None] = {"bfloat16": None, "int8": "int8", "int4": "int4"}
OTHERS = ("keras-torch", "trl")
SETTINGS = [f"{name}, {setting}" for name in ARCHITECTURES for setting in (*KEPT, *OTHERS)]


def main() -> None:
    """Make the weights, train some steps on each, and write the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--only", choices=SETTINGS, nargs="+", default=SETTINGS)
    parser.add_argument("--steps", type=int, default=2)
    arguments = parser.parse_args()
    rows = [
        "## Larger models",
        "",
        provenance(
            f"python benchmarks/larger.py --steps {arguments.steps}",
            ["getalwoord", "keras", "keras-hub", "torch", "transformers", "peft", "trl"],
        ),
        "",
        f"Full-size architectures with random weights, by the default recipe at batch {BATCH}, "
        f"{arguments.steps} steps, each in a process of its own. Peak memory is that of the whole "
        "process, mapped weights counted in. KerasHub adapts query and value and pads to 27 "
        "tokens, as in the post; its first four steps and those of TRL are not counted.",
        "",
        "| architecture | program, weights kept in | weights, MB | seconds a step "
        "| peak memory, MB | estimated, MB |",
        "| --- | --- | ---: | ---: | ---: | ---: |",
    ]
    for name, config in ARCHITECTURES.items():
        wanted = [one for one in (*KEPT, *OTHERS) if f"{name}, {one}" in arguments.only]
        if not wanted:
            continue
        with tempfile.TemporaryDirectory() as scratch:
            folder = Path(scratch)
            write_random(config, folder)
            for one in wanted:
                row = ours if one in KEPT else theirs
                rows.append(f"| {name} | {row(folder, one, arguments.steps)} |")
                print(rows[-1], flush=True)
    if arguments.only == SETTINGS:
        write_section("larger", "\n".join(rows))


def write_random(config: dict[str, Any], folder: Path) -> None:
    """Write a Hugging Face folder of random weights, a file for each tensor."""
    import torch
    from safetensors.torch import save_file

    drawn = torch.randn(1 << 20, generator=torch.Generator().manual_seed(0)).bfloat16()
    files = {}
    for number, (name, shape) in enumerate(tensor_shapes(config).items()):
        size = torch.Size(shape).numel()
        if name.endswith("norm.weight"):
            values = torch.zeros(shape, dtype=torch.bfloat16)
        else:  # as large as keeps a product as large as what goes in
            values = (drawn / shape[-1] ** 0.5).repeat(size // len(drawn) + 1)[:size].view(shape)
        files[name] = f"{number:04d}.safetensors"
        save_file({name: values.contiguous()}, folder / files[name])
    index = {"metadata": {}, "weight_map": files}
    (folder / "model.safetensors.index.json").write_text(json.dumps(index), encoding="utf-8")
    (folder / "config.json").write_text(json.dumps(config), encoding="utf-8")
    shutil.copy(base_folder() / "tokenizer.model", folder)


def ours(folder: Path, kept: str, steps: int) -> str:
    """Train for some steps in a new process, and give the cells of its row."""
    recipe = Recipe.load("default").but(
        "larger.py",
        **{"base": str(folder), "quantize": KEPT[kept], "batch_size": BATCH, "epochs": 1},
        **{"count": steps * BATCH, "validation": 0, "test": 2},
    )
    result = trained_by(recipe)
    return (
        f"getalwoord, {kept} | {result['weight_bytes'] / 1e6:,.0f} | "
        f"{BATCH / result['examples_per_second']:.1f} | "
        f"{result['peak_memory_bytes'] / 1e6:,.0f} | "
        f"{result['estimated_memory_bytes'] / 1e6:,.0f}"
    )


def theirs(folder: Path, contender: str, steps: int) -> str:
    """Let a contender train for some steps, and give the cells of its row."""
    pairs = folder / "pairs.jsonl"
    lines = [json.dumps({"instruction": spell(n), "response": str(n)}) for n in range(100, 900)]
    pairs.write_text("\n".join(lines) + "\n", encoding="utf-8")
    label, *_, backend, _ = CONTENDERS[contender]
    options = ["--contender", contender, "--pairs", str(pairs), "--steps", str(steps)]
    result = in_new_process(options, backend, str(folder))
    seconds = BATCH / result["examples_per_second"]
    label = f"{label.rsplit(',', 1)[0]}, {fastest_dtype()}"
    return f"{label} | – | {seconds:.1f} | {result['peak'] / 1e6:,.0f} | –"


if __name__ == "__main__":
    main()
