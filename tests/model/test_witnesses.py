"""Every export gives the greedy answers on 500 unseen numerals that it gives here.

The same weights are compared with each other: the adapter on its base in float32, with PEFT; the
merged weights in bfloat16, computed with in float32, with transformers and KerasHub. llama.cpp
computes in bfloat16, or eight bits, itself.

Where two answers part, both tokens must be about as probable here: then it is a tie that rounding
decides, and not another model. The bound is on the difference of their logits, which are of some
tens: 0.001 where all compute in float32, 0.5 where activations are rounded to bfloat16 (llama.cpp),
1 where they and the weights have eight bits. The adapter has learnt for a minute only and is
seldom sure; benchmarks/witnesses.py asks one that is.
"""

import json
import os
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

from getalwoord.exchange.export import export
from getalwoord.exchange.gguf import _kinds, _names
from getalwoord.models.bases import EMBEDDED, _assemble_embedded, load_base
from getalwoord.models.decoder import Decoder
from getalwoord.models.gguf import GgufFile
from getalwoord.models.hub import read_json
from getalwoord.numerals import spell
from getalwoord.pipeline import finetune
from getalwoord.reading.decode import Answerer
from getalwoord.recipe import Recipe
from getalwoord.training.batches import prompt_of

pytestmark = [pytest.mark.model, pytest.mark.slow, pytest.mark.witness]

TOKENS = 8  # of an answer, at most


class Ours:
    """A model of ours: its answers, and how far apart two of its logits are."""

    def __init__(self, base, template):
        self.base, self.template = base, template
        self.decoder = Decoder(base.backbone)

    def answer(self, texts):
        answerer = Answerer(self.decoder, self.base.tokenizer, self.template, max_new_tokens=TOKENS)
        return [one.text for one in answerer.answer(texts)]

    def ids(self, answer):
        """Give the tokens of an answer with its end, which may be cut off."""
        return [*self.base.tokenizer.encode(answer), self.base.tokenizer.eos_id][:TOKENS]

    def apart(self, text, ours, theirs):
        """Tell by how much the first token in which two answers differ is preferred here."""
        ours, theirs = self.ids(ours), self.ids(theirs)
        place = next(n for n, (a, b) in enumerate(zip(ours, theirs, strict=False)) if a != b)
        tokenizer = self.base.tokenizer
        ids = [tokenizer.bos_id, *tokenizer.encode(prompt_of(text, self.template)), *ours[:place]]
        positions = np.arange(len(ids), dtype=np.int32)[None]
        cache = self.decoder.empty_cache(1, len(ids))
        hidden, _ = self.decoder.forward(
            np.array(ids, np.int32), positions, cache, 0, places=positions
        )
        logits = self.decoder.array(self.decoder.logits(hidden[:, -1]))[0]
        return float(logits[ours[place]] - logits[theirs[place]])


@pytest.fixture(scope="module")
def learnt(tmp_path_factory):
    """An adapter after a minute of training, exported, and numerals that it never saw."""
    root = tmp_path_factory.mktemp("witnesses")
    recipe = Recipe(
        count=480, maximum=999, validation=0, test=5, epochs=1, batch_size=6, learning_rate=3e-3,
        warmup=0.1, clip_norm=1.0, dtype="float32",
    )  # fmt: skip
    result = finetune(recipe, root / "run")
    seen = {int(example["response"]) for example in _lines(root / "run" / "train.jsonl")}
    numbers = [number for number in range(1, 1000) if number not in seen]
    draw = np.random.default_rng(0).permutation(len(numbers))[:500]
    texts = [spell(numbers[place]) for place in draw]
    assert len(texts) == 500
    export(root / "run", root / "hf", to="hf")
    return SimpleNamespace(
        root=root,
        run=root / "run",
        adapter=result.adapter,
        texts=texts,
        prompts=[prompt_of(text, recipe.template) for text in texts],
        template=recipe.template,
    )


def _lines(path):
    return [json.loads(line) for line in path.read_text().splitlines()]


@pytest.fixture(scope="module")
def merged(learnt):
    """The merged weights, rounded once to bfloat16, as we compute with them in float32."""
    ours = Ours(load_base(str(learnt.root / "hf"), dtype="float32"), learnt.template)
    answers = ours.answer(learnt.texts)
    assert len(set(answers)) > 30, "it has learnt nothing"
    return SimpleNamespace(ours=ours, answers=answers)


def witness(name, learnt, path, **more):
    """Ask a witness in a process of its own, without our source and settings."""
    asked = {"path": str(path), "prompts": learnt.prompts, "tokens": TOKENS, **more}
    done = subprocess.run(
        [sys.executable, Path(__file__).with_name("witnesses.py"), name],
        input=json.dumps(asked),
        env={**os.environ, "KERAS_BACKEND": "torch", "TF_CPP_MIN_LOG_LEVEL": "3"},
        capture_output=True,
        text=True,
    )
    line = next((one for one in done.stdout.splitlines() if one.startswith("SAID ")), None)
    assert line is not None, done.stderr[-3000:]
    return json.loads(line.removeprefix("SAID "))


def share_of_same(ours, texts, answers, theirs, bound):
    """Tell how many answers are the same, or part at two tokens that are as good as a tie."""
    pairs = zip(texts, answers, map(str.strip, theirs), strict=True)
    return np.mean(
        [mine == other or ours.apart(text, mine, other) < bound for text, mine, other in pairs]
    )


def test_transformers_and_peft_answer_the_same(learnt):
    export(learnt.run, learnt.root / "peft", to="peft")
    base = load_base(EMBEDDED, dtype="float32")
    learnt.adapter.apply(base)
    ours = Ours(base, learnt.template)

    said = witness(
        "transformers_and_peft",
        learnt,
        learnt.root / "peft",
        base=str(base.folder),
        tokenizer=str(learnt.root / "hf"),
    )

    answers = ours.answer(learnt.texts)
    assert share_of_same(ours, learnt.texts, answers, said, 1e-3) == 1


def test_transformers_alone_answers_the_same(learnt, merged):
    folder = learnt.root / "hf"

    said = witness("transformers", learnt, folder, tokenizer=str(folder))

    assert share_of_same(merged.ours, learnt.texts, merged.answers, said, 1e-3) == 1


def test_keras_hub_answers_the_same(learnt, merged):
    export(learnt.run, learnt.root / "keras", to="keras")
    ids = [merged.ours.ids(answer) for answer in merged.answers]

    said = witness("keras_hub", learnt, learnt.root / "keras", answers=ids, few=4)

    decode = merged.ours.base.tokenizer.decode
    theirs = [decode(_taken(mine, other)) for mine, other in zip(ids, said["tokens"], strict=True)]
    assert share_of_same(merged.ours, learnt.texts, merged.answers, theirs, 1e-3) == 1
    few = list(zip(said["texts"], merged.answers, strict=False))
    assert [text.strip() for text, answer in few] == [answer for text, answer in few]


def _taken(mine, predicted):
    """Give what greedy decoding gives as far as it goes along with ours, and one token more."""
    for place, (one, other) in enumerate(zip(mine, predicted, strict=True)):
        if one != other:
            return [*mine[:place], other]
    return mine


@pytest.fixture(scope="module")
def gguf_file(learnt):
    """Give a GGUF of the model by its quantisation."""
    pytest.importorskip("xllamacpp")

    def make(quantisation):
        folder = learnt.root / quantisation
        if not folder.exists():
            export(learnt.run, folder, to="gguf", quantisation=quantisation)
        return folder / f"getalwoord-{quantisation}.gguf"

    return make


def test_llama_cpp_answers_the_same_in_bfloat16(learnt, merged, gguf_file):
    said = witness("llama_cpp", learnt, gguf_file("bf16"))

    assert share_of_same(merged.ours, learnt.texts, merged.answers, said, 0.5) == 1


def test_llama_cpp_answers_nearly_the_same_in_eight_bits(learnt, merged, gguf_file):
    said = witness("llama_cpp", learnt, gguf_file("q8_0"))

    assert share_of_same(merged.ours, learnt.texts, merged.answers, said, 1) >= 0.99


def test_metadata_and_mixture_are_those_of_llama_cpp(learnt, gguf_file, tmp_path):
    """
    The embedded base was converted and quantised to Q4_K_M by llama.cpp itself.
    """
    source, made = GgufFile(_assemble_embedded(tmp_path)), GgufFile(gguf_file("q8_0"))

    for name, value in source._fields.items():
        if not name.startswith("general.") and name != "tokenizer.ggml.add_sep_token":
            assert np.array_equal(made.field(name), value), name
    assert made.tensors.keys() == source.tensors.keys()
    config = read_json(learnt.root / "hf" / "config.json")
    names = _names(config)
    for name, kind in _kinds(config, "q4_k_m").items():
        assert source.tensors[names[name]].kind == kind, name
