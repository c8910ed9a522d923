"""A small shop with two people for tests of restriction, rectification and objection, and roles that read it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import sqlalchemy as sa

from troth.people.entries import Entry, Way
from troth.people.kinds import Family
from troth.people.manifest import Manifest, Person
from troth.plan.predicates import Staged
from troth.rights.restrict import Order
from troth.stores.sql import introspect
from troth.stores.sql import open as opening

KEY, MAIL = 0, 1
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
)
ADA = Person(number=1, values={KEY: ((1,),), MAIL: (("Ada@Example.org",),)})
BOB = Person(number=1, values={KEY: ((2,),), MAIL: (("bob@example.org",),)})
SCHEMA = """
CREATE TABLE customers (id integer PRIMARY KEY, email varchar(60) UNIQUE, name varchar(40) NOT NULL);
CREATE TABLE orders (id integer PRIMARY KEY, customer_id integer REFERENCES customers (id), gift varchar(40));
CREATE TABLE items (order_id integer NOT NULL REFERENCES orders (id), line integer NOT NULL, engraving varchar(40),
  PRIMARY KEY (order_id, line));
CREATE TABLE news (id integer PRIMARY KEY, email varchar(60));
INSERT INTO customers VALUES (1, 'Ada@Example.org', 'Ada Lovelace'), (2, 'bob@example.org', 'Bob Ross');
INSERT INTO orders VALUES (21, 1, 'for Ada'), (22, 1, NULL), (23, 2, 'for Bob');
INSERT INTO items VALUES (21, 1, 'A'), (22, 1, NULL), (23, 1, 'B');
INSERT INTO news VALUES (31, ' ADA@example.org'), (32, 'bob@example.org')
"""
TABLES = ("customers", "orders", "items", "news")


def way(entry: int, *columns: str, path: Any = ()) -> Way:
    """Write a way in short."""
    return Way(role="customer", subject="customer", path=path, end=Staged(entry=entry, columns=columns))


WAYS: Mapping[str, tuple[Way, ...]] = {
    "app.customers": (way(KEY, "id"),),
    "app.orders": (way(KEY, "customer_id"),),
    "app.items": (way(KEY, "customer_id", path=(("app.orders", (("order_id", "id"),)),)),),
    "app.news": (way(MAIL, "email"),),
}


def people(*persons: Person) -> Manifest:
    """Make a manifest."""
    return Manifest(entries=ENTRIES, people=persons)


def run(url: str, script: str) -> sa.Engine:
    """Open a database and run a script."""
    engine = opening.connect(url, store="app", create=True)
    with engine.begin() as connection:
        for command in script.split(";\n"):
            connection.exec_driver_sql(command.replace("%", "%%"))
    return engine


def catalog(engine: sa.Engine) -> Any:
    """Read the structure."""
    return introspect.read(engine, "app")


def order(id: str, roles: Mapping[str, tuple[str, ...]], *allowed: str) -> Order:
    """Write an order in short."""
    return Order(id=id, roles=roles, allowed=frozenset(allowed))


@contextmanager
def acting(engine: sa.Engine, role: str) -> Iterator[sa.Connection]:
    """Work as a role, and roll back."""
    with engine.connect() as connection:
        connection.exec_driver_sql(f'SET ROLE "{role}"')
        yield connection
        connection.rollback()
        connection.exec_driver_sql("RESET ROLE")
        connection.commit()


def counts(connection: sa.Connection) -> dict[str, int]:
    """Count the rows of every table as whoever the connection is."""
    return {t: int(connection.scalar(sa.text(f"SELECT count(*) FROM {t}")) or 0) for t in TABLES}


def contents(engine: sa.Engine) -> dict[str, list[Any]]:
    """Read every row of every table."""
    with engine.connect() as connection:
        return {t: sorted(map(repr, connection.execute(sa.text(f"SELECT * FROM {t}")).all())) for t in TABLES}
