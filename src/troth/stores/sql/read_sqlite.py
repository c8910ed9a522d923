"""Read the structure of a SQLite file from its schema table and pragma functions.

SQLite takes any word for a type, so kinds come from the declared word first and from the affinity rules
(sqlite.org/datatype3.html §3.1) second. CHECK constraints and triggers are read from their SQL.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, LiteralString

import sqlalchemy as sa

from troth.catalog.model import Check, Column, ColumnKind, ForeignKey, Table, TableKind

_TABLES: LiteralString = """
SELECT l.name, l.type, l.wr, m.sql FROM pragma_table_list l
JOIN sqlite_master m ON m.name = l.name AND m.type IN ('table', 'view')
WHERE l.schema = 'main' AND l.name NOT LIKE 'sqlite\\_%' ESCAPE '\\' ORDER BY l.name
"""
_COLUMNS: LiteralString = """
SELECT m.name AS owner, c.name, c.type, c."notnull", c.dflt_value, c.pk, c.hidden
FROM sqlite_master m, pragma_table_xinfo(m.name) c WHERE m.type IN ('table', 'view') ORDER BY m.name, c.cid
"""
_KEYS: LiteralString = """
SELECT m.name AS owner, k.id, k.seq, k."table" AS target, k."from" AS own, k."to" AS other, k.on_delete
FROM sqlite_master m, pragma_foreign_key_list(m.name) k WHERE m.type = 'table'
ORDER BY m.name, k.id DESC, k.seq
"""
_INDEXES: LiteralString = """
SELECT m.name AS owner, l.name, l."unique" AS is_unique, l.origin, l.partial, i.name AS column_name
FROM sqlite_master m, pragma_index_list(m.name) l, pragma_index_info(l.name) i
WHERE m.type = 'table' ORDER BY m.name, l.seq, i.seqno
"""
_TRIGGERS: LiteralString = (
    "SELECT name, tbl_name, sql FROM sqlite_master WHERE type = 'trigger' ORDER BY name"
)
_COUNTS: LiteralString = "SELECT tbl, stat FROM sqlite_stat1"

_TOKEN = re.compile(
    r"""\s+|--[^\n]*|/\*.*?\*/|'(?:[^']|'')*'|"(?:[^"]|"")*"|`(?:[^`]|``)*`|\[[^\]]*\]|[\w$]+|<>|[<>!=]=|\|\||.""",
    re.DOTALL,
)

_WORDS = (
    ("BOOL", ColumnKind.BOOLEAN),
    ("DATETIME", ColumnKind.DATETIME),
    ("TIMESTAMP", ColumnKind.DATETIME),
    ("DATE", ColumnKind.DATE),
    ("TIME", ColumnKind.TIME),
    ("JSON", ColumnKind.JSON),
    ("UUID", ColumnKind.UUID),
    ("GUID", ColumnKind.UUID),
    ("UNIQUEIDENTIFIER", ColumnKind.UUID),
    ("INTERVAL", ColumnKind.OTHER),
    ("POINT", ColumnKind.OTHER),
    ("INT", ColumnKind.INTEGER),
    ("CHAR", ColumnKind.TEXT),
    ("CLOB", ColumnKind.TEXT),
    ("TEXT", ColumnKind.TEXT),
    ("STRING", ColumnKind.TEXT),
    ("BLOB", ColumnKind.BYTES),
    ("BINARY", ColumnKind.BYTES),
    ("BYTEA", ColumnKind.BYTES),
    ("REAL", ColumnKind.NUMBER),
    ("FLOA", ColumnKind.NUMBER),
    ("DOUB", ColumnKind.NUMBER),
)

Row = sa.Row[Any]


def tables(connection: sa.Connection) -> Iterable[Table]:
    """Read every table and view of the file."""
    reader = _Reader(connection)
    return [reader.table(row) for row in connection.execute(sa.text(_TABLES)).all()]


def kind_of(declared: str) -> ColumnKind:
    """Tell what a declared type means; a column without one takes text like any other value."""
    word = declared.upper()
    if not word:
        return ColumnKind.TEXT
    return next((kind for part, kind in _WORDS if part in word), ColumnKind.NUMBER)


class _Reader:
    """The answers of the bulk statements, and how tables are made of them."""

    def __init__(self, connection: sa.Connection) -> None:
        self.columns = _grouped(connection, _COLUMNS)
        self.keys = _grouped(connection, _KEYS)
        self.indexes = _grouped(connection, _INDEXES)
        self.names = {name.lower(): name for name in self.columns}
        self.triggers: dict[str, list[str]] = defaultdict(list)
        for row in connection.execute(sa.text(_TRIGGERS)):
            if event := _event(row.sql):
                self.triggers[row.tbl_name.lower()].append(f"{row.name} ({event})")
        self.counts = _counts(connection)

    def table(self, found: Row) -> Table:
        name, sql = found.name, found.sql or ""
        kind = _table_kind(found.type, sql)
        key = self.primary_key(name)
        rows = [row for row in self.columns.get(name, []) if row.hidden != 1]
        text_only = kind is TableKind.VIRTUAL or found.type == "virtual"
        alias = _rowid_alias(rows, without_rowid=bool(found.wr))
        return Table(
            name=name,
            table=name,
            kind=kind,
            columns=tuple(_column(row, text_only=text_only, is_rowid=row.name == alias) for row in rows),
            primary_key=key,
            uniques=self._uniques(name, key, whole=True),
            partial_uniques=self._uniques(name, key, whole=False),
            checks=tuple(_checks(sql, [row.name for row in rows])) if kind is TableKind.TABLE else (),
            foreign_keys=tuple(self._foreign_keys(name, sql)),
            triggers=tuple(self.triggers.get(name.lower(), ())),
            without_rowid=bool(found.wr),
            indexes=tuple(dict.fromkeys(self._index_columns(name).values())),
            rows=self.counts.get(name),
        )

    def primary_key(self, name: str) -> tuple[str, ...]:
        rows = sorted((row for row in self.columns.get(name, []) if row.pk), key=lambda row: int(row.pk))
        return tuple(row.name for row in rows)

    def _index_columns(self, name: str, *, unique: bool = False) -> Mapping[str, tuple[str, ...]]:
        found: dict[str, tuple[str, ...]] = {}
        for row in self.indexes.get(name, []):
            if row.column_name is not None and (row.is_unique or not unique):
                found[row.name] = (*found.get(row.name, ()), row.column_name)
        return found

    def _uniques(self, name: str, key: tuple[str, ...], *, whole: bool) -> tuple[tuple[str, ...], ...]:
        """List what is unique in the whole table, or else what is so in part or by an expression."""
        rows = self.indexes.get(name, [])
        part = {row.name for row in rows if row.partial or row.column_name is None}
        found = self._index_columns(name, unique=True).items()
        return tuple(
            sorted({columns for index, columns in found if columns != key and (index in part) is not whole})
        )

    def _foreign_keys(self, name: str, sql: str) -> Iterator[ForeignKey]:
        by_id: dict[int, list[Row]] = defaultdict(list)
        for row in self.keys.get(name, []):
            by_id[row.id].append(row)
        for rows in by_id.values():
            target = self.names.get(rows[0].target.lower())
            if target is None:
                continue
            declared = [row.other for row in rows]
            yield ForeignKey(
                columns=tuple(self._spelled(name, row.own) for row in rows),
                target=target,
                target_columns=self.primary_key(target)
                if None in declared
                else tuple(self._spelled(target, other) for other in declared),
                on_delete=rows[0].on_delete.lower(),
                deferrable=bool(re.search(r"\bINITIALLY\s+DEFERRED\b", sql, re.IGNORECASE)),
            )

    def _spelled(self, table: str, column: str) -> str:
        """Return a column's name as its table spells it: SQLite matches names without regard to case."""
        return next((r.name for r in self.columns[table] if r.name.lower() == column.lower()), column)


def _grouped(connection: sa.Connection, statement: LiteralString) -> Mapping[str, list[Row]]:
    found: dict[str, list[Row]] = defaultdict(list)
    for row in connection.execute(sa.text(statement)):
        found[row.owner].append(row)
    return found


def _counts(connection: sa.Connection) -> Mapping[str, int]:
    """Read ANALYZE's estimates where there are any."""
    if not connection.scalar(sa.text("SELECT count(*) FROM sqlite_master WHERE name = 'sqlite_stat1'")):
        return {}
    counts: dict[str, int] = {}
    for row in connection.execute(sa.text(_COUNTS)):
        first = str(row.stat or "").partition(" ")[0]
        if first.isdigit():
            counts[row.tbl] = max(counts.get(row.tbl, 0), int(first))
    return counts


def _table_kind(listed: str, sql: str) -> TableKind:
    """Tell tables apart; a full-text index over another table's content counts as a view of that table."""
    if listed == "virtual":
        outside = re.search(r"\bcontent\s*=\s*(?!'')(?!\"\")\S", sql, re.IGNORECASE)
        return TableKind.VIEW if outside else TableKind.VIRTUAL
    return {"view": TableKind.VIEW, "shadow": TableKind.SHADOW}.get(listed, TableKind.TABLE)


def _rowid_alias(rows: list[Row], *, without_rowid: bool) -> str | None:
    """Return the column that is the rowid: a lone `INTEGER PRIMARY KEY` (sqlite.org/lang_createtable §5)."""
    key = [row for row in rows if row.pk]
    alone = len(key) == 1 and key[0].type.upper() == "INTEGER" and not without_rowid
    return key[0].name if alone else None


def _column(row: Row, *, text_only: bool, is_rowid: bool) -> Column:
    declared = row.type or ""
    return Column(
        name=row.name,
        kind=ColumnKind.TEXT if text_only and not declared else kind_of(declared),
        declared=declared,
        nullable=not (row.notnull or is_rowid),
        generated=row.hidden in (2, 3),
        has_default=row.dflt_value is not None or is_rowid,
    )


def _tokens(sql: str) -> list[str]:
    """Split SQL into tokens without white space and comments."""
    whole = (match[0] for match in _TOKEN.finditer(sql))
    return [token for token in whole if not (token.isspace() or token.startswith(("--", "/*")))]


def _event(sql: str) -> str:
    """Say whether a trigger fires on UPDATE or DELETE; nothing for INSERT."""
    for token in _tokens(sql)[2:]:
        if token.upper() in ("UPDATE", "DELETE", "INSERT"):
            return "" if token.upper() == "INSERT" else token.lower()
    return ""


def _checks(sql: str, columns: list[str]) -> Iterator[Check]:
    """Find the CHECK constraints in CREATE TABLE and the columns each mentions."""
    tokens = _tokens(sql)
    for at, token in enumerate(tokens):
        if token.upper() != "CHECK" or tokens[at + 1 : at + 2] != ["("]:
            continue
        inside = _bracketed(tokens, at + 1)
        named = at >= 2 and tokens[at - 2].upper() == "CONSTRAINT"
        mentioned = {_bare(t).lower() for t in inside}
        yield Check(
            text=f"CHECK ({' '.join(inside)})",
            columns=tuple(c for c in columns if c.lower() in mentioned),
            name=_bare(tokens[at - 1]) if named else "",
        )


def _bracketed(tokens: list[str], start: int) -> list[str]:
    depth = 0
    for at in range(start, len(tokens)):
        depth += {"(": 1, ")": -1}.get(tokens[at], 0)
        if depth == 0:
            return tokens[start + 1 : at]
    return tokens[start + 1 :]


def _bare(token: str) -> str:
    return token[1:-1] if token[:1] in ('"', "`", "[") else token
