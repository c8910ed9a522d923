"""What somebody may do with a request now, by name, and which of it comes next: so that nothing else is offered.

Read off its events, its dates and what proof it needs; nothing is decided or written here. What is offered can still
be refused when it is done: by a store, or because somebody else was quicker.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from troth.app.casework import following, planning
from troth.app.project import Project
from troth.app.proving import identity as proving
from troth.app.requests import terms as request_terms
from troth.cases import clocks, deciding, identity_proof, moves
from troth.cases.case import UNKNOWN, Case
from troth.cases.clocks import Dates
from troth.cases.identity import Proof

OUTCOMES = ("granted", "partial", "refused", "unverified", "nothing-held")
"""How a person can decide."""
UNDECIDED = (moves.NEW, moves.IDENTIFYING, moves.CLARIFYING, moves.DECIDING)
STOPPED = frozenset({"object", "rectify"})
"""Kinds in which use of the data can stop until they are decided."""
OPEN_TO_OTHERS = (moves.NEW, moves.NEEDS_CUSTOMER)
"""States in which somebody may still find that the data is held for a customer."""
BY_WORD = ("login", "document")
"""What can be taken on somebody's word besides that there is no doubt."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """A request with everything a next step depends on."""

    case: Case
    dates: Dates
    proof: Proof

    @property
    def may(self) -> frozenset[str]:
        """Events that may come."""
        return frozenset(moves.allowed(self.case.state))

    @property
    def unproven(self) -> bool:
        """Tell whether it is still to be proven who asks."""
        return self.proof.allowed and not self.case.proven and not self.case.kind.stops

    @property
    def ours(self) -> bool:
        """Tell whether we may act on the merits: as controller, or under an instruction."""
        return self.case.role == "controller" or (
            self.case.role == "processor" and bool(self.case.instruction)
        )

    @property
    def asked(self) -> str:
        """The means of proof that was asked for last and did not fail since."""
        asked, failed = self.case.last("identity.asked"), self.case.last("identity.failed")
        if asked is None or (failed is not None and failed.number > asked.number):
            return ""
        return str(asked.body["means"])


def standing(case: Case, project: Project, now: datetime) -> Standing:
    """Put together what the next steps of a request depend on."""
    dates = clocks.dates(case, max(now, *(event.at for event in case.events)))
    return Standing(case=case, dates=dates, proof=proving.proof_of(case, project))


def first(of: Standing) -> str:
    """Return the step that comes next; empty where a request is over."""
    if of.case.state in moves.TABLE and of.case.state not in {moves.CLOSED}:
        return next((step for step in _order(of) if step in offered(of)), "")
    return ""


def offered(of: Standing) -> tuple[str, ...]:
    """Return every step that may be done now, in the order in which a case is led."""
    return tuple(dict.fromkeys((*_whose(of), *_who(of), *_terms(of), *_merits(of), *_ends(of))))


def outcomes(case: Case) -> dict[str, tuple[str, ...]]:
    """Say of every way to decide a request what keeps it from being decided so; nothing where it may be."""
    planned = case.last("planned")
    found = bool(planned.body.get("people")) if planned else None
    stopped: dict[str, tuple[str, ...]] = {
        one: tuple(p.message for p in deciding.ready(case, one)) for one in OUTCOMES
    }
    if found is None:
        stopped["nothing-held"] += ("Nobody looked yet.",) if case.kind.needs_plan else ()
    elif found:
        stopped["nothing-held"] += ("Something of the person was found.",)
    else:
        for one in deciding.GRANTS:
            stopped[one] += ("Nothing of the person was found, so there is nothing to grant.",)
    return {one: tuple(dict.fromkeys(why)) for one, why in stopped.items()}


def _order(of: Standing) -> Iterator[str]:
    """Yield steps in the order in which one of them is next."""
    case = of.case
    if case.role == UNKNOWN or case.state == moves.NEEDS_CUSTOMER:
        yield "customer"
    if case.role == "processor" and not case.instruction:
        yield from ("customer",) if case.last("customer.named") is None else ()
        yield from ("instruct", "refer") if case.state == moves.REFERRED else ("refer", "instruct")
    if case.state == moves.CLARIFYING:
        yield "clarified"
    if case.whom == "agent":
        yield "authority"
    if case.whom == "parent":
        yield "parent"
    if of.unproven and not case.instruction:
        yield from {"code": ("check-code",), "points": ("match",)}.get(of.asked, ())
        yield from ("accept",) if of.asked or of.proof.doubt_first else ("send-code", "match", "accept")
        yield from ("send-code", "decide") if case.state != moves.UNVERIFIED else ("decide",)
    if case.kind.needs_plan and case.last("planned") is None:
        yield "plan"
    yield from ("redacted", "decide", "carry-out", "answer", "close")


def _whose(of: Standing) -> Iterator[str]:
    case, may = of.case, of.may
    if "customer.named" in may and (case.role != "controller" or case.state in OPEN_TO_OTHERS):
        yield "customer"
    if case.role == "processor" and case.last("customer.named") is not None and "referred" in may:
        yield "refer"
    if "instructed" in may:
        yield "instruct"


def _who(of: Standing) -> Iterator[str]:
    case, may, shown = of.case, of.may, identity_proof.shown(of.case)
    if not case.open:
        return
    if case.whom == "agent" and case.last("authority.shown") is None and "authority.shown" in may:
        yield "authority"
    if case.whom == "parent" and not shown.parent and "authority.shown" in may:
        yield "parent"
    if not of.unproven or shown.enough(of.proof):
        return
    if "identity.received" in may:
        yield "accept"
        if of.asked == "code":
            yield "check-code"
        yield "match"
        if of.proof.declaration and not shown.declaration:
            yield "declare"
        yield "keep-paper"
    if "identity.asked" in may and of.ours:
        yield from ("send-code", "ask")
    if "identity.failed" in may:
        yield "fail"


def _terms(of: Standing) -> Iterator[str]:
    case, may = of.case, of.may
    if "acknowledged" in may and case.last("acknowledged") is None:
        yield "acknowledge"
    if "clarification.answered" in may:
        yield "clarified"
    if "clarification.asked" in may:
        yield "clarify"
    fresh = "extension.notice" in may and case.last("extension.notice") is None
    if fresh and request_terms.extensible(of.dates):
        yield "extend"
    if "fee.asked" in may and not case.kind.stops:
        yield "fee"
        if any(law.startswith("ch-") for law in case.laws):
            yield "cost"
    if _later(case, "fee.asked", "fee.paid") and "fee.paid" in may:
        yield "paid"
    if _later(case, "cost.told", "cost.confirmed") and "cost.confirmed" in may:
        yield "confirmed"
    if case.open:
        yield "residence"


def _merits(of: Standing) -> Iterator[str]:
    case, may = of.case, of.may
    early = case.last("restricted") is None and case.last("decided") is None
    if early and "restricted" in may and case.kind.name in STOPPED and case.proven:
        yield "hold-off"
    leaves = case.kind.discloses and not case.proven and not case.instruction
    if case.kind.needs_plan and "planned" in may and of.ours and not leaves:
        yield "plan"
    if "redaction.checked" in may and _unlooked(case):
        yield "redacted"
    if "decided" in may and any(not why for why in outcomes(case).values()):
        yield "decide"
    if case.state == moves.DOING:
        yield "carry-out"
    if case.state == moves.ANSWERING:
        yield "answer"
    if "recipient.answered" in may and case.last("recipients.told") is not None:
        yield "recipient"


def _ends(of: Standing) -> Iterator[str]:
    case, may = of.case, of.may
    if "closed" in may and case.state in {moves.ANSWERED, moves.REFERRED, moves.NEEDS_CUSTOMER}:
        yield "close"
    if case.kind.name == "erase" and following.kept(case):
        yield "follow-up"
    if "withdrawn" in may:
        yield "withdraw"
    if "reopened" in may:
        yield "reopen"
    yield "note"


def _unlooked(case: Case) -> bool:
    """Tell whether a package that was made still has to be looked through for data of others."""
    planned, looked = case.last("planned"), case.last("redaction.checked")
    if case.kind.name not in planning.EXPORTS or planned is None or not planned.body.get("blocked"):
        return False
    return bool(planned.body.get("people")) and (looked is None or looked.number < planned.number)


def _later(case: Case, asked: str, came: str) -> bool:
    first_, second = case.last(asked), case.last(came)
    return first_ is not None and (second is None or second.number < first_.number)
