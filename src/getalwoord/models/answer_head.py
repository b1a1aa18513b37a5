"""Logits at the positions that predict an answer, and nowhere else."""

import keras
from keras import ops


class PickPositions(keras.layers.Layer):
    """Picks hidden states out of a batch by their flat position.

    Shapes:
        hidden: (batch, tokens, width)
        positions: (answers,) int32, ``example * tokens + token``
        call: (answers, width)
    """

    def call(self, hidden: keras.KerasTensor, positions: keras.KerasTensor) -> keras.KerasTensor:
        flat = ops.reshape(hidden, (-1, hidden.shape[-1]))
        return ops.take(flat, positions, axis=0)

    def compute_output_shape(
        self, hidden_shape: tuple[int | None, ...], positions_shape: tuple[int | None, ...]
    ) -> tuple[int | None, ...]:
        return (positions_shape[0], hidden_shape[-1])


def answer_model(backbone: keras.Model) -> keras.Model:
    """Build the model that is trained: backbone, picked positions, tied embedding.

    A vocabulary of 262,144 makes the language-model head the largest product of a small Gemma.
    A training pair has some twenty tokens and needs logits for its four or five answer tokens.

    Args:
        backbone: A KerasHub backbone, with or without low-rank updates; shared, not copied.

    Returns:
        A functional Keras model. Inputs: ``token_ids`` and ``padding_mask``, each
        (batch, tokens) int32, and ``positions``, (answers,) int32, flat as in `PickPositions`:
        the positions of the tokens *before* each answer token. Output: logits,
        (answers, vocabulary), in the base's dtype. The answers of a batch lie in one row, without
        padding between those of one example and the next.
    """
    positions = keras.Input(batch_shape=(None,), dtype="int32", name="positions")
    tokens = {name: backbone.input[name] for name in ("token_ids", "padding_mask")}
    hidden = backbone.output
    picked = PickPositions(name="answer_positions", dtype=backbone.dtype_policy)(hidden, positions)
    logits = backbone.token_embedding(picked, reverse=True)  # (answers, vocabulary)
    return keras.Model(inputs={**tokens, "positions": positions}, outputs=logits, name="answers")


def token_model(model: keras.Model) -> keras.Model:
    """Make a model that gives the most probable tokens, (answers,), in place of the logits."""
    return keras.Model(model.inputs, ops.argmax(model.output, axis=-1), name="tokens")
