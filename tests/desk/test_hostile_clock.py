"""The clock a day ahead, then right again, and the other way round: nothing lives longer for it, nothing is lost."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from troth import ledger
from troth.app.clock import Clock
from troth.app.requests.steps import Place
from troth.app.systems import calls, webhooks
from troth.app.systems.calls import Answer
from troth.cases import register
from troth.cases.case import Case, Contents
from troth.cases.register import Happened, Opening
from troth.ledger.api_calls import Call
from troth.problems import BadInput

if TYPE_CHECKING:
    from troth.ledger.ledger import Ledger

AT = datetime(2026, 3, 1, 12, tzinfo=UTC)
DAY, HOUR, QUARTER = timedelta(days=1), timedelta(hours=1), timedelta(minutes=15)
WHAT = Contents(identities=("email:ada@example.org",))


@pytest.fixture
def book(tmp_path: Path) -> Iterator[Ledger]:
    """Open a fresh ledger, where commands look for it."""
    home = tmp_path / ".troth"
    home.mkdir()
    opened = ledger.open(f"sqlite:///{home}/ledger.sqlite", keys_dir=home / "keys")
    yield opened
    opened.close()


def opened(book: Ledger, at: datetime) -> Case:
    """Open a request."""
    opening = Opening(kind="access", channel="form", received=at, residence="EU-IE", laws=("eu-gdpr",))
    by = book.staff.identify("Ann Lee", at=at)
    return register.open_case(book, opening, WHAT, identities=["x"], by=by, now=at)


@pytest.mark.parametrize("back", [HOUR, DAY])
def test_a_code_lives_no_longer(book: Ledger, back: timedelta) -> None:
    """One that was made later than now has run out; a few minutes are forgiven, for clocks are set."""
    book.codes.keep("12345678", case=1, at=AT, expires=AT + QUARTER)
    assert book.codes.guess("12345678", case=1, at=AT - back).said == "expired"
    assert book.codes.guess("12345678", case=1, at=AT).said == "expired"
    book.codes.keep("12345678", case=2, at=AT, expires=AT + QUARTER)
    assert book.codes.guess("12345678", case=2, at=AT - timedelta(minutes=2)).said == "right"


@pytest.mark.parametrize("by", [-DAY, -HOUR, QUARTER, DAY])
def test_a_download_lives_no_longer(book: Ledger, by: timedelta) -> None:
    """Neither before it was made, nor after its quarter of an hour, is a package handed out."""
    secret = book.links.make("download", 1, at=AT, until=AT + QUARTER)
    link = book.links.find("download", secret)
    assert link is not None
    assert not link.opens(AT + by)
    assert not book.links.use_up(link.id, at=AT + by)
    assert link.opens(AT - timedelta(minutes=2))
    assert book.links.use_up(link.id, at=AT)


def test_a_private_page_stays_open(book: Ledger) -> None:
    """It was made while the clock was ahead: whoever asked is not shut out until the clock has caught up."""
    link = book.links.find("status", book.links.make("status", 1, at=AT + DAY, until=AT + 180 * DAY))
    assert link is not None
    assert link.opens(AT)


def test_a_call_that_died_while_the_clock_was_ahead_can_be_made_again(book: Ledger) -> None:
    """Whoever had it in hand has gone; nobody waits a day for them."""
    call = Call(key=_key(book), idempotency="a" * 64, request="b" * 64)
    assert book.api_calls.claim(call, at=AT + DAY).said == "ours"
    assert book.api_calls.claim(call, at=AT + DAY).said == "busy"
    assert book.api_calls.claim(call, at=AT).said == "ours"


def test_a_request_that_came_while_the_clock_was_ahead_goes_on(book: Ledger) -> None:
    """What happens now comes after it came in, whatever the clock says; what is said to be earlier is refused."""
    case, by = opened(book, AT + DAY), book.staff.identify("Ann Lee", at=AT)
    noted = register.add(book, case, Happened(kind="note", at=AT, text={"text": "x"}), by=by, now=AT)
    gone = register.add(book, noted, Happened(kind="withdrawn", at=AT), by=by, now=AT)
    assert [event.at for event in gone.events[1:]] == [AT + DAY] * 2
    earlier = Happened(kind="note", at=AT - HOUR, text={"text": "x"})
    with pytest.raises(BadInput):
        register.add(book, noted, earlier, by=by, now=AT)


@pytest.mark.parametrize("by", [-DAY, DAY])
def test_what_happens_is_told_whatever_the_clock_did(
    book: Ledger, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, by: timedelta
) -> None:
    """A webhook hears what comes after it in the log, once, though it be earlier by the clock."""
    told: list[bytes] = []

    def call(url: str, headers: object, body: bytes, *, private: bool) -> Answer:
        told.append(body)
        return Answer(taken=True, says="HTTP 200", code=200)

    monkeypatch.setattr(calls, "call", call)
    now = [AT]
    place = Place(folder=tmp_path, environment={}, clock=Clock(now=lambda: now[0]))
    opened(book, AT)
    webhooks.add("crm", "https://crm.example.org/", ["request.opened"], place, by="Ann")
    for at in (AT + by, AT, AT + by):
        now[0] = at
        opened(book, at)
        webhooks.deliver(place)
    now[0] = AT + 2 * DAY
    webhooks.deliver(place)
    assert len(told) == len(set(told)) == 3


def _key(book: Ledger) -> int:
    from troth.ledger.api_keys import NewKey

    staff = book.staff.identify("crm (key)", at=AT)
    made = book.api_keys.add(NewKey(name="crm", scopes=("requests:open",), staff=staff, by=staff), at=AT)
    assert made is not None
    return made[0].id
