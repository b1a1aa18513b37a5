"""Each peer is called as its documentation says: one of its documented examples holds."""

import pytest

from getalwoord.evaluation import peers
from getalwoord.evaluation.peers import by_icu, by_num2words, by_ovos, by_text2num, installed_peers

pytestmark = pytest.mark.witness


def test_text2num():
    pytest.importorskip("text_to_num")
    # Its Dutch tests: "achtduizend zevenhonderdzesennegentig" and, in texts, decimals and ordinals.
    assert by_text2num("drieënvijftig miljard tweehonderddrieënveertigduizend") == "53000243000"
    assert by_text2num("twaalf komma nul vijf") == "12.05"
    assert by_text2num("vijfentwintig koeien") == "25"
    assert by_text2num("geen getal") == ""


@pytest.fixture
def few_searched(monkeypatch):
    monkeypatch.setattr(peers, "_SEARCHED", 2_100)
    peers._written_by_num2words.cache_clear()
    yield
    peers._written_by_num2words.cache_clear()


def test_num2words(few_searched):
    # README: num2words(42, to="ordinal") and its Dutch tests.
    assert by_num2words("tweeënveertig") == "42"
    assert by_num2words("tweeënveertigste") == "42"
    assert by_num2words("min tien") == "-10"
    assert by_num2words("negentien honderd vierentachtig") == "1984"
    assert by_num2words("appel") == ""


def test_icu():
    pytest.importorskip("icu")
    assert by_icu("vierhonderddrieëntachtig") == "483"
    assert by_icu("min zes") == "-6"
    assert by_icu("appel") == ""


def test_ovos_number_parser():
    pytest.importorskip("ovos_number_parser")
    assert by_ovos("dit is de twee test") == "2"
    assert by_ovos("geen getal") == ""


def test_what_is_not_installed_is_left_out(monkeypatch):
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    assert installed_peers() == {}
