"""A scan for databases that cannot take texts apart themselves: rows stream past, and Python reads what may match.

Memory stays flat. SQLite runs in this very process, so nothing is lost by it; of MariaDB every text goes over the
line, unbuffered.
"""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Callable, Hashable, Iterable, Iterator, Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.exc import DBAPIError

from troth.people.tokens import Spot, Tokens
from troth.stores.sql import places, scan_patterns
from troth.stores.sql.render import table_clause
from troth.stores.sql.scan_places import LONGEST_BINARY, Place, Read

AT_ONCE = 1000
See = Callable[[Hashable, Sequence[Iterable[Spot]]], None]
"""Takes a row's address, and what its columns show."""


def prepare(connection: sa.Connection) -> None:
    """Let texts come as the bytes they are: SQLite keeps what is no UTF-8."""
    raw: object = connection.connection.dbapi_connection
    if isinstance(raw, sqlite3.Connection):
        raw.text_factory = bytes


def look(
    connection: sa.Connection, place: Place, tokens: Tokens, see: See, *, addressed: bool
) -> tuple[int, int]:
    """Read every row of a table once; return the rows and the bytes of text looked at.

    Args:
        connection: The store.
        place: The table.
        tokens: What is looked for.
        see: Told of every row that shows somebody.
        addressed: Say which row it is, too.
    """
    wanted = scan_patterns.patterns(tokens.shapes)
    first = re.compile(wanted.first.encode()) if wanted.first else None
    rows = size = 0
    width = len(place.columns)
    for row in _rows(connection, place, addressed=addressed):
        rows += 1
        values = [_bytes(value) for value in row[:width]]
        body = b"\n".join(values)
        size += len(body)
        odd = b"%" in body or b"\xef\xbc" in body
        at = (wanted.addresses and b"@" in body) or (wanted.within and b":" in body)
        if odd or at or (first and first.search(body)):
            shown = [tokens.spot(value.decode(errors="replace")) if value else () for value in values]
            if any(shown):
                see(tuple(row[width:]), shown)
    return rows, size


def _bytes(value: object) -> bytes:
    if isinstance(value, bytes):
        return value
    return b"" if value is None else str(value).encode(errors="replace")


def _rows(connection: sa.Connection, place: Place, *, addressed: bool) -> Iterator[Sequence[Any]]:
    """Stream past SQLAlchemy's own rows, whose making costs as much as the reading."""
    source = table_clause(place.table)
    columns = [_read(source.c[column.name], read) for column, read in place.columns]
    if addressed:
        columns += places.address(connection.dialect.name, place.table, source)
    query = sa.select(*columns).select_from(source) if columns else sa.select(sa.null()).select_from(source)
    text = str(query.compile(dialect=connection.dialect, compile_kwargs={"literal_binds": True}))
    cursor: Any = _cursor(connection)
    try:
        cursor.execute(text, ())
        while found := cursor.fetchmany(AT_ONCE):
            yield from (row if columns else () for row in found)
    except connection.dialect.loaded_dbapi.Error as error:
        raise DBAPIError(text, None, error) from error
    finally:
        cursor.close()


def _cursor(connection: sa.Connection) -> object:
    raw: Any = connection.connection.dbapi_connection
    if connection.dialect.name != "mariadb":
        return raw.cursor()
    from pymysql.cursors import SSCursor

    return raw.cursor(SSCursor)


def _read(value: sa.ColumnElement[Any], read: Read) -> sa.ColumnElement[Any]:
    """Let digests come in hexadecimal, and long binary values not at all."""
    if read != "bytes":
        return value
    length = sa.func.length(value)
    both = sa.func.hex(value).concat("\n").concat(value)
    return sa.case((length.in_([16, 20, 32]), both), (length <= LONGEST_BINARY, value))
