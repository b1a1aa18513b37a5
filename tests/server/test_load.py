"""The service under more than it can do, and at its end; a model that is held shows each state."""

import json
import os
import re
import signal
import socket
import threading
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx
import openai
import pytest


def wait_for(true):
    """Wait until something holds; fails after a minute."""
    for _ in range(6000):
        if true():
            return
        time.sleep(0.01)
    raise AssertionError("it never came true")


def read(service, *texts):
    """Ask for texts and give the answer."""
    return httpx.post(f"{service.url}/v1/read", json={"texts": texts}, timeout=60)


def waiting(service):
    """Tell how many texts wait for the model."""
    for line in httpx.get(f"{service.url}/metrics").text.splitlines():
        if line.startswith('getalwoord_waiting_texts{lane="model"}'):
            return float(line.split()[-1])
    raise AssertionError("not counted")


def children(process):
    """Give the numbers of a process's children, whichever thread began them."""
    tasks = Path(f"/proc/{process}/task").glob("*/children")
    return {int(child) for task in tasks for child in task.read_text().split()}


def test_texts_of_many_connections_are_read_together(slow):
    service = slow()
    texts = ["z" * number for number in range(1, 10)]
    with ThreadPoolExecutor(len(texts)) as pool:
        answers = [pool.submit(read, service, text) for text in texts]
        wait_for(lambda: sum(service.batches()) + waiting(service) == len(texts))
        service.let_go()
        results = [answer.result().json()["results"][0] for answer in answers]

    assert [(one["text"], one["answer"]) for one in results] == [(text, text) for text in texts]
    assert len(service.batches()) == 2, "those that came while the first was read"


def test_the_grammar_answers_while_the_model_is_busy(slow):
    service = slow()
    with ThreadPoolExecutor(1) as pool:
        asked = pool.submit(read, service, "zzz")
        wait_for(service.batches)

        exact = read(service, "drie")
        sentence = httpx.post(f"{service.url}/v1/normalise", json={"texts": ["om half vijf"]})
        near = httpx.post(
            f"{service.url}/v1/read", json={"texts": ["dretien"], "method": "grammar"}
        )

        assert not asked.done()
        service.let_go()
        assert asked.result().status_code == 200
    assert exact.json()["results"][0]["value"] == "3"
    assert sentence.json()["results"][0]["normalised"] == "om 4.30 uur"
    assert near.json()["results"][0]["value"] == "13"


def test_texts_are_weighed_though_the_process_for_it_is_killed(slow):
    service = slow(hold=False)
    assert read(service, "zzz").json()["results"][0]["answer"] == "zzz"
    before = children(service.process.pid)
    for child in before:
        os.kill(child, signal.SIGKILL)

    for text in ("zzzz", "dretien"):
        assert read(service, text).json()["results"][0]["answer"] == text
    assert children(service.process.pid) - before


def test_past_the_queue_it_is_429_with_a_time_and_afterwards_all_is_well(slow):
    service = slow("--queue", 2)
    with ThreadPoolExecutor(2) as pool:
        first = pool.submit(read, service, "zz")
        wait_for(service.batches)
        second = pool.submit(read, service, "zzz", "zzzz")
        wait_for(lambda: waiting(service) == 2)

        refused = read(service, "zzzzz")
        with (
            openai.OpenAI(base_url=f"{service.url}/v1", api_key="any", max_retries=0) as client,
            pytest.raises(openai.RateLimitError, match="too much is waiting"),
        ):
            client.completions.create(model="adapter", prompt="zzzzz")

        assert refused.status_code == 429
        assert 1 <= int(refused.headers["Retry-After"]) <= 60
        service.let_go()
        assert first.result().status_code == second.result().status_code == 200
    assert read(service, "zzzzz").json()["results"][0]["answer"] == "zzzzz"


def test_past_the_deadline_it_is_504_and_the_work_is_dropped(slow):
    service = slow("--deadline", 1)
    with ThreadPoolExecutor(1) as pool:
        busy = pool.submit(read, service, "z")
        wait_for(service.batches)

        late = read(service, "zz", "zzz")

        assert late.status_code == busy.result().status_code == 504
        assert "not done in 1 s" in late.json()["error"]["message"]
        assert waiting(service) == 0
        service.let_go()
    assert read(service, "zzzz").status_code == 200
    assert service.batches() == [1, 1]


def test_the_work_of_those_who_have_gone_is_dropped(slow):
    service = slow()
    with ThreadPoolExecutor(1) as pool:
        busy = pool.submit(read, service, "z")
        wait_for(service.batches)
        body = json.dumps({"texts": ["zz"]}).encode()
        head = (
            b"POST /v1/read HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
            b"Content-Length: %d\r\n\r\n" % len(body)
        )
        with socket.create_connection((service.host, service.port)) as gone:
            gone.sendall(head + body)
            wait_for(lambda: waiting(service) == 1)
        wait_for(lambda: waiting(service) == 0)
        service.let_go()
        assert busy.result().status_code == 200
    assert service.batches() == [1]


def test_a_signal_ends_it_after_all_that_was_accepted_is_answered(slow):
    service = slow()
    base = {"base_url": service.url, "timeout": 60}
    with ThreadPoolExecutor(4) as pool, httpx.Client(**base) as one, httpx.Client(**base) as other:
        other.get("/healthz")
        asked = [pool.submit(read, service, "z" * number) for number in range(1, 5)]
        wait_for(lambda: sum(service.batches()) + waiting(service) == 4)

        service.process.send_signal(signal.SIGTERM)
        wait_for(lambda: one.get("/readyz").status_code == 503)
        refused = other.post("/v1/read", json={"texts": ["drie"]})
        with pytest.raises(httpx.ConnectError):
            read(service, "drie")
        service.let_go()
        answers = [one.result() for one in asked]

    assert [one.json()["results"][0]["answer"] for one in answers] == ["z", "zz", "zzz", "zzzz"]
    assert refused.status_code == 503
    assert refused.headers["connection"] == "close"
    service.ended()
    assert service.process.returncode == 0


@pytest.mark.parametrize("name", ["SIGTERM", "SIGINT"])
def test_under_load_no_accepted_request_is_lost_at_the_end(slow, name):
    """
    Eight connections ask without a pause until they are refused or closed. As many requests as
    have been accepted, by the log, have their right answers.
    """
    service = slow(hold=False)
    answered = []

    def ask_on():
        with httpx.Client(base_url=service.url, timeout=60) as client:
            for number in range(100_000):
                text = "z" * (1 + number % 50)
                try:
                    answer = client.post("/v1/read", json={"texts": [text, "drie"]})
                except httpx.TransportError:
                    return
                if answer.status_code == 503:
                    return
                results = answer.json()["results"]
                answered.append([one.get("answer", one["value"]) for one in results] == [text, "3"])

    threads = [threading.Thread(target=ask_on) for _ in range(8)]
    for thread in threads:
        thread.start()
    wait_for(lambda: len(answered) > 50)
    service.process.send_signal(getattr(signal, name))
    for thread in threads:
        thread.join()
    log = service.ended()

    assert service.process.returncode == 0
    assert all(answered)
    accepted = Counter(re.findall(r"POST /v1/read (\d+)", log))
    assert accepted.keys() <= {"200", "503"}
    assert accepted["200"] == len(answered)


def test_without_requests_a_signal_ends_it_at_once(start):
    service = start()
    service.process.send_signal(signal.SIGTERM)
    service.ended()

    assert service.process.returncode == 0
