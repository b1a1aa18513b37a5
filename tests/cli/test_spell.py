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
    assert "this is no value" in wrong["error"]
    assert done.returncode == 2


@pytest.mark.parametrize("number", ["x", "1.000.000", "1_000", "2,5", "", "--6", "٣", "zes", "-"])
def test_what_is_no_value_is_refused(getalwoord, number):
    done = getalwoord("spell", "--", number)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == (
        f'getalwoord: "{number}": this is no value: give figures, as in 1500, -6, 2.5, 2/3, 16:30, '
        "1945-05-03 or --03-21\n"
    )


@pytest.mark.parametrize(
    ("arguments", "text"),
    [
        (["--kind", "ordinal", "21"], "eenentwintigste"),
        (["--kind", "year", "1984"], "negentienhonderdvierentachtig"),
        (["--kind", "digits", "0612"], "nul zes een twee"),
        (["--unit", "EUR", "3.50"], "drie euro vijftig"),
        (["--unit", "%", "2.5"], "twee komma vijf procent"),
        (["16:30"], "halfvijf 's middags"),
        (["2/3"], "twee derde"),
        (["1945-05-03"], "drie mei negentienhonderdvijfenveertig"),
        (["--", "--03-21"], "eenentwintig maart"),
        (["007"], "zeven"),
    ],
)
def test_other_kinds_are_spelled(getalwoord, arguments, text):
    done = getalwoord("spell", *arguments)
    assert (done.returncode, done.stdout) == (0, f"{text}\n")


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        (["--kind", "colour", "3"], 'there is no kind "colour": give one of cardinal, negative'),
        (["--kind", "ordinal", "-3"], "-3 cannot be spelled as an ordinal"),
        (["--unit", "XAU", "3"], "3 cannot be spelled as money"),
        (["--unit", "EUR", "16:30"], "cannot have the unit EUR"),
        (["25:00"], "hour must be in 0..23"),
        (["2/0"], "this is no value: nothing can be divided by 0"),
    ],
)
def test_what_has_no_words_is_refused(getalwoord, arguments, reason):
    done = getalwoord("spell", *arguments)
    assert (done.returncode, done.stdout) == (2, "")
    assert reason in done.stderr


@pytest.mark.parametrize("option", ["--jsno", "-j"])
def test_a_mistyped_option_is_called_one(getalwoord, option):
    done = getalwoord("spell", "-6", option)
    assert (done.returncode, done.stdout) == (2, "")
    assert f"there is no option {option}" in done.stderr


@pytest.mark.parametrize("number", ["1" + "0" * 36, "-" + "9" * 3000])
def test_numbers_out_of_range_are_refused(getalwoord, number):
    done = getalwoord("spell", number)
    assert (done.returncode, done.stdout) == (2, "")
    assert "between -10^36 and 10^36" in done.stderr
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
