"""`getalwoord read --in`: a whole file, as a user reads one."""

import csv
import gzip
import json


def test_a_file_is_read_into_another_of_its_kind(tmp_path, getalwoord):
    source, out = tmp_path / "in.csv", tmp_path / "out.csv.gz"
    source.write_text("id,text\n1,drie\n2,zzz\n3,dretien\n", encoding="utf-8")

    done = getalwoord("read", "--in", source, "--out", out, "--json")

    assert json.loads(done.stdout) == {"records": 3, "unread": 1, "rejected": 0}
    assert done.returncode == 2, "one text is no numeral"
    with gzip.open(out, "rt", encoding="utf-8") as file:
        rows = [*csv.DictReader(file)]
    assert [(row["id"], row["value"], row["how"]) for row in rows] == [
        ("1", "3", "exact"),
        ("2", "", ""),
        ("3", "13", "near"),
    ]


def test_a_bad_record_is_named(tmp_path, getalwoord):
    source = tmp_path / "in.jsonl"
    source.write_text('{"text": "drie"}\n{"tekst": "vier"}\n', encoding="utf-8")

    done = getalwoord("read", "--in", source, "--out", tmp_path / "out.jsonl")

    assert done.returncode == 2
    assert "in.jsonl" in done.stderr
    assert "line 2" in done.stderr or ":2" in done.stderr
    assert 'no text in the field "text"' in done.stderr


def test_options_that_do_not_go_together_are_refused(tmp_path, getalwoord):
    (tmp_path / "in.txt").write_text("drie\n")
    for options, message in (
        (("--in", tmp_path / "in.txt"), "--in and --out together"),
        (("--in", tmp_path / "in.txt", "--out", tmp_path / "o.txt", "drie"), "not both"),
        (("--in", tmp_path / "no.txt", "--out", tmp_path / "o.txt"), "does not exist"),
    ):
        done = getalwoord("read", *options)
        assert (done.returncode, message in done.stderr) == (2, True), done.stderr
