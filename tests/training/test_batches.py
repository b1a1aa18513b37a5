"""Batches: every example once an epoch, in an order that seed and epoch decide."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from getalwoord.data.examples import Example
from getalwoord.errors import DataError, InputError
from getalwoord.models.tokenizer import Tokenizer
from getalwoord.training.batches import Batches, encode, prompt_of
from getalwoord.training.layout import Encoded, in_trees, padded

TEMPLATE = "{instruction}={response}"
tokens = st.integers(2, 639)
items = st.builds(
    Encoded,
    st.lists(tokens, min_size=1, max_size=20).map(tuple),
    st.lists(tokens, min_size=1, max_size=8).map(lambda answer: (*answer, 1)),
)
# The first token tells an example from all others.
data_sets = st.lists(items, min_size=1, max_size=90).map(
    lambda found: [
        Encoded((1000 + number, *item.prompt), item.answer) for number, item in enumerate(found)
    ]
)
sizes = st.integers(1, 20)
seeds = st.integers(0, 2**32)


def epochs_of(batches, count):
    """The number of each example, batch by batch, of some epochs."""
    found = []
    for epoch in range(batches.epoch, batches.epoch + count):
        if epoch != batches.epoch:
            batches.begin(epoch)
        found.append([batches.numbers(index) for index in range(len(batches))])
    return found


@given(data_sets, sizes, seeds)
def test_every_example_comes_once_an_epoch(examples, size, seed):
    batches = Batches(examples, batch_size=size, seed=seed)

    for epoch in epochs_of(batches, 3):
        assert sorted(number for batch in epoch for number in batch) == [*range(len(examples))]
        assert len(epoch) == -(-len(examples) // size)
        assert sum(len(batch) < size for batch in epoch) <= 1


@given(data_sets, sizes, seeds, st.integers(0, 3))
def test_seed_and_epoch_alone_decide_the_order(examples, size, seed, epoch):
    whole = epochs_of(Batches(examples, batch_size=size, seed=seed), 5)
    begun_later = Batches(examples, batch_size=size, seed=seed, epoch=epoch)

    assert epochs_of(begun_later, 2) == whole[epoch : epoch + 2]


@given(data_sets, sizes, seeds, st.data())
def test_batches_that_are_done_are_skipped_in_the_first_epoch_alone(examples, size, seed, data):
    whole = epochs_of(Batches(examples, batch_size=size, seed=seed), 3)
    skip = data.draw(st.integers(0, len(whole[1])))
    resumed = Batches(examples, batch_size=size, seed=seed, epoch=1, skip=skip)

    assert epochs_of(resumed, 2) == [whole[1][skip:], whole[2]]


def test_seeds_and_epochs_have_orders_of_their_own():
    examples = [Encoded((1000 + number, 5), (6, 1)) for number in range(40)]
    orders = [epochs_of(Batches(examples, batch_size=4, seed=seed), 3) for seed in (0, 1)]

    assert len({str(epoch) for order in orders for epoch in order}) == 6


def test_the_order_is_that_of_every_machine_and_version():
    examples = [Encoded((1000 + number,), (6, 1)) for number in range(7)]

    # Drawn once; Python promises random.random() of a string seed in every version.
    assert epochs_of(Batches(examples, batch_size=3, seed=0), 2) == [
        [[4], [0, 1, 5], [2, 3, 6]],
        [[1, 5, 6], [3], [0, 2, 4]],
    ]


@given(st.lists(items, min_size=1, max_size=12))
def test_each_position_predicts_its_target_in_padded_rows(batch):
    inputs, targets, weights = padded(batch)
    token_ids, mask = inputs["token_ids"], inputs["padding_mask"]
    rows, columns = token_ids.shape
    real = weights > 0

    assert token_ids.shape == mask.shape
    assert rows == len(batch)
    assert columns % 8 == len(targets) % 64 == 0
    assert inputs["positions"].shape == targets.shape == weights.shape
    assert targets[real].tolist() == [token for item in batch for token in item.answer]
    assert not weights[~real].any()
    assert not np.any(np.diff(real.astype(int)) > 0), "padding comes after the answers"
    # The token after a position is its target, but for the last, which is never read.
    place = iter(zip(inputs["positions"][real], targets[real], strict=True))
    for row, item in enumerate(batch):
        whole = (*item.prompt, *item.answer)
        assert token_ids[row][mask[row] == 1].tolist() == [*whole[:-1]]
        assert mask[row, : len(whole) - 1].all()
        assert not token_ids[row][mask[row] == 0].any()
        for number in range(len(item.answer)):
            position, target = next(place)
            token = position - row * columns
            assert mask[row, token]
            assert whole[token + 1] == target
            assert token == len(item.prompt) + number - 1
    assert inputs["positions"].max() < rows * columns


@given(st.lists(items, min_size=1, max_size=12), st.integers(1, 4))
def test_each_position_predicts_its_target_in_trees(batch, rows):
    """
    What is seen from a position, in the order of the depths, is the text up to its target.
    """
    inputs, targets, weights = in_trees(batch, rows=rows)
    _, columns = inputs["token_ids"].shape

    assert len(inputs["positions"]) == len(targets) == len(weights)
    assert len(targets) % 8 == 0
    real = weights > 0
    assert set(weights[real]) == {1}
    assert not np.any(np.diff(real.astype(int)) > 0), "padding comes after the answers"
    place = iter(zip(inputs["positions"][real], targets[real], strict=True))
    for item in batch:
        for number, token in enumerate(item.answer):
            position, target = next(place)
            row, column = divmod(position, columns)
            seen = np.flatnonzero(inputs["seen"][row, column])
            depths = inputs["depths"][row, seen]
            assert sorted(depths) == list(range(len(item.prompt) + number))
            read = inputs["token_ids"][row, seen[np.argsort(depths)]].tolist()
            assert read == [*item.prompt, *item.answer[:number]]
            assert target == token
    assert next(place, None) is None


def test_batches_cost_little_in_either_layout():
    """
    Of 512 texts from 4 to 30 tokens, batches of 8 need hardly more padding than those of like
    length, and have beginnings in common that a batch of any eight has not.
    """
    draw = np.random.default_rng(0)
    examples = [
        Encoded((5, *(int(token) for token in draw.integers(6, 9, int(length)))), (6, 1))
        for length in draw.integers(1, 28, 512)
    ]
    batches = Batches(examples, batch_size=8, seed=0)
    made = [
        [examples[number] for number in batches.numbers(index)] for index in range(len(batches))
    ]

    def tokens(batches, layout):
        """Count them, but for what a row of a tree is padded with, whatever is in it."""
        made = [layout(batch)[0] for batch in batches]
        return sum(
            one["seen"].diagonal(axis1=1, axis2=2).sum() if "seen" in one else one["token_ids"].size
            for one in made
        )

    by_length = sorted(examples, key=len)
    like = [by_length[first : first + 8] for first in range(0, 512, 8)]
    chance = [examples[first : first + 8] for first in range(0, 512, 8)]
    assert tokens(made, padded) < 1.1 * tokens(like, padded) < 0.9 * tokens(chance, padded)
    assert tokens(made, in_trees) < 0.95 * tokens(chance, in_trees)


@pytest.fixture(scope="module")
def tokenizer(tiny_tokenizer_model):
    return Tokenizer(tiny_tokenizer_model, "tiny")


texts = st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1, max_size=12)


@given(instruction=texts, response=texts)
@settings(deadline=None)
def test_an_example_is_encoded_as_a_reader_meets_it(tokenizer, instruction, response):
    (encoded,) = encode(
        [Example(instruction, response)], tokenizer, template=TEMPLATE, sequence_length=1000
    )

    assert encoded.prompt == (tokenizer.bos_id, *tokenizer.encode(f"{instruction}="))
    assert encoded.answer == (*tokenizer.encode(response), tokenizer.eos_id)


def test_cuts_are_in_the_prompt_alone_and_decided_by_the_seed(tokenizer):
    examples = [Example("vierendertig", "34")] * 40

    def encoded(**settings):
        return encode(examples, tokenizer, template=TEMPLATE, sequence_length=100, **settings)

    whole, cut = encoded(), encoded(cut=0.3, seed=1)

    assert [one.answer for one in cut] == [one.answer for one in whole]
    assert {tokenizer.decode(one.prompt) for one in cut} == {"vierendertig="}
    assert len({one.prompt for one in cut}) > 4
    assert encoded(cut=0.3, seed=1) == cut != encoded(cut=0.3, seed=2)


def test_an_instruction_may_hold_what_looks_like_a_placeholder():
    assert prompt_of("{response} {instruction}", TEMPLATE) == "{response} {instruction}="


def test_an_example_of_just_the_length_is_taken_and_a_longer_one_never_cut(tokenizer, tmp_path):
    examples = [Example("twee", "2"), Example("drieduizendvierhonderd", "3400", line=7)]
    short, long = encode(examples, tokenizer, template=TEMPLATE, sequence_length=100)
    assert len(short) < len(long)

    def encoded(length, source=None):
        return encode(examples, tokenizer, template=TEMPLATE, sequence_length=length, source=source)

    assert encoded(len(long)) == [short, long]
    reason = f"have {len(long)} tokens, more than the sequence_length of {len(long) - 1}: raise it"
    with pytest.raises(InputError, match=f"^'drieduizendvierhonderd' and its response {reason}"):
        encoded(len(long) - 1)
    path = tmp_path / "mine.jsonl"
    with pytest.raises(DataError, match=f"{path}, line 7: .* {reason}") as caught:
        encoded(len(long) - 1, source=path)
    assert (caught.value.path, caught.value.line) == (path, 7)
