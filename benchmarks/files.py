"""Reading whole files: how fast, in how much memory, and whether killed runs come to the same.

Run alone: ``python benchmarks/files.py [--lines 1000000] [--kills 20] [--megabytes 100]``.
"""

import argparse
import contextlib
import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from results import provenance, write_section

from getalwoord.data.values import draw_values
from getalwoord.files import sha256_of
from getalwoord.numerals import KINDS, spell

PROSE = (
    "Op drie mei negentienhonderdvijfenveertig betaalde hij drieëntwintig euro vijftig voor twee "
    "derde van de oogst, en om half vijf ging hij met zijn elf kinderen naar huis.\n"
)


def main() -> None:
    """Measure, print and write the section."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--lines", type=int, default=1_000_000)
    options.add_argument("--kills", type=int, default=20)
    options.add_argument("--megabytes", type=int, default=100)
    given = options.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch)
        numerals, prose = folder / "numerals.txt", folder / "prose.txt"
        write_numerals(numerals, given.lines)
        seconds, memory = read(numerals, folder / "whole.txt")
        (folder / "whole.txt").unlink()
        alone, alone_memory = read(numerals, folder / "whole.txt", "--jobs", "1")
        same = killed(numerals, folder / "killed.txt", given.kills, seconds)
        same = same and sha256_of(folder / "whole.txt") == sha256_of(folder / "killed.txt")
        rows = [
            f"| {given.lines:,} numerals, one process | {given.lines / alone:,.0f} numerals/s "
            f"| {alone_memory} MB |",
            f"| {given.lines:,} numerals | {given.lines / seconds:,.0f} numerals/s | {memory} MB |",
        ]
        for megabytes in (given.megabytes // 10, given.megabytes):
            prose.write_text(PROSE * (megabytes * 2**20 // len(PROSE.encode())), encoding="utf-8")
            took, memory = read(prose, folder / "figures.txt")
            (folder / "figures.txt").unlink()
            rows.append(f"| prose, {megabytes} MB | {megabytes / took:.2f} MB/s | {memory} MB |")
    markdown = "\n\n".join(
        (
            "## Reading files",
            provenance("python benchmarks/files.py", ["getalwoord"]),
            "`getalwoord read --in FILE --out FILE` by the grammar, start included, by a process "
            f"for each core and one for the file; {given.lines:,} lines are clean numerals of all "
            "kinds. Memory is that of all processes together.",
            "\n".join(["| | speed | peak memory |", "|---|---:|---:|", *rows]),
            f"Killed (SIGKILL) at {given.kills} random moments and resumed each time, the output "
            f"of the {given.lines:,} lines was {'the same' if same else 'NOT the same'}, byte for "
            "byte, as that of a run that was left alone.",
        )
    )
    print(markdown)
    write_section("files", markdown)


def write_numerals(path: Path, count: int) -> None:
    """Write clean numerals of all kinds, shuffled."""
    texts = [
        spell(value, kind)
        for kind in KINDS
        for value in draw_values(kind, 250, maximum=999_999, seed="files")
    ]
    draw = random.Random("files")
    with path.open("w", encoding="utf-8") as file:
        for _ in range(count):
            file.write(texts[int(draw.random() * len(texts))] + "\n")


def command(source: Path, out: Path) -> list[str]:
    """Give the command that reads a file."""
    return [sys.executable, "-m", "getalwoord", "read", "--in", str(source), "--out", str(out)]


def read(source: Path, out: Path, *options: str) -> tuple[float, int]:
    """Read a file; gives seconds and megabytes of peak memory."""
    began, most = time.perf_counter(), 0
    with subprocess.Popen([*command(source, out), *options], stderr=subprocess.DEVNULL) as started:
        while started.poll() is None:
            most = max(most, memory_of(started.pid))
            time.sleep(0.1)
    return time.perf_counter() - began, most // 2**20


def memory_of(process: int) -> int:
    """Give the bytes that a process and its children hold, shared pages counted for each."""
    pages = 0
    with contextlib.suppress(OSError):  # one has just ended
        children = Path(f"/proc/{process}/task/{process}/children").read_text().split()
        for one in (process, *children):
            pages += int(Path(f"/proc/{one}/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE")


def killed(source: Path, out: Path, times: int, seconds: float) -> bool:
    """Read a file and be killed again and again; tells whether it ended at last."""
    draw = random.Random("killed")
    for _ in range(times):
        started = subprocess.Popen([*command(source, out), "--resume"], stderr=subprocess.DEVNULL)
        # Some kills come before anything was done, and most in the midst of it.
        time.sleep(draw.random() * 2.5 * seconds / times)
        started.send_signal(signal.SIGKILL)
        started.wait()
    return subprocess.run([*command(source, out), "--resume"], check=False).returncode == 0


if __name__ == "__main__":
    main()
