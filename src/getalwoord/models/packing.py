"""Texts in a row of tokens that has each beginning once.

Numerals that are sorted begin alike, and what a causal model computes for a token depends on what
stands before it alone. So the texts of a batch are a tree of tokens, and little else is computed.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt

_Text: TypeAlias = Sequence[int]

# In a row, each token is compared with each other: a share of the products that grows with it.
_TOKENS_OF_ROW = 192
# Of tokens and of answers: oneDNN writes code for each shape, which takes as long as some products.
MULTIPLE = 8


@dataclass(frozen=True, slots=True)
class Trees:
    """Texts as trees of tokens, one in each row.

    Attributes:
        token_ids: (rows, tokens) int32, 0 on padding.
        depths: (rows, tokens) int32, where each token stands in its text, from 0.
        seen: (rows, tokens, tokens), whether a token is another, or comes after it in a text.
        paths: For each text, where its tokens are, counted through all rows.
    """

    token_ids: npt.NDArray[np.int32]
    depths: npt.NDArray[np.int32]
    seen: npt.NDArray[np.bool_]
    paths: list[npt.NDArray[np.intp]]

    @property
    def inputs(self) -> dict[str, npt.NDArray[Any]]:
        """What `answer_model` takes of them, by name."""
        return {"token_ids": self.token_ids, "depths": self.depths, "seen": self.seen}


def trees(texts: Sequence[_Text], *, rows: int = 1) -> Trees:
    """Lay texts out as trees, in about as many tokens for each row, with some padding.

    Args:
        texts: Token ids of each. Beginnings are shared within a row, so sorted ones share most.
        rows: How many to make at least, of so many texts that divide into as many.

    >>> made = trees([[7, 4], [7, 5, 4]])
    >>> made.token_ids, made.depths
    (array([[7, 4, 5, 4, 0, 0, 0, 0]], dtype=int32), array([[0, 1, 1, 2, 0, 0, 0, 0]], dtype=int32))
    >>> made.paths
    [array([0, 1]), array([0, 2, 3])]
    """
    made = [packed(group, max(map(len, group))) for group in _divided(texts, rows)]
    longest = max(len(token_ids) for token_ids, _ in made)
    tokens = rounded(longest)
    token_ids = np.zeros((len(made), tokens), np.int32)
    depths = np.zeros((len(made), tokens), np.int32)
    seen = np.zeros((len(made), tokens, tokens), np.bool_)
    paths = []
    for row, (ids, places) in enumerate(made):
        token_ids[row, : len(ids)] = ids
        for line in places:
            path = line[line >= 0].astype(np.intp)
            depths[row, path] = np.arange(len(path))
            seen[row][np.ix_(path, path)] = np.tri(len(path), dtype=np.bool_)
            paths.append(row * tokens + path)
    return Trees(token_ids, depths, seen, paths)


def rounded(number: int, multiple: int = MULTIPLE) -> int:
    """Give the next multiple."""
    return -(-number // multiple) * multiple


def _divided(texts: Sequence[_Text], least: int) -> list[list[_Text]]:
    """Divide texts into rows, in their order."""
    longest = max(map(len, texts))
    _, places = packed(texts, longest)
    ends = np.maximum.accumulate(places.max(axis=1)) + 1  # tokens, with each text
    total = int(ends[-1])
    rows = min(len(texts), max(least, math.ceil(total / max(_TOKENS_OF_ROW, longest))))
    middles = (ends + np.r_[0, ends[:-1]]) / 2
    numbers = (middles * rows / total).astype(int).clip(max=rows - 1)
    return [[texts[int(n)] for n in np.flatnonzero(numbers == k)] for k in np.unique(numbers)]


def packed(
    texts: Sequence[_Text], columns: int
) -> tuple[npt.NDArray[np.int32], npt.NDArray[np.int32]]:
    """Pack texts, with those that are shorter padded on the left.

    Args:
        texts: Token ids of each.
        columns: How many each has with its padding.

    Returns:
        The token ids, (tokens,), and which of them stands where: (texts, columns), -1 for padding.

    >>> packed([[7, 4], [7, 5, 4]], 3)
    (array([7, 4, 5, 4], dtype=int32), array([[-1,  0,  1],
           [ 0,  2,  3]], dtype=int32))
    """
    nodes: dict[tuple[int, int], int] = {}  # by the node before it and its token
    places = np.full((len(texts), columns), -1, np.int32)
    for row, text in enumerate(texts):
        node = -1
        for column, token in enumerate(text, columns - len(text)):
            node = nodes.setdefault((node, token), len(nodes))
            places[row, column] = node
    return np.array([token for _, token in nodes], np.int32), places
