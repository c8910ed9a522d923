"""Harnesses of the contract for databases: the example to copy for an adapter of your own."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime

import sqlalchemy as sa

from db.contract import ADA, BEN, CEM, EMAIL, KEY, Human, manifest
from troth.apply.people import PeopleStore
from troth.people.entries import Way
from troth.people.manifest import Manifest
from troth.plan.model import Blank
from troth.plan.predicates import Staged, either
from troth.rights.model import EraseFields, EraseRows, ErasureStep, Scrub
from troth.stores.sql import introspect
from troth.stores.sql import open as opening
from troth.stores.sql.people import SqlPeople

NOW = datetime(2026, 1, 2, tzinfo=UTC)
TABLES = {
    "customers": "id varchar(40) PRIMARY KEY, email varchar(200), phone varchar(40), name varchar(200)",
    "orders": "id integer PRIMARY KEY, customer_id varchar(40) REFERENCES customers (id), total integer",
    "messages": "id integer PRIMARY KEY, from_id varchar(40) REFERENCES customers (id),"
    " to_id varchar(40) REFERENCES customers (id), body text",
    "leads": "id integer PRIMARY KEY, mail varchar(200), remark varchar(200)",
    "jobs": "id integer PRIMARY KEY, payload varchar(500)",
}
"""Children come behind parents. `leads` are recognised by their address; `jobs` stand in no data map."""


def _way(role: str, entry: int, column: str) -> Way:
    return Way(role=role, subject="customer", path=(), end=Staged(entry=entry, columns=(column,)))


FROM, TO = _way("sender", KEY, "from_id"), _way("recipient", KEY, "to_id")
WAYS: Mapping[str, tuple[Way, ...]] = {
    "app.customers": (_way("customer", KEY, "id"),),
    "app.orders": (_way("customer", KEY, "customer_id"),),
    "app.messages": (FROM, TO),
    "app.leads": (_way("customer", EMAIL, "mail"),),
}


def _rows(dataset: str) -> EraseRows:
    where = either(*(way.where for way in WAYS[dataset]))
    return EraseRows(id=dataset, dataset=dataset, where=where, promises=("erasure",))


def _messages(why: str, change: Blank | Scrub, *ways: Way) -> EraseFields:
    return EraseFields(
        id="app.messages",
        dataset="app.messages",
        why=why,  # type: ignore[arg-type]
        changes=(change,),
        where=either(*(way.where for way in ways)),
        promises=("erasure",),
    )


def _shown(human: Human) -> tuple[str, str]:
    return human.key, human.email


def _data(ada: tuple[str | None, str] = _shown(ADA)) -> dict[str, list[tuple[object, ...]]]:
    """Return the rows of every table, with what is shown of Ada in rows that stay."""
    key, email = ada
    data: dict[str, list[tuple[object, ...]]] = {
        "customers": [(h.key, h.email.title(), h.phone, h.name) for h in (ADA, BEN, CEM)],
        "orders": [(1, ADA.key, 10), (2, ADA.key, 20), (3, BEN.key, 30), (4, None, 40)],
        "messages": [
            (1, key, BEN.key, f"Dear Ben, write to {email} or {BEN.email}."),
            (2, CEM.key, key, "Dear [erased], hello." if key is None else f"Dear {ADA.name}, hello."),
            (3, BEN.key, CEM.key, f"Dear Cem, {BEN.name} here."),
        ],
        "leads": [(1, f" {ADA.email.upper()} ", "seen at the fair"), (2, BEN.email, "called")],
        "jobs": [(1, "nothing"), (2, "to do")],
    }
    return data


@dataclass(frozen=True)
class SqlHarness:
    """Five tables of one database."""

    url: str
    name: str = "app"
    records: int = 6
    ways: Mapping[str, tuple[Way, ...]] = field(default_factory=lambda: WAYS)
    steps: tuple[tuple[int, ErasureStep], ...] = (
        (2, _messages("scrub", Scrub(column="body"), FROM, TO)),
        (3, _messages("detach", Blank(column="from_id"), FROM)),
        (4, _messages("detach", Blank(column="to_id"), TO)),
        (5, _rows("app.orders")),
        (6, _rows("app.leads")),
        (7, _rows("app.customers")),
    )
    rows: Mapping[int, int] = field(default_factory=lambda: {2: 2, 3: 1, 4: 1, 5: 2, 6: 1, 7: 1})
    nooks: Mapping[str, str] = field(
        default_factory=lambda: {
            "a table in no map": "found",
            "a document": "found",
            "another column": "found",
        }
    )

    @contextmanager
    def _connection(self) -> Iterator[sa.Connection]:
        engine = opening.connect(self.url, store=self.name, readonly=False)
        try:
            with engine.begin() as connection:
                yield connection
        finally:
            engine.dispose()

    def fill(self) -> None:
        """Make the tables anew."""
        with self._connection() as connection:
            for statement in self._clearing(connection.dialect.name):
                connection.exec_driver_sql(statement)
            data = _data()
            for name, columns in TABLES.items():
                connection.exec_driver_sql(f"CREATE TABLE {name} ({columns})")
                self._insert(connection, name, *data[name])

    def _clearing(self, dialect: str) -> list[str]:
        if dialect == "postgresql":
            return [
                "DROP SCHEMA IF EXISTS troth CASCADE",
                "DROP SCHEMA public CASCADE",
                "CREATE SCHEMA public",
            ]
        tables = [*reversed(TABLES), "troth_people_batches", "troth_batches"]
        return [f"DROP TABLE IF EXISTS {name}" for name in tables]

    def _insert(self, connection: sa.Connection, name: str, *rows: tuple[object, ...]) -> None:
        for row in rows:
            marks = {f"c{n}": value for n, value in enumerate(row)}
            values = ", ".join(f":{mark}" for mark in marks)
            connection.execute(sa.text(f"INSERT INTO {name} VALUES ({values})"), marks)

    @contextmanager
    def _store(self) -> Iterator[PeopleStore]:
        engine = opening.connect(self.url, store=self.name, readonly=False)
        try:
            yield SqlPeople(engine, introspect.read(engine, self.name), self.now)
        finally:
            engine.dispose()

    def opened(self) -> AbstractContextManager[PeopleStore]:
        """Open the database."""
        return self._store()

    @property
    def now(self) -> Callable[[], datetime]:
        """Return the clock."""
        return lambda: NOW

    def manifest(self, *people: Human) -> Manifest:
        """Return the manifest of some people."""
        return manifest(*people)

    def everything(self) -> object:
        """Read every table."""
        with self._connection() as connection:
            return {
                name: [tuple(row) for row in connection.exec_driver_sql(f"SELECT * FROM {name} ORDER BY 1")]
                for name in sorted(TABLES)
            }

    def after(self) -> object:
        """Return the tables without Ada."""
        data = _data((None, "[erased]"))
        gone = {"customers": (ADA.key,), "orders": (1, 2), "leads": (1,)}
        return {
            name: sorted(row for row in data[name] if row[0] not in gone.get(name, ()))
            for name in sorted(TABLES)
        }

    def plant(self, text: str, nook: str) -> None:
        """Put a text where no step looks."""
        with self._connection() as connection:
            if nook == "a table in no map":
                self._insert(connection, "jobs", (9, f"remind {text}"))
            elif nook == "a document":
                self._insert(connection, "jobs", (9, f'{{"to": ["{text}"]}}'))
            else:
                self._insert(connection, "leads", (9, None, f"knows {text}, it seems"))

    def plant_beside(self, text: str) -> None:
        """Let Ben's name have somebody's in it."""
        with self._connection() as connection:
            given = {"name": f"{BEN.name}, for {text}", "id": BEN.key}
            connection.execute(sa.text("UPDATE customers SET name = :name WHERE id = :id"), given)

    def obstruct(self) -> None:
        """Let the last step fail, with a value in the database's own message."""
        message = "'no, not ' || OLD.email"
        with self._connection() as connection:
            if connection.dialect.name == "postgresql":
                body = f"BEGIN RAISE EXCEPTION '%', {message}; END"
                connection.exec_driver_sql(
                    f"CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$ {body} $$".replace(
                        "%", "%%"
                    )
                )
                call = "EXECUTE FUNCTION refuse()"
                connection.exec_driver_sql(
                    f"CREATE TRIGGER refuse BEFORE DELETE ON customers FOR EACH ROW {call}"
                )
            elif connection.dialect.name == "mariadb":
                said = "DECLARE said text DEFAULT concat('no, not ', OLD.email)"
                body = f"BEGIN {said}; SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = said; END"
                connection.exec_driver_sql(
                    f"CREATE TRIGGER refuse BEFORE DELETE ON customers FOR EACH ROW {body}"
                )
            else:
                body = f"BEGIN SELECT RAISE(ABORT, 'no'), {message}; END"
                connection.exec_driver_sql(f"CREATE TRIGGER refuse BEFORE DELETE ON customers {body}")
