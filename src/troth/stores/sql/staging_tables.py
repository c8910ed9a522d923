"""Temporary tables for people, and what fills them: no statement repeats a value, no log keeps one.

Values go in by COPY on PostgreSQL, into memory on SQLite; see `staging_mariadb` for its own. The number of statements
depends on entries, never on people.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import sqlalchemy as sa
from sqlalchemy.exc import DBAPIError

from troth.catalog.model import Catalog
from troth.stores.sql import common_values, staging_mariadb, staging_values
from troth.stores.sql.memory import remembered
from troth.stores.sql.render import table_clause
from troth.stores.sql.staged_people import TABLE, Shape, StagedPeople
from troth.stores.sql.staging_values import OWN, SPELT


def unstage(connection: sa.Connection, staged: StagedPeople) -> None:
    """Drop the temporary tables: on SQLite they outlive a transaction, with all that is in them."""
    names = [f"{TABLE}{number}" for number in range(len(staged.shapes))]
    for name in (*names, *(common_values.table(staged, one).name for one in staged.commons)):
        connection.exec_driver_sql(f"{dropping(staged.catalog)} {_schema(staged.catalog)}{name}")


def dropping(catalog: Catalog) -> str:
    """Begin a statement that drops a temporary table; MariaDB commits when it is not said to be one."""
    return f"DROP {'TEMPORARY ' if catalog.dialect == 'mariadb' else ''}TABLE IF EXISTS"


def fill(connection: sa.Connection, target: sa.TableClause, rows: Iterable[tuple[object, ...]]) -> None:
    """Put rows into a temporary table: by COPY on PostgreSQL, which no statement log repeats."""
    if connection.dialect.name == "postgresql":
        _copy(connection, f"COPY {target.schema}.{target.name} FROM STDIN", rows)
        return
    names = [column.name for column in target.c]
    values = [dict(zip(names, row, strict=True)) for row in rows]
    if values:
        connection.execute(sa.insert(target), values)


def _copy(connection: sa.Connection, command: str, rows: Iterable[tuple[object, ...]]) -> None:
    """Send rows past SQLAlchemy, whose errors the driver's become all the same."""
    cursor: Any = connection.connection.cursor()
    try:
        with cursor, cursor.copy(command) as copy:
            for row in rows:
                copy.write_row(row)
    except connection.dialect.loaded_dbapi.Error as error:
        raise DBAPIError(command, None, error) from error


def make(connection: sa.Connection, staged: StagedPeople, *, drop: bool, first: str) -> None:
    """Create the tables: one statement for all where the driver takes several."""
    commands = remembered(
        staged.catalog,
        ("create", staged.outline, drop),
        lambda: [
            *(_create(connection, staged, wanted, drop=drop) for wanted in staged.shapes),
            *(common_values.created(staged, one, drop=drop) for one in staged.commons),
        ],
    )
    if staged.catalog.dialect == "postgresql":
        connection.exec_driver_sql(";\n".join([first, *commands] if first else commands))
        return
    unstage(connection, staged)
    for command in commands:
        connection.exec_driver_sql(command)


def _create(connection: sa.Connection, staged: StagedPeople, wanted: Shape, *, drop: bool) -> str:
    dialect = staged.catalog.dialect
    name = f"{_schema(staged.catalog)}{TABLE}{staged.shapes.index(wanted)}"
    end = " ON COMMIT DROP" if drop and dialect == "postgresql" else ""
    entry = staged.entries[wanted.entry]
    integer = "bigint" if dialect != "sqlite" else "integer"
    if dialect == "mariadb":
        return _create_in_mariadb(connection, staged, wanted, name)
    if wanted.forms == (SPELT,):
        ranges = ", lo text, hi text" if dialect == "postgresql" else ""
        return f"CREATE TEMPORARY TABLE {name} (person integer, spelling text, number {integer}{ranges}){end}"
    types = [staging_values.declared(dialect, one) for one in wanted.forms]
    if OWN not in wanted.forms:
        columns = ", ".join(f"c{n} {kind}" for n, kind in enumerate(types))
        return f"CREATE TEMPORARY TABLE {name} (person integer, {columns}){end}"
    subject = staged.catalog.dataset(entry.dataset)
    assert subject is not None
    source = table_clause(subject)
    parts: list[Any] = [sa.cast(sa.null(), sa.Integer).label("person")]
    for n, (column, one) in enumerate(zip(entry.columns, wanted.forms, strict=True)):
        typed = sa.literal_column(f"CAST(NULL AS {types[n]})") if one is not OWN else source.c[column]
        parts.append(typed.label(f"c{n}"))
    empty = sa.select(*parts).select_from(source).where(sa.false())
    made = empty.compile(dialect=connection.dialect, compile_kwargs={"literal_binds": True})
    return f"CREATE TEMPORARY TABLE {name}{end} AS {made}"


def _create_in_mariadb(connection: sa.Connection, staged: StagedPeople, wanted: Shape, name: str) -> str:
    if wanted.forms == (SPELT,):
        return staging_mariadb.spelt(name)
    entry = staged.entries[wanted.entry]
    subject = staged.catalog.dataset(entry.dataset)
    numbered = tuple(enumerate(wanted.forms))
    declared = [f"c{n} {staging_values.declared('mariadb', one)}" for n, one in numbered if one is not OWN]
    own = None
    if OWN in wanted.forms:
        assert subject is not None
        source = table_clause(subject)
        kept = [source.c[entry.columns[n]].label(f"c{n}") for n, one in numbered if one is OWN]
        own = staging_mariadb.empty(source, kept)
    first = subject.column(entry.columns[0]) if subject and wanted.forms[0] is OWN else None
    columns = ["person integer", *declared]
    return staging_mariadb.keyed(name, connection.dialect, columns, own, first)


def _schema(catalog: Catalog) -> str:
    return "temp." if catalog.dialect == "sqlite" else "pg_temp." if catalog.dialect == "postgresql" else ""
