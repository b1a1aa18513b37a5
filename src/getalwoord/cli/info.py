"""`getalwoord info`: what there is to compute with."""

import json
from typing import Annotated

import typer


def info(
    as_json: Annotated[bool, typer.Option("--json", help="Print it as JSON.")] = False,
) -> None:
    """Show versions, backend and dtype with the reason for each, cores, memory and bases.

    Example: getalwoord info --json
    """
    import os
    import platform

    from getalwoord.models.bases import available_bases
    from getalwoord.models.cache import cache_folder
    from getalwoord.models.device import choose_backend, choose_dtype

    known_bases = available_bases()
    backend, dtype = choose_backend(), choose_dtype()
    packages = ("getalwoord", "keras", "keras-hub", "torch", "jax")
    versions = {"python": platform.python_version(), **_versions(packages)}
    cores = len(os.sched_getaffinity(0))
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    facts = {
        "versions": versions,
        "backend": {"name": backend.value, "reason": backend.reason},
        "dtype": {"name": dtype.value, "reason": dtype.reason},
        "cores": cores,
        "memory_bytes": memory,
        "cache": str(cache_folder()),
        "bases": known_bases,
    }
    if as_json:
        print(json.dumps(facts))
        return
    for name, version in versions.items():
        print(f"{name:<12}{version}")
    print(f"{'backend':<12}{backend.value} ({backend.reason})")
    print(f"{'dtype':<12}{dtype.value} ({dtype.reason})")
    print(f"{'cores':<12}{cores}")
    print(f"{'memory':<12}{memory / 1e9:.1f} GB")
    print(f"{'cache':<12}{cache_folder()}")
    print("bases       FILE.gguf, a folder, hf://owner/name, or by name:")
    for name in known_bases:
        print(f"            {name}")
    print("Gemma is provided under and subject to the Gemma Terms of Use found at")
    print("ai.google.dev/gemma/terms")


def _versions(packages: tuple[str, ...]) -> dict[str, str]:
    from importlib.metadata import PackageNotFoundError, version

    found = {}
    for package in packages:
        try:
            found[package] = version(package)
        except PackageNotFoundError:
            found[package] = "not installed"
    return found
