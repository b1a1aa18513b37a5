"""Runs of `getalwoord train`, each in a process of its own, for benchmarks of training."""

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from getalwoord.recipe import Recipe


def trained(
    *options: str, out: Path, environment: Mapping[str, str] | None = None
) -> dict[str, Any]:
    """Train with some options, and give what the command printed.

    Args:
        options: Of `getalwoord train`.
        out: Folder of the run.
        environment: What is set besides what this process has.
    """
    command = [sys.executable, "-m", "getalwoord", "train", "--json", "--out", str(out), *options]
    done = subprocess.run(
        command, env={**os.environ, **(environment or {})}, capture_output=True, text=True
    )
    if done.returncode:
        sys.exit(done.stderr)
    result: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return result


def trained_by(recipe: Recipe) -> dict[str, Any]:
    """Train by a recipe, and give what the command printed; the run is not kept."""
    with tempfile.TemporaryDirectory() as scratch:
        recipe.save(Path(scratch) / "recipe.toml")
        return trained("--recipe", f"{scratch}/recipe.toml", out=Path(scratch) / "run")
