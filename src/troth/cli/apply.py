"""`troth apply PLAN`: carry a plan out, in batches, with a progress bar and the outcome step by step."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from troth.cli import erased, exits, options, screen

if TYPE_CHECKING:
    from troth.apply.run import Outcome
    from troth.plan.model import Plan, Step

Progress = Callable[[int, "Step", int], None]


def apply(  # noqa: PLR0913, PLR0917 each option is a parameter
    plan: Annotated[Path, typer.Argument(metavar="PLAN", help="A plan's file.")],
    project: options.Project = None,
    max_lock: Annotated[
        str, typer.Option("--max-lock", metavar="TIME", help="Longest time others may wait: 200ms, 1s, none.")
    ] = "200ms",
    full_speed: Annotated[bool, typer.Option("--full-speed", help="The same as --max-lock none.")] = False,
    limit: Annotated[
        int | None, typer.Option("--limit", min=1, metavar="N", help="A pilot: touch N rows at most.")
    ] = None,
    only: Annotated[
        str, typer.Option("--only", metavar="DATASET", help="A pilot: work on this dataset alone.")
    ] = "",
    allow: Annotated[
        list[str] | None,
        typer.Option("--allow", metavar="DATASET", help="First run: let this dataset pass the share guard."),
    ] = None,
    backup_taken: Annotated[
        bool, typer.Option("--backup-taken", help="State that a backup of every store of the plan exists.")
    ] = False,
    certificate: Annotated[
        Path | None,
        typer.Option("--certificate", metavar="FILE", help="Erasure: write here what was done and seen."),
    ] = None,
    no_recheck: Annotated[
        bool, typer.Option("--no-recheck", help="Erasure: do not look again; nothing is proven then.")
    ] = False,
    by: options.By = "",
) -> None:
    """Carry a plan out: what it says and nothing else. Stopped anywhere, it goes on when run again."""
    from troth.app import applying
    from troth.app.plans import files as plans
    from troth.rights.model import ErasurePlan

    session = options.begin(project)
    order = applying.order(
        by=options.person(by),
        max_lock="none" if full_speed else max_lock,
        allow=allow or (),
        only=only,
        limit=limit,
        backup_taken=backup_taken,
    )
    made = plans.read_any(plan)
    if isinstance(made, ErasurePlan):
        code = erased.carry_out(made, session, by=by, certificate=certificate, recheck=not no_recheck)
        raise typer.Exit(code)
    with _bar(made) as progress:
        outcomes = applying.apply(made, session.folder, session.environment, session.clock, order, progress)
    for outcome in outcomes:
        _show(outcome)
    if not outcomes:
        screen.say("Nothing to do: the plan has no steps.")
    raise typer.Exit(exits.DONE if all(o.clean for o in outcomes) else exits.FOUND)


@contextmanager
def _bar(plan: Plan) -> Iterator[Progress]:
    """Show how far each step is, on a terminal only."""
    if not sys.stderr.isatty():
        yield lambda _number, _step, _rows: None
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=Console(stderr=True)) as bars:
        tasks = {
            number: bars.add_task(step.id, total=step.planned.rows or None, start=False, visible=False)
            for number, step in enumerate(plan.steps, start=1)
        }

        def progress(number: int, step: Step, rows: int) -> None:
            del step
            bars.start_task(tasks[number])
            bars.update(tasks[number], completed=rows, visible=True)

        yield progress


def _show(outcome: Outcome) -> None:
    resumed = ", after an earlier stop" if outcome.resumed else ""
    screen.say(f"Store {outcome.store}: {outcome.state}{resumed}", "bold")
    if outcome.steps:
        screen.table(
            ("step", "dataset", "planned", "done", "batches", "left"), _rows(outcome), right=(2, 3, 4, 5)
        )
    if outcome.purged:
        screen.say(f"Purge ({outcome.purged.engine}): {outcome.purged.outcome}.")
        for note in outcome.purged.notes:
            screen.say(f"  {note}")
    if not outcome.clean:
        screen.say(
            "Rows are left: they came while the plan ran, or wait for others. Make a new plan.", "yellow"
        )


def _rows(outcome: Outcome) -> Iterator[Sequence[str]]:
    for result in outcome.steps:
        done = screen.number(result.rows) if result.exact else f"0 to {screen.number(result.rows)}, recovered"
        yield (
            result.step.id,
            result.step.dataset,
            screen.number(result.step.planned.rows),
            done,
            screen.number(result.batches),
            screen.number(result.rows_left),
        )
