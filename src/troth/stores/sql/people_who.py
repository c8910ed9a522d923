"""Which of the people at hand have a row that satisfies a predicate: one statement, however many they are."""

from __future__ import annotations

from collections.abc import Sequence

import sqlalchemy as sa

from troth.catalog.model import Catalog
from troth.people.entries import Way
from troth.people.manifest import Manifest
from troth.plan.predicates import Predicate
from troth.stores.sql import staged_people, staging
from troth.stores.sql.render import Renderer, table_clause


def who(
    engine: sa.Engine, catalog: Catalog, people: Manifest, dataset: str, ways: Sequence[Way], where: Predicate
) -> frozenset[int]:
    """Return the numbers of the people.

    Raises:
        StoreError: the store does not answer, or lets nobody make a temporary table.
    """
    needed = staged_people.asked(catalog, people, {dataset: tuple(ways)}, [(dataset, where)])
    found: set[int] = set()
    with staging.opened(engine, catalog, people, needed) as (connection, staged):
        renderer = Renderer(catalog, staging=staged)
        for way in ways:
            rows = table_clause(renderer.table(dataset)).alias("troth_rows")
            tables, truth, person = staged.joined(way, dataset, rows)
            query = sa.select(person).distinct().select_from(sa.join(rows, tables, truth))
            query = query.where(renderer.where(dataset, where, rows))
            found.update(number for (number,) in connection.execute(query))
    return frozenset(found)
