"""The card of a data set."""

import pytest

from getalwoord.data.card import dataset_card
from getalwoord.data.parts import draw_parts

SPAN = {
    "minimum": -5,
    "maximum": 5000,
    "sampling": "log-uniform",
    "replacement": True,
    "seed": 7,
}


def card_of(**sizes):
    parts = draw_parts(**SPAN, **sizes)
    return parts, dataset_card(parts, **SPAN)


@pytest.mark.witness
def test_the_header_is_what_data_hubs_read():
    from huggingface_hub import DatasetCard

    _, text = card_of(count=900, validation=0, test=300)
    header = DatasetCard(text).data.to_dict()
    assert header["language"] == "nl"
    assert header["license"] == "apache-2.0"
    assert header["size_categories"] == ["1K<n<10K"]
    (config,) = header["configs"]
    assert config["data_files"] == [
        {"split": "train", "path": "train.jsonl"},
        {"split": "test", "path": "test.jsonl"},
    ]


def test_the_table_counts_pairs_and_different_numbers():
    parts, text = card_of(count=400, validation=20, test=30)
    different = len({example.value for example in parts.train})
    assert different < 400
    assert f"| train | `train.jsonl` | 400 | {different} |\n" in text
    assert "| validation | `validation.jsonl` | 20 | 20 |\n" in text
    assert "| test | `test.jsonl` | 30 | 30 |\n" in text


def test_the_card_says_that_no_number_is_in_two_parts_and_gives_seed_and_range():
    _, text = card_of(count=40, validation=20, test=30)
    assert "No number is in two parts" in text
    assert "Numbers from -5 to\n5000 were drawn with seed 7" in text


def test_of_several_kinds_the_card_promises_no_more_than_is_so():
    settings = SPAN | {"minimum": 1, "replacement": False, "kinds": ("cardinal", "ordinal")}
    parts = draw_parts(**settings, count=40, validation=20, test=30)
    text = dataset_card(parts, **settings)
    assert "No number is in two parts" not in text
    assert "**No value of a kind is in two parts**" in text
    assert "Values up to\n5000 were drawn" in text
