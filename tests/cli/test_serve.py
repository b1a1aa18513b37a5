"""`getalwoord serve`: what it refuses to begin with, and what it needs."""

import socket
import subprocess
import sys

import pytest

KEY = {"GETALWOORD_API_KEY": "a-key-of-sixteen-letters"}


@pytest.mark.parametrize("host", ["0.0.0.0", "::"])
def test_others_are_served_with_a_key_only(getalwoord, host):
    done = getalwoord("serve", "--port", "0", "--host", host)

    assert done.returncode == 2
    assert f"{host} can be reached by others: give a key with --api-key-file" in done.stderr


@pytest.mark.parametrize("key", ["short", "with blanks in the midst", "ééééééééééééééééé", ""])
def test_a_key_that_is_none_is_refused(getalwoord, tmp_path, key):
    path = tmp_path / "key"
    path.write_text(key, encoding="utf-8")

    done = getalwoord("serve", "--api-key-file", str(path))

    assert done.returncode == 2
    assert "a key has at least 16 letters" in done.stderr
    if key:
        assert key not in done.stderr


def test_a_key_file_that_is_not_there_is_named(getalwoord, tmp_path):
    done = getalwoord("serve", "--api-key-file", str(tmp_path / "none"))

    assert (done.returncode, done.stdout) == (2, "")
    assert f"cannot read {tmp_path / 'none'}: it does not exist" in done.stderr


def test_a_port_that_is_taken_is_told(getalwoord):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        done = getalwoord("serve", "--port", port)

    assert done.returncode == 2
    assert f"cannot listen at 127.0.0.1, port {port}: Address already in use" in done.stderr


def test_an_address_that_there_is_not_is_told(getalwoord):
    for host in ("no such host", "256.0.0.1", ""):
        done = getalwoord("serve", "--port", "0", "--host", host, environment=KEY)

        assert done.returncode == 2, done.stderr
        assert "Traceback" not in done.stderr


def test_an_adapter_that_cannot_be_loaded_ends_the_service(getalwoord, tmp_path):
    done = getalwoord("serve", "--port", "0", "--adapter", str(tmp_path))

    assert done.returncode == 2
    assert f"{tmp_path} holds no adapter: getalwoord.json is missing" in done.stderr


def test_without_the_packages_it_says_which_to_install():
    program = "import sys; sys.modules['uvicorn'] = None; from getalwoord.cli import main; main()"
    command = [sys.executable, "-c", program, "serve"]

    done = subprocess.run(command, capture_output=True, text=True)

    assert done.returncode == 2
    assert "the service needs uvicorn: pip install 'getalwoord[serve]'" in done.stderr


def test_the_grammar_alone_is_served_without_what_models_need():
    program = """
import asyncio, sys
import httpx
from getalwoord.server.app import make_app
from getalwoord.server.service import Service

async def ask():
    service = Service()
    service.start()
    transport = httpx.ASGITransport(make_app(service))
    async with httpx.AsyncClient(transport=transport, base_url="http://localhost") as client:
        for path, asked in (
            ("/v1/read", {"texts": ["drie", "dretien", "ik zag zes eenden"], "explain": True}),
            ("/v1/completions", {"model": "getalwoord", "prompt": "zes"}),
        ):
            answer = await client.post(path, json=asked)
            assert answer.status_code == 200, answer.text
    service.stop()

asyncio.run(ask())
print(sorted({"jax", "keras", "matplotlib", "numpy", "tensorflow", "torch"} & set(sys.modules)))
"""
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)

    assert (done.stdout, done.returncode) == ("[]\n", 0), done.stderr


def test_help_has_an_example(getalwoord):
    assert "Example: getalwoord serve --adapter" in getalwoord("serve", "--help").stdout
