"""What one hold keeps now: rows of every dataset of a database that it covers, counted in the stores.

Reads only. Stores that are no databases are left out and named; a hold that a plan is to respect is asked there too.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.exc import SQLAlchemyError

from troth.app import ledgers, stores
from troth.app import project as projects
from troth.app.requests.steps import Place
from troth.app.stores import Stores
from troth.holds import facts, register
from troth.plan import grounds, world
from troth.plan.predicates import NEVER
from troth.stores.sql.render import Renderer, table_clause
from troth.stores.sql.trouble import explain


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """What a hold keeps now."""

    rows: tuple[tuple[str, int], ...]
    """Dataset and how many of its rows; only those with some."""
    looked: int
    """Datasets that were counted."""
    left_out: tuple[str, ...]
    """Stores that were not."""
    unclear: tuple[str, ...]
    """Why it does not cover what its owner wrote."""


def kept(id: str, at: Place) -> Kept:
    """Count what a hold keeps now; a lifted one keeps nothing.

    Raises:
        BadInput: when there is no such hold, or the project has faults.
        StoreError: when a store does not answer.
    """
    now = at.clock.now()
    project = projects.load(at.folder, now.date())
    with ledgers.opened(at.folder, at.environment, at.clock) as ledger:
        hold = register.one(ledger, id)
    with stores.opened(project, at.environment, readonly=True) as opened:
        seen = stores.world(project, opened, now)
        placed, problems = facts.of([hold], seen)
        counted = list(_counted(seen, opened, placed[0])) if placed else []
    others = tuple(name for name in project.datamap.stores if name not in opened.catalogs)
    unclear = tuple(one.message for one in problems)
    rows = tuple((name, count) for name, count in counted if count)
    return Kept(rows=rows, looked=len(counted), left_out=others, unclear=unclear)


def _counted(seen: world.World, opened: Stores, hold: world.Hold) -> Iterator[tuple[str, int]]:
    for store, catalog in opened.catalogs.items():
        renderer = Renderer(catalog)
        try:
            with opened.engines[store].connect() as connection:
                for name in seen.datamap.datasets:
                    where = grounds.covered(seen, name, hold) if catalog.dataset(name) else NEVER
                    if where == NEVER:
                        continue
                    table = table_clause(renderer.table(name))
                    asked = sa.select(sa.func.count()).select_from(table)
                    found = connection.execute(asked.where(renderer.where(name, where, table)))
                    yield name, int(found.scalar_one())
        except SQLAlchemyError as error:
            raise explain(error, store) from error
