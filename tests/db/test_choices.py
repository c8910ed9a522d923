"""Choices in a real ledger: the last decision stands, objections count, digests are all that is kept."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from db.ledgers import AT, KINDS, url_of
from troth import ledger
from troth.choices import register
from troth.choices.register import Choosing
from troth.evidence.entry import Entry
from troth.people.typed import Identity
from troth.problems import BadInput

if TYPE_CHECKING:
    from troth.ledger.ledger import Ledger

ADA = Identity(match="email", value="ada@example.org")
KEY = Identity(match="customer/", value="4711")
BOB = Identity(match="email", value="bob@example.org")
OUT = Choosing(what="sale", decision="out", at=AT, how="letter")
DAY = timedelta(days=1)


@pytest.fixture(params=KINDS)
def book(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Ledger]:
    """Open a fresh ledger on each kind of database."""
    opened = ledger.open(url_of(request, tmp_path), keys_dir=tmp_path / "keys")
    yield opened
    opened.close()


def record(book: Ledger, choosing: Choosing = OUT, *who: Identity) -> Any:
    """Record a choice of Ada's."""
    return register.record(book, choosing, who or (ADA, KEY), by="Bo Lind", now=AT + 9 * DAY)


def test_the_last_decision_stands_whichever_identity_is_asked(book: Ledger) -> None:
    """An opt-out stands until a later opt-in; one recorded late about an earlier day does not lift it."""
    record(book, replace(OUT, at=AT + DAY))
    record(book, replace(OUT, decision="in", at=AT))
    for one in (ADA, KEY):
        found = register.stands(book, one, "sale")
        assert found is not None
        assert (found.decision, found.source, found.stops) == ("out", "choice:1", True)
    record(book, replace(OUT, decision="in", at=AT + 2 * DAY))
    assert not register.standing(book, [ADA, BOB], "sale")[ADA].stops
    assert register.stands(book, BOB, "sale") is None
    assert register.stands(book, ADA, "sharing") is None


def test_what_stood_on_a_day(book: Ledger) -> None:
    """A question about an earlier instant is answered as of then."""
    record(book)
    record(book, replace(OUT, decision="in", at=AT + DAY))
    then = register.stands(book, ADA, "sale", at=AT)
    assert then is not None
    assert then.decision == "out"
    assert register.stands(book, ADA, "sale", at=AT - DAY) is None


def test_evidence_counts_and_names_nobody(book: Ledger) -> None:
    """The entry says what was chosen, how it came in, and by how many identities it is known."""
    record(book, replace(OUT, what="purpose:newsletter", decision="withdrawn", case=7))
    assert Entry.decode(list(book.evidence.entries())[-1]).body == {
        "choice": "choice:1",
        "decision": "withdrawn",
        "happened": "2026-03-01T12:00:00Z",
        "by": "staff:1",
        "about": "purpose",
        "purpose": "newsletter",
        "identities": 2,
        "case": "case:7",
        "how": "letter",
    }


def test_an_objection_stops_its_purpose_until_a_later_yes(book: Ledger) -> None:
    """Objections are asked and not copied; a refused one counts for nothing."""
    staff = book.staff.identify("Bo Lind", at=AT)
    id = book.objections.add("newsletter", [ADA], at=AT, by=staff)
    found = register.stands(book, ADA, "purpose:newsletter")
    assert found is not None
    assert (found.decision, found.source, found.stops) == ("objected", "objection:1", True)
    record(book, Choosing(what="purpose:newsletter", decision="in", at=AT + DAY, how="form"))
    assert not register.standing(book, [ADA], "purpose:newsletter")[ADA].stops
    book.objections.decide(id, "refused", "grounds", at=AT, by=staff)
    assert register.stands(book, ADA, "purpose:newsletter", at=AT) is None


def test_everything_that_stands_for_somebody(book: Ledger) -> None:
    """One line for each thing, objections among them; the later of two identities' decisions counts."""
    record(book, OUT, ADA)
    record(book, replace(OUT, decision="in", at=AT + DAY), KEY)
    book.objections.add("offers", [ADA], at=AT, by=book.staff.identify("Bo Lind", at=AT))
    found = [(one.what, one.decision) for one in register.everything(book, [ADA, KEY])]
    assert found == [("purpose:offers", "objected"), ("sale", "in")]


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"what": "sales"}, "about such a thing"),
        ({"what": "purpose:"}, "about such a thing"),
        ({"decision": "maybe"}, "decision"),
        ({"how": "owl"}, "way a choice"),
        ({"at": AT + 10 * DAY}, "future"),
        ({"at": datetime(2026, 1, 1)}, "no zone"),
    ],
)
def test_a_choice_that_cannot_be(tmp_path: Path, change: dict[str, Any], says: str) -> None:
    """Each fault is told, and nothing is written."""
    book = ledger.open(f"sqlite:///{tmp_path}/l.sqlite", keys_dir=tmp_path / "keys")
    with pytest.raises(BadInput) as bad:
        record(book, replace(OUT, **change))
    assert says in bad.value.problems[0].message
    assert book.choices.things() == ()
    book.close()


def test_nothing_personal_is_kept(tmp_path: Path) -> None:
    """The file of the ledger holds no address; digests about two things differ."""
    book = ledger.open(f"sqlite:///{tmp_path}/l.sqlite", keys_dir=tmp_path / "keys")
    record(book)
    record(book, replace(OUT, what="sharing"))
    book.close()
    data = b"".join(path.read_bytes() for path in tmp_path.glob("l.sqlite*"))
    assert b"ada@example.org" not in data
    assert b"4711" not in data
