"""Values made less exact, inside the store: an IP address its network, a date its month or year.

IPv4 keeps 24 bits and IPv6 48, what the European supervisory authorities accept as cutting the link to one line
of a subscriber. PostgreSQL's inet type does it itself, MariaDB has functions on the bytes of an address; text is cut
by pattern; SQLite gets one small function.
"""

from __future__ import annotations

import ipaddress
import sqlite3
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import INET
from sqlalchemy.sql.elements import ColumnElement

from troth.catalog.model import Column, ColumnKind

IPV4_BITS, IPV6_BITS = 24, 48
FUNCTION = "troth_ip_prefix"


def ip_prefix(text: str | None) -> str | None:
    """Return the network address of an IP address; nothing for what is not one."""
    try:
        address = ipaddress.ip_address((text or "").strip())
    except ValueError:
        return None
    bits = IPV4_BITS if address.version == 4 else IPV6_BITS
    return str(ipaddress.ip_network((address, bits), strict=False).network_address)


def teach(connection: sa.Connection) -> None:
    """Give a SQLite connection the function it lacks; other databases need none."""
    raw: object = connection.connection.dbapi_connection
    if isinstance(raw, sqlite3.Connection):
        raw.create_function(FUNCTION, 1, ip_prefix, deterministic=True)


def value(dialect: str, column: Column, source: ColumnElement[Any], to: str) -> ColumnElement[Any]:
    """Render the coarser value; what cannot be read as such goes, and leaves an empty text where it must."""
    coarser = _value(dialect, column, source, to)
    if column.nullable or column.kind is not ColumnKind.TEXT:
        return coarser
    return sa.func.coalesce(coarser, sa.literal(""))


def _value(dialect: str, column: Column, source: ColumnElement[Any], to: str) -> ColumnElement[Any]:
    if to == "ip-prefix":
        return _mariadb_network(source) if dialect == "mariadb" else _network(dialect, column, source)
    if dialect == "mariadb":
        return _mariadb_date(column, source, to)
    if column.kind is ColumnKind.TEXT or dialect == "sqlite":
        length, tail = (7, "-01") if to == "month" else (4, "-01-01")
        shaped = source.op("GLOB")(_MONTH) if dialect == "sqlite" else source.op("~")(r"^\d{4}-\d\d")
        return sa.case((shaped, sa.func.substr(source, 1, length).concat(tail)), else_=sa.null())
    return sa.cast(sa.func.date_trunc(to, source), _TYPES[column.kind])


_MONTH = "[0-9][0-9][0-9][0-9]-[0-9][0-9]*"

_TYPES: dict[ColumnKind, Any] = {
    ColumnKind.DATE: sa.Date(),
    ColumnKind.DATETIME: sa.DateTime(),
    ColumnKind.DATETIME_TZ: sa.DateTime(timezone=True),
}


def differs(dialect: str, column: Column, source: ColumnElement[Any], to: str) -> ColumnElement[bool]:
    """Render that a value is still more exact than it should be."""
    return source.is_distinct_from(value(dialect, column, source, to))


def _mariadb_network(source: ColumnElement[Any]) -> ColumnElement[Any]:
    """Cut the bytes of an address, 4 or 16 of them (mariadb.com/kb, "INET6_ATON"); what is none is NULL."""
    packed = sa.func.inet6_aton(sa.func.trim(sa.cast(source, sa.Text)))
    cut = [
        (
            sa.func.length(packed) == whole,
            sa.func.concat(sa.func.left(packed, kept), sa.func.unhex("00" * rest)),
        )
        for whole, kept, rest in ((4, IPV4_BITS // 8, 1), (16, IPV6_BITS // 8, 10))
    ]
    return sa.func.inet6_ntoa(sa.case(*cut, else_=sa.null()))


def _mariadb_date(column: Column, source: ColumnElement[Any], to: str) -> ColumnElement[Any]:
    """Set a date back to the first of its month or year; marks for no date (`0000-00-00`) stay."""
    if column.kind is ColumnKind.TEXT:
        length, tail = (7, "-01") if to == "month" else (4, "-01-01")
        shaped = source.op("REGEXP", is_comparison=True)(sa.literal(r"^[0-9]{4}-[0-9]{2}"))
        return sa.case((shaped, sa.func.concat(sa.func.left(source, length), tail)), else_=sa.null())
    first = sa.func.date_format(source, "%Y-%m-01" if to == "month" else "%Y-01-01")
    kind = sa.Date() if column.kind is ColumnKind.DATE else sa.DateTime()
    return sa.case((source >= sa.literal("1000-01-01"), sa.cast(first, kind)), else_=source)


def _network(dialect: str, column: Column, source: ColumnElement[Any]) -> ColumnElement[Any]:
    if dialect == "sqlite":
        return sa.func.troth_ip_prefix(source)
    if column.kind is ColumnKind.INET:
        bits = sa.case((sa.func.family(source) == 4, IPV4_BITS), else_=IPV6_BITS)
        masked = sa.func.set_masklen(source, sa.func.least(bits, sa.func.masklen(source)))
        host = sa.func.host(sa.func.network(masked))
        return sa.cast(host, INET)
    return sa.case(
        (source.op("~")(r"^\d{1,3}(\.\d{1,3}){3}$"), sa.func.regexp_replace(source, r"\.\d+$", ".0")),
        (
            source.op("~")(r"^[0-9A-Fa-f]{1,4}(:[0-9A-Fa-f]{1,4}){2}:"),
            sa.func.regexp_replace(source, r"^(([0-9A-Fa-f]{1,4}:){3}).*$", r"\1:"),
        ),
        (source.op("~")(r"^[0-9A-Fa-f:.]*::[0-9A-Fa-f:.]*$"), sa.func.regexp_replace(source, "::.*$", "::")),
        else_=sa.null(),
    )
