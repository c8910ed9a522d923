"""Set, or clear, the columns in which an application keeps that somebody objected; then look again."""

from __future__ import annotations

from collections.abc import Mapping

import sqlalchemy as sa
from sqlalchemy.exc import SQLAlchemyError

from troth.catalog.model import Catalog, ColumnKind
from troth.people.entries import Way
from troth.people.manifest import Manifest
from troth.stores.sql import staged_people, staging, staging_tables
from troth.stores.sql.render import Renderer, table_clause
from troth.stores.sql.trouble import explain

SET: Mapping[ColumnKind, object] = {
    ColumnKind.BOOLEAN: True,
    ColumnKind.INTEGER: 1,
    ColumnKind.NUMBER: 1,
    ColumnKind.TEXT: "objected",
}
CLEAR: Mapping[ColumnKind, object] = {
    ColumnKind.BOOLEAN: False,
    ColumnKind.INTEGER: 0,
    ColumnKind.NUMBER: 0,
    ColumnKind.TEXT: None,
}


def mark(
    engine: sa.Engine,
    catalog: Catalog,
    people: Manifest,
    ways: Mapping[str, tuple[Way, ...]],
    columns: Mapping[str, str],
    *,
    objected: bool,
) -> tuple[int, int]:
    """Set or clear one column for each dataset, in one transaction.

    Args:
        engine: Open for writing.
        catalog: The store's structure.
        people: Who objected.
        ways: By which rows are theirs.
        columns: By dataset, the column.
        objected: Set it; else clear it.

    Returns:
        How many rows are the people's, and how many of these are not as wanted afterwards.

    Raises:
        StoreError: the database refuses; nothing is changed.
    """
    own = {name: ways[name] for name in columns if ways.get(name) and catalog.dataset(name) is not None}
    try:
        with engine.connect().execution_options(sqlite_begin="IMMEDIATE") as connection:
            staging.in_memory(connection)
            with connection.begin():
                staged = staging.stage(connection, catalog, people, staged_people.asked(catalog, people, own))
                renderer = Renderer(catalog, staging=staged)
                rows = wrong = 0
                for name, listed in own.items():
                    table = renderer.table(name)
                    column = table.column(columns[name])
                    source = table_clause(table)
                    mine = sa.or_(*(renderer.where(name, way.where, source) for way in listed))
                    count = sa.select(sa.func.count()).select_from(source).where(mine)
                    if column is None or column.kind not in SET:
                        wrong += int(connection.scalar(count) or 0)
                        continue
                    value = (SET if objected else CLEAR)[column.kind]
                    connection.execute(sa.update(source).values({column.name: value}).where(mine))
                    here = source.c[column.name]
                    fits = here.is_(None) if value is None else here == value
                    rows += int(connection.scalar(count) or 0)
                    wrong += int(connection.scalar(count.where(sa.or_(sa.not_(fits), fits.is_(None)))) or 0)
                if catalog.dialect != "postgresql":
                    staging_tables.unstage(connection, staged)
        return rows, wrong
    except SQLAlchemyError as error:
        raise explain(error, catalog.store) from error
