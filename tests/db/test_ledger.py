"""The ledger on real databases: first use, migrations, evidence, damage, several processes."""

from __future__ import annotations

import os
import secrets
import signal
import sqlite3
import stat
import time
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import psycopg
import pytest

from db import quick_ledgers
from db.ledgers import AT, KINDS, appender, url_of
from troth import ledger
from troth.errors import Damaged, Refused, StoreError
from troth.evidence import keyfiles
from troth.evidence.entry import Entry
from troth.ledger import upgrade
from troth.ledger.records import NewRun, ReceiptRecord, StepRecord

if TYPE_CHECKING:
    from troth.ledger.ledger import Ledger

RUN = NewRun(plan="a" * 64, kind="retention", store="app", plan_at=AT, simulation=False)


@pytest.fixture(params=KINDS)
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """Return the URL of a place where a ledger can be made, on each kind of database."""
    return url_of(request, tmp_path)


@pytest.fixture
def keys(tmp_path: Path) -> Path:
    """Return where keys go."""
    return tmp_path / "keys"


@pytest.fixture
def book(url: str, keys: Path) -> Iterator[Ledger]:
    """Open a fresh ledger."""
    opened = ledger.open(url, keys_dir=keys)
    yield opened
    opened.close()


def entry(number: int = 0, *, minutes: int = 0) -> Entry:
    """Make an entry that differs by its number."""
    body = {"store": "app", "by": f"staff:{number + 1}"}
    return Entry(kind="backup.acknowledged", at=AT + timedelta(days=365, minutes=minutes), body=body)


def change(book: Ledger, statement: str) -> None:
    """Do to the ledger what somebody with a database client could do."""
    from django.db import connections

    with connections[book.session.alias].cursor() as cursor:
        cursor.execute(statement)


def test_first_use_leaves_a_log_that_verifies(book: Ledger) -> None:
    """A fresh ledger begins with entries about itself and its keys."""
    kinds = [Entry.decode(data).kind for data in book.evidence.entries()]
    assert kinds == ["ledger.created", "key.created", "key.created", "key.created"]
    assert book.audit() == 4


def test_opened_again_it_is_the_same(url: str, keys: Path) -> None:
    """A second opening makes nothing anew."""
    first = ledger.open(url, keys_dir=keys)
    first.append(entry())
    again = ledger.open(url, keys_dir=keys)
    assert again.evidence.tree() == first.evidence.tree()
    assert again.settings.get("ledger") == first.settings.get("ledger")
    first.close()
    again.close()


def test_sqlite_files_are_private(tmp_path: Path) -> None:
    """Folder, file, and what SQLite lays beside it are for their owner only, whatever the umask."""
    before = os.umask(0)
    try:
        book = ledger.open(f"sqlite:///{tmp_path}/home/ledger.sqlite", keys_dir=tmp_path / "keys")
        modes = {p.name: stat.S_IMODE(p.stat().st_mode) for p in (tmp_path / "home").iterdir()}
    finally:
        os.umask(before)
    assert stat.S_IMODE((tmp_path / "home").stat().st_mode) == 0o700
    assert modes
    assert set(modes.values()) == {0o600}
    assert "ledger.sqlite-wal" in modes
    book.close()


def test_an_appended_entry_can_be_proven(book: Ledger) -> None:
    """What was appended is in the log, under a checkpoint that an audit accepts."""
    assert book.append(entry(1), entry(2)) == 4
    note = book.checkpoint(at=AT)
    assert book.checkpoint(at=AT + timedelta(days=1)) == note
    assert list(book.evidence.entries(4)) == [entry(1).encode(), entry(2).encode()]
    assert book.audit() == 6


def test_change_and_entry_go_together(book: Ledger) -> None:
    """When the change fails, its evidence is not there either."""
    with pytest.raises(ZeroDivisionError), book.writing():
        book.settings.set("half", 1)
        book.append(entry())
        _ = 1 // 0
    assert book.settings.get("half") is None
    assert book.audit() == 4


def test_a_clock_that_went_back_is_noted(book: Ledger) -> None:
    """An entry dated before the last one stays in the order of the log, after a note."""
    book.append(entry(minutes=10))
    book.append(entry(minutes=0))
    kinds = [Entry.decode(data).kind for data in book.evidence.entries(4)]
    assert kinds == ["backup.acknowledged", "clock.went-back", "backup.acknowledged"]


@pytest.mark.parametrize(
    "damage",
    [
        "DELETE FROM troth_evidence WHERE sequence = 5",
        "DELETE FROM troth_evidence WHERE sequence = 2",
        "DELETE FROM troth_evidence",
        "DELETE FROM troth_tree",
        "UPDATE troth_tree SET size = 5",
        "UPDATE troth_evidence SET body = leaf WHERE sequence = 5",
        "UPDATE troth_evidence SET sequence = 9 WHERE sequence = 5",
    ],
)
def test_damage_is_found_when_opened(url: str, keys: Path, damage: str) -> None:
    """Rows that are gone, moved or changed at the end stop the next opening with a clear message."""
    book = ledger.open(url, keys_dir=keys)
    book.append(entry(1), entry(2))
    change(book, damage)
    book.close()
    with pytest.raises(Damaged, match="evidence log") as caught:
        ledger.open(url, keys_dir=keys)
    assert caught.value.hint


def test_damage_is_found_when_appending(book: Ledger) -> None:
    """An append does not go on top of an entry that was changed."""
    book.append(entry(1))
    change(book, "UPDATE troth_evidence SET body = leaf WHERE sequence = 4")
    with pytest.raises(Damaged, match="changed"):
        book.append(entry(2))


def test_a_change_in_the_middle_is_found_by_an_audit(book: Ledger) -> None:
    """A full audit reads every entry."""
    book.append(*(entry(n) for n in range(20)))
    change(book, "UPDATE troth_evidence SET body = leaf WHERE sequence = 7")
    with pytest.raises(Damaged, match="Entry 7"):
        book.audit()


def test_a_rewritten_log_contradicts_its_checkpoint(url: str, keys: Path) -> None:
    """Whoever cuts the log and mends the tree still has the signature against them."""
    book = ledger.open(url, keys_dir=keys)
    short = book.evidence.tree()
    book.append(entry(1))
    book.checkpoint(at=AT)
    change(book, "DELETE FROM troth_evidence WHERE sequence = 4")
    with book.writing() as alias:
        from troth.ledger.models import TreeState

        TreeState.objects.using(alias).update(size=short.size, nodes=b"".join(short.peaks))
    book.close()
    with pytest.raises(Damaged, match="signed before"):
        ledger.open(url, keys_dir=keys)


def test_other_keys_are_refused(url: str, keys: Path, tmp_path: Path) -> None:
    """A ledger opens only with the keys it was made with."""
    ledger.open(url, keys_dir=keys).close()
    keyfiles.load_or_create(tmp_path / "other", "troth-other", secrets.token_bytes)
    with pytest.raises(Damaged, match="not those this ledger was made with"):
        ledger.open(url, keys_dir=tmp_path / "other")


def test_lost_keys_are_not_made_anew(url: str, keys: Path, tmp_path: Path) -> None:
    """Where the keys of a ledger are gone, it says so and makes no others in their place."""
    ledger.open(url, keys_dir=keys).close()
    with pytest.raises(Damaged, match="keys of this ledger are gone"):
        ledger.open(url, keys_dir=tmp_path / "empty")
    assert not (tmp_path / "empty").exists()


def test_a_newer_ledger_is_refused(url: str, keys: Path) -> None:
    """A migration this Troth does not know stops it before it reads anything."""
    book = ledger.open(url, keys_dir=keys)
    stamp = "CURRENT_TIMESTAMP"
    change(book, f"INSERT INTO django_migrations (app, name, applied) VALUES ('ledger', '9999_x', {stamp})")
    book.close()
    with pytest.raises(Refused, match="newer Troth"):
        ledger.open(url, keys_dir=keys)


def test_a_database_of_something_else_is_refused(url: str, keys: Path, tmp_path: Path) -> None:
    """Troth does not put its tables between those of an application."""
    if url.startswith("sqlite"):
        (tmp_path / "home").mkdir()
        with sqlite3.connect(tmp_path / "home" / "ledger.sqlite") as connection:
            connection.execute("CREATE TABLE customers (id)")
    else:
        with psycopg.connect(url) as connection:
            connection.execute("CREATE TABLE customers (id int)")
    with pytest.raises(Refused, match="'customers'"):
        ledger.open(url, keys_dir=keys)


def test_models_and_migrations_agree(book: Ledger) -> None:
    """No change of a model lacks its migration, so that a fresh ledger equals a migrated one."""
    from django.core.management import call_command

    call_command("makemigrations", "ledger", check=True, dry_run=True, verbosity=0)


def test_first_use_by_several_processes_at_once(url: str, keys: Path) -> None:
    """Processes that race for a fresh ledger end with one ledger, and none of their entries is lost."""
    workers = [appender(url, keys, 20, worker) for worker in range(3)]
    errors = [worker.communicate(timeout=180)[1] for worker in workers]
    assert [worker.returncode for worker in workers] == [0, 0, 0], errors
    book = ledger.open(url, keys_dir=keys)
    assert book.audit() == 4 + 3 * 20
    assert [book.settings.get(f"worker-{n}") for n in range(3)] == [19, 19, 19]
    book.close()


@pytest.mark.parametrize("delay", [0.0, 0.013, 0.031])
def test_killed_while_appending_the_log_is_good(url: str, keys: Path, delay: float) -> None:
    """After kill -9 every entry that was reported is there, with the change it documents, and no half one."""
    ledger.open(url, keys_dir=keys).close()
    worker = appender(url, keys, 100_000)
    assert worker.stdout is not None
    assert worker.stdout.readline()
    time.sleep(delay)
    worker.send_signal(signal.SIGKILL)
    # Not communicate(): it would lose the lines that readline() has taken into its buffer.
    reported = 1 + len(worker.stdout.read().splitlines())
    worker.wait()
    book = ledger.open(url, keys_dir=keys)
    written = book.audit() - 4
    assert reported <= written <= reported + 1
    assert book.settings.get("worker-0") == written - 1
    book.append(entry())
    book.close()


def test_another_organisation_is_refused(book: Ledger) -> None:
    """One ledger serves one organisation."""
    book.settings.claim("Alma Ltd", at=AT)
    book.settings.claim("Alma Ltd", at=AT)
    with pytest.raises(Refused, match="belongs to 'Alma Ltd'"):
        book.settings.claim("Bert GmbH", at=AT)


def test_staff_are_ids_with_sealed_names(book: Ledger) -> None:
    """A name leads to one id, and stands nowhere in clear."""
    id = book.staff.identify("Ada  Nowak", at=AT)
    assert book.staff.identify("ada nowak", at=AT) == id
    assert book.staff.identify("Bo Lind", at=AT) != id
    assert book.staff.names(id) == {id: "Ada  Nowak"}
    with pytest.raises(Damaged, match="staff:99"):
        book.staff.names(id, 99)


def test_a_run_goes_on_where_it_stopped(book: Ledger) -> None:
    """The same plan on the same store is one run, whatever happened in between."""
    run, _ = book.runs.start(RUN, at=AT)
    book.runs.end(run.id, state="stopped", at=AT, reason="drift")
    again, fresh = book.runs.start(RUN, at=AT + timedelta(hours=1))
    assert not fresh
    assert (again.id, again.state, again.reason, again.started_at) == (run.id, "started", "", AT)
    book.runs.end(run.id, state="finished", at=AT)
    assert book.runs.start(RUN, at=AT)[0].state == "finished"
    assert [r.id for r in book.runs.of_plan(RUN.plan)] == [run.id]


def test_receipts_are_kept_once(book: Ledger) -> None:
    """A batch whose receipt was written before the kill does not count twice."""
    run = book.runs.start(RUN, at=AT)[0].id
    done = ReceiptRecord(step=1, batch=1, rows=10, at_most=10, started_at=AT, ended_at=AT)
    recovered = ReceiptRecord(step=1, batch=2, rows=None, at_most=7, started_at=AT, ended_at=AT)
    book.runs.add_receipts(run, done)
    book.runs.add_receipts(run, done, recovered)
    totals = book.runs.totals(run, 1)
    assert (totals.batches, totals.last_batch, totals.rows, totals.at_most) == (2, 2, 10, 17)
    assert list(book.runs.receipts(run, 1)) == [done, recovered]
    assert totals.recovered == 1
    assert book.runs.totals(run, 2).last_batch is None


def test_steps_say_what_the_recheck_found(book: Ledger) -> None:
    """A step begun twice began the first time; its end carries the recheck."""
    run = book.runs.start(RUN, at=AT)[0].id
    step = StepRecord(step=1, dataset="app.orders", action="delete", expected=5, started_at=AT)
    later = StepRecord(
        step=1, dataset="app.orders", action="delete", expected=9, started_at=AT + timedelta(1)
    )
    book.runs.start_step(run, step)
    book.runs.start_step(run, later)
    book.runs.end_step(run, 1, at=AT, recheck="clean", rows_left=0)
    (found,) = book.runs.steps(run)
    assert (found.expected, found.started_at, found.recheck, found.ended_at) == (5, AT, "clean", AT)


def test_only_the_newest_look_counts(book: Ledger) -> None:
    """A look that ends late does not replace a newer one."""
    assert book.looks.last("app") is None
    book.looks.note("app", at=AT, fingerprint="f1")
    book.looks.note("app", at=AT - timedelta(hours=1), fingerprint="f0")
    found = book.looks.last("app")
    assert found is not None
    assert (found.at, found.fingerprint) == (AT, "f1")


def test_backups_are_acknowledged_by_name(book: Ledger) -> None:
    """The newest statement about a store is found."""
    who = book.staff.identify("Ada", at=AT)
    assert book.backups.last("app") is None
    book.backups.acknowledge("app", by=who, at=AT)
    found = book.backups.last("app")
    assert found is not None
    assert (found.by, found.at) == (who, AT)


def test_postgres_refusals_are_clear(pg_url: str, keys: Path) -> None:
    """Wrong password, no such database, no server: told apart, without the password."""
    base, _, database = pg_url.rpartition("/")
    before, _, host = base.rpartition("@")
    for url, said in (
        (f"postgresql://postgres:s3cret@{host}/{database}", "refused the user name or the password"),
        (f"{base}/nowhere", "does not exist"),
        (f"{before}@127.0.0.1:1/{database}", "cannot be reached"),
    ):
        with pytest.raises(StoreError, match=said) as caught:
            ledger.open(url, keys_dir=keys)
        assert "s3cret" not in str(caught.value) + caught.value.hint


def test_a_raw_password_works(postgres: object, new_pg_url: Callable[[], str], keys: Path) -> None:
    """A password with @, / and % may stand in the URL as it is."""
    from urllib.parse import unquote

    url = unquote(new_pg_url())
    assert "@th/100%" in url
    ledger.open(url, keys_dir=keys).close()


def test_a_dropped_connection_heals(pg_url: str, keys: Path) -> None:
    """The call during which the server went away says so; the next one connects again."""
    book = ledger.open(pg_url, keys_dir=keys)
    with psycopg.connect(pg_url, autocommit=True) as other:
        other.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )
    with pytest.raises(StoreError, match="connection dropped"):
        book.append(entry())
    assert book.append(entry()) == 4
    book.close()


def test_a_full_disk_leaves_a_good_log(tmp_path: Path) -> None:
    """An append that finds no room says so, and the log goes on once there is room again."""
    book = ledger.open(f"sqlite:///{tmp_path}/ledger.sqlite", keys_dir=tmp_path / "keys")
    change(book, "PRAGMA max_page_count = 1")  # SQLite takes the present size as the least
    with pytest.raises(StoreError, match="disk is full"):
        for number in range(1000):
            book.append(*(entry(number) for _ in range(20)))
    change(book, "PRAGMA max_page_count = 100000")
    book.append(entry())
    assert (book.audit() - 5) % 20 == 0
    book.close()


def test_a_writer_that_never_ends_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """When another process holds the ledger for too long, the message says to run again."""
    monkeypatch.setattr("troth.ledger.setup.BUSY_SECONDS", 0.1)
    book = ledger.open(f"sqlite:///{tmp_path}/ledger.sqlite", keys_dir=tmp_path / "keys")
    other = sqlite3.connect(tmp_path / "ledger.sqlite", isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    with pytest.raises(StoreError, match="another process") as caught:
        book.append(entry())
    assert "Run again" in caught.value.hint
    other.execute("ROLLBACK")
    other.close()
    assert book.append(entry()) == 4
    book.close()


SHAPES = {
    "sqlite": ["SELECT type, name, tbl_name, sql FROM sqlite_master"],
    "postgresql": [
        "SELECT table_name, column_name, ordinal_position, data_type, character_maximum_length, is_nullable, "
        "column_default, is_identity FROM information_schema.columns WHERE table_schema = 'public'",
        "SELECT indexdef FROM pg_indexes WHERE schemaname = 'public'",
        "SELECT conrelid::regclass::text, conname, pg_get_constraintdef(oid) FROM pg_constraint "
        "WHERE connamespace = 'public'::regnamespace",
    ],
}
"""What tables, columns, indexes and constraints there are, for each kind of database."""


@pytest.mark.parametrize("kind", KINDS)
def test_tables_made_quickly_are_those_of_the_migrations(
    kind: str, request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What these tests begin with is what a user's first command makes."""
    from django.db import connections

    shapes = []
    for turn, make in enumerate([quick_ledgers.migrate, quick_ledgers.migrate, quick_ledgers.really]):
        monkeypatch.setattr(upgrade, "_migrate", make)
        new: Callable[[], str] = (
            request.getfixturevalue("new_pg_url")
            if kind == "postgresql"
            else lambda: f"sqlite:///{tmp_path}/{turn}.sqlite"  # noqa: B023  # called at once
        )
        book = ledger.open(new(), keys_dir=tmp_path / f"keys-{turn}")
        with connections[book.session.alias].cursor() as cursor:
            shape: list[tuple[object, ...]] = []
            for question in [*SHAPES[kind], "SELECT app, name FROM django_migrations"]:
                cursor.execute(question)
                shape += sorted(cursor.fetchall(), key=repr)
        shapes.append(shape)
        book.close()
    assert len(shapes[0]) > 100
    assert shapes[0] == shapes[1] == shapes[2]


def test_a_migration_that_is_killed_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A first use that dies in the middle is simply done again."""
    from django.db.migrations.recorder import MigrationRecorder

    def die(*_: object) -> None:
        raise KeyboardInterrupt

    url = f"sqlite:///{tmp_path}/ledger.sqlite"
    monkeypatch.setattr(upgrade, "_migrate", quick_ledgers.really)
    with monkeypatch.context() as patch, pytest.raises(KeyboardInterrupt):
        patch.setattr(MigrationRecorder, "record_applied", die)
        ledger.open(url, keys_dir=tmp_path / "keys")
    book = ledger.open(url, keys_dir=tmp_path / "keys")
    assert book.audit() == 4
    book.close()


def test_garbage_is_not_a_ledger(tmp_path: Path) -> None:
    """A file that is no database is damaged, and stays as it is."""
    file = tmp_path / "ledger.sqlite"
    file.write_bytes(b"no database at all" * 1000)
    with pytest.raises(Damaged, match="not whole"):
        ledger.open(f"sqlite:///{file}", keys_dir=tmp_path / "keys")
    assert file.read_bytes() == b"no database at all" * 1000


def test_a_missing_table_is_damage(tmp_path: Path) -> None:
    """A ledger that lost a table says that it is not whole."""
    url = f"sqlite:///{tmp_path}/ledger.sqlite"
    book = ledger.open(url, keys_dir=tmp_path / "keys")
    change(book, "DROP TABLE troth_checkpoint")
    book.close()
    with pytest.raises(Damaged, match="not whole"):
        ledger.open(url, keys_dir=tmp_path / "keys")


def test_a_place_that_cannot_be_written_says_so(tmp_path: Path) -> None:
    """A folder that is a file cannot hold a ledger."""
    (tmp_path / "home").write_text("")
    with pytest.raises(StoreError, match="cannot be opened"):
        ledger.open(f"sqlite:///{tmp_path}/home/x/ledger.sqlite", keys_dir=tmp_path / "keys")


def test_every_table_is_documented(tmp_path: Path) -> None:
    """The reference page lists the tables a ledger has."""
    import re

    ledger.open(f"sqlite:///{tmp_path}/ledger.sqlite", keys_dir=tmp_path / "keys").close()
    with sqlite3.connect(tmp_path / "ledger.sqlite") as connection:
        found = connection.execute(
            "SELECT name FROM sqlite_master WHERE type = 'table' AND name LIKE 'troth%'"
        )
        tables = {name for (name,) in found}
    page = Path(__file__).parents[2] / "docs" / "reference" / "ledger.md"
    assert set(re.findall(r"^\| `(troth_\w+)`", page.read_text(), re.MULTILINE)) == tables
