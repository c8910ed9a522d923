"""What only the database itself knows about its tables before a scan: who may read them, and what else holds data.

Rows are told apart by their place (`ctid`), which nobody may read who may read only some columns.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, LiteralString

import sqlalchemy as sa

from troth.catalog.model import Catalog, TableKind
from troth.stores.sql.scan_places import DENIED, OUTSIDE, VIEW, Place

FOREIGN = "its rows rest on another server"
LARGE_OBJECTS = "binary objects (pg_largeobject) are not read"
STALE = "a materialized view that was never filled"

_RELATIONS: LiteralString = """
SELECT n.nspname AS schema, n.nspname = current_schema() AS is_default, c.relname AS name, c.relkind::text AS kind,
       c.relispopulated AS filled,
       has_schema_privilege(n.oid, 'USAGE') AND has_table_privilege(c.oid, 'SELECT') AS reads
FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE c.relkind IN ('r', 'p', 'v', 'm', 'f') AND n.nspname NOT LIKE 'pg\\_%' AND n.nspname <> 'information_schema'
"""
_OBJECTS: LiteralString = "SELECT EXISTS (SELECT FROM pg_largeobject_metadata)"


def readable(
    connection: sa.Connection, catalog: Catalog, places: Sequence[Place]
) -> tuple[list[Place], list[tuple[str, str]]]:
    """Leave out what the role may not read, and views; name what the catalog does not show."""
    if catalog.dialect != "postgresql":
        views = [(place.dataset, VIEW) for place in places if place.table.kind is TableKind.VIEW]
        return [place for place in places if place.table.kind is not TableKind.VIEW], views
    found = connection.execute(sa.text(_RELATIONS)).all()
    relations = {(None if row.is_default else row.schema, row.name): row for row in found}
    unlooked = list(_beside(connection, catalog, found))
    kept: list[Place] = []
    for place in places:
        row = relations.get((place.table.schema, place.table.table))
        if why := _why(row):
            unlooked.append((place.dataset, why))
        else:
            kept.append(place)
    return kept, unlooked


def _why(row: Any) -> str:
    """Say why a relation is not looked at; a materialized view holds rows of its own, so it is."""
    if row is None:
        return ""
    if not row.reads:
        return DENIED
    if row.kind == "m" and not row.filled:
        return STALE
    return {"v": VIEW, "f": FOREIGN}.get(str(row.kind), "")


def _beside(
    connection: sa.Connection, catalog: Catalog, relations: Sequence[Any]
) -> Iterator[tuple[str, str]]:
    """Name what holds data, and is no table of the catalog."""
    known = {table.schema for table in catalog.tables.values()}
    for schema in sorted({row.schema for row in relations if not row.is_default} - known - {"troth"}):
        yield f"{catalog.store}.{schema}", OUTSIDE
    if connection.execute(sa.text(_OBJECTS)).scalar_one():
        yield catalog.store, LARGE_OBJECTS
