"""The service's own API: the same readings as the library's, for batches and with explanations."""

import json

import httpx
import pytest

from getalwoord.numerals import Figures, Normalised, normalise
from getalwoord.reading.reader import Reader
from getalwoord.reading.records import record_of, record_of_sentence

TEXTS = [
    "drie",
    "dretien",
    "ik betaalde drie euro vijftig om half vijf",
    "zzz",
    "",
    "drie en twee derde",
    "vierhonderd drie en tachtg",
    "een\x00twee",
    "👍 drie",
    "nul zes een twee",
]


def test_texts_are_read_as_the_library_reads_them(client):
    answer = client.post("/v1/read", json={"texts": TEXTS * 5})

    expected = [
        record_of_sentence(one) if isinstance(one, Normalised) else record_of(one)
        for one in Reader().read_mixed(TEXTS * 5)
    ]
    assert answer.status_code == 200
    assert answer.json() == {"results": expected}


def test_sentences_are_normalised_in_the_style_that_is_asked_for(client):
    text = "Om drie uur kostte het tien euro."
    style = {"currency": "code", "clock": "12"}

    plain = client.post("/v1/normalise", json={"texts": [text, "niets"]})
    styled = client.post("/v1/normalise", json={"texts": [text], "style": style})

    assert [one["normalised"] for one in plain.json()["results"]] == [
        normalise(text).normalised,
        "niets",
    ]
    expected = record_of_sentence(normalise(text, Figures(**style)))
    assert styled.json() == {"results": [expected]}


def test_what_is_read_has_figures_in_the_style_that_is_asked_for(client):
    texts = ["drie euro vijftig", "achtien", "hij betaalde drie euro", "zzz", "tweemaal", "drie"]
    style = {"currency": "code", "words_to": 10}

    read = client.post("/v1/read", json={"texts": texts, "style": style}).json()["results"]

    money, near, sentence, unread, times, words = read
    assert (money["figures"], near["figures"]) == ("EUR 3,50", "18")
    assert (times["figures"], words["figures"]) == ("2 maal", "drie")
    assert sentence["normalised"] == "hij betaalde EUR 3"
    assert sentence["readings"][0]["figures"] == "EUR 3"
    assert "figures" not in unread


def test_every_numeral_can_be_explained(client):
    texts = ["vierhonderddrieëntachtig", "dretien", "hij at twee appels", "zzz"]

    answer = client.post("/v1/read", json={"texts": texts, "explain": True})

    exact, near, sentence, unread = answer.json()["results"]
    assert [(part["text"], part["value"]) for part in exact["parts"]] == [
        ("vierhonderd", "400"),
        ("drie", "3"),
        ("ën", None),
        ("tachtig", "80"),
    ]
    assert [part["text"] for part in near["parts"]] == ["dertien"] == [near["meant"]]
    assert sentence["readings"][0]["parts"] == [
        {"text": "twee", "start": 0, "end": 4, "value": "2"}
    ]
    assert unread["parts"] == []
    normalised = client.post("/v1/normalise", json={"texts": texts[2:3], "explain": True})
    assert normalised.json()["results"] == [sentence]


def test_values_are_spelled(client):
    asked = {"values": ["483", "007", "3.50", "x"]}
    euros = {"values": ["3.50"], "unit": "EUR"}

    words = client.post("/v1/spell", json=asked).json()["results"]

    assert [one["text"] for one in words] == [
        "vierhonderddrieëntachtig",
        "zeven",
        "drie komma vijftig",
        None,
    ]
    assert "this is no value" in words[3]["error"]
    assert client.post("/v1/spell", json=euros).json() == {
        "results": [{"value": "3.50", "text": "drie euro vijftig"}]
    }


def test_the_grammar_alone_is_ready_and_says_so(client):
    info = client.get("/v1/info").json()

    assert client.get("/healthz").json() == {"status": "ok"}
    assert client.get("/readyz").status_code == 200
    assert (info["ready"], info["adapter"], info["base"]) == (True, None, None)
    assert info["limits"]["texts"] == 256


def test_without_an_adapter_there_is_no_model_to_ask(client):
    for asked in ({"method": "model"}, {"model": "adapter"}, {"model": "base"}):
        answer = client.post("/v1/read", json={"texts": ["drie"], **asked})

        assert answer.status_code == 404
        assert "start the service with --adapter" in answer.json()["error"]["message"]


def test_the_model_reads_what_the_grammar_refuses(served_model):
    with httpx.Client(base_url=served_model.url, timeout=60) as client:
        both = client.post("/v1/read", json={"texts": ["drie", "zzz"]}).json()["results"]
        alone = client.post("/v1/read", json={"texts": ["drie"], "method": "model"})
        grammar = client.post("/v1/read", json={"texts": ["zzz"], "method": "grammar"})
        info = client.get("/v1/info").json()

    assert [one["how"] for one in both] == ["exact", "unproven"]
    assert both[1]["probability"] > 0
    assert alone.json()["results"][0]["answer"]
    assert grammar.json()["results"][0]["value"] is None
    assert info["adapter"] == "tiny"


def test_the_model_answers_as_the_library_does(served_model, tiny_adapter):
    texts = ["zzz", "vierhonderd drie n tagtich", "achttachtig", ""]
    with Reader(tiny_adapter, dtype="float32") as reader:
        expected = [record_of(one) for one in reader.read(texts)]

    answer = httpx.post(f"{served_model.url}/v1/read", json={"texts": texts}, timeout=60)

    for one, other in zip(answer.json()["results"], expected, strict=True):
        assert one == pytest.approx(other)


def test_answers_can_be_held_to_some_kinds(served_model):
    asked = {"texts": ["zzz", "zzzz", "zzzzz"], "method": "model"}

    with httpx.Client(base_url=served_model.url, timeout=60) as client:
        free = client.post("/v1/read", json=asked).json()["results"]
        held = client.post("/v1/read", json=asked | {"kinds": ["year"]}).json()["results"]

    assert any(len(one["value"]) > 4 for one in free), "what has learnt nothing goes on for long"
    assert all(0 < int(one["value"]) <= 9999 for one in held)


def test_the_untuned_base_says_what_it_will(served_model):
    asked = {"texts": ["drie", "vier"], "method": "model", "model": "base"}

    answer = httpx.post(f"{served_model.url}/v1/read", json=asked, timeout=60)

    for one in answer.json()["results"]:
        assert "answer" in one
        assert (one["value"] is None) == ("error" in one)


def test_a_text_that_is_too_long_for_the_model_is_not_given_to_it(served_model):
    asked = {"texts": ["zzz " * 200, "drie"], "method": "model"}

    long, short = httpx.post(f"{served_model.url}/v1/read", json=asked, timeout=60).json()[
        "results"
    ]

    assert (long["value"], long["error"]) == (
        None,
        "too long for a model: 500 characters at most",
    )
    assert "answer" in short


def test_what_is_served_is_counted(client):
    client.post("/v1/read", json={"texts": ["drie", "dretien", "zzz"]})

    counted = client.get("/metrics")

    assert counted.headers["content-type"].startswith("text/plain")
    for line in (
        'getalwoord_requests_total{method="POST",route="/v1/read",status="200"}',
        'getalwoord_request_seconds_bucket{le="0.1",route="/v1/read"}',
        'getalwoord_texts_total{how="exact"}',
        'getalwoord_texts_total{how="near"}',
        'getalwoord_texts_total{how="unread"}',
        'getalwoord_waiting_texts{lane="grammar"} 0.0',
        'getalwoord_batch_texts_sum{lane="exact"}',
        'getalwoord_work_seconds_total{lane="grammar"}',
    ):
        assert line in counted.text


def test_the_description_of_the_api_has_an_example_for_each_request(client):
    described = client.get("/openapi.json").json()

    for path, methods in described["paths"].items():
        body = methods.get("post", {}).get("requestBody")
        if body is not None:
            schema = body["content"]["application/json"]["schema"]["$ref"].rpartition("/")[2]
            for example in described["components"]["schemas"][schema]["examples"]:
                assert client.post(path, json=example).status_code == 200, json.dumps(example)
