"""The JanusIPM example carried out: what is planted goes, nothing else does, and the promises are kept."""

from __future__ import annotations

import shutil
import sqlite3
import sys
from collections.abc import Mapping
from contextlib import closing
from datetime import UTC, date, datetime
from importlib import util
from pathlib import Path
from typing import Any

import pytest

from troth.app import clock, ledgers, retention, stores
from troth.app import project as projects
from troth.apply.guards import Permit
from troth.plan import draft
from troth.promises import given, report

FOLDER = Path(__file__).parents[2] / "examples" / "janusipm"
NOON = datetime(2026, 6, 1, 16, tzinfo=UTC)
"""Noon in New York on the day the store is made for."""
CLOCK = clock.Clock(now=lambda: NOON, test=True)
ENVIRONMENT = {"APP_DB": "sqlite:///app.sqlite"}
ORDER = retention.Order(by="tester", permit=Permit(), backup_taken=True)


def _generator() -> Any:
    spec = util.spec_from_file_location("janusipm_generate", FOLDER / "generate.py")
    assert spec is not None
    assert spec.loader is not None
    module = util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def store() -> Any:
    """Make the rows of a small store, once."""
    return _generator().make(date(2026, 6, 1), 1_000)


@pytest.fixture
def folder(store: Any, tmp_path: Path) -> Path:
    """Copy the example's files and write its store beside them."""
    for file in (*FOLDER.glob("*.yaml"), FOLDER / "policy.lock"):
        shutil.copy(file, tmp_path)
    _generator().write_sqlite(store, tmp_path / "app.sqlite")
    return tmp_path


def _apply(folder: Path) -> str:
    """Plan and apply; return how it ended."""
    project = projects.load(folder, NOON.date())
    with (
        stores.opened(project, ENVIRONMENT, readonly=False) as opened,
        ledgers.opened(folder, ENVIRONMENT) as ledger,
    ):
        made = retention.plan(project, opened, ledger, clock.moment(CLOCK)).plan
        outcomes = retention.apply(project, opened, ledger, made, ORDER, CLOCK, lambda *_: None)
    return outcomes[0].state if outcomes else "nothing to do"


def _check(folder: Path) -> Mapping[str, str]:
    """Check every promise; return the status of each."""
    project = projects.load(folder, NOON.date())
    with (
        stores.opened(project, ENVIRONMENT, readonly=True) as opened,
        ledgers.opened(folder, ENVIRONMENT) as ledger,
    ):
        world, _ = retention.seen(project, opened, ledger, NOON)
        drafted = draft.draft(world, grace=True)
        looked = given.Given(
            world=world,
            draft=drafted,
            answers=retention.answers(drafted, opened),
            looks={"app": given.Look(at=NOON)},
            now=NOON,
        )
        return {result.promise.id: result.status.value for result in report.check(looked).results}


TABLES = (
    "accounts",
    "profiles",
    "payments",
    "messages",
    "calls",
    "logins",
    "page_views",
    "preferences",
    "cookies",
)


def _counts(folder: Path) -> dict[str, int]:
    with closing(sqlite3.connect(folder / "app.sqlite")) as connection:
        found = {name: connection.execute(f"SELECT count(*) FROM {name}").fetchone()[0] for name in TABLES}
        emptied = "SELECT count(*) FROM accounts WHERE email LIKE 'erased%' AND phone IS NULL"
        return {**found, "accounts emptied": connection.execute(emptied).fetchone()[0]}


DATED = ["account", "transaction", "communication", "preference", "analytics", "cookie"]


def test_exactly_what_is_planted_goes(store: Any, folder: Path) -> None:
    """After apply each table has lost the planted rows, and the accounts still needed are emptied."""
    before = _counts(folder)
    assert _apply(folder) == "done"
    after = _counts(folder)
    gone = {name: before[name] - rows for name, rows in after.items() if before[name] > rows}
    planted = dict(store.planted)
    assert after["accounts emptied"] == planted.pop("accounts still needed")
    assert gone == {"accounts": planted.pop("accounts that can go"), **planted}


def test_dated_promises_are_broken_before_and_kept_after(folder: Path) -> None:
    """Each dated retention rule is broken in the store as made, and kept once the plan is carried out."""
    before = _check(folder)
    _apply(folder)
    after = _check(folder)
    assert {before[f"retention.{rule}"] for rule in DATED} == {"broken"}
    assert {after[f"retention.{rule}"] for rule in DATED} == {"kept"}


def test_what_has_no_engine_is_never_kept(folder: Path) -> None:
    """Breach, transfers and the rule without a date stay unproven, whatever was deleted."""
    _apply(folder)
    after = _check(folder)
    unproven = {name for name, status in after.items() if status == "unproven"}
    assert {"retention.necessary", "transfers.united-states", "rights.erase"} <= unproven


def test_applying_again_finds_nothing_to_do(folder: Path) -> None:
    """A second plan and apply change no row."""
    _apply(folder)
    before = (folder / "app.sqlite").read_bytes()
    assert _apply(folder) == "nothing to do"
    assert (folder / "app.sqlite").read_bytes() == before
