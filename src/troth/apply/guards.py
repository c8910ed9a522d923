"""What stands between a plan and the stores: stale plans, simulations, limits, first runs.

Each guard either lets the plan pass or refuses with what was expected, what was found and what would let it
pass. Nothing has been touched when a guard refuses.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from troth.errors import Refused
from troth.plan.model import Basis, Plan
from troth.policy.model import Limits
from troth.problems import Problem


@dataclass(frozen=True, slots=True, kw_only=True)
class Permit:
    """What the person who applies has said."""

    allow: frozenset[str] = frozenset()
    """Datasets named, for which the share of a first run is no limit."""
    only: str = ""
    """The one dataset to work on, for a pilot."""
    limit: int | None = None
    """Most rows to touch in this run, for a pilot."""
    test_clock: bool = False
    """The clock is one of tests: simulations may be applied."""


class Frozen(Protocol):
    """What plans of every kind have."""

    @property
    def at(self) -> str:
        """The instant it is for."""
        ...

    @property
    def simulation(self) -> bool:
        """That instant was not now."""
        ...

    @property
    def basis(self) -> Basis:
        """What it was made from."""
        ...


def check_simulation(plan: Frozen, permit: Permit) -> None:
    """Refuse a plan made for another instant than the one it was made at."""
    if plan.simulation and not permit.test_clock:
        raise Refused(
            f"This plan is a simulation: it was made for {plan.at}, which was not the time it was made at.",
            hint="Make a plan without --at and apply that.",
        )


def check_holds(unclear: Sequence[Problem]) -> None:
    """Refuse to touch anything while a hold stands of which nobody knows any more what it keeps."""
    if unclear:
        raise Refused(unclear[0].message, hint=unclear[0].hint)


def check_basis(plan: Frozen, now: Basis) -> None:
    """Refuse a plan whose policy, data map or table structure has changed since."""
    changed = [] if plan.basis.rules == now.rules else ["the policy or data map"]
    live = dict(now.structure)
    for store, fingerprint in plan.basis.structure:
        if store in live and live[store] != fingerprint:
            changed.append(f"the structure of store {store}")
    if changed:
        raise Refused(
            f"The plan is stale: {' and '.join(changed)} changed since it was made.",
            hint="Make it anew by its own command (troth plan, troth erase), read it, and apply the new one.",
        )


def check_limits(plan: Plan, limits: Limits) -> None:
    """Refuse a plan above the limits the project has set."""
    check_limits_of(plan.rows, ((step.id, step.planned.rows) for step in plan.steps), limits)


def check_limits_of(rows: int, steps: Iterable[tuple[str, int]], limits: Limits) -> None:
    """Refuse rows, or steps by id and rows, above the limits the project has set."""
    if limits.rows is not None and rows > limits.rows:
        raise Refused(
            f"The plan touches {rows} rows; limits: rows: allows {limits.rows}.",
            hint="Raise the limit in the project after reading the plan, or run a pilot with --limit.",
        )
    for step, touched in steps:
        if limits.rows_per_step is not None and touched > limits.rows_per_step:
            raise Refused(
                f"Step {step} touches {touched} rows; limits: rows-per-step: allows {limits.rows_per_step}.",
                hint="Raise the limit in the project after reading the plan, or run a pilot with --limit.",
            )


def approvals(rows: int, limits: Limits) -> int:
    """Return how many people besides its maker must approve a plan of so many rows."""
    return int(limits.approve_over is not None and rows > limits.approve_over)


def check_first_run(
    plan: Plan, limits: Limits, permit: Permit, *, first: Iterable[str], backed_up: Mapping[str, bool]
) -> None:
    """On a store's first run, ask for a backup and refuse large shares of a table that nobody named."""
    for store in first:
        if store not in plan.stores:
            continue
        if not backed_up.get(store):
            raise Refused(
                f"This is the first run on store {store}, and nobody has said that a backup exists.",
                hint="Make a backup and apply again with --backup-taken.",
            )
        if permit.limit is not None:
            continue
        large = {d: n for d, n in over_share(plan, limits, permit, store).items() if d not in permit.allow}
        if large:
            raise _too_large(plan, limits, large)


def _too_large(plan: Plan, limits: Limits, large: Mapping[str, int]) -> Refused:
    shares = (
        f"{rows:,} of {plan.of_table(d):,} rows of {d} ({rows / plan.of_table(d):.0%})"
        for d, rows in large.items()
    )
    allowed = " ".join(f"--allow {dataset}" for dataset in large)
    return Refused(
        f"First run: the plan touches {', '.join(shares)}, more than {limits.share:g}%.",
        hint=f"Read the plan; if it is right, apply with {allowed}, or try --limit 1000 first.",
    )


def over_share(plan: Plan, limits: Limits, permit: Permit, store: str) -> dict[str, int]:
    """Return the datasets of a store of which a plan touches more than the share of a first run, with the rows."""
    found = _per_dataset(plan, store, permit)
    return {d: n for d, n in found.items() if (whole := plan.of_table(d)) and n / whole * 100 > limits.share}


def _per_dataset(plan: Plan, store: str, permit: Permit) -> dict[str, int]:
    """Take the largest step of each dataset: several steps may touch the same rows."""
    found: dict[str, int] = {}
    for step in plan.steps:
        if step.dataset.startswith(f"{store}.") and permit.only in ("", step.dataset):
            found[step.dataset] = max(found.get(step.dataset, 0), step.planned.rows)
    return found


def most_rows(planned: int, limits: Limits) -> int:
    """Return how many rows a step may touch before its count has drifted too far from the plan's."""
    return planned + int(planned * limits.drift / 100)
