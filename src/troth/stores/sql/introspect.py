"""Read the structure of a live store into a Catalog.

One statement to a few per store, whatever the number of tables. Reads names, types, keys and constraints,
never rows; the one exception is `text_layout`, which looks at how times are written in a column.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Iterable, Sequence
from typing import NamedTuple

import sqlalchemy as sa

from troth.catalog.model import Catalog, Table
from troth.errors import StoreError
from troth.plan.dates import EPOCH
from troth.stores.sql import read_mariadb, read_postgresql, read_sqlite
from troth.stores.sql.trouble import explain


class _Known(NamedTuple):
    """A structure, with what the database said when it was read or last found to be the same."""

    snapshot: str
    mark: str
    catalog: Catalog


LAYOUT_SAMPLE = 500
REMEMBERED = 16
"""Structures a process remembers."""
OURS = ("troth_batches", "troth_people_batches", "troth_stage")
"""Tables of these names, or that begin with them and `_`, are Troth's own; so is a schema `troth`."""

_KNOWN: dict[tuple[str, str, tuple[str, ...]], _Known] = {}
"""Structures of PostgreSQL databases."""
_LAYOUTS = (
    ("date", re.compile(r"\d{4}-\d{2}-\d{2}")),
    ("datetime-space", re.compile(r"\d{4}-\d{2}-\d{2} \d{2}:\d{2}(:\d{2}(\.\d+)?)?")),
    ("datetime-T", re.compile(r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(:\d{2}(\.\d+)?)?")),
    ("datetime-T-Z", re.compile(r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(:\d{2}(\.\d+)?)?Z")),
)


def read(engine: sa.Engine, store: str, *, schemas: Sequence[str] | None = None) -> Catalog:
    """Read the structure of a store: looked at each time, read anew only where PostgreSQL wrote something of it.

    Args:
        engine: An open store; one read-only transaction is used.
        store: The store's name in the data map.
        schemas: PostgreSQL schemas to look at, all but the system's own when None or empty; or databases of a MariaDB
            server, the one the URL names when None or empty.

    Raises:
        StoreError: The store refuses, or a named schema does not exist.
    """
    try:
        with engine.connect() as connection:
            if engine.dialect.name == "sqlite":
                tables = read_sqlite.tables(connection)
            elif engine.dialect.name == "mariadb":
                _require(schemas or (), read_mariadb.schemas(connection), store)
                tables = read_mariadb.tables(connection, schemas=schemas or None)
            else:
                # Each question sees one moment by itself; a transaction around it would cost two ways more.
                alone = connection.execution_options(isolation_level="AUTOCOMMIT")
                return _of_postgresql(alone, store, tuple(schemas or ()))
    except sa.exc.SQLAlchemyError as error:
        raise explain(error, store) from error
    return _catalog(store, engine.dialect.name, tables)


def _of_postgresql(connection: sa.Connection, store: str, schemas: tuple[str, ...]) -> Catalog:
    """Read a database; one that is known is asked if anything was written, then if anything of its structure."""
    key = (store, str(connection.engine.url), schemas)
    known = _KNOWN.get(key)
    # Asked before the answers: what is written in between makes the next one another.
    snapshot = read_postgresql.snapshot(connection)
    if known is not None and known.snapshot == snapshot:
        return known.catalog
    mark = read_postgresql.mark(connection)
    if known is None or known.mark != mark:
        known = _Known(snapshot, mark, _looked(connection, store, schemas))
    _KNOWN[key] = known._replace(snapshot=snapshot)
    while len(_KNOWN) > REMEMBERED:
        _KNOWN.pop(next(iter(_KNOWN)), None)
    return known.catalog


def _looked(connection: sa.Connection, store: str, schemas: tuple[str, ...]) -> Catalog:
    if schemas:
        _require(schemas, read_postgresql.schemas(connection), store)
    return _remembered(store, read_postgresql.look(connection, schemas=schemas or None))


@functools.lru_cache(maxsize=REMEMBERED)
def _remembered(store: str, answers: read_postgresql.Answers) -> Catalog:
    """Make a catalog of what a database says; the very same one where it says the same again.

    What is worked out from a catalog can then be remembered with it (`stores.sql.memory`).
    """
    return _catalog(store, "postgresql", read_postgresql.tables(answers))


def _catalog(store: str, dialect: str, tables: Iterable[Table]) -> Catalog:
    kept = {table.name: table for table in tables if not _is_ours(table)}
    return Catalog(store=store, dialect=dialect, tables=dict(sorted(kept.items())))


def text_layout(engine: sa.Engine, table: Table, column: str) -> str:
    """Tell how times are written in a text or integer column, from a sample of its values.

    Returns:
        One of `date`, `datetime-space`, `datetime-T`, `datetime-T-Z`, `epoch-s`, `epoch-ms`, `mixed` (several
        layouts, or one that is not known) and `empty`.
    """
    source = sa.table(table.table, sa.column(column), schema=table.schema)
    wanted = source.c[column]
    query = sa.select(wanted).where(wanted.is_not(None)).limit(LAYOUT_SAMPLE)
    try:
        with engine.connect() as connection:
            values = connection.execute(query).scalars().all()
    except sa.exc.SQLAlchemyError as error:
        raise explain(error, table.name) from error
    return layout_of(values)


def layout_of(values: Iterable[object]) -> str:
    """Tell the one layout all values share; pure half of `text_layout`."""
    found = {_layout(value) for value in values}
    if not found:
        return "empty"
    return found.pop() if len(found) == 1 else "mixed"


def _layout(value: object) -> str:
    text = str(value)
    if re.fullmatch(r"\d+(\.\d+)?", text):
        seconds = float(text)
        if EPOCH[0] <= seconds < EPOCH[1]:
            return "epoch-s"
        return "epoch-ms" if EPOCH[0] <= seconds / 1000 < EPOCH[1] else "mixed"
    return next((name for name, pattern in _LAYOUTS if pattern.fullmatch(text)), "mixed")


def _is_ours(table: Table) -> bool:
    return table.schema == "troth" or any(table.table == o or table.table.startswith(o + "_") for o in OURS)


def _require(wanted: Sequence[str], present: Sequence[str], store: str) -> None:
    missing = [name for name in wanted if name not in present]
    if missing:
        raise StoreError(
            f"Store `{store}`: expected the schema {', '.join(missing)}, found {', '.join(present)}.",
            hint="Correct `schemas` of the store in the data map; names are case-sensitive.",
        )
