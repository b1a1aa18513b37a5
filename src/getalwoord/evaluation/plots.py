"""Plots of a run and of scores."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypedDict

from getalwoord.evaluation.scores import Score
from getalwoord.files import writing

# The colours of style.css in light; blue and orange are told apart by the colour-blind, too.
PAPER, INK, MUTED, LINE = "#fbfaf6", "#1f1e1b", "#67625a", "#ddd8cc"
BLUE, ORANGE, PLUM = "#1f5a99", "#a84a12", "#8a2f6b"

_STYLE: dict[Any, Any] = {
    "figure.facecolor": PAPER,
    "axes.facecolor": PAPER,
    "axes.edgecolor": MUTED,
    "axes.labelcolor": INK,
    "axes.titlelocation": "left",
    "axes.titlesize": 11,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.grid": True,
    "axes.prop_cycle": f"cycler(color={[BLUE, ORANGE, PLUM, MUTED, INK]})",
    "axes.axisbelow": True,
    "grid.color": LINE,
    "legend.frameon": False,
    "text.color": INK,
    "text.parse_math": False,  # a path may hold $
    "xtick.color": MUTED,
    "ytick.color": MUTED,
    "figure.titlesize": 12,
    "svg.fonttype": "none",  # text stays text
    "svg.hashsalt": "getalwoord",  # the same drawing is the same file
}
_SHADE = 70  # per cent, from which on ink is harder to read on a cell than paper


class Curve(TypedDict):
    """One measured step of a run."""

    step: int
    loss: float
    seconds: float
    validation_exact_match: float | None


def measured(curve: Sequence[Curve]) -> list[tuple[Curve, float]]:
    """Give the steps after which exact match was measured, and it in per cent."""
    return [
        (point, 100 * share)
        for point in curve
        if (share := point["validation_exact_match"]) is not None
    ]


@contextmanager
def figure_in(path: Path, *shape: int, **settings: Any) -> Iterator[Any]:
    """Give the axes of a figure to draw on; at the end it is written to a file.

    Args:
        path: Of the file; by its name PNG on paper, or SVG without a background.
        shape: Rows and columns of axes.
        settings: What `pyplot.subplots` takes.

    Raises:
        InputError: The file cannot be written.
    """
    import matplotlib

    matplotlib.use("agg")
    from matplotlib import pyplot

    with pyplot.rc_context(_STYLE):
        figure, axes = pyplot.subplots(*shape, layout="constrained", **settings)
        try:
            yield axes
            form = path.suffix.removeprefix(".")
            with writing(path) as temporary:
                figure.savefig(
                    temporary,
                    format=form,
                    dpi=120,
                    transparent=form == "svg",
                    metadata={"Date": None} if form == "svg" else None,
                )
        finally:
            pyplot.close(figure)


def plot_run(path: Path, title: str, curve: Sequence[Curve]) -> None:
    """Draw loss and exact match against steps, as a PNG file.

    Raises:
        InputError: The file cannot be written.
    """
    with figure_in(path, figsize=(7, 4)) as losses:
        losses.plot([p["step"] for p in curve], [p["loss"] for p in curve], color=BLUE)
        losses.set_xlabel("step")
        losses.set_ylabel("loss on the answer, mean of the epoch so far", color=BLUE)
        losses.set_ylim(bottom=0)
        matches = losses.twinx()
        matches.spines["right"].set_visible(True)
        matches.grid(False)
        points = [(point["step"], share) for point, share in measured(curve)]
        if points:
            matches.plot(*zip(*points, strict=True), color=ORANGE, marker="o", linestyle="--")
        matches.set_ylabel("exact match on unseen numerals, %", color=ORANGE)
        matches.set_ylim(-3, 103)
        losses.figure.suptitle(title)


def plot_suites(path: Path, scores: Mapping[str, Mapping[str, Score]]) -> None:
    """Draw the exact match of contenders on suites as a table of shades.

    Args:
        path: Of the file, PNG or SVG.
        scores: By contender and suite.

    Raises:
        InputError: The file cannot be written.
    """
    contenders = list(scores)
    suites = list(next(iter(scores.values())))
    shares = [[100 * scores[one][name].exact_match for one in contenders] for name in suites]
    size = (2 + 1.1 * len(contenders), 1 + 0.32 * len(suites))
    with figure_in(path, figsize=size) as axes:
        from matplotlib.patches import Rectangle

        axes.set(xlim=(-0.5, len(contenders) - 0.5), ylim=(len(suites) - 0.5, -0.5))
        axes.grid(False)
        axes.spines[:].set_visible(False)
        axes.tick_params(length=0)
        axes.set_xticks(range(len(contenders)), contenders, rotation=30, ha="right")
        axes.set_yticks(range(len(suites)), suites)
        for row, line in enumerate(shares):
            for column, share in enumerate(line):
                place = (column - 0.48, row - 0.46)
                axes.add_patch(Rectangle(place, 0.96, 0.92, color=BLUE, alpha=share / 100, lw=0))
                colour = INK if share < _SHADE else PAPER
                axes.text(column, row, f"{share:.0f}", ha="center", va="center", color=colour)
        axes.set_title("Telbench: exact match, %")


def plot_trust(
    path: Path,
    reliability: Sequence[tuple[float, float, int]],
    curves: Mapping[str, Sequence[tuple[float, float]]],
) -> None:
    """Draw reliability, and risk against coverage, as a PNG file.

    Args:
        path: Of the file.
        reliability: Mean probability, share right and number of answers, of each bin.
        curves: By contender, coverage and risk.

    Raises:
        InputError: The file cannot be written.
    """
    with figure_in(path, 1, 2, figsize=(10, 4)) as (left, right):
        left.plot([0, 1], [0, 1], color=MUTED, linewidth=1)
        left.plot([p for p, _, _ in reliability], [r for _, r, _ in reliability], "o-", color=BLUE)
        for probability, share, count in reliability:
            left.annotate(str(count), (probability, share), fontsize=7, va="bottom")
        left.set(xlabel="probability of the model's answer", ylabel="share that is right")
        left.set(xlim=(0, 1.02), ylim=(0, 1.05), title="Reliability; figures count the answers")
        styles = ((BLUE, "-"), (ORANGE, "--"), (PLUM, ":"))
        for (name, curve), (colour, style) in zip(curves.items(), styles, strict=False):
            points = [(100 * coverage, 100 * risk) for coverage, risk in curve]
            if points:
                right.plot(*zip(*points, strict=True), color=colour, linestyle=style, label=name)
        right.set(xlabel="coverage, % of the texts", ylabel="risk, % of these that are wrong")
        right.set(title="Risk and coverage, the surest readings first", ylim=(0, None))
        right.legend()
