"""Whether the service ever fails or hangs: requests drawn from its OpenAPI, and bytes at random.

Run alone: ``python benchmarks/fuzz_service.py [--cases 2000] [--bytes 2000] [--adapter DIR]``. Only
a service that it starts itself, at 127.0.0.1, is asked. An answer of 500 or more is a failure,
but for 503 and 504, which say that there is no time.
"""

import argparse
import random
import socket
import time
from collections import Counter

from results import provenance, write_section
from serving import Service

HANG = 40.0  # seconds; longer than any deadline of the service
GOOD = (
    b"POST /v1/read HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
    b"Content-Length: 31\r\n\r\n" + b'{"texts": ["drie", "dretien"]}\n'
)


def drawn(port: int, cases: int) -> tuple[Counter[int], list[str]]:
    """Send cases that schemathesis draws, right and wrong ones; gives statuses and failures."""
    import schemathesis
    from hypothesis import HealthCheck, given, settings

    schema = schemathesis.openapi.from_url(f"http://127.0.0.1:{port}/openapi.json")
    operations = list(schema.get_all_operations())
    # Of a route without a body there are few different requests.
    with_body = sum(bool(operation.ok().body) for operation in operations)
    statuses: Counter[int] = Counter()
    failures: list[str] = []
    accepted = schemathesis.checks.CHECKS.get_one("positive_data_acceptance")

    for operation in operations:

        @settings(
            max_examples=-(-cases // with_body),
            deadline=None,
            derandomize=True,
            database=None,
            suppress_health_check=list(HealthCheck),
        )
        @given(case=operation.ok().as_strategy())
        def is_answered(case: schemathesis.Case) -> None:
            answer = case.call(timeout=HANG)
            statuses[answer.status_code] += 1
            # OpenAI's form cannot say in a schema that a text must be one that can be read.
            case.validate_response(
                answer, excluded_checks=[accepted] if "completions" in case.path else []
            )

        try:
            is_answered()
        except Exception as error:  # noqa: BLE001 - whatever schemathesis has found
            failures.append(f"{operation.ok().label}: {error}")
    return statuses, failures


def at_random(port: int, count: int) -> tuple[Counter[str], float]:
    """Send requests with bytes changed, or none but random bytes; gives answers and the longest."""
    draw = random.Random("bytes")
    answers: Counter[str] = Counter()
    longest = 0.0
    for number in range(count):
        sent = bytearray(GOOD if number % 4 else draw.randbytes(draw.randint(1, 4000)))
        for _ in range(draw.randint(1, 12)):
            at = draw.randrange(len(sent))
            sent[at : at + draw.randint(0, 4)] = draw.randbytes(draw.randint(0, 4))
        began = time.perf_counter()
        answers[ask(port, bytes(sent))] += 1
        longest = max(longest, time.perf_counter() - began)
    return answers, longest


def ask(port: int, sent: bytes, *, ends: bool = True) -> str:
    """Send bytes and give the first status that is answered, or "closed"; "hung" after long.

    Args:
        port: Of the service.
        sent: What is sent.
        ends: Whether it is told that nothing follows; it need not answer then.
    """
    answer = b""
    try:
        with socket.create_connection(("127.0.0.1", port), timeout=HANG) as connection:
            connection.sendall(sent)
            if ends:
                connection.shutdown(socket.SHUT_WR)
            while more := connection.recv(1 << 16):
                answer += more
    except TimeoutError:
        return "hung"
    except OSError:
        pass  # it closed while there was more to be sent
    return answer[9:12].decode("ascii", "replace") if answer.startswith(b"HTTP/1.1 ") else "closed"


def main() -> None:
    """Fuzz, print and write the section."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--cases", type=int, default=2000)
    options.add_argument("--bytes", type=int, default=2000)
    options.add_argument("--adapter")
    given = options.parse_args()
    service = Service(*(("--adapter", given.adapter) if given.adapter else ()))
    try:
        statuses, failures = drawn(service.port, given.cases)
        answers, longest = at_random(service.port, given.bytes)
        alive = ask(
            service.port, GOOD.replace(b"31\r\n", b"31\r\nConnection: close\r\n"), ends=False
        )
    finally:
        service.process.terminate()
    code = service.process.wait()
    failed = [one for one in statuses if one >= 500 and one not in (503, 504)]
    markdown = "\n\n".join(
        (
            "## Fuzzing the service",
            provenance(
                "python benchmarks/fuzz_service.py",
                ["getalwoord", "fastapi", "uvicorn", "schemathesis"],
            ),
            f"{sum(statuses.values()):,} requests drawn from the OpenAPI by schemathesis, with all "
            f"of its checks: {listed(statuses)}; {len(failures)} routes with failures, "
            f"{sum(statuses[one] for one in failed)} answers of 500 or more but 503 and 504.",
            f"{given.bytes:,} times bytes at random, or a request with bytes changed: "
            f"{listed(answers)}; the longest took {longest:.2f} s. After all that a request had "
            f"{alive}, and the service ended with {code}.",
        )
    )
    print(markdown, *failures, sep="\n\n")
    write_section("fuzz-service", markdown)


def listed(counts: Counter[int] | Counter[str]) -> str:
    """Write counts in a row."""
    return ", ".join(f"{count:,} × {name}" for name, count in sorted(counts.items(), key=str))


if __name__ == "__main__":
    main()
