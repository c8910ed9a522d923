"""A small world with orders and customers, and a slow reading of predicates over rows of plain values."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta

from troth.catalog.datamap import DataMap, Dataset, Store, Subject
from troth.catalog.model import Catalog, Column, ColumnKind, Table
from troth.catalog.reach import Reaches
from troth.holds.model import Ground, Hold, Scope
from troth.plan import predicates as p
from troth.plan.world import Facts, World
from troth.policy.model import Organisation, Policy

AT = datetime(2026, 3, 1, 12, tzinfo=UTC)

ORDERS = Table(
    name="orders",
    table="orders",
    primary_key=("id",),
    columns=(
        Column(name="id", kind=ColumnKind.INTEGER),
        Column(name="status", kind=ColumnKind.TEXT),
        Column(name="total", kind=ColumnKind.NUMBER),
        Column(name="placed", kind=ColumnKind.DATE),
        Column(name="paid", kind=ColumnKind.BOOLEAN),
        Column(name="state", kind=ColumnKind.ENUM, choices=("new", "sent")),
        Column(name="extra", kind=ColumnKind.JSON),
        Column(name="Full Name", kind=ColumnKind.TEXT),
    ),
)
CUSTOMERS = Table(
    name="customers",
    table="customers",
    primary_key=("id",),
    columns=(Column(name="id", kind=ColumnKind.INTEGER), Column(name="region", kind=ColumnKind.TEXT)),
)


def world(*tables: Table) -> World:
    """Return a world whose one store has these tables; orders and customers when none is named."""
    found = {table.name: table for table in tables or (ORDERS, CUSTOMERS)}
    return World(
        policy=Policy(organisation=Organisation(name="Alma")),
        datamap=DataMap(
            stores={"app": Store(url="x", timezone="UTC")},
            subjects={
                "customer": Subject(dataset="app.customers", key=("id",)),
                "tenant": Subject(dataset="app.customers", key=("region", "id")),
            },
            datasets={"app.customers": Dataset(), "app.orders": Dataset()},
        ),
        catalogs={"app": Catalog(store="app", dialect="postgresql", tables=found)},
        reaches=Reaches(),
        facts=Facts(),
        at=AT,
    )


def hold(scope: Scope, *, ground: Ground = Ground.LEGAL_HOLD, number: int = 1, lifted: bool = False) -> Hold:
    """Return a hold placed yesterday."""
    return Hold(
        id=f"hold:{number}",
        ground=ground,
        title="File 12",
        scope=scope,
        owner="Ada",
        review=date(2026, 9, 1),
        placed_at=AT - timedelta(days=1),
        lifted_at=AT if lifted else None,
    )


def holds(part: p.Predicate, row: Mapping[str, object]) -> bool:
    """Say whether a predicate holds for one row, by its own words."""
    match part:
        case p.Always():
            return True
        case p.All():
            return all(holds(each, row) for each in part.of)
        case p.Any():
            return any(holds(each, row) for each in part.of)
        case p.Not():
            return not holds(part.of, row)
        case p.Null():
            return row[part.column] is None
        case p.Filled():
            return row[part.column] is not None
        case p.OneOf():
            return row[part.column] in part.values
        case p.Before():
            return row[part.column] is not None and str(row[part.column]) < str(part.bound)
        case p.Compare():
            return row[part.column] is not None and compare(part.operator, row[part.column], part.value)
        case _:
            raise AssertionError(f"conditions make no {type(part).__name__}")


def compare(operator: str, left: object, right: object) -> bool:
    """Compare two values that are not NULL."""
    less, same = left < right, left == right  # type: ignore[operator]
    results = {"=": same, "!=": not same, "<": less, "<=": less or same, ">": not less and not same}
    return results.get(operator, not less)
