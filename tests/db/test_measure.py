"""Counting what a draft asks, on real databases."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
import sqlalchemy as sa

from troth.catalog import reach
from troth.errors import StoreError
from troth.plan import seal
from troth.plan.draft import draft
from troth.plan.model import Plan
from troth.plan.world import Facts, World
from troth.stores.sql import introspect, measure
from troth.stores.sql import open as opening
from troth.stores.sql.render import Renderer
from unit.plan import makers

CASE: dict[str, Any] = {
    "tables": {},
    "rules": {"account": {"for": "2 years", "after": "account.closed"}},
    "map": {
        "datasets": {
            "app.customers": {
                "kept-as": "account",
                "on-expiry": "delete-row",
                "fields": {"contact": ["email"]},
                "anchors": {"account.closed": "closed_at"},
            }
        }
    },
}


def seen(store: sa.Engine, layouts: dict[str, str] | None = None) -> World:
    """Look at a live store with the rules of the case."""
    catalog = introspect.read(store, "app")
    bare = makers.world(CASE)
    catalogs = {"app": catalog}
    return World(
        policy=bare.policy,
        datamap=bare.datamap,
        catalogs=catalogs,
        reaches=reach.resolve(bare.datamap, catalogs),
        facts=Facts(layouts=layouts or {}),
        at=makers.AT,
    )


def planned(store: sa.Engine, layouts: dict[str, str] | None = None) -> Plan:
    """Plan for a live store."""
    world = seen(store, layouts)
    made = draft(world)
    return seal.seal(
        world, made, measure.measure(store, world.catalogs["app"], made.surveys), simulation=False
    )


def sqlite(values: list[object], kind: str = "TEXT") -> sa.Engine:
    """Make customers with these dates."""
    store = sa.create_engine("sqlite://", poolclass=sa.pool.StaticPool)
    with store.begin() as connection:
        connection.exec_driver_sql(
            f"CREATE TABLE customers (id INTEGER PRIMARY KEY, email TEXT, closed_at {kind})"
        )
        for value in values:
            connection.exec_driver_sql("INSERT INTO customers (email, closed_at) VALUES ('a@b', ?)", (value,))
    return store


@pytest.mark.parametrize(
    ("layout", "gone", "stays", "unreadable"),
    [
        ("date", ["2024-02-29"], ["2024-03-01", None], ["2024-2-9", "soon"]),
        ("datetime-space", ["2024-02-29 23:59", "2024-02-29 23:59:59.9"], ["2024-03-01 00:00"],
         ["2024-02-29 00:00:00+02:00", "2024-02-29", "2024-02-29 00:00:00-05"]),
        ("datetime-T", ["2024-02-29T23:59", "2024-02-29T23:59:59.25"], ["2024-03-01T00:00:00"],
         ["2024-02-29T23:59:00+02:00", "2024-02-29T23:59:00Z"]),
        ("datetime-T-Z", ["2024-02-29T23:59Z", "2024-02-29T23:59:59.5Z"], ["2024-03-01T00:00:00Z"],
         ["2024-02-29T23:59:00", "2024-02-29T23:59:00+02:00Z"]),
    ],
)  # fmt: skip
def test_dates_kept_as_text(
    layout: str, gone: list[object], stays: list[object], unreadable: list[object]
) -> None:
    """Only readable dates before the bound expire; others are counted as unreadable."""
    store = sqlite([*gone, *stays, *unreadable])
    plan = planned(store, {"app.customers.closed_at": layout})
    assert plan.rows == len(gone)
    assert sum(k.tally.rows for k in plan.kept if k.reason == "unreadable") == len(unreadable)
    assert plan.table_rows == (("app.customers", len(gone) + len(stays) + len(unreadable)),)


def test_seconds_since_1970() -> None:
    """A number is compared as one; a text in its place is unreadable."""
    store = sqlite([1709251199, 1709251200, "never"], "INTEGER")
    plan = planned(store, {"app.customers.closed_at": "epoch-s"})
    assert (plan.rows, plan.steps[0].planned.oldest) == (1, "1709251199")
    assert [(k.reason, k.tally.rows) for k in plan.kept] == [("unreadable", 1)]


def test_what_is_no_date_stands_in_no_plan() -> None:
    """The oldest and newest of unreadable values may be personal: they are left out."""
    store = sqlite(["Ada Lovelace", "2020-01-01"])
    plan = planned(store, {"app.customers.closed_at": "date"})
    assert "Ada" not in repr(plan)
    assert plan.steps[0].planned.oldest == "2020-01-01"


def test_dates_on_postgresql(new_pg_url: Callable[[], str]) -> None:
    """Instants are compared with zone, and the oldest and newest come back."""
    store = sa.create_engine(new_pg_url().replace("postgresql://", "postgresql+psycopg://"))
    with store.begin() as connection:
        connection.exec_driver_sql(
            "CREATE TABLE customers (id int PRIMARY KEY, email text, closed_at timestamptz)"
        )
        connection.exec_driver_sql(
            "INSERT INTO customers VALUES (1, 'a', '2024-03-01 00:59:59+01'), (2, 'a', '2024-03-01 01:00+01'),"
            " (3, 'a', NULL), (4, 'a', '2019-01-01Z')"
        )
    plan = planned(store)
    assert plan.steps[0].planned.rows == 2
    assert plan.steps[0].planned.oldest.startswith("2019-01-01")
    assert [(k.reason, k.tally.rows) for k in plan.kept] == [("not-started", 1)]
    store.dispose()


def test_dates_on_mariadb(mariadb_url: str) -> None:
    """A TIMESTAMP is compared as an instant in UTC; `0000-00-00` is no date, and starts nothing."""
    store = opening.connect(mariadb_url)
    with store.begin() as connection:
        connection.exec_driver_sql(
            "CREATE TABLE customers (id int PRIMARY KEY, email text, closed_at timestamp NULL)"
        )
        connection.exec_driver_sql("SET time_zone = '+01:00'")
        connection.exec_driver_sql(
            "INSERT INTO customers VALUES (1, 'a', '2024-03-01 00:59:59'), (2, 'a', '2024-03-01 01:00'),"
            " (3, 'a', NULL), (4, 'a', '2019-01-01 01:00'), (5, 'a', '0000-00-00')"
        )
        connection.exec_driver_sql("SET time_zone = '+00:00'")
    plan = planned(store)
    assert plan.steps[0].planned.rows == 2
    assert plan.steps[0].planned.oldest == "2019-01-01T00:00:00+00:00"
    assert [(k.reason, k.tally.rows) for k in plan.kept] == [("not-started", 2)]
    store.dispose()


def test_texts_with_dates_on_mariadb(mariadb_url: str) -> None:
    """Only what is written like a date to its very end counts, whatever the collation."""
    store = opening.connect(mariadb_url)
    values = ["2024-02-29", "2024-03-01", "2024-02-29\n", " 2024-02-29", "soon", "2024-02-9"]
    with store.begin() as connection:
        connection.exec_driver_sql(
            "CREATE TABLE customers (id int AUTO_INCREMENT PRIMARY KEY, email text,"
            " closed_at varchar(20) CHARACTER SET latin1)"
        )
        for value in values:
            connection.exec_driver_sql("INSERT INTO customers (email, closed_at) VALUES ('a', %s)", (value,))
    plan = planned(store, {"app.customers.closed_at": "date"})
    assert plan.rows == 1
    assert sum(k.tally.rows for k in plan.kept if k.reason == "unreadable") == 4
    store.dispose()


def test_a_table_that_is_gone_is_a_store_error() -> None:
    """What changes between looking and counting is told without the database's own words."""
    store = sqlite([])
    world = seen(store, {"app.customers.closed_at": "date"})
    made = draft(world)
    with store.begin() as connection:
        connection.exec_driver_sql("DROP TABLE customers")
    with pytest.raises(StoreError):
        measure.measure(store, world.catalogs["app"], made.surveys)


@pytest.mark.parametrize("depth", [2, 6, 12])
def test_a_chain_of_tables_stays_short(depth: int) -> None:
    """The look ahead stands once per table: no statement doubles with each."""
    case = {**CASE, "tables": {"customers": ["id int key", "email text?", "closed_at date?"]}}
    sets = dict(CASE["map"]["datasets"])
    above = "customers"
    for number in range(depth):
        case["tables"][f"t{number}"] = ["id int key", f"up int -> {above}", "a text?", "made_at date?"]
        sets[f"app.t{number}"] = {
            "kept-as": "account",
            "on-expiry": "delete-row",
            "fields": {"x": ["a"], "y": [{"name": "made_at", "kept-as": "made"}]},
            "anchors": {"thing.made": "made_at"},
            "subject": f"customer via {' > '.join(['up'] * (number + 1))}",
        }
        above = f"t{number}"
    case["rules"] = {**CASE["rules"], "made": {"for": "3 years", "after": "thing.made"}}
    case["map"] = {"datasets": sets}
    world = makers.world(case, "sqlite")
    lengths = [len(str(measure.statement(Renderer(world.catalogs["app"]), s))) for s in draft(world).surveys]
    assert max(lengths) < 60_000
