"""Programs in processes of their own."""

import os
import subprocess
import sys

import pytest


@pytest.fixture
def printed_everywhere():
    """Run a program in processes that order sets differently; gives the different outputs."""

    def run(program):
        return {
            subprocess.run(
                [sys.executable, "-c", program],
                env={**os.environ, "PYTHONHASHSEED": hash_seed},
                capture_output=True,
                check=True,
            ).stdout
            for hash_seed in ("1", "2")
        }

    return run
