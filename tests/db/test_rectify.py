"""A wrong value corrected in every copy of one database, all or nothing, and in nobody else's rows."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from db import restricting as shop
from db.restricting import ADA, BOB, WAYS
from troth.errors import Refused
from troth.people.kinds import Family
from troth.rights.rectify import Copy
from troth.stores.sql import rectify
from troth.stores.sql.rectify import Corrected, Correction

SCRIPT = (
    shop.SCHEMA
    + """;
ALTER TABLE orders ADD COLUMN mail varchar(60);
ALTER TABLE orders ADD COLUMN note varchar(200);
UPDATE orders SET mail = 'ADA@example.org ', note = 'please write to Ada@example.org' WHERE id = 21;
UPDATE orders SET mail = 'other@example.org' WHERE id = 22;
UPDATE orders SET mail = 'ada@example.org' WHERE id = 23
"""
)
COPIES = (
    Copy(dataset="app.customers", column="email"),
    Copy(dataset="app.orders", column="mail"),
    Copy(dataset="app.news", column="email"),
)
TEXTS = (Copy(dataset="app.orders", column="note"),)
WRONG = Correction(wrong="Ada@Example.org", right="ada@new.example", family=Family.EMAIL)


@pytest.fixture(params=["sqlite", "postgresql", "mariadb"])
def engine(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[sa.Engine]:
    """Give a shop with copies of an address, on each database."""
    urls = {"postgresql": "pg_url", "mariadb": "mariadb_url"}
    kind = request.param
    url = request.getfixturevalue(urls[kind]) if kind in urls else f"sqlite:///{tmp_path}/a.db"
    made = shop.run(url, SCRIPT)
    yield made
    made.dispose()


def correct(
    engine: sa.Engine, correction: Correction = WRONG, *, apply: bool = True, person: Any = ADA
) -> Corrected:
    """Correct with the shop's ways."""
    catalog = shop.catalog(engine)
    what = (COPIES, TEXTS)
    return rectify.correct(engine, catalog, shop.people(person), WAYS, what, correction, apply=apply)


def mails(engine: sa.Engine) -> list[Any]:
    """Read every address."""
    query = "SELECT email FROM customers ORDER BY id", "SELECT mail FROM orders ORDER BY id"
    with engine.connect() as connection:
        each = [*query, "SELECT email FROM news ORDER BY id"]
        return [list(connection.execute(sa.text(one)).scalars()) for one in each]


RIGHT = [
    ["ada@new.example", "bob@example.org"],
    ["ada@new.example", "other@example.org", "ada@example.org"],
    ["ada@new.example", "bob@example.org"],
]


def test_every_copy_is_corrected_and_nobody_elses(engine: sa.Engine) -> None:
    """Copies however they are written change in the person's rows; the same value in another's row stays."""
    done = correct(engine)
    assert mails(engine) == RIGHT
    assert [(one.rows, one.left) for one in done.changes] == [(1, 0), (1, 0), (1, 0)]
    assert [one.rows for one in done.texts] == [1]
    assert [one.rows for one in correct(engine).changes] == [0, 0, 0]


def test_trying_changes_nothing(engine: sa.Engine) -> None:
    """What would change is counted as it will be, and taken back."""
    before = mails(engine)
    assert [one.rows for one in correct(engine, apply=False).changes] == [1, 1, 1]
    assert mails(engine) == before


def test_a_taken_value_is_foreseen(engine: sa.Engine) -> None:
    """A UNIQUE column that has the value already refuses while trying; no copy has changed, no value is said."""
    before = mails(engine)
    taken = Correction(wrong="ada@example.org", right="bob@example.org", family=Family.EMAIL)
    for apply in (False, True):
        with pytest.raises(Refused) as caught:
            correct(engine, taken, apply=apply)
        assert "bob@" not in caught.value.message + caught.value.hint
    assert mails(engine) == before


def test_a_check_is_foreseen(tmp_path: Path) -> None:
    """A CHECK is found by trying."""
    script = SCRIPT.replace(
        "name varchar(40) NOT NULL", "name text NOT NULL, CHECK (email NOT LIKE '%.test')"
    )
    engine = shop.run(f"sqlite:///{tmp_path}/b.db", script)
    with pytest.raises(Refused):
        correct(
            engine,
            Correction(wrong="ada@example.org", right="ada@a.test", family=Family.EMAIL),
            apply=False,
        )
    engine.dispose()


def test_a_narrow_column_is_foreseen(pg_url: str) -> None:
    """A value that is too long is refused before the database is asked."""
    engine = shop.run(pg_url, SCRIPT)
    long = Correction(wrong="ada@example.org", right=f"{'a' * 60}@example.org", family=Family.EMAIL)
    with pytest.raises(Refused, match="60 characters"):
        correct(engine, long, apply=False)
    engine.dispose()


def test_a_value_that_was_missing_is_put_in(engine: sa.Engine) -> None:
    """Completing what is not there fills the empty field and no copy of nothing."""
    with engine.begin() as connection:
        connection.exec_driver_sql("UPDATE customers SET email = NULL WHERE id = 2")
    missing = Correction(wrong=None, right="bob@new.example", family=Family.EMAIL)
    catalog = shop.catalog(engine)
    rectify.correct(engine, catalog, shop.people(BOB), WAYS, (COPIES[:1], ()), missing, apply=True)
    assert mails(engine)[0][1] == "bob@new.example"


def test_what_stands_in_a_field_is_read(engine: sa.Engine) -> None:
    """The value that is wrong is read from the person's rows, each once."""
    catalog = shop.catalog(engine)
    copy = Copy(dataset="app.orders", column="mail")
    found = rectify.current(engine, catalog, shop.people(ADA), WAYS["app.orders"], copy)
    assert set(found) == {"ADA@example.org ", "other@example.org"}
