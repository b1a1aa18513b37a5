"""Commands that need no model load nothing that only models need."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

HEAVY = ["jax", "keras", "keras_hub", "matplotlib", "numpy", "tensorflow", "torch"]
# Typer imports pydantic itself; that we add no models of our own can be promised.
HEAVY += ["getalwoord.recipe"]

PROGRAM = f"""
import json, sys
from getalwoord.cli import main
try:
    main()
except SystemExit as end:
    assert not end.code, end.code
json.dump(sorted(set({HEAVY}) & set(sys.modules)), sys.stderr)
"""


@pytest.mark.parametrize(
    "arguments",
    [["--help"], ["spell", "483"], ["spell", "--help"], ["parse", "drie"], ["parse", "--help"]],
    ids=" ".join,
)
def test_light_commands_load_no_heavy_library(arguments):
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM, *arguments], capture_output=True, check=True
    )
    assert done.stdout
    assert json.loads(done.stderr) == []


@pytest.mark.parametrize("command", ["spell", "parse"])
def test_help_has_an_example(command, getalwoord):
    assert f"Example: getalwoord {command}" in getalwoord(command, "--help").stdout


@pytest.mark.parametrize("command", ["spell", "parse"])
def test_at_a_terminal_a_command_without_arguments_says_what_it_needs(command):
    pty = pytest.importorskip("pty", reason="this system has no pseudo-terminals")
    ours, theirs = pty.openpty()
    try:
        done = subprocess.run(
            [sys.executable, "-m", "getalwoord", command],
            stdin=theirs,
            capture_output=True,
            text=True,
            timeout=60,  # to end, where it would wait for ever
        )
    finally:
        os.close(ours)
        os.close(theirs)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith("getalwoord: nothing is given: write arguments")


def test_a_closed_standard_input_is_no_traceback():
    program = "import os, sys; os.close(0); os.execv(sys.executable, sys.argv[1:])"
    command = [sys.executable, "-m", "getalwoord", "parse"]
    done = subprocess.run([sys.executable, "-c", program, *command], capture_output=True, text=True)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith("getalwoord: nothing is given: write arguments")


def test_what_is_wrong_is_not_printed_where_standard_error_is_closed():
    program = "import os, sys; os.close(2); os.execv(sys.executable, sys.argv[1:])"
    command = [sys.executable, "-m", "getalwoord", "parse", "drie", "foo"]
    done = subprocess.run([sys.executable, "-c", program, *command], capture_output=True, text=True)
    assert (done.returncode, done.stdout) == (2, "3\n")


FULL = Path("/dev/full")


@pytest.mark.skipif(not FULL.exists(), reason="this system has no disk that is always full")
@pytest.mark.parametrize(
    "arguments",
    [["spell", "483"], ["parse", "drie", "--json"], ["read", "drie"], ["info"], ["spell"]],
    ids=" ".join,
)
def test_a_full_disk_is_told_of(arguments):
    """
    At the end, where the output is short, and before it, where it is long.
    """
    with FULL.open("w") as full:
        done = subprocess.run(
            [sys.executable, "-m", "getalwoord", *arguments],
            input="".join(f"{number}\n" for number in range(999)),
            stdout=full,
            stderr=subprocess.PIPE,
            text=True,
        )
    assert done.returncode == 1
    assert done.stderr == (
        "getalwoord: cannot write the output: the disk is full: free some space, or choose another "
        "place\n"
    )


def test_the_version_is_told(getalwoord):
    assert getalwoord("--version").stdout.startswith("getalwoord 0.")
