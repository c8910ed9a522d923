"""See whether a restriction on PostgreSQL holds: read every reached row as each declared role.

Troth takes each role (SET ROLE) and joins the tables with the keys of the rows, set down beforehand with its own
rights; all of it is rolled back. Ways around the policies are looked at too: views that read with their owner's
rights, SECURITY DEFINER functions that name a table, roles nobody declared.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.exc import SQLAlchemyError

from troth.catalog.model import Catalog, Table, TableKind
from troth.people.entries import Way
from troth.people.manifest import Manifest
from troth.rights.restrict import Order, Proof, Sight, State
from troth.stores.sql import staged_people, staging
from troth.stores.sql.restrict_policies import quoted
from troth.stores.sql.restrict_postgresql import partitions
from troth.stores.sql.targets import Target, key_columns
from troth.stores.sql.trouble import Trouble, classify

_VIEWS = """
WITH RECURSIVE above (oid) AS (
  SELECT c.oid FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
    WHERE n.nspname || '.' || c.relname = ANY (:tables)
  UNION
  SELECT r.ev_class FROM above a JOIN pg_depend d ON d.refobjid = a.oid AND d.classid = 'pg_rewrite'::regclass
    JOIN pg_rewrite r ON r.oid = d.objid WHERE r.ev_class <> a.oid
)
SELECT n.nspname, c.relname, c.relkind::text AS kind, c.relowner::regrole::text AS owner, r.rolname AS role,
  coalesce(array_to_string(c.reloptions, ','), '') LIKE '%security_invoker=true%' AS invoker,
  o.rolsuper OR o.rolbypassrls AS free, o.rolname = ANY (:roles) AS declared
FROM above a JOIN pg_class c ON c.oid = a.oid JOIN pg_namespace n ON n.oid = c.relnamespace
  JOIN pg_roles o ON o.oid = c.relowner, pg_roles r
WHERE c.relkind IN ('v', 'm') AND r.rolname = ANY (:roles) AND has_schema_privilege(r.oid, n.oid, 'USAGE')
  AND has_any_column_privilege(r.oid, c.oid, 'SELECT')
ORDER BY 1, 2, 5
"""
_FUNCTIONS = """
SELECT DISTINCT n.nspname || '.' || p.proname AS name
FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace, pg_roles r
WHERE p.prosecdef AND n.nspname NOT IN ('pg_catalog', 'information_schema') AND r.rolname = ANY (:roles)
  AND NOT pg_has_role(r.oid, p.proowner, 'USAGE') AND has_schema_privilege(r.oid, n.oid, 'USAGE')
  AND has_function_privilege(r.oid, p.oid, 'EXECUTE')
  AND EXISTS (SELECT FROM unnest(CAST(:names AS text[])) AS one (name)
    WHERE strpos(lower(coalesce(p.prosrc, '') || coalesce(pg_get_function_sqlbody(p.oid), '')), lower(one.name)) > 0)
ORDER BY 1
"""
_OTHERS = """
SELECT r.rolname, r.rolsuper OR r.rolbypassrls AS free, pg_has_role(r.oid, c.relowner, 'USAGE') AS owner,
  n.nspname || '.' || c.relname AS name
FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace, pg_roles r
WHERE n.nspname || '.' || c.relname = ANY (:tables) AND r.rolname <> current_user AND r.rolname NOT LIKE 'pg\\_%'
  AND r.rolname <> ALL (:roles) AND has_any_column_privilege(r.oid, c.oid, 'SELECT')
  AND NOT EXISTS (SELECT FROM pg_roles d WHERE d.rolname = ANY (:roles) AND pg_has_role(r.oid, d.oid, 'USAGE')
    AND NOT r.rolsuper)
ORDER BY 1, 4
"""


@dataclass(frozen=True, kw_only=True)
class Place:
    """A table to read, with the keys of the rows that are reached."""

    dataset: str
    schema: str
    table: Table
    target: Target
    rows: int


def prove(
    connection: sa.Connection,
    catalog: Catalog,
    people: Manifest,
    ways: Mapping[str, tuple[Way, ...]],
    order: Order,
) -> Proof:
    """Read as each declared role; the caller rolls back.

    Raises:
        SQLAlchemyError: the database does not answer.
    """
    staged = staging.stage(connection, catalog, people, staged_people.asked(catalog, people, ways))
    home = str(connection.scalar(sa.text("SELECT current_schema()")))
    places: list[Place] = []
    for name, listed in ways.items():
        table = catalog.dataset(name)
        if table is not None and table.writable:
            for one in (table, *partitions(catalog, table)):
                target = Target(
                    number=len(places),
                    dataset=name,
                    table=one,
                    dialect="postgresql",
                    ways=tuple(listed),
                    names_people=False,
                )
                connection.exec_driver_sql(";".join(target.created(connection.dialect)))
                connection.execute(target.filled(staged))
                rows = int(connection.scalar(sa.select(sa.func.count()).select_from(target.clause)) or 0)
                places.append(
                    Place(dataset=name, schema=one.schema or home, table=one, target=target, rows=rows)
                )
    return _Reading(connection, catalog, order, tuple(places)).proof()


@dataclass(frozen=True)
class _Reading:
    connection: sa.Connection
    catalog: Catalog
    order: Order
    places: tuple[Place, ...]

    @property
    def _roles(self) -> list[str]:
        return list(self.order.roles)

    @property
    def _denied(self) -> list[str]:
        return [role for role in self.order.roles if not self.order.allows(role)]

    @property
    def _tables(self) -> list[str]:
        return [f"{one.schema}.{one.table.table}" for one in self.places]

    def proof(self) -> Proof:
        """Look at every reader in turn."""
        if not self.order.roles:
            sight = Sight(
                dataset="", reader="", state="unproven", why="the data map declares no roles to read as"
            )
            return Proof(sights=(sight,))
        self._open_keys()
        sights = [sight for role in self.order.roles for sight in self._as(role)]
        others, notes = self._others()
        return Proof(sights=(*sights, *self._views(), *self._functions(), *others), notes=notes)

    def _open_keys(self) -> None:
        """Let the roles see the keys set down: they go with the transaction."""
        known = self._known()
        if self.places and known:
            tables = ", ".join(f"pg_temp.{one.target.clause.name}" for one in self.places)
            roles = ", ".join(quoted(self.connection, role) for role in known)
            self.connection.exec_driver_sql(f"GRANT SELECT ON {tables} TO {roles}")

    def _known(self) -> list[str]:
        query = "SELECT rolname FROM pg_roles WHERE rolname = ANY (:roles)"
        return list(self.connection.execute(sa.text(query), {"roles": self._roles}).scalars())

    def _as(self, role: str) -> Iterator[Sight]:
        """Read every table as one role."""
        with self.connection.begin_nested() as point:
            try:
                self.connection.exec_driver_sql(f"SET LOCAL ROLE {quoted(self.connection, role)}")
            except SQLAlchemyError:
                point.rollback()
                why = f"Troth's role may not take the role {role} (GRANT {role} TO …), or there is none"
                yield Sight(dataset="", reader=role, state="unproven", why=why)
                return
            for place in self.places:
                yield self._sight(role, place, self._seen(place, place.schema, place.table.table))
            point.rollback()

    def _sight(self, role: str, place: Place, seen: int | None) -> Sight:
        if seen is None:
            state, why = self._closed(role, place)
            return Sight(dataset=place.dataset, reader=role, state=state, why=why)
        if not self.order.allows(role):
            return Sight(
                dataset=place.dataset, reader=role, state="readable" if seen else "proven", rows=seen
            )
        if seen == place.rows or place.table.row_security:
            return Sight(dataset=place.dataset, reader=role, state="proven", rows=seen, why="let through")
        why = f"it is let through, and reads {seen} of {place.rows} rows"
        return Sight(dataset=place.dataset, reader=role, state="unproven", rows=seen, why=why)

    def _closed(self, role: str, place: Place) -> tuple[State, str]:
        """Tell whether a role that may not read the whole table may read a part of it."""
        query = "SELECT has_any_column_privilege(CAST(:p AS regclass), 'SELECT')"
        name = quoted(self.connection, place.schema, place.table.table)
        with self.connection.begin_nested():
            try:
                some = bool(self.connection.scalar(sa.text(query), {"p": name}))
            except SQLAlchemyError:
                some = False  # not even its schema is open to the role
        if some:
            return "unproven", f"{role} may read some columns, and not those by which rows are told apart"
        return "proven", "it may not read the table at all"

    def _seen(self, place: Place, schema: str, name: str) -> int | None:
        """Count the rows the present role reads of those that were set down; None where it may not."""
        source = sa.table(
            sa.sql.quoted_name(name, quote=True),
            *(sa.column(c) for c in (*place.table.column_names, "tableoid", "ctid")),
            schema=sa.sql.quoted_name(schema, quote=True),
        )
        rows = place.target.clause.alias("troth_keys")
        query = sa.select(sa.func.count()).select_from(source.join(rows, place.target.same(source, rows)))
        with self.connection.begin_nested() as point:
            try:
                return int(self.connection.scalar(query) or 0)
            except SQLAlchemyError as error:
                point.rollback()
                if classify(error) in (Trouble.DENIED, Trouble.SCHEMA):
                    return None
                raise

    def _views(self) -> Iterator[Sight]:
        """Look at views over the tables: by reading where they show the key, by whose rights they use everywhere."""
        found = self.connection.execute(sa.text(_VIEWS), {"tables": self._tables, "roles": self._roles}).all()
        for view in found:
            if self.order.allows(view.role):
                continue
            name = f"{view.nspname}.{view.relname}"
            reader = f"{view.role} through the view {name}"
            shown = self._shown(view.role, view.nspname, view.relname)
            if shown:
                yield Sight(dataset=self._dataset(name), reader=reader, state="readable", rows=shown)
            elif view.kind == "m":
                why = "a materialized view keeps what it read: refresh it, and read it again"
                yield Sight(dataset=self._dataset(name), reader=reader, state="unproven", why=why)
            elif not view.invoker and not (view.declared and not view.free):
                why = f"it reads with the rights of {view.owner}: ALTER VIEW {name} SET (security_invoker = true)"
                yield Sight(dataset=self._dataset(name), reader=reader, state="unproven", why=why)

    def _dataset(self, name: str) -> str:
        return f"{self.catalog.store}.{name}"

    def _shown(self, role: str, schema: str, view: str) -> int:
        """Count the reached rows a role reads through a view that shows their key under its own name."""
        with self.connection.begin_nested() as point:
            try:
                self.connection.exec_driver_sql(f"SET LOCAL ROLE {quoted(self.connection, role)}")
            except SQLAlchemyError:
                point.rollback()
                return 0
            keyed = [one for one in self.places if one.table.kind is not TableKind.PARTITION]
            seen = max((self._seen(p, schema, view) or 0 for p in keyed if key_columns(p.table)), default=0)
            point.rollback()
        return seen

    def _functions(self) -> Iterator[Sight]:
        names = [one.table.table for one in self.places]
        found = self.connection.execute(sa.text(_FUNCTIONS), {"roles": self._denied, "names": names})
        for name in found.scalars().all():
            why = "a SECURITY DEFINER function that names a restricted table; nobody can see what it reads"
            yield Sight(dataset="", reader=f"the function {name}", state="unproven", why=why)

    def _others(self) -> tuple[list[Sight], tuple[str, ...]]:
        """Name roles that nobody declared and that may read a table, and those whom no policy binds."""
        found = self.connection.execute(
            sa.text(_OTHERS), {"tables": self._tables, "roles": self._roles}
        ).all()
        strangers = sorted({one.rolname for one in found if not one.free and not one.owner})
        free = sorted({one.rolname for one in found if one.free or one.owner})
        why = "it may read restricted tables, and the data map does not declare it"
        sights = [Sight(dataset="", reader=name, state="unproven", why=why) for name in strangers]
        notes: tuple[str, ...] = ("Superusers and roles with BYPASSRLS see every row; no policy binds them.",)
        if free:
            notes += (f"These roles see every row, as owner or by BYPASSRLS: {', '.join(free)}.",)
        return sights, (*notes, *self._truncating())

    def _truncating(self) -> Iterator[str]:
        """Name roles that may empty a table, restricted rows and all: no policy binds TRUNCATE."""
        query = (
            "SELECT DISTINCT r.rolname FROM pg_roles r, pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace "
            "WHERE n.nspname || '.' || c.relname = ANY (:tables) AND r.rolname = ANY (:roles) "
            "AND has_table_privilege(r.oid, c.oid, 'TRUNCATE') ORDER BY 1"
        )
        asked = {"tables": self._tables, "roles": self._denied}
        names = list(self.connection.execute(sa.text(query), asked).scalars())
        if names:
            yield f"These roles may TRUNCATE a table with restricted rows, which no policy stops: {', '.join(names)}."
