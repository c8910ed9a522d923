"""Look for identities in one store: working tables of what is wanted, one question per place and round.

Reads only. Working tables are temporary: in memory on SQLite; on PostgreSQL and MariaDB in the session, made in a
short transaction of their own, for only then can all that follows be read-only. Values go in by COPY on PostgreSQL,
which no statement log repeats; for few people as parameters, where the server writes none (`given`). The number of
statements does not depend on how many people are looked for.
"""

from __future__ import annotations

import functools
from collections.abc import Hashable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import sqlalchemy as sa
from sqlalchemy.exc import DBAPIError, SQLAlchemyError

from troth.catalog.model import Catalog, Column, Table
from troth.errors import StoreError
from troth.people import kinds, normal
from troth.people.closure import Answer, Count, Hit, Row
from troth.people.gathered import Wanted
from troth.people.kinds import Family
from troth.people.places import Place
from troth.people.typed import Identity
from troth.stores.sql import find_match, find_ranges, given, memory
from troth.stores.sql.borrow import borrowed, reading
from troth.stores.sql.find_match import Matcher
from troth.stores.sql.find_ranges import Range
from troth.stores.sql.render import table_clause
from troth.stores.sql.staging import BY_INDEX
from troth.stores.sql.trouble import Trouble, classify, explain

WANTED = "troth_find_wanted"
KEYS = "troth_find_keys_"


@dataclass(frozen=True, kw_only=True)
class Seeker:
    """One store, open for a search."""

    connection: sa.Connection
    catalog: Catalog
    places: tuple[Place, ...]
    matcher: Matcher
    given: dict[str, str] | None = None
    """What is looked for by parameter; None where it stands in temporary tables."""
    beside: Mapping[str, Wanted] = field(default_factory=dict)
    """What is read of the rows of each kind of subject as they are found."""
    seen: dict[Row, tuple[object, ...]] = field(default_factory=dict)
    """What was read so."""

    @property
    def outline(self) -> Hashable:
        """All that a statement depends on besides the catalog and what it asks."""
        return self.places, self.matcher, self.given is not None

    @property
    def _temporary(self) -> str | None:
        return {"sqlite": "temp", "mariadb": None}.get(self.catalog.dialect, "pg_temp")

    @property
    def _place(self) -> str:
        return f"{self._temporary}." if self._temporary else ""

    @property
    def wanted(self) -> sa.FromClause:
        """The working table of what is looked for; on PostgreSQL once for each range of texts it may stand in."""
        if self.given is not None:
            return given.table(WANTED, _WANTED)
        names = ["place", "n", "spelling", "number"]
        names += ["lo", "hi"] if self.catalog.dialect == "postgresql" else []
        columns: list[Any] = [sa.column(name) for name in names]
        return sa.table(WANTED, *columns, schema=self._temporary)

    def keys(self, subject: str) -> sa.FromClause:
        """The working table of the people found, by kind of subject."""
        place = next(p for p in self.places if p.subject == subject)
        name = self._keys(subject)
        if self.given is not None:
            types = _key_types(self.table(place.dataset), place)
            assert types is not None
            return given.table(name, types)
        columns: list[Any] = [sa.column(sa.sql.quoted_name(name, quote=True)) for name in place.key]
        return sa.table(name, *columns, schema=self._temporary)

    @property
    def _subjects(self) -> list[str]:
        return list(dict.fromkeys(p.subject for p in self.places))

    def find(self, wanted: Sequence[Identity], *, typed: bool, limit: int) -> Answer:
        """Look for identities in every place of this store.

        Raises:
            StoreError: the store does not answer.
        """
        asked = [p for p in self.places if typed or p.takes_links]
        numbers = {p.number: [n for n, one in enumerate(wanted) if one.match in p.answers] for p in asked}
        asked = [p for p in asked if numbers[p.number]]
        hits: list[Hit] = []
        counts: dict[Identity, Count] = {}
        spelt = {p.number: {n: self._spelt(p, wanted[n]) for n in numbers[p.number]} for p in asked}
        ranged = {p.number: self._ranges(p, spelt[p.number].values()) for p in asked}
        with self.speaking():
            self._load(row for p in asked for row in _rows(p.number, spelt[p.number], ranged[p.number]))
            for place in asked:
                leads = self._leads(place)
                answers: Iterable[Any] = self._asked(place, leads, limit, ranged=bool(ranged[place.number]))
                for row in answers:
                    identity = wanted[row[0]]
                    total, owned = row[-3], int(row[-2])
                    if total > limit:
                        count = Count(owned=owned, claimed=total - owned)
                        counts[identity] = count.most(counts.get(identity, Count()))
                    width = len(place.key) + len(leads) + 2
                    hit = _hit(place, leads, identity, tuple(row[1:width]))
                    if hit:
                        hits.append(hit)
                        self.seen[hit.row] = tuple(row[width:-3])
        return Answer(hits=tuple(hits), counts=counts)

    def take(self, found: Iterable[Row], proven: Sequence[Identity]) -> None:
        """Put the keys of the people found into the working tables, for counting, and what finds copies without one.

        Args:
            found: Rows of people, of any store.
            proven: Typed identities that copies may be compared with.

        Raises:
            StoreError: the store does not answer.
        """
        by_subject: dict[str, list[Row]] = {}
        for row in found:
            by_subject.setdefault(row.subject, []).append(row)
        with self.speaking():
            for subject in self._subjects:
                self._know(subject, (row.key for row in by_subject.get(subject, ())))
            spelt = {
                p.number: {n: self._spelt(p, one) for n, one in enumerate(proven) if one.match in p.answers}
                for p in self.places
            }
            self._load(row for number, own in spelt.items() for row in _rows(number, own, {}))

    @contextmanager
    def speaking(self) -> Iterator[None]:
        """Turn the database's own words into ours, without a value in them."""
        try:
            yield
        except SQLAlchemyError as error:
            raise explain(error, self.catalog.store) from error

    def table(self, dataset: str) -> Table:
        """Return a table of this store."""
        found = self.catalog.dataset(dataset)
        assert found is not None, dataset
        return found

    def _spelt(self, place: Place, identity: Identity) -> tuple[str, ...]:
        return normal.spellings(place.family, identity.value, place.region)

    def _ranges(self, place: Place, spelt: Iterable[tuple[str, ...]]) -> Mapping[str, tuple[Range, ...]]:
        """List the ranges in which an index finds what is wanted; none where every row is read instead."""
        table = self.table(place.dataset)
        if len(place.columns) > 1 or self.matcher.order(place.family, table, place.columns[0]) is None:
            return {}
        return find_ranges.all_of((one for several in spelt for one in several), table.rows)

    def _know(self, subject: str, keys: Iterable[tuple[object, ...]]) -> None:
        """Put keys into the working table of a kind of subject."""
        if self.given is None:
            self._fill(self.keys(subject), keys)
        else:
            place = next(p for p in self.places if p.subject == subject)
            self.given.update(given.values(self._keys(subject), len(place.key), keys))

    def _keys(self, subject: str) -> str:
        return f"{KEYS}{self._subjects.index(subject)}"

    def _load(self, rows: Iterable[tuple[object, ...]]) -> None:
        if self.given is not None:
            self.given.update(given.values(WANTED, len(_WANTED), rows))
            return
        self.connection.exec_driver_sql(f"DELETE FROM {self._place}{WANTED}")
        width = len(self.wanted.c)
        self._fill(self.wanted, (row[:width] for row in rows))

    def _fill(self, target: Any, rows: Iterable[tuple[object, ...]]) -> None:
        if self.catalog.dialect == "postgresql":
            self._copy(f"COPY {target.schema}.{target.name} FROM STDIN", rows)
            return
        names = [column.name for column in target.c]
        values = [dict(zip(names, row, strict=True)) for row in rows]
        if values:
            self.connection.execute(sa.insert(target), values)

    def _copy(self, command: str, rows: Iterable[tuple[object, ...]]) -> None:
        """Send rows past SQLAlchemy, whose errors the driver's become all the same."""
        cursor: Any = self.connection.connection.cursor()
        try:
            with cursor, cursor.copy(command) as copy:
                for row in rows:
                    copy.write_row(row)
        except self.connection.dialect.loaded_dbapi.Error as error:
            raise DBAPIError(command, None, error) from error

    def _leads(self, place: Place) -> tuple[Place, ...]:
        return tuple(p for p in self.places if p.subject == place.subject and p.links)

    def _asked(
        self, place: Place, leads: tuple[Place, ...], limit: int, *, ranged: bool
    ) -> sa.CursorResult[Any]:
        beside = self._beside(place)
        read = beside and (beside.columns, tuple(beside.verified.items()))
        key = ("find", self.outline, place, leads, limit, ranged, read)
        made = functools.partial(self._question, place, leads, limit, ranged=ranged)
        return memory.run(self.connection, self.catalog, key, made, self.given)

    def _question(self, place: Place, leads: Sequence[Place], limit: int, *, ranged: bool) -> sa.Select[Any]:
        """Ask which rows have what is wanted, owners first, at most one more than the limit for each."""
        table, wanted = self.table(place.dataset), self.wanted
        order = self.matcher.order(place.family, table, place.columns[0]) if ranged else None
        rows, same = self._compared(place, leads) if order is None else self._plainly(place)
        if order is not None:
            same = order.within(rows.c[place.columns[0]], wanted, same)
        claimed = self._claimed(place, rows)
        columns: list[Any] = [wanted.c.n, *(rows.c[name] for name in place.key), claimed]
        columns += [self._lead(lead, rows) for lead in leads]
        columns += self.columns(beside, rows) if (beside := self._beside(place)) else []
        columns += [
            sa.func.count().over(partition_by=wanted.c.n),
            sa.func.sum(sa.literal_column("1") - claimed).over(partition_by=wanted.c.n),
            sa.func.row_number().over(partition_by=wanted.c.n, order_by=claimed),
        ]
        named = [column.label(f"troth_{number}") for number, column in enumerate(columns)]
        joined = rows.join(wanted, same)
        inner = sa.select(*named).select_from(joined).where(wanted.c.place == place.number)
        found = inner.subquery("troth_found")
        return sa.select(found).where(found.c[f"troth_{len(columns) - 1}"] <= limit + 1)

    def _plainly(self, place: Place) -> tuple[sa.FromClause, sa.ColumnElement[bool]]:
        """Return the rows of a place, and what is compared."""
        table = self.table(place.dataset)
        rows = table_clause(table).alias("troth_rows")
        return rows, self._same(place, table, rows, self.wanted)

    def _compared(self, place: Place, leads: Sequence[Place]) -> tuple[sa.FromClause, sa.ColumnElement[bool]]:
        """Do the same for all rows of a table: PostgreSQL works out the form of each where it reads it.

        It counts what a form costs once for each comparison, not for each row, and would rather hash the whole table
        than what is wanted. OFFSET keeps it from taking the two questions for one.
        """
        rows, same = self._plainly(place)
        if self.catalog.dialect != "postgresql" or self.given is not None or place.family not in _FORMED:
            return rows, same
        column = _column(self.table(place.dataset), place.columns[0])
        form = self.matcher.form(place.family, column, rows.c[column.name]).label("troth_form")
        beside = self._beside(place)
        known = [self._known_by(beside, name) for name in beside.verified] if beside else []
        several = (place, *leads, *known)
        names = [*place.key, *(p.columns[0] for p in several), *(p.verified for p in several if p.verified)]
        names += beside.columns if beside else ()
        picked = [rows.c[name] for name in dict.fromkeys(names)]
        formed = sa.select(*picked, form).offset(sa.literal_column("0")).subquery("troth_rows")
        return formed, formed.c.troth_form == self.wanted.c.spelling

    def _same(
        self, place: Place, table: Table, rows: sa.FromClause, wanted: sa.FromClause
    ) -> sa.ColumnElement[bool]:
        if len(place.columns) == 1:
            column = _column(table, place.columns[0])
            return self.matcher.same(place.family, column, rows.c[column.name], wanted)
        parts = [sa.cast(rows.c[name], sa.Text) for name in place.columns]
        joined: sa.ColumnElement[Any] = parts[0]
        for part in parts[1:]:
            joined = joined.concat(",").concat(part)
        return joined == wanted.c.spelling

    def _beside(self, place: Place) -> Wanted | None:
        found = self.beside.get(place.subject)
        return found if found and found.dataset == place.dataset else None

    def columns(self, wanted: Wanted, rows: sa.FromClause) -> list[sa.ColumnElement[Any]]:
        """Name what is wanted of a row of a kind of subject: its columns, and which identities are not verified."""
        flags = [self._claimed(self._known_by(wanted, column), rows) for column in wanted.verified]
        return [*(rows.c[name] for name in wanted.columns), *flags]

    def _known_by(self, wanted: Wanted, column: str) -> Place:
        return next(p for p in self.places if p.subject == wanted.subject and p.columns == (column,))

    def verified(self, place: Place, rows: sa.FromClause) -> sa.ColumnElement[bool]:
        """Say that a row's identity is verified; true where no column tells."""
        if not place.verified:
            return sa.true()
        column = _column(self.table(place.dataset), place.verified)
        return self.matcher.verified(column, rows.c[column.name])

    def _claimed(self, place: Place, rows: sa.FromClause) -> sa.ColumnElement[Any]:
        return sa.case((self.verified(place, rows), sa.literal_column("0")), else_=sa.literal_column("1"))

    def _lead(self, place: Place, rows: sa.FromClause) -> sa.ColumnElement[Any]:
        """Return what a row may lead on by; what is not verified never leaves the store."""
        return sa.case((self.verified(place, rows), self.matcher.read(rows.c[place.columns[0]])))


@contextmanager
def opened(
    engine: sa.Engine,
    catalog: Catalog,
    places: Sequence[Place],
    *,
    few: bool = False,
    beside: Mapping[str, Wanted] | None = None,
    last: bool = False,
) -> Iterator[Seeker]:
    """Open one store for a search; everything it reads is of one moment.

    Args:
        engine: The store.
        catalog: Its structure.
        places: Where identities stand; those of other stores are left out.
        few: No more than `given.FEW` people are looked for.
        beside: What is read of the rows of each kind of subject as they are found.
        last: Nobody needs the session afterwards (`borrow.borrowed`).

    Raises:
        StoreError: the store does not answer, or lets nobody make a temporary table.
    """
    own = tuple(p for p in places if p.store == catalog.store)
    try:
        with borrowed(engine, last=last) as connection:
            find_match.teach(connection)
            matcher = find_match.ask(connection)
            connection.rollback()
            by_value = few and _by_value(connection, catalog, own)
            if not by_value:
                with _making(catalog.store):
                    _prepare(connection, catalog, own)
            yield Seeker(
                connection=connection,
                catalog=catalog,
                places=own,
                matcher=matcher,
                given={} if by_value else None,
                beside=beside or {},
            )
    except SQLAlchemyError as error:
        raise explain(error, catalog.store) from error


@contextmanager
def _making(store: str) -> Iterator[None]:
    """Say what a role needs that may not make temporary tables."""
    try:
        yield
    except SQLAlchemyError as error:
        if classify(error) not in (Trouble.DENIED, Trouble.READ_ONLY, Trouble.OTHER):
            raise
        raise StoreError(
            f"Store `{store}`: a search needs temporary tables, and the database lets this role make none.",
            hint="GRANT TEMPORARY ON DATABASE … TO the role that looks (MariaDB: CREATE TEMPORARY TABLES ON …); a "
            "read-only standby of PostgreSQL cannot have any, so name its primary, or a copy.",
        ) from error


def _by_value(connection: sa.Connection, catalog: Catalog, places: Sequence[Place]) -> bool:
    """Begin a search by parameter, where the server writes none and every key can be one."""
    if catalog.dialect != "postgresql" or any(_typed(catalog, place) is None for place in places):
        return False
    quiet = given.quiet(connection)
    connection.rollback()
    if quiet:
        reading(connection)
    return quiet


def _typed(catalog: Catalog, place: Place) -> Mapping[str, str] | None:
    """Return the types of a place's key as parameters; none where rows have intervals: the driver reads none so."""
    table = catalog.dataset(place.dataset)
    if table is None or any(column.declared.lower().startswith("interval") for column in table.columns):
        return None
    return _key_types(table, place)


def _key_types(table: Table, place: Place) -> Mapping[str, str] | None:
    """Return the types of a place's key as parameters; none where some have none."""
    found = {name: given.own_type(_column(table, name)) for name in place.key}
    known = {name: kind for name, kind in found.items() if kind is not None}
    return known if len(known) == len(found) else None


_FORMED = frozenset({Family.EMAIL, Family.PHONE, Family.IP})
"""Families of which a store has to work out a form, which no index has."""
_WANTED = {
    "place": "integer",
    "n": "integer",
    "spelling": "text",
    "number": "bigint",
    "lo": "text",
    "hi": "text",
}
_WRITING = {
    "sqlite": "PRAGMA temp_store = MEMORY",
    "postgresql": "SET TRANSACTION READ WRITE",
    "mariadb": "SET SESSION TRANSACTION READ WRITE",
}
_READING = {
    "postgresql": f"SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY; {BY_INDEX}",
    "mariadb": "SET SESSION TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY",
}
_COLUMNS = {
    "sqlite": "(place integer, n integer, spelling text, number integer)",
    "postgresql": "(place integer, n integer, spelling text, number bigint, lo text, hi text)",
    # Without an index MariaDB would compare every row with everything that is wanted.
    "mariadb": "(place integer, n integer, spelling text COLLATE utf8mb4_nopad_bin, number bigint, "
    "KEY (place, spelling(190)), KEY (place, number)) ENGINE=InnoDB CHARACTER SET utf8mb4",
}


def _prepare(connection: sa.Connection, catalog: Catalog, places: tuple[Place, ...]) -> None:
    """Make the working tables, then let nothing more be written.

    PostgreSQL and MariaDB refuse CREATE of any table in a read-only transaction, and writing to temporary ones in
    none (SET TRANSACTION in their manuals).
    """
    dialect = connection.dialect
    commands = memory.remembered(catalog, ("prepare", places), lambda: _commands(dialect, catalog, places))
    for command in [";\n".join(commands)] if catalog.dialect == "postgresql" else commands:
        connection.exec_driver_sql(command)
    if catalog.dialect != "sqlite":
        connection.commit()
        connection.exec_driver_sql(_READING[catalog.dialect])


def _commands(dialect: sa.Dialect, catalog: Catalog, places: Sequence[Place]) -> list[str]:
    commands = [_WRITING[catalog.dialect], f"CREATE TEMPORARY TABLE {WANTED} {_COLUMNS[catalog.dialect]}"]
    engine = " ENGINE=InnoDB" if catalog.dialect == "mariadb" else ""
    subjects: Mapping[str, Place] = {p.subject: p for p in reversed(places)}
    for index, subject in enumerate(dict.fromkeys(p.subject for p in places)):
        place = subjects[subject]
        table = catalog.dataset(place.dataset)
        assert table is not None
        clause = table_clause(table)
        empty = sa.select(*(clause.c[name] for name in place.key)).where(sa.false())
        made = empty.compile(dialect=dialect, compile_kwargs={"literal_binds": True})
        commands.append(f"CREATE TEMPORARY TABLE {KEYS}{index}{engine} AS {made}")
    return commands


def _rows(
    place: int, spelt: Mapping[int, tuple[str, ...]], ranged: Mapping[str, tuple[Range, ...]]
) -> Iterator[tuple[object, ...]]:
    """Yield the rows of the working table for one place."""
    for n, spellings in spelt.items():
        for spelling in spellings:
            for lo, hi in ranged.get(spelling, ((None, None),)):
                yield place, n, spelling, find_match.number(spelling), lo, hi


def _column(table: Table, name: str) -> Column:
    found = table.column(name)
    assert found is not None, name
    return found


def _hit(place: Place, leads: Sequence[Place], identity: Identity, values: tuple[Any, ...]) -> Hit | None:
    """Read one row of an answer: key, whether it is a claim, what it leads on by; rows without a key are none."""
    width = len(place.key)
    key, claimed, texts = values[:width], values[width], values[width + 1 :]
    if any(part is None for part in key):
        return None
    found = [
        (lead.kind, Identity(match=kinds.match(lead.kind), value=value))
        for lead, text in zip(leads, texts, strict=True)
        if text is not None and (value := normal.carries(lead.family, find_match.text(text), lead.region))
    ]
    return Hit(
        identity=identity,
        kind=place.kind,
        row=Row(subject=place.subject, dataset=place.dataset, key=key),
        claimed=bool(claimed),
        by_key=place.typed_only,
        leads=tuple(found),
    )
