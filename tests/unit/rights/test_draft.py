"""What a draft asks beforehand, and what it warns of."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from troth.catalog.model import Catalog
from troth.people import entries
from troth.plan.world import World
from troth.rights import holds, indexes, rows, seal
from unit.rights import makers

TABLES = {
    "customers": ["id int key", "email text?"],
    "orders": ["id int key", "customer_id int -> customers", "total number?"],
    "items": ["id int key", "order_id int -> orders", "note text?"],
}
CASE: dict[str, Any] = {
    "tables": TABLES,
    "map": {
        "datasets": {
            "app.customers": {"on-expiry": "keep-row", "fields": {"contact": ["email"]}},
            "app.orders": {"on-expiry": "keep-row", "fields": {"t": ["total"]}},
            "app.items": {"on-expiry": "keep-row", "fields": {"t": ["note"]}},
        }
    },
}
HELD: dict[str, Any] = {
    "stores": {
        "app": {"customers": ["id int key", "email text?"]},
        "crm": {"tickets": ["id int key", "mail text?"]},
    },
    "holds": [{"rank": "LEGAL_HOLD", "dataset": "app.customers", "id": 5}],
    "map": {
        "subjects": {"customer": {"dataset": "app.customers", "key": "id", "identities": {"email": "email"}}},
        "datasets": {
            "app.customers": {"on-expiry": "keep-row", "fields": {"contact": ["email"]}},
            "crm.tickets": {"subject": "customer via mail = app.customers.email", "on-expiry": "keep-row"},
        },
    },
}


def missing(world: World) -> list[indexes.Place]:
    """List what is searched without an index."""
    known = entries.entries(world.datamap, world.catalogs, world.reaches)
    ways = entries.ways(known, world.datamap, world.catalogs, world.reaches)
    return list(indexes.missing(world, known, ways, rows.assemble(world, known, ways)))


def test_a_column_by_which_people_are_found_wants_an_index() -> None:
    """The reference to the person, and the one to the row on the way, are named; the key has its index."""
    made = makers.drafted(CASE).draft
    assert made.missing == (("app.orders", ("customer_id",)), ("app.items", ("order_id",)))
    assert "app.orders: no index begins with customer_id, so every row of the table is read" in made.warnings


def test_a_copy_that_is_compared_however_it_is_written_is_read_as_a_whole() -> None:
    """No index leads a question about normal forms but one that sorts by bytes, which is named."""
    said = "crm.tickets: mail is compared however it is written, so every row of the table is read"
    helps = "; an index (mail text_pattern_ops) would lead to it"
    assert said + helps in makers.drafted(HELD).draft.warnings


def test_an_index_that_begins_with_the_columns_serves() -> None:
    """An index on more columns is one too, if they come first."""
    seen = makers.world(CASE)
    tables = {
        name: replace(table, indexes=((table.column_names[1], "id"),))
        for name, table in seen.catalogs["app"].tables.items()
    }
    indexed = replace(seen, catalogs={"app": Catalog(store="app", dialect="postgresql", tables=tables)})
    assert missing(indexed) == []


def test_a_store_without_indexes_is_not_asked_for_any() -> None:
    """Files and mailboxes are read as a whole anyway."""
    assert missing(makers.world(CASE, "duckdb")) == []


def test_a_hold_is_asked_about_in_its_own_store() -> None:
    """Where rows lie in another store, the store of the hold is asked who is under it."""
    made = makers.drafted(HELD)
    (probe,) = made.draft.probes
    assert probe.hold == "hold:1"
    assert makers.where(made.known, probe.asked.where) == "id in customers.id and id=5"
    assert [one.asked.dataset for one in made.draft.away] == ["crm.tickets"]


def test_a_step_elsewhere_asks_no_hold_it_cannot_see() -> None:
    """Filled in, the step of the other store asks nothing of the hold's store, unless somebody is under it."""
    made = makers.drafted(HELD)
    (step,) = (one.step for one in made.draft.steps if one.step.dataset == "crm.tickets")
    clear = holds.filled(made.world, step.dataset, step.where)
    assert makers.where(made.known, clear) == "mail in customers.email and mail!"
    under = holds.filled(made.world, step.dataset, step.where, frozenset({"hold:1"}))
    assert makers.where(made.known, under) == "not always"


def test_steps_are_numbered_in_the_order_of_work() -> None:
    """Those without a row fall out first."""
    made = makers.drafted(CASE)
    counts = {asked: 0 if asked.dataset == "app.orders" else 3 for asked in made.draft.asked}
    plan = seal.seal(made.world, made.draft, counts, manifest_digest="d", people=1, simulation=False)
    assert [step.id for step in plan.steps] == ["01-erase-app.items", "02-erase-app.customers"]
    assert plan.counted == (("app.items", 3), ("app.orders", 0), ("app.customers", 3))


def test_a_plan_for_many_keeps_steps_that_may_be_needed_in_between() -> None:
    """People who are not at hand together may leave each other a row of two."""
    made = makers.drafted(CASE)
    steps = {one.asked for one in made.draft.steps}
    counts = {asked: 0 if asked in steps else 3 for asked in made.draft.asked}
    many = seal.TOGETHER + 1
    plan = seal.seal(made.world, made.draft, counts, manifest_digest="d", people=many, simulation=False)
    assert len(plan.steps) == 3


def test_a_list_of_people_loses_only_those_erased() -> None:
    """Nothing says that everybody in a list is at hand: the row stays, and the person is taken out of the list."""
    case: dict[str, Any] = {
        "tables": {
            "customers": ["id int key", "email text?"],
            "events": ["id int key", "guests text?", "title text?"],
        },
        "map": {
            "subjects": HELD["map"]["subjects"],
            "datasets": {
                "app.customers": {"on-expiry": "delete-row", "fields": {"contact": ["email"]}},
                "app.events": {
                    "subject": "guest via guests = customers.email",
                    "on-expiry": "delete-row",
                    "fields": {"t": ["title"]},
                },
            },
        },
    }
    made = makers.drafted(case, arrays={"app.events": "guests"})
    steps = [makers.step(one.step) for one in made.draft.steps]
    assert steps == ["scrub app.events: guests", "delete app.customers"]
    case["map"]["datasets"]["app.events"]["free-text"] = ["guests"]
    again = makers.drafted(case, arrays={"app.events": "guests"})
    assert [makers.step(one.step) for one in again.draft.steps] == steps, (
        "free text that leads to people is one step"
    )
    assert [makers.spared(one.spared) for one in made.draft.spared] == ["shared app.events (title): guest"]
