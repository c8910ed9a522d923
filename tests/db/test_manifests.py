"""Manifests in a ledger: what came of an erasure stays what it was, whoever else tries the same plan."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from db.ledgers import AT, KINDS, url_of
from troth import ledger
from troth.errors import Refused

if TYPE_CHECKING:
    from troth.ledger.ledger import Ledger


@pytest.fixture(params=KINDS)
def book(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Ledger]:
    """Open a new ledger on each kind of database."""
    opened = ledger.open(url_of(request, tmp_path), keys_dir=tmp_path / "keys")
    yield opened
    opened.close()


def kept(book: Ledger) -> str:
    """Keep a manifest and return its digest."""
    from troth.ledger.manifests import prepared

    new = prepared("erase", b"somebody", 1)
    book.manifests.keep(new, plan="p" * 64, by=book.staff.identify("Ada", at=AT), at=AT)
    return new.digest


def outcome(book: Ledger, digest: str) -> tuple[str, datetime | None]:
    """Read what came of a manifest."""
    record = book.manifests.read(digest)
    assert record is not None
    return record.outcome, record.destroyed_at


@pytest.mark.parametrize(
    ("first", "second", "left"),
    [
        ("", "failed", "failed"),
        ("failed", "partial", "partial"),
        ("partial", "failed", "partial"),
        ("partial", "done", "done"),
    ],
)
def test_a_try_that_failed_says_nothing_about_others(
    book: Ledger, first: str, second: str, left: str
) -> None:
    """A refused or failed apply does not take back what another one has done."""
    digest = kept(book)
    for one in filter(None, (first, second)):
        book.manifests.ended(digest, outcome=one, at=AT, destroy=False)
    assert outcome(book, digest) == (left, None)


@pytest.mark.parametrize("late", ["failed", "partial", "kept"])
def test_what_is_proven_stays_so(book: Ledger, late: str) -> None:
    """After the manifest is destroyed no apply that is still at work changes what came of it, or when."""
    digest = kept(book)
    book.manifests.ended(digest, outcome="done", at=AT, destroy=True)
    book.manifests.ended(digest, outcome=late, at=AT + timedelta(hours=1), destroy=True)
    assert outcome(book, digest) == ("done", AT)
    with pytest.raises(Refused, match="destroyed"):
        book.manifests.open(digest)
