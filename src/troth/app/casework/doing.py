"""Carry out what was decided, in the stores, and look again; a request goes on only when it is really done.

Every kind of request is driven through the rights engine. What is not done yet (a task, a store that did not answer,
data still arriving) leaves the request where it is: the same command, given again, goes on.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from troth.app import choices, erased, known, objecting, rectifying, restricting
from troth.app.casework import desk as desks
from troth.app.casework import planning
from troth.app.casework.desk import Desk
from troth.app.casework.drawers import CERTIFICATE
from troth.app.choices import Made
from troth.app.erased import Erased, Order
from troth.cases import moves
from troth.cases.case import Case
from troth.cases.deciding import GRANTS
from troth.cases.register import Happened
from troth.errors import Refused
from troth.plan.frozen import digest
from troth.problems import BadInput, Problem
from troth.rights import certificate as certificates
from troth.rights.certificate import Certificate
from troth.rights.model import Spared

Progress = Callable[[str, int, int], None]
FINISHED = frozenset({"done", "kept", "not-found"})
UNANSWERED = frozenset(moves.STATES) - {moves.NEEDS_CUSTOMER, moves.REFERRED, moves.ANSWERED, moves.CLOSED}
"""States in which the person still waits for an answer of ours."""
MARKETING = frozenset({"marketing", "advertising", "direct-marketing", "promotion"})
"""Purposes that an objection to marketing stops, by the names policies give them."""
GONE_BY = re.compile(r"last copy gone by (\d{4}-\d{2}-\d{2})")
"""How it is said that a day is known by which no backup holds it; all else is no day."""
CHOICES: Mapping[str, tuple[str, ...]] = {
    "object-marketing": ("marketing",),
    "opt-out-sale": ("sale", "sharing"),
    "limit-sensitive": ("sensitive",),
    "opt-out-automated": ("automated",),
}
"""What is stopped by each kind of request that needs no more said."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ordered:
    """What has to be known besides the request itself, by kind."""

    purpose: str = ""
    """Objection and withdrawal: what is stopped."""
    field: str = ""
    """Rectification: `store.table.column`."""
    value: str = ""
    """The right value; never shown."""
    reason: str = ""
    """Restriction: one of those of GDPR Art. 18(1)."""
    review: str = ""
    allowed: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Carried:
    """What came of it."""

    case: Case
    over: bool
    """Everything that was decided is done."""
    says: str
    erased: Erased | None = None


def carry_out(desk: Desk, id: int, ordered: Ordered, progress: Progress | None = None) -> Carried:
    """Carry out what was decided.

    Raises:
        BadInput: something has to be said that was not.
        Refused: nobody decided, a guard stops it, or somebody else did something meanwhile.
        StoreError: a store does not answer; given again, it goes on.
    """
    case = desk.read(id)
    decided = case.last("decided")
    if case.state != moves.DOING or decided is None or decided.body["outcome"] not in GRANTS:
        raise Refused(
            f"{case.reference} is {case.state}: there is nothing decided that waits to be done.",
            hint=f"`troth request show {id}` says what comes next.",
        )
    name = case.kind.name
    if name in planning.EXPORTS:
        return _package(desk, case)
    if name == "erase":
        return _erase(desk, case, progress or quiet)
    if name in CHOICES or name == "withdraw":
        return _choose(desk, case, ordered)
    return _ENGINE[name](desk, case, ordered) if name in _ENGINE else _by_hand(desk, case)


def until_decided(desk: Desk, id: int, ordered: Ordered) -> Case:
    """Stop the use of somebody's data until their request is decided (GDPR Art. 18(1)(a) and (d)).

    An objection blocks its purpose from now on; disputed accuracy restricts the data.

    Raises:
        BadInput: the purpose cannot be used.
        Refused: the request is of another kind, or it is not proven who asks.
        StoreError: a store does not answer; given again, it goes on.
    """
    case = desk.read(id)
    if case.kind.name not in {"object", "rectify"} or not case.open or case.last("decided"):
        raise Refused(
            f"Use is stopped until a decision for objections and disputed accuracy; {case.reference} is a request "
            f"to {case.kind.says.lower()} in the state {case.state}."
        )
    if not case.proven:
        raise Refused("It is not proven who asks.", hint=f"troth request verify {id} comes first.")
    if case.kind.name == "object":
        found = _objection(desk, case, ordered)
        text = {"purpose": ordered.purpose}
        return desk.add(
            case, Happened(kind="restricted", at=desk.now(), body={"objection": found}, text=text)
        )
    placed = _place(
        desk, case, Ordered(reason="accuracy-contested", review=ordered.review, allowed=ordered.allowed)
    )
    return desk.add(case, Happened(kind="restricted", at=desk.now(), body={"restriction": placed}))


def refused(desk: Desk, case: Case) -> Case:
    """Undo what was only for the time until the decision, where nothing was granted."""
    held = case.last("restricted")
    if held is None or case.last("released") is not None:
        return case
    if "objection" in held.body:
        _decide_objection(desk, case, "refused")
        return desk.add(case, Happened(kind="released", at=desk.now()))
    return desk.add(case, _lifted(desk, str(held.body["restriction"])))


def _lifted(desk: Desk, restriction: str) -> Happened:
    """Lift a restriction that stood until a decision; one that somebody lifted already is lifted."""
    every = restricting.listed(desk.folder, desk.environment, desk.clock, all=False)
    if any(one.reference == restriction for one in every):
        restricting.lift(restriction, desk.folder, desk.environment, desk.clock, by=desk.by)
    return Happened(kind="released", at=desk.now(), body={"restriction": restriction})


def _package(desk: Desk, case: Case) -> Carried:
    planning.package_of(desk, case)
    planned = case.last("planned")
    assert planned is not None
    body = {name: planned.body[name] for name in ("package", "rows", "kept") if name in planned.body}
    grown = desk.add(case, Happened(kind="done", at=desk.now(), body=body))
    return Carried(case=grown, over=True, says="The package is as it was made and decided.")


def _erase(desk: Desk, case: Case, progress: Progress) -> Carried:
    _after_the_copy(desk, case)
    plan = planning.plan_of(desk, case)
    decided = case.last("decided")
    if decided is None or decided.body.get("plan") != plan.hash:
        raise Refused(
            "The plan in the drawer is not the one that was decided.", hint="Work it out and decide again."
        )
    made = erased.apply(plan, desk.folder, desk.environment, desk.clock, Order(by=desk.by), progress)
    seen = made.certificate
    path = desk.drawer(case) / CERTIFICATE
    if seen is not None:
        path.write_text(certificates.dump(seen), encoding="utf-8")
    elif made.again and path.is_file():
        seen = certificates.load(path.read_text(encoding="utf-8"))
    if seen is None or seen.outcome not in FINISHED or seen.tasks:
        return Carried(case=case, over=False, says=_waits(seen), erased=made)
    grown = desk.add(case, Happened(kind="done", at=desk.now(), body=seen_body(case, seen), text=stays(seen)))
    return Carried(case=grown, over=True, says=f"Erased and looked at again: {seen.outcome}.", erased=made)


def _after_the_copy(desk: Desk, case: Case) -> None:
    """Refuse to erase what the same message asks to see before it was answered.

    Raises:
        Refused: when such a request is open.
    """
    with desk.ledger() as ledger:
        of = case.together_with or case.id
        records = (ledger.cases.read(of), *ledger.cases.listed(together_with=of))
        open_ = (one for one in records if one and one.kind in planning.EXPORTS and one.state in UNANSWERED)
        first = next(open_, None)
    if first is not None:
        raise Refused(
            f"case:{first.id} of the same message asks for the data, and has no answer yet.",
            hint=f"Answer case:{first.id} first; the person does not want it: troth request withdraw {first.id}.",
        )


def _waits(seen: Certificate | None) -> str:
    if seen is None:
        return "Nobody looked again, so nothing is proven; the request stays where it is."
    if seen.tasks:
        return f"{len(seen.tasks)} tasks wait for people (`troth task list`); the request stays where it is."
    return f"The erasure is {seen.outcome}; the request stays where it is. The same command goes on."


def seen_body(case: Case, seen: Certificate) -> dict[str, object]:
    """Write what a certificate says as the body of the event `done`."""
    body: dict[str, object] = {
        "plan": seen.plan,
        "certificate": digest(certificates.dump(seen)),
        "rows": sum(one.rows for one in seen.gone),
        "kept": sum(one.rows for one in seen.kept),
        "residues": len(seen.left),
        "tasks": len(seen.tasks),
    }
    if case.instruction:
        body["instruction"] = case.instruction
    if day := GONE_BY.match(seen.last_copy):
        body["backups_gone_by"] = day[1]
    return body


def stays(seen: Certificate) -> dict[str, object]:
    """Return what the answer needs of a certificate; it names no person, and lies with the request all the same."""
    return {
        "gone": [[one.dataset, list(one.fields), one.how] for one in seen.gone],
        "kept": [
            [one.dataset, list(one.fields), one.reason, one.detail, one.ends, one.review] for one in seen.kept
        ],
        "rows": rows_kept(seen.kept),
        "backups": seen.last_copy,
    }


def rows_kept(kept: Iterable[Spared]) -> dict[str, int]:
    """Count the rows that stay by dataset; a row of which several fields stay counts once."""
    by: Counter[tuple[str, tuple[str, ...]]] = Counter()
    for one in kept:
        by[one.dataset, one.fields] += one.rows
    found: dict[str, int] = {}
    for (dataset, _), rows in by.items():
        found[dataset] = max(found.get(dataset, 0), rows)
    return found


def _choose(desk: Desk, case: Case, ordered: Ordered) -> Carried:
    """Record what a person wants stopped; it needs no proof and is done at once."""
    things = CHOICES.get(case.kind.name) or (f"purpose:{_said(ordered.purpose, '--purpose')}",)
    decision = {"withdraw": "withdrawn", "object-marketing": "objected"}.get(case.kind.name, "out")
    first = ""
    for what in things:
        made = Made(what=what, decision=decision, how="case", at=case.received, case=case.id)
        wish = desks.wish(desk.contents(case))
        kept = choices.record(made, wish, desk.folder, desk.environment, desk.clock, by=desk.by)
        first = first or kept.record.reference
    body: dict[str, object] = {"choice": first}
    if case.kind.name == "object-marketing":
        body |= _marketing(desk, case, ordered)
    text = {"things": list(things)}
    grown = desk.add(case, Happened(kind="done", at=desk.now(), body=body, text=text))
    return Carried(case=grown, over=True, says=f"Recorded: {', '.join(things)}.")


def _marketing(desk: Desk, case: Case, ordered: Ordered) -> dict[str, object]:
    """Block the marketing purposes too, so that rows say so where a column is kept for it (GDPR Art. 21(3))."""
    named = known.purposes(desk.project())
    wanted = (ordered.purpose,) if ordered.purpose else tuple(one for one in named if one in MARKETING)
    found: dict[str, object] = {}
    wish = desks.wish(desk.contents(case))
    for purpose in wanted:
        for decision in ("", "granted"):
            because = "objection to marketing is absolute" if decision else ""
            ask = objecting.Ask(purpose=purpose, by=desk.by, decide=decision, because=because)
            made = objecting.record(ask, wish, desk.folder, desk.environment, desk.clock)
            found = {"objection": made.record.reference}
            if made.record.decision == "granted":
                break
    return found


def _restrict(desk: Desk, case: Case, ordered: Ordered) -> Carried:
    placed = _place(desk, case, ordered)
    grown = desk.add(case, Happened(kind="done", at=desk.now(), body={"restriction": placed}))
    return Carried(case=grown, over=True, says=f"Restricted: {placed}.")


def _place(desk: Desk, case: Case, ordered: Ordered) -> str:
    ask = restricting.Ask(
        reason=_said(ordered.reason, "--reason"),
        review=_said(ordered.review, "--review"),
        allowed=ordered.allowed,
        by=desk.by,
    )
    wish = desks.wish(desk.contents(case))
    made = restricting.place(ask, wish, desk.folder, desk.environment, desk.clock)
    if made.failed:
        raise made.failed[0]
    return made.record.reference


def _object(desk: Desk, case: Case, ordered: Ordered) -> Carried:
    made = _objection(desk, case, ordered) if case.last("restricted") is None else ""
    found = _decide_objection(desk, case, "granted", ordered, made=made)
    grown = desk.add(case, Happened(kind="done", at=desk.now(), body={"objection": found}))
    return Carried(case=grown, over=True, says="The objection is upheld: the purpose stays blocked.")


def _objection(desk: Desk, case: Case, ordered: Ordered) -> str:
    ask = objecting.Ask(purpose=_said(ordered.purpose, "--purpose"), by=desk.by)
    made = objecting.record(ask, desks.wish(desk.contents(case)), desk.folder, desk.environment, desk.clock)
    return made.record.reference


def _decide_objection(
    desk: Desk, case: Case, decision: str, ordered: Ordered | None = None, *, made: str = ""
) -> str:
    held = case.last("restricted")
    made = made or str(held.body.get("objection", "") if held else "")
    known_ = objecting.listed(desk.folder, desk.environment, desk.clock)
    if any(one.reference == made and one.decision == decision for one in known_):
        return made
    purpose = ordered.purpose if ordered else ""
    because = "the request was decided"
    with desk.ledger() as ledger:
        if held is not None and held.has_text:
            purpose = str((ledger.cases.text(case.id, held.number) or {}).get("purpose", purpose))
        decided = case.last("decided")
        if decided is not None and decided.has_text:
            because = str((ledger.cases.text(case.id, decided.number) or {}).get("facts", because))
    ask = objecting.Ask(purpose=_said(purpose, "--purpose"), by=desk.by, decide=decision, because=because)
    wish = desks.wish(desk.contents(case))
    return objecting.record(ask, wish, desk.folder, desk.environment, desk.clock).record.reference


def _rectify(desk: Desk, case: Case, ordered: Ordered) -> Carried:
    """Correct, and lift what was restricted until then; rows that lie apart come back first."""
    ask = rectifying.Ask(
        field=_said(ordered.field, "--field"),
        value=_said(ordered.value, "--value-from"),
        by=desk.by,
        apply=True,
    )
    wish = desks.wish(desk.contents(case))
    held = case.last("restricted")
    stands = held is not None and "restriction" in held.body and case.last("released") is None
    try:
        made = rectifying.correct(ask, wish, desk.folder, desk.environment, desk.clock)
    except Refused:
        if held is None or not stands:
            raise
        case, stands = desk.add(case, _lifted(desk, str(held.body["restriction"]))), False
        made = rectifying.correct(ask, wish, desk.folder, desk.environment, desk.clock)
    if not made.applied or made.left or made.unreachable:
        return Carried(
            case=case, over=False, says=f"{made.left} rows still have the old value; nothing is over."
        )
    happened = [Happened(kind="done", at=desk.now(), body={"rows": made.rows}, text={"field": ordered.field})]
    if held is not None and stands:
        happened.append(_lifted(desk, str(held.body["restriction"])))
    grown = desk.add(case, *happened)
    return Carried(case=grown, over=True, says=f"Corrected in {made.rows} places.")


def _by_hand(desk: Desk, case: Case) -> Carried:
    """Complaints, appeals and second looks at automated decisions are done by people: the decision is the work."""
    grown = desk.add(case, Happened(kind="done", at=desk.now()))
    return Carried(case=grown, over=True, says="Done by hand; the answer says what was decided.")


def _said(text: str, option: str) -> str:
    if text.strip():
        return text.strip()
    problem = Problem(
        code="missing-part",
        message=f"{option} is missing.",
        hint=f"Say it with {option}; the request does not.",
    )
    raise BadInput([problem])


def quiet(_store: str, _done: int, _total: int) -> None:
    """Show nothing of how far it is."""


_ENGINE: Mapping[str, Callable[[Desk, Case, Ordered], Carried]] = {
    "restrict": _restrict,
    "object": _object,
    "rectify": _rectify,
}
