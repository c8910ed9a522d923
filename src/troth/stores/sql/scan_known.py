"""What only the database itself knows about its tables before a scan: who may read them, and what else holds data."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any, LiteralString

import sqlalchemy as sa

from troth.catalog.model import Catalog, TableKind
from troth.stores.sql.scan_places import DENIED, OUTSIDE, VIEW, Place

FOREIGN = "its rows rest on another server"
LARGE_OBJECTS = "binary objects (pg_largeobject) are not read"
STALE = "a materialized view that was never filled"

_RELATIONS: LiteralString = """
SELECT n.nspname AS schema, n.nspname = current_schema() AS is_default, c.relname AS name, c.relkind::text AS kind,
       c.relispopulated AS filled, has_schema_privilege(n.oid, 'USAGE') AS enters,
       ARRAY(SELECT a.attname::text FROM pg_attribute a WHERE a.attrelid = c.oid AND a.attnum > 0
             AND NOT a.attisdropped AND NOT has_column_privilege(c.oid, a.attnum, 'SELECT')) AS denied
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
        denied = frozenset(row.denied) if row else frozenset()
        columns = tuple((c, read) for c, read in place.columns if c.name not in denied)
        why = _why(row)
        if not why and place.columns and not columns:
            why = DENIED
        if why:
            unlooked.append((place.dataset, why))
            continue
        unlooked += [(f"{place.dataset}.{c.name}", DENIED) for c, _ in place.columns if c.name in denied]
        kept.append(replace(place, columns=columns))
    return kept, unlooked


def _why(row: Any) -> str:
    """Say why a relation is not looked at; a materialized view holds rows of its own, so it is."""
    if row is None:
        return ""
    if not row.enters:
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
