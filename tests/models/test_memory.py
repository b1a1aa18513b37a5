"""A run is measured before it starts, and refused where it cannot fit.

How near the estimate is, benchmarks/memory.py tells: of a tiny Gemma, nearly all is Python.
"""

import subprocess
import sys
from pathlib import Path

import pytest

from getalwoord.errors import InputError
from getalwoord.models import memory
from getalwoord.models.bases import load_base
from getalwoord.models.low_rank import TARGET_MODULES, attach
from getalwoord.models.quantisation import weight_bytes


@pytest.fixture(scope="module")
def backbone(tiny_base_dir):
    base = load_base(str(tiny_base_dir), dtype="float32", narrow=True)
    attach(base.backbone, rank=2, alpha=2.0, target_modules=TARGET_MODULES, seed=0)
    return base.backbone


def estimated(backbone, **changes):
    usual = {"process": 0, "trained": 100, "rows": 16, "tokens": 20, "answers": 64}
    return memory.training_bytes(
        backbone, **(usual | {"recompute": False, "copies": 0, "fixed_blocks": 0} | changes)
    )


def test_weights_are_counted_as_they_are_kept(backbone):
    assert weight_bytes(backbone) == 2 * sum(
        variable.value.numel() for variable in backbone.variables if "lora" not in variable.path
    )


@pytest.mark.parametrize("more", ["process", "trained", "rows", "tokens", "answers"])
def test_more_of_anything_takes_more(backbone, more):
    assert estimated(backbone, **{more: 2000}) > estimated(backbone)


def test_blocks_that_are_computed_again_take_less(backbone):
    assert estimated(backbone, recompute=True) < estimated(backbone)


def test_elsewhere_nothing_is_estimated(backbone, monkeypatch):
    monkeypatch.setattr("keras.backend.backend", lambda: "jax")
    assert estimated(backbone) is None


def test_what_does_not_fit_is_refused_with_advice(monkeypatch):
    monkeypatch.setattr(memory, "available_bytes", lambda: 2_000_000_000)
    monkeypatch.setattr(memory, "resident_bytes", lambda: 500_000_000)
    memory.check_fits(2_400_000_000, ["less"])
    expected = r"about 2\.6 GB of memory, and there are 2\.5 GB: use --quantize int8, or patience"
    with pytest.raises(InputError, match=expected):
        memory.check_fits(2_600_000_000, ["--quantize int8", "patience"])


# Of version 1 and 2; the group of this process, one around it, and the root
LIMITED = {
    "a container": ("0::/", "", "current", "max"),
    "a container that has the machine's path": ("0::/../../a", "", "current", "max"),
    "a group within groups": ("0::/a.slice/b.scope", "a.slice/", "current", "max"),
    "the innermost group": ("0::/a.slice/b.scope", "a.slice/b.scope/", "current", "max"),
    "version 1": ("4:memory:/a", "memory/", "usage_in_bytes", "limit_in_bytes"),
    "version 1, within": ("4:cpu,memory:/a", "memory/a/", "usage_in_bytes", "limit_in_bytes"),
}


@pytest.mark.parametrize(("line", "group", "used", "limit"), LIMITED.values(), ids=LIMITED)
def test_the_smaller_of_machine_and_container_is_available(line, group, used, limit, monkeypatch):
    group = f"/sys/fs/cgroup/{group}"
    files = {
        "/proc/meminfo": "MemTotal: 9 kB\nMemAvailable: 3000 kB\nSwapFree: 1000 kB\n",
        "/proc/self/cgroup": f"1:cpu:/x\n{line}\n",
        f"{group}memory.{limit}": "max\n",
        f"{group}memory.{used}": "500000\n",
        f"{group}memory.stat": "anon 1000\ninactive_file 0\nactive_file 0\n",
    }

    def read(path, **_):
        if str(path) not in files:
            raise FileNotFoundError(path)
        return files[str(path)]

    monkeypatch.setattr(Path, "read_text", read)
    whole = memory.total_bytes()
    assert memory.available_bytes() == 4000 * 1024
    assert whole > 10**9

    files[f"{group}memory.{limit}"] = "1500000\n"
    assert memory.available_bytes() == 1_000_000
    assert memory.total_bytes() == 1_500_000

    files[f"{group}memory.stat"] = "anon 1000\ninactive_file 300000\nactive_file 200000\n"
    assert memory.available_bytes() == 1_500_000, "what only caches files can be had back"


def test_without_control_groups_the_machine_s_memory_is_told(monkeypatch):
    monkeypatch.setattr(Path, "exists", lambda path: False)
    assert 10**9 < memory.available_bytes() <= memory.total_bytes() + 2**40


def test_the_memory_of_this_process_is_told():
    assert 10**7 < memory.resident_bytes() < 10**11


def test_the_peak_is_that_of_this_process_alone():
    """
    What a process holds that starts another is no memory of the other.
    """
    program = "from getalwoord.models.memory import peak_bytes; print(peak_bytes())"
    nested = f"import subprocess, sys; held = bytearray(2 * 10**9); subprocess.run({[program]!r})"
    nested = nested.replace("([", "([sys.executable, '-c', ")

    done = subprocess.run([sys.executable, "-c", nested], capture_output=True, check=True)

    assert 10**7 < int(done.stdout) < 10**9
