"""Plans on the desk: made and kept, listed, read, approved by a second person; and what would stop them now.

Their states are a register of the ledger, how they are carried out is `carrying`. What stands in a plan is told by
`plan_words`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime

from troth.app import ledgers, retention, stores
from troth.app import project as projects
from troth.app.clock import Moment
from troth.app.plans import approvals
from troth.app.plans import files as plans
from troth.app.plans import words as plan_words
from troth.app.plans.words import AnyPlan, Told
from troth.app.project import Project
from troth.app.requests.steps import Place
from troth.apply import guards
from troth.catalog.model import Catalog
from troth.catalog.reach import Reaches
from troth.errors import Refused
from troth.holds import register as holds
from troth.ledger.ledger import Ledger
from troth.plan import codec, model
from troth.plan import seal as sealing
from troth.plan.model import Basis, Plan
from troth.plan.world import Facts, World
from troth.problems import BadInput, Problem
from troth.rights import model as erasure
from troth.rights.model import ErasurePlan

from troth.ledger.kept_plans import (  # isort: skip  # after the ledger, which configures Django
    PAGE,
    KeptPlanRecord,
    State,
)

GROUPS: Mapping[str, tuple[State, ...]] = {
    "waiting": ("waiting", "approved"),
    "running": ("running", "paused"),
    "stopped": ("stopped", "failed"),
    "over": ("done", "cancelled"),
}
"""What the list of plans is divided into."""
_PEOPLE = re.compile(r'"people":\s*(\d+)')


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One plan in a list."""

    record: KeptPlanRecord
    title: str
    maker: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Listed:
    """A page of plans."""

    lines: tuple[Line, ...]
    page: int
    pages: int
    counts: Mapping[str, int]
    """How many plans each group has."""


@dataclass(frozen=True, kw_only=True)
class Read:
    """A plan, its state and what it says."""

    record: KeptPlanRecord
    plan: AnyPlan
    told: Told
    names: Mapping[int, str]
    """Of the staff who made, approved and started it."""

    def name(self, staff: int | None) -> str:
        """Return who somebody is; nothing for nobody."""
        return self.names.get(staff, "") if staff is not None else ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Obstacle:
    """Something that would stop a plan if it were started now."""

    what: str
    todo: str
    code: str
    """`stale`, `limits`, `backup`, `share`, `simulation`, `approval` or `other`."""
    names: tuple[str, ...] = ()
    """Stores without a backup, or datasets to be allowed."""
    starts: bool = False
    """Whoever starts it can let it pass by saying so."""


def make(at: Place, *, by: str) -> KeptPlanRecord | None:
    """Make a retention plan as of now and keep it; None where nothing has to go.

    Raises:
        BadInput: when the project has faults.
        StoreError: when a store does not answer.
    """
    now = at.clock.now()
    project = projects.load(at.folder, now.date())
    with (
        stores.opened(project, at.environment, readonly=True) as opened,
        ledgers.opened(at.folder, at.environment, at.clock) as ledger,
    ):
        made = retention.plan(project, opened, ledger, Moment(at=now)).plan
        if not made.steps:
            return None
        return approvals.keep(ledger, made, project.policy.limits, by=by, at=now)


def listed(ledger: Ledger, group: str, page: int = 1) -> Listed:
    """Return a page of the plans of a group, the newest first, with how many each group has."""
    states = GROUPS.get(group, ())
    counts = {name: ledger.kept_plans.count(some) for name, some in GROUPS.items()}
    total = counts.get(group, sum(counts.values()))
    pages = max(1, -(-total // PAGE))
    at = min(max(1, page), pages)
    found = ledger.kept_plans.listed(states, page=at)
    names = ledger.staff.names(*{record.made_by for record in found})
    lines = tuple(
        Line(record=one, title=_title(ledger, one), maker=names.get(one.made_by, "")) for one in found
    )
    return Listed(lines=lines, page=at, pages=pages, counts=counts)


def read(ledger: Ledger, prefix: str, project: Project | None = None) -> Read:
    """Return a kept plan by the beginning of its hash.

    Raises:
        BadInput: when there is none, or several.
    """
    record = ledger.kept_plans.read(prefix)
    plan = of_text(ledger.kept_plans.text(record.hash))
    who = {one for one in (record.made_by, record.approved_by, record.started_by) if one is not None}
    told = plan_words.tell(plan, project.policy if project is not None else None)
    return Read(record=record, plan=plan, told=told, names=ledger.staff.names(*who))


def of_text(text: str) -> AnyPlan:
    """Read a plan of either kind from what was kept of it.

    Raises:
        BadInput: when it was changed since.
    """
    try:
        return erasure.load(text) if f'"{erasure.FORMAT}"' in text[-plans.TAIL :] else model.load(text)
    except codec.Undecodable as error:
        hint = "Restore the ledger from a backup, or make the plan again."
        problem = Problem(code="bad-plan", message=f"The kept plan is damaged: {error}.", hint=hint)
        raise BadInput([problem]) from error


def approve(ledger: Ledger, prefix: str, *, by: str, at: datetime) -> KeptPlanRecord:
    """Agree to a plan that somebody else made.

    Raises:
        Refused: when whoever agrees made it, also by way of a key they gave, or it does not wait for approval.
    """
    record = ledger.kept_plans.read(prefix)
    with ledger.writing():
        staff = ledger.staff.identify(by, at=at)
        gave = {key.staff: key.made_by for key in ledger.api_keys.listed()}
        if gave.get(staff) == record.made_by or gave.get(record.made_by) == staff:
            raise Refused(
                "A key and whoever gave it count as one: neither approves what the other made.",
                hint="Ask somebody else who may approve plans.",
            )
        return ledger.kept_plans.approve(record.hash, by=staff, at=at)


def obstacles(
    ledger: Ledger, found: Read, project: Project, *, test_clock: bool = False
) -> tuple[Obstacle, ...]:
    """Return what would stop a plan if it were started now, as far as this is known without asking a store."""
    return tuple(_obstacles(ledger, found, project, test_clock=test_clock))


def _obstacles(ledger: Ledger, found: Read, project: Project, *, test_clock: bool) -> Iterator[Obstacle]:
    plan, limits = found.plan, project.policy.limits
    anew = "Make a new plan, read it, and cancel this one."
    if found.told.simulation and not test_clock:
        yield Obstacle(what="It is a simulation for another day.", todo=anew, code="simulation")
    if rules(_of(project, plan)) != plan.basis.rules:
        what = "The policy or the data map has changed since it was made."
        yield Obstacle(what=what, todo=anew, code="stale")
    steps = ((step.id, step.rows) for step in found.told.steps)
    try:
        guards.check_limits_of(plan.rows, steps, limits)
    except Refused as refused:
        todo = "Raise the limit in the project after reading the plan, then make a new one."
        yield Obstacle(what=refused.message, todo=todo, code="limits")
    if isinstance(plan, Plan):
        yield from _first_runs(ledger, plan, project)


def _first_runs(ledger: Ledger, plan: Plan, project: Project) -> Iterator[Obstacle]:
    first = tuple(s for s in plan.stores if not ledger.runs.on_store(s, state="finished"))
    bare = tuple(store for store in first if ledger.backups.last(store) is None)
    if bare:
        what = f"First run on {', '.join(bare)}: nobody has said yet that a backup exists."
        todo = "Say so when you start it."
        yield Obstacle(what=what, todo=todo, code="backup", names=bare, starts=True)
    for dataset, rows, whole in plan_words.over_share(plan, project.policy.limits, first):
        what = (
            f"First run: {rows:,} of {whole:,} rows of {dataset} ({rows / whole:.0%}), "
            f"more than {project.policy.limits.share:g}%."
        )
        todo = "If that is right, name the dataset when you start it."
        yield Obstacle(what=what, todo=todo, code="share", names=(dataset,), starts=True)


def _of(project: Project, plan: AnyPlan) -> Project:
    """Return the project as a plan saw it: for rows held for a controller, with theirs as those to touch."""
    held_for = plan.controller if isinstance(plan, ErasurePlan) else ""
    return projects.held_for(project, held_for) if held_for else project


def new_holds(ledger: Ledger, plan: AnyPlan) -> tuple[str, ...]:
    """Return the holds that were placed after the plan was made; what they keep is left out when it runs."""
    return tuple(hold.id for hold in holds.standing(ledger) if hold.id not in plan.basis.holds)


def statements(found: Read, project: Project, at: Place) -> tuple[Mapping[int, str], tuple[Obstacle, ...]]:
    """Ask the stores: the SQL of each step by its number, and what has changed in their structure.

    Raises:
        StoreError: when a store does not answer.
    """
    if isinstance(found.plan, ErasurePlan):
        return {}, ()
    with stores.opened(project, at.environment, readonly=True) as opened:
        changed = tuple(_restructured(found.plan.basis, opened.catalogs))
        try:
            shown = plans.statements(found.plan, opened.catalogs)
            written = {number: sql for number, (_, sql) in enumerate(shown, 1)}
        except Refused as refused:
            return {}, (*changed, Obstacle(what=refused.message, todo=refused.hint, code="stale"))
    return written, changed


def _restructured(basis: Basis, catalogs: Mapping[str, Catalog]) -> Iterator[Obstacle]:
    for store, fingerprint in basis.structure:
        live = catalogs.get(store)
        if live is not None and live.fingerprint != fingerprint:
            what = f"The structure of store {store} has changed since it was made."
            yield Obstacle(what=what, todo="Make a new plan, read it, and cancel this one.", code="stale")


def difference(ledger: Ledger, found: Read, other: str) -> tuple[str, ...]:
    """Return what changed from another kept plan to this one.

    Raises:
        BadInput: when there is no such plan.
        Refused: when one of them is an erasure.
    """
    a, b = of_text(ledger.kept_plans.text(ledger.kept_plans.read(other).hash)), found.plan
    if not isinstance(a, Plan) or not isinstance(b, Plan):
        raise Refused("Only retention plans can be compared: erasures are about different people.")
    return plans.difference(a, b)


def earlier(ledger: Ledger, found: Read) -> tuple[KeptPlanRecord, ...]:
    """Return the newest other retention plans, to compare with."""
    if found.record.kind != "retention":
        return ()
    every = ledger.kept_plans.listed()
    return tuple(one for one in every if one.kind == "retention" and one.id != found.record.id)[:20]


def rules(project: Project) -> str:
    """Return the hash of policy and data map as plans hold it."""
    bare = World(
        policy=project.policy,
        datamap=project.datamap,
        catalogs={},
        reaches=Reaches(),
        facts=Facts(),
        at=datetime.min,
    )
    return sealing.basis(bare).rules


def _title(ledger: Ledger, record: KeptPlanRecord) -> str:
    if record.kind == "retention":
        return "What has outlived its retention rule"
    people = _PEOPLE.search(ledger.kept_plans.text(record.hash))
    many = int(people[1]) if people else 0
    who = "one person" if many == 1 else f"{many:,} people"
    of = f", case:{record.case}" if record.case is not None else ""
    return f"Erasure of {who}{of}"
