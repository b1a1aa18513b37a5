"""`getalwoord eval`: exact match of an adapter by greedy decoding."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from getalwoord.errors import InputError

if TYPE_CHECKING:
    from getalwoord.evaluation.scores import Scores


def evaluate(
    adapter: Annotated[
        Path | None, typer.Argument(metavar="DIR", help="Folder of a run of `train`.")
    ] = None,
    data: Annotated[
        Path | None,
        typer.Option(help="Pairs to measure on (JSON Lines); else the run's test.", metavar="FILE"),
    ] = None,
    fresh: Annotated[
        int | None,
        typer.Option(help="Measure on so many fresh numerals instead.", metavar="N", min=1),
    ] = None,
    seed: Annotated[
        int, typer.Option(help="Draws the fresh numerals, or the texts of --trust.", metavar="N")
    ] = 0,
    limit: Annotated[
        int | None, typer.Option(help="Measure on so many at most.", metavar="N", min=1)
    ] = None,
    base: Annotated[
        str | None, typer.Option(help="The adapter's base, if it has moved.", metavar="NAME")
    ] = None,
    dtype: Annotated[str, typer.Option(help="auto, bfloat16 or float32.", metavar="NAME")] = "auto",
    suite: Annotated[
        list[str] | None,
        typer.Option(help="Measure on a suite of Telbench, or all of them.", metavar="NAME"),
    ] = None,
    peers: Annotated[
        bool, typer.Option("--peers", help="On suites: other programs that are installed, too.")
    ] = False,
    untuned: Annotated[
        bool, typer.Option("--untuned", help="On suites: the base before fine-tuning, too.")
    ] = False,
    trust: Annotated[
        bool,
        typer.Option("--trust", help="Measure how often exact, near and unproven are right."),
    ] = False,
    precision: Annotated[
        float | None,
        typer.Option(
            help="With --trust: choose from when a text is near, for this precision; stored with "
            "the adapter.",
            min=0.5,
            max=0.99999,
        ),
    ] = None,
    strength: Annotated[
        int, typer.Option(help="With --trust: mistakes in a text.", min=0, max=3)
    ] = 1,
    out: Annotated[
        Path | None,
        typer.Option(
            help="Folder for the report on suites, all of them if none is named, or of --trust.",
            metavar="DIR",
        ),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print the result as JSON.")] = False,
) -> None:
    """Measure how many numerals an adapter reads exactly, and what kind of mistakes it makes.

    On Telbench the grammar is measured, too; without DIR it is measured alone. With --trust each
    kind of numeral is read clean and with each noise, --limit texts of each kind. To choose
    thresholds it reads twenty texts for each that may be wrong: 20,000 for a precision of 0.999.

    Example: getalwoord eval runs/default --fresh 100; getalwoord eval --suite all --peers;
    getalwoord eval runs/default --trust --precision 0.999
    """
    if out is not None and not (suite or trust or fresh or data):
        suite = ["all"]
    _check_together(
        {
            "--suite": bool(suite),
            "--trust": trust,
            "--fresh": fresh is not None,
            "--data": data is not None,
            "--peers": peers,
            "--untuned": untuned,
            "--precision": precision is not None,
            "--strength": strength != 1,
            "--seed": seed != 0,
            "--out": out is not None,
        }
    )
    if suite:
        _measure_suites(adapter, suite, limit, base, dtype, peers, untuned, out, as_json)
        return
    if trust:
        from getalwoord.cli.trust import measure_trust

        measure_trust(
            adapter,
            count=limit,
            strength=strength,
            precision=precision,
            seed=seed,
            base=base,
            dtype=dtype,
            out=out,
            as_json=as_json,
        )
        return
    if adapter is None:
        raise InputError("nothing is given: name the folder of a run, or a suite with --suite")
    from getalwoord.evaluation.evaluate import evaluate as measure
    from getalwoord.evaluation.evaluate import fresh_numerals

    if fresh is not None:
        examples = fresh_numerals(adapter, count=fresh, seed=seed)
    elif data is not None:
        from getalwoord.data.jsonl import read_examples

        examples = read_examples(data)
    else:
        examples = None
    result = measure(adapter, examples, limit=limit, base=base, dtype=dtype)
    print(json.dumps(_record(result), ensure_ascii=False) if as_json else _said(result))


def _record(result: "Scores") -> dict[str, object]:
    return {
        "exact_match": result.overall.exact_match,
        "interval": [*result.overall.interval],
        "right": result.overall.right,
        "total": result.overall.total,
        "groups": {
            name: {"right": group.right, "total": group.total}
            for name, group in result.groups.items()
        },
        "outcomes": result.outcomes,
        "mistakes": [
            {
                "instruction": example.instruction,
                "response": example.response,
                "answer": answer,
                "outcome": outcome,
            }
            for example, answer, outcome in result.wrong
        ],
    }


def _said(result: "Scores") -> str:
    low, high = result.overall.interval
    return "\n".join(
        [
            f"{result.overall.right} of {result.overall.total} read exactly: "
            f"{result.overall.exact_match:.1%} (95 % interval {low:.1%} to {high:.1%})",
            *(
                f"    {name:<12}{group.right:>6} of {group.total}"
                for name, group in result.groups.items()
            ),
            *(
                f"    {example.instruction} → {answer!r}, not {example.response}: {outcome}"
                for example, answer, outcome in result.wrong
            ),
        ]
    )


_ALONE = ("--suite", "--trust", "--fresh", "--data")  # each says what is measured
_ONLY_WITH = {
    "--peers": ("--suite",),
    "--untuned": ("--suite",),
    "--precision": ("--trust",),
    "--strength": ("--trust",),
    "--seed": ("--fresh", "--trust"),
    "--out": ("--suite", "--trust"),
}


def _check_together(options: Mapping[str, bool]) -> None:
    """Refuse options that would be ignored; by name they come with whether they were given."""
    alone = [name for name in _ALONE if options[name]]
    if len(alone) > 1:
        raise InputError(f"give only one of {', '.join(alone)}")
    for name, others in _ONLY_WITH.items():
        if options[name] and not any(options[other] for other in others):
            raise InputError(f"{name} is for {' or '.join(others)}: add that, or leave {name} out")


def _measure_suites(
    adapter: Path | None,
    suite: list[str],
    limit: int | None,
    base: str | None,
    dtype: str,
    peers: bool,
    untuned: bool,
    out: Path | None,
    as_json: bool,
) -> None:
    from getalwoord.data.telbench import suites
    from getalwoord.evaluation import suites as telbench
    from getalwoord.evaluation.peers import installed_peers
    from getalwoord.evaluation.report import as_table, write_report
    from getalwoord.reading.reader import Reader

    names = list(suites()) if suite == ["all"] else suite
    contenders: dict[str, telbench.Contender] = {"grammar": telbench.by_grammar}
    if adapter is not None:
        reader = Reader(adapter, base=base, dtype=dtype)
        contenders["adapter"] = telbench.by_reader(reader.asking("model"))
        contenders["grammar and adapter"] = telbench.by_reader(reader)
    if untuned:
        contenders["untuned"] = telbench.by_base(base or _base_of(adapter), dtype=dtype)
    if peers:
        contenders |= {name: telbench.one_by_one(p) for name, p in installed_peers().items()}
    report = telbench.measure_suites(names, contenders, limit=limit)
    if out is not None:
        write_report(report, out)
    if as_json:
        scores = {
            contender: {name: [score.right, score.total] for name, score in by_suite.items()}
            for contender, by_suite in report.scores.items()
        }
        print(json.dumps(scores, ensure_ascii=False))
    else:
        print(as_table(report))


def _base_of(adapter: Path | None) -> str:
    """Name the base of an adapter, or the default one where there is none."""
    from getalwoord.adapter import Adapter
    from getalwoord.recipe import Recipe

    return (Recipe() if adapter is None else Adapter.load(adapter).recipe).base
