"""Text to token ids and back, by SentencePiece alone."""

import itertools
from collections.abc import Callable, Collection, Sequence
from pathlib import Path
from typing import Any

import sentencepiece

from getalwoord.errors import BaseError

PAD, EOS, BOS = "<pad>", "<eos>", "<bos>"


class Tokenizer:
    """Gemma's tokenizer.

    KerasHub's own needs TensorFlow, which costs ten seconds and most of a gigabyte to import.

    Args:
        proto: A serialised SentencePiece ``ModelProto``.
        source: Where it came from, for messages.

    Attributes:
        proto: The same bytes; written to a file they are Gemma's tokenizer.model.
        vocabulary_size: Number of tokens, special ones included.
        pad_id, eos_id, bos_id: Padding, end and beginning of sequence.

    Raises:
        BaseError: It is no SentencePiece model with Gemma's special tokens.

    Format: https://github.com/google/sentencepiece/blob/master/src/sentencepiece_model.proto
    """

    def __init__(self, proto: bytes, source: Path | str) -> None:
        self.proto = proto
        self._tables: sentencepiece.SentencePieceProcessor | None = None
        try:
            self.vocabulary_size = int(self._model.vocab_size())
        except RuntimeError as error:
            raise BaseError(f"{source} is no SentencePiece model: get it again") from error
        self.pad_id, self.eos_id, self.bos_id = (
            self._special(name, source) for name in (PAD, EOS, BOS)
        )

    @property
    def _model(self) -> sentencepiece.SentencePieceProcessor:
        if self._tables is None:
            self._tables = sentencepiece.SentencePieceProcessor()
            self._tables.LoadFromSerializedProto(self.proto)
        return self._tables

    def let_go(self) -> None:
        """Free the tables, 45 MB; the next use makes them anew, in some tenths of a second."""
        self._tables = None

    @classmethod
    def with_control_tokens(
        cls, proto: bytes, names: Collection[str], source: Path | str
    ) -> "Tokenizer":
        """Make a tokenizer that never takes the named tokens from a text.

        Where a SentencePiece model was made of a tokenizer.json, they look like words of the user.
        """
        from sentencepiece import sentencepiece_model_pb2

        kinds: Any = sentencepiece_model_pb2.ModelProto.SentencePiece  # type: ignore[attr-defined]
        model: Any = sentencepiece_model_pb2.ModelProto.FromString(proto)  # type: ignore[attr-defined]
        for piece in model.pieces:
            if piece.piece in names and piece.type != kinds.UNKNOWN:
                piece.type = kinds.CONTROL
        return cls(model.SerializeToString(), source)

    def fits(self, vocabulary_size: int) -> bool:
        """Tell whether a model with so many embeddings has one for every token of a text."""
        return all(
            self._model.is_control(number)
            for number in range(vocabulary_size, self.vocabulary_size)
        )

    def encode(self, text: str) -> list[int]:
        """Give the token ids of a text, without beginning or end of sequence."""
        return list(self._model.encode(text))

    def encode_cut(self, text: str, share: float, random_number: Callable[[], float]) -> list[int]:
        """Encode a text that is cut at random before some of its letters, each piece by itself.

        So words come in other tokens than ever. It does what BPE-dropout does, whose generator in
        SentencePiece gives other pieces in every process, whatever its seed.

        Source: Provilkov, Emelianenko and Voita 2020, "BPE-Dropout: Simple and Effective Subword
        Regularization", https://aclanthology.org/2020.acl-main.170/

        Args:
            text: What to encode.
            share: Of the letters that it is cut before.
            random_number: Gives numbers from 0 to 1, which decide.
        """
        cuts = [
            place
            for place in range(1, len(text))
            if text[place].isalpha() and random_number() < share
        ]
        pieces = itertools.pairwise([0, *cuts, len(text)])
        return [number for start, end in pieces for number in self.encode(text[start:end])]

    def decode(self, ids: Sequence[int]) -> str:
        """Give the text of token ids; special tokens leave none."""
        return str(self._model.decode(list(ids)))

    def texts(self) -> list[str]:
        """Give the text of every token, in their order; "" for those that are no plain text."""
        pieces = self._model.id_to_piece(list(range(self.vocabulary_size)))
        return [
            "" if self._special_or_byte(number, piece) else piece.replace("\u2581", " ")
            for number, piece in enumerate(pieces)
        ]

    def _special_or_byte(self, number: int, piece: str) -> bool:
        # A call for each of 262,144 tokens would take a second; these all look like <0x0A>.
        return piece[:1] == "<" and bool(
            self._model.is_control(number)
            or self._model.is_unknown(number)
            or self._model.is_byte(number)
        )

    def _special(self, name: str, source: Path | str) -> int:
        number = int(self._model.piece_to_id(name))
        if self._model.id_to_piece(number) != name:
            raise BaseError(f"{source} has no token {name}, so it is not Gemma's tokenizer")
        return number
