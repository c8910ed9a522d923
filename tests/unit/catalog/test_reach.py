"""How rows reach their people: by the one path there is, by words, by value, or as owned."""

from __future__ import annotations

from typing import Any

import pytest

from troth.catalog import reach
from unit.plan import makers

TABLES: dict[str, list[str]] = {
    "addresses": ["id int key", "street text?"],
    "customers": ["id int key", "email text? unique", "address_id int? -> addresses"],
    "orders": ["id int key", "customer_id int -> customers"],
    "items": ["id int key", "order_id int -> orders"],
    "messages": ["id int key", "from_id int -> customers", "to_id int? -> customers"],
    "mails": ["id int key", "sender text?"],
    "shops": ["id int key"],
}


def reaches(**datasets: Any) -> reach.Reaches:
    """Resolve the ways of some datasets beside the customers' own."""
    said = {f"app.{name}": entry for name, entry in datasets.items()}
    case = {"tables": TABLES, "map": {"datasets": {"app.customers": {}, **said}}}
    return makers.world(case).reaches


def ways(found: reach.Reaches, name: str) -> list[str]:
    """Say each way as `role: orders.customer_id>customers`."""
    return [
        f"{r.role}/{r.subject}: " + " ".join(f"{'+'.join(h.columns)}>{h.target[4:]}" for h in r.hops)
        for r in found.of[f"app.{name}"]
    ]


def codes(found: reach.Reaches) -> list[str]:
    """Name the findings."""
    return [problem.code for problem in found.problems]


def test_people_are_their_own_rows() -> None:
    """The subject's own dataset needs no way."""
    assert ways(reaches(), "customers") == ["customer/customer: "]


def test_the_only_path_is_taken() -> None:
    """Items lead to customers over their orders."""
    found = reaches(items={})
    assert ways(found, "items") == ["customer/customer: order_id>orders customer_id>customers"]
    assert codes(found) == []


def test_two_paths_must_be_told_apart() -> None:
    """Sender or recipient: the foreign keys do not say."""
    assert codes(reaches(messages={})) == ["ambiguous-reach"]
    found = reaches(messages={"subject": ["sender via from_id", "recipient via to_id"]})
    assert ways(found, "messages") == [
        "sender/customer: from_id>customers",
        "recipient/customer: to_id>customers",
    ]


def test_a_value_may_lead() -> None:
    """A column equal to a unique one leads to one row; to another, to many."""
    found = reaches(mails={"subject": "customer via sender = customers.email"})
    assert ways(found, "mails") == ["customer/customer: sender>customers"]
    assert not found.of["app.mails"][0].hops[0].many


def test_rows_may_be_owned() -> None:
    """An address belongs to the customers that point at it."""
    found = reaches(addresses={"owned-by": "customer via customers.address_id"})
    (hop,) = found.of["app.addresses"][0].hops
    assert (hop.columns, hop.target, hop.target_columns, hop.many) == (
        ("id",),
        "app.customers",
        ("address_id",),
        True,
    )


def test_a_way_may_go_on_by_itself() -> None:
    """`via order_id` stops at orders; the rest is found."""
    assert ways(reaches(items={"subject": "customer via order_id"}), "items") == [
        "customer/customer: order_id>orders customer_id>customers"
    ]


@pytest.mark.parametrize(
    ("name", "entry", "code"),
    [
        ("shops", {}, "no-reach"),
        ("orders", {"subject": "customer via"}, "bad-reach"),
        ("orders", {"subject": "customer via customr_id"}, "unknown-column"),
        ("mails", {"subject": "customer via sender = customers.mail"}, "bad-reach"),
        ("addresses", {"owned-by": "customer via customers.adress_id"}, "bad-reach"),
        ("addresses", {"owned-by": "customer"}, "bad-reach"),
    ],
)
def test_what_cannot_be_followed_is_a_finding(name: str, entry: dict[str, Any], code: str) -> None:
    """Never an exception, and no way is made up."""
    found = reaches(**{name: entry})
    assert code in codes(found)
    assert found.of[f"app.{name}"] == ()


def test_a_misspelt_column_is_given_its_nearest() -> None:
    """The finding names the column that was likely meant."""
    problem = reaches(orders={"subject": "customer via customr_id"}).problems[0]
    assert problem.nearest == "customer_id"


def test_stores_are_not_crossed_yet() -> None:
    """A way into another store is said, and left."""
    case = {
        "stores": {"app": TABLES, "desk": {"tickets": ["id int key", "mail text?"]}},
        "map": {
            "datasets": {
                "app.customers": {},
                "desk.tickets": {"subject": "customer via mail = app.customers.email"},
            }
        },
    }
    found = makers.world(case).reaches
    assert codes(found) == ["reach-across-stores"]
    assert found.of["desk.tickets"] == ()
