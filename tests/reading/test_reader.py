"""The Reader: the grammar first, the model for the rest, and what proves it."""

import itertools
import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from getalwoord.errors import InputError
from getalwoord.models.bases import load_base
from getalwoord.models.decoder import Decoder
from getalwoord.numerals import Normalised, is_prose, normalise, spell
from getalwoord.reading.answers import Answer
from getalwoord.reading.automaton import Automaton
from getalwoord.reading.decode import Answerer
from getalwoord.reading.proof import Thresholds
from getalwoord.reading.reader import Reader

TEXTS = ["drie", "dretien", "zzz", "", "vierhonderd drie en tachtg", "3"]


class Said:
    """A model that answers what it is told to, and remembers what it was asked."""

    def __init__(self, answer, probability=0.99):
        self.said, self.asked = Answer(answer, probability), []

    def answer(self, instructions, drafts=None):
        self.asked += zip(instructions, drafts, strict=True)
        return [self.said] * len(instructions)


def reader_with(answer, probability=0.99, method="auto", **thresholds):
    reader = Reader(method=method, thresholds=Thresholds(**thresholds))
    reader._answerer = Said(answer, probability)
    return reader


def test_the_grammar_alone_says_how_it_knows():
    readings = Reader().read(TEXTS)

    assert [one.value for one in readings] == ["3", "13", None, None, "483", None]
    assert [one.how for one in readings] == ["exact", "near", None, None, "near", None]
    assert readings[1].meant == "dertien"
    assert readings[2].error
    assert readings[3].error == "there is no text"


def test_a_model_that_agrees_proves_what_is_near():
    reader = reader_with("13", probability=0.9)

    (reading,) = reader.read(["dretien"])

    assert (reading.value, reading.how, reading.answer) == ("13", "near", "13")
    assert reading.probability == 0.9
    assert reader._answerer.asked == [("dretien", "13")], "what is near is the draft"


def test_a_model_that_is_not_sure_enough_proves_nothing():
    reader = Reader(thresholds=Thresholds(probability=0.95))
    reader._answerer = Said("13", 0.9)

    (reading,) = reader.read(["dretien"])

    assert (reading.value, reading.how) == ("13", "unproven")


def test_where_the_model_differs_clear_words_are_believed_but_not_proven():
    (reading,) = reader_with("30").read(["dretien"])

    assert (reading.value, reading.how, reading.answer) == ("13", "unproven", "30")


def test_among_values_that_are_as_near_the_model_decides():
    text = "zesduizend negenhonderdviereneertig"
    answers = ("6934", "6944", "7")
    readings = [reader_with(one).read([text])[0] for one in answers]

    assert [one.value for one in readings] == ["6934", "6944", "6934"]
    assert {one.how for one in readings} == {"unproven"}


def test_the_model_is_asked_only_for_what_the_grammar_refuses():
    reader = reader_with("7")

    readings = reader.read(["drie", "zzz", "", "zes"])

    assert [one.value for one in readings] == ["3", "7", None, "6"]
    assert [asked for asked, _ in reader._answerer.asked] == ["zzz"]


def test_the_model_alone_is_asked_for_everything():
    reader = reader_with("3.50 EUR", method="model")

    readings = reader.read(["drie", "zzz"])

    assert reader._answerer.asked == [("drie", "3"), ("zzz", None)], "the grammar only drafts"
    assert [(one.value, one.unit, one.kind, one.how) for one in readings] == [
        ("3.50", "EUR", "money", "unproven")
    ] * 2


@pytest.mark.parametrize("answer", ["34 apples", "", "vier", "25:00"])
def test_what_a_model_that_is_not_tuned_says_may_be_no_value(answer):
    (reading,) = reader_with(answer, method="model").read(["vierendertig"])

    assert (reading.value, reading.how, reading.answer) == (None, None, answer)
    assert reading.error == f"the model said {answer!r}, which is no value"


def test_reading_step_by_step_comes_to_the_same():
    reader = reader_with("7")

    stepped = [reader.exactly(text) or reader.finish([reader.weighed(text)])[0] for text in TEXTS]

    assert stepped == reader.read(TEXTS)


def test_sentences_and_numerals_are_told_apart():
    numeral, sentence, misspelt = Reader().read_mixed(
        ["drie", "ik zag drie appels", "vierhonderd drie en tachtg"]
    )

    assert (numeral.value, misspelt.value) == ("3", "483")
    assert isinstance(sentence, Normalised)
    assert sentence.normalised == "ik zag 3 appels"


def test_badly_misspelt_numerals_of_several_words_are_for_the_model():
    reader = reader_with("483")
    first, second, sentence = reader.read_mixed(
        ["vierhonderd drie n tagtich", "duizend dreejhonderd ertzevenen", "ik at acht rode appels"]
    )

    assert (first.value, second.value) == ("483", "483")
    assert isinstance(sentence, Normalised)
    assert all(isinstance(one, Normalised) for one in Reader().read_mixed(["acht appels"]))


@pytest.mark.parametrize(
    ("text", "figures"),
    [
        ("drie, vier en vijf", "3, 4 en 5"),
        (
            "het één/derde gedeelte, des namiddags ten negen ure",
            "het 1/3 gedeelte, des namiddags ten 21 uur",
        ),
    ],
)
def test_numerals_with_a_comma_between_are_no_numeral(text, figures):
    (read,) = reader_with("345").read_mixed([text])
    assert isinstance(read, Normalised)
    assert read.normalised == figures


def test_what_is_misspelt_in_a_sentence_is_proven_by_the_model():
    text = "Zij kocht vierhondert drie en tagtig stoelen en twee tafels."

    (near,) = reader_with("483").read_mixed([text])
    (unproven,) = reader_with("473").read_mixed([text])
    (alone,) = Reader().read_mixed([text])

    assert near.normalised == "Zij kocht 483 stoelen en 2 tafels."
    assert [(one.numeral.figures, one.how) for one in near.found] == [
        ("483", "near"),
        ("2", "exact"),
    ]
    assert near.found[0].numeral.meant == "vierhonderddrieëntachtig"
    assert unproven.normalised == "Zij kocht vierhondert drie en tagtig stoelen en 2 tafels."
    assert [(one.numeral.figures, one.how) for one in unproven.found] == [
        ("483", "unproven"),
        ("2", "exact"),
    ]
    assert all(one.how == "exact" for one in alone.found), "nobody else has a say"


def test_running_text_is_normalised_with_the_model():
    text = "Zij kocht vierhondert drie en tagtig stoelen en twee tafels."

    assert reader_with("483").normalise(text).normalised == "Zij kocht 483 stoelen en 2 tafels."
    assert Reader().normalise(text) == normalise(text)
    for clean in ("drie", "drie euro vijftig", "ik zag drie appels", ""):
        assert reader_with("483").normalise(clean) == normalise(clean), "nothing is asked"


def test_a_part_of_what_is_meant_is_not_taken_for_the_whole():
    text = "Aan huur is hij zesduizend driehonderdtwnitig euro kwijt."

    (read,) = reader_with("6320 EUR").read_mixed([text])

    assert [one.numeral.figures for one in read.found] == ["6320"]


def test_misspelt_digits_in_a_sentence_are_proven_by_the_model():
    text = "Ons nummer is nul twee ahct zeven nul drie, bel gerust."

    (near,) = reader_with("028703").read_mixed([text])
    (unproven,) = reader_with("02703").read_mixed([text])

    assert near.normalised == "Ons nummer is 028703, bel gerust."
    assert [(one.numeral.value, one.how) for one in unproven.found] == [("028703", "unproven")]
    assert unproven.normalised == text


def test_a_text_of_one_strange_word_beside_a_numeral_is_asked_of_the_model():
    (misspelt,) = reader_with("10:50").read_mixed(["tinu voor elf"])
    (other,) = reader_with("11").read_mixed(["Kamer elf"])

    assert [(one.numeral.figures, one.how) for one in misspelt.found] == [("10:50", "unproven")]
    assert misspelt.normalised == "tinu voor elf"
    assert [(one.numeral.figures, one.how) for one in other.found] == [("11", "exact")]
    assert other.normalised == "Kamer 11"


@settings(max_examples=40)
@given(
    texts=st.lists(st.one_of(st.integers(0, 10**6).map(spell), st.text(max_size=20)), max_size=8)
)
def test_every_text_has_a_reading_whatever_it_is(texts):
    readings = Reader().read(texts)

    assert [one.text for one in readings] == texts
    for one in readings:
        assert (one.value is None) == (one.how is None) == (one.error is not None)


def test_words_that_are_no_number_hinder_no_other_text():
    first, second = Reader().read(["duizend-en-een", "drie"])

    assert (first.value, first.error) == (
        None,
        '"duizend-en-een" means very many and is no number (character 1)',
    )
    assert second.value == "3"


@pytest.mark.parametrize(
    ("text", "figures"),
    [
        ("Het nummer is nul vijf zes vier.", "Het nummer is 0564."),
        ("Voer pincode nul vijf vijf drie in.", "Voer pincode 0553 in."),
    ],
)
def test_a_numeral_among_a_few_other_words_needs_no_model(text, figures):
    reader = reader_with("7")

    assert reader.read_mixed([text])[0].normalised == figures
    assert reader._answerer.asked == []


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("anderhalf uur", ["1.5"]),
        ("honderd meter", ["100"]),
        ("van acht tot vijf", ["8", "5"]),
        ("vijftig zestig dertig en elf", ["50", "60", "30", "11"]),
    ],
)
def test_numbers_with_words_that_name_none_are_a_sentence(text, values):
    (one,) = Reader().read_mixed([text])
    assert [found.numeral.figures for found in one.found] == values


def test_two_numbers_may_be_one_that_is_said_otherwise():
    (one,) = Reader().read_mixed(["twintig en vier"])
    assert one.value is None


def test_texts_without_end_are_read_as_they_come():
    endless = map(spell, itertools.count())

    first = list(itertools.islice(Reader().iter_read(endless), 5))

    assert [one.value for one in first] == [*"01234"]


def test_several_threads_can_use_one_reader(tiny_base_dir):
    base = load_base(str(tiny_base_dir), dtype="float32")
    rule = Automaton.of(["cardinal"], base.tokenizer)
    reader = Reader(method="model")
    reader._answerer = Answerer(
        Decoder(base.backbone), base.tokenizer, "{instruction} ={response}", rule
    )
    groups = [[spell(7 * number + offset) for number in range(5)] for offset in range(8)]
    expected = [[one.value for one in reader.read(group)] for group in groups]

    with ThreadPoolExecutor(4) as pool:
        found = list(pool.map(reader.read, groups))
        apart = list(pool.map(lambda group: reader.apart().read(group), groups))

    assert [[one.value for one in group] for group in found] == expected
    assert [[one.value for one in group] for group in apart] == expected


def test_a_reader_apart_does_not_wait_for_one_that_is_asking(tiny_base_dir):
    base = load_base(str(tiny_base_dir), dtype="float32")
    rule = Automaton.of(["cardinal"], base.tokenizer)
    reader = Reader(method="model")
    reader._answerer = Answerer(Decoder(base.backbone), base.tokenizer, "{instruction}", rule)

    with reader._answerer._lock:  # as if it were answering
        assert reader.apart().read(["zeven"])[0].value is not None


def test_a_closed_reader_frees_its_model_and_reads_no_more():
    with reader_with("3") as reader:
        pass

    assert reader._answerer is None
    with pytest.raises(InputError, match="closed"):
        reader.read(["drie"])


@pytest.mark.parametrize(
    "text",
    [
        "Ik betaalde drieëntwintig euro vijftig voor twee derde van de taart.",
        "De uitkomst is min zesduizenddriehonderddrieënnegentig.",
        "hij kwam om vijf over acht",
    ],
)
def test_a_sentence_that_is_mostly_numerals_is_told_from_a_misspelt_numeral(text):
    assert is_prose(text)


@pytest.mark.parametrize("method", ["auto", "grammar", "model"])
def test_kinds_that_are_none_are_refused_without_a_model_too(method):
    with pytest.raises(InputError, match='there is no kind "colour": give one of cardinal'):
        Reader(method=method, kinds=["cardinal", "colour"])


@pytest.mark.parametrize("text", ["zeven", b"zeven"])
@pytest.mark.parametrize("read", [Reader.read, Reader.read_mixed, Reader.iter_read])
def test_a_text_that_is_in_no_list_is_refused(read, text):
    with pytest.raises(InputError, match=r"in a list: give \[b?'zeven'\]"):
        read(Reader(), text)


def test_a_method_that_is_none_is_refused():
    with pytest.raises(InputError, match='there is no method "both": give one of auto, grammar,'):
        Reader(method="both")


def test_a_reader_may_be_closed_while_it_reads():
    reader = reader_with("3")
    answer = reader._answerer.answer

    def closing(*arguments):
        reader.close()
        return answer(*arguments)

    reader._answerer.answer = closing
    open_ones = [reader.weighed("drrie")]

    assert [one.value for one in reader.finish(open_ones)] == ["3"]
    with pytest.raises(InputError, match="closed"):
        reader.iter_read([])


def test_what_is_equally_near_is_read_alike_by_every_process():
    """
    Python shuffles sets anew in each, unless it is told how.
    """
    program = """
from getalwoord import Reader
print(Reader().read(["zevn ovr vijf 's middags", "tien ovr hafvier 's middags"]))
"""
    read = {
        subprocess.run(
            [sys.executable, "-c", program],
            env={**os.environ, "PYTHONHASHSEED": str(seed)},
            capture_output=True,
            check=True,
        ).stdout
        for seed in range(6)
    }
    assert len(read) == 1
    assert b"unproven" in read.pop()
