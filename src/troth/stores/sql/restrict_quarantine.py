"""Restriction where a database has no row security: rows are moved out of the application's tables, and back exactly.

Rows that others refer to cannot go without taking those along; they stay, and a column the owner names tells the
application, or nothing does. Everything is one transaction. Deletes fire triggers, so that tables with triggers are
left alone. Where rows went is written in `troth_restricted_places`.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import sqlalchemy as sa

from troth.catalog.model import Catalog, ColumnKind, ForeignKey, Table
from troth.people.entries import Way
from troth.people.manifest import Manifest
from troth.rights.restrict import Means, Order, Placed, Proof, Sight
from troth.stores.sql import staged_people, staging, staging_tables
from troth.stores.sql.render import From, Renderer, Truth, table_clause
from troth.stores.sql.staged_people import StagedPeople
from troth.stores.sql.targets import Target, key_columns, rowid_name

LONGEST = 60
PLACES = sa.Table(
    "troth_restricted_places",
    sa.MetaData(),
    sa.Column("restriction", sa.String(60), primary_key=True),
    sa.Column("name", sa.String(120), primary_key=True),
    sa.Column("means", sa.String(20), nullable=False),
    sa.Column("marker", sa.String(120), nullable=False),
    mariadb_engine="InnoDB",
    mariadb_charset="utf8mb4",
)
MARKS: Mapping[ColumnKind, object] = {
    ColumnKind.BOOLEAN: True,
    ColumnKind.INTEGER: 1,
    ColumnKind.NUMBER: 1,
    ColumnKind.TEXT: "restricted",
}
"""What a marker column is set to."""
NO_ROLES = (
    "Whoever may open the database can read the quarantine; who reads the application's tables does not."
)


@dataclass(frozen=True, kw_only=True)
class Away:
    """Where the rows of one table are kept meanwhile."""

    table: Table
    dialect: str

    @property
    def rowid(self) -> str | None:
        """Name the row's own number, where SQLite has one besides the columns."""
        return rowid_name(self.table) if self.dialect == "sqlite" else None

    @property
    def columns(self) -> tuple[str, ...]:
        """Name what is kept: everything the database does not compute itself."""
        return tuple(c.name for c in self.table.columns if not c.generated)

    def clause(self, kind: str = "") -> sa.TableClause:
        """Name the table of ours; `was_` for what a marker column held."""
        name = f"troth_restricted_{kind}{self.table.table}"
        if len(name) > LONGEST:
            name = f"{name[:40]}_{hashlib.sha256(name.encode()).hexdigest()[:12]}"
        columns: list[Any] = [
            sa.column("troth_restriction"),
            sa.column("troth_rowid"),
            sa.column("troth_was"),
        ]
        columns += [sa.column(sa.sql.quoted_name(c, quote=True)) for c in self.columns]
        return sa.table(sa.sql.quoted_name(name, quote=True), *columns)

    def source(self) -> sa.TableClause:
        """Make the application's table, with the row's own number."""
        made = table_clause(self.table)
        if self.rowid:
            made.append_column(sa.column(self.rowid))
        return made

    def kept(self, source: From) -> list[sa.ColumnElement[Any]]:
        """List what is copied of a row."""
        number = source.c[self.rowid] if self.rowid else sa.null()
        return [number, *(source.c[name] for name in self.columns)]

    def telling(self) -> tuple[str, ...]:
        """Name what tells rows apart."""
        return key_columns(self.table) or self.columns


def prepare(
    connection: sa.Connection, catalog: Catalog, datasets: Sequence[str], markers: Mapping[str, str]
) -> None:
    """Make the tables of ours; on MariaDB that commits, so it stands before the work."""
    PLACES.create(connection, checkfirst=True)
    seen = set(sa.inspect(connection).get_table_names())
    for name in datasets:
        table = catalog.dataset(name)
        if table is None or not table.writable:
            continue
        away = Away(table=table, dialect=catalog.dialect)
        source = away.source()
        for kind in ("", "was_") if name in markers else ("",):
            there = away.clause(kind)
            if there.name not in seen:
                was = source.c[markers[name]] if kind else sa.cast(sa.null(), sa.Integer)
                number = sa.cast(sa.null(), sa.Integer).label("troth_rowid")
                head = [sa.cast(sa.literal(""), sa.String(60)).label("troth_restriction"), number]
                names = away.telling() if kind else away.columns
                columns: list[Any] = [*head, was.label("troth_was"), *(source.c[c] for c in names)]
                empty = sa.select(*columns).where(sa.false())
                made = empty.compile(dialect=connection.dialect, compile_kwargs={"literal_binds": True})
                named = connection.dialect.identifier_preparer.quote_identifier(there.name)
                connection.exec_driver_sql(f"CREATE TABLE {named} AS {made}".replace("%", "%%"))


@dataclass
class Moving:
    """A transaction in which rows are moved."""

    connection: sa.Connection
    staged: StagedPeople
    order: Order
    markers: Mapping[str, str]
    targets: dict[str, Target] = field(default_factory=dict)

    @property
    def _catalog(self) -> Catalog:
        return self.staged.catalog

    def place(self, ways: Mapping[str, tuple[Way, ...]]) -> tuple[Placed, ...]:
        """Move what can be moved, mark what can be marked, and say which."""
        self._set_down(ways)
        if self._catalog.dialect == "sqlite":
            self.connection.exec_driver_sql("PRAGMA defer_foreign_keys = ON")
        why = self._staying()
        going = [name for name in self.targets if name not in why]
        done = {name: self._copied(name) for name in going}
        for name in ordered(self._catalog, going):
            self._deleted(name)
        for name, reason in why.items():
            done[name] = self._marked(name, reason)
        self._leave()
        return tuple(done[name] for name in ways if name in done)

    def _set_down(self, ways: Mapping[str, tuple[Way, ...]]) -> None:
        dialect = self.connection.dialect
        for name, listed in ways.items():
            table = self._catalog.dataset(name)
            if table is None or not table.writable:
                continue
            target = Target(
                number=len(self.targets),
                dataset=name,
                table=table,
                dialect=dialect.name,
                ways=tuple(listed),
                names_people=False,
            )
            self.targets[name] = target
        self._leave()
        for target in self.targets.values():
            for command in target.created(dialect):
                self.connection.exec_driver_sql(command)
            self.connection.execute(target.filled(self.staged))

    def _leave(self) -> None:
        for target in self.targets.values():
            place = f"{target.clause.schema}." if target.clause.schema else ""
            self.connection.exec_driver_sql(
                f"{staging_tables.dropping(self._catalog)} {place}{target.clause.name}"
            )

    def _mine(self, name: str, source: From) -> Truth:
        target = self.targets[name]
        return target.member(target.every, source)

    def _staying(self) -> dict[str, str]:
        """Say of which tables no row can go, and why; what refers to one of them may go."""
        why = {name: reason for name, target in self.targets.items() if (reason := _unfit(target))}
        while True:
            more = {
                name: f"rows of {child} refer to them"
                for name in self.targets
                if name not in why and (child := self._referred(name, why))
            }
            if not more:
                return why
            why.update(more)

    def _referred(self, name: str, why: Mapping[str, str]) -> str:
        """Name a table with rows that refer to these and stay."""
        table = self.targets[name].table
        for child, key in self._catalog.referrers.get(table.name, ()):
            if self._pointed_at(name, f"{self._catalog.store}.{child}", key, why):
                return child
        return ""

    def _pointed_at(self, name: str, child: str, key: ForeignKey, why: Mapping[str, str]) -> bool:
        other = self._catalog.dataset(child)
        if other is None:
            return True
        target = self.targets.get(child) if child not in why else None
        there = target.source() if target else table_clause(other)
        rows, here = there.alias("troth_child"), self.targets[name].source().alias("troth_parent")
        same = sa.and_(
            *(rows.c[a] == here.c[b] for a, b in zip(key.columns, key.target_columns, strict=True))
        )
        query = sa.select(sa.literal(1)).select_from(rows.join(here, same)).where(self._mine(name, here))
        if target:
            query = query.where(sa.not_(self._mine(child, rows)))
        return self.connection.execute(query.limit(1)).first() is not None

    def _copied(self, name: str) -> Placed:
        away = Away(table=self.targets[name].table, dialect=self._catalog.dialect)
        source, there = self.targets[name].source(), away.clause()
        names = ["troth_restriction", "troth_rowid", *away.columns]
        picked = sa.select(sa.literal(self.order.id), *away.kept(source)).where(self._mine(name, source))
        rows = self.connection.execute(sa.insert(there).from_select(names, picked)).rowcount
        if rows:
            _note(self.connection, self.order.id, away.table.name, Means.QUARANTINE)
        why = "" if self._catalog.dialect == "sqlite" else "whoever may read every table reads the quarantine"
        return Placed(dataset=name, means=Means.QUARANTINE, rows=rows, why=why)

    def _deleted(self, name: str) -> None:
        source = self.targets[name].source()
        self.connection.execute(sa.delete(source).where(self._mine(name, source)))

    def _marked(self, name: str, why: str) -> Placed:
        """Set the marker column of rows that stay, and keep what it held."""
        target = self.targets[name]
        source = target.source()
        rows = self.connection.scalar(
            sa.select(sa.func.count()).select_from(source).where(self._mine(name, source))
        )
        column = target.table.column(self.markers.get(name, ""))
        if column is None or column.kind not in MARKS or not key_columns(target.table):
            return Placed(dataset=name, means=Means.NONE, rows=int(rows or 0), why=why)
        away = Away(table=target.table, dialect=self._catalog.dialect)
        there = away.clause("was_")
        known = there.alias("troth_known")
        keys = away.telling()
        again = sa.and_(*(known.c[k] == source.c[k] for k in keys))
        has = sa.select(sa.literal(1)).select_from(known).where(again).correlate(source).exists()
        was = sa.select(known.c.troth_was).where(again).limit(1).correlate(source).scalar_subquery()
        mine = again & (known.c.troth_restriction == self.order.id)
        own = sa.select(sa.literal(1)).select_from(known).where(mine).correlate(source).exists()
        value = sa.case((has, was), else_=source.c[column.name])
        picked = sa.select(sa.literal(self.order.id), value, *(source.c[k] for k in keys))
        picked = picked.where(self._mine(name, source), sa.not_(own))
        self.connection.execute(
            sa.insert(there).from_select(["troth_restriction", "troth_was", *keys], picked)
        )
        mark = sa.update(source).values({column.name: MARKS[column.kind]}).where(self._mine(name, source))
        self.connection.execute(mark)
        if rows:
            _note(self.connection, self.order.id, target.table.name, Means.MARKER, column.name)
        return Placed(dataset=name, means=Means.MARKER, rows=int(rows or 0), why=why)


def _unfit(target: Target) -> str:
    table = target.table
    if not table.transactional:
        return "its engine has no transactions"
    if table.triggers:
        return "it has triggers, which would fire"
    if not target.keyed:
        return "it has no key"
    return ""


def _note(connection: sa.Connection, id: str, name: str, means: Means, marker: str = "") -> None:
    same = (PLACES.c.restriction == id, PLACES.c.name == name)
    connection.execute(sa.delete(PLACES).where(*same))
    row = {"restriction": id, "name": name, "means": means.value, "marker": marker}
    connection.execute(sa.insert(PLACES).values(row))


def ordered(catalog: Catalog, datasets: Sequence[str]) -> list[str]:
    """Order datasets so that what refers stands before what it refers to."""
    found: dict[str, None] = {}

    def visit(name: str, seen: frozenset[str]) -> None:
        table = catalog.dataset(name)
        for child, _ in catalog.referrers.get(table.name if table else "", ()):
            whole = f"{catalog.store}.{child}"
            if whole in datasets and whole not in found and whole not in seen:
                visit(whole, seen | {whole})
        found.setdefault(name)

    for name in datasets:
        visit(name, frozenset({name}))
    return list(found)


def places(connection: sa.Connection, id: str) -> list[sa.Row[Any]]:
    """List where a restriction put something."""
    if not sa.inspect(connection).has_table(PLACES.name):
        return []
    return list(connection.execute(sa.select(PLACES).where(PLACES.c.restriction == id)))


def lift(connection: sa.Connection, catalog: Catalog, id: str, heir: str) -> int:
    """Put rows back as they were, or leave them where they are for another restriction of the same people."""
    found = {f"{catalog.store}.{one.name}": one for one in places(connection, id)}
    if not found:
        return 0
    if catalog.dialect == "sqlite":
        connection.exec_driver_sql("PRAGMA defer_foreign_keys = ON")
    moved = 0
    for name in reversed(ordered(catalog, list(found))):
        table = catalog.dataset(name)
        if table is None:
            continue
        away = Away(table=table, dialect=catalog.dialect)
        one = found[name]
        kind = "was_" if one.means == Means.MARKER else ""
        there = away.clause(kind)
        own = there.c.troth_restriction == id
        if heir:
            moved += connection.execute(sa.update(there).values(troth_restriction=heir).where(own)).rowcount
            _note(connection, heir, one.name, Means(one.means), one.marker)
        elif kind:
            moved += _unmarked(connection, away, id, one.marker)
        else:
            moved += _returned(connection, away, id)
    connection.execute(sa.delete(PLACES).where(PLACES.c.restriction == id))
    return moved


def _returned(connection: sa.Connection, away: Away, id: str) -> int:
    source, there = away.source(), away.clause()
    own = there.c.troth_restriction == id
    number = [(away.rowid, there.c.troth_rowid)] if away.rowid else []
    pairs = [*number, *((name, there.c[name]) for name in away.columns)]
    picked = sa.select(*(value for _, value in pairs)).where(own)
    rows = connection.execute(sa.insert(source).from_select([name for name, _ in pairs], picked)).rowcount
    connection.execute(sa.delete(there).where(own))
    return rows


def _unmarked(connection: sa.Connection, away: Away, id: str, marker: str) -> int:
    source, there = table_clause(away.table), away.clause("was_")
    known, others = there.alias("troth_known"), there.alias("troth_others")
    same = sa.and_(*(known.c[k] == source.c[k] for k in away.telling()), known.c.troth_restriction == id)
    still = sa.and_(*(others.c[k] == source.c[k] for k in away.telling()), others.c.troth_restriction != id)
    was = sa.select(known.c.troth_was).where(same).correlate(source).scalar_subquery()
    mine = sa.select(sa.literal(1)).select_from(known).where(same).correlate(source).exists()
    kept = sa.select(sa.literal(1)).select_from(others).where(still).correlate(source).exists()
    rows = connection.execute(sa.update(source).values({marker: was}).where(mine, sa.not_(kept))).rowcount
    connection.execute(sa.delete(there).where(there.c.troth_restriction == id))
    return rows


def tidy(connection: sa.Connection) -> None:
    """Drop the tables of ours that are empty; on MariaDB that commits, so it stands after the work."""
    inspector = sa.inspect(connection)
    quote = connection.dialect.identifier_preparer.quote_identifier
    for name in inspector.get_table_names():
        if name.startswith("troth_restricted_"):
            empty = connection.execute(sa.text(f"SELECT 1 FROM {quote(name)} LIMIT 1")).first() is None
            if empty:
                connection.exec_driver_sql(f"DROP TABLE {quote(name)}".replace("%", "%%"))


def prove(
    connection: sa.Connection,
    catalog: Catalog,
    people: Manifest,
    ways: Mapping[str, tuple[Way, ...]],
    order: Order,
) -> Proof:
    """Read the application's tables: what was moved is read by nobody there."""
    staged = staging.stage(connection, catalog, people, staged_people.asked(catalog, people, ways))
    noted = {one.name: one for one in places(connection, order.id)}
    sights = tuple(_sights(connection, staged, ways, noted))
    staging_tables.unstage(connection, staged)
    if catalog.dialect == "sqlite":
        return Proof(sights=sights, notes=(NO_ROLES,))
    why = "no role can be tried here, and one with rights on the whole database reads the quarantine tables"
    return Proof(sights=(*sights, Sight(dataset="", reader="", state="unproven", why=why)))


def _sights(
    connection: sa.Connection,
    staged: StagedPeople,
    ways: Mapping[str, tuple[Way, ...]],
    noted: Mapping[str, Any],
) -> Iterator[Sight]:
    renderer = Renderer(staged.catalog, staging=staged)
    for name, listed in ways.items():
        table = staged.catalog.dataset(name)
        if table is None or not table.writable:
            continue
        source = table_clause(table)
        mine = sa.or_(*(renderer.where(name, way.where, source) for way in listed))
        rows = int(connection.scalar(sa.select(sa.func.count()).select_from(source).where(mine)) or 0)
        one = noted.get(table.name)
        column = table.column(one.marker) if one is not None and one.means == Means.MARKER else None
        if column is None:
            state: Any = "readable" if rows else "proven"
            yield Sight(dataset=name, reader="whoever reads the table", state=state, rows=rows)
            continue
        marked = source.c[column.name] == MARKS[column.kind]
        told = int(connection.scalar(sa.select(sa.func.count()).select_from(source).where(mine, marked)) or 0)
        why = f"only the column {column.name} tells the application to leave {rows} rows alone"
        state = "unproven" if told == rows else "readable"
        yield Sight(dataset=name, reader="whoever reads the table", state=state, rows=rows - told, why=why)
