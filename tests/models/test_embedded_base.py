"""The embedded Gemma 3 270M is the one that was compared with transformers, and is loaded well.

`tests/model/test_witnesses_of_base.py` compares; after a change of what is converted or how text is
cut into tokens, run that (`make witnesses`) and record the digests anew.
"""

import hashlib
import random
import subprocess
import sys

import numpy as np
import pytest
import torch
from safetensors import safe_open

from getalwoord import spell
from getalwoord.models.bases import EMBEDDED, load_base
from getalwoord.models.cache import cache_folder

pytestmark = [pytest.mark.model, pytest.mark.slow]

# SHA-256 of the tensors that are kept, and of the ids of 3,010 texts
WEIGHTS = "86d6d18f81f0c17e5780e5bb8307457871cdd9a55406ac952e26e794e6087aa0"
TOKENS = "978dfafbd03e8c12cfe5ebda555ba230499fc54e72b7c31bf002d64a3807a703"

PROMPTS = [
    "vierhonderddrieëntachtig = 483",
    "De hoofdstad van Nederland is Amsterdam.",
    "twee derde van de taart",
    "ÉÉN, twéé, drïe!",
]
TEXTS = [
    "regel een\nregel twee\r\n\n\n\tregel drie",
    "0123456789 10.000,50 € 1/2 ½ ² Ⅳ",
    "e\u0308e\u0301n met losse accenten 😀👨‍👩‍👧‍👦🇳🇱 漢字 עברית",
    "twee  drie   vier    vijf     zes                      zeven",
    "\u200b\u00a0\ufeff onzichtbaar <html><b>vet</b></html>",
    "",
]


@pytest.fixture(scope="module")
def base():
    return load_base(EMBEDDED, dtype="float32")


def test_weights_are_those_that_were_compared(base):
    files = cache_folder().glob(f"{base.sha256[:16]}-[0-9]*/*.safetensors")
    path = max(files, key=lambda path: path.stat().st_mtime)  # that of this version
    digest = hashlib.sha256()
    with safe_open(path, framework="pt") as file:
        for name in sorted(file.keys()):
            tensor = file.get_tensor(name)
            digest.update(f"{name} {tensor.dtype} {tuple(tensor.shape)}".encode())
            digest.update(tensor.contiguous().view(torch.int16).numpy())

    assert digest.hexdigest() == WEIGHTS


def test_token_ids_are_those_that_were_compared(base):
    draw = random.Random(0)
    numerals = [spell(draw.randrange(10 ** draw.randint(1, 9))) for _ in range(3_000)]
    texts = [*numerals, *PROMPTS, *TEXTS]

    ids = [base.tokenizer.encode(text) for text in texts]

    assert hashlib.sha256(str(ids).encode()).hexdigest() == TOKENS
    assert all(base.tokenizer.decode(one) == text for one, text in zip(ids, texts, strict=True))


def computed(base, prompt):
    """Hidden states, and logits, at all tokens."""
    ids = np.array([[base.tokenizer.bos_id, *base.tokenizer.encode(prompt)]])
    with torch.no_grad():
        hidden = base.backbone({"token_ids": ids, "padding_mask": np.ones_like(ids)})
        logits = base.backbone.token_embedding(hidden, reverse=True)
    return hidden[0].float().numpy(), logits[0].float().numpy()


def relative_error(ours, theirs):
    return np.linalg.norm(ours - theirs) / np.linalg.norm(theirs)


def test_bfloat16_stays_near_float32(base):
    """
    Every product and sum is rounded to eight bits, through eighteen layers.
    """
    rough = load_base(EMBEDDED, dtype="bfloat16")
    for prompt in PROMPTS:
        hidden, logits = computed(base, prompt)
        rough_hidden, rough_logits = computed(rough, prompt)

        assert relative_error(rough_hidden, hidden) < 0.04
        assert relative_error(rough_logits, logits) < 0.04


def test_a_warm_load_maps_the_weights_and_copies_none():
    """
    In a process of its own, memory that is not backed by a file stays below the size of the model.
    """
    program = (
        "from getalwoord.models.bases import load_base\n"
        "def private(): return sum(int(line.split()[1]) for line in open('/proc/self/smaps_rollup')"
        " if line.startswith('Anonymous:')) * 1024\n"
        "before = private()\n"
        f"base = load_base({EMBEDDED!r}, dtype='bfloat16')\n"
        "print(private() - before)\n"
    )
    load_base(EMBEDDED, dtype="bfloat16")  # so that the cache is there
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)

    assert done.returncode == 0, done.stderr
    assert int(done.stdout) < 150 * 2**20  # the weights are 511 MiB; the tokenizer takes some 60
