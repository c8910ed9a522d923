"""A plan of either kind in the words and rows a screen shows: what goes, what stays, why, and what to look out for.

Pure, and made from the same steps that are run. Names of datasets, columns and rules, counts and dates; of an
erasure the number of people, never who they are.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from troth.app.plans import files as plans
from troth.apply import guards
from troth.apply.guards import Permit
from troth.plan import describe
from troth.plan.model import Kept, Plan, Step
from troth.policy.model import Limits, Policy
from troth.rights import describe as erasure
from troth.rights.model import EraseRows, ErasurePlan, ErasureStep, Spared

AnyPlan = Plan | ErasurePlan

REASONS = {
    "hold": "a hold",
    "needed-by": "still needed",
    "not-started": "not started",
    "unreadable": "date unreadable",
    "other-controller": "held for others",
    "unknown-controller": "nobody knows whose",
    "statutory-duty": "a duty by law",
    "restriction": "a restriction",
    "open-case": "an open case",
    "own-interest": "an interest of our own",
    "shared": "shared with others",
    "key": "the row's key",
    "cannot-blank": "cannot be emptied",
    "store-cannot": "the store cannot",
}
_ENDS = {
    "hold": "when the hold is lifted",
    "needed-by": "when those rows go",
    "not-started": "no end before the event has a date",
    "unreadable": "no end before the date is mended",
    "other-controller": "never by our rules",
    "unknown-controller": "when somebody says whose they are",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class StepRow:
    """One step of a plan as a row of a table."""

    number: int
    id: str
    dataset: str
    what: str
    sentence: str
    rows: int
    of: int
    """Rows of the table when it was measured; 0 where the plan does not say."""
    oldest: str
    newest: str
    promises: tuple[str, ...]

    @property
    def store(self) -> str:
        """Name the store the step is on."""
        return self.dataset.partition(".")[0]

    @property
    def share(self) -> str:
        """Say which part of the table it is."""
        return f"{self.rows / self.of:.1%}" if self.of else ""


@dataclass(frozen=True, slots=True, kw_only=True)
class StayRow:
    """What stays, and why and until when, as a row of a table."""

    dataset: str
    fields: tuple[str, ...]
    rows: int
    reason: str
    sentence: str
    ends: str
    review: str
    promises: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """A plan as a screen tells it."""

    kind: str
    """`retention` or `erasure`."""
    title: str
    at: datetime
    """The instant it is for."""
    simulation: bool
    hash: str
    rows: int
    people: int
    """Of an erasure; 0 for retention."""
    steps: tuple[StepRow, ...]
    stays: tuple[StayRow, ...]
    gaps: tuple[str, ...]
    """What it leaves unproven, or could not look at."""
    tasks: tuple[str, ...]
    """What only a person can do."""
    warnings: tuple[str, ...]
    stores: tuple[str, ...]
    rules: str
    structure: tuple[tuple[str, str], ...]
    facts: str
    holds: tuple[str, ...]


def tell(plan: AnyPlan, policy: Policy | None = None) -> Told:
    """Tell a plan; with the policy at hand in the words of its rules."""
    erasing = isinstance(plan, ErasurePlan)
    basis = plan.basis
    return Told(
        kind="erasure" if erasing else "retention",
        title=title(plan),
        at=datetime.fromisoformat(plan.at),
        simulation=plan.simulation,
        hash=plan.hash,
        rows=plan.rows,
        people=plan.people if isinstance(plan, ErasurePlan) else 0,
        steps=tuple(_steps(plan, policy)),
        stays=tuple(_stays(plan)),
        gaps=tuple(_gaps(plan)),
        tasks=tuple(erasure.task(one) for one in plan.tasks) if isinstance(plan, ErasurePlan) else (),
        warnings=plan.warnings,
        stores=plan.stores,
        rules=basis.rules,
        structure=basis.structure,
        facts=basis.facts,
        holds=basis.holds,
    )


def title(plan: AnyPlan) -> str:
    """Name a plan by what it is for."""
    if isinstance(plan, ErasurePlan):
        return "Erasure of one person" if plan.people == 1 else f"Erasure of {plan.people:,} people"
    return "What has outlived its retention rule"


def over_share(plan: AnyPlan, limits: Limits, first: tuple[str, ...]) -> tuple[tuple[str, int, int], ...]:
    """Return dataset, rows and rows of the table where a first run would touch more than it may unasked."""
    if isinstance(plan, ErasurePlan):
        return ()
    found = {d: n for store in first for d, n in guards.over_share(plan, limits, Permit(), store).items()}
    return tuple((dataset, rows, plan.of_table(dataset)) for dataset, rows in found.items())


def _steps(plan: AnyPlan, policy: Policy | None) -> Iterator[StepRow]:
    if isinstance(plan, ErasurePlan):
        yield from (_erasing(number, step) for number, step in enumerate(plan.steps, 1))
    else:
        yield from (_expiring(number, step, plan, policy) for number, step in enumerate(plan.steps, 1))


def _expiring(number: int, step: Step, plan: Plan, policy: Policy | None) -> StepRow:
    return StepRow(
        number=number,
        id=step.id,
        dataset=step.dataset,
        what=plans.what(step),
        sentence=describe.step(step, policy),
        rows=step.planned.rows,
        of=plan.of_table(step.dataset),
        oldest=plans.day(step.planned.oldest),
        newest=plans.day(step.planned.newest),
        promises=step.promises,
    )


def _erasing(number: int, step: ErasureStep) -> StepRow:
    return StepRow(
        number=number,
        id=step.id,
        dataset=step.dataset,
        what="delete rows" if isinstance(step, EraseRows) else _verb(step.why),
        sentence=erasure.step(step),
        rows=step.rows,
        of=0,
        oldest="",
        newest="",
        promises=step.promises,
    )


def _verb(why: str) -> str:
    return {"erased": "empty fields", "detach": "cut link", "scrub": "take names out of text"}[why]


def _stays(plan: AnyPlan) -> Iterator[StayRow]:
    if isinstance(plan, ErasurePlan):
        yield from (_spared(one) for one in plan.spared)
    else:
        yield from (_kept(one) for one in plan.kept)


def _kept(one: Kept) -> StayRow:
    return StayRow(
        dataset=one.dataset,
        fields=(),
        rows=one.tally.rows,
        reason=REASONS[one.reason],
        sentence=describe.kept(one),
        ends=_ENDS[one.reason],
        review=one.review,
        promises=one.promises,
    )


def _spared(one: Spared) -> StayRow:
    return StayRow(
        dataset=one.dataset,
        fields=one.fields,
        rows=one.rows,
        reason=REASONS[one.reason],
        sentence=erasure.spared(one),
        ends=one.ends or _ENDS.get(one.reason, ""),
        review=one.review,
        promises=one.promises,
    )


def _gaps(plan: AnyPlan) -> Iterator[str]:
    if isinstance(plan, ErasurePlan):
        yield from (erasure.unlooked(one) for one in plan.unlooked)
    else:
        yield from (describe.unproven(one) for one in plan.unproven)
