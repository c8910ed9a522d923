"""Restriction on SQLite and MariaDB: rows leave the application's tables, and come back as they were."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from db import restricting as shop
from db.restricting import ADA, BOB, WAYS
from troth.errors import StoreError
from troth.rights.restrict import Means
from troth.stores.sql import restrict, restrict_quarantine

ALL = {"customers": 2, "orders": 3, "items": 3, "news": 2}
HIDDEN = {"customers": 1, "orders": 1, "items": 1, "news": 1}


@dataclass
class Shop:
    engine: sa.Engine

    def place(self, id: str = "restriction:1", person: Any = ADA, **markers: str) -> Any:
        named = {f"app.{name}": column for name, column in markers.items()}
        catalog = shop.catalog(self.engine)
        return restrict.place(self.engine, catalog, shop.people(person), WAYS, shop.order(id, {}), named)

    def lift(self, id: str = "restriction:1", heir: str = "") -> int:
        return restrict.lift(self.engine, shop.catalog(self.engine), id, heir)

    def prove(self, id: str = "restriction:1") -> Any:
        return restrict.prove(
            self.engine, shop.catalog(self.engine), shop.people(ADA), WAYS, shop.order(id, {})
        )

    def seen(self) -> dict[str, int]:
        with self.engine.connect() as connection:
            return shop.counts(connection)

    def run(self, *commands: str) -> None:
        with self.engine.begin() as connection:
            for command in commands:
                connection.exec_driver_sql(command)

    def tables(self) -> list[str]:
        return sorted(sa.inspect(self.engine).get_table_names())


@pytest.fixture(params=["sqlite", "mariadb"])
def db(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Shop]:
    """Give a shop on each of the two."""
    url = (
        f"sqlite:///{tmp_path}/a.db" if request.param == "sqlite" else request.getfixturevalue("mariadb_url")
    )
    made = Shop(shop.run(url, shop.SCHEMA))
    yield made
    made.engine.dispose()


def test_rows_go_and_come_back_exactly(db: Shop) -> None:
    """The person's rows are in no table of the application, then all are back, and nothing else is left."""
    rows, tables = shop.contents(db.engine), db.tables()
    assert {one.means for one in db.place()} == {Means.QUARANTINE}
    assert db.seen() == HIDDEN
    db.lift()
    assert (shop.contents(db.engine), db.tables()) == (rows, tables)
    assert db.lift() == 0


def test_nothing_is_proven_before_or_claimed_too_much(db: Shop) -> None:
    """Before, the rows are readable; afterwards SQLite is proven, and MariaDB is not, for want of roles to try."""
    assert (db.prove().state, db.prove().readable) == ("readable", 6)
    db.place()
    expected = "proven" if db.engine.dialect.name == "sqlite" else "unproven"
    assert db.prove().state == expected


def test_done_again_it_takes_in_what_came(db: Shop) -> None:
    """Rows that come later are readable until it is done again."""
    db.place()
    db.run("INSERT INTO news VALUES (40, 'ada@example.org')")
    assert db.prove().state == "readable"
    db.place()
    assert db.seen() == HIDDEN


def test_another_restriction_inherits_the_rows(db: Shop) -> None:
    """Rows that a second restriction of the same person keeps stay away until that one is lifted."""
    rows = shop.contents(db.engine)
    db.place()
    db.place("restriction:3", BOB)
    db.lift("restriction:1", heir="restriction:2")
    assert db.seen() == {"customers": 0, "orders": 0, "items": 0, "news": 0}
    db.lift("restriction:3")
    assert db.seen() == HIDDEN
    db.lift("restriction:2")
    assert shop.contents(db.engine) == rows


def test_rows_that_others_refer_to_are_marked(db: Shop) -> None:
    """A customer whom a stranger's row refers to stays: with a column that tells of it, or with nothing."""
    db.run(
        "CREATE TABLE refunds (id integer PRIMARY KEY, customer_id integer REFERENCES customers (id) "
        "ON DELETE CASCADE)",
        "INSERT INTO refunds VALUES (1, 1)",
        "ALTER TABLE customers ADD COLUMN blocked varchar(20)",
        "UPDATE customers SET blocked = 'no'",
    )
    rows = shop.contents(db.engine)
    assert {o.dataset: o.means for o in db.place()}["app.customers"] is Means.NONE
    assert (db.prove().state, db.prove().readable) == ("readable", 1)
    db.lift()
    db.place("restriction:1", customers="blocked")
    db.place("restriction:2", customers="blocked")
    assert db.prove().state == "unproven"
    db.lift("restriction:1")
    with db.engine.connect() as connection:
        assert connection.scalar(sa.text("SELECT blocked FROM customers WHERE id = 1")) == "restricted"
        assert connection.scalar(sa.text("SELECT count(*) FROM refunds")) == 1
    db.lift("restriction:2")
    assert shop.contents(db.engine) == rows


def test_a_crash_in_the_middle_leaves_all_or_nothing(db: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    """Killed between copying and deleting, nothing has moved; done again, everything has."""
    rows = shop.contents(db.engine)

    def stop(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched, pytest.raises(KeyboardInterrupt):
        patched.setattr(restrict_quarantine.Moving, "_deleted", stop)
        db.place()
    assert shop.contents(db.engine) == rows
    db.place()
    db.lift()
    assert shop.contents(db.engine) == rows


def test_a_row_that_took_the_place_is_not_written_over(db: Shop) -> None:
    """Where somebody else's row has the key meanwhile, lifting is refused whole and can be done later."""
    rows = shop.contents(db.engine)
    db.place()
    db.run("INSERT INTO customers VALUES (1, 'eve@example.org', 'Eve')")
    with pytest.raises(StoreError):
        db.lift()
    assert db.seen()["orders"] == 1
    db.run("DELETE FROM customers WHERE id = 1")
    db.lift()
    assert shop.contents(db.engine) == rows


def test_rows_without_a_key_keep_their_number(tmp_path: Path) -> None:
    """On SQLite a row comes back under its own row number, between the others."""
    script = f"{shop.SCHEMA};\nDROP TABLE news;\nCREATE TABLE news (email, note)"
    db = Shop(shop.run(f"sqlite:///{tmp_path}/b.db", script))
    db.run(
        "INSERT INTO news VALUES ('ada@example.org', 1.0), ('bob@example.org', x'00'), ('ADA@example.org', '1')"
    )
    query = sa.text("SELECT rowid, email, typeof(note), note FROM news ORDER BY rowid")
    with db.engine.connect() as connection:
        before = connection.execute(query).all()
    db.place()
    db.lift()
    with db.engine.connect() as connection:
        assert connection.execute(query).all() == before
    db.engine.dispose()
