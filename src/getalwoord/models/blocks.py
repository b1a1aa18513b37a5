"""The blocks of a Gemma over a row of tokens; attention alone by rows of texts.

Everything is given: the operations, which are torch's or Keras's, the weights and the cache.
"""

import math
from dataclasses import dataclass
from typing import Any, TypeAlias

Tensor: TypeAlias = Any
Cache: TypeAlias = list[tuple[Tensor, Tensor]]
#: Which token stands in each (row, column), where each token stands, and which are asked for in the
#: end; None where there is one token for each row.
Places: TypeAlias = tuple[Tensor, Tensor, Tensor]


@dataclass(frozen=True, slots=True)
class Settings:
    """What the blocks of a Gemma are like."""

    dtype: str
    heads: int
    groups: int  # of heads, each with one key and value
    size: int  # of a head
    scale: float  # of queries
    epsilon: float
    attention_cap: float | None
    logit_cap: float | None
    windows: tuple[int | None, ...]  # of each block; None looks at everything
    wavelengths: tuple[tuple[float, float], ...]  # of each block, with the scaling factor


def settings_of(backbone: Any) -> Settings:
    """Read from a KerasHub backbone what its blocks are like."""
    blocks = backbone.transformer_layers
    attention = blocks[0].attention
    normalised = (
        attention.head_dim
        if attention.query_head_dim_normalize
        else attention.hidden_dim // attention.num_query_heads
    )
    return Settings(
        dtype=backbone.compute_dtype,
        heads=attention.num_query_heads,
        groups=attention.num_key_value_heads,
        size=attention.head_dim,
        scale=1 / math.sqrt(normalised),
        epsilon=blocks[0].layer_norm_epsilon,
        attention_cap=attention.logit_soft_cap,
        logit_cap=backbone.token_embedding.logit_soft_cap,
        windows=tuple(
            block.attention.sliding_window_size
            if block.attention.use_sliding_window_attention
            else None
            for block in blocks
        ),
        wavelengths=tuple(
            (
                float(getattr(block.attention, "rope_wavelength", 10_000.0)),
                float(getattr(block.attention, "rope_scaling_factor", 1.0)),
            )
            for block in blocks
        ),
    )


def forward(
    kit: Any,
    settings: Settings,
    weights: dict[str, Any],
    cache: Cache,
    token_ids: Tensor,
    tables: list[tuple[Tensor, Tensor]],
    masks: list[Tensor],
    column: Any,
    places: Places,
) -> tuple[Tensor, Cache]:
    """Compute what the last columns of some tokens come to, (rows, columns, width)."""
    where, back, ending = places
    epsilon, final = settings.epsilon, weights["blocks"][-1]
    x = kit.take(weights["embedding"], token_ids, settings.dtype) * weights["embedding_scale"]
    written = []
    for block, kept, table, mask in zip(weights["blocks"], cache, tables, masks, strict=True):
        asking = ending if block is final else where
        normed = kit.norm(x, block["before_attention"], epsilon)
        attended, kept = _attention(
            kit, settings, block, normed, kept, table, mask, column, where, asking
        )
        written.append(kept)
        if where is not None and block is final:
            x = kit.pick(x, ending.reshape(-1))  # of the others only keys and values are needed
        elif where is not None:
            attended = kit.pick(attended, back)
        x = kit.add(x, _normed(kit, settings, attended, block.get("after_attention")))
        normed = kit.norm(x, block["before_feedforward"], epsilon)
        gated = kit.gated(normed, block["gate"], block["up"])
        fed = kit.linear(gated, block["down"])
        x = kit.add(x, _normed(kit, settings, fed, block.get("after_feedforward")))
    hidden = kit.norm(x, weights["final_norm"], epsilon)
    rows = cache[0][0].shape[0]
    return hidden.reshape((rows, -1, hidden.shape[-1])), written


def _attention(
    kit: Any,
    settings: Settings,
    block: dict[str, Tensor],
    x: Tensor,
    kept: tuple[Tensor, Tensor],
    table: tuple[Tensor, Tensor],
    mask: Tensor,
    column: Any,
    where: Tensor | None,
    asking: Tensor | None,
) -> tuple[Tensor, tuple[Tensor, Tensor]]:
    """Attend, each row of texts by itself; gives (rows · columns that ask, width)."""
    heads, groups, size = settings.heads, settings.groups, settings.size
    joint = kit.linear(x, block["query_key_value"]).reshape((-1, heads + 2 * groups, size))
    turned, value = joint[:, : heads + groups], joint[:, heads + groups :]
    if "query_key_norm" in block:
        turned = kit.norm(turned, block["query_key_norm"], settings.epsilon)
    turned = kit.rotate(turned, *table)
    query, key = turned[:, :heads], turned[:, heads:]

    def spread(part: Tensor, places: Tensor | None) -> Tensor:
        return part[:, None] if places is None else kit.pick(part, places)

    keys = kit.write(kept[0], spread(key, where), column)
    values = kit.write(kept[1], spread(value, where), column)
    mixed = kit.attend(
        spread(query, asking), keys, values, mask, settings.scale, settings.attention_cap
    )
    return kit.linear(mixed, block["output"]), (keys, values)


def _normed(kit: Any, settings: Settings, x: Tensor, factor: Tensor | None) -> Tensor:
    return x if factor is None else kit.norm(x, factor, settings.epsilon)
