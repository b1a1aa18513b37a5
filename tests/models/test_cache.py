"""The cache of converted bases is whole or made again, whoever else is at work."""

import json
import os
import resource
import subprocess
import sys

import pytest

from getalwoord.errors import InputError
from getalwoord.models.bases import load_base
from getalwoord.models.cache import cached

SHA256 = "ab" * 32


@pytest.fixture(autouse=True)
def cache(tmp_path, monkeypatch):
    folder = tmp_path / "cache"
    monkeypatch.setenv("GETALWOORD_CACHE", str(folder))
    return folder


def build(folder):
    (folder / "model.safetensors").write_bytes(bytes(range(256)) * 40)
    (folder / "config.json").write_text("{}")


def refuse_to_build(_folder):
    raise AssertionError("it was there already")


def contents(folder):
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def test_a_folder_is_built_once():
    assert cached(SHA256, build) == cached(SHA256, refuse_to_build)


def test_each_source_has_a_folder_of_its_own():
    assert cached(SHA256, build) != cached("cd" * 32, build)


def truncate(folder):
    os.truncate(folder / "model.safetensors", 5000)


def flip_a_bit(folder):
    path = folder / "model.safetensors"
    data = bytearray(path.read_bytes())
    data[7000] ^= 1
    path.write_bytes(data)


def remove_a_file(folder):
    (folder / "config.json").unlink()


def remove_the_manifest(folder):
    (folder / "getalwoord-cache.json").unlink()


def empty_the_manifest(folder):
    (folder / "getalwoord-cache.json").write_text("")


def outdate_the_manifest(folder):
    path = folder / "getalwoord-cache.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | {"version": 1}))


def change_the_source(folder):
    path = folder / "getalwoord-cache.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | {"source_sha256": "ef" * 32}))


@pytest.mark.parametrize(
    "damage",
    [
        truncate,
        flip_a_bit,
        remove_a_file,
        remove_the_manifest,
        empty_the_manifest,
        outdate_the_manifest,
        change_the_source,
    ],
)
def test_a_damaged_folder_is_built_again(damage):
    folder = cached(SHA256, build)
    whole = contents(folder)
    damage(folder)
    assert contents(folder) != whole

    cached(SHA256, build)

    assert contents(folder) == whole


def test_a_build_that_fails_leaves_nothing(cache):
    def fail(folder):
        build(folder)
        raise InputError("no")

    with pytest.raises(InputError, match=r"^no$"):
        cached(SHA256, fail)

    assert [path.suffix for path in cache.iterdir()] == [".lock"]


def test_what_a_killed_process_left_is_cleared_away(cache):
    folder = cached(SHA256, build)
    left = cache / f".{folder.name}.left"
    left.mkdir()
    (left / "model.safetensors").write_bytes(b"half")
    remove_a_file(folder)

    cached(SHA256, build)

    assert not left.exists()


def test_a_full_disk_is_an_error_that_leaves_nothing(cache, tiny_gguf):
    path = str(tiny_gguf("gemma3"))
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (64 * 1024, limits[1]))
    try:
        with pytest.raises(InputError, match=r"cannot write the cache .*GETALWOORD_CACHE=FOLDER"):
            load_base(path, dtype="float32")
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)

    assert [path.suffix for path in cache.iterdir()] == [".lock"]
    assert load_base(path, dtype="float32")


def test_a_cache_below_a_file_is_an_error(tmp_path, monkeypatch):
    (tmp_path / "file").touch()
    monkeypatch.setenv("GETALWOORD_CACHE", str(tmp_path / "file" / "cache"))

    with pytest.raises(InputError, match=r"cannot write the cache .*a file, not a folder"):
        cached(SHA256, build)


def test_a_whole_cache_that_is_read_only_can_be_used(cache, monkeypatch):
    """
    Nothing is opened for writing, not even the lock.
    """
    folder = cached(SHA256, build)
    lock = cache / f"{folder.name}.lock"
    lock.unlink()

    cached(SHA256, refuse_to_build)

    assert not lock.exists()


def test_the_usual_place_is_the_users_cache(tmp_path, monkeypatch):
    monkeypatch.delenv("GETALWOORD_CACHE")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "xdg"))

    assert cached(SHA256, build).parent == tmp_path / "xdg" / "getalwoord"


@pytest.mark.slow
def test_two_processes_at_once_make_one_good_folder(cache, tiny_gguf):
    """
    Each waits on standard input, so that both begin together.
    """
    program = (
        "import sys; from getalwoord.models.bases import load_base; "
        "print('ready', flush=True); sys.stdin.read(); "
        f"print(load_base({str(tiny_gguf('gemma2'))!r}, dtype='bfloat16').sha256)"
    )
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
    processes = [
        subprocess.Popen([sys.executable, "-c", program], text=True, **pipes) for _ in range(2)
    ]
    for process in processes:
        assert process.stdout.readline() == "ready\n"
    for process in processes:
        process.stdin.close()
    shas = [process.stdout.read() for process in processes]
    errors = [process.stderr.read() for process in processes]
    codes = [process.wait() for process in processes]
    for process in processes:
        process.stdout.close()
        process.stderr.close()

    assert codes == [0, 0], errors
    assert shas[0] == shas[1]
    assert len([path for path in cache.iterdir() if path.is_dir()]) == 1
    (folder,) = (path for path in cache.iterdir() if path.is_dir())
    assert cached(shas[0].strip(), refuse_to_build) == folder


def test_the_cache_is_a_hugging_face_folder_that_states_gemmas_terms(cache, tiny_gguf):
    from transformers import AutoModelForCausalLM

    load_base(str(tiny_gguf("gemma3")), dtype="bfloat16")
    (folder,) = (path for path in cache.iterdir() if path.is_dir())

    assert AutoModelForCausalLM.from_pretrained(folder).config.model_type == "gemma3_text"
    assert "ai.google.dev/gemma/terms" in (folder / "NOTICE").read_text()
