"""Holds from the command line to the ledger: read the scope, look a person up, place, list, lift."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path

import sqlalchemy as sa
from sqlalchemy.exc import SQLAlchemyError

from troth.app import ledgers, retention, stores
from troth.app import project as projects
from troth.app.clock import Clock
from troth.app.requests import intake
from troth.app.stores import Stores
from troth.catalog.datamap import Subject
from troth.errors import Refused
from troth.evidence.entry import Entry
from troth.holds import register, scopes
from troth.holds.model import Ground, Hold, IdentityScope, Scope, SubjectScope
from troth.plan.world import World
from troth.problems import BadInput, Problem, nearest
from troth.stores.sql.render import table_clause
from troth.stores.sql.trouble import explain

LIFTS = {
    "matter-over": "The matter is over",
    "order-withdrawn": "The court or authority withdrew its order",
    "not-needed": "The review found that it is not needed any more",
    "placed-by-mistake": "It was placed by mistake",
    "replaced": "Another hold takes its place",
}
"""Why a hold is lifted, by code."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """What somebody asks to be held, as they typed it."""

    ground: str
    scope: str
    title: str
    owner: str
    review: str
    by: str


def add(wish: Wish, folder: Path, environment: Mapping[str, str], clock: Clock) -> Hold:
    """Place a hold from now on.

    Raises:
        BadInput: with what is wrong about the wish.
        Refused: when an identity finds several people.
    """
    at = clock.now()
    ground, review = _ground(wish.ground), _day(wish.review)
    scope = scopes.parse(wish.scope)
    project = projects.load(folder, at.date())
    with (
        stores.opened(project, environment, readonly=True) as opened,
        ledgers.opened(folder, environment, clock) as ledger,
    ):
        seen, _ = retention.seen(project, opened, ledger, at)
        placed = _person(scope, seen, opened) if isinstance(scope, IdentityScope) else scope
        order = register.Order(ground=ground, title=wish.title, scope=placed, owner=wish.owner, review=review)
        return register.add(ledger, order, by=wish.by, at=at, seen=seen)


def listed(
    folder: Path, environment: Mapping[str, str], clock: Clock, *, at: datetime, lifted: bool
) -> tuple[Hold, ...]:
    """Return the holds that stand at an instant; with `lifted`, all there ever were."""
    with ledgers.opened(folder, environment, clock) as ledger:
        return register.read(ledger, at=None if lifted else at)


def one(id: str, folder: Path, environment: Mapping[str, str], clock: Clock) -> Hold:
    """Return one hold, lifted or not.

    Raises:
        BadInput: when there is none of that id.
    """
    with ledgers.opened(folder, environment, clock) as ledger:
        return register.one(ledger, id)


def lift(
    id: str, folder: Path, environment: Mapping[str, str], clock: Clock, *, by: str, reason: str = ""
) -> Hold:
    """Lift a hold.

    Raises:
        BadInput: when the reason is none.
        Refused: when there is none of that id, or it has been lifted.
    """
    if reason and reason not in LIFTS:
        raise _bad("A hold is not lifted for such a reason.", reason, tuple(LIFTS))
    with ledgers.opened(folder, environment, clock) as ledger:
        return register.lift(ledger, id, by=by, at=clock.now(), reason=reason)


def read(
    id: str, because: str, folder: Path, environment: Mapping[str, str], clock: Clock, *, by: str
) -> str:
    """Return whom or what a hold covers, as people write it, and write down who read it and why.

    Raises:
        BadInput: when no reason is given, or there is no such hold.
    """
    if not because.strip():
        raise _bad("Whoever reads what a hold covers says why.", "", ("the review of this hold",))
    at = clock.now()
    with ledgers.opened(folder, environment, clock) as ledger, ledger.writing():
        hold = register.one(ledger, id)
        reason = ledger.sealing.digest(intake.plain(because).strip(), use="reason")
        staff = f"staff:{ledger.staff.identify(by, at=at)}"
        ledger.append(Entry(kind="hold.read", at=at, body={"hold": hold.id, "reason": reason, "by": staff}))
        ledger.checkpoint(at=at)
    return scopes.show(hold.scope)


def _ground(text: str) -> Ground:
    valid = tuple(ground.value for ground in Ground)
    if text in valid:
        return Ground(text)
    raise _bad("The ground of a hold is none of those there are.", text, valid)


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise _bad("A date was expected for --review.", text, ("2027-06-30",)) from None


def _bad(message: str, found: str, valid: tuple[str, ...]) -> BadInput:
    close = nearest(found, valid)
    other = f"Write it as {valid[0]}." if valid[0][:1].isdigit() else "Use one of the valid values."
    hint = f"Write `{close}`." if close else other
    problem = Problem(code="bad-value", message=message, found=found, valid=valid, nearest=close, hint=hint)
    return BadInput([problem])


def _person(scope: IdentityScope, seen: World, opened: Stores) -> Scope:
    """Find the one person who has an identity; the identity itself is not kept."""
    kinds = [
        (kind, subject, subject.identities[scope.kind].field)
        for kind, subject in seen.datamap.subjects.items()
        if scope.kind in subject.identities
    ]
    if not kinds:
        names = tuple(sorted({i for s in seen.datamap.subjects.values() for i in s.identities}))
        raise BadInput([_unknown_identity(names)])
    found = [
        SubjectScope(subject=kind, key=key)
        for kind, subject, column in kinds
        for key in _keys(seen, opened, subject, column, scope.value)
    ]
    if len(found) == 1:
        return found[0]
    many = "nobody was" if not found else f"{len(found)} people were"
    raise Refused(
        f"One person with this {scope.kind} was expected; {many} found.",
        hint="Name the person by key, as customer/123; nothing was changed.",
    )


def _unknown_identity(names: tuple[str, ...]) -> Problem:
    return Problem(
        code="bad-scope",
        message="No subject of the data map has an identity of this kind.",
        valid=tuple(f"{name}:…" for name in names),
        hint="Use one of them, or name the person by key, as customer/123.",
    )


def _keys(seen: World, opened: Stores, subject: Subject, column: str, value: str) -> list[tuple[str, ...]]:
    table = seen.table(subject.dataset)
    store = subject.dataset.partition(".")[0]
    if table is None or table.column(column) is None:
        return []
    source = table_clause(table)
    same = sa.func.lower(sa.cast(source.c[column], sa.Text)) == value.lower()
    keys = [sa.cast(source.c[name], sa.Text) for name in subject.key]
    try:
        with opened.engines[store].connect() as connection:
            rows = connection.execute(sa.select(*keys).where(same).limit(100)).all()
    except SQLAlchemyError as error:
        raise explain(error, store) from error
    return [tuple(str(part) for part in row) for row in rows]
