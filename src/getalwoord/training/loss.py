"""Cross-entropy over a large vocabulary, and accuracy, without large copies.

A batch of 16 examples over 262,144 tokens holds 70 MB of logits in float32. Keras's loss makes
five arrays of that size in a step; here only a few rows are in float32 at any time, and these
stay in the processor's cache.
"""

import functools
from typing import Any

from getalwoord.models import keras

_ROWS_AT_ONCE = 8
# Of a dtype's precision: tokens less probable than that in every row have no gradient. Source: the
# gradient filter of Wijmans et al. 2024, https://arxiv.org/abs/2411.09009, 2^-12 in bfloat16.
_NEGLIGIBLE = 2**-5


class AnswerLoss(keras.losses.Loss):
    """Mean cross-entropy over the answer tokens, padding left out.

    Args:
        overwrite: Whether the backward pass may put the gradient where the logits were, on torch:
            it then takes no memory of its own.

    Shapes:
        y_true: (answers,) int32
        y_pred: logits, (answers, vocabulary), in any dtype
        sample_weight: (answers,), 0 on padding
    """

    def __init__(self, *, overwrite: bool = False) -> None:
        super().__init__(name="answer_loss", reduction="mean_with_sample_weight")
        self._overwrite = overwrite

    def __call__(self, y_true: Any, y_pred: Any, sample_weight: Any = None) -> Any:
        # Keras's own would first cast all logits to float32.
        losses = self.call(y_true, y_pred)
        if sample_weight is None:
            return keras.ops.mean(losses)
        weights = keras.ops.cast(sample_weight, "float32")
        return keras.ops.sum(losses * weights) / keras.ops.sum(weights)

    def call(self, y_true: Any, y_pred: Any) -> Any:
        if keras.backend.backend() == "torch":
            targets = keras.ops.convert_to_tensor(y_true)
            return _torch_cross_entropy()(y_pred, targets, self._overwrite)
        return keras.ops.sparse_categorical_crossentropy(
            y_true, keras.ops.cast(y_pred, "float32"), from_logits=True
        )


class AnswerAccuracy(keras.metrics.Mean):
    """Share of the answer tokens that are the most probable ones, padding left out."""

    def __init__(self) -> None:
        super().__init__(name="accuracy")

    def update_state(self, y_true: Any, y_pred: Any, sample_weight: Any = None) -> None:
        # The largest logit is found several times faster than its place.
        index = keras.ops.cast(keras.ops.convert_to_tensor(y_true), "int32")[:, None]
        picked = keras.ops.take_along_axis(y_pred, index, axis=-1)[:, 0]
        hits = picked >= keras.ops.max(y_pred, axis=-1)
        super().update_state(keras.ops.cast(hits, "float32"), sample_weight=sample_weight)


@functools.cache
def _torch_cross_entropy() -> Any:
    import torch

    from getalwoord.models.torch_matrices import scratch

    class CrossEntropy(torch.autograd.Function):
        """Keeps the logits in their own dtype, and makes probabilities again for the gradient."""

        @staticmethod
        def forward(
            context: Any, logits: torch.Tensor, targets: torch.Tensor, overwrite: bool
        ) -> torch.Tensor:
            targets = targets.long()
            scale = torch.empty(len(logits), device=logits.device)
            least = torch.finfo(logits.dtype).eps * _NEGLIGIBLE
            likely = torch.zeros(logits.shape[1], dtype=torch.bool, device=logits.device)
            likely[targets] = True
            buffer = scratch((_ROWS_AT_ONCE, logits.shape[1]), torch.float32, logits.device)
            for start in range(0, len(logits), _ROWS_AT_ONCE):
                rows = slice(start, start + _ROWS_AT_ONCE)
                part = buffer[: len(logits[rows])].copy_(logits[rows])
                largest = part.amax(dim=-1)
                total = part.sub_(largest[:, None]).exp_().sum(dim=-1)
                likely |= (part >= least * total[:, None]).any(dim=0)
                scale[rows] = total.log_() + largest
            context.save_for_backward(logits, targets, scale, likely)
            context.overwrite = overwrite
            picked = logits.gather(1, targets[:, None])[:, 0].float()
            return scale - picked

        @staticmethod
        def backward(context: Any, upstream: torch.Tensor) -> tuple[torch.Tensor, None, None]:
            logits, targets, scale, likely = context.saved_tensors
            columns = likely.nonzero()[:, 0]
            gradient = logits if context.overwrite else torch.empty_like(logits)
            for start in range(0, len(logits), _ROWS_AT_ONCE):
                rows = slice(start, start + _ROWS_AT_ONCE)
                part = logits[rows][:, columns].float().sub_(scale[rows, None]).exp_()
                part[targets[rows, None] == columns] -= 1
                gradient[rows].zero_()[:, columns] = part.mul_(upstream[rows, None]).to(
                    gradient.dtype
                )
            return gradient, None, None

    return CrossEntropy.apply
