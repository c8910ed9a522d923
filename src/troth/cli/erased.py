"""What came of an erasure, on the screen: each store with its steps, then what the certificate says."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from troth.cli import exits, options, screen

if TYPE_CHECKING:
    from troth.app.erased import Erased
    from troth.apply.erase import StoreResult
    from troth.cli.options import Session
    from troth.rights.model import ErasurePlan

Progress = Callable[[str, int, int], None]

CODES = {
    "not-found": exits.FOUND,
    "done": exits.DONE,
    "kept": exits.DONE,
    "partial": exits.FOUND,
    "still-arriving": exits.FOUND,
    "failed": exits.STORE,
}
"""Exit codes by outcome."""


def carry_out(
    plan: ErasurePlan, session: Session, *, by: str, certificate: Path | None, recheck: bool
) -> int:
    """Carry an erasure plan out, show what came of it, and return the exit code."""
    from troth.app import erased, files
    from troth.rights import certificate as certificates

    if certificate is not None:
        files.check(certificate)
    order = erased.Order(by=options.person(by), recheck=recheck)
    with _bar(plan) as progress:
        made = erased.apply(plan, session.folder, session.environment, session.clock, order, progress)
    show(plan, made)
    if made.certificate is not None and certificate is not None:
        files.write(certificate, certificates.dump(made.certificate))
        screen.complain(f"Certificate written to {certificate}.\n")
    return code(made)


def code(made: Erased) -> int:
    """Return the exit code: a guard that held outdoes a store that failed, and that what was found."""
    states = {result.state for result in made.results}
    if "refused" in states:
        return exits.REFUSED
    if "failed" in states:
        return exits.STORE
    if made.certificate is not None:
        return CODES[made.certificate.outcome]
    return exits.DONE if made.again else exits.UNPROVEN


def show(plan: ErasurePlan, made: Erased) -> None:
    """Show each store, then what was seen when it was looked at again."""
    from troth.rights import certificate

    for result in made.results:
        _store(plan, result)
    if made.again:
        screen.say("Everything in this plan was done and proven before.")
    elif made.certificate is None:
        screen.say(
            "Nobody looked again: nothing is proven. Apply the plan again without --no-recheck.", "yellow"
        )
    else:
        screen.say()
        for line in certificate.describe_all(made.certificate):
            screen.say(line)


def _store(plan: ErasurePlan, result: StoreResult) -> None:
    resumed = ", after an earlier stop" if result.resumed else ""
    screen.say(f"Store {result.store}: {result.state.replace('-', ' ')}{resumed}", "bold")
    rows = list(_rows(plan, result))
    if rows and result.state == "done":
        screen.table(("step", "dataset", "planned", "done"), rows, right=(2, 3))
    if result.message:
        screen.say(f"  {result.message}", "yellow")
        screen.say(
            f"  to do: {result.hint}" if result.hint else "  to do: mend it, and apply the same plan again."
        )
    if result.purged:
        screen.say(f"Purge ({result.purged.engine}): {result.purged.outcome}.")
        for note in result.purged.notes:
            screen.say(f"  {note}")


def _rows(plan: ErasurePlan, result: StoreResult) -> Iterator[Sequence[str]]:
    for number, step in plan.of_store(result.store):
        done = screen.number(result.rows.get(number, 0))
        yield step.id, step.dataset, screen.number(step.rows), done


@contextmanager
def _bar(plan: ErasurePlan) -> Iterator[Progress]:
    """Show how many people are done on each store, on a terminal only."""
    if not sys.stderr.isatty():
        yield lambda _store, _done, _all: None
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=Console(stderr=True)) as bars:
        tasks = {name: bars.add_task(name, total=plan.people, start=False) for name in plan.stores}

        def progress(store: str, done: int, total: int) -> None:
            bars.start_task(tasks[store])
            bars.update(tasks[store], completed=done, total=total)

        yield progress
