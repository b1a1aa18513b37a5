"""Texts in a row of tokens that has each beginning once."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from getalwoord.models.packing import packed

texts = st.lists(st.lists(st.integers(0, 3), min_size=1, max_size=6), min_size=1, max_size=8)


@given(texts=texts, more=st.integers(0, 3))
def test_every_text_stands_on_the_right_behind_its_padding(texts, more):
    columns = max(map(len, texts)) + more

    token_ids, places = packed(texts, columns)

    assert places.shape == (len(texts), columns)
    for text, row in zip(texts, places, strict=True):
        assert (row[: columns - len(text)] == -1).all()
        assert token_ids[row[columns - len(text) :]].tolist() == text


@given(texts=texts)
def test_each_beginning_is_there_once(texts):
    token_ids, places = packed(texts, max(map(len, texts)))

    beginnings = {tuple(text[:end]) for text in texts for end in range(1, len(text) + 1)}
    assert len(token_ids) == len(beginnings)
    assert np.unique(places[places >= 0]).tolist() == list(range(len(token_ids)))
