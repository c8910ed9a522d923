"""Identities compared inside the store: what SQL makes of a column, and when a value counts as verified.

The spellings it is compared with come from `people.normal.spellings`. SQLite gets Python's own normal form for what
is not plain ASCII; PostgreSQL has NFKC in UTF-8 databases, and lower case beyond ASCII where it was built with ICU;
MariaDB has lower case in every alphabet, and no NFKC.
"""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass
from typing import Any
from weakref import WeakKeyDictionary

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import TEXT as PG_TEXT
from sqlalchemy.sql.elements import ColumnElement

from troth.catalog.model import Column, ColumnKind, Table
from troth.people import normal
from troth.people.kinds import Family
from troth.stores.sql import find_ranges
from troth.stores.sql.find_ranges import Order

NUMBERS = frozenset({ColumnKind.INTEGER, ColumnKind.NUMBER})
DATES = frozenset({ColumnKind.DATE, ColumnKind.DATETIME, ColumnKind.DATETIME_TZ})
YES = ("1", "t", "true", "y", "yes")
BLANKS = " \t\n\r\f\v"
_BLANKS: ColumnElement[Any] = sa.literal_column(r"E' \t\n\r\f\013'")
"""The same as PostgreSQL writes them."""
PLAIN = "*[^ -~]*"
"""GLOB that finds anything beyond printable ASCII."""
NORMALIZES = (13,)
"""The first PostgreSQL with `normalize()`."""
LARGEST = 2**63 - 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Matcher:
    """How one store compares."""

    dialect: str
    folds: bool = True
    """PostgreSQL: a UTF-8 database of a version that has NFKC."""
    icu: bool = True
    """PostgreSQL: lower case beyond ASCII, whatever the database's own collation."""

    @property
    def ranges(self) -> bool:
        """Tell whether an index can find an address in all its spellings."""
        return self.dialect == "postgresql" and self.folds

    def order(self, family: Family, table: Table, column: str) -> Order | None:
        """Return the index by which values of a family are found in all their spellings, where there is one."""
        return find_ranges.order(table, column) if family is Family.EMAIL and self.ranges else None

    @property
    def exact(self) -> bool:
        """Tell whether letters beyond ASCII are compared without regard to case."""
        return self.dialect == "sqlite" or (self.folds and self.icu)

    @property
    def misses(self) -> str:
        """Say what is not found though it is there; empty where nothing is known to be."""
        if self.dialect == "mariadb":
            return (
                "does not join accents to letters: an address stored as letter and accent apart is not found by "
                "the letter that has it."
            )
        return "" if self.exact else "cannot compare letters beyond ASCII without regard to case."

    def same(
        self, family: Family, column: Column, value: ColumnElement[Any], wanted: sa.FromClause
    ) -> ColumnElement[bool]:
        """Compare a column with what is wanted: numbers as numbers, anything else in its spelling."""
        if compares_numbers(family, column):
            return value == wanted.c.number
        return self.form(family, column, value) == wanted.c.spelling

    def form(self, family: Family, column: Column, value: ColumnElement[Any]) -> ColumnElement[Any]:
        """Bring a column's value near its normal form."""
        text = sa.cast(value, sa.Text)
        match family:
            case Family.EMAIL:
                return self._email(text)
            case Family.PHONE:
                return self._phone(text)
            case Family.IP:
                return self._ip(column, value)
            case _:
                return value if column.kind is ColumnKind.TEXT and self.dialect != "mariadb" else text

    def _email(self, text: ColumnElement[Any]) -> ColumnElement[Any]:
        if self.dialect == "sqlite":
            special = text.op("GLOB", is_comparison=True)(sa.literal_column(f"'{PLAIN}'"))
            return sa.case(
                (special, sa.func.troth_email(_bytes(text))), else_=sa.func.lower(sa.func.trim(text))
            )
        if self.dialect == "mariadb":
            return sa.func.lower(_trimmed(text))
        folded = sa.func.normalize(text, sa.literal_column("NFKC")) if self.folds else text
        cased: ColumnElement[Any] = sa.cast(folded, PG_TEXT)
        cased = sa.collate(cased, "und-x-icu") if self.icu else cased
        slow = sa.func.btrim(sa.func.lower(cased), _BLANKS)
        return sa.case((_plain(text), _plainly(text)), else_=sa.collate(slow, "C")) if self.folds else slow

    def _phone(self, text: ColumnElement[Any]) -> ColumnElement[Any]:
        if self.dialect == "sqlite":
            return sa.func.troth_digits(_bytes(text))
        if self.dialect == "mariadb":
            plus = sa.case((_trimmed(text).like("+%"), "+"), else_="")
            return sa.func.concat(plus, sa.func.regexp_replace(text, "[^0-9]", ""))
        plus = sa.case((sa.func.btrim(text, _BLANKS).like("+%"), "+"), else_="")
        return plus.concat(sa.func.regexp_replace(text, "[^0-9]", "", "g"))

    def _ip(self, column: Column, value: ColumnElement[Any]) -> ColumnElement[Any]:
        if self.dialect == "sqlite":
            return sa.func.troth_ip(_bytes(sa.cast(value, sa.Text)))
        if self.dialect == "mariadb":
            bare = _trimmed(sa.cast(value, sa.Text))
            address = sa.func.inet6_ntoa(sa.func.inet6_aton(sa.func.regexp_replace(bare, r"[\[\]]", "")))
            return sa.func.coalesce(address, sa.func.lower(bare))
        if column.kind is ColumnKind.INET:
            return sa.func.host(value)
        return sa.func.lower(sa.func.btrim(sa.cast(value, sa.Text), _BLANKS))

    def verified(self, column: Column, value: ColumnElement[Any]) -> ColumnElement[bool]:
        """Say that a value is verified: a yes, a number above zero, or the date on which it was."""
        filled = sa.and_(value.is_not(None), sa.cast(value, sa.Text) != "")
        if column.kind in DATES:
            return filled
        text = sa.func.lower(sa.cast(value, sa.Text))
        dated = sa.or_(text.like("19__-__-__%"), text.like("20__-__-__%"))
        return sa.and_(filled, sa.or_(text.in_(YES), dated))

    def read(self, value: ColumnElement[Any]) -> ColumnElement[Any]:
        """Read a value as text; `text` makes it one in Python."""
        text = sa.cast(value, sa.Text)
        return _bytes(text) if self.dialect == "sqlite" else text


def _trimmed(text: ColumnElement[Any]) -> ColumnElement[Any]:
    """Take blanks off both ends on MariaDB, whose TRIM knows one character at a time.

    Blanks within become spaces: no identity has any, and an expression would cost ten times as much.
    """
    for blank in BLANKS.strip(" "):
        text = sa.func.replace(text, sa.literal(blank), sa.literal(" "))
    return sa.func.trim(text)


def _plain(text: ColumnElement[Any]) -> ColumnElement[bool]:
    """Say of a UTF-8 text on PostgreSQL that it is ASCII, with no blank at either end."""
    last_blank: ColumnElement[Any] = sa.literal_column(str(ord(" ")))
    return sa.and_(
        sa.func.octet_length(text) == sa.func.char_length(text),
        sa.func.ascii(text) > last_blank,
        sa.func.ascii(sa.func.right(text, sa.literal_column("1"))) > last_blank,
    )


def _plainly(text: ColumnElement[Any]) -> ColumnElement[Any]:
    """Lower plain ASCII, of which Unicode would make the same at six times the cost, and compare it by its bytes."""
    return sa.func.lower(sa.collate(sa.cast(text, PG_TEXT), "C"))


def _bytes(text: ColumnElement[Any]) -> ColumnElement[Any]:
    """Hand text over as bytes: SQLite keeps what is no UTF-8, and Python's driver would stumble over it."""
    return sa.cast(text, sa.LargeBinary)


def text(value: object) -> str:
    """Return what a store handed over as text."""
    return value.decode("utf-8", errors="replace") if isinstance(value, bytes) else str(value)


def compares_numbers(family: Family, column: Column) -> bool:
    """Tell whether values are compared as numbers."""
    return column.kind in NUMBERS and family not in (Family.PHONE, Family.IP, Family.EMAIL)


def number(text: str) -> int | None:
    """Return the whole number a value stands for, where a database can hold it."""
    if not (text.isascii() and text.lstrip("-").isdigit() and text.count("-") == int(text[0] == "-")):
        return None
    value = int(text)
    return value if -LARGEST <= value <= LARGEST else None


def teach(connection: sa.Connection) -> None:
    """Give a SQLite connection the functions it lacks."""
    raw: object = connection.connection.dbapi_connection
    if isinstance(raw, sqlite3.Connection):
        raw.create_function("troth_email", 1, _formed(Family.EMAIL), deterministic=True)
        raw.create_function("troth_ip", 1, _formed(Family.IP), deterministic=True)
        raw.create_function("troth_digits", 1, _digits, deterministic=True)


def _formed(family: Family) -> Any:
    def formed(value: object) -> str | None:
        return None if value is None else normal.normal(family, text(value))

    return formed


def _digits(value: object) -> str | None:
    return None if value is None else normal.digits(text(value))


def ask(connection: sa.Connection) -> Matcher:
    """See what the store can compare."""
    dialect = connection.dialect.name
    if dialect == "sqlite":
        return Matcher(dialect=dialect)
    if dialect == "mariadb":
        return Matcher(dialect=dialect, folds=False)
    if connection.dialect not in _ASKED:
        _ASKED[connection.dialect] = _asked(connection)
    return _ASKED[connection.dialect]


_ASKED: WeakKeyDictionary[sa.Dialect, Matcher] = WeakKeyDictionary()
"""What PostgreSQL databases can do, asked once for each engine."""


def _asked(connection: sa.Connection) -> Matcher:
    collations = sa.table("pg_collation", sa.column("collname"), schema="pg_catalog")
    icu = sa.select(collations.c.collname).where(collations.c.collname == "und-x-icu").exists()
    utf8 = sa.func.getdatabaseencoding() == "UTF8"
    unicode, has = connection.execute(sa.select(utf8, icu)).one()
    folds = bool(unicode) and (connection.dialect.server_version_info or (0,)) >= NORMALIZES
    return Matcher(dialect=connection.dialect.name, folds=folds, icu=bool(unicode and has))
