"""Long numerals are divided at their scales, read in parts, and put together exactly."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from getalwoord.numerals import spell, value_of_answer, words_apart
from getalwoord.reading.answers import Answer
from getalwoord.reading.parts import Divider, answer_in_parts
from getalwoord.reading.reader import Reader

MILLION = Divider(999_999)


class Fluent:
    """A model that knows what it was trained on, and answers 7 to all else."""

    def __init__(self, trained):
        self.known = {spell(value): str(value) for value in trained}
        self.asked, self.drafts = [], []

    def answer(self, instructions, drafts):
        self.asked += instructions
        self.drafts += drafts
        return [Answer(self.known.get(text, "7"), 0.5, 0.1) for text in instructions]


def test_it_is_divided_at_scales_that_were_not_trained_on():
    division = MILLION.divide("drie miljard vijfhonderd miljoen twaalfduizend zes")

    assert division.parts == ("drie", "vijfhonderd", "twaalfduizend zes")
    assert division.scales == (10**9, 10**6, 1)
    assert MILLION.divide("negenhonderdduizend twaalf") is None
    assert Divider(999).divide("negenhonderdduizend twaalf").parts == ("negenhonderd", "twaalf")


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("Vijf Miljoen en drie.", ("Vijf", "drie")),
        ("tweemiljoendrie", ("twee", "drie")),
        ("vijf miljon drie", ("vijf", "drie")),
        ("min vijf mijloen", ("vijf",)),
        ("dertich miljoen achenveertig", ("dertich", "achenveertig")),
        ("miljard drie", ("", "drie")),
    ],
)
def test_scales_are_found_joined_and_misspelt(text, parts):
    assert MILLION.divide(text).parts == parts


@pytest.mark.parametrize(
    "text",
    [
        "twee miljoen euro",
        "ik won twee miljoen",
        "twee miljoenste",
        "een miljoen twee miljard",
        "iljoen drie",  # miljoen or biljoen
        "miljoen",
        "",
    ],
)
def test_what_is_no_row_of_falling_parts_is_left_whole(text):
    assert MILLION.divide(text) is None


@given(value=st.integers(10**6, 10**36 - 1), negative=st.booleans(), apart=st.booleans())
def test_right_parts_make_the_right_whole(value, negative, apart):
    """
    To the end of what has a word.
    """
    value = -value if negative else value
    text = spell(value, "negative" if negative else "cardinal")
    division = MILLION.divide(words_apart(value) if apart else text)

    said = [Answer(draft, 1.0) for draft in division.drafts(str(value))]

    assert all(value_of_answer(one.text) < 10**6 for one in said)
    assert division.together(said).text == str(value)


@pytest.mark.parametrize("said", [("10000", "5"), ("2", "1000"), ("2", "0"), ("2", "0.5")])
def test_answers_that_are_no_parts_of_one_number_make_none(said):
    division = MILLION.divide("twee miljard drie miljoen")

    assert division.together([Answer(text, 1.0) for text in said]) is None


def test_probability_and_doubt_are_those_of_all_parts():
    division = MILLION.divide("twee miljoen drie")

    answer = division.together([Answer("2", 0.5, 0.1), Answer("3", 0.8, 0.2)])

    assert answer == Answer("2000003", pytest.approx(0.4), pytest.approx(1 - 0.9 * 0.8))


def test_only_long_texts_are_asked_for_in_parts():
    model = Fluent([2, 3, 12])

    answers = answer_in_parts(model, ["drie", "twee miljoen drie"], ["3", "2000004"], MILLION)

    assert model.asked == ["drie", "twee", "drie"]
    assert model.drafts == ["3", "2", "4"]
    assert [(answer.text, parts) for answer, parts in answers] == [
        ("3", ()),
        ("2000003", ("twee", "drie")),
    ]


def test_where_parts_do_not_fit_the_whole_is_asked_for():
    model = Fluent([11_000])

    ((answer, parts),) = answer_in_parts(model, ["elfduizend miljard miljoen"], [None], MILLION)

    assert model.asked[-1] == "elfduizend miljard miljoen"
    assert (answer.text, parts) == ("7", ())


def test_a_reading_tells_its_parts():
    reader = Reader(method="model")
    reader._answerer, reader._divider = Fluent([2, 3]), MILLION

    long, short = reader.read(["twee miljoen drie", "drie"])

    assert (long.value, long.divided, long.how) == ("2000003", ("twee", "drie"), "unproven")
    assert (long.answer, long.probability) == ("2000003", 0.25)
    assert short.divided is None


def test_a_reader_of_the_same_model_divides_and_one_of_another_does_not():
    reader = Reader(method="model")
    reader._answerer, reader._divider = Fluent([2, 3]), MILLION

    (same,) = reader.asking("model", reader.answerer).read(["twee miljoen drie"])
    (other,) = reader.asking("model", Fluent([7])).read(["twee miljoen drie"])

    assert same.divided == ("twee", "drie")
    assert other.divided is None
