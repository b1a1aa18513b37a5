"""An adapter, or its base with the adapter merged, as a folder for other tools."""

import tempfile
from dataclasses import dataclass
from pathlib import Path

from getalwoord.adapter import DETAILS, Adapter
from getalwoord.errors import InputError
from getalwoord.exchange.card import known_as, model_card, notice
from getalwoord.files import sha256_of, writing_folder
from getalwoord.models.bases import Base, load_base
from getalwoord.reading.decode import MAX_NEW_TOKENS

_CARD, _NOTICE = "README.md", "NOTICE"
_NAME = "getalwoord"


@dataclass(frozen=True, slots=True)
class Written:
    """A file of an export."""

    path: Path
    bytes: int
    sha256: str


def export(
    source: Path,
    out: Path,
    *,
    to: str,
    base: str | None = None,
    base_name: str | None = None,
    dtype: str = "bfloat16",
    quantisation: str = "bf16",
    overwrite: bool = False,
) -> list[Written]:
    """Write an adapter for other tools, with a model card and Gemma's terms.

    Args:
        source: The folder of a run.
        out: The folder to make. It appears when all of it is written.
        to: "peft" for the adapter alone; the merged model as "hf", a Hugging Face folder, "gguf",
            for llama.cpp and Ollama, or "keras", a KerasHub preset with the adapter as `.lora.h5`
            beside it.
        base: Another name for the adapter's base, if it is not where it was.
        base_name: What others call the base, for the card and PEFT's configuration.
        dtype: Of the weights for "hf" and "keras": "bfloat16" or "float32". The adapter is merged
            in float32 and rounded once.
        quantisation: For "gguf": "f32"; or "bf16", "q8_0" or "q4_k_m", which go by way of bfloat16.
        overwrite: Replace an export that is in `out`.

    Returns:
        All files, in order of their names.

    Raises:
        InputError: The adapter, its base or `out` cannot be used, or the format cannot hold this
            model; the message says why.
    """
    adapter = Adapter.load(source)
    if out.resolve() == source.resolve():
        raise InputError(f"{out} is the adapter itself: give another folder with --out")
    name = base_name or known_as(adapter.recipe.base)
    ours = (_CARD, _NOTICE, DETAILS)
    replacing, advice = ours if overwrite else (), "use --overwrite, or give another --out"
    with writing_folder(out, replacing=replacing, advice=advice) as folder:
        of_format: dict[str, object] = {}
        if to == "peft":
            adapter.save(folder, base_name=name)
            changed = (
                "the weights in this folder are a low-rank update, trained by getalwoord, that is "
                "added to Google's."
            )
        else:
            if to == "gguf":
                dtype = "float32" if quantisation == "f32" else "bfloat16"
            weights = load_base(base or adapter.recipe.base, dtype=dtype)
            adapter.apply(weights)
            stored = quantisation if to == "gguf" else dtype
            changed = (
                "a low-rank update, trained by getalwoord, was added to the projections of every "
                f"block, and all weights were stored anew ({stored})."
            )
            if adapter.recipe.quantize:
                changed += (
                    f" The update was trained on weights in {adapter.recipe.quantize}, and added "
                    "to those that these were made of: answers may differ a little."
                )
            of_format = _write_merged(weights, adapter, folder, to, dtype, quantisation)
            adapter.save_details(folder)
        card = model_card(adapter, to, base_name=name, changed=changed, **of_format)
        (folder / _CARD).write_text(card, encoding="utf-8")
        (folder / _NOTICE).write_text(notice(changed), encoding="utf-8")
    return [
        Written(path, path.stat().st_size, sha256_of(path))
        for path in sorted(out.rglob("*"))
        if path.is_file()
    ]


def _write_merged(
    base: Base, adapter: Adapter, folder: Path, to: str, dtype: str, quantisation: str
) -> dict[str, object]:
    """Write a base with its adapter merged; gives what the card says of it."""
    from getalwoord.exchange.huggingface import write_huggingface

    template = adapter.recipe.template
    if to == "hf":
        write_huggingface(base, folder, template=template, max_new_tokens=MAX_NEW_TOKENS)
        return {}
    if to == "gguf":
        from getalwoord.exchange.gguf import write_gguf

        path = write_gguf(
            base,
            folder,
            quantisation=quantisation,
            name=_NAME,
            template=template,
            max_new_tokens=MAX_NEW_TOKENS,
        )
        return {"file": path.name}
    from getalwoord.exchange.keras import write_keras

    with tempfile.TemporaryDirectory(dir=folder.parent) as scratch:
        merged = Path(scratch)
        write_huggingface(base, merged, template=template, max_new_tokens=MAX_NEW_TOKENS)
        layers, rank = write_keras(merged, adapter, folder, dtype=dtype)
    return {"layers": layers, "rank": rank}
