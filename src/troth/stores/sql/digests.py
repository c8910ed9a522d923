"""Compute tombstone digests inside a store and join them with those of erased people: only rows that match come out.

Reads only. PostgreSQL and MariaDB have SHA-256 and no keyed digest, so HMAC is put together from it (RFC 2104 §2);
SQLite is taught it. Key pads and digests stand in temporary tables (by COPY on PostgreSQL), never in a statement. One
sequential scan for each place looked at, however many people were erased.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.exc import SQLAlchemyError

from troth.catalog.model import Catalog, Column, ColumnKind, Table
from troth.errors import StoreError
from troth.people import tombstones
from troth.people.returning import Known, Target
from troth.people.tombstones import Tombstone
from troth.stores.sql import find_match
from troth.stores.sql.find_match import Matcher, compares_numbers
from troth.stores.sql.render import table_clause
from troth.stores.sql.staging_tables import fill
from troth.stores.sql.trouble import Trouble, classify, explain

STONES, PADS = "troth_tombstones", "troth_pads"
TYPES = {
    "sqlite": ("integer", "blob"),
    "postgresql": ("bigint", "bytea"),
    "mariadb": ("bigint", "varbinary(64)"),
}
_WRITING = {
    "sqlite": "PRAGMA temp_store = MEMORY",
    "postgresql": "SET TRANSACTION READ WRITE",
    "mariadb": "SET SESSION TRANSACTION READ WRITE",
}
_READING = {
    "postgresql": "SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY",
    "mariadb": "SET SESSION TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Search:
    """What is looked for in one store."""

    targets: Sequence[Target]
    stones: Iterable[Tombstone]
    """Read once, while they are staged."""
    keys: Mapping[str, bytes]
    """The store's key under each id."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LeftOut:
    """A place that was not searched, and why."""

    what: str
    why: str


def search(engine: sa.Engine, catalog: Catalog, wanted: Search, left: list[LeftOut]) -> Iterator[Known]:
    """Yield every row in which a tombstone is recognised, place by place.

    Args:
        engine: The store.
        catalog: Its structure.
        wanted: What is looked for.
        left: Takes the places that could not be searched.

    Raises:
        StoreError: the store does not answer, or lets nobody make a temporary table.
    """
    with _opened(engine, catalog, wanted) as asker:
        for target in wanted.targets:
            try:
                with asker.connection.begin_nested():
                    yield from asker.ask(target)
            except SQLAlchemyError as error:
                if classify(error) is not Trouble.DENIED:
                    raise explain(error, catalog.store) from error
                left.append(LeftOut(what=target.dataset, why="the role that looks may not read it"))


@contextmanager
def _opened(engine: sa.Engine, catalog: Catalog, wanted: Search) -> Iterator[_Asker]:
    try:
        with engine.connect() as connection:
            connection.detach()
            find_match.teach(connection)
            _teach(connection, wanted.keys)
            places = {
                name: number for number, name in enumerate(dict.fromkeys(t.place for t in wanted.targets))
            }
            _stage(connection, catalog, wanted, places)
            matcher = find_match.ask(connection)
            yield _Asker(connection=connection, catalog=catalog, matcher=matcher, places=places)
            connection.rollback()
    except SQLAlchemyError as error:
        raise explain(error, catalog.store) from error


def _stage(connection: sa.Connection, catalog: Catalog, wanted: Search, places: Mapping[str, int]) -> None:
    """Make the temporary tables, then let nothing more be written."""
    number, octets = TYPES[catalog.dialect]
    index = ", KEY (place, digest)" if catalog.dialect == "mariadb" else ""
    try:
        connection.exec_driver_sql(_WRITING[catalog.dialect])
        connection.exec_driver_sql(
            f"CREATE TEMPORARY TABLE {STONES} (place integer, pad integer, digest {octets}, person {number}{index})"
        )
        connection.exec_driver_sql(
            f"CREATE TEMPORARY TABLE {PADS} (pad integer, inside {octets}, outside {octets})"
        )
    except SQLAlchemyError as error:
        if classify(error) not in (Trouble.DENIED, Trouble.READ_ONLY):
            raise
        raise StoreError(
            f"Store `{catalog.store}`: looking for erased people needs temporary tables, and the database lets "
            "this role make none.",
            hint="GRANT TEMPORARY ON DATABASE … TO the role that looks (MariaDB: CREATE TEMPORARY TABLES ON …).",
        ) from error
    numbered = {id: n for n, id in enumerate(wanted.keys)}
    stones = (
        (places[s.place], numbered[s.key], s.digest, s.person)
        for s in wanted.stones
        if s.place in places and s.key in numbered
    )
    fill(connection, _table(catalog, STONES, ("place", "pad", "digest", "person")), stones)
    pads = ((numbered[id], *tombstones.pads(secret)) for id, secret in wanted.keys.items())
    fill(connection, _table(catalog, PADS, ("pad", "inside", "outside")), pads)
    if catalog.dialect == "postgresql":
        connection.exec_driver_sql(f"ANALYZE pg_temp.{STONES}")
    if catalog.dialect != "sqlite":
        connection.commit()
        connection.exec_driver_sql(_READING[catalog.dialect])


def _table(catalog: Catalog, name: str, columns: Sequence[str]) -> sa.TableClause:
    schema = {"sqlite": "temp", "postgresql": "pg_temp"}.get(catalog.dialect)
    made: list[Any] = [sa.column(column) for column in columns]
    return sa.table(name, *made, schema=schema)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Asker:
    """A store with everything staged."""

    connection: sa.Connection
    catalog: Catalog
    matcher: Matcher
    places: Mapping[str, int]

    def ask(self, target: Target) -> Iterator[Known]:
        """Ask one place."""
        columns = (*target.columns, *target.key, *target.began, *target.dated)
        options = {"stream_results": True}
        for found in self.connection.execute(self._question(target), execution_options=options):
            person, proven, *rest = found
            parts = dict(zip(range(len(columns)), rest, strict=True))
            yield _known(target, int(person), bool(proven), [parts[n] for n in range(len(columns))])

    def _question(self, target: Target) -> sa.Select[Any]:
        table = self.catalog.dataset(target.dataset)
        assert table is not None, target.dataset
        rows = table_clause(table).alias("troth_rows")
        stones = _table(self.catalog, STONES, ("place", "pad", "digest", "person")).alias("troth_stones")
        pads = _table(self.catalog, PADS, ("pad", "inside", "outside")).alias("troth_keys")
        label = sa.literal(target.place)
        same = sa.and_(
            stones.c.pad == pads.c.pad,
            stones.c.place == self.places[target.place],
            stones.c.digest == self._digest(label, self._parts(target, table, rows), pads),
        )
        names = (*target.columns, *target.key, *target.began, *target.dated)
        picked = [stones.c.person, self._proven(target, table, rows), *(rows.c[n] for n in names)]
        labelled = [column.label(f"troth_{n}") for n, column in enumerate(picked)]
        filled = [rows.c[name].is_not(None) for name in target.columns]
        joined = rows.join(pads, sa.true()).join(stones, same)
        return sa.select(*labelled).select_from(joined).where(*filled)

    def _proven(self, target: Target, table: Table, rows: sa.FromClause) -> sa.ColumnElement[Any]:
        column = table.column(target.verified) if target.verified else None
        if column is None:
            return sa.literal_column("1")
        verified = self.matcher.verified(column, rows.c[column.name])
        return sa.case((verified, sa.literal_column("1")), else_=sa.literal_column("0"))

    def _parts(self, target: Target, table: Table, rows: sa.FromClause) -> list[sa.ColumnElement[Any]]:
        """Write columns as `tombstones.text` and `tombstones.spelt` write values."""
        columns = [table.column(name) for name in target.columns]
        made = []
        for column in columns:
            assert column is not None
            value = rows.c[column.name]
            family = target.entry.family
            if family is not None and not compares_numbers(family, column):
                made.append(self.matcher.form(family, column, value))
            else:
                made.append(self._text(column, value))
        return made

    def _text(self, column: Column, value: sa.ColumnElement[Any]) -> sa.ColumnElement[Any]:
        match self.catalog.dialect:
            case "postgresql":
                if column.kind is ColumnKind.BYTES:
                    return sa.func.encode(value, sa.literal_column("'hex'"))
                return sa.func.concat(value)  # unlike a cast it keeps the blanks at the end of `char(n)`
            case "mariadb":
                octets = column.kind is ColumnKind.BYTES
                return sa.func.lower(sa.func.hex(value)) if octets else sa.cast(value, sa.String)
            case _:
                is_blob = sa.func.typeof(value) == sa.literal_column("'blob'")
                return sa.case((is_blob, sa.func.lower(sa.func.hex(value))), else_=value)

    def _digest(
        self, label: sa.ColumnElement[Any], parts: Sequence[sa.ColumnElement[Any]], pads: sa.FromClause
    ) -> sa.ColumnElement[Any]:
        if self.catalog.dialect == "sqlite":
            texts = [sa.cast(part, sa.LargeBinary) for part in parts]
            return sa.func.troth_tombstone(pads.c.pad, label, *texts)
        length = sa.func.char_length
        framed: sa.ColumnElement[Any] = label
        pieces: list[Any] = [sa.literal_column(f"'{chr(10)}'")]
        for part in parts:
            pieces += [self._string(length(part)), sa.literal_column("':'"), part, sa.literal_column("','")]
        if self.catalog.dialect == "postgresql":
            framed = sa.cast(label, sa.Text)
            for piece in pieces:
                framed = framed.concat(piece)
            octets = sa.func.convert_to(framed, sa.literal_column("'UTF8'"))
            inside = sa.func.sha256(pads.c.inside.op("||")(octets))
            return sa.func.sha256(pads.c.outside.op("||")(inside))
        octets = sa.func.concat(pads.c.inside, sa.func.concat(label, *pieces))
        inside = sa.func.unhex(sa.func.sha2(octets, sa.literal_column("256")))
        whole = sa.func.concat(pads.c.outside, inside)
        return sa.func.unhex(sa.func.sha2(whole, sa.literal_column("256")))

    def _string(self, number: sa.ColumnElement[Any]) -> sa.ColumnElement[Any]:
        return sa.cast(number, sa.Text if self.catalog.dialect == "postgresql" else sa.String)


def _known(target: Target, person: int, proven: bool, found: list[Any]) -> Known:
    taken = iter(found)

    def take(names: Sequence[str]) -> tuple[Any, ...]:
        return tuple(next(taken) for _ in names)

    return Known(
        person=person,
        target=target,
        proven=proven,
        values=take(target.columns),
        key=take(target.key),
        began=take(target.began),
        dated=take(target.dated),
    )


def _teach(connection: sa.Connection, keys: Mapping[str, bytes]) -> None:
    """Give a SQLite connection the digest; keys stay in this process."""
    raw: object = connection.connection.dbapi_connection
    if not isinstance(raw, sqlite3.Connection):
        return
    secrets = list(keys.values())

    def made(pad: int, place: str, *parts: object) -> bytes | None:
        if any(part is None for part in parts):
            return None
        return tombstones.digest(secrets[pad], place, [find_match.text(part) for part in parts])

    raw.create_function("troth_tombstone", -1, made, deterministic=True)
