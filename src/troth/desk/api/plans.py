"""Plans by the interface: made and kept, listed, read; approved by another key than made them; handed to workers."""

from collections.abc import Callable
from datetime import datetime
from typing import Annotated

from django.http import HttpRequest
from ninja import Body, Query, Router, Schema
from pydantic import Field

from troth.app.plans import carrying, kept
from troth.desk import here
from troth.desk.api import caller
from troth.desk.api.caller import Bearer
from troth.desk.api.fields import Flag, Given, Line, PlanState
from troth.desk.api.once import Done, once, once_apart
from troth.desk.api.problem import Fault, Stop
from troth.errors import Refused
from troth.ledger.kept_plans import PAGE, KeptPlanRecord
from troth.problems import BadInput

router = Router(tags=["plans"])


class Plan(Schema):
    """A plan that is kept."""

    hash: str
    kind: str
    """retention or erasure."""
    state: str
    """waiting (for approval), approved, running, paused, stopped, failed, done or cancelled."""
    rows: int
    """It is to touch."""
    request: int | None
    """An erasure is for this one."""
    approvals: int
    """People besides its maker who must agree."""
    made: datetime
    made_by: str
    approved_by: str | None
    started_by: str | None
    job: str | None
    reason: str
    """Why it stopped or failed."""
    ended: datetime | None


class Plans(Schema):
    """A page of plans, the newest first."""

    plans: list[Plan]
    next: int | None
    """Give it as `page` for the next page; nothing on the last one."""


class PlanStep(Schema):
    """What a step does."""

    number: int
    dataset: str
    sentence: str
    rows: int
    of: int
    """Rows of the table when the plan was made; 0 where that is not known."""
    promises: list[str]


class PlanStay(Schema):
    """What stays, and why."""

    dataset: str
    rows: int
    reason: str
    sentence: str
    review: str


class ReadPlan(Plan):
    """A plan in sentences."""

    title: str
    people: int
    """Of an erasure; never who they are."""
    sentences: list[str]
    steps: list[PlanStep]
    stays: list[PlanStay]
    tasks: list[str]
    warnings: list[str]
    obstacles: list[str]
    """What would stop it if it were started now, as far as that is known without asking a store."""


class MadePlan(Schema):
    """A plan, or nothing where nothing has to go."""

    plan: Plan | None


class Nothing(Given):
    """Nothing needs to be said."""


class Start(Given):
    """What a first run on a store asks for."""

    backup_taken: Flag = False
    """Somebody has made sure that a backup exists."""
    allow: Annotated[list[Line], Field(max_length=200)] = []
    """Datasets of which a first run may touch more than the limits of the policy let it."""


@router.get("", response=Plans, auth=Bearer("plans:read"), operation_id="listPlans")
def list_plans(
    request: HttpRequest,
    state: Annotated[PlanState | None, Query()] = None,
    page: Annotated[int, Query(ge=1, le=1_000_000)] = 1,
) -> Plans:
    """List plans, the newest first; of one state where named."""
    del request
    register = here.ledger().kept_plans
    states = (state,) if state else ()
    found = register.listed(states, page=page)  # type: ignore[arg-type] # PlanState takes no other words
    more = page * PAGE < register.count(states)  # type: ignore[arg-type]
    return Plans(plans=[_plan(one) for one in found], next=page + 1 if more else None)


@router.post("", response={201: MadePlan}, auth=Bearer("plans:make"), operation_id="makePlan")
@once_apart
def make_plan(request: HttpRequest, given: Annotated[Nothing, Body()]) -> Done:
    """Plan what has outlived its retention rule by now, and keep the plan. Nothing is carried out."""
    del given
    made = kept.make(here.place(), by=caller.of(request).name)
    body = MadePlan(plan=_plan(made) if made is not None else None)
    return Done(status=201, body=body, location=f"/api/v1/plans/{made.hash}" if made is not None else "")


@router.get("/{hash}", response=ReadPlan, auth=Bearer("plans:read"), operation_id="readPlan")
def read_plan(request: HttpRequest, hash: str) -> ReadPlan:
    """Read a plan in sentences: what goes, what stays and why. The beginning of its hash is enough."""
    del request
    at, ledger, project = here.place(), here.ledger(), here.project()
    found = kept.read(ledger, _known(hash).hash, project)
    told = found.told
    stops = kept.obstacles(ledger, found, project, test_clock=at.clock.test)
    return ReadPlan(
        **_plan(found.record).model_dump(),
        title=told.title,
        people=told.people,
        sentences=[one.sentence for one in told.steps] + [one.sentence for one in told.stays],
        steps=[
            PlanStep(
                number=one.number,
                dataset=one.dataset,
                sentence=one.sentence,
                rows=one.rows,
                of=one.of,
                promises=list(one.promises),
            )
            for one in told.steps
        ],
        stays=[
            PlanStay(
                dataset=one.dataset,
                rows=one.rows,
                reason=one.reason,
                sentence=one.sentence,
                review=one.review,
            )
            for one in told.stays
        ],
        tasks=list(told.tasks),
        warnings=list(told.warnings),
        obstacles=[f"{one.what} {one.todo}" for one in stops],
    )


@router.post("/{hash}/approve", response=Plan, auth=Bearer("plans:approve"), operation_id="approvePlan")
@once
def approve_plan(request: HttpRequest, hash: str, given: Annotated[Nothing, Body()]) -> Done:
    """Agree to a plan that somebody else made, as a system does in which a second person approved it."""
    del given
    at = here.place()
    record = _known(hash)
    changed = kept.approve(here.ledger(), record.hash, by=caller.of(request).name, at=at.clock.now())
    here.ledger().checkpoint(at=at.clock.now())
    return Done(status=200, body=_plan(changed))


@router.post("/{hash}/start", response=Plan, auth=Bearer("plans:make"), operation_id="startPlan")
@once_apart
def start_plan(request: HttpRequest, hash: str, given: Annotated[Start, Body()]) -> Done:
    """Hand a plan to the workers."""
    at, ledger, project = here.place(), here.ledger(), here.project()
    found = kept.read(ledger, _known(hash).hash, project)
    allowed = set(given.allow)
    for stop in kept.obstacles(ledger, found, project, test_clock=at.clock.test):
        said = given.backup_taken if stop.code == "backup" else set(stop.names) <= allowed
        if not (stop.starts and said):
            raise Refused(stop.what, hint=stop.todo)
    order = carrying.Order(
        by=caller.of(request).name, backup_taken=given.backup_taken, allow=tuple(given.allow)
    )
    carrying.start(found.record.hash, order, at)
    return _now(found.record.hash)


@router.post("/{hash}/pause", response=Plan, auth=Bearer("plans:make"), operation_id="pausePlan")
@once_apart
def pause_plan(request: HttpRequest, hash: str, given: Annotated[Nothing, Body()]) -> Done:
    """Have a plan stop at the end of the batch at work; what is done stays done."""
    del given
    return _moved(request, hash, carrying.pause)


@router.post("/{hash}/resume", response=Plan, auth=Bearer("plans:make"), operation_id="resumePlan")
@once_apart
def resume_plan(request: HttpRequest, hash: str, given: Annotated[Nothing, Body()]) -> Done:
    """Let a paused plan go on."""
    del given
    return _moved(request, hash, carrying.resume)


@router.post("/{hash}/cancel", response=Plan, auth=Bearer("plans:make"), operation_id="cancelPlan")
@once_apart
def cancel_plan(request: HttpRequest, hash: str, given: Annotated[Nothing, Body()]) -> Done:
    """Say that a plan is not to be carried out any further; what was done before stays done."""
    del given
    return _moved(request, hash, carrying.cancel)


def _moved(request: HttpRequest, hash: str, move: Callable[..., object]) -> Done:
    record = _known(hash)
    move(record.hash, here.place(), by=caller.of(request).name)
    return _now(record.hash)


def _now(hash: str) -> Done:
    return Done(status=200, body=_plan(here.ledger().kept_plans.read(hash)))


def _known(hash: str) -> KeptPlanRecord:
    """Return the plan with a hash, or with the only one that begins so."""
    try:
        return here.ledger().kept_plans.read(hash)
    except BadInput as unknown:
        faults = [
            Fault(code=one.code, message=one.message, where="path", at="hash") for one in unknown.problems
        ]
        raise Stop("not-found", "No plan, or more than one, has this hash.", faults=faults) from unknown


def _plan(record: KeptPlanRecord) -> Plan:
    return Plan(
        hash=record.hash,
        kind=record.kind,
        state=record.state,
        rows=record.rows,
        request=record.case,
        approvals=record.approvals,
        made=record.made_at,
        made_by=f"staff:{record.made_by}",
        approved_by=_staff(record.approved_by),
        started_by=_staff(record.started_by),
        job=record.job or None,
        reason=record.reason,
        ended=record.ended_at,
    )


def _staff(id: int | None) -> str | None:
    return None if id is None else f"staff:{id}"
