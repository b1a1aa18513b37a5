"""Programs that answer prompts with an export, each without getalwoord, in a process of its own.

``python witnesses.py NAME`` reads {"path": …, "prompts": […], "tokens": N} from standard input, and
more where a program says so, and prints one line of JSON.
"""

import json
import sys
from concurrent.futures import ThreadPoolExecutor

_BATCH = 100


def transformers_and_peft(asked):
    """The adapter on its base, which `base` names."""
    import torch
    from peft import PeftModel
    from transformers import AutoModelForCausalLM

    model = AutoModelForCausalLM.from_pretrained(asked["base"], dtype=torch.float32)
    return _generated(PeftModel.from_pretrained(model, asked["path"]), asked)


def transformers(asked):
    """The merged model, by its own tokenizer and generation settings."""
    import torch
    from transformers import AutoModelForCausalLM

    return _generated(
        AutoModelForCausalLM.from_pretrained(asked["path"], dtype=torch.float32), asked
    )


def _generated(model, asked):
    from transformers import AutoTokenizer

    tokenizer = AutoTokenizer.from_pretrained(asked["tokenizer"])
    prompts, answers = asked["prompts"], {}
    order = sorted(range(len(prompts)), key=lambda number: len(prompts[number]))
    for start in range(0, len(order), _BATCH):
        part = order[start : start + _BATCH]
        batch = tokenizer([prompts[n] for n in part], return_tensors="pt", padding=True)
        out = model.generate(
            **batch, do_sample=False, max_new_tokens=asked["tokens"], eos_token_id=1, pad_token_id=0
        )
        said = tokenizer.batch_decode(
            out[:, batch["input_ids"].shape[1] :], skip_special_tokens=True
        )
        answers |= zip(part, said, strict=True)
    return [answers[number] for number in range(len(prompts))]


def keras_hub(asked):
    """The preset, by teacher forcing: what it would say next in each place of the `answers`.

    Greedy decoding gives an answer exactly when each of its tokens is the most probable one after
    those before it; `generate` answers four a second, and is asked for a few prompts only.
    """
    import numpy as np
    import torch
    from keras_hub.models import CausalLM

    model = CausalLM.from_preset(asked["path"], dtype="float32")
    tokenizer = model.preprocessor.tokenizer
    model.compile(sampler="greedy")
    few = asked["prompts"][: asked["few"]]
    texts = [model.generate(one, max_length=40).removeprefix(one) for one in few]
    said = []
    for start in range(0, len(asked["prompts"]), _BATCH):
        rows = [
            ([2, *np.asarray(tokenizer(prompt)).tolist()], answer)
            for prompt, answer in zip(
                asked["prompts"][start : start + _BATCH],
                asked["answers"][start : start + _BATCH],
                strict=True,
            )
        ]
        longest = max(len(prompt) + len(answer) for prompt, answer in rows)
        ids, mask = np.zeros((2, len(rows), longest), "int32")
        for row, (prompt, answer) in enumerate(rows):
            ids[row, : len(prompt) + len(answer)] = [*prompt, *answer]
            mask[row, : len(prompt) + len(answer)] = 1
        with torch.no_grad():
            hidden = model.backbone({"token_ids": ids, "padding_mask": mask})
            for row, (prompt, answer) in enumerate(rows):
                places = hidden[row, len(prompt) - 1 : len(prompt) - 1 + len(answer)]
                logits = model.backbone.token_embedding(places[None], reverse=True)[0]
                said.append(logits.argmax(dim=-1).tolist())
    return {"texts": texts, "tokens": said}


def keras_hub_generate(asked):
    """The preset, by its own `generate`."""
    from keras_hub.models import CausalLM

    model = CausalLM.from_preset(asked["path"], dtype="float32")
    model.compile(sampler="greedy")
    answers = []
    for start in range(0, len(asked["prompts"]), _BATCH):
        batch = asked["prompts"][start : start + _BATCH]
        texts = model.generate(batch, max_length=asked["longest"] + asked["tokens"])
        answers += [text.removeprefix(one) for text, one in zip(texts, batch, strict=True)]
    return answers


def llama_cpp(asked):
    """The GGUF file, many prompts at once."""
    import os

    import xllamacpp

    at_once = 32
    parameters = xllamacpp.CommonParams()
    parameters.model.path = asked["path"]
    parameters.n_parallel, parameters.n_ctx, parameters.warmup = at_once, 64 * at_once, False
    threads = int(os.environ.get("OMP_NUM_THREADS") or os.cpu_count() or 1)
    parameters.cpuparams.n_threads = parameters.cpuparams_batch.n_threads = threads
    parameters.verbosity = -1
    server = xllamacpp.Server(parameters)

    def one(prompt):
        said = server.handle_completions(
            {
                "prompt": prompt,
                "n_predict": asked["tokens"],
                "temperature": 0.0,
                "cache_prompt": False,
            }
        )
        said = json.loads(said) if isinstance(said, str) else said
        return said["choices"][0]["text"]

    with ThreadPoolExecutor(at_once) as pool:
        return list(pool.map(one, asked["prompts"]))


if __name__ == "__main__":
    answered = globals()[sys.argv[1]](json.load(sys.stdin))
    sys.stdout.write("SAID " + json.dumps(answered) + "\n")
