"""Contenders on Telbench, and the report of them."""

import json
import re
from pathlib import Path

import pytest

from getalwoord.data.telbench import suite, suites
from getalwoord.errors import InputError
from getalwoord.evaluation import plots
from getalwoord.evaluation.report import as_table, read_report, write_report
from getalwoord.evaluation.suites import by_grammar, measure_suites, one_by_one
from getalwoord.numerals import KINDS


@pytest.fixture(scope="module")
def report():
    return measure_suites(
        ["cardinal", "sentences", "noise-2"],
        {"grammar": by_grammar, "silent": one_by_one(lambda text: "")},
    )


def test_the_grammar_reads_every_clean_suite():
    scores = measure_suites([*KINDS, "longer", "sentences"], {"grammar": by_grammar}).scores
    assert {name: score.exact_match for name, score in scores["grammar"].items()} == dict.fromkeys(
        [*KINDS, "longer", "sentences"], 1.0
    )


def test_right_answers_are_counted_and_wrong_ones_kept(report):
    assert report.scores["silent"]["cardinal"].right == 0
    assert len(report.mistakes["silent"]) == sum(map(len, map(suite, report.scores["silent"])))
    wrong = report.scores["grammar"]["noise-2"]
    assert len(report.mistakes["grammar"]) == wrong.total - wrong.right > 0


def test_a_limit_holds_for_each_suite():
    limited = measure_suites(list(suites()), {"grammar": by_grammar}, limit=3)
    assert {score.total for score in limited.scores["grammar"].values()} == {3}


def test_the_table_has_a_row_for_each_suite(report):
    rows = as_table(report).splitlines()
    assert rows[0] == "| suite | examples | grammar | silent |"
    assert rows[2] == "| cardinal | 40 | 100.0% | 0.0% |"
    assert len(rows) == 5


def test_the_report_holds_table_plot_and_mistakes(report, tmp_path):
    write_report(report, tmp_path)
    record = json.loads((tmp_path / "report.json").read_text("utf-8"))
    assert record["scores"]["grammar"]["cardinal"] == {"right": 40, "total": 40}
    assert len(record["mistakes"]["silent"]) == 280
    page = (tmp_path / "report.html").read_text("utf-8")
    assert page.count("<tr>") == 4
    assert re.search(r"<text[^>]*>100</text>", page)
    assert read_report(tmp_path) == report


def test_the_report_is_one_file_that_asks_nothing_of_anyone(report, tmp_path):
    write_report(report, tmp_path)
    page = (tmp_path / "report.html").read_text("utf-8")
    assert not re.search(r"@import|url\((?!#)|<link|<script|\bsrc=", page)
    assert not re.search(r'href="(?!#)', page)


def test_the_plots_have_the_colours_of_the_style():
    style = (Path(plots.__file__).parent / "style.css").read_text("utf-8")
    for name in ("paper", "ink", "muted", "line", "blue", "orange", "plum"):
        assert f"  --{name}: {getattr(plots, name.upper())};\n" in style


def test_the_plot_of_the_report_has_no_colour_of_its_own(report, tmp_path):
    """
    All are the page's, and so change with it in the dark.
    """
    write_report(report, tmp_path)
    drawing = (tmp_path / "report.html").read_text("utf-8").partition("<svg")[2]
    assert "var(--blue)" in drawing
    assert not re.search(r"#[0-9a-f]{6}\b", drawing)


def test_a_report_of_another_version_is_refused(report, tmp_path):
    write_report(report, tmp_path)
    path = tmp_path / "report.json"
    path.write_text(path.read_text("utf-8").replace('"telbench": "1"', '"telbench": "0"'), "utf-8")
    with pytest.raises(InputError, match="is of Telbench 0, not 1: measure again"):
        read_report(tmp_path)
    with pytest.raises(InputError, match="cannot read"):
        read_report(tmp_path / "nowhere")
