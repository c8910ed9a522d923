"""Holds in a real ledger: kept sealed, proven in evidence, lifted once."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from db.ledgers import AT, KINDS, url_of
from troth import ledger
from troth.errors import Damaged, Refused
from troth.evidence.entry import Entry
from troth.holds import register
from troth.holds.model import ConditionScope, DatasetScope, Ground, SubjectScope
from troth.holds.register import Order
from troth.problems import BadInput
from unit.holds import makers

if TYPE_CHECKING:
    from troth.ledger.ledger import Ledger

ORDER = Order(
    ground=Ground.LEGAL_HOLD,
    title="Case Zimmermann",
    scope=SubjectScope(subject="customer", key=("4711-secret",)),
    owner="Ada Nowak",
    review=date(2026, 9, 1),
)
SECRETS = (b"Zimmermann", b"4711-secret", b"Ada Nowak", b"Bo Lind", b"disputed")


@pytest.fixture(params=KINDS)
def book(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Ledger]:
    """Open a fresh ledger on each kind of database."""
    opened = ledger.open(url_of(request, tmp_path), keys_dir=tmp_path / "keys")
    yield opened
    opened.close()


def test_a_hold_is_read_back_as_it_was_placed(book: Ledger) -> None:
    """Ground, title, scope, owner and review come back; its number is the next one."""
    first = register.add(book, ORDER, by="Bo Lind", at=AT)
    scope = ConditionScope(dataset="app.orders", condition="status = 'disputed'")
    second = register.add(book, replace(ORDER, scope=scope), by="Bo Lind", at=AT)
    assert (first.id, second.id) == ("hold:1", "hold:2")
    assert (first.ground, first.title, first.scope) == (ORDER.ground, ORDER.title, ORDER.scope)
    assert (first.owner, first.review, first.placed_at) == (ORDER.owner, ORDER.review, AT)
    assert register.standing(book) == (first, second)


def test_evidence_says_that_not_whom(book: Ledger) -> None:
    """Each change of a hold has its entry; two holds on one person cannot be matched by their digests."""
    register.add(book, ORDER, by="Bo Lind", at=AT)
    register.add(book, ORDER, by="Bo Lind", at=AT)
    register.lift(book, "1", by="Bo Lind", at=AT)
    entries = [Entry.decode(data) for data in book.evidence.entries(4)]
    added, again, lifted = (dict(entry.body) for entry in entries if entry.kind.startswith("hold."))
    assert added["subject"] != again["subject"]
    assert (added["hold"], added["ground"], added["scope"]) == ("hold:1", "legal-hold", "subject")
    assert (added["owner"], added["by"]) == ("staff:1", "staff:2")
    assert lifted == {"hold": "hold:1", "by": "staff:2"}
    assert book.audit() == 4 + len(entries)


def test_nothing_personal_rests_in_clear(tmp_path: Path) -> None:
    """The bytes of the ledger hold neither scope, nor title, nor names."""
    book = ledger.open(f"sqlite:///{tmp_path}/ledger.sqlite", keys_dir=tmp_path / "keys")
    scope = ConditionScope(dataset="app.orders", condition="status = 'disputed'")
    register.add(book, ORDER, by="Bo Lind", at=AT)
    register.add(book, replace(ORDER, scope=scope), by="Bo Lind", at=AT)
    data = b"".join(file.read_bytes() for file in tmp_path.glob("ledger.sqlite*"))
    assert b"legal-hold" in data
    assert not [secret for secret in SECRETS if secret in data]
    book.close()


def test_a_hold_is_lifted_once(book: Ledger) -> None:
    """The second lift is refused with the day of the first, and leaves no entry."""
    register.add(book, ORDER, by="Bo Lind", at=AT)
    lifted = register.lift(book, "hold:1", by="Ada Nowak", at=AT + timedelta(days=2))
    size = book.evidence.tree().size
    assert lifted.lifted_at == AT + timedelta(days=2)
    with pytest.raises(Refused, match="lifted already on 2026-03-03"):
        register.lift(book, "hold:1", by="Ada Nowak", at=AT + timedelta(days=3))
    assert book.evidence.tree().size == size
    assert register.standing(book) == ()
    assert register.read(book) == (lifted,)


@pytest.mark.parametrize("id", ["7", "hold:7", "seven", "", "hold:-1", "run:1"])
def test_an_unknown_hold_is_refused(book: Ledger, id: str) -> None:
    """A number nobody has, or no number at all, says how to find the right one."""
    with pytest.raises(Refused) as caught:
        register.lift(book, id, by="Bo Lind", at=AT)
    assert "hold list" in caught.value.hint


def test_holds_are_read_as_of_an_instant(book: Ledger) -> None:
    """A hold stands from its placing up to its lifting."""
    register.add(book, ORDER, by="Bo Lind", at=AT)
    register.lift(book, "1", by="Bo Lind", at=AT + timedelta(days=2))
    standing = [len(register.read(book, at=AT + timedelta(days=days))) for days in (-1, 0, 1, 2)]
    assert standing == [0, 1, 1, 0]


def test_reviews_come_due(book: Ledger) -> None:
    """From its review date on a hold is due, the longest overdue first, unless it was lifted."""
    for day in (20, 10, 15):
        register.add(book, replace(ORDER, review=date(2026, 4, day)), by="Bo Lind", at=AT)
    register.lift(book, "3", by="Bo Lind", at=AT)
    assert [hold.id for hold in register.due(book, on=date(2026, 4, 19))] == ["hold:2"]
    assert [hold.id for hold in register.due(book, on=date(2026, 4, 20))] == ["hold:2", "hold:1"]


def test_a_bad_order_tells_every_fault_at_once(book: Ledger) -> None:
    """No owner, no title, a review in the past and an unknown dataset are four faults; nothing is written."""
    size = book.evidence.tree().size
    scope = DatasetScope(dataset="app.order")
    wrong = replace(ORDER, owner=" ", title="", review=date(2026, 2, 1), scope=scope)
    with pytest.raises(BadInput) as caught:
        register.add(book, wrong, by="Bo Lind", at=AT, seen=makers.world())
    codes = [problem.code for problem in caught.value.problems]
    assert sorted(codes) == ["bad-hold", "bad-hold", "bad-hold", "bad-scope"]
    assert book.evidence.tree().size == size


def test_a_scope_moved_to_another_hold_does_not_open(book: Ledger) -> None:
    """What is sealed is bound to its row: swapping it is found."""
    from django.db import connections

    register.add(book, ORDER, by="Bo Lind", at=AT)
    register.add(book, ORDER, by="Bo Lind", at=AT)
    with connections[book.session.alias].cursor() as cursor:
        cursor.execute(
            "UPDATE troth_hold SET sealed = (SELECT sealed FROM troth_hold WHERE id = 1) WHERE id = 2"
        )
    with pytest.raises(Damaged, match="cannot be opened"):
        register.standing(book)
