"""Reading the rows of people from real stores: each once for each person, with roles, and whether others share it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from db.reading import DATAMAP, ROWS, TABLES, Store
from troth.errors import StoreError
from troth.stores.sql import open as opening
from troth.stores.sql import read, read_together

NewStore = Callable[..., Store]


@pytest.fixture(params=["sqlite", "pg", "logged_pg", "mariadb"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """Return the address of an empty store."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path}/app.sqlite"
    found: str = request.getfixturevalue(f"{request.param}_url")
    return found


@pytest.fixture
def store(url: str) -> Store:
    """Return the filled store."""
    return Store.make(url)


def seen(store: Store, dataset: str, *people: list[int]) -> list[tuple[object, ...]]:
    """Return (person, first column, roles, shared) of what is read of a dataset."""
    return [
        (one.person, next(iter(one.values.values())), "+".join(one.roles), one.shared)
        for one in store.read(store.manifest(*people), dataset)
    ]


def test_rows_by_key_along_a_path(store: Store) -> None:
    """Rows come person by person in the order of their key, through as many tables as it takes."""
    made = store.read(store.manifest([2], [1]), "app.items")
    assert [(one.person, one.values["order_id"], one.values["line"]) for one in made] == [
        (1, 20, 1),
        (2, 10, 1),
        (2, 10, 2),
    ]
    assert [one.row for one in made] == ["1", "2", "3"]


def test_two_roles(store: Store) -> None:
    """A row is read once, with every role; it is shared as soon as another role is filled by somebody else."""
    assert seen(store, "app.messages", [1]) == [
        (1, 1, "sender", True),
        (1, 2, "recipient", True),
        (1, 3, "sender+recipient", False),
        (1, 5, "sender", False),
    ]


def test_both_people_of_a_row(store: Store) -> None:
    """A row of two people at hand comes once for each, shared for both."""
    assert [row for row in seen(store, "app.messages", [1], [2]) if row[1] in (1, 2)] == [
        (1, 1, "sender", True),
        (1, 2, "recipient", True),
        (2, 1, "recipient", True),
        (2, 2, "sender", True),
    ]


def test_owned_rows(store: Store) -> None:
    """What a person's row points at is shared when somebody else's row does too; not with a second account."""
    assert seen(store, "app.addresses", [1], [2]) == [(1, 1, "customer", False), (2, 2, "customer", True)]
    assert seen(store, "app.addresses", [2, 3]) == [(1, 2, "customer", False)]


def test_one_role_by_key_or_by_value(store: Store) -> None:
    """Two ways of one role are one person, unless the other way leads to somebody else who is there."""
    assert seen(store, "app.tickets", [1]) == [
        (1, 1, "customer", False),
        (1, 2, "customer", False),
        (1, 3, "customer", False),
        (1, 4, "customer", True),
        (1, 5, "customer", True),
        (1, 6, "customer", False),
    ]


@pytest.mark.parametrize(("dataset", "rows"), [("app.letters", 2), ("app.notes", 2)])
def test_rows_that_nothing_tells_apart(store: Store, dataset: str, rows: int) -> None:
    """Tables without a key give each of two equal rows."""
    assert len(store.read(store.manifest([1]), dataset)) == rows


def test_a_view(url: str) -> None:
    """A view over rows of people is read as well."""
    view = "CREATE VIEW mail AS SELECT from_id, to_id, body FROM messages"
    datamap = {
        "stores": {"app": {"url": "given"}},
        "subjects": {"customer": {"dataset": "app.customers", "key": "id"}},
        "datasets": {
            "app.customers": {},
            "app.mail": {"subject": ["sender via from_id", "recipient via to_id"]},
        },
    }
    store = Store.make(url, TABLES, ROWS, view, datamap=datamap)
    made = {
        (one.values["body"], one.roles, one.shared) for one in store.read(store.manifest([1]), "app.mail")
    }
    assert made == {
        ("hello", ("sender",), True),
        ("hi", ("recipient",), True),
        ("self", ("sender", "recipient"), False),
        ("out", ("sender",), False),
    }


def test_nobody(store: Store) -> None:
    """A manifest without people reads nothing."""
    assert store.read(store.manifest()) == []


def test_statements_do_not_grow_with_people(store: Store) -> None:
    """As many statements for four people as for one."""
    counts = []
    stream = read._rows
    for people in ([[1]], [[1], [2], [3], [4]]):
        asked: list[object] = []
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(read, "_rows", lambda *given, a=asked: a.append(given) or stream(*given))
            store.read(store.manifest(*people))
        counts.append(len(asked))
    assert counts[0] == counts[1] <= len(store.ways)


@pytest.mark.parametrize("most", [2, 3, 16])
def test_together_as_alone(pg_url: str, monkeypatch: pytest.MonkeyPatch, most: int) -> None:
    """Datasets that are read by one statement come in the same order, with the same rows, as one by one."""
    view = "CREATE VIEW mail AS SELECT from_id, to_id, body FROM messages"
    seen_by = {
        "app.mail": {
            "subject": ["sender via from_id", "recipient via to_id"],
            "fields": {"communication": ["body"]},
        }
    }
    datasets = {**DATAMAP["datasets"], **seen_by}
    store = Store.make(pg_url, TABLES, ROWS, view, datamap={**DATAMAP, "datasets": datasets})
    found = {}
    for number in (1, most):
        monkeypatch.setattr(read_together, "MOST", number)
        found[number] = [
            (one.person, one.dataset, one.row, one.roles, one.shared, dict(one.values))
            for one in store.read(store.manifest([1], [2, 3], [4]))
        ]
    assert found[most] == found[1]
    assert {row[1] for row in found[1]} == set(store.ways)


def test_a_store_that_only_reads(url: str) -> None:
    """A role or file opened for reading only is enough."""
    store = Store.make(url)
    engine = opening.connect(url, store="app", readonly=True)
    made = list(read.read(engine, store.catalog, store.manifest([1]), store.ways))
    assert {one.dataset for one in made} == set(store.ways)
    engine.dispose()


def test_values_of_every_type(pg_url: str) -> None:
    """Values come exact: what Python cannot hold comes as the text the database writes."""
    table = """
    CREATE TABLE customers (id bigint PRIMARY KEY, at timestamptz, on_day date, late date, length interval,
      clock time, price numeric, doc jsonb, tags text[], ip inet, token uuid, photo bytea, cash money, span int4range,
      ok boolean, share double precision);
    INSERT INTO customers VALUES (1, '2020-01-02 03:04:05.6+02', '2020-01-02', 'infinity',
      '1 year 2 mons 3 days 4 hours', '24:00',
      12345678901234567890.120, '{"n": 1.5, "long": 0.12345678901234567890123, "i": 12345678901234567890}',
      '{a,NULL}', '10.0.0.1', '00000000-0000-0000-0000-00000000000A', '\\x00ff', 5, '[1,5)', true, 'NaN')
    """
    datamap = {
        "stores": {"app": {"url": "given"}},
        "subjects": {"customer": {"dataset": "app.customers", "key": "id"}},
        "datasets": {"app.customers": {}},
    }
    store = Store.make(pg_url, table, datamap=datamap)
    values = dict(store.read(store.manifest([1]))[0].values)
    assert values.pop("cash")
    assert values == {
        "id": 1,
        "at": "2020-01-02T01:04:05.6+00:00",
        "on_day": "2020-01-02",
        "late": "infinity",
        "length": "P1Y2M3DT4H",
        "clock": "24:00:00",
        "price": "12345678901234567890.120",
        "doc": {"n": 1.5, "long": "0.12345678901234567890123", "i": 12345678901234567890},
        "tags": ["a", None],
        "ip": "10.0.0.1",
        "token": "00000000-0000-0000-0000-00000000000a",
        "photo": {"base64": "AP8="},
        "span": "[1,5)",
        "ok": True,
        "share": "NaN",
    }


def test_only_the_columns_asked_for(store: Store) -> None:
    """What is not wanted is not read; rows stay in the order of their key."""
    ways = {"app.customers": store.ways["app.customers"], "app.messages": store.ways["app.messages"]}
    columns = {"app.customers": ("name",), "app.messages": ("body",)}
    made = read.read(store.engine, store.catalog, store.manifest([2], [1]), ways, columns)
    assert [(one.person, dict(one.values)) for one in made][:4] == [
        (1, {"name": "Bob"}),
        (2, {"name": "Ada"}),
        (1, {"body": "hello"}),
        (1, {"body": "hi"}),
    ]


def test_text_that_is_no_utf_8(tmp_path: Path) -> None:
    """Bytes that are no letters come written out, and stop nothing."""
    store = Store.make(f"sqlite:///{tmp_path}/app.sqlite")
    with store.engine.begin() as connection:
        connection.exec_driver_sql("UPDATE customers SET name = CAST(x'41ff' AS TEXT) WHERE id = 1")
    assert store.read(store.manifest([1]), "app.customers")[0].values["name"] == "A\\xff"


def test_a_table_that_went_away(store: Store) -> None:
    """A table dropped since it was looked at is said without a value."""
    with store.engine.begin() as connection:
        connection.exec_driver_sql("DROP TABLE notes")
    with pytest.raises(StoreError, match="structure is not what it was"):
        store.read(store.manifest([1]), "app.notes")
