"""Three people in eight tables, and steps that erase them: what the tests of SQL stores work on."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from troth.apply.people import PeopleBatch
from troth.people.entries import Entry, Way
from troth.people.kinds import Family
from troth.people.manifest import Manifest, Person
from troth.people.typed import Identity
from troth.plan.model import Blank
from troth.plan.predicates import (
    ALWAYS,
    Predicate,
    Staged,
    both,
    either,
)
from troth.rights.model import EraseFields, EraseRows, ErasureStep, Scrub
from troth.stores.sql import introspect
from troth.stores.sql import open as opening
from troth.stores.sql.people import SqlPeople

NOW = datetime(2026, 6, 1, tzinfo=UTC)
KEY, MAIL, HOME, PAIR = 0, 1, 2, 3
ENTRIES = (
    Entry(number=KEY, subject="customer", dataset="app.customers", columns=("id",)),
    Entry(
        number=MAIL,
        subject="customer",
        dataset="app.customers",
        columns=("email",),
        family=Family.EMAIL,
        kind="email",
    ),
    Entry(number=HOME, subject="customer", dataset="app.customers", columns=("address_id",)),
    Entry(number=PAIR, subject="member", dataset="app.members", columns=("club", "no")),
)
ADA = Person(
    number=1,
    values={KEY: ((1,),), MAIL: (("Ada@Example.org",),), HOME: ((11,),), PAIR: (("chess", 7),)},
    identities=(
        Identity(match="email", value="ada@example.org"),
        Identity(match="phone", value="+441632960001"),
    ),
    names=("Ada Lovelace",),
)
BOB = Person(
    number=2,
    values={KEY: ((2,),), MAIL: (("bob@example.org",),), HOME: ((12,),)},
    identities=(Identity(match="email", value="bob@example.org"),),
    names=("Bob Ross",),
)
SCHEMA = """
CREATE TABLE addresses (id integer PRIMARY KEY, street text);
CREATE TABLE customers (id integer PRIMARY KEY, email varchar(60) UNIQUE, name text NOT NULL,
  address_id integer REFERENCES addresses (id), parent_id integer REFERENCES customers (id));
CREATE TABLE orders (id integer PRIMARY KEY, customer_id integer REFERENCES customers (id), gift text,
  code varchar(5) NOT NULL);
CREATE TABLE items (order_id integer NOT NULL REFERENCES orders (id), line integer NOT NULL, engraving text,
  PRIMARY KEY (order_id, line));
CREATE TABLE news (email text, ip text);
CREATE TABLE members (club varchar(20) NOT NULL, no integer NOT NULL, nick text, PRIMARY KEY (club, no));
CREATE TABLE visits (id integer PRIMARY KEY, club text, member integer, note text);
CREATE TABLE messages (id integer PRIMARY KEY, sender integer, recipient integer, body text, short varchar(60));
CREATE TABLE legacy (id integer PRIMARY KEY, customer text, name text)
"""
ROWS = """
INSERT INTO addresses VALUES (11, 'Home of Ada'), (12, 'Home of Bob'), (13, 'Home of Eve');
INSERT INTO customers VALUES (3, 'eve@example.org', 'Eve', 13, NULL), (1, 'Ada@Example.org', 'Ada Lovelace', 11, 3),
  (2, 'bob@example.org', 'Bob Ross', 12, NULL);
INSERT INTO orders VALUES (21, 1, 'for Ada', 'a'), (22, 1, NULL, 'b'), (23, 2, 'for Bob', 'c'),
  (24, 3, 'for Eve', 'd');
INSERT INTO items VALUES (21, 1, 'A'), (21, 2, 'AA'), (22, 1, NULL), (23, 1, 'B'), (24, 1, 'E');
INSERT INTO news VALUES (' ADA@example.org', '192.0.2.1'), ('bob@example.org', '192.0.2.2'),
  ('eve@example.org', NULL), (NULL, '192.0.2.3'), ('ada@example.org', NULL);
INSERT INTO members VALUES ('chess', 7, 'ada'), ('chess', 8, 'eve'), ('go', 7, 'bob');
INSERT INTO visits VALUES (31, 'chess', 7, 'x'), (32, 'chess', 8, 'y'), (33, 'go', 7, 'z'), (34, 'chess', NULL, 'w');
INSERT INTO messages VALUES (41, 1, 3, 'Hi Eve, Ada  Lovelace here: ADA@example.org or +44 1632 960001.',
  'ada@example.org!'),
  (42, 3, 1, 'Dear ada lovelace, yours nada@example.org', NULL), (43, 3, 3, 'Ada Lovelace is nice', NULL),
  (44, 1, 2, 'Bob Ross and Ada Lovelace', NULL), (45, 2, 3, 'by Ada Lovelace and Bob Ross', NULL);
INSERT INTO legacy VALUES (51, '1', 'Ada'), (52, '2', 'Bob'), (53, 'n/a', 'Nobody'), (54, NULL, 'Nil')
"""


def way(entry: int, *columns: str, path: Any = (), role: str = "customer") -> Way:
    """Write a way in short."""
    return Way(role=role, subject="customer", path=path, end=Staged(entry=entry, columns=columns))


WAYS: Mapping[str, tuple[Way, ...]] = {
    "app.customers": (way(KEY, "id"),),
    "app.addresses": (way(HOME, "id"),),
    "app.orders": (way(KEY, "customer_id"),),
    "app.items": (way(KEY, "customer_id", path=(("app.orders", (("order_id", "id"),)),)),),
    "app.news": (way(MAIL, "email"),),
    "app.members": (way(PAIR, "club", "no"),),
    "app.visits": (way(PAIR, "club", "member"),),
    "app.messages": (way(KEY, "sender", role="sender"), way(KEY, "recipient", role="recipient")),
    "app.legacy": (way(KEY, "customer"),),
}


def mine(dataset: str) -> Predicate:
    """Say that a row is about one of the people."""
    return either(*(one.where for one in WAYS[dataset]))


def rows(dataset: str, *more: Predicate) -> EraseRows:
    """Write a step that removes rows."""
    return EraseRows(id="", dataset=dataset, where=both(mine(dataset), *more), promises=())


def fields(dataset: str, *changes: Any, where: Predicate = ALWAYS) -> EraseFields:
    """Write a step that changes fields."""
    return EraseFields(
        id="", dataset=dataset, why="erased", changes=changes, where=both(mine(dataset), where), promises=()
    )


@dataclass(frozen=True)
class World:
    """A store with everybody's rows in it."""

    engine: sa.Engine
    store: SqlPeople
    ways: Mapping[str, tuple[Way, ...]]

    def erase(
        self,
        *steps: ErasureStep,
        people: Sequence[Person] = (ADA,),
        plan: str = "p",
        number: int = 1,
        most: Any = None,
    ) -> Mapping[int, int]:
        """Erase some people; return the rows touched by each step."""
        batch = PeopleBatch(
            plan=plan,
            number=number,
            people=manifest(*people),
            steps=tuple(enumerate(steps, 1)),
            ways=self.ways,
            at_most=most or {},
        )
        return self.store.erase(batch).rows

    def all(self, table: str, where: str = "true") -> list[tuple[Any, ...]]:
        """Read a table."""
        with self.engine.connect() as connection:
            query = f"SELECT * FROM {table} WHERE {where} ORDER BY 1, 2"
            return [tuple(row) for row in connection.exec_driver_sql(query)]

    def script(self, text: str) -> None:
        """Run statements."""
        if self.engine.dialect.name == "mariadb":
            text = text.replace("\\", "\\\\")
        with self.engine.begin() as connection:
            for statement in text.split(";\n"):
                connection.exec_driver_sql(statement.replace("%", "%%"))


def manifest(*people: Person) -> Manifest:
    """Make a manifest of some people."""
    return Manifest(entries=ENTRIES, people=people)


@pytest.fixture(name="url", params=["sqlite", "postgresql", "mariadb"])
def _url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """Return the URL of an empty database of each kind."""
    if request.param != "sqlite":
        found: str = request.getfixturevalue("pg_url" if request.param == "postgresql" else "mariadb_url")
        return found
    (tmp_path / "app.db").touch()
    return f"sqlite:///{tmp_path / 'app.db'}"


@pytest.fixture(name="opened")
def _opened(url: str) -> Iterator[Callable[..., World]]:
    """Load a schema and rows, and open the store."""
    engines: list[sa.Engine] = []

    def open_(schema: str = SCHEMA, data: str = ROWS, ways: Mapping[str, tuple[Way, ...]] = WAYS) -> World:
        engine = opening.connect(url, store="app")
        engines.append(engine)
        world = World(engine=engine, ways=ways, store=None)  # type: ignore[arg-type]
        world.script(schema)
        if data:
            world.script(data)
        store = SqlPeople(engine, introspect.read(engine, "app"), lambda: NOW)
        assert store.prepare()
        return replace(world, store=store)

    yield open_
    for engine in engines:
        engine.dispose()


@pytest.fixture(name="world")
def _world(opened: Callable[..., World]) -> World:
    """Return a store with three people in it."""
    return opened()


COUNTS = {
    "app.customers": 1,
    "app.addresses": 1,
    "app.orders": 2,
    "app.items": 3,
    "app.news": 2,
    "app.members": 1,
    "app.visits": 1,
    "app.messages": 3,
    "app.legacy": 1,
}


def everything() -> tuple[ErasureStep, ...]:
    """Return steps that erase somebody everywhere."""
    return (
        rows("app.items"),
        rows("app.visits"),
        rows("app.news"),
        rows("app.legacy"),
        fields("app.messages", Scrub(column="body"), Scrub(column="short")),
        fields("app.messages", Blank(column="sender"), where=WAYS["app.messages"][0].where),
        fields("app.messages", Blank(column="recipient"), where=WAYS["app.messages"][1].where),
        rows("app.orders"),
        fields("app.customers", Blank(column="address_id")),
        rows("app.addresses"),
        rows("app.members"),
        rows("app.customers"),
    )
