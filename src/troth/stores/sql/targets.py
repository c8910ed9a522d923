"""The rows of a dataset that are about the people at hand, set down by key before anything changes.

A step may empty the very column by which a row is found; the next step still finds it here. And what a step touched
is compared with these keys: a row that is not among them is somebody else's. Each way of a dataset has a column of
its own, so that a step's questions by way are answered from here.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import sqlalchemy as sa

from troth.catalog.model import Column, ColumnKind, Table
from troth.people.entries import Way
from troth.plan.predicates import All, Common, Not, Predicate, Staged, both, either, negate
from troth.plan.predicates import Any as AnyOf
from troth.stores.sql import staging_mariadb
from troth.stores.sql.places import ROWIDS
from troth.stores.sql.render import From, Renderer, Truth, table_clause
from troth.stores.sql.staged_people import StagedPeople

TARGETS = "troth_rows_"


@dataclass(frozen=True, kw_only=True)
class Target:
    """The rows of one dataset, as a temporary table."""

    number: int
    dataset: str
    table: Table
    dialect: str
    ways: tuple[Way, ...]
    names_people: bool
    """It also holds whose each row is: a scrub asks."""

    @cached_property
    def wheres(self) -> Mapping[Predicate, int]:
        """Number what the ways say of a row; two ways may say the same."""
        return {where: n for n, where in enumerate(dict.fromkeys(way.where for way in self.ways))}

    @property
    def keyed(self) -> bool:
        """Tell whether a key of the table's own tells its rows apart, that no change moves."""
        return self.dialect == "sqlite" or bool(key_columns(self.table))

    def source(self) -> sa.TableClause:
        """Make the dataset's table, with the columns the engine itself tells rows apart by."""
        made = table_clause(self.table)
        for name in self._places:
            made.append_column(sa.column(name))
        return made

    @cached_property
    def _places(self) -> tuple[str, ...]:
        """Name the engine's own columns that tell rows apart, where they are what is used."""
        if self.dialect == "sqlite":
            rowid = rowid_name(self.table)
            return (rowid,) if rowid else ()
        return ("tableoid", "ctid") if self.dialect == "postgresql" and not key_columns(self.table) else ()

    def keys(self, source: From) -> tuple[sa.ColumnElement[Any], ...]:
        """Name what tells a row from all others; the source is made by `source`, or an alias of that."""
        names = self._places or key_columns(self.table) or self.table.column_names
        return tuple(source.c[name] for name in names)

    @property
    def _plain(self) -> tuple[Column, ...]:
        """Return the key's columns where their types say all there is to say: no collation."""
        found = [self.table.column(name) for name in key_columns(self.table)]
        plain = [c for c in found if c is not None and c.kind in (ColumnKind.INTEGER, ColumnKind.UUID)]
        return tuple(plain) if len(plain) == len(found) else ()

    @cached_property
    def clause(self) -> sa.TableClause:
        """The temporary table."""
        width = len(self.keys(self.source()))
        names = [f"k{n}" for n in range(width)] + [f"w{n}" for n in range(len(self.wheres))]
        names += ["who"] if self.names_people else []
        columns: list[Any] = [sa.column(name) for name in names]
        schema = {"sqlite": "temp", "postgresql": "pg_temp"}.get(self.dialect)
        return sa.table(f"{TARGETS}{self.number}", *columns, schema=schema)

    @cached_property
    def joined(self) -> From:
        """The temporary table as a step joins it."""
        return self.clause.alias("troth_target")

    def own_keys(self, rows: From) -> tuple[sa.ColumnElement[Any], ...]:
        """Name the key's columns in the temporary table."""
        return tuple(rows.c[name] for name in rows.c.keys() if name.startswith("k"))  # noqa: SIM118 no mapping

    def same(self, source: From, rows: From) -> Truth:
        """Say that a row and a row of the temporary table are the same."""
        pairs = zip(self.keys(source), self.own_keys(rows), strict=True)
        return sa.and_(*(own == there for own, there in pairs))

    def created(self, dialect: sa.Dialect) -> Sequence[str]:
        """Write the statements that make the temporary table."""
        source = self.source()
        keys = [key.label(f"k{n}") for n, key in enumerate(self.keys(source))]
        flags: list[sa.ColumnElement[Any]] = [
            sa.literal_column("0").label(f"w{n}") for n in range(len(self.wheres))
        ]
        flags += [sa.cast(sa.null(), sa.Text).label("who")] if self.names_people else []
        empty = sa.select(*keys, *flags).select_from(source).where(sa.false())
        made = empty.compile(dialect=dialect, compile_kwargs={"literal_binds": True})
        name = f"{TARGETS}{self.number}"
        if dialect.name == "mariadb":
            declared = [f"w{n} integer" for n in range(len(self.wheres))]
            declared += ["who text"] if self.names_people else []
            first = self.table.column(key_columns(self.table)[0]) if self.keyed else None
            return (
                staging_mariadb.keyed(name, dialect, declared, staging_mariadb.empty(source, keys), first),
            )
        if dialect.name == "postgresql" and self._plain:
            types = [column.declared for column in self._plain]
            columns = [f"k{n} {kind}" for n, kind in enumerate(types)]
            columns += [f"w{n} integer" for n in range(len(self.wheres))]
            columns += ["who text"] if self.names_people else []
            return (f"CREATE TEMPORARY TABLE pg_temp.{name} ({', '.join(columns)}) ON COMMIT DROP",)
        if dialect.name == "postgresql":
            return (f"CREATE TEMPORARY TABLE pg_temp.{name} ON COMMIT DROP AS {made}",)
        if dialect.name == "sqlite" and self._places:
            columns = ["k0 INTEGER PRIMARY KEY", *(c.name for c in self.clause.c if c.name != "k0")]
            return (f"CREATE TEMPORARY TABLE temp.{name} ({', '.join(columns)})",)
        place = "temp." if dialect.name == "sqlite" else ""
        listed = ", ".join(f"k{n}" for n in range(len(keys)))
        return (
            f"CREATE TEMPORARY TABLE {place}{name} AS {made}",
            f"CREATE INDEX {place}{name}_key ON {name} ({listed})",
        )

    def filled(self, staged: StagedPeople) -> sa.Insert:
        """Render the statement that finds the rows, each way by its own index."""
        parts = [self._by(staged, way) for way in self._distinct()]
        names = [column.name for column in self.clause.c]
        if len(parts) == 1 and not self.names_people:
            return sa.insert(self.clause).from_select(names, parts[0])
        every = sa.union_all(*parts).subquery("troth_every")
        keys = [every.c[name] for name in names if name.startswith("k")]
        flags: list[sa.ColumnElement[Any]] = [
            sa.func.max(every.c[name]) for name in names if name.startswith("w") and name != "who"
        ]
        flags += [self._joined(every.c.who)] if self.names_people else []
        grouped = sa.select(*keys, *flags).group_by(*keys)
        return sa.insert(self.clause).from_select(names, grouped)

    def _distinct(self) -> Iterable[Way]:
        """Leave out ways that say the same, unless it matters whose the row is by them."""
        return self.ways if self.names_people else {way.where: way for way in self.ways}.values()

    def _by(self, staged: StagedPeople, way: Way) -> sa.Select[Any]:
        source = self.source().alias("troth_rows")
        keys = [key.label(f"k{n}") for n, key in enumerate(self.keys(source))]
        own = self.wheres[way.where]
        flags: list[sa.ColumnElement[Any]] = [
            sa.literal_column("1" if n == own else "0").label(f"w{n}") for n in range(len(self.wheres))
        ]
        if not self.names_people:
            where = Renderer(staged.catalog, staging=staged).where(self.dataset, way.where, source)
            return sa.select(*keys, *flags).select_from(source).where(where)
        tables, truth, person = staged.joined(way, self.dataset, source)
        who = sa.cast(person, sa.Text).label("who")
        return sa.select(*keys, *flags, who).select_from(source).select_from(tables).where(truth)

    def _joined(self, who: sa.ColumnElement[Any]) -> sa.ColumnElement[Any]:
        """Name everybody whose row it is, as numbers with commas."""
        if self.dialect == "postgresql":
            return sa.func.string_agg(sa.distinct(who), sa.literal_column("','"))
        return sa.func.group_concat(sa.distinct(who))

    def member(self, mask: int, source: From) -> Truth:
        """Say that a row was found by one of some ways, in a subquery of its own."""
        rows = self.clause
        found = sa.select(*self.own_keys(rows)).where(self.by(mask, rows))
        keys = self.keys(source)
        return keys[0].in_(found) if len(keys) == 1 else sa.tuple_(*keys).in_(found)

    def by(self, mask: int, rows: From) -> Truth:
        """Say of a row of the temporary table that one of some ways found it."""
        if mask == self.every:
            return sa.true()
        one: sa.ColumnElement[int] = sa.literal_column("1")
        return sa.or_(*(rows.c[f"w{n}"] == one for n in range(len(self.wheres)) if mask >> n & 1))

    @property
    def every(self) -> int:
        """The mask of all ways."""
        return (1 << len(self.wheres)) - 1


def key_columns(table: Table) -> tuple[str, ...]:
    """Return columns that tell every row apart: the primary key, or a unique one that is never empty.

    None where other tables inherit from it: what they hold is read and changed with it, and may have the same keys.
    """
    if table.heirs:
        return ()
    if table.primary_key:
        return table.primary_key
    filled = {c.name for c in table.columns if not c.nullable}
    return next((unique for unique in table.uniques if unique and set(unique) <= filled), ())


def rowid_name(table: Table) -> str | None:
    """Name a row's number on SQLite, where the table has one and its columns do not hide it."""
    taken = {c.name.lower() for c in table.columns}
    return None if table.without_rowid else next((name for name in ROWIDS if name not in taken), None)


def by_way(predicate: Predicate, wheres: Mapping[Predicate, int]) -> Predicate:
    """Put what was set down in place of what the ways ask: `Staged` with a mask of ways, below zero."""
    if predicate in wheres:
        return _set_down(1 << wheres[predicate])
    match predicate:
        case All(of=parts):
            return both(*(by_way(part, wheres) for part in parts))
        case AnyOf(of=parts):
            asked = [by_way(part, wheres) for part in parts]
            masks = [-p.entry for p in asked if isinstance(p, Staged) and p.entry < 0]
            rest = [p for p in asked if not (isinstance(p, Staged) and p.entry < 0)]
            mask = 0
            for one in masks:
                mask |= one
            return either(*([_set_down(mask)] if mask else []), *rest)
        case Not(of=part):
            return negate(by_way(part, wheres))
        case _:
            return predicate


def _set_down(mask: int) -> Staged:
    return Staged(entry=-mask, columns=())


def only_ours(predicate: Predicate) -> bool:
    """Tell whether a predicate that `by_way` has rewritten can only hold for rows that were set down."""
    match predicate:
        case Staged(entry=entry):
            return entry < 0
        case All(of=parts):
            return any(map(only_ours, parts))
        case AnyOf(of=parts):
            return bool(parts) and all(map(only_ours, parts))
        case Not(of=Not(of=part)):
            return only_ours(part)
        case _:
            return predicate == either()


@dataclass(frozen=True, kw_only=True)
class Standing:
    """Answers questions by way from what was set down, and all others from the staged people."""

    people: StagedPeople
    target: Target
    rows: From | None
    """The temporary table, where the statement joins it; else it is asked in subqueries."""
    top: From
    """The rows the statement is about: only they are asked by way."""

    def member(self, entry: int, table: Table, source: From, columns: tuple[str, ...]) -> Truth:
        """Render `render.Staging.member`."""
        if entry >= 0:
            return self.people.member(entry, table, source, columns)
        assert source is self.top
        return (
            self.target.by(-entry, self.rows) if self.rows is not None else self.target.member(-entry, source)
        )

    def common(self, asked: Common, table: Table, source: From) -> Truth:
        """Render `render.Staging.common`."""
        return self.people.common(asked, table, source)
