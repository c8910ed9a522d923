"""Erase what was kept, once its ground has ended: nobody has to ask again.

Looks at every answered erasure of which something stayed. What would go now must lie in what stayed then; where more
would go, the person has come back or new data arrived, and a person decides.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Literal

from troth.app import erased, erasing
from troth.app.casework import desk as desks
from troth.app.casework import doing, planning
from troth.app.casework.desk import Desk
from troth.app.clock import Moment
from troth.app.erased import Order
from troth.app.erasing import Asker
from troth.cases import moves, register
from troth.cases.case import Case
from troth.cases.deciding import GRANTS
from troth.cases.register import Happened
from troth.errors import Refused, StoreError
from troth.rights.model import EraseRows, ErasurePlan

Came = Literal["stays", "erased", "returned", "waits", "forgotten"]


@dataclass(frozen=True, kw_only=True)
class Followed:
    """What came of one request."""

    case: Case
    came: Came
    rows: int = 0
    says: str = ""


def follow_up(desk: Desk, *, apply: bool) -> Iterator[Followed]:
    """Look at every erasure of which something stayed; with `apply` erase what may go now.

    Raises:
        BadInput: when the project has faults.
    """
    with desk.ledger() as ledger:
        records = [one for one in ledger.cases.listed(every=True, kind="erase") if one.outcome in GRANTS]
        waiting = [case for case in register.every(ledger, records) if kept(case)]
    for case in waiting:
        try:
            yield _followed(desk, case, apply=apply)
        except (Refused, StoreError) as error:
            yield Followed(case=case, came="waits", says=error.message)


def follow(desk: Desk, id: int, *, apply: bool) -> Followed:
    """Look at one erasure of which something stayed, as `follow_up` does.

    Raises:
        BadInput: when there is no such request, or the project has faults.
        Refused: when nothing of it stays.
        StoreError: when a store does not answer.
    """
    case = desk.read(id)
    if not kept(case):
        raise Refused(f"Nothing stays of {case.reference} that could go later.")
    return _followed(desk, case, apply=apply)


def kept(case: Case) -> bool:
    """Tell whether something stayed of an erasure that was answered."""
    done = case.last("done")
    return case.state in {moves.ANSWERED, moves.CLOSED} and done is not None and bool(done.body.get("kept"))


def _followed(desk: Desk, case: Case, *, apply: bool) -> Followed:
    with desk.ledger() as ledger:
        if ledger.cases.contents(case.id) is None:
            return Followed(case=case, came="forgotten", says="whose it was is no longer known")
        done = case.last("done")
        assert done is not None
        then = ledger.cases.text(case.id, done.number) or {}
        planned = case.last("planned")
        keys = (ledger.cases.text(case.id, planned.number) or {}).get("keys", []) if planned else []
    contents = desk.contents(case)
    contents = replace(contents, identities=tuple(dict.fromkeys((*contents.identities, *keys))))
    made = erasing.plan(
        desks.wish(contents),
        desk.folder,
        desk.environment,
        desk.clock,
        Moment(at=desk.now()),
        Asker(by=desk.by, joined=True, keep=apply, instruction=planning.instruction(desk, case, contents)),
    )
    if made.unreachable:
        return Followed(case=case, came="waits", says="a store does not answer")
    if made.plan is None or not made.plan.steps:
        return Followed(case=case, came="stays", says="its grounds still stand")
    more = _beyond(made.plan, {str(row[0]) for row in then.get("kept", ())}, then.get("rows", {}))
    if more:
        return Followed(case=case, came="returned", says=f"new data in {', '.join(more)}: a person decides")
    if not apply:
        return Followed(case=case, came="erased", rows=made.plan.rows, says="may go now")
    return _erased(desk, case, made.plan)


def _beyond(plan: ErasurePlan, kept: Collection[str], rows: Mapping[str, int]) -> tuple[str, ...]:
    """Name what would go now and was not among what stayed: other datasets, and more rows than stayed in one."""
    there = _there(plan)
    found = (step.dataset for step in plan.steps)
    return tuple(
        dict.fromkeys(one for one in found if one not in kept or there[one] > rows.get(one, there[one]))
    )


def _there(plan: ErasurePlan) -> Mapping[str, int]:
    """Count the rows of the person by dataset: what goes, and what stays or is changed."""
    whole: Counter[str] = Counter()
    changed: dict[str, int] = {}
    for step in plan.steps:
        if isinstance(step, EraseRows):
            whole[step.dataset] += step.rows
        else:
            changed[step.dataset] = max(changed.get(step.dataset, 0), step.rows)
    stays = doing.rows_kept(plan.spared)
    return {
        one: whole[one] + max(changed.get(one, 0), stays.get(one, 0)) for one in {*whole, *changed, *stays}
    }


def _erased(desk: Desk, case: Case, plan: ErasurePlan) -> Followed:
    made = erased.apply(plan, desk.folder, desk.environment, desk.clock, Order(by=desk.by), doing.quiet)
    seen = made.certificate
    if seen is None or seen.outcome not in doing.FINISHED:
        says = seen.outcome if seen else "nobody looked again"
        return Followed(case=case, came="waits", says=f"the erasure is {says}")
    happened = Happened(kind="done", at=desk.now(), body=doing.seen_body(case, seen), text=doing.stays(seen))
    return Followed(case=desk.add(case, happened), came="erased", rows=plan.rows)
