"""Gemma's tokenizer in the files that Hugging Face's tools load.

From a tokenizer.model alone transformers makes a tokenizer anew at each start, for twenty seconds,
and one that does not begin a text with `<bos>`.
"""

from pathlib import Path
from typing import Any

from getalwoord.files import write_json
from getalwoord.models.hub import TOKENIZER, TOKENIZER_JSON
from getalwoord.models.tokenizer import BOS, EOS, PAD, Tokenizer

# As SentencePiece numbers the types of its pieces.
NORMAL, UNKNOWN, CONTROL, USER_DEFINED, UNUSED, BYTE = range(1, 7)


def pieces_of(tokenizer: Tokenizer) -> list[tuple[str, float, int]]:
    """List text, score and type of every token."""
    from sentencepiece import sentencepiece_model_pb2

    format: Any = sentencepiece_model_pb2
    model = format.ModelProto.FromString(tokenizer.proto)
    return [(piece.piece, piece.score, piece.type) for piece in model.pieces]


def write_tokenizer(tokenizer: Tokenizer, folder: Path, *, chat_template: str) -> None:
    """Write tokenizer.model, tokenizer.json, tokenizer_config.json and chat_template.jinja.

    Args:
        tokenizer: What to write.
        folder: Where.
        chat_template: Makes a prompt of messages, as Jinja.
    """
    (folder / TOKENIZER).write_bytes(tokenizer.proto)
    _fast(tokenizer).save(str(folder / TOKENIZER_JSON), pretty=False)
    unknown = next(text for text, _, kind in pieces_of(tokenizer) if kind == UNKNOWN)
    config = {
        "tokenizer_class": "GemmaTokenizer",
        **{"bos_token": BOS, "eos_token": EOS, "pad_token": PAD, "unk_token": unknown},
        **{"add_bos_token": True, "add_eos_token": False},
        **{"clean_up_tokenization_spaces": False, "padding_side": "left"},
        "model_input_names": ["input_ids", "attention_mask"],
    }
    write_json(folder / "tokenizer_config.json", config)
    (folder / "chat_template.jinja").write_text(chat_template, encoding="utf-8")


def _fast(tokenizer: Tokenizer) -> Any:
    """Make a tokenizer of the package `tokenizers` that gives the same tokens."""
    from tokenizers import AddedToken, decoders, normalizers, processors
    from tokenizers import Tokenizer as Fast
    from tokenizers.models import BPE

    pieces = pieces_of(tokenizer)
    unknown = next(text for text, _, kind in pieces if kind == UNKNOWN)
    vocabulary = {text: number for number, (text, _, _) in enumerate(pieces)}
    made = Fast(
        BPE(vocabulary, _merges(pieces), unk_token=unknown, byte_fallback=True, fuse_unk=True)
    )
    made.normalizer = normalizers.Replace(" ", "▁")
    made.decoder = decoders.Sequence(
        [decoders.Replace("▁", " "), decoders.ByteFallback(), decoders.Fuse()]
    )
    made.post_processor = processors.TemplateProcessing(
        single=f"{BOS} $A", pair=f"{BOS} $A {BOS} $B", special_tokens=[(BOS, tokenizer.bos_id)]
    )
    special = [text for text, _, kind in pieces if kind in (CONTROL, UNKNOWN)]
    made.add_special_tokens([AddedToken(text, normalized=False) for text in special])
    # SentencePiece takes these as a whole before it merges anything.
    whole = [text for text, _, kind in pieces if kind == USER_DEFINED]
    made.add_tokens([AddedToken(text, normalized=True) for text in whole])
    return made


def _merges(pieces: list[tuple[str, float, int]]) -> list[tuple[str, str]]:
    """List which two tokens become a third, the most urgent first.

    SentencePiece merges by the score of what comes out, wherever it came from.
    """
    known = {text for text, _, kind in pieces if kind in (NORMAL, USER_DEFINED)}
    by_score = sorted(
        (-score, text) for text, score, kind in pieces if kind in (NORMAL, USER_DEFINED)
    )
    return [
        (text[:cut], text[cut:])
        for _, text in by_score
        for cut in range(1, len(text))
        if text[:cut] in known and text[cut:] in known
    ]
