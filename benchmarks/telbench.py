"""How well Telbench's suites are read: by the grammar, adapters, the untuned base and other tools.

Run alone: ``python benchmarks/telbench.py``. Contenders that take long are measured before, by
``getalwoord eval DIR --suite all [--untuned] --out REPORT``, and given as ``--report REPORT``.
The plot goes to docs/telbench.png.
"""

import argparse
from pathlib import Path

from results import provenance, write_section

from getalwoord.data.telbench import VERSION, suites
from getalwoord.evaluation.peers import installed_peers
from getalwoord.evaluation.plots import plot_suites
from getalwoord.evaluation.report import as_table, read_report
from getalwoord.evaluation.suites import (
    Contender,
    Report,
    by_grammar,
    measure_suites,
    one_by_one,
)

PEERS = ["text2num", "num2words", "PyICU", "ovos-number-parser"]
SHOWN = 3


def main() -> None:
    """Measure, print and write the section."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--report", type=Path, action="append", default=[])
    given = options.parse_args()
    contenders: dict[str, Contender] = {"grammar": by_grammar}
    contenders |= {name: one_by_one(peer) for name, peer in installed_peers().items()}
    report = measure_suites(list(suites()), contenders)
    for folder in given.report:
        report = merged(read_report(folder), report)
    plot_suites(Path(__file__).parents[1] / "docs" / "telbench.png", report.scores)
    command = "python benchmarks/telbench.py" + " --report REPORT" * len(given.report)
    markdown = "\n\n".join(
        (
            f"## Telbench {VERSION}",
            provenance(command, ["getalwoord", *PEERS]),
            "Exact match, per cent. The suites of kinds are made of the official spelling and of "
            "variants that the grammar knows, so it is bound to read them; they measure the "
            "others. The adapter is that of the recipe `all`, the model alone without the grammar; "
            "untuned is its base, shown six pairs of the same kind. num2words is searched up to "
            "99,999; the peers read numbers, and know no times, dates or fractions.",
            as_table(report),
            "![Telbench: exact match](telbench.png)",
            mistakes_of(report),
        )
    )
    print(markdown)
    write_section("telbench", markdown)


def merged(*reports: Report) -> Report:
    """Put the contenders of reports side by side; of one that is in several the last counts."""
    scores = {name: one for report in reports for name, one in report.scores.items()}
    mistakes = {name: one for report in reports for name, one in report.mistakes.items()}
    order = sorted(scores, key=lambda name: name not in ("grammar", "adapter", "untuned"))
    order.sort(key=lambda name: name != "grammar")
    return Report({name: scores[name] for name in order}, {name: mistakes[name] for name in order})


def mistakes_of(report: Report) -> str:
    """List what each contender gets wrong, one of a suite."""
    lines = ["What they get wrong, for example:", ""]
    for name, mistakes in report.mistakes.items():
        first = {one.suite: one for one in reversed(mistakes) if one.answer or name == "num2words"}
        shown = [
            f"*{one.instruction}* → {one.answer or 'nothing'}, not {one.response}"
            for one in list(first.values())[::-1][:SHOWN]
        ]
        lines.append(f"- {name}: {'; '.join(shown)}")
    return "\n".join(lines)


if __name__ == "__main__":
    main()
