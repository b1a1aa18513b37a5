"""Greedy decoding: as others do it where it is free, and well formed where it is not."""

import os
import re
import subprocess
import sys

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from getalwoord.models.bases import load_base
from getalwoord.models.decoder import Decoder
from getalwoord.numerals import KINDS, spell
from getalwoord.numerals.answers import answers_of_kinds
from getalwoord.reading.automaton import Automaton
from getalwoord.reading.decode import Answerer

TEMPLATE = "{instruction} ={response}"
FAMILIES = ["gemma", "gemma2", "gemma3"]
ASKED = [spell(value) for value in (7, 34, 483, 1812, 90_210, 999_999, 8, 12)]


@pytest.fixture(scope="module")
def bases(tiny_gemma):
    made = {}

    def give(family):
        if family not in made:
            base = load_base(str(tiny_gemma(family)), dtype="float32")
            made[family] = base, Decoder(base.backbone)
        return made[family]

    return give


@pytest.fixture(scope="module")
def answerers(bases):
    base, decoder = bases("gemma3")
    rule = Automaton.of(tuple(KINDS), base.tokenizer)
    free = Answerer(decoder, base.tokenizer, TEMPLATE, max_new_tokens=12)
    return free, Answerer(decoder, base.tokenizer, TEMPLATE, rule, doubt=True)


@pytest.mark.witness
@pytest.mark.parametrize("family", FAMILIES)
def test_free_answers_are_those_of_transformers(bases, tiny_gemma, family):
    from transformers import AutoModelForCausalLM

    base, decoder = bases(family)
    theirs = AutoModelForCausalLM.from_pretrained(tiny_gemma(family), dtype=torch.float32)
    expected = []
    for text in ASKED:
        ids = [base.tokenizer.bos_id, *base.tokenizer.encode(f"{text} =")]
        (out,) = theirs.generate(
            torch.tensor([ids]), max_new_tokens=9, do_sample=False, eos_token_id=1, pad_token_id=0
        ).tolist()
        expected.append(base.tokenizer.decode([one for one in out[len(ids) :] if one != 1]).strip())

    answers = Answerer(decoder, base.tokenizer, TEMPLATE, max_new_tokens=9).answer(ASKED)

    assert [answer.text for answer in answers] == expected


KERAS_HUB = """
import sys
import numpy as np
from keras import ops
from getalwoord.models.bases import causal_lm, load_base
from getalwoord.models.decoder import Decoder
from getalwoord.reading.decode import Answerer

def uncached(base, prompt):
    ids = [base.tokenizer.bos_id, *base.tokenizer.encode(prompt)]
    for _ in range(5):
        inputs = {"token_ids": np.array([ids]), "padding_mask": np.ones((1, len(ids)), "int32")}
        logits = base.backbone.token_embedding(base.backbone(inputs), reverse=True)
        ids.append(int(ops.argmax(logits[0, -1])))
        if ids[-1] == base.tokenizer.eos_id:
            break
    return base.tokenizer.decode(ids)

for folder in sys.argv[1:]:
    base = load_base(folder, dtype="float32")
    model = causal_lm(base)
    assert model.backbone is base.backbone
    model.compile(sampler="greedy")
    answerer = Answerer(Decoder(base.backbone), base.tokenizer, "{instruction} ={response}",
                        max_new_tokens=5)
    asked = ["vierendertig", "acht", "tweehonderdzes"]
    for text, answer in zip(asked, answerer.answer(asked)):
        prompt = f"{text} ="
        theirs = model.generate(prompt, max_length=1 + len(base.tokenizer.encode(prompt)) + 5)
        assert theirs.removeprefix(prompt).strip() == answer.text, (theirs, answer)
        assert theirs == uncached(base, prompt), (theirs, uncached(base, prompt))
    print("the same", type(model).__name__)
"""


@pytest.mark.witness
@pytest.mark.slow
def test_free_answers_are_those_of_keras_hub(tiny_gemma):
    """
    Of its own text model around our base; and so is greedy decoding without a cache.
    """
    done = subprocess.run(
        [sys.executable, "-c", KERAS_HUB, str(tiny_gemma("gemma2")), str(tiny_gemma("gemma3"))],
        env={**os.environ, "GETALWOORD_TENSORFLOW": "1", "TF_CPP_MIN_LOG_LEVEL": "3"},
        capture_output=True,
        text=True,
    )

    assert done.returncode == 0, done.stderr[-3000:]
    assert done.stdout.endswith("the same GemmaCausalLM\nthe same Gemma3CausalLM\n")


def test_constrained_answers_are_all_well_formed(answerers):
    """
    And the free ones of this untrained model are not.
    """
    free, constrained = answerers
    pattern = re.compile(answers_of_kinds(tuple(KINDS)))

    assert all(pattern.fullmatch(answer.text) for answer in constrained.answer(ASKED))
    assert not any(pattern.fullmatch(answer.text) for answer in free.answer(ASKED))


texts = st.lists(st.integers(1, 999_999).map(spell), min_size=1, max_size=8)


@settings(max_examples=8, deadline=None)
@given(instructions=texts)
def test_an_answer_is_the_same_in_any_company(answerers, instructions):
    for answerer in answerers:
        together = answerer.answer(instructions)
        alone = [answerer.answer([instruction])[0] for instruction in instructions]

        assert [one.text for one in together] == [one.text for one in alone]
        np.testing.assert_allclose(
            [one.probability for one in together], [one.probability for one in alone], atol=1e-4
        )


@settings(max_examples=8, deadline=None)
@given(instructions=texts, data=st.data())
def test_drafts_change_no_answer(answerers, instructions, data):
    """
    Whether right, wrong, partly right, too long, too short or no answer at all.
    """
    for answerer in answerers:
        plain = answerer.answer(instructions)
        drafts = [
            data.draw(
                st.sampled_from(
                    [None, one.text, one.text[:-1], one.text + "7", one.text[:1] + "x9", "0"]
                )
            )
            for one in plain
        ]

        drafted = answerer.answer(instructions, drafts)

        assert [one.text for one in drafted] == [one.text for one in plain]
        for name in ("probability", "doubt"):
            if getattr(plain[0], name) is not None:
                np.testing.assert_allclose(
                    [getattr(one, name) for one in drafted],
                    [getattr(one, name) for one in plain],
                    atol=1e-4,
                )


def test_probabilities_are_those_of_the_allowed_tokens(bases):
    """
    Recomputed from the backbone's own logits, token by token.
    """
    base, decoder = bases("gemma3")
    rule = Automaton.of(["cardinal"], base.tokenizer)
    answerer = Answerer(decoder, base.tokenizer, TEMPLATE, rule, doubt=True)

    (answer,) = answerer.answer(["vierendertig"])

    ids = [base.tokenizer.bos_id, *base.tokenizer.encode("vierendertig =")]
    state, probability, inside = rule.start, 1.0, 1.0
    for _ in range(200):
        inputs = {"token_ids": np.array([ids]), "padding_mask": np.ones((1, len(ids)), "int32")}
        hidden = base.backbone(inputs)[0, -1:]
        logits = base.backbone.token_embedding(hidden, reverse=True)[0].detach().double()
        shares = logits.softmax(dim=0).numpy()
        allowed = np.array(rule.tokens)[rule.allowed[state]]
        token = max(allowed, key=lambda one: shares[one])
        probability *= shares[token] / shares[allowed].sum()
        inside *= shares[allowed].sum()
        state = rule.following[state, rule.tokens.index(token)]
        ids.append(int(token))
        if token == base.tokenizer.eos_id:
            break
    assert answer.probability == pytest.approx(probability, rel=1e-3)
    assert answer.doubt == pytest.approx(1 - inside, rel=1e-3)


def test_a_long_prefix_in_common_is_computed_once(bases, monkeypatch):
    base, decoder = bases("gemma3")
    shots = "een = 1\ntwee = 2\ndrie = 3\nvier = 4\n"
    plain = [
        Answerer(decoder, base.tokenizer, shots + TEMPLATE, max_new_tokens=6).answer([text])[0]
        for text in ASKED
    ]
    computed = []
    forward = decoder.forward

    def noting(ids, positions, *rest, **more):
        computed.append((len(positions), len(ids)))
        return forward(ids, positions, *rest, **more)

    monkeypatch.setattr(decoder, "forward", noting)
    answerer = Answerer(decoder, base.tokenizer, shots + TEMPLATE, max_new_tokens=6)

    first = answerer.answer(ASKED)
    again = answerer.answer(ASKED)

    assert [one.text for one in first] == [one.text for one in plain]
    assert [one.text for one in again] == [one.text for one in plain]
    prefix = len(base.tokenizer.encode(shots))
    computed_apart = sum(rows == 1 and tokens >= prefix for rows, tokens in computed)
    assert computed_apart == 2, "once for each call"
    assert all(tokens < rows * prefix for rows, tokens in computed if rows > 1)


def test_a_single_answer_goes_on_by_two_digits_at_once(bases, monkeypatch):
    """
    That they are the digits one by one would give is what answers in company show.
    """
    base, decoder = bases("gemma3")
    rule = Automaton.of(("cardinal",), base.tokenizer)
    answerer = Answerer(decoder, base.tokenizer, TEMPLATE, rule)
    passes = []
    forward = decoder.forward

    def noting(ids, *rest, **more):
        passes.append(len(ids))
        return forward(ids, *rest, **more)

    monkeypatch.setattr(decoder, "forward", noting)

    (answer,) = answerer.answer(["vierhonderd"])

    tokens = len(base.tokenizer.encode(answer.text)) + 1
    assert tokens > 6, "an answer of several digits"
    assert len(passes) <= 2 + tokens // 2


def test_free_answers_are_cut_at_the_limit(bases):
    base, decoder = bases("gemma3")
    short, long = (
        Answerer(decoder, base.tokenizer, TEMPLATE, max_new_tokens=most).answer(ASKED)
        for most in (2, 9)
    )

    assert all(
        after.text.startswith(before.text) for before, after in zip(short, long, strict=True)
    )
    assert short != long


def test_nothing_is_answered_with_nothing(answerers):
    assert [answerer.answer([]) for answerer in answerers] == [[], []]
