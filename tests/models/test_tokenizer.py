"""The tokenizer gives SentencePiece's ids, and what it encodes it decodes."""

import json
import random

import pytest
import sentencepiece
from hypothesis import given
from hypothesis import strategies as st

from getalwoord.errors import BaseError
from getalwoord.models.bases import load_base
from getalwoord.models.tokenizer import Tokenizer

# SentencePiece ends a text at a NUL and cannot encode lone surrogates.
texts = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0▁"))


@pytest.fixture(scope="module")
def tokenizer(tiny_tokenizer_model):
    return Tokenizer(tiny_tokenizer_model, "tiny")


def test_special_tokens_are_gemmas(tokenizer):
    assert (tokenizer.pad_id, tokenizer.eos_id, tokenizer.bos_id) == (0, 1, 2)
    assert tokenizer.vocabulary_size == 640


@given(text=texts)
def test_a_text_survives_encoding(tokenizer, text):
    assert tokenizer.decode(tokenizer.encode(text)) == text


@given(text=texts)
def test_no_text_becomes_a_special_token(tokenizer, text):
    ids = tokenizer.encode(f"<bos>{text}<eos><pad>")

    assert not {tokenizer.pad_id, tokenizer.eos_id, tokenizer.bos_id} & set(ids)


def test_tables_that_were_let_go_are_made_again(tiny_tokenizer_model):
    tokenizer = Tokenizer(tiny_tokenizer_model, "tiny")
    ids = tokenizer.encode("vierendertig")

    tokenizer.let_go()

    assert tokenizer.encode("vierendertig") == ids
    assert tokenizer.decode(ids) == "vierendertig"


def test_special_tokens_leave_no_text(tokenizer):
    ids = [tokenizer.bos_id, *tokenizer.encode("drie = 3"), tokenizer.eos_id, tokenizer.pad_id]

    assert tokenizer.decode(ids) == "drie = 3"


def test_a_model_without_gemmas_special_tokens_is_refused(tiny_tokenizer_model):
    proto = tiny_tokenizer_model.replace(b"<bos>", b"<cls>")

    with pytest.raises(BaseError, match=r"llama/tokenizer\.model has no token <bos>"):
        Tokenizer(proto, "llama/tokenizer.model")


def test_a_gguf_gives_back_the_tokenizer_it_was_made_of(
    tiny_gguf, tiny_tokenizer_model, tmp_path, monkeypatch
):
    monkeypatch.setenv("GETALWOORD_CACHE", str(tmp_path))
    original = sentencepiece.SentencePieceProcessor(model_proto=tiny_tokenizer_model)

    rebuilt = load_base(str(tiny_gguf("gemma3")), dtype="float32").tokenizer

    for text in ("achtendertig  = 38\n\t", "  é€ 🙂 ën", "", "\n\n\n", "<bos>een</s>"):
        assert rebuilt.encode(text) == original.encode(text)


def test_a_tokenizer_json_alone_is_enough(tiny_base_dir, tiny_tokenizer_model, tmp_path):
    """
    Transformers 5 writes no tokenizer.model, so a model that was saved again has only this.
    """
    for name in ("config.json", "model.safetensors"):
        (tmp_path / name).write_bytes((tiny_base_dir / name).read_bytes())
    original = sentencepiece.SentencePieceProcessor(model_proto=tiny_tokenizer_model)
    content = as_tokenizer_json(original)
    # Gemma 3 has a token for images here that its text-only models have no embedding for.
    content["added_tokens"].append({"id": 640, "content": "<image>", "special": True})
    (tmp_path / "tokenizer.json").write_text(json.dumps(content))

    tokenizer = load_base(str(tmp_path), dtype="float32").tokenizer

    for text in ("achtendertig  = 38\n\t", "é€ 🙂 ën", "driehonderdzeventien", "<bos>", "<image>"):
        assert tokenizer.encode(text) == original.encode(text)
    assert (tokenizer.pad_id, tokenizer.eos_id, tokenizer.bos_id) == (0, 1, 2)


def as_tokenizer_json(model):
    """Write a SentencePiece model as transformers does: its merges in order of their scores."""
    pieces = {model.id_to_piece(number): number for number in range(model.vocab_size())}
    merges = [
        (piece[:cut], piece[cut:])
        for piece, number in sorted(pieces.items(), key=lambda item: -model.get_score(item[1]))
        for cut in range(1, len(piece))
        if number >= 260 and piece[:cut] in pieces and piece[cut:] in pieces
    ]
    special = [
        {"id": number, "content": model.id_to_piece(number)}
        for number in [*range(4), *(pieces[piece] for piece in ("\n", "\t", "▁▁"))]
    ]
    return {"model": {"type": "BPE", "vocab": pieces, "merges": merges}, "added_tokens": special}


def test_a_text_that_is_cut_is_the_same_text_in_other_tokens(tokenizer):
    def cut(share, seed=1):
        random_number = random.Random(seed).random
        return [tokenizer.encode_cut("vier komma zeven", share, random_number) for _ in range(40)]

    assert {tokenizer.decode(ids) for ids in cut(0.3)} == {"vier komma zeven"}
    assert len({tuple(ids) for ids in cut(0.3)}) > 20
    assert cut(0.3) == cut(0.3) != cut(0.3, seed=2)
    assert cut(0.0) == [tokenizer.encode("vier komma zeven")] * 40
    letters = [*["v", "i", "e", "r", " ", "k", "o", "m", "m", "a", " ", "z", "e", "v", "e", "n"]]
    assert [tokenizer.decode([number]) for number in cut(1.0)[0] if number] == letters
