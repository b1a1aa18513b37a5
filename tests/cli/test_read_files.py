"""`getalwoord read --in`: a whole file, as a user reads one."""

import csv
import gzip
import json
import signal
import subprocess
import sys
import time


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
        (("--in", tmp_path / "in.txt", "--out", tmp_path / "in.txt"), "give another --out"),
        (("--kinds", "cardinal,colour", "drie"), 'there is no kind "colour"'),
    ):
        done = getalwoord("read", *options)
        assert (done.returncode, message in done.stderr) == (2, True), done.stderr


def test_control_c_stops_without_a_traceback_and_can_be_gone_on_with(tmp_path, getalwoord):
    source, out = tmp_path / "in.txt", tmp_path / "out.txt"
    source.write_text("drie\nzeshonderdzes\n" * 200_000, encoding="utf-8")
    command = [sys.executable, "-m", "getalwoord", "read", "--in", source, "--out", out]
    started = subprocess.Popen(
        command,
        stderr=subprocess.PIPE,
        text=True,
        # A shell in the background starts its children deaf to Ctrl-C.
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.default_int_handler),
    )
    while not (out.exists() and out.stat().st_size) and started.poll() is None:
        time.sleep(0.01)
    started.send_signal(signal.SIGINT)
    _, said = started.communicate()

    assert started.returncode == 130
    assert said == "getalwoord: stopped; --resume goes on from here\n"
    source.write_text("drie\nzeshonderdzes\n" * 2500, encoding="utf-8")
    out.write_text("".join(out.read_text().splitlines(keepends=True)[:3000]))
    assert getalwoord("read", "--in", source, "--out", out, "--resume").returncode == 0
    assert out.read_text() == "3\texact\n606\texact\n" * 2500
