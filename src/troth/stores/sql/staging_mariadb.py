"""Temporary tables of MariaDB for people and their rows: made so that no log keeps what is put into them.

A binary log in MIXED format, the server's default, repeats statements that fill temporary tables. A statement whose
outcome nobody can repeat is logged by its rows instead, and rows of temporary tables never are; so is all that
follows in the session (mariadb.com/kb, "Unsafe Statements for Statement-based Replication"). A column that is
filled with `uuid()` makes every insert such a statement. Only what keeps its keys within the CREATE stays in the
transaction: CREATE INDEX would commit it.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.sql.elements import ColumnElement

from troth.catalog.model import Column, ColumnKind

UNLOGGED = "troth_unlogged char(36) DEFAULT (uuid())"
TEXT = "ENGINE=InnoDB CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin"
PREFIX = 190
"""Letters of a text that an index holds."""
_WHOLE = frozenset(
    {ColumnKind.INTEGER, ColumnKind.UUID, ColumnKind.INET, ColumnKind.DATE, ColumnKind.DATETIME}
)


def spelt(name: str) -> str:
    """Write the statement for identities in all spellings."""
    columns = f"person integer, spelling text, number bigint, {UNLOGGED}"
    return f"CREATE TEMPORARY TABLE {name} ({columns}, KEY (spelling({PREFIX})), KEY (number)) {TEXT}"


def keyed(
    name: str, dialect: sa.Dialect, declared: Sequence[str], own: sa.Select[Any] | None, first: Column | None
) -> str:
    """Write the statement for a table whose first column is looked up.

    Args:
        name: What the table is called.
        dialect: How statements are written.
        declared: Columns with their types.
        own: Columns that keep the type of a column of the store, as an empty selection of them.
        first: What `c0` or `k0` was made of, if it was: its type says how it can be indexed.
    """
    parts = [*declared, UNLOGGED]
    column = "k0" if own is not None and "k0" in own.selected_columns else "c0"
    if first is not None and first.kind in _WHOLE:
        parts.append(f"KEY ({column})")
    elif first is not None and first.kind is ColumnKind.TEXT and first.length:
        parts.append(f"KEY ({column}({min(PREFIX, first.length)}))")
    elif first is None and any(one.startswith(f"{column} ") for one in declared):
        kind = next(one for one in declared if one.startswith(f"{column} ")).partition(" ")[2]
        short = kind.startswith(("bigint", "decimal", "varchar(36)", "varchar(64)"))
        parts.append(f"KEY ({column})" if short else f"KEY ({column}({PREFIX}))")
    made = f"CREATE TEMPORARY TABLE {name} ({', '.join(parts)}) {TEXT}"
    if own is None:
        return made
    return f"{made} AS {own.compile(dialect=dialect, compile_kwargs={'literal_binds': True})}"


def empty(source: sa.FromClause, columns: Sequence[ColumnElement[Any]]) -> sa.Select[Any]:
    """Select columns for their types alone."""
    return sa.select(*columns).select_from(source).where(sa.false())
