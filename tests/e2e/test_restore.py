"""Backups, replay, sweep and keys from the command line: what they say, and how they end."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from e2e.shops import Shop, refused


@pytest.fixture
def erased(shop: Shop) -> Shop:
    """Copy the store, erase one customer, put the copy back."""
    file = Path(shop.url.removeprefix("sqlite:///"))
    shutil.copy(file, file.with_suffix(".copy"))
    done = shop.troth("erase", "customer/3", "--plan", "erase.json")
    assert done.returncode == 0, done.stderr
    done = shop.troth("apply", "erase.json")
    assert done.returncode == 0, done.stdout + done.stderr
    shutil.copy(file.with_suffix(".copy"), file)
    return shop


def test_rows_without_a_date_end_with_1(erased: Shop) -> None:
    """An open account has no date: a person decides, and nothing is planned."""
    done = erased.troth("replay", "app", "--restored-from", "2026-05-01", "--plan", "again.json")
    assert done.returncode == 1, done.stdout + done.stderr
    assert "no date tells" in done.stdout and "erased:1" in done.stdout
    assert not (erased.folder / "again.json").exists()


def test_a_restored_store_is_erased_again(erased: Shop) -> None:
    """With the word that nothing was written since, the plan is made and carried out; then nobody is found."""
    words = ("replay", "app", "--restored-from", "2026-05-01", "--untouched")
    done = erased.troth(*words, "--plan", "again.json")
    assert done.returncode == 0, done.stdout + done.stderr
    assert "n3@example.org" not in done.stdout + done.stderr + (erased.folder / "again.json").read_text()
    done = erased.troth("apply", "again.json")
    assert done.returncode == 0, done.stdout + done.stderr
    assert erased.sql("SELECT count(*) FROM customers WHERE id = 3") == [(0,)]
    assert erased.sql("SELECT count(*) FROM orders WHERE customer_id = 3") == [(0,)]
    done = erased.troth(*words)
    assert (done.returncode, "Nobody came back" in done.stdout) == (0, True), done.stdout


def test_a_store_that_does_not_answer_ends_with_3(erased: Shop) -> None:
    """Replay and sweep say what was expected and found; they end with 3, and go on once it is mended."""
    file = Path(erased.url.removeprefix("sqlite:///"))
    away = file.rename(file.with_suffix(".away"))
    refused(
        erased.troth("replay", "app", "--restored-from", "2026-05-01"),
        3,
        "was not replayed",
        "Then replay again",
    )
    done = erased.troth("sweep")
    assert (done.returncode, "does not exist" in done.stdout) == (3, True), done.stdout
    away.rename(file)
    assert erased.troth("sweep").returncode == 1


def test_a_sweep_reports_and_a_return_is_closed(erased: Shop) -> None:
    """Somebody is back: 1; once closed: 0."""
    done = erased.troth("sweep", "--show-keys")
    assert (done.returncode, "erased:1" in done.stdout) == (1, True), done.stdout
    assert "by the promise" in erased.troth("tombstone", "list").stdout or "nobody can say" in (
        erased.troth("tombstone", "list").stdout
    )
    done = erased.troth("tombstone", "close", "erased:1", "--reason", "new-sign-up")
    assert done.returncode == 0, done.stderr
    done = erased.troth("sweep")
    assert (done.returncode, "Nobody who was erased is back" in done.stdout) == (0, True), done.stdout


def test_what_cannot_be_replayed_is_refused(shop: Shop) -> None:
    """A store that is not there, a copy nobody knows, and no date."""
    refused(shop.troth("replay", "apx", "--restored-from", "2026-05-01"), 2, "no store of this name")
    refused(shop.troth("replay", "app", "--restored-from", "backup:9"), 5, "found none")
    refused(shop.troth("replay", "app", "--restored-from", "yesterday"), 5, "an instant or a day")


def test_the_register_from_the_command_line(shop: Shop) -> None:
    """Stated, scanned and fed copies stand in one list, oldest first."""
    (shop.folder / "dumps").mkdir()
    (shop.folder / "dumps" / "app-2026-05-03.dump").write_text("x")
    snapshots = [{"id": "aa11", "time": "2026-05-02T00:00:00Z"}]
    (shop.folder / "restic.json").write_text(json.dumps(snapshots))
    for words in (
        ("add", "app", "--made", "2026-05-01", "--where", "tape 7", "--ends", "2026-08-01"),
        ("scan", "dumps", "--store", "app", "--pattern", "*.dump"),
        ("feed", "restic.json", "--store", "app", "--format", "restic"),
        ("confirm", "app"),
    ):
        done = shop.troth("backup", *words)
        assert done.returncode == 0, done.stdout + done.stderr
    listed = json.loads(shop.troth("backup", "list", "--format", "json").stdout)
    assert [c["source"] for c in listed["copies"]] == ["command", "restic", "folder"]
    assert listed["silent"] == []
    assert "backup:1" in shop.troth("backup", "list").stdout


def test_bad_input_of_the_register(shop: Shop) -> None:
    """A missing folder, a broken listing, a copy that is none."""
    refused(shop.troth("backup", "scan", "nowhere", "--store", "app"), 3, "not there")
    (shop.folder / "bad.json").write_text("{")
    refused(
        shop.troth("backup", "feed", "bad.json", "--store", "app", "--format", "pgbackrest"), 2, "is not JSON"
    )
    refused(shop.troth("backup", "feed", "no.json", "--store", "app", "--format", "restic"), 2, "no.json")
    refused(shop.troth("backup", "gone", "backup:9"), 5, "no backup:9")


def test_keys_from_the_command_line(shop: Shop) -> None:
    """Listed, rotated, destroyed; the one in use is never destroyed."""
    done = shop.troth("keys", "rotate", "tombstones")
    assert done.returncode == 0, done.stderr
    rows = [line.split() for line in shop.troth("keys", "list").stdout.splitlines() if "tombstones" in line]
    found = {row[2]: row[0] for row in rows if row[1] == "tombstones"}
    refused(shop.troth("keys", "destroy", found["in"]), 5, "is in use")
    done = shop.troth("keys", "destroy", found["older"])
    assert done.returncode == 0, done.stderr
    refused(shop.troth("keys", "destroy", found["older"]), 5, "no key")
