"""Texts in a row of tokens that has each beginning once."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from getalwoord.models.packing import packed, trees

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


@given(texts=texts, rows=st.integers(1, 10))
def test_trees_tell_each_token_apart_from_those_that_it_may_not_see(texts, rows):
    made = trees(texts, rows=rows)

    count, tokens = made.token_ids.shape
    assert 1 <= count <= min(rows, len(texts))
    assert made.seen.shape == (count, tokens, tokens)
    for text, path in zip(texts, made.paths, strict=True):
        assert len(set(path // tokens)) == 1, "a text lies in one row"
        row, path = path[0] // tokens, path % tokens
        assert made.token_ids[row, path].tolist() == text
        assert made.depths[row, path].tolist() == list(range(len(text)))
        for depth, place in enumerate(path):
            assert np.flatnonzero(made.seen[row, place]).tolist() == sorted(path[: depth + 1])
    reached = {int(place) for path in made.paths for place in path}
    padding = sorted(set(range(count * tokens)) - reached)
    assert not made.token_ids.reshape(-1)[padding].any()
    assert not made.seen.reshape(-1, tokens)[padding].any()


def test_rows_are_about_as_long_and_no_longer_than_they_need():
    draw = np.random.default_rng(0)
    texts = sorted(draw.integers(0, 9, int(n)).tolist() for n in draw.integers(3, 30, 64))
    lone = len({tuple(text[:end]) for text in texts for end in range(1, len(text) + 1)})

    made = trees(texts)

    assert len(made.token_ids) == -(-lone // 192)
    assert made.token_ids.size < 1.2 * lone
    long = trees([*texts, [7] * 300])
    assert long.token_ids.shape[1] < 400, "a long text is no reason to put all into one row"
    assert [len(rows) for rows in (trees([[1, 2], [3]], rows=2).token_ids,)] == [2]
