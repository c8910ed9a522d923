"""What must not be deleted stays: marks for no date, rows nobody looked at, rows that come meanwhile."""

from __future__ import annotations

import threading
from collections.abc import Callable
from pathlib import Path

import psycopg
import pytest

from db import servers
from e2e.shops import Shop, refused

PROJECT = """\
troth: 1
organisation: {name: The Shop, timezone: UTC}
categories: {contact: {label: How}}
retention:
  account: {for: 2 years, after: account.closed}
  order: {for: 2 years, after: order.made}
limits: {share: 100}
stores: {app: {url: "${APP_DB}", located: US, timezone: UTC}}
subjects: {customer: {dataset: app.customers, key: id}}
datasets:
  app.customers:
    kept-as: account
    on-expiry: delete-row
    fields: {contact: [email]}
    anchors: {account.closed: closed_at}
"""
ORDERS = """\
  app.orders:
    subject: customer
    kept-as: order
    on-expiry: delete-row
    fields: {contact: [ship_to]}
    anchors: {order.made: made_at}
"""
PEOPLE = "INSERT INTO customers VALUES (1, 'a', '2020-01-01 00:00:00'), (2, 'b', '2020-01-01 00:00:00')"
TABLES = (
    "CREATE TABLE customers (id integer PRIMARY KEY, email text, closed_at timestamp)",
    "CREATE TABLE orders (id integer PRIMARY KEY, customer_id integer REFERENCES customers (id) "
    "ON DELETE CASCADE, made_at timestamp, ship_to text, main integer)",
    PEOPLE,
)


def project(folder: Path, url: str, *statements: str, text: str = PROJECT) -> Shop:
    """Write a project and fill its store."""
    folder.mkdir()
    (folder / "troth.yaml").write_text(text)
    made = Shop(folder=folder, url=url)
    for statement in statements:
        made.sql(statement)
    return made


def kept(shop: Shop) -> list[int]:
    """Plan, apply, and return the customers that are left."""
    shop.plan()
    done = shop.troth("apply", "plan.json", "--backup-taken")
    assert done.returncode == 0, done.stderr
    return sorted(row[0] for row in shop.sql("SELECT id FROM customers"))


def sqlite(folder: Path, *statements: str) -> Shop:
    """Make a project over a SQLite file."""
    return project(folder / "shop", f"sqlite:///{folder}/app.db", *statements)


@pytest.mark.parametrize("mark", ["0000-00-00 00:00:00", "0001-01-01 00:00:00", "9999-12-31 00:00:00"])
def test_a_mark_for_no_date_is_no_date(tmp_path: Path, mark: str) -> None:
    """A text that only looks like an old date ends nothing."""
    table = "CREATE TABLE customers (id integer PRIMARY KEY, email text, closed_at text)"
    rows = f"INSERT INTO customers VALUES (1, 'a', '2020-01-01 00:00:00'), (2, 'b', '{mark}')"
    assert kept(sqlite(tmp_path, table, rows)) == [2]


def test_numbers_of_another_unit_are_no_dates(tmp_path: Path) -> None:
    """Among milliseconds neither zero nor a number of seconds, met behind the sample, is an old date."""
    table = "CREATE TABLE customers (id integer PRIMARY KEY, email text, closed_at integer)"
    many = "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 600) "
    young = f"{many} INSERT INTO customers SELECT i, 'x', 1775000000000 FROM n"
    rest = "INSERT INTO customers VALUES (601, 'a', 0), (602, 'b', 1775000000), (603, 'c', 1500000000000)"
    assert kept(sqlite(tmp_path, table, young, rest)) == [*range(1, 603)]


def test_dates_beyond_all_calendars(tmp_path: Path, pg_url: str) -> None:
    """PostgreSQL's infinities are marks: counted without a fault, and never an old date."""
    rows = "(3, 'c', 'infinity'), (4, 'd', '-infinity'), (5, 'e', '0044-03-15 BC')"
    shop = project(tmp_path / "shop", pg_url, *TABLES[::2], f"INSERT INTO customers VALUES {rows}")
    assert kept(shop) == [3, 4, 5]
    refused(shop.troth("check", "--only", "retention"), 4, "2 rows in app.customers without a date")


def test_rows_of_a_schema_nobody_looks_at(tmp_path: Path, pg_url: str) -> None:
    """A row in another schema that would go along keeps the row it refers to."""
    text = PROJECT.replace("timezone: UTC}}", "timezone: UTC, schemas: [public]}}")
    other = "CREATE TABLE audit.entries (customer_id integer REFERENCES customers (id) ON DELETE CASCADE)"
    statements = (*TABLES[::2], "CREATE SCHEMA audit", other, "INSERT INTO audit.entries VALUES (1)")
    shop = project(tmp_path / "shop", pg_url, *statements, text=text)
    assert kept(shop) == [1]
    assert shop.sql("SELECT * FROM audit.entries") == [(1,)]


def test_rows_a_policy_hides(tmp_path: Path, postgres: servers.Server, new_pg_url: Callable[[], str]) -> None:
    """A role that may not see every row plans nothing: hidden rows would go along with those they refer to."""
    url = new_pg_url()
    database = url.rpartition("/")[2]
    role = f"blind_{database}"
    shop = project(tmp_path / "shop", url, *TABLES, text=PROJECT + ORDERS)
    shop.sql("INSERT INTO orders VALUES (1, 1, '2026-01-01', 'x', 1)")
    shop.sql("ALTER TABLE orders ENABLE ROW LEVEL SECURITY")
    shop.sql(f"CREATE ROLE {role} LOGIN PASSWORD 'pw'")
    shop.sql(f"GRANT ALL ON ALL TABLES IN SCHEMA public TO {role}")
    try:
        blind = shop.having(APP_DB=postgres.url(database, user=role, password="pw"))
        refused(blind.troth("plan", "retention", "--out", "plan.json"), 3, "row security", "orders")
    finally:
        shop.sql(f"DROP OWNED BY {role}")
        shop.sql(f"DROP ROLE {role}")


@pytest.mark.parametrize("action", ["CASCADE", "NO ACTION"])
def test_a_row_that_comes_while_its_parent_goes(tmp_path: Path, pg_url: str, action: str) -> None:
    """A young order, written while its customer is being deleted, stays and so does the customer."""
    tables = [statement.replace("CASCADE", action) for statement in TABLES]
    shop = project(tmp_path / "shop", pg_url, *tables, text=PROJECT + ORDERS)
    shop.plan()
    with psycopg.connect(pg_url) as other:
        other.execute("INSERT INTO orders VALUES (7, 1, '2026-05-31', 'x', 1)")
        commit = threading.Timer(4, other.commit)
        commit.start()
        done = shop.troth("apply", "plan.json", "--backup-taken", "--max-lock", "none")
        commit.join()
    assert done.returncode == 0, done.stderr
    assert shop.sql("SELECT id FROM customers") == [(1,)]
    assert shop.sql("SELECT id FROM orders") == [(7,)]


@pytest.mark.parametrize("engine", ["sqlite", "postgresql"])
def test_an_index_over_some_rows_finds_no_single_one(
    tmp_path: Path, engine: str, new_pg_url: Callable[[], str]
) -> None:
    """A partial unique index says nothing of the other rows: each customer is counted once."""
    url = f"sqlite:///{tmp_path}/app.db" if engine == "sqlite" else new_pg_url()
    index = "CREATE UNIQUE INDEX main_order ON orders (customer_id) WHERE main = 1"
    orders = [f"({n}, {n % 2 + 1}, '2020-01-01 00:00:00', 'x', {int(n < 2)})" for n in range(6)]
    values = f"INSERT INTO orders VALUES {', '.join(orders)}"
    shop = project(tmp_path / "shop", url, *TABLES, index, values, text=PROJECT + ORDERS)
    done = shop.troth("plan", "retention", "--out", "plan.json")
    assert "Delete 2 rows of app.customers" in done.stdout


KEYED = "CREATE TABLE customers (t integer, id integer, email text, closed_at text, PRIMARY KEY (t, id))"
SHADOWED = (
    "CREATE TABLE customers (t integer, id integer PRIMARY KEY, email text, closed_at text, rowid text)"
)
HUNDRED = (
    "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 100) INSERT INTO customers "
)


@pytest.mark.parametrize("table", [f"{KEYED} WITHOUT ROWID", SHADOWED, KEYED])
def test_a_pilot_on_sqlite_keeps_to_its_number(tmp_path: Path, table: str) -> None:
    """Whatever tells its rows apart, a pilot of five touches five; then the rest goes."""
    columns = "(t, id, email, closed_at) SELECT i % 3, i - 50, 'x', '2020-01-01 00:00:00' FROM n"
    shop = sqlite(tmp_path, table, HUNDRED + columns)
    shop.plan()
    shop.troth("apply", "plan.json", "--backup-taken", "--limit", "5")
    assert shop.sql("SELECT count(*) FROM customers") == [(95,)]
    done = shop.troth("apply", "plan.json")
    assert (done.returncode, shop.sql("SELECT count(*) FROM customers")) == (0, [(0,)])


@pytest.mark.parametrize("parts", ["partition", "heir"])
def test_rows_in_parts_of_a_table(tmp_path: Path, pg_url: str, parts: str) -> None:
    """Partitions and heirs number their rows each: a pilot keeps to its number, a run reaches all of them."""
    whole = "CREATE TABLE customers (id integer, t integer, email text, closed_at timestamp)"
    made = {
        "partition": (
            f"{whole} PARTITION BY LIST (t)",
            "CREATE TABLE one PARTITION OF customers FOR VALUES IN (1)",
            "CREATE TABLE two PARTITION OF customers FOR VALUES IN (2)",
            "INSERT INTO customers SELECT i, 1 + mod(i, 2), 'x', '2020-01-01' FROM generate_series(1, 100) AS i",
        ),
        "heir": (
            whole,
            "CREATE TABLE one () INHERITS (customers)",
            "INSERT INTO one SELECT i, 1, 'x', '2020-01-01' FROM generate_series(1, 100) AS i",
        ),
    }
    shop = project(tmp_path / "shop", pg_url, *made[parts])
    shop.plan()
    shop.troth("apply", "plan.json", "--backup-taken", "--limit", "5")
    assert shop.sql("SELECT count(*) FROM customers") == [(95,)]
    done = shop.troth("apply", "plan.json")
    assert (done.returncode, shop.sql("SELECT count(*) FROM customers")) == (0, [(0,)])
