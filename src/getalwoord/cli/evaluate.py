"""`getalwoord eval`: exact match of an adapter by greedy decoding."""

import json
from pathlib import Path
from typing import Annotated

import typer


def evaluate(
    adapter: Annotated[Path, typer.Argument(metavar="DIR", help="Folder of a run of `train`.")],
    data: Annotated[
        Path | None,
        typer.Option(help="Pairs to measure on (JSON Lines); else the run's test.", metavar="FILE"),
    ] = None,
    fresh: Annotated[
        int | None,
        typer.Option(help="Measure on so many fresh numerals instead.", metavar="N", min=1),
    ] = None,
    seed: Annotated[int, typer.Option(help="Draws the fresh numerals.", metavar="N")] = 0,
    limit: Annotated[
        int | None, typer.Option(help="Measure on so many at most.", metavar="N", min=1)
    ] = None,
    base: Annotated[
        str | None, typer.Option(help="The adapter's base, if it has moved.", metavar="NAME")
    ] = None,
    dtype: Annotated[str, typer.Option(help="auto, bfloat16 or float32.", metavar="NAME")] = "auto",
    as_json: Annotated[bool, typer.Option("--json", help="Print the result as JSON.")] = False,
) -> None:
    """Measure how many numerals an adapter reads exactly, and what kind of mistakes it makes.

    Example: getalwoord eval runs/default --fresh 100
    """
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
    low, high = result.overall.interval
    if as_json:
        record = {
            "exact_match": result.overall.exact_match,
            "interval": [low, high],
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
        print(json.dumps(record, ensure_ascii=False))
        return
    print(
        f"{result.overall.right} of {result.overall.total} read exactly: "
        f"{result.overall.exact_match:.1%} (95 % interval {low:.1%} to {high:.1%})"
    )
    for name, group in result.groups.items():
        print(f"    {name:<12}{group.right:>6} of {group.total}")
    for example, answer, outcome in result.wrong:
        print(f"    {example.instruction} → {answer!r}, not {example.response}: {outcome}")
