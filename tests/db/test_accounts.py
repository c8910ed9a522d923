"""The register of accounts, and what the ledger counts for whoever watches over it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from db.ledgers import AT, KINDS, url_of
from troth import ledger as ledgers
from troth.errors import Refused

from troth.ledger.ledger import Ledger  # isort: skip  # configures Django, which the registers need
from troth.cases import register
from troth.cases.case import Contents
from troth.cases.register import Opening
from troth.ledger.accounts import Account
from troth.ledger.promise_history import Finding


@pytest.fixture(params=KINDS)
def ledger(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Ledger]:
    """Open a new ledger."""
    found = ledgers.open(url_of(request, tmp_path), keys_dir=tmp_path / "keys", now=lambda: AT)
    yield found
    found.close()


def account(ledger: Ledger, name: str, user: int, role: str = "agent") -> Account:
    """Keep an account of somebody."""
    made = Account(user=user, staff=ledger.staff.identify(name, at=AT), role=role, since=AT)
    ledger.accounts.add(made)
    return made


def test_an_account_is_found_both_ways(ledger: Ledger) -> None:
    """An account is found by its sign-in and by its member of staff."""
    made = account(ledger, "Ada Lovelace", user=7)
    assert ledger.accounts.of_user(7) == ledger.accounts.of_staff(made.staff) == made
    assert ledger.accounts.of_user(8) is None


def test_one_person_has_one_account(ledger: Ledger) -> None:
    """The same name in another spelling is the same person, and gets no second account."""
    account(ledger, "Ada Lovelace", user=7)
    with pytest.raises(Refused, match="has an account already"):
        account(ledger, "  ada   LOVELACE ", user=8)
    assert len(ledger.accounts.all()) == 1


def test_roles_change_and_accounts_go(ledger: Ledger) -> None:
    """A role is replaced, an account removed; the name stays known."""
    made = account(ledger, "Ada Lovelace", user=7)
    assert ledger.accounts.give(made.staff, "auditor")
    assert [one.role for one in ledger.accounts.all()] == ["auditor"]
    assert ledger.accounts.remove(made.staff)
    assert not ledger.accounts.remove(made.staff)
    assert not ledger.accounts.give(made.staff, "lead")
    assert ledger.staff.names(made.staff) == {made.staff: "Ada Lovelace"}


def test_an_empty_ledger_counts_nothing(ledger: Ledger) -> None:
    """Where there is nothing there is no state to count."""
    counts = ledger.counts
    assert counts.by_state("cases") == counts.by_state("letters") == counts.promises() == {}
    assert counts.overdue(AT) == 0


def test_open_requests_past_their_day_are_counted(ledger: Ledger) -> None:
    """A request is overdue once its last day is gone, and not before."""
    with ledger.writing():
        staff = ledger.staff.identify("Ada Lovelace", at=AT)
        opening = Opening(kind="access", channel="mail", received=AT, residence="EU-IE", laws=("eu-gdpr",))
        register.open_case(
            ledger, opening, Contents(identities=("email:a@b.example",)), identities=["a"], by=staff, now=AT
        )
    assert ledger.counts.by_state("cases") == {"new": 1}
    assert ledger.counts.overdue(AT + timedelta(days=20)) == 0
    assert ledger.counts.overdue(AT + timedelta(days=60)) == 1


def test_a_promise_counts_by_its_newest_check(ledger: Ledger) -> None:
    """What a promise came to before does not count."""
    for day, status in enumerate(("broken", "kept")):
        found = [Finding(promise="retention.account", status=status, number=1, why="", entry=None)]
        ledger.promise_history.keep(found, at=AT + timedelta(days=day))
    assert ledger.counts.promises() == {"kept": 1}
