"""The README of an export: a model card as hubs read it, with all that its users must know."""

import json
import textwrap
from importlib.metadata import version

from getalwoord.adapter import Adapter
from getalwoord.exchange.prompts import around_instruction
from getalwoord.models.bases import EMBEDDED
from getalwoord.reading.decode import MAX_NEW_TOKENS

_FENCE = "```"
_DERIVATIVE = (
    "These files are a Model Derivative under those terms: whoever passes them on passes the terms "
    "on with them."
)
_LIBRARIES = {"peft": "peft", "hf": "transformers", "gguf": "gguf", "keras": "keras-hub"}
# The same weights elsewhere, before they were quantised.
_ELSEWHERE = {EMBEDDED: "google/gemma-3-270m"}


def known_as(base: str) -> str:
    """Give the name by which other tools load a base, as far as it is known.

    >>> known_as("hf://google/gemma-2-2b")
    'google/gemma-2-2b'
    """
    return _ELSEWHERE.get(base, base.removeprefix("hf://"))


def model_card(
    adapter: Adapter, to: str, *, base_name: str, changed: str, **of_format: object
) -> str:
    """Write the card of an export, as Markdown with a YAML header.

    Args:
        adapter: What was exported.
        to: "peft", "hf", "gguf" or "keras".
        base_name: What the base is called where others get it.
        changed: How the files differ from Google's, as a sentence.
        of_format: For `gguf`, `file` is the name of the GGUF; for `keras`, `layers` and `rank` are
            what `enable_lora` takes.
    """
    recipe = adapter.recipe
    before, after = around_instruction(recipe.template)
    prompt = f"{before}vierhonderddrieëntachtig{after}"
    use = _USES[to].format(
        fence=_FENCE, prompt=prompt, base=base_name, most=MAX_NEW_TOKENS, **of_format
    )
    hub_name = f"base_model: {base_name}\n" if base_name.count("/") == 1 else ""
    return f"""\
---
{hub_name}library_name: {_LIBRARIES[to]}
license: gemma
language: nl
pipeline_tag: text-generation
tags:
  - gemma
  - lora
  - numerals
  - inverse-text-normalization
---

# Dutch numerals in words to figures

A Gemma, fine-tuned by low-rank adaptation to give the value of a Dutch numeral in figures:
*vierhonderddrieëntachtig* → 483. Made by getalwoord {version("getalwoord")}.

## Use

It answers one prompt only, exactly as it was trained on, blanks included:

{_FENCE}python
{prompt!r}
{_FENCE}

The beginning of sequence stands before it; the answer is what greedy decoding gives up to the end
of sequence, without blanks around it. The chat template, where there is one, makes this prompt of
the last message.

{use}
## Base

{_base(adapter, base_name)}

## Data and recipe

{_data(adapter)}

{_FENCE}toml
{_settings(adapter)}
{_FENCE}

## Scores

{_scores(adapter)}

## Limits

{_limits(adapter)}

## Licence

{_licence(changed)}
"""


def notice(changed: str) -> str:
    """Write Gemma's notice for an export.

    Args:
        changed: How the files differ from Google's, as a sentence.
    """
    return f"""\
Gemma is provided under and subject to the Gemma Terms of Use found at ai.google.dev/gemma/terms

{_filled(_DERIVATIVE + " They were modified: " + changed)}
"""


def _filled(text: str) -> str:
    return textwrap.fill(text, 100, break_long_words=False, break_on_hyphens=False)


def _licence(changed: str) -> str:
    return _filled(
        "Gemma is provided under and subject to the Gemma Terms of Use found at "
        "[ai.google.dev/gemma/terms](https://ai.google.dev/gemma/terms). "
        f"{_DERIVATIVE} **They were modified**: {changed}"
    )


def _base(adapter: Adapter, base_name: str) -> str:
    text = f"`{base_name}`, SHA-256 of its files `{adapter.base_sha256}`."
    if adapter.recipe.base == EMBEDDED:
        text += (
            " They are its weights in the quantisation Q4_K_M, made bfloat16 again. The adapter "
            "was trained and measured on these, and not on the weights before quantisation."
        )
    return _filled(text)


def _data(adapter: Adapter) -> str:
    scores = adapter.scores
    if "training_pairs" not in scores:
        return "The adapter was trained elsewhere; on what is not known here. Its shape and prompt:"
    return _filled(
        f"{scores['training_pairs']:,} pairs of a Dutch numeral in words and its value, "
        f"{scores['examples_seen']:,} examples seen. The recipe draws them, unless a file was "
        "given; no value of a kind that it was measured on was among them."
    )


def _settings(adapter: Adapter) -> str:
    """Give the recipe; of an adapter that was trained elsewhere what there is of it."""
    settings = adapter.recipe.model_dump(
        mode="json", exclude={"base", "start_from"}, exclude_none=True
    )
    if "training_pairs" not in adapter.scores:
        known = ("rank", "alpha", "target_modules", "template")
        settings = {name: value for name, value in settings.items() if name in known}
    return "\n".join(
        f"{name} = {json.dumps(value, ensure_ascii=False)}" for name, value in settings.items()
    )


def _limits(adapter: Adapter) -> str:
    recipe = adapter.recipe
    known = "What it was not trained on it"
    if "training_pairs" in adapter.scores:
        kinds = "cardinals" if recipe.kinds == ("cardinal",) else ", ".join(recipe.kinds)
        known = (
            f"What the recipe draws is {kinds} from {recipe.minimum:,} to {recipe.maximum:,}. "
            "What is beyond that, or beyond a file that was given instead, it"
        )
    return _filled(
        f"{known} cannot be relied on to know, and answers with a number all the same. An answer "
        "carries no proof; getalwoord itself checks each against the grammar of Dutch numerals."
    )


def _scores(adapter: Adapter) -> str:
    scores = adapter.scores
    if "em_after" not in scores:
        return "It was not measured by getalwoord."
    rows = [f"| all | {scores['em_before']:.1%} | {scores['em_after']:.1%} |"]
    rows += [f"| {name} | | {share:.1%} |" for name, share in scores["em_by_group"].items()]
    return "\n".join(
        (
            _filled(
                f"Exact match of the whole answer on {scores['test_examples']} unseen examples, by "
                "kind and by form, as it was trained: on its base, neither merged nor rounded."
            ),
            "",
            "| | before fine-tuning | after |",
            "|---|---:|---:|",
            *rows,
        )
    )


_USES = {
    "peft": """\
{fence}python
from peft import PeftModel
from transformers import AutoModelForCausalLM, AutoTokenizer

tokenizer = AutoTokenizer.from_pretrained("{base}")
model = PeftModel.from_pretrained(AutoModelForCausalLM.from_pretrained("{base}"), "this/folder")
asked = tokenizer({prompt!r}, return_tensors="pt")
answer = model.generate(**asked, do_sample=False, max_new_tokens={most})
answer = answer[0, asked["input_ids"].shape[1] :]
print(tokenizer.decode(answer, skip_special_tokens=True).strip())
{fence}
""",
    "hf": """\
{fence}python
from transformers import AutoModelForCausalLM, AutoTokenizer

tokenizer = AutoTokenizer.from_pretrained("this/folder")
model = AutoModelForCausalLM.from_pretrained("this/folder")
asked = tokenizer({prompt!r}, return_tensors="pt")
answer = model.generate(**asked)[0, asked["input_ids"].shape[1] :]
print(tokenizer.decode(answer, skip_special_tokens=True).strip())
{fence}
""",
    "gguf": """\
{fence}sh
llama-cli -m {file} -no-cnv --temp 0 -n {most} -p {prompt!r}
ollama create getalwoord -f Modelfile && ollama run getalwoord vierhonderddrieëntachtig
{fence}
""",
    "keras": """\
{fence}python
import keras_hub

model = keras_hub.models.CausalLM.from_preset("this/folder")
model.compile(sampler="greedy")
print(model.generate({prompt!r}, max_length=64))
{fence}

`adapter.lora.h5` is the adapter alone, for the base without it. Such a file does not say which
layers it is for, and KerasHub adapts queries and values only unless it is told, and would pass over
the rest without a word. So enable just these first:

{fence}python
base = keras_hub.models.CausalLM.from_preset("the/base")
base.backbone.enable_lora({rank}, target_layer_names={layers})
base.backbone.load_lora_weights("this/folder/adapter.lora.h5")
{fence}
""",
}
