"""The queue of requests in the ledger: tabs, filters and pages, on each kind of database; and what comes next."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from db.ledgers import KINDS, url_of
from troth import ledger
from troth.app.casework import steps
from troth.app.casework.steps import Standing
from troth.cases import clocks, identity, register
from troth.cases.case import Case, Contents
from troth.cases.register import Happened, Opening

if TYPE_CHECKING:
    from troth.ledger.case_queue import Sought
    from troth.ledger.ledger import Ledger

NOW = datetime(2026, 6, 2, 10, tzinfo=UTC)
LAWS = {"EU-IE": ("eu-gdpr",), "US-CA": ("us-ca-ccpa",)}


@pytest.fixture(params=KINDS)
def book(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Ledger]:
    """Open a fresh ledger on each kind of database."""
    opened = ledger.open(url_of(request, tmp_path), keys_dir=tmp_path / "keys")
    yield opened
    opened.close()


def opened(book: Ledger, days: int = 0, kind: str = "access", place: str = "EU-IE", by: str = "Ann") -> Case:
    """Open a request that came in so many days ago."""
    staff = book.staff.identify(by, at=NOW)
    made = Opening(
        kind=kind, channel="mail", received=NOW - timedelta(days=days), residence=place, laws=LAWS[place]
    )
    contents = Contents(identities=("email:ada@example.org",))
    return register.open_case(book, made, contents, identities=["email\0ada@example.org"], by=staff, now=NOW)


def happened(book: Ledger, case: Case, *kinds: tuple[str, dict[str, Any]]) -> Case:
    """Add events that happen now."""
    staff = book.staff.identify("Ann", at=NOW)
    for kind, body in kinds:
        case = register.add(book, case, Happened(kind=kind, at=NOW, body=body), by=staff, now=NOW)
    return case


def sought(**fields: Any) -> Sought:
    """Say which requests are looked for."""
    from troth.ledger.case_queue import Sought

    return Sought(now=NOW, **fields)


def page(book: Ledger, first: int = 0, most: int = 50, **fields: Any) -> list[int]:
    """Return the numbers of a page."""
    from troth.ledger.case_queue import CaseQueue

    found = CaseQueue(session=book.session).page(sought(**fields), first=first, most=most)
    return [one.id for one in found]


def standing(case: Case) -> Standing:
    """Say what the next steps of a request depend on."""
    proof = identity.needed(case.kind, case.laws, case.received.date())
    return Standing(case=case, dates=clocks.dates(case, NOW), proof=proof)


DECLINED = ("identity.asked", {"means": "code", "reason": "doubt", "justified": True})
PROVEN = ("identity.proven", {"means": "login"})


def test_pages_follow_the_days(book: Ledger) -> None:
    """A later page goes on where the earlier ended, the earliest day first."""
    ids = [opened(book, days=10 * n).id for n in range(5)]
    assert page(book, most=3) + page(book, first=3, most=3) == ids[::-1]


def test_each_request_is_in_its_tabs(book: Ledger) -> None:
    """Overdue, due soon, waiting, mine, passed on and closed requests are told apart, and counted so."""
    from troth.ledger.case_queue import CaseQueue

    late, soon, asked, bob = (
        opened(book, days=60),
        opened(book, days=25),
        opened(book),
        opened(book, by="Bob"),
    )
    over = happened(book, opened(book), ("withdrawn", {}))
    happened(book, asked, DECLINED)
    mine = book.staff.identify("Bob", at=NOW)
    counts = CaseQueue(session=book.session).counts(sought(staff=mine))
    assert page(book, tab="overdue") == [late.id]
    assert page(book, tab="soon") == [soon.id]
    assert page(book, tab="waiting") == [asked.id]
    assert page(book, tab="mine", staff=mine) == [bob.id]
    assert page(book, tab="closed") == [over.id]
    assert counts == {
        "open": 4, "overdue": 1, "soon": 1, "mine": 1, "waiting": 1, "elsewhere": 0, "answered": 0, "closed": 1
    }  # fmt: skip


def test_filters_join(book: Ledger) -> None:
    """A kind and a law leave the requests that have both, on every database."""
    from troth.ledger.case_queue import CaseQueue

    opened(book, kind="erase"), opened(book, place="US-CA")
    wanted = opened(book, kind="erase", place="US-CA")
    assert page(book, kind="erase", law="us-ca-ccpa") == [wanted.id]
    assert page(book, law="us-ca") == []
    assert CaseQueue(session=book.session).laws() == ("eu-gdpr", "us-ca-ccpa")


def test_what_comes_next_follows_the_case(book: Ledger) -> None:
    """Who asks, then what it comes to, then the decision; nothing that may not be done is offered on the way."""
    case = opened(book)
    assert steps.first(standing(case)) == "accept"
    assert not {"plan", "answer", "carry-out", "close"} & set(steps.offered(standing(case)))
    case = happened(book, case, PROVEN)
    assert steps.first(standing(case)) == "plan"
    case = happened(book, case, ("planned", {"people": 1, "rows": 3, "blocked": 1}))
    assert steps.first(standing(case)) == "redacted"
    case = happened(book, case, ("redaction.checked", {}), ("decided", {"outcome": "granted"}))
    assert steps.first(standing(case)) == "carry-out"
    case = happened(book, case, ("done", {}))
    assert steps.first(standing(case)) == "answer"
    case = happened(book, case, ("answered", {"outcome": "granted"}))
    assert steps.first(standing(case)) == "close"
    case = happened(book, case, ("closed", {"outcome": "granted"}))
    assert (steps.first(standing(case)), steps.offered(standing(case))) == ("", ("reopen", "note"))


def test_a_code_that_was_sent_is_waited_for(book: Ledger) -> None:
    """Once a code went out, checking it comes next; an opt-out never asks who somebody is."""
    asked = happened(book, opened(book), DECLINED)
    assert steps.first(standing(asked)) == "check-code"
    free = opened(book, kind="object-marketing")
    assert steps.first(standing(free)) == "decide"
    assert not {"accept", "ask", "match", "send-code", "fee"} & set(steps.offered(standing(free)))


def test_whose_customer_is_settled_before_anything_else(book: Ledger) -> None:
    """Where the person was asked whose customer they are, the answer comes next; under an instruction, the plan."""
    asked = happened(book, opened(book, kind="erase"), ("customer.asked", {}))
    assert steps.first(standing(asked)) == "customer"
    staff = book.staff.identify("Ann", at=NOW)
    named = Happened(kind="customer.named", at=NOW, text={"customer": "Ozark"}, role="processor")
    held = register.add(book, asked, named, by=staff, now=NOW)
    assert steps.first(standing(held)) == "refer"
    told = happened(book, held, ("referred", {}), ("instructed", {"instruction": "oz-17"}))
    assert steps.first(standing(told)) == "plan"


def test_nothing_found_leaves_nothing_to_grant(book: Ledger) -> None:
    """After a look that found nobody, only saying so is open; before it, nobody can say so."""
    case = happened(book, opened(book), PROVEN)
    assert steps.outcomes(case)["nothing-held"]
    empty = happened(book, case, ("planned", {"people": 0, "rows": 0}))
    assert steps.outcomes(empty)["granted"] and not steps.outcomes(empty)["nothing-held"]
