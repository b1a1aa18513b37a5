"""How much of misspelt texts the reader reads with the worst model, and with the best that may be.

No model is loaded: one that is always right, and one that never is, stand in for it. Between the
two lies what any adapter comes to. Run with ``python benchmarks/reading_bounds.py``; it takes some
ten minutes on one core.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from all_kinds import unseen
from results import provenance, write_section

from getalwoord.data.examples import Example
from getalwoord.evaluation.suites import by_grammar, by_reader
from getalwoord.numerals import KINDS
from getalwoord.reading.answers import Answer
from getalwoord.reading.reader import Reader

WRONG = "7777777"
STRENGTHS = {"one mistake": 1, "two mistakes": 2}
CONTENDERS = ("grammar", "never right", "always right")


@dataclass
class Pretended:
    """What answers in place of a model: always the same, with certainty."""

    says: str

    def answer(self, texts: Sequence[str], drafts: object = None) -> list[Answer]:
        """Answer as a model does."""
        return [Answer(self.says, 1.0) for _ in texts]


def main() -> None:
    """Measure, print and write the section."""
    found: dict[tuple[str, str, str], list[bool]] = {}
    for mistakes, strength in STRENGTHS.items():
        for kind in KINDS:
            for example in unseen(kind, strength):
                form = "in a sentence" if example.form == "sentence" else "alone"
                for contender, answer in contenders(example).items():
                    right = answer([example])[0] == example.response
                    for key in ((mistakes, form, contender), (mistakes, "all", contender)):
                        found.setdefault(key, []).append(right)
            print(mistakes, kind, flush=True)
    markdown = "\n\n".join(
        (
            "## What reading can make of a model",
            provenance("python benchmarks/reading_bounds.py", ["getalwoord"]),
            "The texts with mistakes of the table above, each counting alike. The grammar is what "
            "`parse` and `normalise` read; the others are `getalwoord read` with a model that is "
            "never right and with one that always is. What a right model is not believed in, or "
            "not asked for, is lost to any.",
            table(found),
        )
    )
    print(markdown)
    write_section("reading-bounds", markdown)


def contenders(example: Example) -> dict[str, Callable[[Sequence[Example]], Sequence[str]]]:
    """Give the grammar, and readers with the worst model and the best."""
    answers = dict(zip(CONTENDERS[1:], (WRONG, example.response), strict=True))
    readers = {
        name: by_reader(Reader().asking("auto", Pretended(says)))  # type: ignore[arg-type]
        for name, says in answers.items()
    }
    return {CONTENDERS[0]: by_grammar, **readers}


def table(found: dict[tuple[str, str, str], list[bool]]) -> str:
    """Draw mistakes and forms down, contenders across."""
    rows = [
        f"| texts | number | {' | '.join(CONTENDERS)} |",
        "| --- |" + " ---: |" * (1 + len(CONTENDERS)),
    ]
    for mistakes in STRENGTHS:
        for form in ("alone", "in a sentence", "all"):
            each = [found[mistakes, form, contender] for contender in CONTENDERS]
            shares = " | ".join(f"{sum(right) / len(right):.1%}" for right in each)
            rows.append(f"| {mistakes}, {form} | {len(each[0]):,} | {shares} |")
    return "\n".join(rows)


if __name__ == "__main__":
    main()
