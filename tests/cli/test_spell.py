"""`getalwoord spell`, as a user types it."""

import json

import pytest


def test_each_argument_is_spelled_on_its_line(getalwoord):
    done = getalwoord("spell", "483", "-6", "+22", "0007")
    assert done.stdout == "vierhonderddrieëntachtig\nmin zes\ntweeëntwintig\nzeven\n"
    assert (done.returncode, done.stderr) == (0, "")


def test_negative_numbers_may_follow_two_dashes(getalwoord):
    assert getalwoord("spell", "--", "-6").stdout == "min zes\n"


def test_without_arguments_the_lines_of_standard_input_are_spelled(getalwoord):
    done = getalwoord("spell", stdin=b"\xef\xbb\xbf1\r\n 2\n3")
    assert done.stdout == "een\ntwee\ndrie\n"


def test_json_gives_an_object_a_line(getalwoord):
    done = getalwoord("spell", "--json", "22", "x")
    right, wrong = map(json.loads, done.stdout.splitlines())
    assert right == {"text": "tweeëntwintig", "value": "22"}
    assert (wrong["text"], wrong["value"]) == (None, "x")
    assert "no whole number" in wrong["error"]
    assert done.returncode == 2


@pytest.mark.parametrize("number", ["x", "1.000", "1_000", "2,5", "", "--6", "٣", "zes", "-"])
def test_what_is_no_whole_number_is_refused(getalwoord, number):
    done = getalwoord("spell", "--", number)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == (
        f'getalwoord: "{number}": this is no whole number: give digits only, as in 1500 or -6\n'
    )


@pytest.mark.parametrize("option", ["--jsno", "-j"])
def test_a_mistyped_option_is_called_one(getalwoord, option):
    done = getalwoord("spell", "-6", option)
    assert (done.returncode, done.stdout) == (2, "")
    assert f"there is no option {option}" in done.stderr


@pytest.mark.parametrize("number", ["1000000000000000000", "-" + "9" * 10_000])
def test_numbers_out_of_range_are_refused(getalwoord, number):
    done = getalwoord("spell", number)
    assert (done.returncode, done.stdout) == (2, "")
    assert "between -10^18 and 10^18" in done.stderr
    assert "Traceback" not in done.stderr


def test_spelling_goes_on_after_what_is_refused(getalwoord):
    done = getalwoord("spell", stdin=b"1\nx\n\xff\n3\n")
    assert (done.returncode, done.stdout) == (2, "een\ndrie\n")
    assert 'line 2: "x"' in done.stderr
    assert 'line 3: "\ufffd"' in done.stderr


def test_an_output_without_our_letters_gets_escapes(getalwoord):
    done = getalwoord("spell", "22", environment={"PYTHONIOENCODING": "ascii"})
    assert (done.returncode, done.stdout) == (0, "twee\\xebntwintig\n")


def test_messages_hold_nothing_that_a_terminal_obeys(getalwoord):
    assert '"\ufffd[31m"' in getalwoord("spell", "\x1b[31m").stderr
