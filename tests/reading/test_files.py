"""Whole files: every form, in order, nothing lost, gone on with after anything."""

import csv
import gzip
import json
import signal
import subprocess
import sys
import time
from pathlib import Path

import pyarrow
import pytest
from pyarrow import parquet

from getalwoord.errors import DataError, InputError
from getalwoord.numerals import spell
from getalwoord.reading import batch
from getalwoord.reading.batch import read_file
from getalwoord.reading.formats import opened
from getalwoord.reading.reader import Reader

TEXTS = ["drie", "vierhonderddrieëntachtig", "ik zag drie appels", "zzz", "dretien", 'a "b", c\nd']
VALUES = ["3", "483", None, None, "13", None]


@pytest.fixture
def reader():
    return Reader()


def write(path, texts):
    """Write a file of texts in the form that its name tells."""
    form = path.name.split(".")[1]
    if form == "parquet":
        table = {"id": [*range(len(texts))], "text": texts}
        parquet.write_table(pyarrow.table(table), path, row_group_size=7)
        return
    if form == "txt":
        content = "".join(f"{' '.join(text.split())}\n" for text in texts)
    elif form == "jsonl":
        rows = ({"id": number, "text": text} for number, text in enumerate(texts))
        content = "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)
    else:
        with path.with_suffix(".tmp").open("w", newline="", encoding="utf-8") as file:
            csv.writer(file).writerows([["id", "text"], *enumerate(texts)])
        content = path.with_suffix(".tmp").read_bytes().decode()
    data = content.encode()
    if path.suffix == ".gz":
        data = gzip.compress(data)
    elif path.suffix == ".zst":
        data = pyarrow.compress(data, "zstd", asbytes=True)
        with pyarrow.CompressedOutputStream(str(path), "zstd") as out:
            out.write(content.encode())
        return
    path.write_bytes(data)


def rows(path):
    """Give a written file's records."""
    form = path.name.split(".")[1]
    if form == "parquet":
        return parquet.read_table(path).to_pylist()
    with opened(path) as (file, _):
        text = file.read().decode()
    if form == "txt":
        return text.splitlines()
    if form == "jsonl":
        return [json.loads(line) for line in text.splitlines()]
    return [*csv.DictReader(text.splitlines(keepends=True))]


FORMS = ["txt", "jsonl", "csv", "parquet", "txt.gz", "jsonl.zst", "csv.gz"]


@pytest.mark.parametrize("form", FORMS)
def test_every_form_is_written_as_it_was_read(tmp_path, reader, form):
    source, out = tmp_path / f"in.{form}", tmp_path / f"out.{form}"
    write(source, TEXTS)

    progress = read_file(source, out, reader)

    assert (progress.records, progress.unread, progress.rejected) == (6, 1, 0)
    found = rows(out)
    assert len(found) == 6
    if form.startswith("txt"):
        assert found[:5] == ["3\texact", "483\texact", "ik zag 3 appels", "zzz", "13\tnear"]
        return
    assert [str(row["id"]) for row in found] == [*"012345"]
    assert [row["text"] for row in found] == TEXTS
    assert [row.get("value") or None for row in found] == VALUES
    assert found[2]["normalised"] == "ik zag 3 appels"
    assert not out.with_name(out.name + ".part").exists()


def test_another_column_can_be_read(tmp_path, reader):
    source = tmp_path / "in.csv"
    source.write_text("nr,bedrag\n1,drie euro\n", encoding="utf-8")

    read_file(source, tmp_path / "out.csv", reader, column="bedrag")

    assert (tmp_path / "out.csv").read_text() == (
        "nr,bedrag,value,kind,unit,how,normalised\n1,drie euro,3,money,EUR,exact,\n"
    )
    with pytest.raises(InputError, match=r'no column "text": give --column, one of nr, bedrag'):
        read_file(source, tmp_path / "other.csv", reader)


BAD = {
    "in.jsonl": '{"text": "drie"}\n{"text": 3}\nnee\n[]\n{"text": "vier"}\n',
    "in.csv": "id,text\n1,drie\n2\n3,a,b\n4\n5,vier\n",
}


@pytest.mark.parametrize("name", BAD)
def test_bad_records_stop_with_their_line_or_are_set_apart(tmp_path, reader, name):
    source, out = tmp_path / name, tmp_path / f"out{(tmp_path / name).suffix}"
    source.write_text(BAD[name], encoding="utf-8")
    first = 2 if name == "in.jsonl" else 3

    with pytest.raises(DataError, match=f"line {first}|{name}:{first}"):
        read_file(source, out, reader)
    progress = read_file(source, out, reader, errors="skip", overwrite=True)

    assert (progress.records, progress.rejected) == (2, 3)
    assert [row["value"] for row in rows(out)] == ["3", "4"]
    rejected = [
        json.loads(line)
        for line in out.with_name(f"{out.name}.rejected.jsonl").read_text().splitlines()
    ]
    assert [one["line"] for one in rejected] == [first, first + 1, first + 2]
    assert all(one["error"] and one["record"] for one in rejected)


@pytest.mark.parametrize("name", ["in.txt", "in.csv", "in.jsonl"])
def test_what_is_not_utf_8_is_set_apart_and_not_written_otherwise(tmp_path, reader, name):
    source, out = tmp_path / name, tmp_path / f"out{(tmp_path / name).suffix}"
    lines = {"in.csv": ["text", "caf\xe9 drie", "vier"], "in.txt": ["caf\xe9 drie", "vier"]}
    json_lines = ['{"text": "caf\xe9 drie"}', '{"text": "vier"}']
    source.write_text("".join(f"{line}\n" for line in lines.get(name, json_lines)), "latin-1")

    with pytest.raises(DataError, match="is not UTF-8"):
        read_file(source, out, reader)
    progress = read_file(source, out, reader, errors="skip", overwrite=True)

    assert (progress.records, progress.rejected) == (1, 1)
    assert "\ufffd" not in out.read_text("utf-8")


_PACKED = gzip.compress(b"drie\nvier\n" * 99, mtime=0)


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("in.jsonl.gz", b"no gzip", "damaged|Not a gzipped"),
        ("in.txt.gz", _PACKED[:-9], "in.txt.gz is damaged: "),
        ("in.txt.gz", _PACKED[:10] + b"\xff" * 20, "in.txt.gz is damaged: "),
        ("in.txt.zst", b"no zstd", "cannot read .*in.txt.zst"),
        ("in.parquet", b"no parquet", "no Parquet file"),
        ("in.doc", b"drie\n", "does not tell the format"),
        ("in.csv", b"", "no column"),
    ],
)
def test_files_that_cannot_be_read_are_refused_and_leave_nothing(
    tmp_path, reader, name, content, message
):
    (tmp_path / name).write_bytes(content)

    with pytest.raises(InputError, match=message):
        read_file(tmp_path / name, tmp_path / f"out.{name.split('.', 1)[1]}", reader)

    assert [path.name for path in tmp_path.iterdir()] == [name]


@pytest.mark.parametrize("form", ["txt", "jsonl", "csv"])
@pytest.mark.parametrize("options", [{}, {"overwrite": True}, {"resume": True}], ids=str)
def test_a_file_is_not_read_into_itself(tmp_path, reader, form, options):
    """
    By another name for it, or as the file of an earlier run's bad records, neither.
    """
    source, link = tmp_path / f"in.{form}", tmp_path / f"link.{form}"
    write(source, TEXTS)
    content = source.read_bytes()
    link.symlink_to(source)
    (tmp_path / f"other.{form}.rejected.jsonl").hardlink_to(source)

    for out in (source, link, tmp_path / f"other.{form}"):
        with pytest.raises(InputError, match="would be read and written at once: give another"):
            read_file(source, out, reader, **options)

    assert source.read_bytes() == content


@pytest.mark.parametrize("form", ["jsonl", "csv", "csv.gz", "parquet"])
@pytest.mark.parametrize("there", [True, False])
def test_a_run_that_is_refused_leaves_what_was_there(tmp_path, reader, form, there):
    source, out = tmp_path / f"in.{form}", tmp_path / f"out.{form}"
    write(source, TEXTS)
    if there:
        out.write_text("precious\n")

    with pytest.raises(InputError, match=r"no (column|text in the field) \"typo\""):
        read_file(source, out, reader, column="typo", overwrite=there)

    assert (out.read_text() if out.exists() else None) == ("precious\n" if there else None)
    assert not out.with_name(f"{out.name}.part").exists()
    read_file(source, out, reader, overwrite=there)
    assert len(rows(out)) == len(TEXTS)


def test_a_file_that_is_there_is_not_lost(tmp_path, reader):
    write(tmp_path / "in.txt", TEXTS)
    (tmp_path / "out.txt").write_text("precious\n")

    with pytest.raises(InputError, match=r"out.txt exists: give --resume .* or --overwrite"):
        read_file(tmp_path / "in.txt", tmp_path / "out.txt", reader)

    assert (tmp_path / "out.txt").read_text() == "precious\n"


class Stopped(Exception):
    pass


def stop_at(records):
    def on_progress(progress):
        if progress.records >= records:
            raise Stopped

    return on_progress


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("cut", [0, 1, 9])
def test_going_on_gives_the_same_bytes(tmp_path, reader, monkeypatch, form, cut):
    """
    Wherever it stopped, with part of a chunk written or not, and with bad records among them.
    """
    monkeypatch.setattr(batch, "_CHUNK", 5)
    source = tmp_path / f"in.{form}"
    texts = [spell(number) for number in range(20)] + TEXTS + ['x "', "drie\n vier"]
    write(source, texts)
    if form == "jsonl.zst":
        with pyarrow.CompressedOutputStream(str(source), "zstd") as out:
            lines = [json.dumps({"text": text}) if n % 4 else "bad" for n, text in enumerate(texts)]
            out.write("".join(f"{line}\n" for line in lines).encode())
    whole, out = tmp_path / f"whole.{form}", tmp_path / f"out.{form}"
    read_file(source, whole, reader, errors="skip")

    with pytest.raises(Stopped):
        read_file(source, out, reader, errors="skip", on_progress=stop_at(10))
    left = out.with_name(out.name + ".part") if "." in form or form == "parquet" else out
    if cut:
        left.write_bytes(left.read_bytes()[:-cut])
    read_file(source, out, reader, errors="skip", resume=True)

    assert out.read_bytes() == whole.read_bytes()
    apart = [one.with_name(one.name + ".rejected.jsonl") for one in (whole, out)]
    assert apart[0].exists() == apart[1].exists() == (form == "jsonl.zst")
    if form == "jsonl.zst":
        assert apart[0].read_bytes() == apart[1].read_bytes()


def test_several_processes_write_the_same_bytes(tmp_path, reader, monkeypatch):
    """
    Also of a file with bad records, and of one that was begun.
    """
    monkeypatch.setattr(batch, "_CHUNK", 5)
    monkeypatch.setattr(batch, "_LARGE", 0)
    source, whole, out = (tmp_path / f"{name}.jsonl" for name in ("in", "whole", "out"))
    lines = [json.dumps({"text": text}) if n % 4 else "bad" for n, text in enumerate(TEXTS * 9)]
    source.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
    read_file(source, whole, reader, errors="skip")

    out.write_bytes(whole.read_bytes()[:1500])
    read_file(source, out, reader, errors="skip", resume=True, jobs=2)

    assert out.read_bytes() == whole.read_bytes()
    apart = [one.with_name(one.name + ".rejected.jsonl") for one in (whole, out)]
    assert apart[0].read_bytes() == apart[1].read_bytes()


def test_what_is_finished_can_be_gone_on_with(tmp_path, reader):
    for form in ("txt", "jsonl.gz"):
        write(tmp_path / f"in.{form}", TEXTS)
        for _ in range(2):
            read_file(tmp_path / f"in.{form}", tmp_path / f"out.{form}", reader, resume=True)
            assert len(rows(tmp_path / f"out.{form}")) == 6


@pytest.mark.parametrize("content", ["a letter\n", "0\texact\n1\texact\nzes\n", None])
def test_a_file_of_another_origin_is_not_gone_on_with(tmp_path, reader, monkeypatch, content):
    """
    Nor one that is whole, with more behind it; and it stays as it is.
    """
    monkeypatch.setattr(batch, "_CHUNK", 2)
    source, out = tmp_path / "in.txt", tmp_path / "out.txt"
    write(source, [spell(number) for number in range(5)])
    if content is None:
        read_file(source, out, reader)
        content = out.read_text() + "5\texact\n"
    out.write_text(content)

    with pytest.raises(InputError, match=r"out.txt is not what .*in.txt gives: resume with"):
        read_file(source, out, reader, resume=True)

    assert out.read_text() == content


def is_alive(child):
    """Whether a process has not ended; one that has may wait for its parent to hear of it."""
    try:
        state = Path(f"/proc/{child}/stat").read_text().rpartition(")")[2].split()[0]
    except OSError:
        return False
    return state != "Z"


@pytest.mark.slow
def test_a_run_that_is_killed_goes_on_to_the_same_bytes(tmp_path):
    """
    Killed for good, three times, at whatever it was doing; its processes end with it.
    """
    source = tmp_path / "in.jsonl"
    write(source, [spell(number) for number in range(40_000)])
    command = [sys.executable, "-m", "getalwoord", "read", "--in", str(source), "--out"]
    subprocess.run([*command, str(tmp_path / "whole.jsonl")], check=True)
    out, children = tmp_path / "out.jsonl", []
    for wait in (0.9, 0.7, 1.1):
        started = subprocess.Popen([*command, str(out), "--resume"])
        time.sleep(wait)
        children += Path(f"/proc/{started.pid}/task/{started.pid}/children").read_text().split()
        started.send_signal(signal.SIGKILL)
        started.wait()
    subprocess.run([*command, str(out), "--resume"], check=True)

    assert out.read_bytes() == (tmp_path / "whole.jsonl").read_bytes()
    until = time.monotonic() + 10  # they end when they see that the parent has
    while (left := list(filter(is_alive, children))) and time.monotonic() < until:
        time.sleep(0.1)
    assert not left
