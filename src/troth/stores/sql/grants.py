"""Write the SQL that gives Troth's two roles exactly what the data map needs, and no more.

`troth_look` reads mapped tables; `troth_apply` also blanks declared fields, deletes where rows may go, and owns
the schema `troth` (MariaDB: writes the table `troth_batches`) for its own bookkeeping. Text only: an administrator
reads it and runs it.
"""

from __future__ import annotations

from collections.abc import Iterator

import sqlalchemy as sa

from troth.catalog import reach
from troth.catalog.datamap import DataMap, Dataset
from troth.catalog.model import Catalog, Table
from troth.stores.sql import people_marks
from troth.stores.sql.marks import MARKS
from troth.stores.sql.read_mariadb import ON_UPDATE

LOOK, APPLY = "troth_look", "troth_apply"

_SQLITE = """\
-- SQLite has no roles: whoever may read the file may read all of it, whoever may write it may change all of it.
-- Give Troth's user, and nobody else, these rights on the file and on its folder (SQLite writes beside it):
--   to look:   read on the file, read and search on the folder
--   to apply:  read and write on the file, write on the folder
-- For example, with a group `troth` that holds the application and Troth:
--   chgrp troth app.db .  &&  chmod 660 app.db  &&  chmod 2770 .
"""


def grants(catalog: Catalog, datamap: DataMap, dialect: str) -> str:
    """Write the grants for one store.

    Run again after the data map has changed, the result also takes back what is no longer needed.

    Args:
        catalog: The store's live structure.
        datamap: What is mapped, blanked and deleted.
        dialect: `postgresql`, `mariadb` or `sqlite`; for others the answer says so in a comment.
    """
    if dialect == "sqlite":
        return _SQLITE
    if dialect == "mariadb":
        return "\n".join(_MariaDB(catalog, datamap).lines()) + "\n"
    if dialect != "postgresql":
        return f"-- Troth does not know the rights of {dialect} yet.\n"
    return "\n".join(_Writer(catalog, datamap).lines()) + "\n"


class _Writer:
    """One store, its map, and how names are quoted."""

    url = "postgresql+psycopg://"

    def __init__(self, catalog: Catalog, datamap: DataMap) -> None:
        self.catalog = catalog
        self.dialect = sa.create_mock_engine(self.url, lambda *_: None).dialect
        self.quote = self.dialect.identifier_preparer.quote_identifier
        prefix = f"{catalog.store}."
        mine = {name: d for name, d in datamap.datasets.items() if name.startswith(prefix)}
        self.mapped = {name: d for name, d in mine.items() if catalog.dataset(name) is not None}
        self.missing = sorted(set(mine) - set(self.mapped))
        needing = {n for name in self.mapped for n in _referring(catalog, name)}
        self.read = sorted({*self.mapped, *_on_the_way(catalog, datamap), *needing})

    def lines(self) -> Iterator[str]:
        yield f"-- Least privilege for Troth on store `{self.catalog.store}`. Run as a superuser or the owner."
        yield f"-- {LOOK} reads what is mapped; {APPLY} also changes it. Afterwards set passwords: \\password {LOOK}"
        yield "BEGIN;"
        yield from self._roles()
        for name in self.missing:
            yield f"-- {name} is in the data map but not in the database: nothing granted"
        yield from self._schemas()
        for name in self.read:
            yield from self._table(name)
        yield "-- VACUUM and ANALYZE after a run need ownership, or from PostgreSQL 17 on:"
        yield f"--   GRANT pg_maintain TO {APPLY};"
        yield "COMMIT;"

    def _roles(self) -> Iterator[str]:
        for role in (LOOK, APPLY):
            yield (
                f"DO $$ BEGIN IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = '{role}') "
                f"THEN CREATE ROLE {role} LOGIN; END IF; END $$;"
            )
        yield (
            "DO $$ BEGIN EXECUTE format('GRANT CONNECT, TEMPORARY ON DATABASE %I TO "
            f"{LOOK}, {APPLY}', current_database()); END $$;"
        )
        yield f"CREATE SCHEMA IF NOT EXISTS troth AUTHORIZATION {APPLY};"

    def _schemas(self) -> Iterator[str]:
        for schema in sorted({self._schema(self._of(name)) for name in self.read}):
            yield f"REVOKE ALL ON ALL TABLES IN SCHEMA {schema} FROM {LOOK}, {APPLY};"
            yield f"GRANT USAGE ON SCHEMA {schema} TO {LOOK}, {APPLY};"

    def _table(self, name: str) -> Iterator[str]:
        table = self._of(name)
        place = f"{self._schema(table)}.{self.quote(table.table)}"
        yield f"GRANT SELECT ON {place} TO {LOOK}, {APPLY};"
        if table.row_security:
            yield f"-- {place} has row security: nothing is planned by rows a role may not see. As a superuser:"
            yield f"--   ALTER ROLE {LOOK} BYPASSRLS; ALTER ROLE {APPLY} BYPASSRLS;"
        dataset = self.mapped.get(name)
        if dataset is None or not table.writable:
            return
        columns = _changed(table, dataset)
        deletes = dataset.on_expiry == "delete-row"
        if deletes and not columns:
            columns = _to_lock(table)
            yield "-- locking rows before they are deleted needs UPDATE on some column"
        if columns:
            yield f"GRANT UPDATE ({', '.join(map(self.quote, columns))}) ON {place} TO {APPLY};"
        if deletes:
            yield f"GRANT DELETE ON {place} TO {APPLY};"

    def _of(self, name: str) -> Table:
        table = self.catalog.dataset(name)
        assert table is not None
        return table

    def _schema(self, table: Table) -> str:
        return self.quote(table.schema or "public")


class _MariaDB(_Writer):
    """A database of a MariaDB server; names without a database mean the one the administrator is in."""

    url = "mariadb+pymysql://"

    def lines(self) -> Iterator[str]:
        yield f"-- Least privilege for Troth on store `{self.catalog.store}`. Run as an administrator, in its"
        yield "-- database: mariadb shop < grants.sql"
        yield f"-- {LOOK} reads what is mapped; {APPLY} also changes it. Both are locked until they get a password:"
        yield f"--   ALTER USER '{LOOK}'@'%' IDENTIFIED BY '…' ACCOUNT UNLOCK;"
        yield "-- What they were granted before, on all databases of this server, is taken back first: of several"
        yield "-- stores there, run the grants of each again, all but the first without the REVOKEs."
        for user in self._users(LOOK, APPLY):
            yield f"CREATE USER IF NOT EXISTS {user} ACCOUNT LOCK;"
            yield f"REVOKE ALL PRIVILEGES, GRANT OPTION FROM {user};"
        yield from self._structure()
        for marks in (MARKS, people_marks.MARKS):
            made = sa.schema.CreateTable(marks, if_not_exists=True).compile(dialect=self.dialect)
            yield f"{' '.join(str(made).split())};"
            yield f"GRANT SELECT, INSERT ON {marks.name} TO {self._users(APPLY)[0]};"
        for name in self.missing:
            yield f"-- {name} is in the data map but not in the database: nothing granted"
        for name in self.read:
            yield from self._table(name)

    def _users(self, *names: str) -> list[str]:
        return [f"'{name}'@'%'" for name in names]

    def _structure(self) -> Iterator[str]:
        both = ", ".join(self._users(LOOK, APPLY))
        yield "-- REFERENCES shows tables, columns and keys, and no row: a key nobody sees could take rows along."
        for place in ["*", *(f"{name}.*" for name in sorted(self._databases()))]:
            yield f"GRANT REFERENCES, CREATE TEMPORARY TABLES ON {place} TO {both};"
        yield "-- Triggers are shown to no user without TRIGGER, which lets it make some too. For plans to name them:"
        yield f"--   GRANT TRIGGER ON * TO {both};"
        yield "-- To renew statistics that hold values after a run (ANALYZE TABLE … PERSISTENT), where there are any:"
        yield f"--   GRANT SELECT ON mysql.column_stats TO {both}; and INSERT on the tables to {APPLY}"

    def _databases(self) -> set[str]:
        """Name the other databases; in this place `_` and `%` would stand for any letters."""
        named = {table.schema for name in self.read if (table := self._of(name)).schema}
        return {self.quote(name.replace("_", "\\_").replace("%", "\\%")) for name in named if name}

    def _table(self, name: str) -> Iterator[str]:
        table = self._of(name)
        place = self.quote(table.table)
        place = f"{self.quote(table.schema)}.{place}" if table.schema else place
        (apply,) = self._users(APPLY)
        yield f"GRANT SELECT ON {place} TO {', '.join(self._users(LOOK, APPLY))};"
        dataset = self.mapped.get(name)
        if dataset is None or not table.writable or not table.transactional:
            return
        columns = _changed(table, dataset)
        if columns:
            clocks = (c.name for c in table.columns if ON_UPDATE in c.declared and c.name not in columns)
            listed = ", ".join(map(self.quote, (*columns, *clocks)))
            yield f"GRANT UPDATE ({listed}) ON {place} TO {apply};"
        if dataset.on_expiry == "delete-row":
            yield f"GRANT DELETE ON {place} TO {apply};"


def _on_the_way(catalog: Catalog, datamap: DataMap) -> set[str]:
    """Name the tables that ways to subjects pass through, mapped or not."""
    hops = reach.resolve(datamap, {catalog.store: catalog}).hops()
    return {hop.target for hop in hops if catalog.dataset(hop.target) is not None}


def _referring(catalog: Catalog, name: str) -> Iterator[str]:
    """Name the tables whose rows refer to a dataset's: none of those they need is deleted."""
    for child, _ in catalog.referrers.get(name.partition(".")[2], ()):
        if catalog.tables[child].writable:
            yield f"{catalog.store}.{child}"


def _changed(table: Table, dataset: Dataset) -> tuple[str, ...]:
    """List the declared fields that can be blanked, replaced or made coarser, in the order of the table."""
    fields = {f.name for given in dataset.fields.values() for f in given if f.on_expiry != "keep"}
    return tuple(c.name for c in table.columns if c.name in fields and not c.generated)


def _to_lock(table: Table) -> tuple[str, ...]:
    return tuple(c.name for c in table.columns if not c.generated)[:1]
