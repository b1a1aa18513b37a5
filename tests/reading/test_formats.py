"""Names of fields, blank lines and damage in files of texts."""

import json
import zlib

import pyarrow
import pytest
from pyarrow import parquet

from getalwoord.errors import DataError, InputError
from getalwoord.numerals import normalise, spell
from getalwoord.reading.batch import read_file
from getalwoord.reading.formats import COLUMNS
from getalwoord.reading.reader import Reader
from getalwoord.reading.records import FIELDS, record_of_sentence


@pytest.fixture
def reader():
    return Reader()


@pytest.mark.parametrize(
    ("head", "message"),
    [
        ("text,,", r'in.csv has more than one field with the name "": rename all but one'),
        ("text,id,id", 'more than one field with the name "id"'),
        ("value,text,how", 'has fields that the output adds: rename "value", "how"'),
        ("value", 'has fields that the output adds: rename "value"'),
    ],
)
@pytest.mark.parametrize("form", ["csv", "parquet"])
def test_a_column_that_the_output_would_lose_is_refused(tmp_path, reader, form, head, message):
    source, out = tmp_path / f"in.{form}", tmp_path / f"out.{form}"
    if form == "csv":
        source.write_text(f"{head}\n" + ",".join(["drie"] * len(head.split(","))) + "\n")
    else:
        names = head.split(",")
        parquet.write_table(pyarrow.table([["drie"]] * len(names), names=names), source)

    with pytest.raises(InputError, match=message.replace("in.csv", source.name)):
        read_file(source, out, reader)

    assert [path.name for path in tmp_path.iterdir()] == [source.name]


@pytest.mark.parametrize("name", FIELDS)
def test_an_object_with_a_field_of_the_output_is_a_bad_record(tmp_path, reader, name):
    source, out = tmp_path / "in.jsonl", tmp_path / "out.jsonl"
    source.write_text(json.dumps({"text": "drie", name: 1}) + '\n{"text": "vier"}\n')

    with pytest.raises(DataError, match=f'line 1: it has fields that the output .* "{name}"'):
        read_file(source, out, reader)
    progress = read_file(source, out, reader, errors="skip")

    assert (progress.records, progress.rejected) == (1, 1)


def test_an_object_with_a_field_twice_is_a_bad_record(tmp_path, reader):
    (tmp_path / "in.jsonl").write_text('{"text": "drie", "id": 1, "id": 2}\n')

    with pytest.raises(DataError, match='more than one field with the name "id": rename'):
        read_file(tmp_path / "in.jsonl", tmp_path / "out.jsonl", reader)


def test_the_fields_of_the_output_are_all_known():
    assert set(COLUMNS) < set(FIELDS)
    assert set(record_of_sentence(normalise("ik zag drie appels"))) - {"text"} < set(FIELDS)


def test_blank_lines_are_passed_over(tmp_path, reader):
    for name, content in (
        ("in.jsonl", '\n{"text": "drie"}\n  \n{"text": "vier"}\r\n\r\n'),
        ("in.csv", "text\ndrie\n\nvier\n\n"),
    ):
        (tmp_path / name).write_bytes(content.encode())

        progress = read_file(tmp_path / name, tmp_path / f"out-{name}", reader)

        assert (progress.records, progress.rejected) == (2, 0)


def test_damage_in_the_middle_of_a_compressed_file_is_told_of(tmp_path, reader):
    """
    What was read before it stays, to be gone on with.
    """
    packing = zlib.compressobj(wbits=31)  # as gzip does
    packed = packing.compress("".join(f"{spell(number)}\n" for number in range(5000)).encode())
    packed += packing.flush(zlib.Z_FULL_FLUSH) + b"\xff" * 9  # no block begins so
    (tmp_path / "in.txt.gz").write_bytes(packed)

    with pytest.raises(InputError, match=r"in.txt.gz is damaged: "):
        read_file(tmp_path / "in.txt.gz", tmp_path / "out.txt", reader)

    assert (tmp_path / "out.txt").read_text().count("\n") == 4 * 1024
