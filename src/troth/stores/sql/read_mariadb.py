"""Read the structure of a MariaDB database from information_schema, in eight statements.

A store is one database of the server; others take part where the data map names them, or where their tables refer
into one that does. JSON is a LONGTEXT with a check there, a boolean a TINYINT(1) (mariadb.com/kb, "Data Types").
What a role has no right on at all, the server does not show it.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, LiteralString

import sqlalchemy as sa

from troth.catalog.model import Check, Column, ColumnKind, ForeignKey, Table, TableKind

HISTORY = "system versioning, which keeps every row as it was"
"""Named among the triggers: a row deleted or changed stays readable as history."""
ON_UPDATE = "on update"
"""In a column's declared type: any change of its row sets it to the time of the change."""

_SYSTEM = "('information_schema', 'mysql', 'performance_schema', 'sys')"

_SCHEMAS: LiteralString = (
    f"SELECT schema_name FROM information_schema.schemata WHERE schema_name NOT IN {_SYSTEM} ORDER BY 1"
)

_TABLES: LiteralString = """
SELECT t.table_schema AS db, t.table_name AS name, t.table_type AS type, t.create_options AS options,
       t.table_rows AS rows_there, t.table_schema = DATABASE() AS is_default,
       COALESCE(e.transactions = 'YES', 0) AS transactional
FROM information_schema.tables t LEFT JOIN information_schema.engines e ON e.engine = t.engine
WHERE t.table_schema IN :schemas AND t.table_type IN ('BASE TABLE', 'SYSTEM VERSIONED', 'VIEW') ORDER BY 1, 2
"""

_COLUMNS: LiteralString = """
SELECT c.table_schema AS db, c.table_name AS owner, c.column_name AS name, c.data_type AS type,
       c.column_type AS declared, c.is_nullable = 'YES' AS nullable, c.column_default AS given, c.extra,
       c.character_maximum_length AS length, c.is_generated = 'ALWAYS' AS computed,
       c.collation_name AS collation, @@collation_database AS usual
FROM information_schema.columns c WHERE c.table_schema IN :schemas ORDER BY 1, 2, c.ordinal_position
"""

_INDEXES: LiteralString = """
SELECT s.table_schema AS db, s.table_name AS owner, s.index_name AS name, s.non_unique = 0 AS is_unique,
       s.column_name, s.sub_part, s.index_type AS type
FROM information_schema.statistics s WHERE s.table_schema IN :schemas ORDER BY 1, 2, 3, s.seq_in_index
"""

_KEYS: LiteralString = """
SELECT k.table_schema AS db, k.table_name AS owner, k.constraint_name AS name, k.column_name,
       k.referenced_table_schema AS other_db, k.referenced_table_name AS other, k.referenced_column_name AS there
FROM information_schema.key_column_usage k
WHERE k.referenced_table_schema IN :schemas ORDER BY 1, 2, 3, k.ordinal_position
"""

_ACTIONS: LiteralString = """
SELECT r.constraint_schema AS db, r.table_name AS owner, r.constraint_name AS name, LOWER(r.delete_rule) AS on_delete
FROM information_schema.referential_constraints r WHERE r.constraint_schema IN :schemas
"""

_CHECKS: LiteralString = """
SELECT c.constraint_schema AS db, c.table_name AS owner, c.constraint_name AS name, c.check_clause AS clause
FROM information_schema.check_constraints c WHERE c.constraint_schema IN :schemas ORDER BY 1, 2, 3
"""

_TRIGGERS: LiteralString = """
SELECT t.event_object_schema AS db, t.event_object_table AS owner, t.trigger_name AS name,
       LOWER(t.event_manipulation) AS event
FROM information_schema.triggers t
WHERE t.event_object_schema IN :schemas AND t.event_manipulation IN ('UPDATE', 'DELETE') ORDER BY 1, 2, 3
"""

_BY_NAME = {
    ColumnKind.TEXT: "char varchar text tinytext mediumtext longtext",
    ColumnKind.INTEGER: "tinyint smallint mediumint int bigint year",
    ColumnKind.NUMBER: "decimal float double",
    ColumnKind.DATE: "date",
    ColumnKind.DATETIME: "datetime",
    ColumnKind.DATETIME_TZ: "timestamp",
    ColumnKind.TIME: "time",
    ColumnKind.UUID: "uuid",
    ColumnKind.INET: "inet4 inet6",
    ColumnKind.JSON: "json",
    ColumnKind.BYTES: "binary varbinary blob tinyblob mediumblob longblob",
    ColumnKind.ENUM: "enum",
}
_KIND_OF = {name: kind for kind, names in _BY_NAME.items() for name in names.split()}
_LENGTHS = {"tinytext": 63}
"""Longest text in characters, where the type counts bytes and the limit is small."""
_BOOLEAN = "tinyint(1)"
_JSON = re.compile(r"json_valid\(`((?:[^`]|``)+)`\)", re.I)
_QUOTED = re.compile(r"`((?:[^`]|``)+)`")
_CHOICE = re.compile(r"'((?:[^']|'')*)'")

Row = sa.Row[Any]
Key = tuple[str, str]
"""Database and table."""


def schemas(connection: sa.Connection) -> tuple[str, ...]:
    """List the databases of the server that are not its own."""
    return tuple(connection.execute(sa.text(_SCHEMAS)).scalars())


def tables(connection: sa.Connection, *, schemas: Sequence[str] | None) -> Iterable[Table]:
    """Read every table and view of the databases; of the one the connection names, where none are given."""
    wanted = list(schemas or [connection.execute(sa.text("SELECT DATABASE()")).scalar_one()])
    keys = _ask(connection, _KEYS, wanted)
    referring = {(key.db, key.owner) for key in keys}
    databases = list(dict.fromkeys([*wanted, *(db for db, _ in sorted(referring))]))
    rows = [
        row
        for row in _ask(connection, _TABLES, databases)
        if row.db in wanted or (row.db, row.name) in referring
    ]
    actions = _ask(connection, _ACTIONS, databases)
    reader = _Reader(
        columns=_grouped(_ask(connection, _COLUMNS, databases)),
        indexes=_grouped(_ask(connection, _INDEXES, databases)),
        keys=_grouped(keys),
        checks=_grouped(_ask(connection, _CHECKS, databases)),
        triggers=_grouped(_ask(connection, _TRIGGERS, databases)),
        actions={(row.db, row.owner, row.name): row.on_delete for row in actions},
        named={(row.db, row.name): row.name if row.is_default else f"{row.db}.{row.name}" for row in rows},
    )
    return [reader.table(row, outside=row.db not in wanted) for row in rows]


def _ask(connection: sa.Connection, statement: LiteralString, databases: Sequence[str]) -> Sequence[Row]:
    query = sa.text(statement).bindparams(sa.bindparam("schemas", databases, expanding=True))
    return connection.execute(query).all()


def _grouped(rows: Iterable[Row]) -> Mapping[Key, list[Row]]:
    found: dict[Key, list[Row]] = defaultdict(list)
    for row in rows:
        found[row.db, row.owner].append(row)
    return found


class _Reader:
    """The answers of the statements, and how tables are made of them."""

    def __init__(
        self,
        *,
        columns: Mapping[Key, list[Row]],
        indexes: Mapping[Key, list[Row]],
        keys: Mapping[Key, list[Row]],
        checks: Mapping[Key, list[Row]],
        triggers: Mapping[Key, list[Row]],
        actions: Mapping[tuple[str, str, str], str],
        named: Mapping[Key, str],
    ) -> None:
        self.columns, self.indexes, self.keys = columns, indexes, keys
        self.checks, self.triggers, self.actions, self.named = checks, triggers, actions, named

    def table(self, row: Row, *, outside: bool) -> Table:
        at = (row.db, row.name)
        documents = {name for check in self.checks.get(at, []) for name in _JSON.findall(check.clause)}
        columns = tuple(_column(c, json=c.name in documents) for c in self.columns.get(at, []))
        view = row.type == "VIEW"
        return Table(
            name=self.named[at],
            table=row.name,
            schema=None if row.is_default else row.db,
            kind=TableKind.VIEW if view else _kind(row),
            columns=columns,
            primary_key=next((key.columns for key in self._indexed(at) if key.name == "PRIMARY"), ()),
            uniques=self._uniques(at, whole=True),
            partial_uniques=self._uniques(at, whole=False),
            checks=tuple(self._checked(at, columns)),
            foreign_keys=tuple(self._foreign_keys(at)),
            triggers=tuple(self._fired(at, row)),
            transactional=view or bool(row.transactional),
            outside=outside,
            indexes=tuple(dict.fromkeys(key.columns for key in self._indexed(at) if key.ordered)),
            rows=None if view else row.rows_there,
        )

    def _indexed(self, at: Key) -> list[_Index]:
        parts: dict[str, list[Row]] = defaultdict(list)
        for row in self.indexes.get(at, []):
            parts[row.name].append(row)
        return [_Index(rows) for rows in parts.values()]

    def _uniques(self, at: Key, *, whole: bool) -> tuple[tuple[str, ...], ...]:
        """List what is unique over whole values, or else over their beginnings."""
        found = (i for i in self._indexed(at) if i.unique and i.name != "PRIMARY" and i.whole is whole)
        return tuple(sorted({index.columns for index in found}))

    def _checked(self, at: Key, columns: Sequence[Column]) -> Iterator[Check]:
        names = {column.name for column in columns}
        for row in self.checks.get(at, []):
            if not _JSON.fullmatch(row.clause):
                mentioned = [n for n in dict.fromkeys(_unquoted(row.clause)) if n in names]
                yield Check(text=row.clause, columns=tuple(mentioned), name=row.name)

    def _foreign_keys(self, at: Key) -> Iterator[ForeignKey]:
        parts: dict[str, list[Row]] = defaultdict(list)
        for row in self.keys.get(at, []):
            if (row.other_db, row.other) in self.named:
                parts[row.name].append(row)
        for name, rows in parts.items():
            yield ForeignKey(
                columns=tuple(row.column_name for row in rows),
                target=self.named[rows[0].other_db, rows[0].other],
                target_columns=tuple(row.there for row in rows),
                on_delete=self.actions.get((*at, name), "restrict"),
                name=name,
            )

    def _fired(self, at: Key, row: Row) -> Iterator[str]:
        for trigger in self.triggers.get(at, []):
            yield f"{trigger.name} ({trigger.event})"
        if row.type == "SYSTEM VERSIONED":
            yield f"{HISTORY} (update, delete)"


class _Index:
    """One index, of the rows that tell its columns in order."""

    def __init__(self, rows: Sequence[Row]) -> None:
        self.name: str = rows[0].name
        self.unique = bool(rows[0].is_unique)
        self.columns: tuple[str, ...] = tuple(row.column_name for row in rows if row.column_name)
        self.whole = all(row.sub_part is None and row.column_name for row in rows) and rows[0].type != "HASH"
        self.ordered = rows[0].type == "BTREE"


def _kind(row: Row) -> TableKind:
    return TableKind.PARTITIONED if "partitioned" in (row.options or "") else TableKind.TABLE


def _column(row: Row, *, json: bool) -> Column:
    kind = ColumnKind.JSON if json else _KIND_OF.get(row.type, ColumnKind.OTHER)
    if row.declared == _BOOLEAN:
        kind = ColumnKind.BOOLEAN
    counted = row.type in ("char", "varchar")
    choices = (text.replace("''", "'") for text in _CHOICE.findall(row.declared))
    return Column(
        name=row.name,
        kind=kind,
        declared=_declared(row),
        nullable=bool(row.nullable),
        length=int(row.length) if counted else _LENGTHS.get(row.type),
        generated=bool(row.computed) or "GENERATED" in row.extra,
        has_default=row.given not in (None, "NULL") or "auto_increment" in row.extra,
        choices=tuple(choices) if kind is ColumnKind.ENUM else (),
    )


def _declared(row: Row) -> str:
    """Spell the type with what changes how it behaves: an unusual collation, a clock of its own."""
    unusual = row.collation and row.collation != row.usual
    parts = [row.declared, *([f"collate {row.collation}"] if unusual else [])]
    if ON_UPDATE in row.extra.lower():
        parts.append(row.extra.lower())
    return " ".join(parts)


def _unquoted(clause: str) -> Iterator[str]:
    return (name.replace("``", "`") for name in _QUOTED.findall(clause))
