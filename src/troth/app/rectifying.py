"""Correct a wrong value of one person in every database (GDPR Art. 16): tried first, then done, then proven.

The field's own store comes last, so that a correction that stopped half-way finds the wrong value again and goes on.
Evidence has salted digests of both values; the salt stands in the ledger.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from troth.app import ledgers, people, tasks
from troth.app import project as projects
from troth.app.clock import Clock, Moment
from troth.app.people import Everywhere
from troth.app.wishes import Wish
from troth.apply.people import Question
from troth.errors import Refused
from troth.evidence import fields, keys
from troth.evidence.entry import Entry
from troth.evidence.instants import instant
from troth.ledger.tasks import TaskRecord
from troth.people import normal
from troth.people.manifest import Manifest
from troth.people.places import region_of
from troth.plan.predicates import either
from troth.promises.results import counted
from troth.rights import rectify as rights
from troth.rights.model import Unlooked
from troth.rights.rectify import Change, Copy, Field
from troth.rights.tasks import due
from troth.stores.sql import rectify
from troth.stores.sql.people import SqlPeople
from troth.stores.sql.rectify import Corrected, Correction

SALT = 32


@dataclass(frozen=True, slots=True, kw_only=True)
class Ask:
    """What somebody wants corrected."""

    field: str
    value: str
    by: str
    apply: bool
    joined: bool = False


@dataclass(frozen=True, kw_only=True)
class Rectified:
    """What a correction did, or would do."""

    applied: bool
    changes: tuple[Change, ...]
    texts: tuple[Change, ...]
    unlooked: tuple[Unlooked, ...]
    unreachable: bool
    notes: tuple[str, ...] = ()
    tasks: tuple[TaskRecord, ...] = ()
    """What is to be corrected by hand, once it is applied."""

    @property
    def rows(self) -> int:
        """Count the values corrected."""
        return sum(one.rows for one in self.changes)

    @property
    def left(self) -> int:
        """Count the rows that still hold the wrong value."""
        return sum(one.left for one in self.changes)


def correct(ask: Ask, wish: Wish, folder: Path, environment: Mapping[str, str], clock: Clock) -> Rectified:
    """Correct a field and its copies, or say what would change.

    Raises:
        BadInput: the project, the field, the value or an identity cannot be used.
        Refused: not one person is meant, or a store would refuse the value; nothing is changed.
        StoreError: a store stops answering; the same command goes on.
    """
    at = clock.now()
    project = projects.load(folder, at.date())
    wrong = rights.field(project.datamap, ask.field)
    right = rights.value(project.datamap, wrong, ask.value)
    with (
        people.everywhere(project, environment, Moment(at=at), readonly=False) as where,
        ledgers.opened(folder, environment, clock) as ledger,
    ):
        whom = _one(where, wish, joined=ask.joined)
        work = _Work(where, whom, wrong, _correction(where, whom, wrong, right))
        tried = work.run(apply=False)
        if ask.apply and not where.unreachable:
            done = work.run(apply=True)
            with ledger.writing():
                staff = ledger.staff.identify(ask.by, at=at)
                salt = secrets.token_bytes(SALT)
                rows = sum(c.rows for one in done for c in one.changes)
                id = ledger.rectifications.add(ask.field, salt, rows, at=clock.now(), by=staff)
                body = {"rectification": f"rectification:{id}", "by": f"staff:{staff}"}
                entry = {**body, **work.evident(done, ledger.keys.commitments, salt)}
                ledger.append(
                    Entry(
                        kind="rectify.done", at=clock.now(), body={**entry, "checked": instant(clock.now())}
                    )
                )
                made = work.told(done, applied=True)
                day = due(where.world, at)
                waiting = tasks.by_hand(ledger, f"rectification:{id}", work.by_hand(made), due=day, at=at)
                ledger.checkpoint(at=clock.now())
            return replace(made, tasks=waiting)
        return work.told(tried, applied=False)


def _one(where: Everywhere, wish: Wish, *, joined: bool) -> Manifest:
    """Say who is meant; one person exactly."""
    selected = people.select(where, wish, joined=joined)
    if not selected.closure.found:
        raise Refused(
            "Nobody was found, so there is nothing to correct. That does not say that nothing is there.",
            hint="Look with troth find; nothing was changed.",
        )
    if len(selected.closure.people) != 1 or selected.closure.unmatched:
        raise Refused(
            "One person was expected; the identities lead to several, or one of them to nobody.",
            hint="Correct one person at a time; nothing was changed.",
        )
    return selected.manifest


def _correction(where: Everywhere, whom: Manifest, wrong: Field, right: str) -> Correction:
    """Read what the field holds now: one value."""
    store = where.stores.get(wrong.dataset.partition(".")[0])
    ways = where.ways.get(wrong.dataset, ())
    if not isinstance(store, SqlPeople) or store.catalog.dataset(wrong.dataset) is None or not ways:
        raise Refused(
            f"{wrong.dataset} is in no database that is open, or no way leads from it to a person.",
            hint="Name a field of a database that answers; what lies elsewhere is corrected by hand.",
        )
    copy = Copy(dataset=wrong.dataset, column=wrong.column)
    held = rectify.current(store.engine, store.catalog, whom, ways, copy)
    region = region_of(where.project.datamap, wrong.dataset)
    forms = {_form(wrong, text, region) for text in held if text is not None and text != right}
    if len(forms) > 1:
        raise Refused(
            f"The person's rows hold {len(forms)} different values in {wrong.dataset}.{wrong.column}.",
            hint="Which of them is wrong is not clear: correct these rows by hand.",
        )
    wrongs = [text for text in held if text is not None and text != right]
    stood = wrongs[0] if wrongs else (right if right in held else None)
    return Correction(wrong=stood, right=right, family=wrong.family, region=region)


def _form(wrong: Field, text: str, region: str) -> str:
    form = normal.normal(wrong.family, text, region) if wrong.family else None
    return form or text


@dataclass(frozen=True)
class _Work:
    where: Everywhere
    whom: Manifest
    wrong: Field
    correction: Correction

    def run(self, *, apply: bool) -> list[Corrected]:
        """Go through the databases, the field's own last."""
        home = self.wrong.dataset.partition(".")[0]
        datamap = self.where.project.datamap
        copies = rights.copies(datamap, self.where.sql.catalogs, self.wrong)
        if self.correction.wrong is None:
            copies = tuple(
                c for c in copies if (c.dataset, c.column) == (self.wrong.dataset, self.wrong.column)
            )
        texts = tuple(rights.texts(datamap))
        stores = [s for s in self.where.stores.values() if isinstance(s, SqlPeople)]
        done = []
        for store in sorted(stores, key=lambda one: one.name == home):
            own = tuple(
                [c for c in part if store.catalog.dataset(c.dataset) is not None] for part in (copies, texts)
            )
            if own[0] or own[1]:
                with store.exclusive():
                    done.append(
                        rectify.correct(
                            store.engine,
                            store.catalog,
                            self.whom,
                            self.where.ways,
                            (own[0], own[1]),
                            self.correction,
                            apply=apply,
                        )
                    )
        return done

    def told(self, done: list[Corrected], *, applied: bool) -> Rectified:
        """Say what was done, and what nobody could do."""
        notes = []
        if self.wrong.verified:
            notes.append(
                f"{self.wrong.dataset}.{self.wrong.verified} still says that the old value was proven."
            )
        return Rectified(
            applied=applied,
            changes=tuple(c for one in done for c in one.changes if c.rows or c.left),
            texts=tuple(c for one in done for c in one.texts if c.rows),
            unlooked=(*self.where.unlooked, *self._elsewhere()),
            unreachable=self.where.unreachable,
            notes=tuple(notes),
        )

    def _elsewhere(self) -> list[Unlooked]:
        """Name rows in stores that are no databases: a person corrects them."""
        found = []
        for name, store in self.where.stores.items():
            if isinstance(store, SqlPeople):
                continue
            if not store.describe().can:
                found.append(Unlooked(what=f"store {name}", why="to look through and correct by hand"))
                continue
            ways = {n: w for n, w in self.where.ways.items() if n.partition(".")[0] == name and w}
            asked = [Question(dataset=n, where=either(*(way.where for way in w))) for n, w in ways.items()]
            for one, rows in zip(asked, store.count(self.whom, asked), strict=True):
                if rows:
                    found.append(
                        Unlooked(
                            what=one.dataset, why=f"{counted(rows, 'row')} of the person, to correct by hand"
                        )
                    )
        return found

    def by_hand(self, made: Rectified) -> Iterator[tuple[str, str]]:
        """Say what only a person can correct: in stores that are no databases, and in free text."""
        wrong = f"{self.wrong.dataset}.{self.wrong.column}"
        for one in made.unlooked:
            store = one.what.removeprefix("store ").partition(".")[0]
            if store in self.where.stores and not isinstance(self.where.stores[store], SqlPeople):
                yield store, f"{one.what}: correct there too what was corrected in {wrong} ({one.why})"
        for text in made.texts:
            said = f"the old value of {wrong} stands in the free text of {counted(text.rows, 'row')}"
            yield (
                text.dataset.partition(".")[0],
                f"{text.dataset}.{text.column}: {said}; look at it and correct it",
            )

    def evident(self, done: list[Corrected], secret: bytes, salt: bytes) -> dict[str, object]:
        """Write what evidence may hold."""
        changes = [c for one in done for c in one.changes]
        before = _form(self.wrong, self.correction.wrong or "", self.correction.region)
        after = _form(self.wrong, self.correction.right, self.correction.region)
        place = fields.place(*self.wrong.dataset.split(".", 2))
        return {
            "dataset": place,
            "field": fields.place(self.wrong.column),
            "before": keys.digest(secret, salt, before.encode()),
            "after": keys.digest(secret, salt, after.encode()),
            "rows": sum(c.rows for c in changes),
            "datasets": sorted({fields.place(*c.dataset.split(".", 2)) for c in changes if c.rows}),
            "left": sum(c.left for c in changes),
            "free_text": sum(c.rows for one in done for c in one.texts),
        }
