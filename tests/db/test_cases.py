"""Requests in the ledger: opened, added to by two at once, recomputed, forgotten; and what stands in evidence."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from db.ledgers import KINDS, url_of
from troth import ledger
from troth.cases import clocks, register
from troth.cases.case import Case, Contents
from troth.cases.register import Happened, Opening
from troth.errors import Damaged, Refused
from troth.evidence.entry import Entry
from troth.problems import BadInput

if TYPE_CHECKING:
    from troth.ledger.ledger import Ledger

NOW = datetime(2026, 6, 2, 10, tzinfo=UTC)
RECEIVED = datetime.fromisoformat("2026-06-01T16:00-07:00")
ADA = "email\0ada@example.org"
WHAT = Contents(identities=("email:ada@example.org",), name="Ada Nowak", text="Erase me, Ada Nowak.")


@pytest.fixture(params=KINDS)
def book(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Ledger]:
    """Open a fresh ledger on each kind of database."""
    opened = ledger.open(url_of(request, tmp_path), keys_dir=tmp_path / "keys")
    yield opened
    opened.close()


def opening(**fields: Any) -> Opening:
    """Return a request for access of somebody in Ireland."""
    told: dict[str, Any] = {"kind": "access", "channel": "mail", "received": RECEIVED, "residence": "EU-IE"}
    return Opening(**told | {"laws": ("eu-gdpr",)} | fields)


def opened(book: Ledger, who: str = ADA, **fields: Any) -> Case:
    """Open a request."""
    return register.open_case(book, opening(**fields), WHAT, identities=[who], by=staff(book), now=NOW)


def staff(book: Ledger) -> int:
    """Return who works."""
    return book.staff.identify("Ann Lee", at=NOW)


def add(book: Ledger, case: Case, kind: str, **fields: Any) -> Case:
    """Add an event that happened now."""
    return register.add(book, case, Happened(kind=kind, at=NOW, **fields), by=staff(book), now=NOW)


def told(book: Ledger, *kinds: str) -> list[dict[str, Any]]:
    """Return the bodies of the entries of some kinds."""
    entries = map(Entry.decode, book.evidence.entries())
    return [dict(entry.body) for entry in entries if entry.kind in kinds]


def test_it_is_read_as_it_was_opened(book: Ledger) -> None:
    """The case in hand and the case read again are equal, offset included; the row says the same."""
    case = opened(book)
    case = add(book, case, "note", text={"text": "she rang"})
    read = register.read(book, case.id)
    assert replace(read, events=()) == replace(case, events=())
    assert [(e.kind, e.at, e.number, e.has_text) for e in read.events] == [
        (e.kind, e.at, e.number, e.has_text) for e in case.events
    ]
    assert read.received.utcoffset() == timedelta(hours=-7)
    assert register.contents(book, read) == WHAT
    assert book.cases.text(case.id, 2) == {"text": "she rang"}
    [row] = book.cases.listed()
    dates = clocks.dates(read, NOW)
    assert (row.safe_due, row.legal_due, row.state) == (dates.safe, dates.legal, "new")


def test_evidence_has_each_event_and_no_word_of_the_person(book: Ledger) -> None:
    """An entry for the opening and for each event, numbered; neither evidence nor clear columns hold the person."""
    case = opened(book)
    add(book, case, "identity.proven", body={"means": "code"})
    [start] = told(book, "case.opened")
    [event] = told(book, "case.event")
    assert (start["case"], start["laws"]) == (case.reference, ("eu-gdpr",))
    assert (event["number"], event["event"], event["state"]) == (2, "identity.proven", "deciding")
    assert "ada" not in repr([start, event]).casefold()


def test_of_two_at_once_one_is_told(book: Ledger) -> None:
    """Both saw the same case; the second is refused, and nothing of it is kept."""
    case = opened(book)
    add(book, case, "withdrawn")
    before = book.evidence.tree().size
    with pytest.raises(Refused, match="meanwhile"):
        add(book, case, "identity.proven", body={"means": "code"})
    assert register.read(book, case.id).state == "closed"
    assert book.evidence.tree().size == before


def test_two_writers_at_the_same_moment(book: Ledger) -> None:
    """From two connections exactly one event gets in, whichever it is."""
    case, by = opened(book), staff(book)
    start, ends = threading.Barrier(2), []

    def work(kind: str) -> None:
        start.wait()
        try:
            register.add(book, case, Happened(kind=kind, at=NOW, body={}), by=by, now=NOW)
            ends.append("kept")
        except Refused:
            ends.append("refused")
        finally:
            book.close()

    threads = [threading.Thread(target=work, args=(kind,)) for kind in ("withdrawn", "acknowledged")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(ends) == ["kept", "refused"]
    assert len(register.read(book, case.id).events) == 2


@pytest.mark.parametrize(
    ("received", "says"),
    [
        (datetime(2026, 6, 1, 9), "has no zone"),
        (NOW + timedelta(seconds=1), "lies in the future"),
    ],
)
@pytest.mark.parametrize("laws", [("eu-gdpr",), ()])
def test_an_instant_that_cannot_be(
    book: Ledger, received: datetime, says: str, laws: tuple[str, ...]
) -> None:
    """Without zone or from the future nothing is opened, whether a law has a term or not."""
    with pytest.raises(BadInput) as caught:
        opened(book, received=received, laws=laws)
    assert says in caught.value.problems[0].message
    assert not book.cases.listed(every=True)


@pytest.mark.parametrize(
    "happened",
    [
        Happened(kind="note", at=RECEIVED - timedelta(seconds=1)),
        Happened(kind="note", at=NOW + timedelta(seconds=1)),
        Happened(kind="note", at=datetime(2026, 6, 2)),
    ],
)
def test_an_event_at_an_instant_that_cannot_be(book: Ledger, happened: Happened) -> None:
    """Before the arrival, in the future or without zone: nothing is added."""
    case = opened(book)
    with pytest.raises(BadInput):
        register.add(book, case, happened, by=staff(book), now=NOW)
    assert len(register.read(book, case.id).events) == 1


def test_others_of_the_same_person(book: Ledger) -> None:
    """Requests that share an identity find each other; a stranger's does not come with them."""
    first, second = opened(book), opened(book, kind="erase")
    stranger = opened(book, "email\0bob@example.org")
    assert book.cases.of([ADA]) == (first.id, second.id)
    assert [one.id for one in book.cases.akin(first.id)] == [second.id]
    assert not book.cases.akin(stranger.id)
    book.cases.identify(stranger.id, [ADA])
    assert [one.id for one in book.cases.akin(stranger.id)] == [first.id, second.id]


def test_forgetting_leaves_the_fact(book: Ledger) -> None:
    """Contents, texts and digests go; the events stay, and nothing more can be written down sealed."""
    case = add(book, opened(book), "note", text={"text": "secret"})
    assert book.cases.forget([case.id], at=NOW) == 1
    assert book.cases.forget([case.id], at=NOW) == 0
    read = register.read(book, case.id)
    assert [e.kind for e in read.events] == ["received", "note"]
    assert book.cases.text(case.id, 2) is None
    assert book.cases.of([ADA]) == ()
    with pytest.raises(Refused, match="destroyed"):
        register.contents(book, read)
    with pytest.raises(Refused, match="destroyed"):
        add(book, read, "note", text={"text": "more"})
    assert add(book, read, "withdrawn").state == "closed"


def test_a_sealed_part_is_bound_to_its_row(book: Ledger) -> None:
    """Contents moved to another case, or a text to another event, are found out."""
    from troth.ledger.models_cases import Case as Row
    from troth.ledger.models_cases import CaseEvent

    first, second = opened(book), opened(book)
    first = add(book, first, "note", text={"text": "one"})
    first = add(book, first, "note", text={"text": "two"})
    alias = book.session.alias
    swapped = Row.objects.using(alias).get(pk=second.id).sealed
    Row.objects.using(alias).filter(pk=first.id).update(sealed=swapped)
    event = CaseEvent.objects.using(alias).get(case_id=first.id, number=3).sealed
    CaseEvent.objects.using(alias).filter(case_id=first.id, number=2).update(sealed=event)
    with pytest.raises(Damaged):
        book.cases.contents(first.id)
    with pytest.raises(Damaged):
        book.cases.text(first.id, 2)
    assert book.cases.text(first.id, 3) == {"text": "two"}


def test_clocks_are_computed_anew(book: Ledger) -> None:
    """Rows that say something else than their events are put right, and only they are counted."""
    cases = [opened(book, f"email\0p{n}@example.org") for n in range(5)]
    right = {one.id: one.safe_due for one in book.cases.listed()}
    wrong = register.stands(cases[2], NOW)
    book.cases.restand(
        {cases[2].id: replace(wrong, safe_due=NOW, legal_due=None, due_law="x", own_target=True)}
    )
    assert book.cases.read(cases[2].id).safe_due == NOW  # type: ignore[union-attr]
    assert register.recompute(book, NOW) == 1
    assert {one.id: one.safe_due for one in book.cases.listed()} == right
    assert register.recompute(book, NOW - timedelta(days=400)) == 0  # a clock that went back changes nothing


def test_the_list_has_the_earliest_end_first(book: Ledger) -> None:
    """Closed requests are left out unless asked for; one kind can be asked for."""
    late = opened(book, kind="erase", received=RECEIVED)
    early = opened(book, received=RECEIVED - timedelta(days=9))
    gone = add(book, opened(book), "withdrawn")
    assert [one.id for one in book.cases.listed()] == [early.id, late.id]
    assert [one.id for one in book.cases.listed(kind="erase")] == [late.id]
    assert {one.id for one in book.cases.listed(every=True)} == {early.id, late.id, gone.id}
    assert [one.id for one in register.every(book, book.cases.listed(every=True))] != []


def test_no_such_request(book: Ledger) -> None:
    """A number nobody gave is told so."""
    with pytest.raises(BadInput):
        register.read(book, 99)
