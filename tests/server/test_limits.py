"""Requests that are too large, too slow or nonsense: a clear refusal, and the service lives on."""

import json
import random
import re
import socket

import httpx
import pytest

from getalwoord.server.limits import BODY, CHARACTERS, TEXTS


@pytest.fixture
def send(served):
    """Send bytes as they are, and give all that comes back until the service closes."""

    def run(*parts, service=served):
        with socket.create_connection((service.host, service.port), timeout=60) as connection:
            try:
                for part in parts:
                    connection.sendall(part)
                connection.shutdown(socket.SHUT_WR)
            except OSError:
                pass  # it was refused before all was sent
            answer = b""
            try:
                while more := connection.recv(1 << 16):
                    answer += more
            except ConnectionResetError:
                pass
            return answer

    return run


def error_of(answer):
    """Give the error that an answer holds, in OpenAI's form."""
    body = json.loads(answer.content)
    assert body.keys() == {"error"}, body
    assert body["error"].keys() == {"message", "type", "param", "code"}
    return body["error"]


def posted(client, content, path="/v1/read", **headers):
    return client.post(
        path, content=content, headers={"Content-Type": "application/json"} | headers
    )


@pytest.mark.parametrize("path", ["/v1/read", "/v1/normalise", "/v1/completions"])
@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"{",
        b"\xff\xfe",
        b"null",
        b"[]",
        b'"drie"',
        b"1" * 5000,
        b"NaN",
        b"[" * 100_000,
        b'{"texts":' + b"[" * 100_000 + b"]" * 100_000 + b"}",
        b'{"texts": {"a": 1}}',
        b'{"texts": [1]}',
        b'{"texts": [null]}',
        b'{"model": "getalwoord", "prompt": {}}',
    ],
    ids=range(14),
)
def test_what_is_no_request_is_a_bad_one(client, path, content):
    answer = posted(client, content, path)

    assert answer.status_code == 400
    assert error_of(answer)["type"] == "invalid_request_error"


def test_the_field_that_is_wrong_is_named_and_what_it_held_is_not(client):
    answer = client.post("/v1/read", json={"texts": ["een", 7], "method": "geheim"})

    error = error_of(answer)
    assert answer.status_code == 400
    assert error["param"] == "texts.1"
    assert "geheim" not in answer.text
    unknown = client.post("/v1/read", json={"texts": ["een"], "txt": 1})
    assert error_of(unknown)["param"] == "txt"
    kind = client.post("/v1/read", json={"texts": ["een"], "kinds": ["roman"]})
    assert "kinds.0: give one of cardinal, negative" in error_of(kind)["message"]


@pytest.mark.parametrize("kind", ["text/plain", "application/x-www-form-urlencoded", "nonsense"])
def test_only_json_is_taken(client, kind):
    """
    A page of elsewhere can send these without asking first; JSON it cannot.
    """
    answer = client.post("/v1/read", content=b'{"texts": []}', headers={"Content-Type": kind})

    assert answer.status_code == 400
    assert "application/json" in error_of(answer)["message"]


def test_lone_surrogates_are_refused_and_other_characters_are_read(client):
    for path in ("/v1/read", "/v1/normalise"):
        answer = posted(client, rb'{"texts": ["\ud800 drie"]}', path)

        assert (answer.status_code, error_of(answer)["param"]) == (400, "texts.0")
    texts = ["\x00", "drie\x00", "\U0001f600" * 100, "e\u0301\u0301", "\u202edrie", "\ufeffdrie"]
    answer = client.post("/v1/read", json={"texts": texts})
    assert [one["text"] for one in answer.json()["results"]] == texts


def test_the_limits_are_told_and_kept(client):
    limits = client.get("/v1/info").json()["limits"]
    assert (limits["texts"], limits["text_characters"], limits["body_bytes"]) == (
        TEXTS,
        CHARACTERS,
        BODY,
    )
    for texts, status in (
        (["een"] * TEXTS, 200),
        (["een"] * (TEXTS + 1), 400),
        (["e" * CHARACTERS], 200),
        (["e" * (CHARACTERS + 1)], 400),
    ):
        assert client.post("/v1/read", json={"texts": texts}).status_code == status


def test_a_body_that_is_too_large_is_told_so(client):
    content = b'{"texts": ["' + b"e" * BODY + b'"]}'

    declared = posted(client, content)
    chunked = posted(client, (content[at : at + 1000] for at in range(0, len(content), 1000)))

    for answer in (declared, chunked):
        assert answer.status_code == 413
        assert error_of(answer)["code"] == "too_large"
        assert answer.headers["connection"] == "close"
    assert posted(client, b'{"texts": ["' + b" " * (CHARACTERS - 9) + b'"]}').status_code == 200


def test_a_body_that_is_far_too_large_is_not_read_to_its_end(send):
    answer = send(
        b"POST /v1/read HTTP/1.1\r\nHost: localhost\r\nContent-Length: 99999999999\r\n"
        b"Expect: 100-continue\r\n\r\n"
    )

    assert answer.startswith(b"HTTP/1.1 413")


def test_a_body_that_does_not_come_is_waited_for_no_longer(slow, send):
    service = slow(hold=False)
    head = b"POST /v1/read HTTP/1.1\r\nHost: localhost\r\nContent-Length: 100\r\n\r\n{"
    with socket.create_connection((service.host, service.port), timeout=60) as connection:
        connection.sendall(head)
        assert connection.recv(12) == b"HTTP/1.1 408"
        while connection.recv(1 << 16):
            pass


@pytest.mark.parametrize(
    "sent", [b"", b"GET /healthz HTT", b"GET / HTTP/1.1\r\nHost: localhost\r\n"]
)
def test_a_head_that_does_not_come_is_waited_for_no_longer(slow, sent):
    service = slow(hold=False)
    with socket.create_connection((service.host, service.port), timeout=60) as connection:
        connection.sendall(sent)
        assert connection.recv(100) == b""


def test_a_connection_may_be_idle_for_longer_than_a_head_may_take(slow):
    service = slow(hold=False)
    asked = b"GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n"
    with socket.create_connection((service.host, service.port), timeout=60) as connection:
        for _ in range(2):
            connection.sendall(asked)
            answer = b""
            while not answer.endswith(b"}"):
                answer += connection.recv(1 << 16)
            connection.settimeout(1.5)
            with pytest.raises(TimeoutError):
                connection.recv(1)
            connection.settimeout(60)


def test_unknown_ways_and_methods_have_an_error_of_the_same_form(client):
    assert error_of(client.get("/nowhere"))["message"] == "Not Found"
    wrong = client.get("/v1/read")
    assert (wrong.status_code, wrong.headers["allow"]) == (405, "POST")
    assert error_of(wrong)["message"] == "Method Not Allowed"
    assert client.head("/v1/read").status_code == 405
    assert client.get("/static/../app.py").status_code == 404
    assert client.get("/static/%2e%2e/app.py").status_code == 404


@pytest.mark.parametrize("path", ["/", "/healthz", "/readyz", "/static/page.js"])
def test_a_head_is_that_of_the_answer(client, path):
    asked, got = client.head(path), client.get(path)
    assert (asked.status_code, asked.content) == (got.status_code, b"")
    assert asked.headers["content-length"] == got.headers["content-length"]


def test_bytes_that_are_no_http_close_the_connection_and_nothing_else(send, client):
    draw = random.Random(0)
    good = (
        b"POST /v1/read HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
        b"Content-Length: 19\r\n\r\n" + b'{"texts": ["drie"]}'
    )
    for number in range(300):
        broken = bytearray(good if number % 3 else draw.randbytes(200))
        for _ in range(draw.randint(1, 8)):
            at = draw.randrange(len(broken))
            broken[at : at + draw.randint(0, 3)] = draw.randbytes(draw.randint(0, 3))
        answer = send(bytes(broken), good if number % 2 else b"")
        assert not answer or answer.startswith(b"HTTP/1.1 "), broken
        assert b"HTTP/1.1 5" not in answer, broken
    assert client.get("/healthz").status_code == 200


def test_pipelined_requests_are_answered_in_order(served):
    one = b"GET /v1/models/%d HTTP/1.1\r\nHost: localhost\r\n\r\n"
    last = b"GET /healthz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"
    with socket.create_connection((served.host, served.port), timeout=60) as connection:
        connection.sendall(b"".join(one % number for number in range(5)) + last)
        answer = b""
        while more := connection.recv(1 << 16):
            answer += more

    assert re.findall(rb"there is no model '(\d)'", answer) == [b"%d" % n for n in range(5)]
    assert answer.endswith(b'{"status":"ok"}')


def test_random_requests_of_the_description_never_fail(served):
    """
    A hundred and fifty cases that schemathesis draws from the OpenAPI, right and wrong ones;
    benchmarks/fuzz_service.py runs thousands.
    """
    import schemathesis
    from hypothesis import HealthCheck, given, settings

    schema = schemathesis.openapi.from_url(f"{served.url}/openapi.json")
    for operation in schema.get_all_operations():

        @settings(
            max_examples=15,
            deadline=None,
            derandomize=True,
            database=None,
            suppress_health_check=list(HealthCheck),
        )
        @given(case=operation.ok().as_strategy())
        def is_answered(case):
            # OpenAI's form cannot say in a schema that a text must be one that can be read.
            accepted = schemathesis.checks.CHECKS.get_one("positive_data_acceptance")
            excluded = [accepted] if "completions" in case.path else []
            case.call_and_validate(excluded_checks=excluded)

        is_answered()


def test_a_model_that_fails_is_a_500_without_details(slow, tmp_path):
    service = slow("--quiet")
    service.let_go()
    (tmp_path / "batches").unlink(missing_ok=True)
    (tmp_path / "batches").mkdir()  # the model cannot write to it

    answer = httpx.post(f"{service.url}/v1/read", json={"texts": ["zzz"]}, timeout=60)

    assert answer.status_code == 500
    assert error_of(answer)["message"] == "something failed that should not have: see the log"
    assert httpx.get(f"{service.url}/healthz").status_code == 200
    service.process.terminate()
    log = service.ended()
    assert "IsADirectoryError" in log
    assert "zzz" not in log
