"""Texts in a row of tokens that has each beginning once.

Numerals that are sorted begin alike, and what a causal model computes for a token depends on what
stands before it alone. So the texts of a batch are a tree of tokens, and no padding is computed.
"""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt


def packed(
    texts: Sequence[Sequence[int]], columns: int
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
