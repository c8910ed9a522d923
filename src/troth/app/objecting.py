"""Objections to a purpose (GDPR Art. 21): recorded in their smallest form, asked before every use, decided by people.

A pending or granted objection blocks its purpose and nothing else; keyed digests of the identities are all that is
kept, so that it outlives erasure. Nothing is ever decided by itself.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from troth.app import ledgers, people
from troth.app import project as projects
from troth.app.clock import Clock, Moment
from troth.app.people import Everywhere
from troth.app.project import Project
from troth.app.wishes import Wish
from troth.errors import Refused, StoreError
from troth.evidence.entry import Entry
from troth.ledger.ledger import Ledger
from troth.ledger.objections import BLOCKING, ObjectionRecord
from troth.people import places, typed
from troth.people.manifest import Manifest
from troth.people.typed import Identity, Known, Line
from troth.problems import BadInput, Problem, nearest
from troth.stores.sql import object_marks
from troth.stores.sql.people import SqlPeople

Answer = Literal["blocked", "free", "unreadable"]
DECISIONS = ("granted", "refused")
SOURCE = "<standard input>"
PAGE = 1_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Ask:
    """An objection as somebody brought it, or its decision."""

    purpose: str
    by: str
    decide: str = ""
    because: str = ""


@dataclass(frozen=True, kw_only=True)
class Objected:
    """What is recorded now."""

    record: ObjectionRecord
    again: bool
    """It was recorded before."""
    marked: int
    """Rows whose marker column is as wanted."""
    unmarked: int
    """Rows in which it is not."""
    unreachable: tuple[StoreError, ...] = ()
    """Stores in which no marker could be set: give the command again."""


def record(ask: Ask, wish: Wish, folder: Path, environment: Mapping[str, str], clock: Clock) -> Objected:
    """Record an objection, or decide one; done again it adds identities found since, and sets markers again.

    Somebody whom no store has can object too.

    Raises:
        BadInput: the project, an identity, the purpose or the decision cannot be used.
        Refused: not one person is meant, or the objection has been decided already.
    """
    at = clock.now()
    project = projects.load(folder, at.date())
    _check(project, ask)
    with (
        people.everywhere(project, environment, Moment(at=at), readonly=False) as where,
        ledgers.opened(folder, environment, clock) as ledger,
    ):
        selected = people.select(where, wish)
        if len(selected.closure.people) > 1:
            raise Refused(
                "One person was expected; the identities lead to several.", hint="Give one at a time."
            )
        known = {one.identity for one in selected.asked}
        known |= {one for person in selected.manifest.people for one in person.identities}
        id, again = _kept(ledger, ask, known, clock)
        rows, wrong, failed = _marked(where, selected.manifest, ask, ledger, id)
        return Objected(
            record=ledger.objections.read(id)[0], again=again, marked=rows, unmarked=wrong, unreachable=failed
        )


def check(
    lines: Iterable[str], purpose: str, folder: Path, environment: Mapping[str, str], clock: Clock
) -> Iterator[tuple[int, Answer]]:
    """Answer for each line, by its number, whether its identity may be used for a purpose.

    A bare e-mail address is taken as one; what cannot be read must not be used either.

    Raises:
        BadInput: the project or the purpose cannot be used.
    """
    project = projects.load(folder, clock.now().date())
    _check(project, Ask(purpose=purpose, by=""))
    known = _known(project)
    with ledgers.opened(folder, environment, clock) as ledger:
        page: list[tuple[int, Identity | None]] = []
        for number, line in enumerate(lines, 1):
            if line.strip():
                page.append((number, _read(line, number, known)))
            if len(page) >= PAGE:
                yield from _answered(ledger, page, purpose)
                page = []
        yield from _answered(ledger, page, purpose)


def allowed(identity: str, purpose: str, folder: Path, environment: Mapping[str, str], clock: Clock) -> bool:
    """Tell whether an identity, as `email:…`, may be used for a purpose; one that cannot be read may not."""
    return [answer for _, answer in check([identity], purpose, folder, environment, clock)] == ["free"]


@contextmanager
def asking(purpose: str, folder: Path, environment: Mapping[str, str], clock: Clock) -> Iterator[_Gate]:
    """Open the ledger once, and ask it of many identities.

    Raises:
        BadInput: the project or the purpose cannot be used.
    """
    project = projects.load(folder, clock.now().date())
    _check(project, Ask(purpose=purpose, by=""))
    with ledgers.opened(folder, environment, clock) as ledger:
        yield _Gate(ledger, purpose, _known(project))


@dataclass(frozen=True)
class _Gate:
    ledger: Ledger
    purpose: str
    known: Known

    def allows(self, identity: str) -> bool:
        """Tell whether an identity may be used."""
        page = [(1, _read(identity, 1, self.known))]
        return [answer for _, answer in _answered(self.ledger, page, self.purpose)] == ["free"]


def listed(folder: Path, environment: Mapping[str, str], clock: Clock) -> tuple[ObjectionRecord, ...]:
    """Return every objection, oldest first."""
    with ledgers.opened(folder, environment, clock) as ledger:
        return ledger.objections.read()


def _kept(ledger: Ledger, ask: Ask, known: set[Identity], clock: Clock) -> tuple[int, bool]:
    """Write the objection down, and its decision where there is one, with evidence in the same transaction."""
    at = clock.now()
    with ledger.writing():
        staff = ledger.staff.identify(ask.by, at=at)
        found = ledger.objections.of(known, ask.purpose).values()
        blocking = max((id for id, decision in found if decision in BLOCKING), default=None)
        if blocking is None:
            id = ledger.objections.add(ask.purpose, known, at=at, by=staff)
            body = {"objection": f"objection:{id}", "purpose": ask.purpose, "by": f"staff:{staff}"}
            ledger.append(Entry(kind="objection.made", at=at, body={**body, "identities": len(known)}))
        else:
            id = blocking
            ledger.objections.extend(id, ask.purpose, known)
        if ask.decide:
            if not ledger.objections.decide(id, ask.decide, ask.because, at=at, by=staff):
                raise Refused(f"objection:{id} has been decided already.", hint="Nothing was changed.")
            body = {"objection": f"objection:{id}", "decision": ask.decide, "by": f"staff:{staff}"}
            ledger.append(Entry(kind="objection.decided", at=at, body=body))
        ledger.checkpoint(at=at)
    return id, blocking is not None


def _marked(
    where: Everywhere, whom: Manifest, ask: Ask, ledger: Ledger, id: int
) -> tuple[int, int, tuple[StoreError, ...]]:
    """Set the marker columns of the purpose, or clear them when the objection was refused."""
    named = where.project.datamap.datasets.items()
    columns = {name: d.objected[ask.purpose] for name, d in named if ask.purpose in d.objected}
    objected = ledger.objections.read(id)[0].decision in BLOCKING
    rows = wrong = 0
    failed = list(where.sql.unreachable.values()) if columns else []
    for store in where.stores.values():
        if isinstance(store, SqlPeople) and any(store.catalog.dataset(name) is not None for name in columns):
            try:
                found = object_marks.mark(
                    store.engine, store.catalog, whom, where.ways, columns, objected=objected
                )
                rows, wrong = rows + found[0], wrong + found[1]
            except StoreError as error:
                failed.append(error)
    return rows, wrong, tuple(failed)


def _read(line: str, number: int, known: Known) -> Identity | None:
    text = line.strip()
    bare = "@" in text and ":" not in text and "/" not in text
    found, _ = typed.read([Line(source=SOURCE, line=number, text=f"email:{text}" if bare else text)], known)
    return found[0].identity if found else None


def _answered(
    ledger: Ledger, page: list[tuple[int, Identity | None]], purpose: str
) -> Iterator[tuple[int, Answer]]:
    asked = {identity for _, identity in page if identity is not None}
    found = ledger.objections.of(asked, purpose)
    for number, identity in page:
        if identity is None:
            yield number, "unreadable"
        else:
            yield number, "blocked" if found.get(identity, (0, ""))[1] in BLOCKING else "free"


def _known(project: Project) -> Known:
    datamap = project.datamap
    kinds = (*places.declared_kinds(datamap), "email", "phone")
    return Known(
        kinds=tuple(dict.fromkeys(kinds)), subjects=tuple(datamap.subjects), region=places.region(datamap)
    )


def _check(project: Project, ask: Ask) -> None:
    """Refuse a purpose nobody declared, and a decision that is none or has no reason."""
    valid = dict.fromkeys(project.policy.purposes)
    for store in project.datamap.stores.values():
        valid |= dict.fromkeys(purpose for listed in store.roles.values() for purpose in listed)
    for dataset in project.datamap.datasets.values():
        valid |= dict.fromkeys(dataset.objected)
    problems = []
    if ask.purpose not in valid:
        problems.append(_bad("--purpose names no purpose of the project.", ask.purpose, tuple(valid)))
    if ask.decide and ask.decide not in DECISIONS:
        problems.append(_bad("--decide is no decision.", ask.decide, DECISIONS))
    if ask.decide and not ask.because.strip():
        hint = "Write why: the person must be told (GDPR Art. 12(4))."
        problems.append(Problem(code="bad-value", message="A decision has no reason.", hint=hint))
    if problems:
        raise BadInput(problems)


def _bad(message: str, found: str, valid: tuple[str, ...]) -> Problem:
    close = nearest(found, valid)
    return Problem(
        code="unknown-name",
        message=message,
        found=found,
        valid=valid,
        nearest=close,
        hint="Name one of them.",
    )
