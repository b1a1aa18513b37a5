"""Commands that need no model load nothing that only models need."""

import json
import subprocess
import sys

import pytest

HEAVY = ["jax", "keras", "keras_hub", "matplotlib", "numpy", "tensorflow", "torch"]

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
