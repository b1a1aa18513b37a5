"""`getalwoord info`: what there is to compute with."""

import json
import os
from importlib.metadata import version


def test_as_json_it_tells_all_that_decides_speed(called):
    done = called("info", "--json")

    facts = json.loads(done.stdout)
    assert done.returncode == 0
    assert facts["versions"]["keras-hub"] == version("keras-hub")
    assert facts["backend"]["name"] == "torch"
    assert facts["backend"]["reason"]
    assert facts["dtype"]["name"] in ("bfloat16", "float32")
    assert "product" in facts["dtype"]["reason"]
    assert facts["cores"] == len(os.sched_getaffinity(0))
    assert 10**8 < facts["memory_bytes"] < 10**14
    assert facts["bases"][0] == "gemma3_270m"


def test_a_person_is_told_the_same_and_gemmas_terms(called, monkeypatch, tmp_path):
    monkeypatch.setenv("GETALWOORD_CACHE", str(tmp_path / "elsewhere"))
    done = called("info")

    assert done.returncode == 0
    for line in ("backend     torch (", "dtype       ", f"cache       {tmp_path / 'elsewhere'}"):
        assert line in done.stdout
    assert "gemma2_2b_en" in done.stdout
    assert "ai.google.dev/gemma/terms" in done.stdout
    assert not (tmp_path / "elsewhere").exists()


def test_a_backend_that_cannot_be_used_is_refused(getalwoord):
    done = getalwoord("info", environment={"KERAS_BACKEND": "nonsense"})

    assert done.returncode == 2
    assert done.stderr.startswith("getalwoord: Keras's backend is 'nonsense', but getalwoord")
    assert "set KERAS_BACKEND to one of them" in done.stderr
