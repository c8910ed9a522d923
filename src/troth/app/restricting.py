"""Restrict the processing of people's data (GDPR Art. 18): begin in the ledger, hold, hide in every store, prove.

The ledger knows of a restriction before any store is touched, and the hold stands by then; given again after a crash,
the same command goes on. It stands only once every store is done, and is proven only by reading.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path

from troth.app import ledgers, people, tasks, wishes
from troth.app import project as projects
from troth.app.clock import Clock, Moment
from troth.app.people import Everywhere
from troth.app.wishes import Wish
from troth.apply.people import Question
from troth.errors import Refused, StoreError
from troth.evidence.entry import Entry
from troth.evidence.instants import instant
from troth.holds import register
from troth.holds.model import Ground, SubjectScope
from troth.ledger.ledger import Ledger
from troth.ledger.manifests import prepared
from troth.ledger.restrictions import NewRestriction, RestrictionRecord
from troth.ledger.tasks import TaskRecord
from troth.people import manifest as manifests
from troth.people.manifest import Manifest
from troth.people.typed import Typed
from troth.plan.predicates import either
from troth.problems import BadInput, Problem, nearest
from troth.promises.results import counted
from troth.rights import restrict as rights
from troth.rights.restrict import NOTHING, Means, Order, Placed, Proof, Sight
from troth.rights.tasks import due
from troth.stores.sql import restrict, restrict_postgresql
from troth.stores.sql.people import SqlPeople

USE = "restriction"
ALWAYS_KNOWN = ("legal-claims", "rights-of-others", "public-interest")
"""What goes on by law, GDPR Art. 18(2), whatever a policy names its purposes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ask:
    """What somebody wants restricted, as they typed it."""

    reason: str
    review: str
    allowed: tuple[str, ...]
    by: str
    joined: bool = False


@dataclass(frozen=True, kw_only=True)
class Restricted:
    """A restriction, and what stands in the way of whom."""

    record: RestrictionRecord
    placed: tuple[Placed, ...]
    proof: Proof
    again: bool
    """It stood already, or had been begun."""
    failed: tuple[StoreError, ...] = ()
    """Stores in which nothing could be done; the restriction is begun and does not stand."""
    tasks: tuple[TaskRecord, ...] = ()
    """What waits to be done by hand, where a store can hide nothing."""


@dataclass(frozen=True, kw_only=True)
class _Work:
    """Everything open for work on restrictions."""

    where: Everywhere
    ledger: Ledger
    clock: Clock
    staff: int
    failed: list[StoreError] = field(default_factory=list)

    @property
    def by(self) -> str:
        return f"staff:{self.staff}"

    def databases(self) -> Iterator[SqlPeople]:
        yield from (store for store in self.where.stores.values() if isinstance(store, SqlPeople))

    def order(self, store: str, record: RestrictionRecord) -> Order:
        roles = self.where.project.datamap.stores[store].roles
        named = {role: tuple(purposes) for role, purposes in roles.items()}
        return Order(id=record.reference, roles=named, allowed=frozenset(record.allowed))

    def whom(self, record: RestrictionRecord) -> Manifest:
        return manifests.load(self.ledger.manifests.open(record.manifest))


def place(ask: Ask, wish: Wish, folder: Path, environment: Mapping[str, str], clock: Clock) -> Restricted:
    """Restrict the people some identities name; given again, go on, and take in what has come since.

    Raises:
        BadInput: the project, an identity, the reason, the review or a purpose cannot be used.
        Refused: nobody or not one person is meant, or a store could only do it with harm; nothing is changed.
    """
    at = clock.now()
    project = projects.load(folder, at.date())
    reason, review = rights.reason(ask.reason), _day(ask.review)
    with (
        people.everywhere(project, environment, Moment(at=at), readonly=False) as where,
        ledgers.opened(folder, environment, clock) as ledger,
    ):
        _check_purposes(where, ask.allowed)
        work = _Work(where=where, ledger=ledger, clock=clock, staff=ledger.staff.identify(ask.by, at=at))
        whom, who, others = _meant(work, wish, joined=ask.joined)
        known = next((o for o in others if o.reason == reason and set(o.allowed) == set(ask.allowed)), None)
        _check_stores(work, whom, ask.allowed)
        record = known or _begin(work, ask, whom, who, review=review, at=at)
        placed = tuple(_placed(work, whom, record))
        return _proven(work, record, placed, again=known is not None)


def lift(id: str, folder: Path, environment: Mapping[str, str], clock: Clock, *, by: str) -> int:
    """Lift a restriction exactly; return how many rows or keys it was about.

    Raises:
        Refused: there is none of that id, or it has been lifted.
        StoreError: a store cannot be reached; what was put back elsewhere stays so, and running again goes on.
    """
    at = clock.now()
    project = projects.load(folder, at.date())
    with (
        people.everywhere(project, environment, Moment(at=at), readonly=False) as where,
        ledgers.opened(folder, environment, clock) as ledger,
    ):
        record = _read(ledger, id)
        if where.sql.unreachable:
            raise next(iter(where.sql.unreachable.values()))
        work = _Work(where=where, ledger=ledger, clock=clock, staff=ledger.staff.identify(by, at=at))
        rows = sum(_lifted(work, store, record) for store in work.databases())
        _ended(work, record, rows, by=by)
        return rows


def prove(folder: Path, environment: Mapping[str, str], clock: Clock, *, by: str) -> tuple[Restricted, ...]:
    """Read against every restriction that is open, and keep what was found."""
    at = clock.now()
    project = projects.load(folder, at.date())
    with (
        people.everywhere(project, environment, Moment(at=at), readonly=False) as where,
        ledgers.opened(folder, environment, clock) as ledger,
    ):
        work = _Work(where=where, ledger=ledger, clock=clock, staff=ledger.staff.identify(by, at=at))
        found = [_kept(work, one) for one in ledger.restrictions.read(open=True)]
        ledger.checkpoint(at=clock.now())
        return tuple(found)


def listed(
    folder: Path, environment: Mapping[str, str], clock: Clock, *, all: bool
) -> tuple[RestrictionRecord, ...]:
    """Return the restrictions that are open, or all there ever were."""
    with ledgers.opened(folder, environment, clock) as ledger:
        return ledger.restrictions.read(open=not all)


def _meant(
    work: _Work, wish: Wish, *, joined: bool
) -> tuple[Manifest, frozenset[str], list[RestrictionRecord]]:
    """Say who is meant, how they are known again, and which restrictions they have; moved rows find nobody."""
    asked = wishes.typed_in(wish, work.where.project.datamap)
    named = {digest for one in asked for digest in _digests(work.ledger, _said(one))}
    earlier = [one for one in work.ledger.restrictions.read(open=True) if named & one.who]
    selected = people.select(work.where, wish, joined=joined)
    if selected.closure.found:
        who = frozenset(named | _keyed(work.ledger, work.where, selected.manifest))
        others = [one for one in work.ledger.restrictions.read(open=True) if who & one.who]
        return selected.manifest, who, others
    if earlier:
        return work.whom(earlier[0]), frozenset(named | earlier[0].who), earlier
    raise Refused(
        "Nobody was found, so there is nothing to restrict. That does not say that nothing is there.",
        hint="Look with troth find; nothing was changed.",
    )


def _said(one: Typed) -> str:
    return f"{one.identity.match}\0{one.identity.value}"


def _digests(ledger: Ledger, text: str) -> tuple[str, ...]:
    return ledger.sealing.digests(text, use=USE)


def _keyed(ledger: Ledger, where: Everywhere, whom: Manifest) -> set[str]:
    return {
        digest
        for scope in _scopes(where, whom)
        for digest in _digests(ledger, f"{scope.subject}/\0{chr(0).join(scope.key)}")
    }


def _scopes(where: Everywhere, whom: Manifest) -> Iterator[SubjectScope]:
    """Name the people by the keys of their rows, as holds do."""
    for subject in where.project.datamap.subjects:
        entry = where.known.key(subject)
        for _, values in whom.rows(entry.number):
            yield SubjectScope(subject=subject, key=tuple(str(value) for value in values))


def _check_stores(work: _Work, whom: Manifest, allowed: Sequence[str]) -> None:
    """Refuse before anything is begun what a store would refuse; those without rows of theirs are not asked."""
    for store in work.databases():
        if store.catalog.dialect == "postgresql" and _rows(work, store.name, whom):
            roles = {r: tuple(p) for r, p in work.where.project.datamap.stores[store.name].roles.items()}
            order = Order(id="", roles=roles, allowed=frozenset(allowed))
            with store.engine.connect() as connection:
                restrict_postgresql.check_roles(connection, store.catalog, order)


def _rows(work: _Work, store: str, whom: Manifest) -> dict[str, int]:
    """Count the people's rows in a store, by dataset."""
    ways = {name: w for name, w in work.where.ways.items() if name.partition(".")[0] == store and w}
    asked = [Question(dataset=name, where=either(*(way.where for way in w))) for name, w in ways.items()]
    counts = work.where.stores[store].count(whom, asked)
    return {one.dataset: rows for one, rows in zip(asked, counts, strict=True) if rows}


def _begin(
    work: _Work, ask: Ask, whom: Manifest, who: frozenset[str], *, review: date, at: datetime
) -> RestrictionRecord:
    """Write down that it begins, and hold the data: a plan made from now on keeps it."""
    ledger = work.ledger
    with ledger.writing():
        new = prepared("restrict", manifests.dump(whom), len(whom.people))
        ledger.manifests.keep(new, plan="", by=work.staff, at=at)
        id = ledger.restrictions.begin(
            NewRestriction(
                reason=ask.reason,
                allowed=ask.allowed,
                who=who,
                manifest=new.digest,
                people=len(whom.people),
                review=review,
                by=work.staff,
            ),
            at=at,
        )
        holds = [
            register.add(
                ledger,
                register.Order(
                    ground=Ground.RESTRICTION,
                    title=f"restriction:{id}",
                    scope=scope,
                    owner=ask.by,
                    review=review,
                ),
                by=ask.by,
                at=at,
            ).id
            for scope in _scopes(work.where, whom)
        ]
        ledger.restrictions.holding(id, holds)
    return ledger.restrictions.read(id)[0]


def _placed(work: _Work, whom: Manifest, record: RestrictionRecord) -> Iterator[Placed]:
    """Hide the rows in every store; one that fails is set aside, and the others go on."""
    work.failed.extend(work.where.sql.unreachable.values())
    markers = {n: d.restricted for n, d in work.where.project.datamap.datasets.items() if d.restricted}
    for store in work.databases():
        try:
            if not _rows(work, store.name, whom) and not _stood(work, store):
                continue
            with store.exclusive():
                yield from restrict.place(
                    store.engine,
                    store.catalog,
                    whom,
                    work.where.ways,
                    work.order(store.name, record),
                    markers,
                )
        except StoreError as error:
            work.failed.append(error)


def _stood(work: _Work, store: SqlPeople) -> bool:
    """Tell whether a store of ours hides something already, so that its rows cannot be counted."""
    return store.catalog.dialect != "postgresql" and bool(work.ledger.restrictions.read(open=True))


def _look(work: _Work, whom: Manifest, record: RestrictionRecord) -> Proof:
    """Read in every store; a place nobody could look at is unproven."""
    found = NOTHING
    for closed in work.where.closed:
        found = found.joined(_unseen(closed.what, closed.why))
    for name, store in work.where.stores.items():
        try:
            if isinstance(store, SqlPeople):
                order = work.order(name, record)
                if store.catalog.dialect == "postgresql" and not order.roles and not _rows(work, name, whom):
                    continue
                seen = restrict.prove(store.engine, store.catalog, whom, work.where.ways, order)
                found = found.joined(seen)
            elif not store.describe().can:
                found = found.joined(
                    _unseen(name, "nothing can be hidden there; somebody sees to it by hand")
                )
            else:
                for dataset, rows in _rows(work, name, whom).items():
                    found = found.joined(
                        _unseen(dataset, f"{counted(rows, 'row')}; nothing can be hidden in such a store")
                    )
        except StoreError as error:
            found = found.joined(_unseen(name, error.message))
    return found


def _unseen(dataset: str, why: str) -> Proof:
    return Proof(sights=(Sight(dataset=dataset, reader="", state="unproven", why=why),))


def _proven(work: _Work, record: RestrictionRecord, placed: tuple[Placed, ...], *, again: bool) -> Restricted:
    """Let it stand where every store is done, and keep what was placed and seen."""
    at = work.clock.now()
    with work.ledger.writing():
        if not work.failed:
            work.ledger.restrictions.stands(record.id)
        body = {
            "restriction": record.reference,
            "reason": record.reason,
            "people": record.people,
            "review": record.review.isoformat(),
            "by": work.by,
            "allowed": len(record.allowed),
            "stores": sorted({one.dataset.partition(".")[0] for one in placed}),
            "hidden": _sum(placed, Means.ROW_SECURITY),
            "moved": _sum(placed, Means.QUARANTINE),
            "marked": _sum(placed, Means.MARKER),
            "open": _sum(placed, Means.NONE),
        }
        work.ledger.append(Entry(kind="restriction.placed", at=at, body=body))
    found = _kept(work, record)
    with work.ledger.writing():
        waiting = tasks.by_hand(
            work.ledger, record.reference, _by_hand(work, found.proof), due=due(work.where.world, at), at=at
        )
    work.ledger.checkpoint(at=work.clock.now())
    return Restricted(
        record=found.record,
        placed=placed,
        proof=found.proof,
        again=again,
        failed=tuple(work.failed),
        tasks=waiting,
    )


def _by_hand(work: _Work, proof: Proof) -> Iterator[tuple[str, str]]:
    """Say what nobody but a person can keep from being used: rows in stores that are no databases."""
    for sight in proof.sights:
        store = sight.dataset.partition(".")[0]
        if store in work.where.stores and not isinstance(work.where.stores[store], SqlPeople):
            yield (
                store,
                f"{sight.dataset}: keep the rows of the restricted people from being used ({sight.why})",
            )


def _sum(placed: Sequence[Placed], means: Means) -> int:
    return sum(one.rows for one in placed if one.means is means)


def _kept(work: _Work, record: RestrictionRecord) -> Restricted:
    """Look, and keep what was seen with its instant."""
    proof = _look(work, work.whom(record), record)
    at = work.clock.now()
    state = "unproven" if record.state == "begun" and proof.state == "proven" and work.failed else proof.state
    body = {
        "restriction": record.reference,
        "state": state,
        "checked": instant(at),
        "rows": proof.readable,
        "sights": len(proof.sights),
        "stores": sorted(work.where.stores)[:500],
        "by": work.by,
    }
    with work.ledger.writing():
        work.ledger.restrictions.proven(record.id, state=state, readable=proof.readable, at=at)
        work.ledger.append(Entry(kind="restriction.proven", at=at, body=body))
    return Restricted(record=work.ledger.restrictions.read(record.id)[0], placed=(), proof=proof, again=False)


def _lifted(work: _Work, store: SqlPeople, record: RestrictionRecord) -> int:
    """Put one store back; what another restriction keeps stays hidden all along."""
    others = [o for o in work.ledger.restrictions.read(open=True) if o.id != record.id]
    heir = next((o for o in others if o.who & record.who), None)
    markers = {n: d.restricted for n, d in work.where.project.datamap.datasets.items() if d.restricted}
    with store.exclusive():
        rows = restrict.lift(store.engine, store.catalog, record.reference, heir.reference if heir else "")
        if rows and store.catalog.dialect != "postgresql":
            for one in others:
                order = work.order(store.name, one)
                restrict.place(store.engine, store.catalog, work.whom(one), work.where.ways, order, markers)
    return rows


def _ended(work: _Work, record: RestrictionRecord, rows: int, *, by: str) -> None:
    """Write down that it is over, lift its holds, and forget whom it was about."""
    at = work.clock.now()
    standing = {hold.id for hold in register.standing(work.ledger)}
    with work.ledger.writing():
        work.ledger.restrictions.lifted(record.id, at=at, by=work.staff)
        for hold in record.holds:
            if hold in standing:
                register.lift(work.ledger, hold, by=by, at=at)
        work.ledger.manifests.ended(record.manifest, outcome="lifted", at=at, destroy=True)
        done = tasks.over(work.ledger, record.reference, at=at, by=work.staff)
        back = [
            (one.store, f"{one.store}: let the rows be used again that were kept from it by hand")
            for one in done
        ]
        tasks.by_hand(work.ledger, record.reference, back, due=due(work.where.world, at), at=at)
        body = {"restriction": record.reference, "by": work.by, "rows": rows}
        work.ledger.append(Entry(kind="restriction.lifted", at=at, body=body))
        work.ledger.checkpoint(at=at)


def _read(ledger: Ledger, id: str) -> RestrictionRecord:
    number = id.removeprefix("restriction:")
    found = ledger.restrictions.read(int(number)) if number.isascii() and number.isdigit() else ()
    if not found:
        raise Refused(
            "There is no restriction of that number in this ledger.",
            hint="troth restrict list --all shows every one.",
        )
    if found[0].lifted_at:
        raise Refused(
            f"{found[0].reference} has been lifted already on {found[0].lifted_at:%Y-%m-%d}.",
            hint="Nothing was changed.",
        )
    return found[0]


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        problem = Problem(
            code="bad-value",
            message="The review of a restriction is no date.",
            found=text,
            valid=("2027-06-30",),
            hint="Write the day on which somebody looks at it again.",
        )
        raise BadInput([problem]) from None


def _check_purposes(where: Everywhere, allowed: Sequence[str]) -> None:
    """Refuse a purpose nobody reads for: it would let nobody through, or be a slip of the pen."""
    datamap = where.project.datamap
    valid = dict.fromkeys((*where.project.policy.purposes, *ALWAYS_KNOWN))
    valid |= dict.fromkeys(
        p for store in datamap.stores.values() for listed in store.roles.values() for p in listed
    )
    problems = [
        Problem(
            code="unknown-name",
            message="--allow-purpose names no purpose of the policy or of a declared role.",
            found=name,
            valid=tuple(valid),
            nearest=nearest(name, valid),
            hint="Name one of them.",
        )
        for name in allowed
        if name not in valid
    ]
    if problems:
        raise BadInput(problems)
