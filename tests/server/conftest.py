"""Services in processes of their own, asked through real sockets."""

import os
import re
import subprocess
import sys
import threading
from types import SimpleNamespace

import httpx
import pytest

# A model that takes its time, and as long as a file is there waits for it to go.
SLOW = """
import sys, time
from pathlib import Path
from getalwoord.reading.readings import Reading
from getalwoord.server import guard, run, service
held = Path(sys.argv.pop(1))

class Slow:
    base_name = "slow"
    tokenizer = None

    def read(self, texts, *, untuned, kinds):
        with held.with_name("batches").open("a") as file:
            print(len(texts), file=file)
        while held.exists():
            time.sleep(0.01)
        return [
            Reading(one.text, str(len(one.text)), "unproven", "cardinal", answer=one.text)
            for one in texts
        ]

service._MODEL_THREADS = 1
service.Model = lambda folder, **_: Slow()
service.Service.tokens = lambda self, text: [*text.encode()]
service.Service.text_of = lambda self, tokens: bytes(tokens).decode(errors="replace")
guard.BODY_SECONDS = run.HEAD_SECONDS = 1.0
from getalwoord.cli import main
main()
"""


@pytest.fixture(scope="session")
def start():
    """Start `getalwoord serve` with some options; give its process and where it listens."""
    running = []

    def run(*options, program=("-m", "getalwoord"), environment=None):
        command = [sys.executable, *program, "serve", "--port", "0", *map(str, options)]
        process = subprocess.Popen(
            command,
            stderr=subprocess.PIPE,
            text=True,
            env={**os.environ, "PYTHONUTF8": "1", **(environment or {})},
        )
        log = []
        for line in process.stderr:
            log.append(line)
            if found := re.search(r"serving at (http\S+)", line):
                break
        else:
            running.append((process, None))
            raise AssertionError("".join(log))
        # What nobody reads would fill the pipe and stop the process.
        reader = threading.Thread(target=lambda: log.extend(process.stderr), daemon=True)
        reader.start()
        running.append((process, reader))

        def ended():
            process.wait(60)
            reader.join()
            return "".join(log)

        host, _, port = found[1].removeprefix("http://").rpartition(":")
        return SimpleNamespace(
            url=found[1], process=process, host=host, port=int(port), log=log, ended=ended
        )

    yield run
    for process, reader in running:
        process.kill()
        process.wait()
        if reader is not None:
            reader.join(60)  # until the last of its own processes has ended, too
        process.stderr.close()


@pytest.fixture(scope="session")
def served(start):
    """A service without a model."""
    return start()


@pytest.fixture(scope="session")
def tiny_adapter(tmp_path_factory, tiny_base_dir):
    """The folder of an adapter of a tiny Gemma; it has learnt nothing."""
    from getalwoord.adapter import Adapter
    from getalwoord.models.bases import load_base
    from getalwoord.models.low_rank import attach_for
    from getalwoord.recipe import Recipe

    recipe = Recipe(base=str(tiny_base_dir), rank=2)
    base = load_base(recipe.base, dtype="float32")
    projections = attach_for(base.backbone, recipe)
    folder = tmp_path_factory.mktemp("adapters") / "tiny"
    Adapter.of(projections, recipe, base).save(folder)
    return folder


@pytest.fixture(scope="session")
def served_model(start, tiny_adapter):
    """A service with a tiny model, once that is loaded."""
    service = start("--adapter", tiny_adapter, "--dtype", "float32")
    with httpx.Client(base_url=service.url, timeout=120) as client:
        while client.get("/readyz").status_code != 200:
            assert service.process.poll() is None, service.ended()
    return service


@pytest.fixture
def slow(start, tmp_path):
    """Start a service whose model answers each text with itself, and only when it is let."""
    held = tmp_path / "held"

    def run(*options, hold=True):
        if hold:
            held.touch()
        service = start("--adapter", "none", *options, program=("-c", SLOW, held))
        service.let_go = held.unlink
        service.batches = lambda: [int(line) for line in _lines(tmp_path / "batches")]
        return service

    return run


def _lines(path):
    return path.read_text().splitlines() if path.exists() else []


@pytest.fixture
def client(served):
    """Ask the service without a model."""
    with httpx.Client(base_url=served.url, timeout=60) as client:
        yield client
