"""The report of suites: a table, and as files report.json and report.html."""

import base64
import html
import json
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

from getalwoord.data.telbench import VERSION
from getalwoord.errors import InputError
from getalwoord.evaluation.plots import plot_suites
from getalwoord.evaluation.scores import Score
from getalwoord.evaluation.suites import Mistake, Report
from getalwoord.files import disk_error, write_text

_SHOWN = 15  # mistakes of a contender on the page


def as_table(report: Report) -> str:
    """Draw a report as a Markdown table: suites down, contenders across, per cent."""
    contenders = list(report.scores)
    suites = list(next(iter(report.scores.values())))
    rows = [["suite", "examples", *contenders]]
    rows.append(["---", *["---:"] * (1 + len(contenders))])
    for name in suites:
        cells = [f"{report.scores[one][name].exact_match:.1%}" for one in contenders]
        rows.append([name, str(report.scores[contenders[0]][name].total), *cells])
    return "\n".join(f"| {' | '.join(row)} |" for row in rows)


def write_report(report: Report, folder: Path) -> None:
    """Write report.json and report.html, which holds table, plot and mistakes.

    Raises:
        InputError: They cannot be written.
    """
    record = {
        "telbench": VERSION,
        "scores": {
            contender: {
                name: {"right": score.right, "total": score.total} for name, score in scores.items()
            }
            for contender, scores in report.scores.items()
        },
        "mistakes": {
            contender: [
                {
                    "suite": one.suite,
                    "instruction": one.instruction,
                    "response": one.response,
                    "answer": one.answer,
                }
                for one in mistakes
            ]
            for contender, mistakes in report.mistakes.items()
        },
    }
    write_text(folder / "report.json", json.dumps(record, ensure_ascii=False, indent=1) + "\n")
    with TemporaryDirectory() as temporary:
        picture = Path(temporary) / "plot.png"
        plot_suites(picture, report.scores)
        plot = base64.b64encode(picture.read_bytes()).decode()
    write_text(folder / "report.html", _page(report, plot))


def read_report(folder: Path) -> Report:
    """Read a report as `write_report` has written it.

    Raises:
        InputError: There is none, or it is of another version of Telbench.
    """
    path = folder / "report.json"
    try:
        record = json.loads(path.read_text("utf-8"))
    except OSError as error:
        raise disk_error(path, error, "read") from error
    if record["telbench"] != VERSION:
        raise InputError(
            f"{path} is of Telbench {record['telbench']}, not {VERSION}: measure again"
        )
    return Report(
        {
            contender: {name: Score(**score) for name, score in scores.items()}
            for contender, scores in record["scores"].items()
        },
        {
            contender: [Mistake(**one) for one in mistakes]
            for contender, mistakes in record["mistakes"].items()
        },
    )


def _page(report: Report, plot: str) -> str:
    head, _, *rows = (line.strip("| ").split(" | ") for line in as_table(report).splitlines())
    table = "".join(f"<th>{html.escape(cell)}</th>" for cell in head)
    for row in rows:
        cells = "".join(f"<td>{html.escape(cell)}</td>" for cell in row[1:])
        table += f"</tr>\n<tr><th>{html.escape(row[0])}</th>{cells}"
    mistakes = "".join(
        f"<h2>{html.escape(name)}: {len(wrong)} wrong</h2>\n<ul>"
        + "".join(
            f"<li lang=nl>{html.escape(one.instruction)} → “{html.escape(one.answer)}”, "
            f"not {html.escape(one.response)} ({one.suite})</li>\n"
            for one in _spread(wrong)
        )
        + "</ul>\n"
        for name, wrong in report.mistakes.items()
    )
    return f"""<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>Telbench {VERSION}</title>
<style>
:root {{ color-scheme: light dark }}
body {{ font: 1rem/1.5 system-ui, sans-serif; max-width: 60rem; margin: 2rem auto }}
table {{ border-collapse: collapse }}
th, td {{ padding: .2rem .8rem; text-align: right; border-bottom: 1px solid #8884 }}
tr > th:first-child {{ text-align: left }}
img {{ max-width: 100%; background: white }}
</style>
<h1>Telbench {VERSION}</h1>
<p>Answers that are the response, character by character.</p>
<div style="overflow-x: auto"><table><tr>{table}</tr></table></div>
<p><img alt="Exact match by suite and contender; the table has the figures."
 src="data:image/png;base64,{plot}"></p>
{mistakes}</html>
"""


def _spread(mistakes: Sequence[Mistake]) -> list[Mistake]:
    """Choose a few mistakes from different suites."""
    first = {one.suite: one for one in reversed(mistakes)}
    return list(first.values())[::-1][:_SHOWN]
