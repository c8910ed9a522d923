"""An erasure from end to end on one database: drafted, counted, sealed and carried out, without ledger or command."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import UTC, datetime

import sqlalchemy as sa

from troth.apply.people import PeopleBatch, Question
from troth.people import entries
from troth.people.entries import Entries
from troth.people.manifest import Manifest, Person
from troth.plan.world import World
from troth.rights import draft as drafting
from troth.rights import holds, seal
from troth.rights.drafted import Draft
from troth.rights.model import ErasurePlan
from troth.stores.sql.people import SqlPeople
from troth.stores.sql.render import table_clause

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)


@dataclass(frozen=True, kw_only=True)
class Erasure:
    """A plan, and what was needed to make it."""

    world: World
    known: Entries
    store: SqlPeople
    people: Manifest
    draft: Draft
    plan: ErasurePlan

    def carry_out(self, people: Manifest | None = None) -> dict[int, int]:
        """Run every step, for everybody or for some; return the rows each touched, by its number."""
        ways = entries.ways(self.known, self.world.datamap, self.world.catalogs, self.world.reaches)
        steps = tuple(
            (number, replace(step, where=holds.filled(self.world, step.dataset, step.where)))
            for number, step in enumerate(self.plan.steps, 1)
        )
        batch = PeopleBatch(
            plan="", number=1, people=people or self.people, steps=steps, ways=ways, at_most={}
        )
        return dict(self.store.erase(batch).rows)

    def left(self) -> dict[str, int]:
        """Count what the steps would still find, by step."""
        found = (
            self.store.count(self.people, [Question(dataset=one.asked.dataset, where=one.asked.where)])[0]
            for one in self.draft.steps
        )
        return {one.step.id: rows for one, rows in zip(self.draft.steps, found, strict=True) if rows}


def manifest(
    world: World, known: Entries, engine: sa.Engine, subject: str, keys: Iterable[object]
) -> Manifest:
    """Read what the manifest of some people holds, by the one key column of their subject."""
    home = known.key(subject)
    live = world.table(home.dataset)
    assert live is not None
    table = table_clause(live)
    people = []
    with engine.connect() as connection:
        for number, key in enumerate(keys, 1):
            query = sa.select(table).where(table.c[home.columns[0]] == key)
            row = connection.execute(query).mappings().one_or_none()
            values = {
                entry.number: (tuple(row[column] for column in entry.columns),)
                for entry in known.of
                if row is not None and entry.dataset == home.dataset
            }
            people.append(Person(number=number, values=values))
    return Manifest(entries=known.of, people=tuple(people))


def plan(
    world: World, engine: sa.Engine, subject: str, keys: Iterable[object], *, said_people: int = 1
) -> Erasure:
    """Draft, count and seal the erasure of some people; `said_people` is how many the plan says it is about."""
    known = entries.entries(world.datamap, world.catalogs, world.reaches)
    ways = entries.ways(known, world.datamap, world.catalogs, world.reaches)
    (catalog,) = world.catalogs.values()
    store = SqlPeople(engine, catalog, lambda: NOW)
    people = manifest(world, known, engine, subject, keys)
    draft = drafting.draft(world, known, ways, {catalog.store: store.describe()}, world.at)
    questions = [Question(dataset=asked.dataset, where=asked.where) for asked in draft.asked]
    counts = dict(zip(draft.asked, store.count(people, questions), strict=True))
    made = seal.seal(world, draft, counts, manifest_digest="0" * 64, people=said_people, simulation=False)
    return Erasure(world=world, known=known, store=store, people=people, draft=draft, plan=made)
