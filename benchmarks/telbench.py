"""How well Telbench's suites are read: by the grammar, adapters, the untuned base and other tools.

Run alone: ``python benchmarks/telbench.py [--adapter DIR] [--untuned]``. The plot goes to
docs/telbench.png.
"""

import argparse
from pathlib import Path

from results import provenance, write_section

from getalwoord.data.telbench import VERSION, suites
from getalwoord.evaluation.peers import installed_peers
from getalwoord.evaluation.plots import plot_suites
from getalwoord.evaluation.report import as_table
from getalwoord.evaluation.suites import (
    Contender,
    Report,
    by_adapter,
    by_base,
    by_grammar,
    measure_suites,
    one_by_one,
)

PEERS = ["text2num", "num2words", "PyICU", "ovos-number-parser"]
SHOWN = 3


def main() -> None:
    """Measure, print and write the section."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--adapter", type=Path)
    options.add_argument("--untuned", action="store_true")
    given = options.parse_args()
    contenders: dict[str, Contender] = {"grammar": by_grammar}
    if given.adapter:
        contenders["adapter"] = by_adapter(given.adapter)
    if given.untuned:
        contenders["untuned"] = by_base("gemma3_270m")
    contenders |= {name: one_by_one(peer) for name, peer in installed_peers().items()}
    report = measure_suites(list(suites()), contenders)
    plot_suites(Path(__file__).parents[1] / "docs" / "telbench.png", report.scores)
    command = "python benchmarks/telbench.py"
    command += " --adapter DIR" * bool(given.adapter) + " --untuned" * given.untuned
    markdown = "\n\n".join(
        (
            f"## Telbench {VERSION}",
            provenance(command, ["getalwoord", *PEERS]),
            "Exact match, per cent. The suites of kinds are made of the official spelling and of "
            "variants that the grammar knows, so it is bound to read them; they measure the "
            "others. The adapter is the model alone, without the grammar. num2words is searched "
            "up to 99,999; the peers read numbers, and know no times, dates or fractions.",
            as_table(report),
            "![Telbench: exact match](telbench.png)",
            mistakes_of(report),
        )
    )
    print(markdown)
    write_section("telbench", markdown)


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
