"""The model that is trained: logits at the positions that predict an answer, and nowhere else."""

import functools
import math
from collections.abc import Iterator
from typing import Any

import keras
from keras import ops

from getalwoord.models.answer_head import AnswerHead, MostProbable, PickPositions, TokenEmbedding
from getalwoord.models.blocks import settings_of
from getalwoord.models.frozen import FrozenNorm, Recomputed
from getalwoord.models.low_rank import first_adapted

_PICKED, _HEAD = "answer_positions", "answer_head"


class AnswerModel(keras.Model):
    """A model of answers, whose batches can be computed in parts to save memory.

    The loss that is shown is the mean over answer tokens, as that of each batch is.

    Attributes:
        parts: In how many a batch is computed, one after the other; only torch can in several.
            Their gradients add up to that of the whole batch, but for rounding.
        fixed_blocks: How many blocks are below the first that is trained. A step on torch may be
            given what they make of its tokens, ``states``, (rows, tokens, width), and leaves them
            out then.
    """

    parts = 1
    fixed_blocks = 0

    @functools.cached_property  # past Keras, which would count them among the layers
    def below(self) -> keras.Model:
        """The blocks that are fixed: what is trained is given what they make of tokens."""
        return keras.Model(self._inputs_but("positions"), self._boundary)

    @functools.cached_property
    def _above(self) -> keras.Model:
        # A list, since the boundary has a name of its own.
        return keras.Model([self._boundary, *self._inputs_but("token_ids").values()], self.output)

    @property
    def metrics(self) -> list[keras.Metric]:
        """The model's own; Keras would ask all layers, twice in a step."""
        return list(self._get_own_metrics())

    def _clear_losses(self) -> None:
        """Leave out what Keras does before each call: no layer has losses of its own."""

    @functools.cached_property  # Keras goes through all layers each time it is asked
    def trained(self) -> list[keras.Variable]:
        """The variables that are trained, those of the adapter."""
        return list(self.trainable_variables)

    @functools.cached_property
    def updates(self) -> list[Any]:
        """The updates of each block that is trained, `torch_weights.Updates`; torch only."""
        blocks = (one.frozen if isinstance(one, Recomputed) else one for one in self._blocks)
        updates = [block.updates for block in blocks]
        return [one for one in updates if one is not None and one.values.requires_grad]

    def zero_grad(self) -> None:
        """Let go of gradients; torch only."""
        for updates in self.updates:
            updates.values.grad = None

    def gradients(self) -> list[Any]:
        """Give what a backward pass has left for each of `trained`; torch only.

        They are parts of tensors that hold a block's, and so not where torch would look for them.
        """
        found = {
            variable.path: gradient
            for updates in self.updates
            for pair in zip(updates.variables, updates.of_modules(updates.values.grad), strict=True)
            for variable, gradient in zip(*pair, strict=True)
        }
        return [found[variable.path] for variable in self.trained]

    @property
    def _boundary(self) -> keras.KerasTensor:
        return self._blocks[self.fixed_blocks - 1].output

    @property
    def _blocks(self) -> list[keras.layers.Layer]:
        from getalwoord.models.lean_blocks import LeanBlock

        return [one for one in self.layers if isinstance(one, LeanBlock | Recomputed)]

    def _inputs_but(self, left_out: str) -> dict[str, keras.KerasTensor]:
        return {tensor.name: tensor for tensor in self.inputs if tensor.name != left_out}

    @property
    def shortlist(self) -> Any:
        """The tokens that have logits in a step, a `shortlist.Shortlist`; None off torch."""
        return self.get_layer(_HEAD).shortlist

    @property
    def logits_may_be_overwritten(self) -> bool:
        """Whether a loss may put its gradient in their place; a soft cap still needs them."""
        return self.get_layer(_HEAD).frozen.logit_soft_cap is None

    def call(self, inputs: Any, training: bool | None = None, mask: Any = None) -> Any:
        if "states" not in inputs:
            return super().call(inputs, training=training, mask=mask)
        others = [inputs[name] for name in self._inputs_but("token_ids")]
        return self._above([inputs["states"], *others], training=training)

    def train_step(self, *arguments: Any) -> Any:
        if keras.backend.backend() == "torch":
            return self._torch_step(*arguments)
        return super().train_step(*arguments)

    def _torch_step(self, data: Any) -> Any:
        import torch

        x, y, weights = keras.utils.unpack_x_y_sample_weight(data)
        weights = ops.ones(len(y)) if weights is None else ops.convert_to_tensor(weights)
        y, shortlist = ops.convert_to_tensor(y), self.shortlist
        self.zero_grad()
        loss = 0.0
        with shortlist.step(int(self.optimizer.iterations), y[weights > 0]) as is_asked_for:
            for part, targets, theirs in self._parts(x, y, weights):
                logits, places = self(part, training=True), shortlist.places(targets)
                if is_asked_for:
                    logits.register_hook(shortlist.note)
                share = theirs.sum() / weights.sum()
                of_part = share * self.loss(places, logits, theirs)
                # Before the backward pass, which overwrites the logits.
                self.compute_metrics(part, places, logits.detach(), theirs)
                of_part.backward()
                loss = loss + of_part.detach()
        self._loss_tracker.update_state(loss, sample_weight=weights.sum())
        with torch.no_grad():
            if hasattr(self.optimizer, "apply_to"):
                self.optimizer.apply_to(self.updates, self.trained)
            else:
                self.optimizer.apply(self.gradients(), self.trained)
        return self.get_metrics_result()

    def _update_metrics_variables(
        self, variables: Any, loss: Any, x: Any, y: Any, logits: Any, weights: Any
    ) -> tuple[Any, list[Any]]:
        """Count a batch by its answer tokens in JAX's step, where Keras counts examples."""
        counted = len(y) if weights is None else ops.sum(weights)
        known = self.metrics_variables
        with keras.StatelessScope(state_mapping=zip(known, variables, strict=True)) as scope:
            self._loss_tracker.update_state(loss, sample_weight=counted)
            results = self.compute_metrics(x, y, logits, weights)
        return results, [scope.get_current_value(variable) for variable in known]

    def _parts(self, x: Any, y: Any, weights: Any) -> Iterator[tuple[Any, Any, Any]]:
        """Cut a batch into parts of so many rows, each with its answers."""
        if self.parts == 1:
            yield x, y, weights
            return
        x = {name: ops.convert_to_tensor(value) for name, value in x.items()}
        rows, tokens = x["token_ids"].shape
        size = math.ceil(rows / self.parts)
        for first in range(0, rows, size):
            row = x["positions"] // tokens
            mine = (row >= first) & (row < first + size)
            part = {name: value[first : first + size] for name, value in x.items()}
            part["positions"] = x["positions"][mine] - first * tokens
            yield part, y[mine], weights[mine]


def answer_model(backbone: keras.Model, *, recompute: bool = False) -> AnswerModel:
    """Build the model that is trained: blocks, picked positions, tied embedding.

    A vocabulary of 262,144 makes the language-model head the largest product of a small Gemma.
    A training pair has some twelve tokens and needs logits for its three or four answer tokens.

    Args:
        backbone: A KerasHub backbone, with or without low-rank updates; shared, not copied. What is
            frozen may not change afterwards.
        recompute: Whether to compute each block again in the backward pass (gradient
            checkpointing), which takes a third more time and little memory.

    Returns:
        A functional Keras model. Inputs: ``token_ids``, (rows, tokens) int32, and ``positions``,
        (answers,) int32, flat as in `PickPositions`: the positions of the tokens *before* each
        answer token. With them, on torch, ``depths`` (rows, tokens) int32 and ``seen`` (rows,
        tokens, tokens) bool, as `packing.Trees` has them; on other backends ``padding_mask``
        (rows, tokens) int32, with one text in a row. Output: logits, (answers, vocabulary), in
        the base's dtype. The answers of a batch lie in one row, without padding between those of
        one example and the next.
    """

    def given(name: str, axes: int, dtype: str = "int32") -> keras.KerasTensor:
        return keras.Input(batch_shape=(None,) * axes, dtype=dtype, name=name)

    inputs = {"token_ids": given("token_ids", 2), "positions": given("positions", 1)}
    # As the backbone does it, but for positions that are picked before the last norm.
    hidden = TokenEmbedding(backbone.token_embedding)(inputs["token_ids"])
    if keras.backend.backend() == "torch":
        from getalwoord.models.lean_blocks import lean_hidden

        inputs |= {"depths": given("depths", 2), "seen": given("seen", 3, "bool")}
        settings = settings_of(backbone)
        picked = lean_hidden(backbone, settings, hidden, inputs, recompute=recompute)
        picked = FrozenNorm(backbone.layer_norm)(picked)
    else:
        inputs["padding_mask"] = given("padding_mask", 2)
        for block in backbone.transformer_layers:
            layer = Recomputed(block) if recompute else block
            hidden = layer(hidden, padding_mask=inputs["padding_mask"])
        pick = PickPositions(name=_PICKED, dtype=backbone.dtype_policy)
        picked = backbone.layer_norm(pick(hidden, inputs["positions"]))
    logits = AnswerHead(backbone.token_embedding, name=_HEAD)(picked)
    model = AnswerModel(inputs=inputs, outputs=logits, name="answers")
    model.fixed_blocks = first_adapted(backbone)
    return model


def token_model(model: keras.Model) -> keras.Model:
    """Make a model that gives the most probable tokens, (answers,), in place of the logits."""
    head = model.get_layer(_HEAD)
    tokens = MostProbable(head, name="most_probable")(head.input)
    return keras.Model(model.inputs, tokens, name="tokens")
