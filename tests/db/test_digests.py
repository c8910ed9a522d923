"""Tombstone digests computed inside each database are those that Python makes, and only matches come out."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest
import sqlalchemy as sa

from troth.people import tombstones
from troth.people.entries import Entry
from troth.people.kinds import Family
from troth.people.returning import Known, Target
from troth.people.tombstones import Tombstone
from troth.stores.sql import digests, introspect
from troth.stores.sql import open as opening

SECRET, OLD = b"k" * 32, b"o" * 32
DAY = datetime(2026, 1, 1, tzinfo=UTC)
SCHEMA = """
CREATE TABLE customers (id integer PRIMARY KEY, email varchar(200), phone varchar(60), verified integer,
                        created_at varchar(40));
CREATE TABLE members (org varchar(20) NOT NULL, number integer NOT NULL, PRIMARY KEY (org, number))
"""
ROWS = """
INSERT INTO customers VALUES (1, ' Ada@Example.ORG', '(0)30 / 123456', 1, '2024-05-01');
INSERT INTO customers VALUES (2, 'grace@example.org', '+4930123457', 0, '2024-05-02');
INSERT INTO customers VALUES (3, 'STRASSE@example.org', NULL, 1, NULL);
INSERT INTO customers VALUES (4, NULL, NULL, 1, NULL);
INSERT INTO members VALUES ('a:b', 7), ('Ä, x', 8), ('a', 7)
"""

KEY = Entry(number=0, subject="customer", dataset="app.customers", columns=("id",))
EMAIL = Entry(
    number=1,
    subject="customer",
    dataset="app.customers",
    columns=("email",),
    family=Family.EMAIL,
    kind="email",
    region="DE",
)
PHONE = Entry(
    number=2,
    subject="customer",
    dataset="app.customers",
    columns=("phone",),
    family=Family.PHONE,
    kind="phone",
    region="DE",
)
MEMBER = Entry(number=3, subject="member", dataset="app.members", columns=("org", "number"))


@pytest.fixture(params=["sqlite", "postgresql", "mariadb"])
def engine(request: pytest.FixtureRequest, tmp_path: Path) -> sa.Engine:
    """Open a small store in each database."""
    url = f"sqlite:///{tmp_path / 'app.db'}"
    if request.param != "sqlite":
        name = {"postgresql": "new_pg_url", "mariadb": "new_mariadb_url"}[request.param]
        make: Callable[[], str] = request.getfixturevalue(name)
        url = make()
    made = opening.connect(url, create=True)
    with made.begin() as connection:
        for command in (SCHEMA + ";" + ROWS).split(";"):
            connection.exec_driver_sql(command)
    made.dispose()
    return opening.connect(url, readonly=True)


def target(entry: Entry, **more: object) -> Target:
    """Look in the columns of an entry."""
    fields = {"number": entry.number, "dataset": entry.dataset, "columns": entry.columns, "own": True, **more}
    return Target(entry=entry, **fields)  # type: ignore[arg-type]


def stones(
    entry: Entry, *rows: tuple[object, ...], secret: bytes = SECRET, key: str = "new"
) -> list[Tombstone]:
    """Make the tombstones of some people, numbered from 1."""
    return [
        Tombstone(
            person=number,
            store="app",
            place=tombstones.place(entry),
            digest=tombstones.digest(secret, tombstones.place(entry), parts),
            key=key,
        )
        for number, row in enumerate(rows, 1)
        for parts in tombstones.spelt(entry, row)
    ]


def found(engine: sa.Engine, targets: list[Target], made: list[Tombstone]) -> list[Known]:
    """Search a store."""
    catalog = introspect.read(engine, "app")
    left: list[digests.LeftOut] = []
    wanted = digests.Search(targets=targets, stones=made, keys={"new": SECRET, "old": OLD})
    known = list(digests.search(engine, catalog, wanted, left))
    assert left == []
    return known


def test_a_key_is_known_again(engine: sa.Engine) -> None:
    """A whole number is digested by the store as by Python."""
    known = found(engine, [target(KEY, key=("id",))], stones(KEY, (2,), (99,)))
    assert [(k.person, k.values, k.key) for k in known] == [(1, (2,), (2,))]


def test_a_key_of_several_columns_is_known_again(engine: sa.Engine) -> None:
    """Parts are framed by their length, so that no two keys are digested alike; letters beyond ASCII count once."""
    known = found(engine, [target(MEMBER)], stones(MEMBER, ("a:b", 7), ("Ä, x", 8)))
    assert sorted((k.person, k.values) for k in known) == [(1, ("a:b", 7)), (2, ("Ä, x", 8))]


def test_an_address_is_known_again_however_it_is_written(engine: sa.Engine) -> None:
    """Case and blanks do not hide an address."""
    known = found(engine, [target(EMAIL, verified="verified")], stones(EMAIL, ("ada@example.org",)))
    assert [(k.person, k.values, k.proven) for k in known] == [(1, (" Ada@Example.ORG",), True)]


def test_what_was_never_verified_says_so(engine: sa.Engine) -> None:
    """A row whose address nobody proved is marked."""
    known = found(engine, [target(EMAIL, verified="verified")], stones(EMAIL, ("Grace@example.org",)))
    assert [(k.person, k.proven) for k in known] == [(1, False)]


def test_a_phone_number_is_known_again_in_its_usual_spellings(engine: sa.Engine) -> None:
    """Digits count, and how a number is dialled in its country."""
    known = found(engine, [target(PHONE)], stones(PHONE, ("+4930123456",), ("030 123457",)))
    assert sorted(k.person for k in known) == [1, 2]


def test_what_was_made_with_an_older_key_is_known_again(engine: sa.Engine) -> None:
    """Each tombstone is compared with the digest of its own key."""
    made = [*stones(KEY, (1,), secret=OLD, key="old"), *stones(KEY, (2,), secret=OLD, key="new")]
    assert [k.values for k in found(engine, [target(KEY)], made)] == [(1,)]


def test_digests_of_another_place_are_not_compared(engine: sa.Engine) -> None:
    """A key that is equal to one of another table is nobody's."""
    other = Entry(number=0, subject="lead", dataset="app.leads", columns=("id",))
    assert found(engine, [target(KEY)], stones(other, (1,))) == []


def test_dates_come_with_a_match(engine: sa.Engine) -> None:
    """What dates a row comes out with it."""
    known = found(engine, [target(KEY, began=("created_at",))], stones(KEY, (1,), (3,)))
    assert sorted((k.person, k.began) for k in known) == [(1, ("2024-05-01",)), (2, (None,))]
