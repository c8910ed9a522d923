"""A store with every kind of way to people, and manifests made by hand, for tests of reading and exporting."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import sqlalchemy as sa

from db.checking import fill
from troth.apply.people import Record
from troth.catalog import reach
from troth.catalog.datamap import DataMap
from troth.catalog.model import Catalog
from troth.people import entries
from troth.people.entries import Entries, Way
from troth.people.kinds import TOGETHER, match
from troth.people.manifest import Manifest, Person
from troth.people.typed import Identity
from troth.stores.sql import introspect, read

DATAMAP = {
    "stores": {"app": {"url": "given", "timezone": "UTC"}},
    "subjects": {
        "customer": {
            "dataset": "app.customers",
            "key": "id",
            "identities": {"email": "email", "phone": "phone"},
        }
    },
    "datasets": {
        "app.customers": {"fields": {"identity": ["name"], "contact": ["email", "phone"]}},
        "app.addresses": {
            "owned-by": "customer via customers.address_id",
            "fields": {"contact": ["street"]},
        },
        "app.orders": {"subject": "customer", "fields": {"transaction": ["total"]}},
        "app.items": {"fields": {"transaction": ["what"]}},
        "app.messages": {
            "subject": ["sender via from_id", "recipient via to_id"],
            "fields": {"communication": ["body"]},
        },
        "app.tickets": {
            "subject": ["customer via customer_id", "customer via email = customers.email"],
            "fields": {"communication": ["body"], "contact": ["email"]},
        },
        "app.letters": {
            "subject": "customer via email = customers.email",
            "fields": {"contact": ["email"]},
        },
        "app.notes": {"subject": "customer via customer_id", "fields": {"communication": ["text"]}},
    },
}
TABLES = """
CREATE TABLE addresses (id INTEGER PRIMARY KEY, street TEXT);
CREATE TABLE customers (id INTEGER PRIMARY KEY, name TEXT, email TEXT, phone TEXT,
  address_id INTEGER REFERENCES addresses (id));
CREATE TABLE orders (id INTEGER PRIMARY KEY, customer_id INTEGER REFERENCES customers (id), total NUMERIC(12, 2));
CREATE TABLE items (order_id INTEGER REFERENCES orders (id), line INTEGER, what TEXT, PRIMARY KEY (order_id, line));
CREATE TABLE messages (id INTEGER PRIMARY KEY, from_id INTEGER REFERENCES customers (id),
  to_id INTEGER REFERENCES customers (id), body TEXT);
CREATE TABLE tickets (id INTEGER PRIMARY KEY, customer_id INTEGER REFERENCES customers (id), email TEXT, body TEXT);
CREATE TABLE letters (email TEXT, subject TEXT);
CREATE TABLE notes (customer_id INTEGER, text TEXT)
"""
ROWS = """
INSERT INTO addresses VALUES (1, 'Alone 1'), (2, 'Together 2');
INSERT INTO customers VALUES (1, 'Ada', 'ada@example.org', '+14155550100', 1),
  (2, 'Bob', 'Bob@Example.org', NULL, 2), (3, 'Cid', 'cid@example.org', NULL, 2), (4, 'Dot', NULL, NULL, NULL);
INSERT INTO orders VALUES (10, 1, 5.10), (11, 1, 6), (20, 2, 7), (30, 3, 8);
INSERT INTO items VALUES (10, 2, 'b'), (10, 1, 'a'), (20, 1, 'c');
INSERT INTO messages VALUES (1, 1, 2, 'hello'), (2, 2, 1, 'hi'), (3, 1, 1, 'self'), (4, 3, 2, 'x'),
  (5, 1, NULL, 'out');
INSERT INTO tickets VALUES (1, 1, 'ada@example.org', 'both'), (2, 1, NULL, 'key'),
  (3, NULL, 'ADA@example.org', 'copy'),
  (4, 1, 'cid@example.org', 'odd'), (5, 3, 'ada@example.org', 'theirs'), (6, 1, 'guest@example.org', 'old');
INSERT INTO letters VALUES ('ada@example.org', 'one'), ('ada@example.org', 'one'), ('bob@example.org', 'two');
INSERT INTO notes VALUES (1, 'n'), (1, 'n'), (2, 'o')
"""


@dataclass(frozen=True, kw_only=True)
class Store:
    """An open store with what is known of it."""

    engine: sa.Engine
    catalog: Catalog
    datamap: DataMap
    known: Entries
    ways: Mapping[str, tuple[Way, ...]]

    @classmethod
    def make(cls, url: str, *scripts: str, datamap: object = None) -> Store:
        """Fill an empty store and look at it."""
        for script in scripts or (TABLES, ROWS):
            fill(url, script).dispose()
        engine = fill(url, "")
        declared = DataMap.model_validate(datamap or DATAMAP)
        catalog = introspect.read(engine, "app")
        reaches = reach.resolve(declared, {"app": catalog}, across=True)
        known = entries.entries(declared, {"app": catalog}, reaches)
        ways = entries.ways(known, declared, {"app": catalog}, reaches)
        return cls(engine=engine, catalog=catalog, datamap=declared, known=known, ways=ways)

    def manifest(self, *people: Sequence[object]) -> Manifest:
        """Make a manifest of people, each a list of keys of customers."""
        return Manifest(
            entries=self.known.of,
            people=tuple(self._person(number, keys) for number, keys in enumerate(people, 1)),
        )

    def _person(self, number: int, keys: Sequence[object]) -> Person:
        found: dict[int, tuple[tuple[object, ...], ...]] = {}
        for entry in self.known.of:
            columns = ", ".join(entry.columns)
            table = entry.dataset.partition(".")[2]
            marks = ", ".join(repr(key) for key in keys)
            query = f"SELECT {columns} FROM {table} WHERE id IN ({marks}) ORDER BY id"
            with self.engine.connect() as connection:
                found[entry.number] = tuple(tuple(row) for row in connection.exec_driver_sql(query))
        identities = tuple(
            Identity(match=match(entry.kind), value=str(row[0]).lower())
            for entry in self.known.of
            if entry.family in TOGETHER
            for row in found[entry.number]
            if row[0] is not None
        )
        return Person(number=number, values=found, identities=tuple(dict.fromkeys(identities)))

    def read(self, people: Manifest, *datasets: str) -> list[Record]:
        """Read some datasets, or all."""
        ways = {name: found for name, found in self.ways.items() if not datasets or name in datasets}
        return list(read.read(self.engine, self.catalog, people, ways))
