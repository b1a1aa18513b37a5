"""Who may ask, what browsers are told, and what is written down."""

import httpx
import pytest

from getalwoord.server.run import is_loopback

KEY = "a-key-of-sixteen-letters"


@pytest.fixture(scope="module")
def locked(start, tmp_path_factory):
    """A service that wants a key, which is in a file."""
    path = tmp_path_factory.mktemp("key") / "key"
    path.write_text(KEY + "\n")
    return start("--host", "0.0.0.0", "--api-key-file", path)


def test_every_answer_has_strict_headers(client):
    for answer in (
        client.get("/healthz"),
        client.get("/nowhere"),
        client.post("/v1/read", json={"texts": ["drie"]}),
        client.post("/v1/read", content=b"{"),
        client.get("/healthz", headers={"Host": "elsewhere"}),
    ):
        headers = answer.headers
        assert headers["content-security-policy"].startswith("default-src 'self'; base-uri 'none'")
        assert "frame-ancestors 'none'" in headers["content-security-policy"]
        assert "unsafe" not in headers["content-security-policy"]
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["referrer-policy"] == "no-referrer"
        assert headers["cross-origin-opener-policy"] == "same-origin"
        assert headers["cross-origin-resource-policy"] == "same-origin"
        assert headers["cache-control"] == "no-store"
        assert "server" not in headers


def test_other_origins_are_allowed_nothing(client):
    origin = {"Origin": "https://elsewhere.example"}
    asked = client.post("/v1/read", json={"texts": ["drie"]}, headers=origin)
    preflight = client.options(
        "/v1/read", headers=origin | {"Access-Control-Request-Method": "POST"}
    )

    for answer in (asked, preflight):
        assert not [name for name in answer.headers if name.startswith("access-control")]
    assert preflight.status_code == 405


@pytest.mark.parametrize(
    ("host", "status"),
    [
        ("localhost", 200),
        ("LOCALHOST:80", 200),
        ("127.0.0.1:8000", 200),
        ("[::1]:8000", 200),
        ("elsewhere.example", 403),
        ("localhost.elsewhere.example", 403),
        ("127.0.0.1.elsewhere.example:8000", 403),
        ("127.0.0.1:8000@elsewhere.example", 403),
        ("", 403),
    ],
)
def test_without_a_key_only_names_of_this_machine_are_hosts(client, host, status):
    answer = client.get("/healthz", headers={"Host": host})

    assert answer.status_code == status


def test_with_a_key_the_api_and_the_metrics_need_it_and_probes_do_not(locked):
    with httpx.Client(base_url=f"http://127.0.0.1:{locked.port}") as client:
        for path in ("/healthz", "/readyz", "/openapi.json"):
            assert client.get(path).status_code == 200
        for path in ("/v1/models", "/v1/info", "/metrics", "/v1/nothing"):
            for given in ({}, {"Authorization": KEY}, {"Authorization": f"Bearer {KEY}x"}):
                answer = client.get(path, headers=given)

                assert answer.status_code == 401
                assert answer.headers["www-authenticate"] == "Bearer"
                assert answer.json()["error"]["code"] == "invalid_api_key"
        right = {"Authorization": f"Bearer {KEY}", "Host": "numerals.example"}
        assert client.get("/metrics", headers=right).status_code == 200
        assert client.post("/v1/read", json={"texts": ["een"]}, headers=right).status_code == 200
        strange = {"Authorization": b"Bearer \xff\xfe"}
        assert client.get("/v1/info", headers=strange).status_code == 401


def test_addresses_of_this_machine_are_told_from_others():
    assert [is_loopback(host) for host in ("127.0.0.1", "127.9.9.9", "::1")] == [True] * 3
    assert [is_loopback(host) for host in ("0.0.0.0", "::", "192.168.0.1", "fe80::1%lo")] == [
        False
    ] * 4


def test_the_log_has_nothing_of_what_was_asked(start):
    service = start()
    with httpx.Client(base_url=service.url) as client:
        client.post("/v1/read?q=geheim", json={"texts": ["drie geheim"]})
        client.post("/v1/completions", json={"model": "getalwoord", "prompt": "geheim"})
        client.post("/v1/read", content=b"geheim", headers={"Authorization": "Bearer geheim"})
        client.get("/geheim")
        client.get("/v1/models/geheim")
        client.request("GEHEIM", "/v1/read")
    service.process.terminate()

    log = service.ended()

    for line in ("POST /v1/read 200", "POST /v1/completions 422", "GET other 404"):
        assert line in log
    assert "GET /v1/models/{name} 404" in log
    assert "geheim" not in log.lower()
