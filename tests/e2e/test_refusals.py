"""What stands in the way: each thing gets a clear message, its exit code, and loses nothing."""

from __future__ import annotations

import sqlite3
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psycopg
import pytest

from db import servers
from e2e.shops import Shop, refused

AFTER = (30, 20, 10)
APPLY = ("apply", "plan.json", "--backup-taken")


@contextmanager
def session(shop: Shop) -> Iterator[psycopg.Connection[Any]]:
    """Open somebody else's session on a PostgreSQL shop."""
    with psycopg.connect(shop.url, autocommit=True) as connection:
        yield connection


def until(true: Callable[[], object]) -> None:
    """Wait until something is so."""
    deadline = time.monotonic() + 180
    while not true():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def finishes(shop: Shop) -> None:
    """Expect that applying again does what is left."""
    done = shop.troth(*APPLY)
    assert done.returncode == 0, done.stdout + done.stderr
    assert shop.counts == AFTER


def test_a_store_that_is_not_there(shop: Shop) -> None:
    """An unreachable server, a missing file, a variable that is not set: 3, with what to do."""
    away = shop.having(APP_DB="postgresql://ann:secret@127.0.0.1:1/shop")
    refused(away.troth("plan", "retention"), 3, "found none", "port 1", "to do:")
    checked = away.troth("check")
    refused(checked, 3, "unproven", "was not looked at")
    assert "secret" not in checked.stdout + checked.stderr
    refused(shop.having(APP_DB="sqlite:///nowhere.sqlite").troth("plan", "retention"), 3, "nowhere.sqlite")
    refused(shop.having(APP_DB="").troth("plan", "retention"), 3, "APP_DB", "not set")


def test_a_wrong_password(pg_shop: Shop) -> None:
    """The server refuses: 3, and the password is not repeated."""
    wrong = pg_shop.having(APP_DB=pg_shop.url.replace("tr%40th", "wr%40ng"))
    done = wrong.troth("plan", "retention")
    refused(done, 3, "refuses this user or password")
    assert "wr" not in done.stderr.replace("wrong", "")


def test_a_password_as_people_write_it(pg_shop: Shop) -> None:
    """A raw @, / and % in the password work."""
    raw = pg_shop.having(APP_DB=pg_shop.url.replace("tr%40th%2F100%25", servers.PASSWORD))
    assert raw.troth("plan", "retention").returncode == 0


def test_a_role_that_may_only_read(pg_shop: Shop) -> None:
    """Planning works, applying is refused with 3 and names the grants; nothing is touched."""
    with session(pg_shop) as other:
        other.execute("DROP ROLE IF EXISTS reader_of_shop")
        other.execute("CREATE ROLE reader_of_shop LOGIN PASSWORD 'pw'")
        other.execute("GRANT SELECT ON ALL TABLES IN SCHEMA public TO reader_of_shop")
    address = pg_shop.url.partition("@")[2]
    reader = pg_shop.having(APP_DB=f"postgresql://reader_of_shop:pw@{address}")
    reader.plan()
    refused(reader.troth(*APPLY), 3, "not allowed", "troth grants")
    assert pg_shop.counts == (40, 40, 130)
    finishes(pg_shop)
    with session(pg_shop) as other:
        other.execute("DROP OWNED BY reader_of_shop")
        other.execute("DROP ROLE reader_of_shop")


def test_a_lock_somebody_else_holds_on_sqlite(shop: Shop) -> None:
    """After its patience Troth says so with 3; later the same command does it."""
    shop.plan()
    other = sqlite3.connect(shop.url.removeprefix("sqlite:///"), isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    refused(shop.troth(*APPLY), 3, "holds a lock", "again")
    other.rollback()
    other.close()
    finishes(shop)


def test_a_lock_somebody_else_holds_on_postgresql(pg_shop: Shop) -> None:
    """A bound on locks holds: 5 names --max-lock; nothing waits longer."""
    pg_shop.plan()
    with session(pg_shop) as other, other.transaction():
        other.execute("LOCK TABLE orders IN EXCLUSIVE MODE")
        refused(pg_shop.troth(*APPLY, "--max-lock", "30ms"), 5, "--max-lock")
    finishes(pg_shop)


def test_a_connection_that_drops_in_the_middle(pg_shop: Shop) -> None:
    """The batch is rolled back, 3 says to run again, and that finishes."""
    pg_shop.plan()
    with session(pg_shop) as other, session(pg_shop) as admin:
        with other.transaction():
            other.execute("SELECT * FROM orders WHERE id = 21 FOR UPDATE")
            process = pg_shop.start(*APPLY, "--full-speed")
            waiting = (
                "SELECT pid FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND query LIKE 'DELETE%%'"
            )
            until(lambda: admin.execute(waiting).fetchall())
            admin.execute(f"SELECT pg_terminate_backend(pid) FROM ({waiting}) AS found")
            out, said = process.communicate(timeout=180)
        refused(subprocess.CompletedProcess([], process.returncode, out, said), 3, "dropped", "again")
    finishes(pg_shop)


@pytest.mark.parametrize(
    "change",
    ["DROP TABLE orders", "ALTER TABLE customers ADD COLUMN nickname text"],
    ids=["dropped", "altered"],
)
def test_a_structure_that_changed_since(any_shop: Shop, change: str) -> None:
    """A plan made for another structure is stale: 5, nothing touched."""
    any_shop.plan()
    any_shop.sql(change)
    refused(any_shop.troth(*APPLY), 5, "stale", "structure of store app", "troth plan")
    assert any_shop.sql("SELECT count(*) FROM customers") == [(40,)]


def test_a_policy_that_changed_since(shop: Shop) -> None:
    """A plan made from other rules is stale: 5."""
    shop.plan()
    shop.write("troth.yaml", "for: 2 years", "for: 3 years")
    refused(shop.troth(*APPLY), 5, "stale", "the policy or data map")


def test_a_hold_placed_after_the_plan(shop: Shop) -> None:
    """What it covers stays, the rest goes, and the receipt is for the rest."""
    shop.plan()
    order = ("--ground", "legal-hold", "--title", "F-1", "--owner", "Ann", "--review", "2027-01-01")
    assert shop.troth("hold", "add", *order, "--scope", "customer/6").returncode == 0
    done = shop.troth(*APPLY)
    assert done.returncode == 0, done.stdout + done.stderr
    assert shop.sql("SELECT count(*) FROM customers WHERE id = 6 AND name = 'N6'") == [(1,)]
    assert shop.sql("SELECT count(*) FROM orders WHERE customer_id = 6") == [(3,)]
    assert shop.counts == (31, 21, 13)


def test_a_hold_placed_in_the_middle(pg_shop: Shop) -> None:
    """The next batch respects it."""
    pg_shop.plan()
    with session(pg_shop) as other, session(pg_shop) as admin:
        with other.transaction():
            other.execute("SELECT * FROM orders WHERE id = 21 FOR UPDATE")
            process = pg_shop.start(*APPLY, "--full-speed")
            waiting = (
                "SELECT 1 FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND query LIKE 'DELETE%%'"
            )
            until(lambda: admin.execute(waiting).fetchall())
            order = ("--ground", "legal-hold", "--title", "F", "--owner", "Ann", "--review", "2027-01-01")
            placed = pg_shop.troth("hold", "add", *order, "--scope", "customer/6")
            assert placed.returncode == 0, placed.stderr
        out, said = process.communicate(timeout=180)
    assert process.returncode == 0, out + said
    assert pg_shop.sql("SELECT count(name) FROM customers WHERE id = 6") == [(1,)]


def test_two_at_once(any_shop: Shop) -> None:
    """The second apply is refused with 5; the first one is not disturbed."""
    any_shop.plan()
    with busy(any_shop):
        refused(any_shop.troth(*APPLY), 5, "Another apply is at work")
    finishes(any_shop)


@contextmanager
def busy(shop: Shop) -> Iterator[None]:
    """Hold the store as an apply does."""
    if shop.url.startswith("sqlite"):
        import fcntl

        with Path(f"{shop.url.removeprefix('sqlite:///')}.troth-lock").open("w") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            yield
        return
    with session(shop) as other:
        other.execute("SELECT pg_advisory_lock(%s)", [0x74726F7468])
        yield


def test_data_that_drifted(shop: Shop) -> None:
    """Many more rows than planned stop the run with 5; a new plan finishes."""
    shop.plan()
    shop.sql("INSERT INTO orders SELECT id + 5000, customer_id, total, ordered_at FROM orders")
    shop.sql("INSERT INTO orders SELECT id + 50000, customer_id, total, ordered_at FROM orders")
    refused(shop.troth(*APPLY), 5, "drifted", "new plan")
    shop.plan()
    assert shop.troth(*APPLY).returncode == 0
    assert shop.counts[:2] == AFTER[:2]


def test_the_guards_of_a_first_run(shop: Shop) -> None:
    """No word of a backup, a large share, a limit: each is 5 and names the way on."""
    shop.write("troth.yaml", "{share: 100}", "{share: 5, rows: 1000}")
    shop.plan()
    refused(shop.troth("apply", "plan.json"), 5, "--backup-taken")
    refused(shop.troth(*APPLY), 5, "--allow app.orders")
    refused(shop.troth(*APPLY, "--allow", "app.odrers"), 2, "app.odrers", "nearest", "app.orders")
    done = shop.troth(*APPLY, "--allow", "app.orders", "--allow", "app.customers")
    assert done.returncode == 0, done.stderr
    assert "guard.overridden" in shop.troth("evidence", "list").stdout


def test_a_limit_of_the_project(shop: Shop) -> None:
    """A plan above limits: rows: is refused with 5."""
    shop.write("troth.yaml", "{share: 100}", "{share: 100, rows: 10}")
    shop.plan()
    refused(shop.troth(*APPLY), 5, "allows 10", "--limit")


def test_a_constraint_that_refuses(shop: Shop) -> None:
    """The message names the constraint and no value: 3."""
    shop.sql("CREATE TRIGGER never BEFORE DELETE ON customers BEGIN SELECT RAISE(ABORT, 'N2 stays'); END")
    shop.plan()
    done = shop.troth(*APPLY)
    refused(done, 3, "Store `app`")
    assert "N2" not in done.stdout + done.stderr
    shop.sql("DROP TRIGGER never")
    shop.plan()
    finishes(shop)


def test_a_plan_edited_by_hand(shop: Shop) -> None:
    """A changed plan, one that is none, and one that is not there: 2."""
    shop.plan()
    path = shop.folder / "plan.json"
    before = path.read_text()
    for broken in (
        before.replace('"account.closed"', '"account.opened"', 1),
        before.replace("customers", "orders", 1),
    ):
        path.write_text(broken if broken != before else before.replace("2024", "2025", 1))
        refused(shop.troth(*APPLY), 2, "bad-plan", "changed after it was sealed")
    path.write_text("[1, 2")
    refused(shop.troth("plan", "show", "plan.json"), 2, "bad-plan", "not JSON")
    refused(shop.troth("apply", "gone.json"), 2, "gone.json", "cannot be read")


def test_a_clock_that_goes_backwards(shop: Shop) -> None:
    """Work goes on, evidence says what happened, and the log still verifies."""
    shop.troth("check")
    earlier = shop.having(TROTH_TEST_CLOCK="2026-05-01")
    assert earlier.troth("check").returncode in (1, 4)
    assert "clock.went-back" in earlier.troth("evidence", "list", "--last", "0").stdout
    assert earlier.troth("evidence", "verify").returncode == 0
    refused(shop.having(TROTH_TEST_CLOCK="yesterday").troth("check"), 2, "TROTH_TEST_CLOCK", "2026-06-01")


def test_a_damaged_ledger(shop: Shop) -> None:
    """Garbage, missing keys, a cut log: 6, and what to do; planning refuses as well."""
    shop.troth("check")
    keys = shop.folder / ".troth" / "keys" / "signing.key"
    kept = keys.read_bytes()
    keys.unlink()
    refused(shop.troth("check"), 6, "key")
    keys.write_bytes(kept)
    keys.chmod(0o600)
    ledger = sqlite3.connect(shop.folder / ".troth" / "ledger.sqlite")
    ledger.execute("DELETE FROM troth_evidence WHERE sequence > 5")
    ledger.commit()
    ledger.close()
    refused(shop.troth("plan", "retention"), 6, "not whole")
    (shop.folder / ".troth" / "ledger.sqlite").write_bytes(b"garbage" * 1000)
    refused(shop.troth("evidence", "list"), 6, "ledger")


def test_a_disk_that_is_full(shop: Shop, tmp_path: Path) -> None:
    """A full device gives 3; a store on a full disk too, and with room again the run finishes."""
    refused(shop.troth("plan", "retention", "--out", "/dev/full"), 3, "disk is full")
    with small_disk(tmp_path / "disk") as disk:
        small = Shop.make(tmp_path / "small", f"sqlite:///{disk}/shop.sqlite")
        small.plan()
        filler = disk / "filler"
        fill(filler)
        refused(small.troth(*APPLY), 3, "full", "room")
        filler.unlink()
        finishes(small)


@contextmanager
def small_disk(place: Path) -> Iterator[Path]:
    """Mount one megabyte, or skip where that is not allowed."""
    place.mkdir()
    command = ["mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", str(place)]
    try:
        done = subprocess.run(command, capture_output=True, check=False)
    except FileNotFoundError:
        pytest.skip("no mount command here")
    if done.returncode:
        pytest.skip("a small disk can only be mounted by a user who may mount")
    try:
        yield place
    finally:
        subprocess.run(["umount", str(place)], check=True)


def fill(path: Path) -> None:
    """Leave no byte free."""
    with path.open("wb", buffering=0) as file:
        try:
            while True:
                file.write(b"x" * 4096)
        except OSError:
            return


BAD_PROJECTS = {
    "a YAML bomb": ("a: &a [1,1]\nb: &b [*a,*a,*a]\n" + "c: [*b]\n", ""),
    "a key twice": ("troth: 1\norganisation: {name: X}\norganisation: {name: Y}\n", "duplicate-key"),
    "tabs": ("troth: 1\norganisation:\n\tname: X\n", "bad-yaml"),
    "a negative period": (
        "troth: 1\norganisation: {name: X}\nretention: {a: {for: -1 years, after: b.c}}\n",
        "bad-period",
    ),
    "a misspelt unit": (
        "troth: 1\norganisation: {name: X}\nretention: {a: {for: 2 yeras, after: b.c}}\n",
        "years",
    ),
}


@pytest.mark.parametrize("name", BAD_PROJECTS)
def test_a_project_that_cannot_be_read(shop: Shop, name: str) -> None:
    """Lint shows the place and says what to do, with 2."""
    content, word = BAD_PROJECTS[name]
    (shop.folder / "troth.yaml").write_text(content)
    refused(shop.troth("lint"), 2, word, "troth.yaml:", "to do:")


def test_a_file_that_is_no_text(shop: Shop) -> None:
    """Bytes that are not UTF-8 and a 100 MB policy are refused with 2, at once; commands say the same as lint."""
    (shop.folder / "big.txt").touch()
    with (shop.folder / "big.txt").open("r+b") as file:
        file.truncate(100_000_000)
    started = time.process_time()
    refused(shop.troth("read", "big.txt"), 2, "2,000,000 bytes")
    assert time.process_time() - started < 20
    (shop.folder / "troth.yaml").write_bytes(b"troth: 1\norganisation: {name: \xff}\n")
    refused(shop.troth("check"), 2, "bad-encoding", "UTF-8")


@pytest.mark.parametrize(
    ("arguments", "word"),
    [
        (["applyy"], "No such command"),
        (["apply"], "PLAN"),
        (["lint", "--format", "xml"], "xml"),
        (["check", "--at", "soon"], "--at"),
        (["apply", "plan.json", "--max-lock", "fast"], "--max-lock"),
        (["hold", "lift", "x"], "hold:12"),
        (["hold", "add", "--ground", "g", "--title", "t", "--owner", "o", "--review", "r"], "--scope"),
        (["read", "absent.txt"], "absent.txt"),
        (["lint", "--project", "nowhere"], "does not exist"),
    ],
)
def test_a_command_line_that_cannot_be_used(shop: Shop, arguments: list[str], word: str) -> None:
    """A wrong command, option or value is named; nothing is done."""
    (shop.folder / "plan.json").write_text("{}")
    done = shop.troth(*arguments)
    assert done.returncode in (2, 5), done.stderr
    assert word in done.stdout + done.stderr
    assert "Traceback" not in done.stderr
    assert not (shop.folder / ".troth").exists() or arguments[0] == "hold"
