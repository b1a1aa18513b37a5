"""What is written: nothing of a record is lost, and a table without records is one."""

import csv
import json

import pyarrow
import pytest
from pyarrow import parquet

from getalwoord.errors import InputError
from getalwoord.reading.batch import read_file
from getalwoord.reading.formats import COLUMNS
from getalwoord.reading.reader import Reader


@pytest.fixture
def reader():
    return Reader()


@pytest.mark.parametrize("end", ["\r", "\n", "\r\n"])
def test_ends_of_lines_within_csv_stay(tmp_path, reader, end):
    with (tmp_path / "in.csv").open("w", newline="") as file:
        csv.writer(file, quoting=csv.QUOTE_ALL).writerows(
            [["text", f"no{end}te"], ["drie", f"a{end}b"], ["vier", "c"]]
        )

    read_file(tmp_path / "in.csv", tmp_path / "out.csv", reader)

    with (tmp_path / "out.csv").open(newline="") as file:
        rows = [*csv.reader(file)]
    assert [row[:3] for row in rows] == [
        ["text", f"no{end}te", "value"],
        ["drie", f"a{end}b", "3"],
        ["vier", "c", "4"],
    ]


@pytest.mark.parametrize("content", ["id,text\n", "id,text", "id,text\n1,drie,vier\n"])
def test_csv_without_good_records_keeps_its_head(tmp_path, reader, content):
    (tmp_path / "in.csv").write_text(content)

    for resume in (False, True):
        read_file(tmp_path / "in.csv", tmp_path / "out.csv", reader, errors="skip", resume=resume)

        assert (tmp_path / "out.csv").read_text() == f"id,text,{','.join(COLUMNS)}\n"


def test_half_a_surrogate_pair_stays(tmp_path, reader):
    """
    Which JSON may hold and UTF-8 may not; also beside a backslash.
    """
    records = [{"text": "drie", "note\ud83d": "\\\ud83d"}, {"text": "één", "note": "\U0001f600"}]
    lines = [json.dumps(record) for record in records]
    (tmp_path / "in.jsonl").write_text("".join(f"{line}\n" for line in lines))

    read_file(tmp_path / "in.jsonl", tmp_path / "out.jsonl", reader)

    written = (tmp_path / "out.jsonl").read_text(encoding="utf-8")
    for line, record in zip(written.splitlines(), records, strict=True):
        assert json.loads(line).items() >= record.items()
    assert "één" in written


@pytest.mark.parametrize(
    "texts",
    [
        pyarrow.array([], pyarrow.string()),
        pyarrow.array([None, None], pyarrow.string()),
        pyarrow.array([1, 2]),
        pyarrow.array([b"drie"]),
        pyarrow.nulls(3),
    ],
    ids=["empty", "all null", "integers", "binary", "no type"],
)
def test_parquet_without_a_text_has_columns_and_no_rows(tmp_path, reader, texts):
    source, out = tmp_path / "in.parquet", tmp_path / "out.parquet"
    parquet.write_table(pyarrow.table({"text": texts}), source)

    progress = read_file(source, out, reader, errors="skip")

    assert (progress.records, progress.rejected) == (0, len(texts))
    written = parquet.read_table(out)
    assert (written.column_names, len(written)) == (["text", *COLUMNS], 0)
    assert not out.with_name("out.parquet.part").exists()


def test_parquet_of_encoded_texts_is_read(tmp_path, reader):
    texts = pyarrow.array(["drie", None, "vier", "drie"]).dictionary_encode()
    parquet.write_table(pyarrow.table({"text": texts}), tmp_path / "in.parquet")

    read_file(tmp_path / "in.parquet", tmp_path / "out.parquet", reader, errors="skip")

    written = parquet.read_table(tmp_path / "out.parquet").to_pylist()
    assert [(row["text"], row["value"]) for row in written] == [
        ("drie", "3"),
        ("vier", "4"),
        ("drie", "3"),
    ]


def test_parquet_without_a_text_stops(tmp_path, reader):
    parquet.write_table(pyarrow.table({"text": [1]}), tmp_path / "in.parquet")

    with pytest.raises(InputError, match='no text in the column "text"'):
        read_file(tmp_path / "in.parquet", tmp_path / "out.parquet", reader)

    assert [path.name for path in tmp_path.iterdir()] == ["in.parquet"]
