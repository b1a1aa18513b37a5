"""The report of suites: a table, and as files report.json and report.html."""

import html
import json
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

from getalwoord.data.telbench import VERSION
from getalwoord.errors import InputError
from getalwoord.evaluation.plots import BLUE, INK, MUTED, PAPER, plot_suites
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
    write_text(folder / "report.html", _page(report, _drawing(report)))


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


def _drawing(report: Report) -> str:
    """Draw the plot as SVG whose colours are those of the page, in light and in dark."""
    with TemporaryDirectory() as temporary:
        path = Path(temporary) / "plot.svg"
        plot_suites(path, report.scores)
        text = path.read_text("utf-8")
    drawn = text[text.index("<svg") :]
    for colour, name in {PAPER: "paper", INK: "ink", MUTED: "muted", BLUE: "blue"}.items():
        drawn = drawn.replace(colour, f"var(--{name})")
    return drawn.replace("<svg", f'<svg role="img" aria-label="{_DRAWN}"', 1)


_DRAWN = "Exact match by suite and contender; the table has the figures."


def _page(report: Report, drawing: str) -> str:
    head, _, *rows = (line.strip("| ").split(" | ") for line in as_table(report).splitlines())
    heads = "".join(f"<th scope=col>{html.escape(cell)}</th>" for cell in head)
    body = "".join(
        f"<tr><th scope=row>{html.escape(row[0])}</th>"
        + "".join(f"<td>{html.escape(cell)}</td>" for cell in row[1:])
        + "</tr>\n"
        for row in rows
    )
    mistakes = "".join(
        f"<section>\n<h2>{html.escape(name)}: {len(wrong)} wrong</h2>\n<ul>\n"
        + "".join(
            f"<li><i lang=nl>{html.escape(one.instruction)}</i> → "
            f"<b>{html.escape(one.answer or 'nothing')}</b>, not {html.escape(one.response)} "
            f"<small>{html.escape(one.suite)}</small></li>\n"
            for one in _spread(wrong)
        )
        + "</ul>\n</section>\n"
        for name, wrong in report.mistakes.items()
    )
    style = (Path(__file__).parent / "style.css").read_text("utf-8")
    return f"""<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Telbench {VERSION}</title>
<style>
{style}</style>
</head>
<body class="report">
<main>
<p class="mark" lang="nl">getal<i>woord</i></p>
<h1>Telbench {VERSION}</h1>
<p>Answers that are the response, character by character.</p>
<div class="measured">
<div class="wide" tabindex="0" role="group" aria-label="Scores">
<table>
<thead><tr>{heads}</tr></thead>
<tbody>
{body}</tbody>
</table>
</div>
<figure>{drawing}</figure>
</div>
{mistakes}</main>
</body>
</html>
"""


def _spread(mistakes: Sequence[Mistake]) -> list[Mistake]:
    """Choose a few mistakes from different suites."""
    first = {one.suite: one for one in reversed(mistakes)}
    return list(first.values())[::-1][:_SHOWN]
