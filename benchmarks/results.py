"""Where benchmarks write what they measured: each its own section of `docs/results.md`."""

import datetime
import importlib.metadata
import os
import platform
import re
from collections.abc import Iterable
from pathlib import Path

from getalwoord.files import write_text

RESULTS = Path(__file__).parent.parent / "docs" / "results.md"
_TITLE = (
    "# Results\n\nMeasured by the programs in `benchmarks/`, each of which writes its section.\n"
)


def write_section(name: str, markdown: str) -> None:
    """Put text between the markers of a section, and add it at the end if it is not there."""
    begin, end = f"<!-- {name}:begin -->", f"<!-- {name}:end -->"
    section = f"{begin}\n{markdown.strip()}\n{end}"
    text = RESULTS.read_text(encoding="utf-8") if RESULTS.exists() else _TITLE
    pattern = re.compile(f"{re.escape(begin)}.*?{re.escape(end)}", re.DOTALL)
    if pattern.search(text):
        text = pattern.sub(lambda _: section, text)
    else:
        text = f"{text.rstrip()}\n\n{section}\n"
    write_text(RESULTS, text)


def provenance(command: str, packages: Iterable[str]) -> str:
    """Say in Markdown how, when and where something was measured; absent packages are left out."""
    versions = [f"Python {platform.python_version()}"]
    for package in packages:
        try:
            versions.append(f"{package} {importlib.metadata.version(package)}")
        except importlib.metadata.PackageNotFoundError:
            continue
    return (
        f"Measured by `{command}` on {datetime.date.today().isoformat()}, "
        f"{_processor()}, {os.cpu_count()} cores, {_memory()}; {', '.join(versions)}."
    )


def _processor() -> str:
    """Name the processor as Linux does."""
    path = Path("/proc/cpuinfo")
    text = path.read_text(encoding="utf-8") if path.exists() else ""
    name = re.search(r"^model name\s*:\s*(.+)$", text, re.MULTILINE)
    return name[1] if name else platform.machine()


def _memory() -> str:
    """Say how much memory the machine has."""
    size = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    return f"{size / 2**30:.0f} GiB of memory"
