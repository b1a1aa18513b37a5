"""Backend and dtype: what wins, and why."""

import os
import subprocess
import sys
from types import SimpleNamespace

import pytest

from getalwoord.errors import InputError
from getalwoord.models.device import choose_backend, choose_dtype, settle_backend


@pytest.mark.parametrize("backend", ["tensorflow", "openvino"])
def test_a_keras_that_was_imported_with_another_backend_is_refused(monkeypatch, backend):
    imported = SimpleNamespace(config=SimpleNamespace(backend=lambda: backend))
    monkeypatch.setitem(sys.modules, "keras", imported)

    with pytest.raises(InputError, match=f"Keras's backend is '{backend}', but .* torch or jax"):
        settle_backend()


@pytest.mark.parametrize("backend", ["tensorflow", "nonsense"])
def test_another_backend_in_the_environment_is_refused(monkeypatch, backend):
    monkeypatch.delitem(sys.modules, "keras", raising=False)
    monkeypatch.setenv("KERAS_BACKEND", backend)

    with pytest.raises(InputError, match=f"Keras's backend is '{backend}'.*: set KERAS_BACKEND"):
        settle_backend()


@pytest.mark.parametrize(
    ("given", "spins"),
    [({}, "10000"), ({"GOMP_SPINCOUNT": "7"}, "7"), ({"OMP_WAIT_POLICY": "passive"}, None)],
)
def test_waiting_threads_sleep_soon_unless_the_user_has_decided(monkeypatch, given, spins):
    monkeypatch.setattr(os, "environ", {"KERAS_BACKEND": "torch", **given})

    settle_backend()

    assert os.environ.get("GOMP_SPINCOUNT") == spins


@pytest.mark.parametrize(
    ("name", "number"), [("LRU_CACHE_CAPACITY", "64"), ("ONEDNN_PRIMITIVE_CACHE_CAPACITY", "192")]
)
def test_few_shapes_of_products_are_kept_unless_the_user_has_decided(monkeypatch, name, number):
    kept = []
    for given in ({}, {name: "1000"}):
        monkeypatch.setattr(os, "environ", {"KERAS_BACKEND": "torch", **given})
        settle_backend()
        kept.append(os.environ[name])

    assert kept == [number, "1000"]


def test_the_environment_wins(monkeypatch):
    monkeypatch.setenv("KERAS_BACKEND", "jax")

    assert choose_backend().value == "jax"


def test_keras_leaves_out_what_is_not_used_and_others_can_import_it_later():
    program = """
import sys
from getalwoord.models import keras
print(sorted({"jax", "pandas", "matplotlib"} & set(sys.modules)))
import matplotlib.pyplot
print(matplotlib.pyplot.__name__)
"""
    done = subprocess.run(
        [sys.executable, "-c", program],
        env={**os.environ, "KERAS_BACKEND": "torch"},
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.splitlines() == ["[]", "matplotlib.pyplot"]


def test_an_explicit_dtype_wins_and_an_unknown_one_is_refused():
    assert choose_dtype("float32").value == "float32"
    assert choose_dtype("bfloat16").value == "bfloat16"
    with pytest.raises(InputError, match='dtype "int4" is not known: use auto, bfloat16 or float3'):
        choose_dtype("int4")


def test_a_measured_choice_says_what_was_measured():
    choice = choose_dtype("auto")

    assert choice.value in ("bfloat16", "float32")
    assert "a bfloat16 product takes " in choice.reason
