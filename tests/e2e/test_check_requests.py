"""Promises about rights, from requests opened on the command line to what `troth check` says of them."""

from __future__ import annotations

import json
import os
import sqlite3
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from e2e import inside

PROJECT = """\
troth: 1
organisation:
  name: Alma
  timezone: UTC
  laws: [eu-gdpr]
  roles: [controller]
  address: [Alma, Main Street 1, Dublin]
  contacts: {privacy: privacy@alma.example}
categories: {identity: {label: Who}}
purposes: {serve: {uses: [identity], basis: contract}}
retention: {account: {for: 2 years, after: account.closed}}
rights: {offer: [erase, rectify, portability, withdraw], answer-within: {eu-gdpr: 1 month}}
erasure: {confirm: yes}
statements:
  decided: {kind: definition.decided, what: A person decides and gives reasons.}
  doors: {kind: security, what: Doors are locked.}
stores: {app: {url: "${APP_DB}", located: IE, timezone: UTC}}
subjects: {customer: {dataset: app.customers, key: id, identities: {email: email}}}
datasets:
  app.customers:
    kept-as: account
    on-expiry: delete-row
    fields: {identity: [name, email]}
    anchors: {account.closed: closed_at}
"""
SAM = ("--by", "Sam")
ADA = "email:ada@alma.example\n"


@dataclass(frozen=True)
class Shop:
    """A project with one store, on days set by hand."""

    folder: Path

    def on(self, day: str, *words: str, code: int = 0, asked: str = "") -> str:
        """Give a command at ten o'clock of a day."""
        told = {"APP_DB": "sqlite:///app.sqlite", "TROTH_TEST_CLOCK": f"{day}T10:00:00Z"}
        done = inside.give(words, self.folder, {**os.environ, **told}, asked)
        assert done.returncode == code, done.stdout + done.stderr
        return done.stdout

    def opened(self, day: str, kind: str) -> None:
        """Open a request of Ada's."""
        words = ("--residence", "IE", "--reply-to", "ada@alma.example", "--channel", "mail", *SAM)
        self.on(day, "request", "open", kind, "--from", "-", *words, asked=ADA)

    def results(self, day: str) -> dict[str, dict[str, Any]]:
        """Check; return what was found, by promise."""
        made = json.loads(self.on(day, "check", "--format", "json", code=1))
        return {result["promise"]: result for result in made["results"]}


@pytest.fixture
def shop(tmp_path: Path) -> Shop:
    """Make the project and its store."""
    (tmp_path / "troth.yaml").write_text(PROJECT)
    with closing(sqlite3.connect(tmp_path / "app.sqlite")) as connection, connection:
        connection.execute(
            "CREATE TABLE customers (id INTEGER PRIMARY KEY, name TEXT, email TEXT, closed_at DATE)"
        )
        connection.execute("INSERT INTO customers VALUES (1, 'Ada', 'ada@alma.example', NULL)")
    return Shop(tmp_path)


def test_kept_broken_not_triggered_and_unproven(shop: Shop) -> None:
    """Erased and confirmed in time, refused late, never asked for, and done with nobody known to heed it."""
    shop.opened("2026-03-02", "rectify")
    shop.opened("2026-04-06", "withdraw")
    shop.on("2026-04-06", "request", "decide", "2", "--grant", *SAM)
    shop.on("2026-04-06", "request", "carry-out", "2", "--purpose", "serve", *SAM)
    shop.on("2026-04-06", "request", "answer", "2", *SAM)
    shop.on("2026-05-04", "request", "refuse", "1", "--because", "not-held", *SAM)
    shop.on("2026-05-04", "request", "answer", "1", *SAM)
    shop.opened("2026-05-05", "erase")
    because = ("--accept", "no-doubt", "--because", "She wrote from her account.")
    shop.on("2026-05-05", "request", "verify", "3", *because, *SAM)
    shop.on("2026-05-05", "request", "plan", "3", *SAM)
    shop.on("2026-05-05", "request", "decide", "3", "--grant", *SAM)
    shop.on("2026-05-05", "request", "carry-out", "3", *SAM)
    shop.on("2026-05-06", "request", "answer", "3", *SAM)
    found = shop.results("2026-05-20")
    said = {name: result["status"] for name, result in found.items()}
    assert (
        said
        | {
            "rights.erase": "kept",
            "rights.rectify": "broken",
            "rights.portability": "not-triggered",
            "rights.withdraw": "unproven",
            "rights.answer-within.eu-gdpr": "broken",
            "erasure.confirm": "kept",
            "statements.decided": "kept",
            "statements.doors": "unproven",
        }
        == said
    )
    assert found["rights.erase"]["note"] == "1 request, answered in time; last 2026-05-06"
    late = found["rights.rectify"]["offences"][0]
    assert (late["dataset"], late["oldest"]) == ("case:1", "2026-04-02")
    page = shop.on("2026-05-20", "check", "--format", "html", code=1)
    assert "1 request answered late, first case:1, due 2026-04-02 (eu-gdpr)" in page
    assert "ada@alma.example" not in page
