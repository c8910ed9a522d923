"""The whole way on MariaDB: draft, plan, apply, check, find, why, grants; and what the server would do otherwise."""

from __future__ import annotations

import subprocess
import threading
import time
from pathlib import Path

import pytest

from db import mariadb
from e2e.shops import Shop, refused
from e2e.test_never_too_much import ORDERS, PEOPLE, PROJECT, kept, project

CUSTOMERS = "CREATE TABLE customers (id integer PRIMARY KEY, email text, closed_at datetime)"
OLD = "'2020-01-01 00:00:00'"
APPLY = ("apply", "plan.json", "--backup-taken")


@pytest.fixture
def shop(tmp_path: Path, mariadb_url: str) -> Shop:
    """Return a project with a MariaDB store of 40 customers."""
    return Shop.make(tmp_path / "shop", mariadb_url)


def test_the_whole_way(shop: Shop) -> None:
    """From a plan to kept promises, and every question on the way has an answer."""
    shop.plan()
    assert "DELETE FROM `customers`" in shop.troth("plan", "show", "plan.json", "--sql").stdout
    done = shop.troth(*APPLY)
    assert done.returncode == 0, done.stderr
    assert "Purge (mariadb): done" in done.stdout and "OPTIMIZE TABLE" in done.stdout
    assert shop.counts == (30, 20, 10)
    assert "already applied" in shop.troth(*APPLY).stdout
    assert shop.troth("check").returncode == 0
    assert "app.orders" in shop.troth("find", "id:4").stdout
    assert "stays" in shop.troth("why", "app.customers/1").stdout
    assert "GRANT DELETE ON `customers`" in shop.troth("grants", "--store", "app").stdout
    drafted = shop.troth("init", "--db", "${APP_DB}", "--into", "drafted")
    assert drafted.returncode == 0, drafted.stderr
    assert "email" in (shop.folder / "drafted" / "datamap.yaml").read_text()


def test_a_person_is_shown_and_erased(shop: Shop) -> None:
    """Export, erasure, another look and the tombstone all work; the store's own marks are nobody's data."""
    shown = shop.troth("export", "id:5", "--out", "pkg.zip")
    assert shown.returncode == 0, shown.stderr
    assert shop.troth("erase", "id:4", "--plan", "out.json").returncode == 0
    done = shop.troth("apply", "out.json", "--backup-taken")
    assert done.returncode == 0, done.stdout + done.stderr
    assert "is clean" in done.stdout
    assert shop.counts == (39, 39, 126)
    assert shop.troth("find", "id:4").returncode == 1
    assert shop.troth("sweep").returncode == 0
    assert "troth_" not in shop.troth("catalog").stdout


def test_a_pilot_keeps_to_its_number(shop: Shop) -> None:
    """A pilot of five touches five rows; then the rest goes."""
    shop.plan()
    shop.troth(*APPLY, "--limit", "5")
    assert shop.sql("SELECT count(*) FROM orders") == [(125,)]
    assert shop.troth(*APPLY).returncode == 0
    assert shop.counts == (30, 20, 10)


KEYS = [
    "id varchar(20) COLLATE utf8mb4_unicode_ci PRIMARY KEY",
    "id binary(4) PRIMARY KEY",
    "id bigint unsigned PRIMARY KEY",
    "id decimal(20,2) PRIMARY KEY",
    "id uuid PRIMARY KEY",
    "id varchar(20), at date DEFAULT '2020-01-01', PRIMARY KEY (at, id)",
    "id enum('0001', '0002', '0003', '0004') PRIMARY KEY",
    "id varchar(20) NOT NULL UNIQUE",
    "id varchar(20)",
]


@pytest.mark.parametrize("key", KEYS)
def test_every_kind_of_key(tmp_path: Path, mariadb_url: str, key: str) -> None:
    """Whatever tells its rows apart, a table is gone through in batches, some at a time, and nothing is left out."""
    texts = key.partition(" ")[2].startswith(("varchar", "binary", "enum"))
    values = [f"'{n:04}'" if texts else f"{10**15 * n}" for n in range(1, 5)]
    if "uuid" in key:
        values = [f"'00000000-0000-0000-0000-00000000000{n}'" for n in range(4)]
    dates = [OLD, OLD, "NULL", OLD]
    rows = ", ".join(f"({value}, 'a', {day})" for value, day in zip(values, dates, strict=True))
    table = f"CREATE TABLE customers ({key}, email text, closed_at datetime)"
    shop = project(
        tmp_path / "shop", mariadb_url, table,
        f"INSERT INTO customers (id, email, closed_at) VALUES {rows}",
    )  # fmt: skip
    shop.plan()
    done = shop.troth(*APPLY, "--max-lock", "500ms")
    assert done.returncode == 0, done.stdout + done.stderr
    assert shop.sql("SELECT count(*), count(closed_at) FROM customers") == [(1, 0)]


def test_thousands_of_uneven_keys(tmp_path: Path, mariadb_url: str) -> None:
    """Keys of text, and numbers far apart, are gone through in many small batches without a gap or an idle walk."""
    many = "INSERT INTO customers SELECT {}, 'a', IF(seq %% 5, '2020-01-01', NULL) FROM seq_1_to_3000"
    for number, (key, value) in enumerate(
        [("varchar(40)", "md5(seq)"), ("bigint", "seq * 1000000007000 + 5")]
    ):
        shop = project(
            tmp_path / f"shop{number}",
            mariadb_url,
            "DROP TABLE IF EXISTS customers",
            f"CREATE TABLE customers (id {key} PRIMARY KEY, email text, closed_at datetime)",
            many.format(value),
        )
        shop.plan()
        done = shop.troth(*APPLY, "--max-lock", "20ms")
        assert done.returncode == 0, done.stdout + done.stderr
        assert shop.sql("SELECT count(*), count(closed_at) FROM customers") == [(600, 0)]


def test_a_table_without_transactions_is_left_alone(tmp_path: Path, mariadb_url: str) -> None:
    """Nothing is planned on MyISAM: the promise is unproven, the plan says why, and every row stays."""
    shop = project(tmp_path / "shop", mariadb_url, f"{CUSTOMERS} ENGINE=MyISAM", PEOPLE)
    planned = shop.troth("plan", "retention", "--out", "plan.json")
    assert "without transactions" in planned.stdout + planned.stderr
    shop.troth(*APPLY)
    assert shop.sql("SELECT count(*) FROM customers") == [(2,)]
    refused(shop.troth("check", "--only", "retention"), 4, "without transactions")


def test_blanking_makes_no_row_look_young(tmp_path: Path, mariadb_url: str) -> None:
    """A column that follows every change keeps its time, so that no other period starts anew."""
    table = CUSTOMERS[:-1] + ", seen timestamp NULL ON UPDATE current_timestamp())"
    shop = project(
        tmp_path / "shop", mariadb_url, table, f"INSERT INTO customers VALUES (1, 'a', {OLD}, '2021-05-05')",
        text=PROJECT.replace("delete-row", "keep-row"),
    )  # fmt: skip
    shop.plan()
    assert shop.troth(*APPLY).returncode == 0
    assert shop.sql("SELECT email, cast(seen AS char) FROM customers") == [(None, "2021-05-05 00:00:00")]


def test_history_is_named(tmp_path: Path, mariadb_url: str) -> None:
    """System versioning keeps what is deleted: the plan warns, and the purge says how to end it."""
    shop = project(tmp_path / "shop", mariadb_url, f"{CUSTOMERS} WITH SYSTEM VERSIONING", PEOPLE)
    assert "system versioning" in shop.troth("plan", "retention", "--out", "plan.json").stdout
    done = shop.troth(*APPLY)
    assert "Purge (mariadb): partly" in done.stdout and "DELETE HISTORY" in done.stdout


@pytest.mark.parametrize(
    ("column", "emptied"),
    [
        ("email varchar(60) NOT NULL", ""),
        ("email varchar(60) NOT NULL UNIQUE", "erased-1"),
        ("email varchar(9) NOT NULL UNIQUE", None),
        ("email enum('a', 'b') NOT NULL", None),
        ("email json NOT NULL", None),
        ("email varchar(60) CHECK (email IS NOT NULL)", None),
        ("email varchar(60) CHECK (NOT email <=> NULL)", None),
    ],
)
def test_what_a_column_refuses_is_foreseen(
    tmp_path: Path, mariadb_url: str, column: str, emptied: str | None
) -> None:
    """NOT NULL, UNIQUE, narrow, ENUM and CHECK are met in the plan: a placeholder where one fits, else a finding."""
    value = '"a"' if "json" in column else "a"
    shop = project(
        tmp_path / "shop", mariadb_url, f"CREATE TABLE customers (id integer PRIMARY KEY, {column}, closed_at date)",
        f"INSERT INTO customers VALUES (1, '{value}', {OLD})", text=PROJECT.replace("delete-row", "keep-row"),
    )  # fmt: skip
    planned = shop.troth("plan", "retention", "--out", "plan.json")
    assert ("cannot-blank" in planned.stdout + planned.stderr) is (emptied is None)
    assert shop.troth(*APPLY).returncode == 0
    assert shop.sql("SELECT email FROM customers") == [(value if emptied is None else emptied,)]


def test_controllers_are_compared_by_the_letter(tmp_path: Path, mariadb_url: str) -> None:
    """`US`, `us ` and 0 are not `us`, whatever the collation: rows of others stay, text is no number."""
    table = CUSTOMERS[:-1] + ", tenant varchar(9))"
    tenants = ["us", "US", "us ", "", None, "us", "0"]
    rows = ", ".join(f"({n}, 'a', {OLD}, {'NULL' if t is None else repr(t)})" for n, t in enumerate(tenants))
    text = PROJECT + "    controller: {column: tenant, ours: [us]}\n"
    shop = project(tmp_path / "shop", mariadb_url, table, f"INSERT INTO customers VALUES {rows}", text=text)
    assert kept(shop) == [1, 2, 3, 4, 6]


def test_references_by_value_between_collations(tmp_path: Path, mariadb_url: str) -> None:
    """A declared way between columns of unequal collation or kind works, and means the same letters."""
    code = "code varchar(9) COLLATE utf8mb4_swedish_ci"
    orders = f"CREATE TABLE orders (id int PRIMARY KEY, {code}, ship_to text, made_at date)"
    shop = project(
        tmp_path / "shop", mariadb_url,
        CUSTOMERS, orders, PEOPLE,
        f"INSERT INTO orders VALUES (1, '1', 'x', {OLD}), (2, '1 ', 'x', '2026-01-01'), (3, '01', 'x', '2026-01-01'),"
        " (4, '2', 'x', '2026-01-01'), (5, 'abc', 'x', '2026-01-01')",
        text=PROJECT + ORDERS.replace("subject: customer", "subject: customer via code = customers.id"),
    )  # fmt: skip
    assert kept(shop) == [2]
    assert shop.sql("SELECT id FROM orders ORDER BY id") == [(2,), (3,), (4,), (5,)]


def test_names_with_every_character(tmp_path: Path, mariadb_url: str) -> None:
    """A table's name may hold blanks, percent signs, quotes and backticks; work and purge find it."""
    name = "Our 100% 'good' `ones`"
    shop = project(tmp_path / "shop", mariadb_url, text=PROJECT.replace("app.customers", f"app.{name}"))
    shop.sql(CUSTOMERS.replace("customers", "`" + name.replace("`", "``").replace("%", "%%") + "`"))
    shop.sql(f"INSERT INTO `{name.replace('`', '``').replace('%', '%%')}` VALUES (1, 'a', {OLD})")
    shop.plan()
    done = shop.troth(*APPLY)
    assert (done.returncode, "done" in done.stdout) == (0, True), done.stderr


@pytest.mark.parametrize("action", ["CASCADE", "NO ACTION"])
def test_a_row_that_comes_while_its_parent_goes(
    tmp_path: Path, maria: mariadb.Server, mariadb_url: str, action: str
) -> None:
    """A young order, written while its customer is being deleted, stays and so does the customer."""
    orders = (
        f"CREATE TABLE orders (id integer PRIMARY KEY, customer_id integer REFERENCES customers (id) "
        f"ON DELETE {action}, made_at datetime, ship_to text)"
    )
    shop = project(tmp_path / "shop", mariadb_url, CUSTOMERS, orders, PEOPLE, text=PROJECT + ORDERS)
    shop.plan()
    with maria.admin(mariadb_url.rpartition("/")[2]) as other, other.cursor() as cursor:
        cursor.execute("BEGIN")
        cursor.execute("INSERT INTO orders VALUES (7, 1, '2026-05-31', 'x')")
        commit = threading.Timer(4, other.commit)
        commit.start()
        done = shop.troth(*APPLY, "--max-lock", "none")
        commit.join()
    assert done.returncode == 0, done.stderr
    assert shop.sql("SELECT id FROM customers") == [(1,)]
    assert shop.sql("SELECT id FROM orders") == [(7,)]


def test_a_user_that_may_only_read(shop: Shop, maria: mariadb.Server) -> None:
    """Planning works, applying is refused with 3 and names the grants; nothing is touched."""
    database = shop.url.rpartition("/")[2]
    user = f"r{database[-8:]}"
    maria.run(f"CREATE USER {user} IDENTIFIED BY 'pw'", f"GRANT SELECT ON `{database}`.* TO {user}")
    try:
        reader = shop.having(APP_DB=maria.url(database, user=user, password="pw"))
        reader.plan()
        refused(reader.troth(*APPLY), 3, "not allowed", "troth grants")
        assert shop.counts == (40, 40, 130)
    finally:
        maria.run(f"DROP USER {user}")


def test_a_lock_somebody_else_holds(shop: Shop, maria: mariadb.Server) -> None:
    """A bound on locks holds: 5 names --max-lock; later the same command finishes."""
    shop.plan()
    with maria.admin(shop.url.rpartition("/")[2]) as other, other.cursor() as cursor:
        cursor.execute("BEGIN")
        cursor.execute("SELECT * FROM orders FOR UPDATE")
        refused(shop.troth(*APPLY, "--max-lock", "30ms"), 5, "--max-lock")
        other.rollback()
    assert shop.troth(*APPLY).returncode == 0
    assert shop.counts == (30, 20, 10)


def test_two_at_once(shop: Shop, maria: mariadb.Server) -> None:
    """While one apply is at work, a second one is refused; the first one's end lets it in."""
    shop.plan()
    with maria.admin(shop.url.rpartition("/")[2]) as other, other.cursor() as cursor:
        cursor.execute("BEGIN")
        cursor.execute("SELECT * FROM orders FOR UPDATE")
        first = shop.start(*APPLY, "--max-lock", "none")
        waiting(maria, shop)
        refused(shop.troth(*APPLY), 5, "Another apply")
        other.rollback()
    first.communicate(timeout=180)
    assert first.returncode == 0
    assert shop.counts == (30, 20, 10)


def test_a_connection_that_drops_in_the_middle(shop: Shop, maria: mariadb.Server) -> None:
    """The batch is rolled back, 3 says to run again, and that finishes."""
    shop.plan()
    with maria.admin(shop.url.rpartition("/")[2]) as other, other.cursor() as cursor:
        cursor.execute("BEGIN")
        cursor.execute("SELECT * FROM orders WHERE id = 21 FOR UPDATE")
        process = shop.start(*APPLY, "--max-lock", "none")
        maria.run(f"KILL {waiting(maria, shop)}")
        out, said = process.communicate(timeout=180)
        other.rollback()
    refused(subprocess.CompletedProcess([], process.returncode, out, said), 3, "dropped", "again")
    assert shop.troth(*APPLY).returncode == 0
    assert shop.counts == (30, 20, 10)


def waiting(maria: mariadb.Server, shop: Shop) -> int:
    """Wait until a DELETE in this shop's own database waits for a lock, and return its session."""
    asked = (
        "SELECT trx.trx_mysql_thread_id FROM information_schema.innodb_trx AS trx "
        "JOIN information_schema.processlist AS session ON session.id = trx.trx_mysql_thread_id "
        "WHERE trx.trx_state = 'LOCK WAIT' AND trx.trx_query LIKE 'DELETE FROM%%' AND session.db = %s"
    )
    deadline = time.monotonic() + 180
    while time.monotonic() < deadline:
        with maria.admin() as admin, admin.cursor() as cursor:
            cursor.execute(asked, (shop.url.rpartition("/")[2],))
            if found := cursor.fetchone():
                return int(found[0])
        time.sleep(0.3)  # the server reads its table anew only when nobody asked for 0.1 s
    raise AssertionError("nobody waits")
