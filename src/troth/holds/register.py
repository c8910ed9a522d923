"""Add, read and lift holds in the ledger, each change with its evidence entry in the same transaction.

Evidence holds no personal value: the scope stands in it as a digest keyed and salted for this one hold, owners
as ids. Title and scope are sealed in the ledger. A hold is lifted, never deleted, and a lifted one stays listed.
"""

from __future__ import annotations

import re
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import TYPE_CHECKING

from troth.errors import Refused
from troth.evidence import fields, keys
from troth.evidence.entry import Entry
from troth.holds import facts, scopes
from troth.holds.model import ConditionScope, DatasetScope, Ground, Hold, Scope, SubjectScope
from troth.ledger.records import Holding, NewHolding
from troth.ledger.sealing import Sealing
from troth.plan.world import World
from troth.problems import BadInput, Problem

if TYPE_CHECKING:
    from troth.ledger.ledger import Ledger

SALT = 32
"""Bytes, random for each hold; destroying them unties the evidence from the person."""
SALT_PLACE = "hold/"
LONGEST_TITLE = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """What somebody asks to be held."""

    ground: Ground
    title: str
    scope: Scope
    owner: str
    review: date


def add(ledger: Ledger, order: Order, *, by: str, at: datetime, seen: World | None = None) -> Hold:
    """Place a hold from this instant on; with `seen`, only if its scope fits the data map and the live schema.

    Raises:
        BadInput: with every fault of the order at once.
    """
    if problems := [*_faults(order, at), *(facts.faults(order.scope, seen) if seen else ())]:
        raise BadInput(problems)
    salt = secrets.token_bytes(SALT)
    plain = scopes.encode(order.title.strip(), order.scope)
    with ledger.writing():
        owner, staff = ledger.staff.identify(order.owner, at=at), ledger.staff.identify(by, at=at)
        number = ledger.holdings.add(
            NewHolding(
                ground=order.ground.value,
                sealed=ledger.sealing.seal(plain, place=SALT_PLACE + salt.hex()),
                salt=salt,
                owner=owner,
                review=order.review,
                placed_at=at,
                placed_by=staff,
            )
        )
        digest = keys.digest(ledger.keys.commitments, salt, scopes.show(order.scope).encode())
        body = {
            "hold": f"hold:{number}",
            "ground": order.ground.value,
            "owner": f"staff:{owner}",
            "by": f"staff:{staff}",
            "review": order.review.isoformat(),
            **_evident(order.scope, digest),
        }
        ledger.append(Entry(kind="hold.added", at=at, body=body))
        return _read(ledger, ledger.holdings.read(number))[0]


def lift(ledger: Ledger, id: str, *, by: str, at: datetime, reason: str = "") -> Hold:
    """Lift a hold; what it kept goes only by a plan made afterwards.

    Args:
        ledger: Where it is kept.
        id: As `hold:12`, or `12`.
        by: Who lifts it.
        at: The clock.
        reason: Why, as a code; may be left out.

    Raises:
        Refused: when there is no such hold, or it has been lifted already.
    """
    number = _number(id)
    with ledger.writing():
        found = ledger.holdings.read(number)
        if not found:
            raise Refused(
                f"There is no hold:{number} in this ledger.", hint="`troth hold list --all` shows every hold."
            )
        staff = ledger.staff.identify(by, at=at)
        if not ledger.holdings.lift(number, at=at, by=staff):
            lifted = found[0].lifted_at
            when = f" on {lifted:%Y-%m-%d}" if lifted else ""
            raise Refused(f"hold:{number} has been lifted already{when}.", hint="Nothing was changed.")
        body = {"hold": f"hold:{number}", "by": f"staff:{staff}"} | ({"reason": reason} if reason else {})
        ledger.append(Entry(kind="hold.lifted", at=at, body=body))
        return _read(ledger, ledger.holdings.read(number))[0]


def read(ledger: Ledger, *, at: datetime | None = None) -> tuple[Hold, ...]:
    """Return every hold, oldest first; with `at`, those that stand at that instant."""
    holds = _read(ledger, ledger.holdings.read())
    return tuple(hold for hold in holds if at is None or hold.active(at))


def one(ledger: Ledger, id: str) -> Hold:
    """Return one hold, lifted or not.

    Raises:
        BadInput: when there is none of that id.
    """
    found = _read(ledger, ledger.holdings.read(_number(id)))
    if not found:
        hint = "`troth hold list --all` shows every hold."
        raise BadInput([Problem(code="unknown-name", message=f"There is no hold:{_number(id)}.", hint=hint)])
    return found[0]


def standing(ledger: Ledger) -> tuple[Hold, ...]:
    """Return the holds that have not been lifted: what a plan and every batch must respect."""
    return _read(ledger, ledger.holdings.read(standing=True))


def due(ledger: Ledger, *, on: date) -> tuple[Hold, ...]:
    """Return the holds whose review is due, the longest overdue first."""
    return tuple(sorted((h for h in standing(ledger) if h.due(on)), key=lambda hold: (hold.review, hold.id)))


def _faults(order: Order, at: datetime) -> list[Problem]:
    found = []
    if not order.owner.strip():
        found.append("a hold needs an owner: somebody who answers for it")
    if not order.title.strip() or len(order.title) > LONGEST_TITLE:
        found.append(f"a hold needs a title of 1 to {LONGEST_TITLE} characters, such as a file number")
    if order.review <= at.date():
        found.append(f"the review, {order.review}, must lie after today, {at.date()}")
    hint = "A hold without owner or review date is never lifted."
    return [Problem(code="bad-hold", message=f"{what[0].upper()}{what[1:]}.", hint=hint) for what in found]


def _number(id: str) -> int:
    """Read `hold:12` or `12`."""
    match = re.fullmatch(r"(?:hold:)?([1-9][0-9]{0,8})", id.strip(), re.ASCII)
    if match is None:
        raise Refused(
            "A hold is named by its number, as `hold:12` or `12`; found something else.",
            hint="`troth hold list` shows the numbers.",
        )
    return int(match[1])


def _evident(scope: Scope, digest: str) -> dict[str, object]:
    """Say in evidence what is held, without saying whom or which."""
    match scope:
        case SubjectScope():
            return {"scope": "subject", "subject": digest}
        case ConditionScope():
            return {"scope": "condition", "condition": digest, "datasets": [_place(scope.dataset)]}
        case DatasetScope():
            return {"scope": "dataset", "datasets": [_place(scope.dataset)]}


def _place(dataset: str) -> str:
    return fields.place(*dataset.split(".", 2))


def _read(ledger: Ledger, rows: Sequence[Holding]) -> tuple[Hold, ...]:
    names = ledger.staff.names(*(row.owner for row in rows))
    return tuple(_hold(ledger.sealing, row, names[row.owner]) for row in rows)


def _hold(sealing: Sealing, row: Holding, owner: str) -> Hold:
    title, scope = scopes.decode(sealing.open(row.sealed, place=SALT_PLACE + row.salt.hex()))
    return Hold(
        id=f"hold:{row.id}",
        ground=Ground(row.ground),
        title=title,
        scope=scope,
        owner=owner,
        review=row.review,
        placed_at=row.placed_at,
        lifted_at=row.lifted_at,
    )
