"""The whole way on both databases: promised, broken, planned, done, rechecked, proven."""

from __future__ import annotations

import contextlib
import json
import os
import pty
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable

import pytest

from e2e.shops import Shop, refused

AFTER = (30, 20, 10)
"""Customers, named customers and orders once everything is done."""


def test_the_ledger_stands_in_every_check(shop: Shop) -> None:
    """What Troth itself holds of people is counted beside the stores: who worked with it, and what is on hold."""
    order = ("--title", "file 7", "--owner", "counsel", "--review", "2026-06-02", "--by", "clerk")
    shop.troth("hold", "add", "--ground", "legal-hold", "--scope", "app.orders", *order)
    own = json.loads(shop.troth("check", "--format", "json").stdout)["ledger"]
    assert (own["holds"], own["overdue"]) == (1, 0)
    assert own["staff"] >= 2
    late = shop.troth("check", "--at", "2026-07-01")
    assert "1 standing hold" in late.stdout


def test_everything_due_is_done_once_and_proven(any_shop: Shop) -> None:
    """Check says broken; plan and apply do it; check says otherwise; the proof verifies; again is nothing."""
    broken = any_shop.troth("check", "--only", "retention")
    assert (broken.returncode, "broken" in broken.stdout) == (1, True), broken.stdout + broken.stderr
    any_shop.plan()
    shown = any_shop.troth("plan", "show", "plan.json", "--sql")
    assert "DELETE FROM" in shown.stdout, shown.stderr
    assert any_shop.counts == (40, 40, 130)
    done = any_shop.troth("apply", "plan.json", "--backup-taken")
    assert done.returncode == 0, done.stderr
    assert "\x1b" not in done.stdout + done.stderr
    assert any_shop.counts == AFTER
    again = any_shop.troth("apply", "plan.json")
    assert (again.returncode, "already applied" in again.stdout) == (0, True), again.stderr
    kept = any_shop.troth("check", "--only", "retention", "--format", "json")
    statuses = {r["promise"]: r["status"] for r in json.loads(kept.stdout)["results"]}
    assert statuses == {"retention.account": "kept", "retention.transaction": "kept"}
    assert kept.returncode == 0
    assert any_shop.troth("evidence", "export", "--out", "b.zip").returncode == 0
    assert any_shop.troth("evidence", "verify").stdout.startswith("verified")
    key = str(any_shop.folder / ".troth" / "keys" / "signing.pub")
    assert any_shop.troth("evidence", "verify", "b.zip", "--key", key).stdout.startswith("verified")


def test_a_pilot_does_so_many_rows_and_the_rest_follows(shop: Shop) -> None:
    """--only and --limit do a part; applying the plan again does what is left."""
    shop.plan()
    first = shop.troth("apply", "plan.json", "--backup-taken", "--only", "app.orders", "--limit", "7")
    assert (first.returncode, shop.counts) == (0, (40, 40, 123)), first.stderr
    second = shop.troth("apply", "plan.json")
    assert (second.returncode, shop.counts) == (0, AFTER), second.stdout + second.stderr


def test_a_hold_keeps_its_person(shop: Shop) -> None:
    """What a hold covers stays, and the plan says why; once lifted it goes."""
    order = ("--ground", "court-order", "--title", "F-1", "--owner", "Ann", "--review", "2027-01-01")
    placed = shop.troth("hold", "add", *order, "--scope-file", "-", stdin="email:N2@example.org\n")
    assert placed.returncode == 0, placed.stderr
    assert "example.org" not in placed.stdout
    shop.plan()
    assert "hold" in shop.troth("plan", "show", "plan.json").stdout
    shop.troth("apply", "plan.json", "--backup-taken")
    assert shop.sql("SELECT count(*) FROM customers WHERE id = 2 AND name = 'N2'") == [(1,)]
    assert "example" not in shop.troth("hold", "list").stdout
    assert "customer/2" in shop.troth("hold", "list", "--show-keys").stdout
    assert shop.troth("hold", "lift", "1").returncode == 0
    shop.plan()
    shop.troth("apply", "plan.json")
    assert shop.counts == AFTER


def test_a_simulation_says_so_and_is_not_applied(shop: Shop) -> None:
    """A plan for another instant is labelled and refused."""
    real = shop.having(TROTH_TEST_CLOCK="")
    made = real.troth("plan", "retention", "--at", "2035-01-01", "--out", "plan.json")
    assert (made.returncode, "SIMULATION" in made.stdout) == (0, True), made.stderr
    refused(real.troth("apply", "plan.json", "--backup-taken"), 5, "simulation", "without --at")
    checked = real.troth("check", "--at", "2035-01-01")
    assert "SIMULATION" in checked.stdout
    assert "check.finished" not in real.troth("evidence", "list").stdout


def test_the_real_clock_makes_plans_that_can_be_applied(shop: Shop) -> None:
    """Without a test clock a plan for now is no simulation."""
    real = shop.having(TROTH_TEST_CLOCK="")
    real.plan()
    done = real.troth("apply", "plan.json", "--backup-taken")
    assert done.returncode == 0, done.stderr
    assert real.troth("evidence", "verify").returncode == 0


def test_a_text_is_read_locked_and_noted(shop: Shop) -> None:
    """Sentences get fingerprints; the lock holds none of their words; evidence notes it once a ledger exists."""
    (shop.folder / "policy.txt").write_text("1. Keeping\n\nWe keep accounts for two years after closing.\n")
    read = shop.troth("read", "policy.txt", "--lock")
    assert (read.returncode, "fp1:" in read.stdout) == (0, True), read.stderr
    assert "accounts" not in (shop.folder / "policy.lock").read_text()
    assert not (shop.folder / ".troth").exists()
    shop.troth("check")
    shop.troth("read", "policy.txt", "--lock", "--format", "json")
    assert "text.locked" in shop.troth("evidence", "list").stdout


def test_init_drafts_a_project_that_loads(shop: Shop) -> None:
    """The draft has no fault, repeats no password, and is not written over anything."""
    made = shop.troth("init", "--db", shop.url, "--into", "draft", "--store", "app")
    assert made.returncode == 0, made.stderr
    assert "no faults" in shop.troth("lint", "--project", "draft").stdout
    refused(shop.troth("init", "--db", shop.url, "--into", "draft"), 5, "is there already")


def test_init_writes_no_password(pg_shop: Shop) -> None:
    """A server's address is written as a variable only."""
    made = pg_shop.troth("init", "--db", pg_shop.url, "--into", "draft")
    assert "APP_DB" in made.stdout, made.stderr
    written = "".join(path.read_text() for path in (pg_shop.folder / "draft").iterdir())
    assert "tr@th" not in written
    assert "tr%40th" not in written
    grants = pg_shop.troth("grants", "--store", "app")
    assert "GRANT SELECT" in grants.stdout, grants.stderr
    assert "everything is declared" in pg_shop.troth("catalog").stdout


def test_evidence_that_was_touched_does_not_verify(shop: Shop) -> None:
    """A changed bundle is refused with 1, garbage with 2, without any ledger; a changed ledger with 6."""
    shop.troth("check")
    shop.troth("evidence", "checkpoint", "--out", "early.txt")
    shop.troth("evidence", "export", "--out", "b.zip")
    away = shop.having(TROTH_LEDGER="postgresql://nobody@127.0.0.1:1/x")
    assert away.troth("evidence", "verify", "b.zip", "--since", "early.txt").returncode == 0
    data = (shop.folder / "b.zip").read_bytes()
    (shop.folder / "c.zip").write_bytes(data.replace(b'"kept":', b'"kepT":'))
    refused(away.troth("evidence", "verify", "c.zip"), 1, "not verified")
    (shop.folder / "d.zip").write_bytes(b"garbage")
    refused(away.troth("evidence", "verify", "d.zip"), 2, "cannot be read")
    ledger = sqlite3.connect(shop.folder / ".troth" / "ledger.sqlite")
    ledger.execute("UPDATE troth_evidence SET body = replace(body, 'kept', 'kepT') WHERE sequence = 5")
    ledger.commit()
    ledger.close()
    refused(shop.troth("evidence", "verify"), 6)


def test_a_reader_that_goes_away_is_no_error(shop: Shop) -> None:
    """A closed pipe ends the command quietly."""
    command = f"{sys.executable} -m troth schema | true; echo ${{PIPESTATUS[0]}}"
    done = subprocess.run(
        ["bash", "-c", command], env=shop._environment, capture_output=True, text=True, check=False
    )
    assert done.stderr == ""
    assert done.stdout.strip() in ("0", "141")


def test_ctrl_c_says_that_nothing_is_half_done(shop: Shop) -> None:
    """Ctrl-C ends with 130 and a sentence; running again finishes."""
    shop.plan()
    lock = sqlite3.connect(shop.url.removeprefix("sqlite:///"), isolation_level=None)
    lock.execute("BEGIN IMMEDIATE")
    process = shop.start("apply", "plan.json", "--backup-taken")
    _until(lambda: any(b"apply.started" in f.read_bytes() for f in shop.folder.glob(".troth/ledger.sqlite*")))
    os.kill(process.pid, signal.SIGINT)
    lock.rollback()
    lock.close()
    _, said = process.communicate(timeout=180)
    assert (process.returncode, "Nothing is half-done" in said) == (130, True), said
    assert shop.troth("apply", "plan.json").returncode == 0
    assert shop.counts == AFTER


def _until(true: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 180
    while not true():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def test_two_plans_are_compared(shop: Shop) -> None:
    """A diff names what is new, what moved and what only one has; a changed rule is said."""
    shop.plan()
    same = shop.troth("plan", "diff", "plan.json", "plan.json")
    assert (same.returncode, "No difference" in same.stdout) == (0, True), same.stderr
    shop.write("troth.yaml", "for: 7 years", "for: 20 years")
    assert shop.troth("plan", "retention", "--out", "later.json").returncode == 0
    moved = shop.troth("plan", "diff", "plan.json", "later.json").stdout
    assert "- step delete-app.orders: 120 rows" in moved
    assert "the rules have changed" in moved


def test_a_row_is_explained(any_shop: Shop) -> None:
    """Why says what happens to a row, by which rule and when, and shows no value of it."""
    over = any_shop.troth("why", "app.customers/2")
    assert (over.returncode, "deletes it" in over.stdout) == (0, True), over.stdout + over.stderr
    assert "2022-03" in over.stdout
    assert "still need it" in any_shop.troth("why", "app.customers/4").stdout
    assert "nothing in it is past its end" in any_shop.troth("why", "app.customers/1").stdout
    absent = any_shop.troth("why", "app.customers/999")
    assert (absent.returncode, "No row" in absent.stdout) == (1, True), absent.stdout + absent.stderr
    refused(any_shop.troth("why", "app.custmers/2"), 2, "app.custmers", "nearest", "app.customers")
    assert "example.org" not in over.stdout


@pytest.mark.parametrize("no_color", ["", "1"])
def test_a_terminal_gets_a_bar_and_colours(shop: Shop, no_color: str) -> None:
    """The progress bar and colours are for terminals; NO_COLOR takes the colours off."""
    shop.plan()
    seen = bytearray()
    reader, writer = pty.openpty()
    process = subprocess.Popen(
        [sys.executable, "-m", "troth", "apply", "plan.json", "--backup-taken"],
        cwd=shop.folder,
        env={**shop.having(NO_COLOR=no_color)._environment, "TERM": "xterm"},
        stdout=writer,
        stderr=writer,
    )
    os.close(writer)
    with contextlib.suppress(OSError):  # a terminal whose other end has gone says EIO
        while part := os.read(reader, 4096):
            seen += part
    os.close(reader)
    assert process.wait(180) == 0
    assert "━" in seen.decode()
    assert (b"\x1b[32m" in seen) is not bool(no_color)
