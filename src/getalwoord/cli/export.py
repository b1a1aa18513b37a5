"""`getalwoord export` and `getalwoord import`: adapters for other tools, and from them."""

import json
import shlex
from pathlib import Path
from typing import Annotated, Literal

import typer

from getalwoord.errors import InputError


def export(
    adapter: Annotated[Path, typer.Argument(metavar="DIR", help="Folder of a run of `train`.")],
    to: Annotated[
        Literal["peft", "hf", "gguf", "keras"],
        typer.Option(help="peft: the adapter; hf, gguf, keras: the model with it merged."),
    ],
    out: Annotated[Path, typer.Option(help="Folder to make.", metavar="OUT")],
    base: Annotated[
        str | None, typer.Option(help="The adapter's base, if it has moved.", metavar="NAME")
    ] = None,
    base_name: Annotated[
        str | None,
        typer.Option(help="What others call the base: owner/name on a hub.", metavar="NAME"),
    ] = None,
    dtype: Annotated[
        Literal["bfloat16", "float32"] | None,
        typer.Option(help="Of the weights, for hf and keras; else bfloat16."),
    ] = None,
    quantize: Annotated[
        Literal["f32", "bf16", "q8_0", "q4_k_m"] | None,
        typer.Option(help="Of the weights, for gguf; else bf16."),
    ] = None,
    overwrite: Annotated[
        bool, typer.Option("--overwrite", help="Replace an export that is in OUT.")
    ] = False,
    as_json: Annotated[
        bool, typer.Option("--json", help="Print paths, bytes and SHA-256 as JSON.")
    ] = False,
) -> None:
    """Write an adapter, or its base with the adapter merged, for other tools.

    Each folder has a model card and Gemma's terms, and appears when all of it is written.

    Example: getalwoord export runs/default --to gguf --quantize q8_0 --out exports/gguf
    """
    if dtype is not None and to not in ("hf", "keras"):
        raise InputError(f"--dtype is for hf and keras, not for {to}")
    if quantize is not None and to != "gguf":
        raise InputError(f"--quantize is for gguf, not for {to}")
    from getalwoord.exchange.export import export

    written = export(
        adapter,
        out,
        to=to,
        base=base,
        base_name=base_name,
        dtype=dtype or "bfloat16",
        quantisation=quantize or "bf16",
        overwrite=overwrite,
    )
    if as_json:
        files = [
            {"path": str(file.path), "bytes": file.bytes, "sha256": file.sha256} for file in written
        ]
        print(json.dumps({"to": to, "out": str(out), "files": files}))
        return
    for file in written:
        print(f"{file.bytes:>13,}  {file.path}")
    print("Gemma's terms of use (ai.google.dev/gemma/terms) hold for these files; see NOTICE.")


def import_adapter(
    source: Annotated[
        Path,
        typer.Argument(
            metavar="FROM", help="Folder of a PEFT adapter, or a .lora.h5 file of KerasHub."
        ),
    ],
    base: Annotated[str, typer.Option(help="What it was trained on.", metavar="NAME")],
    template: Annotated[
        str,
        typer.Option(
            help="How it was asked, such as '{instruction} = {response}'.", metavar="TEXT"
        ),
    ],
    out: Annotated[Path, typer.Option(help="Folder to make.", metavar="DIR")],
    as_json: Annotated[bool, typer.Option("--json", help="Print what it is as JSON.")] = False,
) -> None:
    """Take in an adapter that was trained elsewhere: then read, eval and train go on from it.

    Example: getalwoord import peft_adapter --base gemma3_270m --template "{instruction}:{response}"
    --out runs/theirs
    """
    from getalwoord.exchange.taking_in import import_adapter

    adapter = import_adapter(source, out, base=base, template=template)
    recipe = adapter.recipe
    if as_json:
        shape = {"rank": recipe.rank, "alpha": recipe.alpha, "modules": recipe.target_modules}
        print(json.dumps({"out": str(out), **shape, "projections": len(adapter.matrices)}))
        return
    print(
        f"{out}: {len(adapter.matrices)} projections at rank {recipe.rank} "
        f"({', '.join(recipe.target_modules)}). Try it: getalwoord read --adapter "
        f"{shlex.quote(str(out))} drie"
    )
