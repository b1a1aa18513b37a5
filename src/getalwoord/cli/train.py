"""`getalwoord train`: fine-tune a base, and measure it before and after."""

import json
import shlex
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from getalwoord.pipeline import Result
    from getalwoord.recipe import Recipe
    from getalwoord.training.events import Event, Prepared, Resumed, Scored
    from getalwoord.training.watch import Step

_MEGABYTE = 1_000_000
_SPEED_OVER = 600.0  # seconds that the time left is told by; a step of a large base takes a minute


def train(
    base: Annotated[
        str | None,
        typer.Option(help="A preset, a folder, hf://owner/name or FILE.gguf; else the recipe's."),
    ] = None,
    recipe: Annotated[
        str | None, typer.Option(help="default, all, post or FILE.toml.", metavar="NAME")
    ] = None,
    start_from: Annotated[
        Path | None,
        typer.Option(
            "--from",
            help="Go on from this adapter: base, prompt, rank, alpha, modules and first block are "
            "its own.",
            metavar="DIR",
        ),
    ] = None,
    data: Annotated[
        Path | None, typer.Option(help="Pairs of your own (JSON Lines).", metavar="FILE")
    ] = None,
    out: Annotated[Path, typer.Option(help="Folder for the run.", metavar="DIR")] = Path(
        "runs/default"
    ),
    maximum: Annotated[
        int | None, typer.Option("--max", help="Largest number to learn.", metavar="N")
    ] = None,
    count: Annotated[int | None, typer.Option(help="Training pairs.", metavar="N")] = None,
    epochs: Annotated[int | None, typer.Option(help="Passes over the pairs.", metavar="N")] = None,
    seed: Annotated[int | None, typer.Option(help="Decides the whole run.", metavar="N")] = None,
    dtype: Annotated[
        str | None, typer.Option(help="auto, bfloat16 or float32.", metavar="NAME")
    ] = None,
    quantize: Annotated[
        str | None, typer.Option(help="Keep the base in int8 or int4.", metavar="NAME")
    ] = None,
    gradient_accumulation: Annotated[
        int | None, typer.Option(help="Compute a batch in so many parts.", metavar="N")
    ] = None,
    gradient_checkpointing: Annotated[
        bool | None,
        typer.Option("--gradient-checkpointing", help="Compute blocks twice; saves memory."),
    ] = None,
    resume: Annotated[
        bool, typer.Option("--resume", help="Go on with the run in DIR, if there is one.")
    ] = False,
    checkpoint_every: Annotated[
        float,
        typer.Option(help="Seconds between two checkpoints; 0: each step.", min=0, metavar="S"),
    ] = 30.0,
    tensorboard: Annotated[
        bool, typer.Option("--tensorboard", help="Write TensorBoard event files into DIR, too.")
    ] = False,
    overwrite: Annotated[
        bool, typer.Option("--overwrite", help="Replace a run or a data set in DIR.")
    ] = False,
    summary: Annotated[
        bool, typer.Option("--summary", help="Show every layer of the model.")
    ] = False,
    as_json: Annotated[
        bool, typer.Option("--json", help="End with one line of JSON on standard output.")
    ] = False,
) -> None:
    """Fine-tune a Gemma on Dutch numerals; show exact match on unseen ones before and after.

    DIR then holds the adapter (PEFT's format), the recipe, the pairs, metrics.jsonl and a plot.
    Ctrl-C stops after the step at hand and keeps what there is; a run that was killed loses what it
    did since its last checkpoint, and does that again with --resume.

    Example: getalwoord train --max 999999 --count 6000 --epochs 2 --out runs/million
    """
    from getalwoord.recipe import Recipe

    changes = {
        "base": base,
        "maximum": maximum,
        "count": count,
        "epochs": epochs,
        "seed": seed,
        "dtype": dtype,
        "quantize": quantize,
        "gradient_accumulation": gradient_accumulation,
        "gradient_checkpointing": gradient_checkpointing,
    }
    chosen = Recipe.load(recipe or (_recipe_in(out) if resume else "default"))
    if start_from is not None:
        chosen = _going_on_from(start_from, chosen)
    chosen = chosen.but("from the command line", **changes)
    report = _Report(show_layers=summary, file_for_text=sys.stderr if as_json else sys.stdout)

    from getalwoord.pipeline import finetune

    with report:
        result = finetune(
            chosen,
            out,
            data=data,
            resume=resume,
            overwrite=overwrite,
            checkpoint_every=checkpoint_every,
            tensorboard=tensorboard,
            on_event=report.tell,
        )
    report.conclude(result)
    if as_json:
        print(json.dumps(result.summary))
    if result.outcome.interrupted:
        raise typer.Exit(1)


def _recipe_in(folder: Path) -> str:
    """Give the recipe of the run in a folder, or the default one where there is none."""
    from getalwoord.files import disk_error
    from getalwoord.training.folder import RECIPE

    saved = folder / RECIPE
    try:
        return str(saved) if saved.is_file() else "default"
    except OSError as error:
        raise disk_error(folder, error, "use") from error


def _going_on_from(folder: Path, recipe: "Recipe") -> "Recipe":
    from getalwoord.adapter import Adapter

    # Absolute: a run may be gone on with from another folder.
    return recipe.going_on_from(str(folder.absolute()), Adapter.load(folder).recipe)


class _Report:
    """Tells a person what happens: facts as text, progress as a bar on standard error."""

    def __init__(self, *, show_layers: bool, file_for_text: object) -> None:
        from rich.console import Console
        from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

        self._show_layers = show_layers
        self._console = Console(
            file=file_for_text,  # type: ignore[arg-type]
            # Paths and answers are printed as they are, whatever is in brackets or between colons.
            markup=False,
            emoji=False,
            highlight=False,
            soft_wrap=True,
        )
        self._progress = Progress(
            TextColumn("{task.description}"),
            BarColumn(),
            TextColumn("{task.completed}/{task.total} steps"),
            TimeRemainingColumn(),
            console=Console(stderr=True),
            disable=not sys.stderr.isatty(),
            transient=True,
            speed_estimate_period=_SPEED_OVER,
        )
        self._task: int | None = None

    def __enter__(self) -> "_Report":
        self._progress.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._progress.stop()

    def tell(self, event: "Event") -> None:
        """Show one event."""
        from getalwoord.training.events import Prepared, Resumed, Scored

        if isinstance(event, Prepared):
            self._prepared(event)
        elif isinstance(event, Resumed):
            self._resumed(event)
        elif isinstance(event, Scored):
            self._scored(event)
        else:
            self._stepped(event)

    def conclude(self, result: "Result") -> None:
        """Show what the run came to."""
        summary, folder = result.summary, shlex.quote(str(result.folder))
        self._console.print(
            f"{summary['examples_seen']} examples in {summary['seconds']:.0f} s of training, "
            f"{summary['examples_per_second']:.1f} a second; "
            f"peak memory {summary['peak_memory_bytes'] / _MEGABYTE:.0f} MB"
        )
        if result.outcome.interrupted:
            self._console.print(
                f"Stopped as you asked; nothing is lost. Go on with: getalwoord train --resume "
                f"--out {folder}"
            )
        self._console.print(
            f"The adapter is in {result.folder}. Try it: "
            f"getalwoord read --adapter {folder} vierhonderddrieëntachtig\n"
            "Gemma's terms of use (ai.google.dev/gemma/terms) hold for it; see its NOTICE."
        )

    def _prepared(self, event: "Prepared") -> None:
        parts, total, trained = event.parts, event.total_parameters, event.trainable_parameters
        self._console.print(
            f"{event.base.name}: {len(event.base.backbone.transformer_layers)} decoder blocks, "
            f"{total:,} parameters, of which {trained:,} ({trained / total:.2%}) are trained; "
            f"{event.weight_bytes / _MEGABYTE:.0f} MB of weights, computed with in "
            f"{event.dtype} ({event.dtype_reason})"
        )
        if event.estimated_memory_bytes is not None:
            self._console.print(
                f"It will take about {event.estimated_memory_bytes / _MEGABYTE:,.0f} MB of memory"
            )
        self._console.print(
            f"{len(parts.train)} pairs to train on, {len(parts.validation)} held back for "
            f"validation, {len(parts.test)} for the test"
        )
        if self._show_layers:
            event.model.summary(print_fn=self._console.print, line_length=110)

    def _resumed(self, event: "Resumed") -> None:
        if event.damage is not None:
            self._console.print(f"{event.damage}: taking the checkpoint before it")
        self._console.print(f"Going on after step {event.step}")
        for name, (then, now) in event.changed.items():
            self._console.print(
                f"The run began with {name} {then} and goes on with {now}: the adapter may differ "
                "in its last bits from that of a run that was not stopped"
            )

    def _scored(self, event: "Scored") -> None:
        when = "After" if event.after else "Before"
        self._console.print(
            f"{when} training: {event.right} of {event.total} unseen numerals read exactly "
            f"({event.exact_match:.1%})"
        )
        for example, answer in event.shown:
            mark = "=" if answer == example.response else "≠"
            shown = answer.replace("\n", " ")
            shown = shown if len(shown) <= 40 else shown[:39] + "…"
            self._console.print(
                f"    {example.instruction} → {shown or '(nothing)'}  {mark} {example.response}"
            )

    def _stepped(self, step: "Step") -> None:
        if self._task is None:
            self._task = self._progress.add_task("", total=step.total_steps)
        self._progress.update(
            self._task,  # type: ignore[arg-type]
            completed=step.step,
            description=f"epoch {step.epoch + 1}, loss {step.loss:.3f}, "
            f"{step.examples_per_second:.1f} examples/s",
        )
        if step.validation_exact_match is not None:
            self._console.print(
                f"step {step.step}/{step.total_steps}: loss {step.loss:.3f}, "
                f"exact match {step.validation_exact_match:.1%} on the validation numerals, "
                f"{step.examples_per_second:.1f} examples/s"
            )
