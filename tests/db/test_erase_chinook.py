"""Every customer of a music shop is erased, invoices are kept for tax: on Chinook, a database we did not make."""

from __future__ import annotations

import shutil
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from db import erasing
from troth.catalog import reach
from troth.catalog.datamap import DataMap
from troth.catalog.model import Catalog
from troth.plan.world import Facts, World
from troth.policy.model import Policy
from troth.stores.sql import introspect
from troth.stores.sql import open as opening

POLICY = {
    "organisation": {"name": "Chinook"},
    "retention": {
        "transaction": {
            "for": "30 years",
            "after": "transaction.made",
            "because": "tax",
            "minimal-record": ["amount", "date"],
        }
    },
}
ADDRESS = ["Address", "City", "State", "Country", "PostalCode"]
DATAMAP: dict[str, Any] = {
    "stores": {"app": {"url": "x", "timezone": "UTC"}},
    "subjects": {
        "customer": {
            "dataset": "app.Customer",
            "key": "CustomerId",
            "identities": {"email": "Email", "phone": "Phone"},
        }
    },
    "datasets": {
        "app.Customer": {
            "on-expiry": "delete-row",
            "fields": {
                "identity": ["FirstName", "LastName", "Company"],
                "contact": [*ADDRESS, "Phone", "Fax", "Email"],
            },
        },
        "app.Invoice": {
            "on-expiry": "delete-row",
            "kept-as": "transaction",
            "fields": {"contact": [f"Billing{name}" for name in ADDRESS], "transaction": ["Total"]},
            "anchors": {"transaction.made": "InvoiceDate"},
            "minimal-record": {"amount": "Total", "date": "InvoiceDate"},
        },
    },
}
PERSONAL = {
    "Customer": {"FirstName", "LastName", "Company", *ADDRESS, "Phone", "Fax", "Email"},
    "Invoice": {f"Billing{name}" for name in ADDRESS},
}

Row = dict[str, Any]


def world(catalog: Catalog) -> World:
    """Show the shop to the planner."""
    datamap = DataMap.model_validate(DATAMAP)
    catalogs = {"app": catalog}
    return World(
        policy=Policy.model_validate(POLICY),
        datamap=datamap,
        catalogs=catalogs,
        reaches=reach.resolve(datamap, catalogs, across=True),
        facts=Facts(layouts={"app.Invoice.InvoiceDate": "datetime-space"}),
        at=datetime(2026, 3, 1, 12, tzinfo=UTC),
    )


def content(engine: sa.Engine, catalog: Catalog) -> dict[str, dict[object, Row]]:
    """Read every row of every table, by key."""
    found: dict[str, dict[object, Row]] = {}
    with engine.connect() as connection:
        for name, table in catalog.tables.items():
            rows = connection.execute(sa.text(f'SELECT * FROM "{name}"')).mappings()
            found[name] = {tuple(row[key] for key in table.primary_key): dict(row) for row in rows}
    return found


def told(row: Row) -> set[str]:
    """Name what must be found nowhere any more."""
    full = f"{row['FirstName']} {row['LastName']}"
    return {str(row[c]) for c in ("Email", "Phone", "Fax", "Address") if row[c]} | {full}


def test_every_customer_goes_and_nobody_else_is_touched(shared: Path, tmp_path: Path) -> None:
    """Of each of 59 customers nothing is left but their kept invoices, and every other row is as it was."""
    shutil.copy(shared / "data" / "chinook" / "chinook.sqlite", tmp_path / "app.sqlite")
    engine = opening.connect(f"sqlite:///{tmp_path / 'app.sqlite'}")
    catalog = introspect.read(engine, "app")
    before = content(engine, catalog)
    first = before
    assert len(before["Customer"]) == 59
    for (key,), customer in list(before["Customer"].items()):
        erasure = erasing.plan(world(catalog), engine, "customer", [key])
        assert {one.reason for one in erasure.plan.spared} == {"statutory-duty", "needed-by"}
        erasure.carry_out()
        after = content(engine, catalog)
        for table, rows in before.items():
            own = {place for place, row in rows.items() if table in PERSONAL and row["CustomerId"] == key}
            assert {p: r for p, r in after[table].items() if p not in own} == {
                p: r for p, r in rows.items() if p not in own
            }
            for place in own:
                was, now = rows[place], after[table][place]
                assert all(now[c] != was[c] for c in PERSONAL[table] if was[c])
                assert {c: v for c, v in now.items() if c not in PERSONAL[table]} == {
                    c: v for c, v in was.items() if c not in PERSONAL[table]
                }
        before = after
        text = "\n".join(
            str(v) for rows in after.values() for row in rows.values() for v in row.values() if v
        )
        assert not [one for one in told(customer) if one in text]
    totals = {place: row["Total"] for place, row in first["Invoice"].items()}
    assert {place: row["Total"] for place, row in before["Invoice"].items()} == totals
    engine.dispose()
