"""Restriction on PostgreSQL: row-level security hides the rows from the declared roles of applications.

For each way by which rows are somebody's there is a list of keys in the schema `troth`, and each table has one
RESTRICTIVE policy for each declared role (manual, CREATE POLICY): a row whose key is on a list that does not let the
role through does not exist for it. Rows that come later are hidden at once where they name the person by a key. What
the table had of row security before is noted, and put back when the last restriction goes. Proving is in
`restrict_reading`.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import sqlalchemy as sa

from troth.catalog.model import Catalog, ColumnKind, Table
from troth.errors import Refused
from troth.people.entries import Entry, Way
from troth.people.manifest import Manifest
from troth.rights.restrict import Means, Order, Placed
from troth.stores.sql import staged_people, staging, staging_values, targets
from troth.stores.sql.render import Renderer, table_clause
from troth.stores.sql.restrict_policies import SCHEMA, Policies, quoted
from troth.stores.sql.staged_people import StagedPeople

LOCK_WAIT = "10s"
"""How long a policy waits for others to leave a table: it keeps everybody out meanwhile."""
_HOME = f"""
CREATE SCHEMA IF NOT EXISTS {SCHEMA};
CREATE TABLE IF NOT EXISTS {SCHEMA}.restricted_tables (schema_name text, table_name text, enabled boolean NOT NULL,
  forced boolean NOT NULL, policies text NOT NULL, PRIMARY KEY (schema_name, table_name));
CREATE TABLE IF NOT EXISTS {SCHEMA}.restricted_lists (list text, schema_name text, table_name text,
  columns text[] NOT NULL, PRIMARY KEY (list, schema_name, table_name));
CREATE TABLE IF NOT EXISTS {SCHEMA}.restricted_roles (role text PRIMARY KEY)
"""


@dataclass(frozen=True, kw_only=True)
class Guard:
    """Columns of a table that say whose a row is, and the list of values that are restricted."""

    table: Table
    columns: tuple[str, ...]
    ways: tuple[Way, ...]
    """The ways it stands for."""
    direct: bool
    """The columns hold the person's key, so that rows to come are known too."""

    @cached_property
    def list(self) -> str:
        """Name the list; the name says nothing."""
        text = "\0".join((self.table.name, *self.columns))
        return f"restricted_{hashlib.sha256(text.encode()).hexdigest()[:12]}"


def guards(catalog: Catalog, dataset: str, ways: Sequence[Way], entries: Mapping[int, Entry]) -> list[Guard]:
    """List what tells the restricted rows of a dataset: the person's key where rows hold it, else their own."""
    table = catalog.dataset(dataset)
    assert table is not None, dataset
    found: dict[tuple[str, ...], list[Way]] = {}
    own = targets.key_columns(table)
    for way in ways:
        held = [table.column(name) for name in way.end.columns]
        exact = entries[way.end.entry].family is None and all(
            c is not None and c.kind is not ColumnKind.ARRAY for c in held
        )
        found.setdefault(way.end.columns if exact and not way.path else own, []).append(way)
    return [
        Guard(
            table=table,
            columns=columns,
            ways=tuple(listed),
            direct=all(not w.path and w.end.columns == columns for w in listed),
        )
        for columns, listed in found.items()
        if columns
    ]


def partitions(catalog: Catalog, table: Table) -> Iterator[Table]:
    """Yield the partitions of a table: whoever may read one directly meets only its own policies."""
    for one in catalog.tables.values():
        if one.partition_of == table.name:
            yield one
            yield from partitions(catalog, one)


def place(
    connection: sa.Connection,
    catalog: Catalog,
    people: Manifest,
    ways: Mapping[str, tuple[Way, ...]],
    order: Order,
) -> tuple[Placed, ...]:
    """Hide the rows of the people from the declared roles; done again, it takes in what has come since.

    Raises:
        Refused: no role is declared, one is not there, or Troth's own role would be hindered too.
        SQLAlchemyError: the database refuses; the caller rolls back.
    """
    connection.exec_driver_sql(f"SET LOCAL lock_timeout = '{LOCK_WAIT}'")
    check_roles(connection, catalog, order)
    _home(connection, order)
    staged = staging.stage(connection, catalog, people, staged_people.asked(catalog, people, ways))
    return tuple(_Work(connection, staged, order).dataset(name, listed) for name, listed in ways.items())


def lift(connection: sa.Connection, id: str) -> int:
    """Take a restriction off all lists; what stands on none any more is as it was before.

    Returns:
        How many entries of lists it took off.
    """
    connection.exec_driver_sql(f"SET LOCAL lock_timeout = '{LOCK_WAIT}'")
    if connection.scalar(sa.text(f"SELECT to_regclass('{SCHEMA}.restricted_lists') IS NULL")):
        return 0
    gone = 0
    tables: dict[tuple[str, str], list[str]] = {}
    empty: dict[str, bool] = {}
    lists = sa.text(f"SELECT list, schema_name, table_name FROM {SCHEMA}.restricted_lists ORDER BY 1, 2, 3")
    for name, schema, table in connection.execute(lists).all():
        tables.setdefault((schema, table), []).append(name)
        if name not in empty:
            taken = sa.text(f"DELETE FROM {SCHEMA}.{name} WHERE restriction = :id")
            gone += connection.execute(taken, {"id": id}).rowcount
            empty[name] = not connection.scalar(sa.text(f"SELECT EXISTS (SELECT FROM {SCHEMA}.{name})"))
    for (schema, table), names in tables.items():
        if all(empty[name] for name in names):
            Policies(connection, schema, table).put_back()
    _drop_unused(connection, [name for name in empty if empty[name]])
    return gone


def _drop_unused(connection: sa.Connection, names: Sequence[str]) -> None:
    """Drop the lists no table asks any more, and what the roles were let in for."""
    for name in names:
        asked = f"SELECT EXISTS (SELECT FROM {SCHEMA}.restricted_lists WHERE list = :l)"
        if not connection.scalar(sa.text(asked), {"l": name}):
            connection.exec_driver_sql(f"DROP TABLE IF EXISTS {SCHEMA}.{name}")
    if connection.scalar(sa.text(f"SELECT EXISTS (SELECT FROM {SCHEMA}.restricted_lists)")):
        return
    known = (
        f"DELETE FROM {SCHEMA}.restricted_roles r USING pg_roles k WHERE k.rolname = r.role RETURNING r.role"
    )
    for role in connection.execute(sa.text(known)).scalars().all():
        connection.exec_driver_sql(f"REVOKE USAGE ON SCHEMA {SCHEMA} FROM {quoted(connection, role)}")


def check_roles(connection: sa.Connection, catalog: Catalog, order: Order) -> None:
    """Refuse what could not work: roles that are not there, or that Troth is a part of."""
    if not order.roles:
        raise Refused(
            f"Store `{catalog.store}` declares no roles of applications, so nobody can be kept out.",
            hint=f"Declare them: stores: {{{catalog.store}: {{roles: {{app: [support]}}}}}}.",
        )
    names = sorted(order.roles)
    known = connection.execute(
        sa.text("SELECT rolname FROM pg_catalog.pg_roles WHERE rolname = ANY (:names)"), {"names": names}
    )
    missing = sorted(set(names) - set(known.scalars()))
    if missing:
        raise Refused(
            f"Store `{catalog.store}` has no role {', '.join(missing)}.",
            hint="Correct `roles` in the data map: a role that is not there can be kept out of nothing.",
        )
    ours = connection.execute(
        sa.text(
            "SELECT r.rolname FROM pg_catalog.pg_roles r, pg_catalog.pg_roles me WHERE me.rolname = current_user "
            "AND NOT me.rolsuper AND NOT me.rolbypassrls AND r.rolname = ANY (:names) "
            "AND pg_has_role(current_user, r.oid, 'USAGE') ORDER BY 1"
        ),
        {"names": names},
    )
    if hindered := list(ours.scalars()):
        raise Refused(
            f"Store `{catalog.store}`: Troth's own role is, or has the rights of, {', '.join(hindered)}: what is "
            "hidden from the application would be hidden from Troth.",
            hint="Give Troth a role of its own: with BYPASSRLS, or NOINHERIT.",
        )


def _home(connection: sa.Connection, order: Order) -> None:
    """Make the lists of lists, and let the roles in: a policy asks with the rights of whoever reads."""
    connection.exec_driver_sql(_HOME)
    for role in order.roles:
        had = connection.scalar(
            sa.text(f"SELECT has_schema_privilege(:role, '{SCHEMA}', 'USAGE')"), {"role": role}
        )
        if not had:
            connection.exec_driver_sql(f"GRANT USAGE ON SCHEMA {SCHEMA} TO {quoted(connection, role)}")
            note = f"INSERT INTO {SCHEMA}.restricted_roles VALUES (:role) ON CONFLICT DO NOTHING"
            connection.execute(sa.text(note), {"role": role})


@dataclass(frozen=True)
class _Work:
    """A transaction in which people's rows are being hidden."""

    connection: sa.Connection
    staged: StagedPeople
    order: Order

    def dataset(self, name: str, ways: Sequence[Way]) -> Placed:
        """Hide the rows of one dataset."""
        found = guards(self.staged.catalog, name, ways, self.staged.entries)
        table = self.staged.catalog.dataset(name)
        assert table is not None, name
        if not table.writable:
            return Placed(
                dataset=name, means=Means.NONE, rows=0, why="no table: its rows are hidden where they are"
            )
        covered = {way for guard in found for way in guard.ways}
        rows = self._rows(name, ways, table)
        if not covered >= set(ways):
            return Placed(dataset=name, means=Means.NONE, rows=rows, why="the table has no key")
        why = ""
        for one in (table, *partitions(self.staged.catalog, table)):
            why = self._secured(one, found) or why
        if why:
            return Placed(dataset=name, means=Means.NONE, rows=rows, why=why)
        for guard in found:
            self._fill(name, guard)
        return Placed(dataset=name, means=Means.ROW_SECURITY, rows=rows)

    def _rows(self, name: str, ways: Sequence[Way], table: Table) -> int:
        rows = table_clause(table).alias("troth_rows")
        renderer = Renderer(self.staged.catalog, staging=self.staged)
        where = sa.or_(*(renderer.where(name, way.where, rows) for way in ways))
        return int(self.connection.scalar(sa.select(sa.func.count()).select_from(rows).where(where)) or 0)

    def _fill(self, name: str, guard: Guard) -> None:
        """Put the keys of the people at hand on a list."""
        keys: list[Any] = [sa.column(f"k{n}") for n in range(len(guard.columns))]
        target: Any = sa.table(
            guard.list, sa.column("restriction"), sa.column("allowed"), *keys, schema=SCHEMA
        )
        self.connection.execute(sa.delete(target).where(target.c.restriction == self.order.id))
        for part in self._parts(name, guard):
            made = sa.dialects.postgresql.insert(target).from_select(list(target.c.keys()), part)
            self.connection.execute(made.on_conflict_do_nothing())

    def _parts(self, name: str, guard: Guard) -> Iterator[sa.Select[Any]]:
        allowed = sa.cast(sa.literal(list(self.order.let_through), sa.ARRAY(sa.Text)), sa.ARRAY(sa.Text))
        head: list[Any] = [sa.literal(self.order.id), allowed]
        rows = table_clause(guard.table).alias("troth_rows")
        renderer = Renderer(self.staged.catalog, staging=self.staged)
        own = [rows.c[column] for column in guard.columns]
        filled = [column.is_not(None) for column in own]
        for way in guard.ways:
            yield sa.select(*head, *own).distinct().where(renderer.where(name, way.where, rows), *filled)
        if guard.direct:
            yield from self._known(head, guard)

    def _known(self, head: list[Any], guard: Guard) -> Iterator[sa.Select[Any]]:
        """Take the people's keys themselves: rows to come are hidden by them."""
        columns = [staging_values.found(guard.table, name) for name in guard.columns]
        for entry in {way.end.entry for way in guard.ways}:
            wanted = staged_people.shape(self.staged.catalog, self.staged.entries[entry], columns)
            pairs = zip(wanted.forms, columns, strict=True)
            if not any(staging_values.as_text(form, column) for form, column in pairs):
                there = staged_people.clause(self.staged.catalog, self.staged.shapes, wanted)
                values = [there.c[f"c{n}"] for n in range(len(columns))]
                yield sa.select(*head, *values).distinct().where(*(v.is_not(None) for v in values))

    def _secured(self, table: Table, found: Sequence[Guard]) -> str:
        """Put lists and policies in place for one table; say what forbids it, if anything does."""
        schema = table.schema or str(self.connection.scalar(sa.text("SELECT current_schema()")))
        policies = Policies(self.connection, schema, table.table)
        before = policies.before()
        force = policies.owned_by(tuple(self.order.roles))
        if why := before.forbids(force=force):
            return why
        for guard in found:
            self._list(schema, table, guard)
        policies.put(tuple(self.order.roles), self._listed(schema, table), before, force=force)
        return ""

    def _list(self, schema: str, table: Table, guard: Guard) -> None:
        """Make a list, with the types of the columns it is compared with, and let the roles ask it."""
        name = f"{SCHEMA}.{guard.list}"
        if self.connection.scalar(sa.text(f"SELECT to_regclass('{name}') IS NULL")):
            home = guard.table.schema or schema
            columns = ", ".join(f"{quoted(self.connection, c)} AS k{n}" for n, c in enumerate(guard.columns))
            keys = ", ".join(f"k{n}" for n in range(len(guard.columns)))
            self.connection.exec_driver_sql(
                f"CREATE TABLE {name} AS SELECT ''::text AS restriction, '{{}}'::text[] AS allowed, {columns} "
                f"FROM {quoted(self.connection, home, guard.table.table)} WITH NO DATA; "
                f"CREATE UNIQUE INDEX ON {name} ({keys}, restriction)"
            )
        roles = ", ".join(quoted(self.connection, role) for role in self.order.roles)
        self.connection.exec_driver_sql(f"GRANT SELECT ON {name} TO {roles}")
        note = f"INSERT INTO {SCHEMA}.restricted_lists VALUES (:l, :s, :t, :c) ON CONFLICT DO NOTHING"
        values = {"l": guard.list, "s": schema, "t": table.table, "c": list(guard.columns)}
        self.connection.execute(sa.text(note), values)

    def _listed(self, schema: str, table: Table) -> Mapping[str, tuple[str, ...]]:
        """Name all lists of a table, those of an older data map too."""
        query = (
            f"SELECT list, columns FROM {SCHEMA}.restricted_lists WHERE schema_name = :s AND table_name = :t"
        )
        found = self.connection.execute(sa.text(f"{query} ORDER BY list"), {"s": schema, "t": table.table})
        return {name: tuple(columns) for name, columns in found}
