"""Commands run as a user runs them."""

import os
import subprocess
import sys

import pytest


@pytest.fixture
def getalwoord():
    """Run a command in a process of its own; standard input is bytes, output is text."""

    def run(*arguments, stdin=b"", environment=None):
        done = subprocess.run(
            [sys.executable, "-m", "getalwoord", *arguments],
            input=stdin,
            capture_output=True,
            env={**os.environ, "PYTHONUTF8": "1", **(environment or {})},
        )
        return subprocess.CompletedProcess(
            done.args, done.returncode, done.stdout.decode(), done.stderr.decode()
        )

    return run
