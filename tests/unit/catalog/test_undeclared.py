"""Undeclared tables and columns: what the data map says of each, and what it leaves unsaid."""

from __future__ import annotations

from troth.catalog.datamap import DataMap
from troth.catalog.model import Catalog, Column, ColumnKind, ForeignKey, Table, TableKind
from troth.catalog.undeclared import undeclared


def table(name: str, *columns: str, kind: TableKind = TableKind.TABLE, **more: object) -> Table:
    """Make a table of text columns with the key `id`."""
    named = tuple(Column(name=c, kind=ColumnKind.TEXT) for c in ("id", *columns))
    return Table(name=name, table=name, columns=named, primary_key=("id",), kind=kind, **more)  # type: ignore[arg-type]


def found(datamap: dict[str, object], *tables: Table, dialect: str = "postgresql") -> list[str]:
    """List what is undeclared."""
    catalog = Catalog(store="app", dialect=dialect, tables={t.name: t for t in tables})
    read = DataMap.model_validate({"stores": {"app": {"url": "x"}}, **datamap})
    return [problem.about for problem in undeclared(read, {"app": catalog})]


def test_tables() -> None:
    """A table in neither list is undeclared; one in either is not."""
    datamap = {"datasets": {"app.a": {}}, "no-personal-data": ["app.b"]}
    assert found(datamap, table("a"), table("b"), table("c")) == ["app.c"]


def test_codes() -> None:
    """Tables and columns have codes of their own, and a way out."""
    catalog = Catalog(
        store="app", dialect="sqlite", tables={t.name: t for t in (table("a", "x"), table("b"))}
    )
    datamap = DataMap.model_validate({"stores": {"app": {"url": "x"}}, "datasets": {"app.a": {}}})
    problems = undeclared(datamap, {"app": catalog})
    assert [p.code for p in problems] == ["undeclared-column", "undeclared-table"]
    assert all(p.hint for p in problems)


def test_patterns() -> None:
    """A trailing star stands for the rest of a table's name, never for a whole store or for columns."""
    tables = (table("audit_1"), table("audit_2"), table("orders", "x"))
    datamap = {"datasets": {"app.orders": {}}}
    assert found({**datamap, "no-personal-data": ["app.audit_*"]}, *tables) == ["app.orders.x"]
    assert found({**datamap, "no-personal-data": ["app.*", "*"]}, *tables) == [
        "app.audit_1",
        "app.audit_2",
        "app.orders.x",
    ]


def test_columns_with_a_part() -> None:
    """Fields, keys, references, anchors and the like need no further word; the rest does."""
    datamap: dict[str, object] = {
        "subjects": {
            "customer": {
                "dataset": "app.customers",
                "key": "id",
                "residence": "country",
                "born": "birth",
                "identities": {"email": {"field": "email", "verified": "proven"}},
            }
        },
        "events": {"last.seen": {"latest-of": ["app.customers.seen"]}},
        "datasets": {
            "app.customers": {
                "fields": {"identity": ["name"]},
                "anchors": {"account.closed": "closed"},
                "open-while": {"account.closed": {"column": "status", "is": ["open"]}},
                "controller": {"column": "client", "ours": [1]},
                "no-personal-data": ["version"],
            },
            "app.tickets": {"subject": "customer via mail = app.customers.email"},
        },
        "no-personal-data": ["app.customers.colour"],
    }
    customers = table(
        "customers", "country", "birth", "email", "proven", "seen", "name", "closed", "status", "client",
        "version", "colour", "region", "forgotten",
        foreign_keys=(ForeignKey(columns=("region",), target="regions", target_columns=("id",)),),
    )  # fmt: skip
    assert found(datamap, customers, table("tickets", "mail", "body")) == [
        "app.customers.forgotten",
        "app.tickets.body",
    ]


def test_views_and_parts() -> None:
    """Partitions and shadow tables belong to another table; views are left out only where they hold nothing."""
    tables = (
        table("p1", kind=TableKind.PARTITION),
        table("fts_data", kind=TableKind.SHADOW),
        table("v", kind=TableKind.VIEW),
        table("fts", kind=TableKind.VIRTUAL),
    )
    assert found({}, *tables) == ["app.fts", "app.v"]
    assert found({}, *tables, dialect="sqlite") == ["app.fts"]


def test_unmapped_stores() -> None:
    """A store the data map does not name is not looked at."""
    catalog = Catalog(store="other", dialect="sqlite", tables={"a": table("a")})
    assert undeclared(DataMap(), {"other": catalog}) == ()
