"""A shop whose customers ask for things, for tests of proof of identity."""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from troth import ledger
from troth.app.clock import Clock
from troth.app.proving.identity import Place
from troth.app.requests import opening as requests
from troth.app.requests.opening import Doing, Message
from troth.cases.papers import Shelf
from troth.evidence.entry import Entry
from troth.people.typed import Line

NOW = datetime(2026, 6, 1, 12, tzinfo=UTC)
DOING = Doing(by="Bo Lind")
PROJECT = """
troth: 1
organisation:
  name: The Shop
  laws: [eu-gdpr, us-ca-ccpa, sg-pdpa]
  contacts: {privacy: privacy@shop.example}
  roles: [controller]
categories: {identity: {}, contact: {}}
stores: {app: {url: "${APP_DB}", located: US, timezone: UTC}}
subjects:
  customer:
    dataset: app.customers
    key: id
    identities: {email: {field: email, verified: mail_ok}, phone: phone}
datasets:
  app.customers:
    fields: {identity: [name, ssn], contact: [email, phone, postcode]}
"""
ROWS = """
CREATE TABLE customers (id integer PRIMARY KEY, email text, mail_ok integer, phone text, name text, ssn text,
  postcode text);
INSERT INTO customers VALUES (1, 'Ada@example.org', 1, '+14155550101', 'Ada Lovelace', '078-05-1120', '94105'),
  (2, 'bob@example.org', 0, '+14155550102', 'Bob Ross', '078-05-1121', '94106')
"""
SECRETS = (b"ada@example.org", b"078-05-1120", b"94105", b"Ada Lovelace", b"12345678", b"passport")


@dataclass(frozen=True, kw_only=True)
class Shop:
    """A project with a store, a clock that can be moved, and somebody at work."""

    folder: Path
    now: datetime = NOW

    @classmethod
    def make(cls, folder: Path) -> Shop:
        """Write the project and fill its store."""
        folder.mkdir()
        (folder / "troth.yaml").write_text(PROJECT, encoding="utf-8")
        with sqlite3.connect(folder / "app.sqlite") as connection:
            connection.executescript(ROWS)
        return cls(folder=folder)

    @property
    def environment(self) -> dict[str, str]:
        """Where the store is."""
        return {"APP_DB": f"sqlite:///{self.folder}/app.sqlite"}

    @property
    def place(self) -> Place:
        """Where requests are worked on."""
        return Place(folder=self.folder, environment=self.environment, clock=self.clock)

    @property
    def clock(self) -> Clock:
        """The clock as it stands."""
        return Clock(now=lambda: self.now, test=True)

    @property
    def shelf(self) -> Shelf:
        """Where papers lie."""
        return self.place.shelf

    def later(self, **time: float) -> Shop:
        """Return the shop at a later instant."""
        return replace(self, now=self.now + timedelta(**time))

    def opened(self, kind: str, residence: str = "SG", who: str = "customer/1", **told: Any) -> int:
        """Open a request; return its number."""
        line = Line(source="<arguments>", line=1, text=who)
        message = Message(
            kinds=(kind,), received=self.now, channel="letter", lines=[line], residence=residence, **told
        )
        found = requests.open_(message, self.folder, self.environment, self.clock, by="Bo Lind")
        return found.cases[0].id

    def ledger(self) -> Any:
        """Open the ledger."""
        home = self.folder / ".troth"
        return ledger.open(f"sqlite:///{home}/ledger.sqlite", keys_dir=home / "keys")

    def papers(self) -> list[Path]:
        """List the files of papers."""
        return sorted(self.shelf.folder.glob("*.paper"))

    def entries(self, kind: str) -> list[dict[str, Any]]:
        """Return the bodies of evidence entries of a kind."""
        book = self.ledger()
        found = [Entry.decode(data) for data in book.evidence.entries()]
        book.close()
        return [dict(entry.body) for entry in found if entry.kind == kind]

    def letters(self) -> list[tuple[str, str, str]]:
        """Return kind, address and text of every letter in the outbox."""
        from troth.ledger.models_outbox import OutboxLetter

        book = self.ledger()
        ids = OutboxLetter.objects.using(book.session.alias).order_by("pk").values_list("pk", "kind")
        found = [(kind, book.outbox.open(id).to, book.outbox.open(id).letter.decode()) for id, kind in ids]
        book.close()
        return found

    def bytes(self) -> bytes:
        """Return everything Troth has written."""
        return b"".join(path.read_bytes() for path in (self.folder / ".troth").rglob("*") if path.is_file())
