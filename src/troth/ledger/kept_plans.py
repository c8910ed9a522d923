"""Plans kept to be looked at, approved and carried out by workers: the register of their states.

Each change of state is one statement that says from which states it may come, written with its evidence entry; who
comes second is refused. How far a plan is stands in the receipts (`runs`), not here. Never deleted.

    waiting ──approve──► approved ──start──► running ──► done
                             ▲                │  ▲  └──► stopped, failed ──start──► running
                             │            pause  resume
                        (no approval wanted)  ▼  │            cancel: from every state that is not over
                                             paused
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal, get_args

from troth.errors import Refused
from troth.evidence.entry import Entry
from troth.ledger.models_desk import KeptPlan
from troth.ledger.session import Session
from troth.problems import BadInput, Problem

State = Literal["waiting", "approved", "running", "paused", "stopped", "failed", "done", "cancelled"]
Kind = Literal["retention", "erasure"]
Ended = Literal["done", "stopped", "failed"]

STATES: tuple[State, ...] = get_args(State)
OPEN: tuple[State, ...] = ("waiting", "approved", "running", "paused", "stopped", "failed")
"""States that can still lead to something."""
STARTABLE: tuple[State, ...] = ("approved", "stopped", "failed")
PAGE = 50
MOST_APPROVALS = 1
"""People besides the maker who can be asked to agree."""
LONGEST_REASON = 300
_PREFIX = re.compile(r"(?:sha256:)?[0-9a-f]{4,64}")
COLUMNS = (
    *("id", "hash", "kind", "case", "rows", "state", "approvals", "made_at", "made_by_id", "approved_at"),
    *("approved_by_id", "started_by_id", "job", "reason", "ended_at"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class NewKeptPlan:
    """A plan before it is kept."""

    hash: str
    kind: Kind
    text: str
    """As its file would be."""
    rows: int
    """It is to touch, as it says itself."""
    approvals: int = 0
    """How many people besides its maker must agree."""
    case: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptPlanRecord:
    """What is known of a kept plan without reading it; people are staff ids."""

    id: int
    hash: str
    kind: Kind
    case: int | None
    rows: int
    state: State
    approvals: int
    made_at: datetime
    made_by: int
    approved_at: datetime | None
    approved_by: int | None
    started_by: int | None
    job: str
    reason: str
    ended_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptPlans:
    """Keep plans, and write down what becomes of them."""

    session: Session
    append: Callable[[Entry], int]
    """Appends to the evidence log."""

    def keep(self, new: NewKeptPlan, *, by: int, at: datetime) -> KeptPlanRecord:
        """Keep a plan, waiting for approval where it wants one; one that is kept already stays as it is.

        Raises:
            Refused: when more people are to agree than can be asked.
        """
        if not 0 <= new.approvals <= MOST_APPROVALS:
            raise Refused(f"A plan can wait for {MOST_APPROVALS} other person at most, not {new.approvals}.")
        values = {
            **{"kind": new.kind, "text": new.text, "case": new.case, "rows": new.rows},
            **{"approvals": new.approvals, "made_at": at, "made_by_id": by},
            "state": "waiting" if new.approvals else "approved",
        }
        with self.session.writing() as alias:
            _, made = KeptPlan.objects.using(alias).get_or_create(hash=new.hash, defaults=values)
            if made:
                about = {"made_for": new.kind, "rows": new.rows, "approvals": new.approvals}
                self._say("plan.kept", new.hash, by, at, {**about, **_case(new.case)})
        return self.read(new.hash)

    def read(self, prefix: str) -> KeptPlanRecord:
        """Return the plan with a hash, or with the only one that begins so.

        Raises:
            BadInput: when there is none, or there are several.
        """
        with self.session.reading() as alias:
            rows = KeptPlan.objects.using(alias).filter(hash__startswith=prefix).values(*COLUMNS)
            found = [_record(row) for row in rows[:2]] if _PREFIX.fullmatch(prefix) else []
        if len(found) != 1:
            raise BadInput([_unknown(prefix, several=bool(found))])
        return found[0]

    def text(self, hash: str) -> str:
        """Return a plan as its file would be.

        Raises:
            BadInput: when there is none of that hash.
        """
        with self.session.reading() as alias:
            found = KeptPlan.objects.using(alias).filter(hash=hash).values_list("text", flat=True).first()
        if found is None:
            raise BadInput([_unknown(hash, several=False)])
        return str(found)

    def listed(
        self, states: Sequence[State] = (), *, page: int = 1, case: int | None = None
    ) -> tuple[KeptPlanRecord, ...]:
        """Return a page of plans, the newest first: those in some states, or all; of one request, or of any."""
        first = (max(1, page) - 1) * PAGE
        with self.session.reading() as alias:
            rows = self._some(alias, states, case).order_by("-made_at", "-pk").values(*COLUMNS)
            return tuple(_record(row) for row in rows[first : first + PAGE])

    def count(self, states: Sequence[State] = (), *, case: int | None = None) -> int:
        """Count the plans that `listed` goes through."""
        with self.session.reading() as alias:
            return int(self._some(alias, states, case).count())

    def approve(self, hash: str, *, by: int, at: datetime) -> KeptPlanRecord:
        """Write down that somebody who did not make a plan agrees to it.

        Raises:
            Refused: when they made it, or it does not wait for approval.
        """
        with self.session.writing():
            if self.read(hash).made_by == by:
                raise Refused(
                    "Whoever made a plan cannot approve it.", hint="Ask somebody else who may approve plans."
                )
            changes = {"state": "approved", "approved_by_id": by, "approved_at": at}
            return self._move(hash, "approved", ("waiting",), by, at, changes)

    def start(
        self, hash: str, *, job: str, by: int, at: datetime, said: Mapping[str, object] | None = None
    ) -> KeptPlanRecord:
        """Hand a plan to the workers, or hand it to them again after a stop, with what was said about guards.

        Raises:
            Refused: when it was not approved, is at work, or is over.
        """
        changes = {"state": "running", "started_by_id": by, "job": job, "reason": "", "ended_at": None}
        return self._move(hash, "started", STARTABLE, by, at, changes, said)

    def pause(self, hash: str, *, by: int, at: datetime) -> KeptPlanRecord:
        """Have a plan stop at the end of the batch at work; it stays so until somebody resumes it.

        Raises:
            Refused: when it is not at work.
        """
        return self._move(hash, "paused", ("running",), by, at, {"state": "paused"})

    def resume(self, hash: str, *, job: str = "", by: int, at: datetime) -> KeptPlanRecord:
        """Let a paused plan go on, by a new job where one is named.

        Raises:
            Refused: when it is not paused.
        """
        return self._move(
            hash, "resumed", ("paused",), by, at, {"state": "running", **({"job": job} if job else {})}
        )

    def cancel(self, hash: str, *, by: int, at: datetime) -> KeptPlanRecord:
        """Say that a plan is not to be carried out any further; what is done stays done.

        Raises:
            Refused: when it is over.
        """
        return self._move(hash, "cancelled", OPEN, by, at, {"state": "cancelled", "ended_at": at})

    def note(self, hash: str, reason: str) -> None:
        """Write down what keeps a plan that is not over, in words without a personal value."""
        with self.session.writing() as alias:
            rows = KeptPlan.objects.using(alias).filter(hash=hash, state__in=("running", "paused"))
            rows.update(reason=reason[:LONGEST_REASON])

    def end(self, hash: str, state: Ended, *, at: datetime, reason: str | None = None) -> bool:
        """Write down what came of a plan at work; return whether this call did.

        Without a reason, the last noted stays. A plan that was paused in its last batch is done all the same; a
        cancelled one stays cancelled. Evidence of the end is written by the run itself.
        """
        possible = ("running", "paused") if state == "done" else ("running",)
        with self.session.writing() as alias:
            rows = KeptPlan.objects.using(alias).filter(hash=hash, state__in=possible)
            why = {} if reason is None else {"reason": reason[:LONGEST_REASON]}
            return bool(rows.update(state=state, ended_at=at, **why))

    def _some(self, alias: str, states: Sequence[State], case: int | None) -> Any:
        rows = KeptPlan.objects.using(alias).all()
        rows = rows.filter(state__in=states) if states else rows
        return rows if case is None else rows.filter(case=case)

    def _move(
        self,
        hash: str,
        what: str,
        possible: Sequence[State],
        by: int,
        at: datetime,
        changes: dict[str, Any],
        more: Mapping[str, object] | None = None,
    ) -> KeptPlanRecord:
        """Change the state where it is one of the possible ones, with evidence."""
        with self.session.writing() as alias:
            rows = KeptPlan.objects.using(alias).filter(hash=hash, state__in=possible)
            if not rows.update(**changes):
                state = self.read(hash).state
                raise Refused(
                    f"The plan is {state}, so it cannot be {what}; it would have to be {_either(possible)}.",
                    hint="Nothing was changed. Look at it again: somebody else may have been quicker.",
                )
            self._say(f"plan.{what}", hash, by, at, dict(more or {}))
        return self.read(hash)

    def _say(self, kind: str, hash: str, by: int, at: datetime, more: dict[str, object]) -> None:
        self.append(Entry(kind=kind, at=at, body={"plan": hash, "by": f"staff:{by}", **more}))


def _record(row: dict[str, Any]) -> KeptPlanRecord:
    return KeptPlanRecord(**{name.removesuffix("_id"): value for name, value in row.items()})


def _case(case: int | None) -> dict[str, object]:
    return {} if case is None else {"case": f"case:{case}"}


def _either(states: Sequence[str]) -> str:
    return " or ".join((", ".join(states[:-1]), states[-1])) if len(states) > 1 else states[0]


def _unknown(prefix: str, *, several: bool) -> Problem:
    return Problem(
        code="unknown-name",
        message="Several kept plans begin with these digits." if several else "No kept plan has this hash.",
        found=prefix[:80],
        hint="Give more of its digits." if several else "`troth job list` shows the plans that are kept.",
    )
