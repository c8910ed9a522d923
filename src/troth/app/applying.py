"""Carry out a plan's file for a person: open what it needs, and read what they said about how."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from troth.app import durations, ledgers, retention, stores
from troth.app import project as projects
from troth.app.clock import Clock
from troth.app.retention import Order
from troth.apply.guards import Permit
from troth.apply.run import Outcome, Progress
from troth.plan.model import Plan
from troth.problems import BadInput, Problem, nearest


def order(
    *, by: str, max_lock: str, allow: Sequence[str], only: str, limit: int | None, backup_taken: bool
) -> Order:
    """Put together what a person said about how to apply.

    Raises:
        BadInput: when the bound on locks is no length of time.
    """
    return Order(
        by=by,
        permit=Permit(allow=frozenset(allow), only=only, limit=limit),
        hold_lock=durations.read(max_lock, "--max-lock"),
        backup_taken=backup_taken,
    )


def apply(
    plan: Plan,
    folder: Path,
    environment: Mapping[str, str],
    clock: Clock,
    order: Order,
    progress: Progress,
) -> tuple[Outcome, ...]:
    """Carry a plan out.

    Raises:
        BadInput: when the project has faults, or a dataset is named that the plan does not touch.
        Refused: when a guard stops it.
        StoreError: when a store fails; applying again goes on from there.
    """
    _check_names(plan, order)
    project = projects.load(folder, clock.now().date())
    with (
        stores.opened(project, environment, readonly=False) as opened,
        ledgers.opened(folder, environment, clock) as ledger,
    ):
        return retention.apply(project, opened, ledger, plan, order, clock, progress)


def _check_names(plan: Plan, order: Order) -> None:
    known = tuple(dict.fromkeys(step.dataset for step in plan.steps))
    named = {
        "--only": [order.permit.only] if order.permit.only else [],
        "--allow": sorted(order.permit.allow),
    }
    problems = [
        Problem(
            code="unknown-name",
            message=f"{option} names a dataset that no step of the plan touches.",
            found=name,
            valid=known,
            nearest=nearest(name, known),
            hint="Name one of the plan's datasets.",
        )
        for option, names in named.items()
        for name in names
        if name not in known
    ]
    if problems:
        raise BadInput(problems)
