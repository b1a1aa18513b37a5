"""Examples to and from files."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from getalwoord.data.examples import Example
from getalwoord.data.jsonl import as_lines, read_examples, write_examples
from getalwoord.errors import DataError, InputError

TEXTS = st.text(st.characters(exclude_categories=["Cs"])).filter(str.strip)


@given(pairs=st.dictionaries(TEXTS, TEXTS, min_size=1))
def test_what_is_written_reads_back(pairs, tmp_path_factory):
    path = tmp_path_factory.mktemp("data") / "pairs.jsonl"
    write_examples(path, [Example(*pair) for pair in pairs.items()])
    found = read_examples(path)
    assert {example.instruction: example.response for example in found} == pairs
    assert [example.line for example in found] == list(range(1, len(pairs) + 1))


def test_a_line_is_the_pair_alone_with_letters_as_they_are():
    example = Example("drieëntwintig", "23", value=23)
    assert as_lines([example]) == '{"instruction": "drieëntwintig", "response": "23"}\n'


def test_blank_lines_a_byte_order_mark_and_further_fields_are_passed_over(tmp_path):
    path = tmp_path / "pairs.jsonl"
    path.write_bytes(
        b'\xef\xbb\xbf\r\n{"instruction": "een", "response": "1", "source": {"page": 7}}\r\n'
        b'\n \n{"kind": "ordinal", "response": "2e", "instruction": "tweede"}'
    )
    assert read_examples(path) == [
        Example("een", "1", "cardinal", 1, line=2),
        Example("tweede", "2e", "ordinal", None, line=5),
    ]


def test_a_value_is_known_where_the_response_is_a_whole_number_in_figures(tmp_path):
    path = tmp_path / "pairs.jsonl"
    responses = ["-6", "007", "2,5", "٣", "1 000"]
    path.write_text(as_lines(Example(f"{r} in woorden", r) for r in responses), encoding="utf-8")
    assert [example.value for example in read_examples(path)] == [-6, 7, None, None, None]


def test_the_same_pair_may_come_twice(tmp_path):
    path = tmp_path / "pairs.jsonl"
    write_examples(path, [Example("een", "1")] * 2)
    assert len(read_examples(path)) == 2


GOOD = b'{"instruction": "een", "response": "1"}\n'
BAD_LINES = {
    "cut short": (b'{"instruction": "twee", "respon', "broken JSON at character 25: Unterminated"),
    "not JSON": (b"twee = 2", "broken JSON at character 1: Expecting value"),
    "nested too deeply": (b"[" * 100_000, "broken JSON: nested too deeply"),
    "no object": (b'["twee", "2"]', "it must be an object with instruction and response"),
    "no UTF-8": (b'{"instruction": "dri\xebn"}', "byte 21 is not UTF-8: save the file as UTF-8"),
    "no instruction": (b'{"response": "2"}', 'field "instruction": it is missing: add it'),
    "no response": (b'{"instruction": "twee"}', 'field "response": it is missing: add it'),
    "a number": (
        b'{"instruction": "twee", "response": 2}',
        'field "response": 2 is no string: put it in quotes',
    ),
    "null": (
        b'{"instruction": null, "response": "2"}',
        'field "instruction": null is no string: put it in quotes',
    ),
    "an endless number": (
        b'{"instruction": "veel", "response": ' + b"1" * 5000 + b"}",
        "it holds a number that is too long: put it in quotes",
    ),
    "an empty instruction": (
        b'{"instruction": " ", "response": "2"}',
        'field "instruction": it is empty: fill it in, or remove the line',
    ),
    "an empty response": (
        b'{"instruction": "twee", "response": ""}',
        'field "response": it is empty: fill it in, or remove the line',
    ),
    "half a surrogate pair": (
        rb'{"instruction": "twee\ud800", "response": "2"}',
        'field "instruction": character 5 is half a surrogate pair',
    ),
    "a contradiction": (
        b'{"instruction": "een", "response": "2"}',
        'field "response": "2" contradicts line 1, where the same instruction has "1": keep one',
    ),
    "a kind that is no string": (
        b'{"instruction": "twee", "response": "2", "kind": 7}',
        'field "kind": 7 is no string: put it in quotes',
    ),
}


@pytest.mark.parametrize(("line", "reason"), BAD_LINES.values(), ids=BAD_LINES)
def test_what_is_wrong_is_said_with_file_line_and_field(line, reason, tmp_path):
    path = tmp_path / "pairs.jsonl"
    path.write_bytes(GOOD + b"\n" + line + b"\n" + GOOD)
    place = re.escape(f"{path}, line 3")
    with pytest.raises(DataError, match=rf"^{place}(, |: ){re.escape(reason)}") as caught:
        read_examples(path)
    assert (caught.value.path, caught.value.line) == (path, 3)


@given(raw=st.binary())
def test_random_bytes_give_a_data_error(raw, tmp_path_factory):
    path = tmp_path_factory.getbasetemp() / "any.jsonl"
    path.write_bytes(raw)
    with pytest.raises(DataError, match=re.escape(str(path))):
        read_examples(path)


@pytest.mark.parametrize("content", [b"", b"\n \n", b"\xef\xbb\xbf"])
def test_a_file_without_examples_is_refused_unless_it_may_be_empty(content, tmp_path):
    path = tmp_path / "pairs.jsonl"
    path.write_bytes(content)
    with pytest.raises(DataError, match=r"pairs\.jsonl: it holds no examples: give one JSON"):
        read_examples(path)
    assert read_examples(path, may_be_empty=True) == []


def test_a_missing_file_and_a_folder_are_named(tmp_path):
    with pytest.raises(InputError, match=r"cannot read .*pairs\.jsonl: it does not exist"):
        read_examples(tmp_path / "pairs.jsonl")
    with pytest.raises(InputError, match=r"cannot read .*: it is a folder, not a file"):
        read_examples(tmp_path)
