"""`getalwoord parse`, as a user types it."""

import json
import random

import pytest


def test_each_argument_gets_its_figures_on_a_line(getalwoord):
    done = getalwoord("parse", "vierhonderd drie en tachtig", "min zes")
    assert (done.returncode, done.stdout, done.stderr) == (0, "483\n-6\n", "")


def test_without_arguments_the_lines_of_standard_input_are_parsed(getalwoord):
    done = getalwoord("parse", stdin="\ufefftwee\r\ndrieëntwintig\nvier".encode())
    assert (done.returncode, done.stdout) == (0, "2\n23\n4\n")


def test_a_caret_stands_under_the_first_thing_not_understood(getalwoord):
    done = getalwoord("parse", "twintig drie")
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == (
        'getalwoord: "drie" cannot follow "twintig" (character 9)\n'
        "    twintig drie\n"
        "            ^\n"
    )


def test_the_caret_takes_marks_and_control_characters_for_what_a_terminal_makes_of_them(getalwoord):
    done = getalwoord("parse", "e\u0301e\u0301n\tap\x1bpel")
    assert done.stderr.splitlines()[1:] == ["    e\u0301e\u0301n ap\ufffdpel", "        ^"]


def test_of_a_long_text_only_the_surroundings_are_shown(getalwoord):
    done = getalwoord("parse", stdin=b"een miljoen" + b" " * 50 + b"x" * 5000)
    _, line, caret = done.stderr.splitlines()
    assert line == "    …" + " " * 36 + "x" * 36 + "…"
    assert line[caret.index("^")] == "x"


def test_json_gives_an_object_a_line(getalwoord):
    done = getalwoord("parse", "--json", "vierhonderddrieëntachtig")
    assert json.loads(done.stdout) == {
        "text": "vierhonderddrieëntachtig",
        "value": "483",
        "kind": "cardinal",
        "unit": None,
        "how": "exact",
    }


def test_json_says_what_a_misspelt_numeral_was_taken_for(getalwoord):
    done = getalwoord("parse", "--json", "achtien")
    assert json.loads(done.stdout) == {
        "text": "achtien",
        "value": "18",
        "kind": "cardinal",
        "unit": None,
        "how": "near",
        "meant": "achttien",
    }


def test_other_kinds_have_their_notation_and_unit(getalwoord):
    texts = ["drie euro vijftig", "halfvijf", "twee derde", "twee komma vijf procent"]
    done = getalwoord("parse", "--json", *texts)
    records = [json.loads(line) for line in done.stdout.splitlines()]
    assert [(record["value"], record["kind"], record["unit"]) for record in records] == [
        ("3.50", "money", "EUR"),
        ("04:30", "time", None),
        ("2/3", "fraction", None),
        ("2.5", "percentage", "%"),
    ]


def test_parsing_goes_on_after_a_text_that_cannot_be_read(getalwoord):
    done = getalwoord("parse", "--json", stdin=b"twee\nappel\n\nzeven \xff\n\x00\ndrie\n")
    records = [json.loads(line) for line in done.stdout.splitlines()]
    assert [record["value"] for record in records] == ["2", None, None, None, None, "3"]
    assert [bool(record.get("error")) for record in records] == [False, *[True] * 4, False]
    assert records[3]["position"] == 6
    assert done.returncode == 2
    assert "getalwoord: line 2: " in done.stderr
    assert "Traceback" not in done.stderr


def test_arguments_that_are_no_utf_8_are_refused(getalwoord):
    done = getalwoord("parse", "--json", b"twee\xff")
    assert done.returncode == 2
    assert json.loads(done.stdout)["value"] is None
    assert "Traceback" not in done.stderr


def test_no_lines_are_no_failure(getalwoord):
    done = getalwoord("parse", stdin=b"")
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


@pytest.mark.parametrize("command", ["parse", "read"])
def test_any_bytes_give_an_answer_or_a_refusal_a_line(command, getalwoord):
    chance = random.Random(0)
    words = [
        "drie",
        "twee\u0308n",
        "honderd",
        "\u200b",
        "\u0301",
        "ｄｒｉｅ",
        "дrie",
        "euro",
        "\u202e",
        " ",
    ]
    lines = [bytes(chance.choices(range(256), k=chance.randrange(40))) for _ in range(300)]
    lines += ["".join(chance.choices(words, k=5)).encode() for _ in range(300)]
    lines += [
        b"drie " * 100_000,
        "\u0301".encode() * 50_000,
        b"\xff" * 50_000,
        b"een en " * 25_000,
    ]
    lines = [line.replace(b"\n", b" ") for line in lines]

    done = getalwoord(command, "--json", stdin=b"\n".join(lines))
    assert len(done.stdout.splitlines()) == len(lines)
    assert all(isinstance(json.loads(line), dict) for line in done.stdout.splitlines())
    assert "Traceback" not in done.stderr
    assert done.returncode == 2
