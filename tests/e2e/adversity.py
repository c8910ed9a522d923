"""A small shop for hard requests: one person with two orders, commands in this process, the clock set by hand."""

from __future__ import annotations

import io
import shlex
import sqlite3
import sys
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import pytest

from troth.cli import edge
from troth.cli.main import app

PROJECT = """\
troth: 1
organisation:
  name: Alma
  timezone: UTC
  laws: [LAWS]
  roles: [controller]
  address: [Alma, Main Street 1, Dublin]
  contacts: {privacy: privacy@alma.example}
categories: {identity: {label: Who}, orders: {label: Orders}}
purposes: {serve: {uses: [identity, orders], basis: contract}}
retention: {account: {for: 2 years, after: account.closed}}
rights: {offer: [erase, rectify, portability, withdraw]}
statements: {automated: {kind: automated, what: No machine decides.}}
recipients:
  mailer:
    label: Mailer
    role: processor
    categories: [identity, orders]
    purposes: [serve]
    country: IE
    contact: dpo@mailer.example
stores: {app: {url: "${APP_DB}", located: IE, timezone: UTC}}
subjects: {customer: {dataset: app.customers, key: id, identities: {email: email}}}
datasets:
  app.customers:
    kept-as: account
    on-expiry: delete-row
    source: person
    fields: {identity: [name, email]}
    anchors: {account.closed: closed_at}
  app.orders:
    subject: customer
    kept-as: account
    on-expiry: delete-row
    source: person
    fields: {orders: [what]}
    anchors: {account.closed: made_at}
"""
TABLES = """\
CREATE TABLE customers (id INTEGER PRIMARY KEY, name TEXT, email TEXT, closed_at DATE);
CREATE TABLE orders (
    id INTEGER PRIMARY KEY, customer_id INTEGER REFERENCES customers(id), what TEXT, made_at DATE
);
INSERT INTO customers VALUES (1, 'Ada', 'ada@alma.example', NULL), (2, 'Bob', 'bob@alma.example', NULL);
INSERT INTO orders VALUES (1, 1, 'soap', '2026-01-01'), (2, 1, 'brush', '2026-01-02'), (3, 2, 'pan', '2026-01-02');
"""
AT = "2026-03-02T10:00:00Z"


@dataclass(frozen=True)
class Shop:
    """The project, its store, and its command line."""

    folder: Path
    patch: pytest.MonkeyPatch
    capture: pytest.CaptureFixture[str]

    def on(self, line: str, *, asked: str = "", at: str = AT, code: int = 0) -> str:
        """Give a command as Sam; return everything it said."""
        self.patch.chdir(self.folder)
        self.patch.setenv("APP_DB", "sqlite:///app.sqlite")
        self.patch.setenv("TROTH_TEST_CLOCK", at)
        self.patch.setenv("TROTH_BY", "Sam")
        self.patch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(asked.encode())))
        self.capture.readouterr()
        try:
            found = edge.run(app, shlex.split(line))
        except SystemExit as left:
            found = int(left.code or 0)
        out, err = self.capture.readouterr()
        assert found == code, out + err
        return out + err

    def opened(self, kinds: str, more: str = "--residence IE", *, proven: int = 1) -> None:
        """Open requests of Ada's; the first ones are proven."""
        reply = "--reply-to ada@alma.example --channel mail --by Sam"
        self.on(f"request open {kinds} --from - {reply} {more}", asked="email:ada@alma.example\n")
        for case in range(1, proven + 1):
            self.on(f"request verify {case} --accept no-doubt --because 'From her account.' --by Sam")

    def decided(self, how: str, case: int = 1) -> None:
        """Plan and decide."""
        self.on(f"request plan {case} --by Sam")
        self.on(f"request decide {case} {how} --by Sam", asked="The facts.\n")

    def sql(self, text: str) -> list[tuple[object, ...]]:
        """Ask or change the store."""
        with closing(sqlite3.connect(self.folder / "app.sqlite")) as connection, connection:
            return connection.execute(text).fetchall()


def made(
    folder: Path, patch: pytest.MonkeyPatch, capture: pytest.CaptureFixture[str], laws: str = "eu-gdpr"
) -> Shop:
    """Make the shop."""
    (folder / "troth.yaml").write_text(PROJECT.replace("LAWS", laws))
    with closing(sqlite3.connect(folder / "app.sqlite")) as connection, connection:
        connection.executescript(TABLES)
    return Shop(folder, patch, capture)
