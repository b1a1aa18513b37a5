"""The service under load: speed against the Reader, wrong and lost answers, overload, its end.

Run alone: ``python benchmarks/serving.py --adapter DIR [--seconds 120]``. Texts are numerals of
1–999, half of them spelled right and half with one or two mistakes, which the grammar refuses and
the model reads; the client checks every answer against the Reader's. Client, service and Reader
share the machine's cores.
"""

import argparse
import asyncio
import json
import random
import re
import signal
import statistics
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from results import provenance, write_section

CONNECTIONS = 64
OVERLOAD = 10  # times what can be done
OVERLOAD_SECONDS = 30.0
MOST_CONNECTIONS = 900
TEXTS = 2000
READER = """
import json, sys, time
from getalwoord.reading.reader import Reader
texts = json.load(sys.stdin)
reader = Reader(sys.argv[1] or None)
reader.read_mixed(texts[:64])
began = time.perf_counter()
read = reader.read_mixed(texts)
seconds = time.perf_counter() - began
known = [
    [one.value, one.how] if hasattr(one, "how") else [one.normalised, "sentence"] for one in read
]
json.dump([seconds, known], sys.stdout)
"""


REFUSED, BROKE = 0, -1  # in place of a status: no connection, no answer

Expected = dict[str, list[object]]  # value and how, by text


@dataclass
class Load:
    """What came of a load: by status, and of right answers the seconds that each took."""

    expected: Expected
    statuses: Counter[int] = field(default_factory=Counter)
    seconds: list[float] = field(default_factory=list)
    exact_seconds: list[float] = field(default_factory=list)  # of those the grammar reads at once
    wrong: list[tuple[object, object]] = field(default_factory=list)
    otherwise: int = 0  # the same value, but near here and unproven there
    undecided: list[str] = field(default_factory=list)  # unproven here and there, other values
    began: float = field(default_factory=time.perf_counter)
    texts: int = 0

    def take(self, texts: Sequence[str], seconds: float, status: int, answer: bytes) -> None:
        """Take in an answer, and compare it with the Reader's."""
        self.statuses[status] += 1
        if status != 200:
            return
        self.seconds.append(seconds)
        self.texts += len(texts)
        results = json.loads(answer)["results"]
        for text, one in zip(texts, results, strict=True):
            value, how = one.get("value", one.get("normalised")), one.get("how", "sentence")
            known = self.expected[text]
            if one["text"] == text and value != known[0] and [how, known[1]] == ["unproven"] * 2:
                self.undecided.append(text)
            elif (
                one["text"] != text
                or value != known[0]
                or (how == "exact") != (known[1] == "exact")
            ):
                self.wrong.append((one, known))
            self.otherwise += how != known[1]
        if all(one.get("how") == "exact" for one in results):
            self.exact_seconds.append(seconds)

    @property
    def lost(self) -> int:
        """How many requests were sent and had no answer."""
        return self.statuses[BROKE]


def percentiles(seconds: Sequence[float]) -> str:
    """Give the median and the 99th percentile as cells of a table, in milliseconds."""
    if len(seconds) < 2:
        return "– | –"
    hundredths = statistics.quantiles(seconds, n=100)
    return f"{1000 * hundredths[49]:,.0f} | {1000 * hundredths[98]:,.0f}"


def texts_of(count: int) -> tuple[list[str], list[str]]:
    """Give clean texts and noisy ones that the grammar refuses."""
    from getalwoord.numerals import NOISES, add_noise, parse_exactly, spell

    draw = random.Random("serving").random
    clean, noisy = [], []
    while len(noisy) < count:
        value = 1 + int(draw() * 999)
        text, _ = add_noise(spell(value), value, NOISES, 1 + len(noisy) % 2, f"{value} {draw()}")
        if parse_exactly(text) is None:
            clean.append(spell(value))
            noisy.append(text)
    return clean, noisy


class Connection:
    """One connection of a client that speaks as much HTTP as is needed."""

    def __init__(self, port: int) -> None:
        self.port = port
        self.streams: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None

    async def ask(self, texts: Sequence[str]) -> tuple[int, bytes]:
        """Ask for some texts."""
        body = json.dumps({"texts": texts}).encode()
        try:
            if self.streams is None:
                self.streams = await asyncio.open_connection("127.0.0.1", self.port)
        except OSError:
            return REFUSED, b""
        reader, writer = self.streams
        try:
            writer.write(
                b"POST /v1/read HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
                b"Content-Length: %d\r\n\r\n%b" % (len(body), body)
            )
            head = await reader.readuntil(b"\r\n\r\n")
            length = re.search(rb"content-length: (\d+)", head)
            answer = await reader.readexactly(int(length[1]) if length else 0)
        except (OSError, asyncio.IncompleteReadError):
            self.close()
            return BROKE, b""
        if b"connection: close" in head:
            self.close()
        return int(head[9:12]), answer

    def close(self) -> None:
        """Let go of the connection."""
        if self.streams is not None:
            self.streams[1].close()
        self.streams = None


class Service:
    """A `getalwoord serve` in a process of its own."""

    def __init__(self, *options: str) -> None:
        command = [sys.executable, "-m", "getalwoord", "serve", "--port", "0", "--quiet", *options]
        # A file: a pipe that nobody reads would hold the service up once it is full.
        self.said = tempfile.TemporaryFile("w+", encoding="utf-8")  # noqa: SIM115 - kept open
        self.process = subprocess.Popen(command, stderr=self.said, text=True)
        while (found := re.search(r"127\.0\.0\.1:(\d+)", self.log())) is None:
            if self.process.poll() is not None:
                raise SystemExit("the service did not start: " + self.log())
            time.sleep(0.1)
        self.port = int(found[1])

    def log(self) -> str:
        """Give what it has said so far."""
        return Path(f"/proc/self/fd/{self.said.fileno()}").read_text(encoding="utf-8")

    def memory(self) -> float:
        """Give the resident memory, in megabytes."""
        text = Path(f"/proc/{self.process.pid}/status").read_text(encoding="utf-8")
        found = re.search(r"VmRSS:\s+(\d+)", text)
        return int(found[1]) / 1024 if found else 0.0


async def steadily(
    port: int, pools: Sequence[Sequence[str]], each: int, seconds: float, expected: Expected
) -> Load:
    """Ask over 64 connections, over each at once again when it is answered."""
    load = Load(expected)
    until = load.began + seconds

    async def one(seed: int) -> None:
        draw, connection, status = random.Random(seed), Connection(port), 200
        while time.perf_counter() < until and status not in (REFUSED, BROKE):
            texts = [draw.choice(draw.choice(pools)) for _ in range(each)]
            began = time.perf_counter()
            status, answer = await connection.ask(texts)
            load.take(texts, time.perf_counter() - began, status, answer)
        connection.close()

    await asyncio.gather(*(one(seed) for seed in range(CONNECTIONS)))
    return load


async def overloaded(
    service: Service, noisy: Sequence[str], rate: float, expected: Expected
) -> tuple[Load, list[float], float]:
    """Ask at a rate, whether it is answered or not; gives memory and the seconds to recover."""
    load, memory = Load(expected), [service.memory()]
    idle = [Connection(service.port) for _ in range(MOST_CONNECTIONS)]
    asking: set[asyncio.Task[None]] = set()
    draw = random.Random("overload")

    async def one() -> None:
        connection = idle.pop()
        texts, began = [draw.choice(noisy)], time.perf_counter()
        status, answer = await connection.ask(texts)
        load.take(texts, time.perf_counter() - began, status, answer)
        idle.append(connection)

    asked = 0
    while (now := time.perf_counter() - load.began) < OVERLOAD_SECONDS:
        for _ in range(min(int(now * rate) - asked, MOST_CONNECTIONS - len(asking))):
            asked += 1
            task = asyncio.create_task(one())
            asking.add(task)
            task.add_done_callback(asking.discard)
        await asyncio.sleep(0.01)
        memory.append(service.memory())
    began = time.perf_counter()
    after = Connection(service.port)
    while (await after.ask([draw.choice(noisy)]))[0] != 200:
        await asyncio.sleep(0.05)
    recovered = time.perf_counter() - began
    await asyncio.gather(*asking)
    for connection in [*idle, after]:
        connection.close()
    return load, memory, recovered


async def ended(service: Service, noisy: Sequence[str], expected: Expected) -> tuple[Load, int]:
    """Send SIGTERM under load; gives what came of it and the exit code."""
    asked = asyncio.create_task(steadily(service.port, [noisy], 1, 8.0, expected))
    await asyncio.sleep(4.0)
    service.process.send_signal(signal.SIGTERM)
    load = await asked
    return load, await asyncio.to_thread(service.process.wait)


def reader_rate(adapter: str, texts: Sequence[str]) -> tuple[float, Expected]:
    """Read texts by the Reader alone; gives texts a second and what it read."""
    done = subprocess.run(
        [sys.executable, "-c", READER, adapter],
        input=json.dumps(texts),
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    )
    seconds, read = json.loads(done.stdout)
    return len(texts) / seconds, dict(zip(texts, read, strict=True))


async def ready(port: int) -> None:
    """Wait until the model is loaded: a text for it is answered then."""
    connection = Connection(port)
    while (await connection.ask(["zzeuven"]))[0] != 200:
        await asyncio.sleep(0.5)
    connection.close()


def main() -> None:
    """Measure, print and write the section."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--adapter", required=True)
    options.add_argument("--seconds", type=float, default=120.0)
    given = options.parse_args()
    clean, noisy = texts_of(TEXTS // 2)
    mixed_rate, expected = reader_rate(given.adapter, clean + noisy)
    clean_rate, expected_clean = reader_rate("", clean)
    print(f"Reader: {mixed_rate:.1f} mixed, {clean_rate:.0f} clean texts/s", flush=True)
    grammar = Service()
    alone = asyncio.run(steadily(grammar.port, [clean], 32, given.seconds / 4, expected_clean))
    grammar.process.terminate()
    print(describe(alone), flush=True)
    service = Service("--adapter", given.adapter)
    asyncio.run(ready(service.port))
    mixed = asyncio.run(steadily(service.port, [clean, noisy], 1, given.seconds, expected))
    print(describe(mixed), flush=True)
    # The machine's speed drifts: before and after are compared with what lies between.
    mixed_rate = (mixed_rate + reader_rate(given.adapter, clean + noisy)[0]) / 2
    rate = OVERLOAD * len(mixed.seconds) / given.seconds
    over, memory, recovered = asyncio.run(overloaded(service, noisy, rate, expected))
    print(describe(over), f"{recovered:.2f} s to recover", flush=True)
    end, code = asyncio.run(ended(service, noisy, expected))
    print(describe(end), f"exit code {code}", flush=True)
    rates = mixed_rate, clean_rate, rate
    markdown = section(given.seconds, rates, (mixed, alone, over, end), memory, recovered, code)
    print(markdown)
    write_section("serving", markdown)


def describe(load: Load) -> str:
    """Say what came of a load."""
    rate = load.texts / (time.perf_counter() - load.began)
    return f"{dict(load.statuses)}, {rate:.0f} texts/s, wrong: {len(load.wrong)} {load.wrong[:3]}"


def section(
    seconds: float,
    rates: tuple[float, float, float],
    loads: tuple[Load, Load, Load, Load],
    memory: Sequence[float],
    recovered: float,
    code: int,
) -> str:
    """Write the section."""
    mixed_rate, clean_rate, rate = rates
    mixed, alone, over, end = loads
    rows = [
        "| | texts/s | against the Reader | p50, ms | p99, ms | wrong | lost |",
        "|---|---:|---:|---:|---:|---:|---:|",
    ]
    for name, load, own, took in (
        ("clean and noisy mixed, 1 a request", mixed, mixed_rate, seconds),
        ("clean, the grammar alone, 32 a request", alone, clean_rate, seconds / 4),
    ):
        speed = load.texts / took
        rows.append(
            f"| {name} | {speed:,.1f} | {speed / own:.2f} × | {percentiles(load.seconds)} | "
            f"{len(load.wrong)} | {load.lost} |"
        )
    rows.append(f"| of these mixed: the clean ones | | | {percentiles(mixed.exact_seconds)} | | |")
    third = len(memory) // 3
    return "\n\n".join(
        (
            "## The service under load",
            provenance(
                "python benchmarks/serving.py --adapter DIR",
                ["getalwoord", "fastapi", "uvicorn", "torch"],
            ),
            f"{CONNECTIONS} connections, each asking again as soon as it is answered, for "
            f"{seconds:g} s (the grammar alone a quarter of that); client and service share the "
            "cores. Numerals of 1–999, clean or with one or two mistakes that the grammar refuses; "
            "every answer is compared with the Reader's, which read all texts in one call before "
            "and after; its speed is the mean of the two. In other company the sums of bfloat16 "
            f"are rounded otherwise: {mixed.otherwise} of {mixed.texts:,} answers had the same "
            "value, but near and unproven changed places, as the model's probability lay at the "
            f"threshold; {len(mixed.undecided)} had another value, unproven here and there"
            + "".join(f", of *{text}*" for text in sorted(set(mixed.undecided)))
            + ".",
            "\n".join(rows),
            f"Overload: {rate:,.0f} noisy texts a second for {OVERLOAD_SECONDS:g} s, "
            f"{OVERLOAD} times what was done above: {over.statuses[200]:,} answered, "
            f"{over.statuses[429]:,} refused with 429, "
            f"{sum(over.statuses.values()) - over.statuses[200] - over.statuses[429]} else, "
            f"{len(over.wrong)} wrong. Resident memory was {max(memory[:third]):,.0f} MB at most "
            f"in the first third and {max(memory[-third:]):,.0f} MB in the last. "
            f"{recovered:.1f} s after the overload a text was answered.",
            f"SIGTERM while {CONNECTIONS} connections asked: {end.statuses[200]} answered before "
            f"and after, {end.statuses[503]} refused with 503, {end.lost} lost, {len(end.wrong)} "
            f"wrong; exit code {code}.",
        )
    )


if __name__ == "__main__":
    main()
