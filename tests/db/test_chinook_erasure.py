"""Every customer of Chinook erased in turn, while invoices stay for tax: nothing left, nobody else touched."""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from troth.app import erased, erasing, wishes
from troth.app.clock import Clock, Moment
from troth.people.typed import Line

AT = datetime(2026, 3, 1, 12, tzinfo=UTC)
CLOCK = Clock(now=lambda: AT, test=True)
PROJECT = """
troth: 1
organisation: {name: Chinook, timezone: UTC}
categories:
  identity: {label: Who}
  contact: {label: Where}
  transaction: {label: What}
retention:
  transaction: {for: 10 years, after: transaction.made, because: tax, minimal-record: [number, date, amount]}
erasure: {backups: 30 days}
stores:
  app: {url: "${APP}", located: CA, timezone: UTC}
subjects:
  customer:
    dataset: app.Customer
    key: CustomerId
    identities: {email: Email, phone: Phone, fax: Fax}
datasets:
  app.Customer:
    on-expiry: delete-row
    fields:
      identity: [FirstName, LastName, Company]
      contact: [Address, City, State, Country, PostalCode, Phone, Fax, Email]
  app.Invoice:
    subject: customer
    kept-as: transaction
    on-expiry: delete-row
    fields:
      transaction: [{name: Total, on-expiry: keep}]
      contact: [BillingAddress, BillingCity, BillingState, BillingCountry, BillingPostalCode]
    anchors: {transaction.made: InvoiceDate}
    minimal-record: {number: InvoiceId, date: InvoiceDate, amount: Total}
no-personal-data: [app.Album, app.Artist, app.Genre, app.MediaType, app.Playlist, app.PlaylistTrack, app.Track,
  app.InvoiceLine, app.Employee]
"""
Tables = dict[str, dict[object, tuple[object, ...]]]


@pytest.fixture
def project(shared: Path, tmp_path: Path) -> Path:
    """Copy Chinook, which is another's, and write a project over the copy."""
    shutil.copyfile(shared / "data/chinook/chinook.sqlite", tmp_path / "chinook.sqlite")
    (tmp_path / "troth.yaml").write_text(PROJECT)
    return tmp_path


def rows(folder: Path) -> Tables:
    """Read every table, each row under its rowid."""
    with sqlite3.connect(folder / "chinook.sqlite") as connection:
        names = connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall()
        return {
            name: {row[0]: row[1:] for row in connection.execute(f'SELECT rowid, * FROM "{name}"')}
            for (name,) in names
            if not name.startswith(("troth_", "sqlite_"))
        }


def erase(folder: Path, *texts: str, recheck: bool) -> erased.Erased:
    """Plan and carry out the erasure of some people."""
    environment = {"APP": f"sqlite:///{folder}/chinook.sqlite"}
    lines = [Line(source="<file>", line=number, text=text) for number, text in enumerate(texts, 1)]
    wish = wishes.Wish(lines=lines, limit=20)
    made = erasing.plan(wish, folder, environment, CLOCK, Moment(at=AT), erasing.Asker(by="test"))
    assert made.plan is not None
    order = erased.Order(by="test", recheck=recheck)
    return erased.apply(made.plan, folder, environment, CLOCK, order, lambda *_: None)


def texts(tables: Tables) -> Iterator[tuple[str, object, str]]:
    """Yield every text of the database with its place."""
    for table, found in tables.items():
        for key, row in found.items():
            yield from ((table, key, value) for value in row if isinstance(value, str))


def test_each_customer_is_gone_and_everybody_else_untouched(project: Path) -> None:
    """Nothing that names the customer stays, no own field keeps its value, other rows are identical."""
    for number in range(1, 60):
        before = rows(project)
        customer = before["Customer"][number]
        invoices = {key for key, row in before["Invoice"].items() if row[1] == number}
        assert len(invoices) > 5
        done = erase(project, f"customer/{number}", recheck=False)
        assert [result.state for result in done.results] == ["done"]
        after = rows(project)
        _, first, last, _, address, _, _, _, _, phone, fax, email, _ = customer
        wanted = [t for t in (f"{first} {last}", address, phone, fax, email) if isinstance(t, str)]
        left = [place for *place, text in texts(after) for one in wanted if one.lower() in text.lower()]
        assert left == []
        kept = after["Customer"][number]
        assert all(new != old for new, old in zip(kept[1:12], customer[1:12], strict=True) if old is not None)
        assert kept[0] == customer[0] and kept[12] == customer[12]
        for key in invoices:
            old, new = before["Invoice"][key], after["Invoice"][key]
            assert (new[0], new[1], new[2], new[8]) == (old[0], old[1], old[2], old[8])
            assert new[3:8] == (None,) * 5
        del before["Customer"][number], after["Customer"][number]
        for key in invoices:
            del before["Invoice"][key], after["Invoice"][key]
        assert before == after


def test_all_customers_at_once_leave_a_clean_certificate(project: Path) -> None:
    """Everyone in one batch: kept for tax, and a scan of every text finds nobody."""
    done = erase(project, *(f"customer/{number}" for number in range(1, 60)), recheck=True)
    assert done.certificate is not None
    assert done.certificate.outcome == "kept"
    assert done.certificate.clean
    assert {(one.dataset, one.reason) for one in done.certificate.kept} == {
        ("app.Invoice", "statutory-duty"),
        ("app.Customer", "needed-by"),
    }
    assert {one.dataset for one in done.certificate.looked} >= {"app.Customer", "app.Invoice", "app.Employee"}
