"""Text to token ids and back, by SentencePiece alone."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import sentencepiece

from getalwoord.errors import BaseError

_PAD, _EOS, _BOS = "<pad>", "<eos>", "<bos>"


class Tokenizer:
    """Gemma's tokenizer.

    KerasHub's own needs TensorFlow, which costs ten seconds and most of a gigabyte to import.

    Args:
        proto: A serialised SentencePiece ``ModelProto``.
        source: Where it came from, for messages.

    Raises:
        BaseError: It is no SentencePiece model with Gemma's special tokens.

    Format: https://github.com/google/sentencepiece/blob/master/src/sentencepiece_model.proto
    """

    def __init__(self, proto: bytes, source: Path | str) -> None:
        self.proto = proto
        self._model = sentencepiece.SentencePieceProcessor()
        try:
            self._model.LoadFromSerializedProto(proto)
            self.vocabulary_size = int(self._model.vocab_size())
        except RuntimeError as error:
            raise BaseError(f"{source} is no SentencePiece model: get it again") from error
        self.pad_id, self.eos_id, self.bos_id = (
            self._special(name, source) for name in (_PAD, _EOS, _BOS)
        )

    @classmethod
    def with_control_tokens(cls, proto: bytes, source: Path | str) -> "Tokenizer":
        """Make a tokenizer that never takes its special tokens from a text.

        Where a SentencePiece model was made of a tokenizer.json, they look like words of the user.
        """
        from sentencepiece import sentencepiece_model_pb2

        format: Any = sentencepiece_model_pb2
        model = format.ModelProto.FromString(proto)
        for piece in model.pieces:
            if piece.piece in (_PAD, _EOS, _BOS):
                piece.type = format.ModelProto.SentencePiece.CONTROL
        return cls(model.SerializeToString(), source)

    def encode(self, text: str) -> list[int]:
        """Give the token ids of a text, without beginning or end of sequence."""
        return list(self._model.encode(text))

    def decode(self, ids: Sequence[int]) -> str:
        """Give the text of token ids; special tokens leave none."""
        return str(self._model.decode(list(ids)))

    def _special(self, name: str, source: Path | str) -> int:
        number = int(self._model.piece_to_id(name))
        if self._model.id_to_piece(number) != name:
            raise BaseError(f"{source} has no token {name}, so it is not Gemma's tokenizer")
        return number
