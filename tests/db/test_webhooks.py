"""Webhooks to a real receiver: what is told, signed, told again, given up, and to whom nothing goes."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from troth.app import ledgers
from troth.app.clock import Clock
from troth.app.requests.steps import Place
from troth.app.systems import calls as webhook_calls
from troth.app.systems import webhooks
from troth.cases import register
from troth.cases.case import Contents
from troth.cases.register import Happened, Opening
from troth.client import Receiver, WebhookError, verify
from troth.errors import Refused
from troth.evidence.entry import Entry
from troth.problems import BadInput

AT = datetime(2026, 3, 1, 12, tzinfo=UTC)


@dataclass(slots=True)
class Other:
    """Another system: what it was told, and how it answers."""

    url: str = ""
    code: int = 200
    calls: list[tuple[bytes, dict[str, str]]] = field(default_factory=list)


@pytest.fixture
def other() -> Iterator[Other]:
    """Run a receiver on a free port of this machine."""
    made = Other()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            made.calls.append((body, dict(self.headers.items())))
            self.send_response(made.code)
            self.send_header("Location", made.url)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    made.url = f"http://127.0.0.1:{server.server_port}/troth?from=desk"
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield made
    server.shutdown()
    server.server_close()


@dataclass(slots=True)
class Office:
    """A ledger and a clock that can be set."""

    folder: Path
    now: datetime = AT

    @property
    def place(self) -> Place:
        """Where steps are done."""
        return Place(folder=self.folder, environment={}, clock=Clock(now=lambda: self.now))

    def open_case(self, *then: Happened) -> int:
        """Open a request, and let something happen to it."""
        with ledgers.opened(self.folder, {}, self.place.clock) as ledger, ledger.writing():
            by = ledger.staff.identify("Ann", at=self.now)
            opening = Opening(kind="access", channel="api", received=self.now, laws=("eu-gdpr",))
            secret = Contents(identities=("email:ada@example.org",), name="Ada Lovelace")
            case = register.open_case(ledger, opening, secret, identities=["x"], by=by, now=self.now)
            for one in then:
                case = register.add(ledger, case, one, by=by, now=self.now)
            return case.id

    def found(self, promise: str, status: str) -> None:
        """Write down what a check found."""
        fields = {"policy": "0" * 64, "checked": "2026-03-01T12:00:00Z", "rows": 3}
        body = {"promise": promise, "status": status, **fields}
        with ledgers.opened(self.folder, {}, self.place.clock) as ledger:
            ledger.append(Entry(kind="check.result", at=self.now, body=body))


@pytest.fixture
def office(tmp_path: Path) -> Office:
    """Return an empty ledger."""
    return Office(folder=tmp_path)


def heard(other: Other) -> list[tuple[str, dict[str, object]]]:
    """Return the events another system was told of."""
    said = [json.loads(body) for body, _ in other.calls]
    return [(one["type"], one["data"]) for one in said]


def test_another_system_is_told_what_happened_and_nothing_of_the_person(office: Office, other: Other) -> None:
    """A request opened and withdrawn, by reference, once."""
    webhooks.add("crm", other.url, [], office.place, by="Ann", private=True)
    id = office.open_case(Happened(kind="withdrawn", at=AT))
    assert webhooks.deliver(office.place).delivered == 2
    assert [(event, data["request"]) for event, data in heard(other)] == [
        ("request.opened", id),
        ("request.closed", id),
    ]
    assert b"ada" not in b"".join(body for body, _ in other.calls).lower()
    assert (webhooks.deliver(office.place).new, len(other.calls)) == (0, 2)


def test_what_happened_before_is_not_told(office: Office, other: Other) -> None:
    """Whoever is told from now on hears nothing old."""
    office.open_case()
    office.now += timedelta(seconds=1)
    webhooks.add("crm", other.url, [], office.place, by="Ann", private=True)
    webhooks.deliver(office.place)
    assert other.calls == []


def test_only_events_that_were_asked_for_are_told(office: Office, other: Other) -> None:
    """Each webhook has its own list."""
    webhooks.add("crm", other.url, ["request.closed"], office.place, by="Ann", private=True)
    office.open_case(Happened(kind="withdrawn", at=AT))
    webhooks.deliver(office.place)
    assert [event for event, _ in heard(other)] == ["request.closed"]


def test_a_promise_is_told_of_when_its_status_changes(office: Office, other: Other) -> None:
    """Broken, still broken, kept again; one that was always kept is not."""
    webhooks.add("crm", other.url, [], office.place, by="Ann", private=True)
    for promise, status in (
        *(("breach.notice", "kept"), ("retention.account", "broken"), ("retention.account", "broken")),
        *(("retention.account", "kept"), ("breach.notice", "kept")),
    ):
        office.found(promise, status)
        webhooks.deliver(office.place)
    said = [(event, data["promise"]) for event, data in heard(other)]
    assert said == [("promise.broken", "retention.account"), ("promise.kept", "retention.account")]


def test_what_is_told_is_signed(office: Office, other: Other) -> None:
    """The receiver takes it by the secret; another body, secret or hour is refused, and so is the same again."""
    secret = webhooks.add("crm", other.url, [], office.place, by="Ann", private=True).secret
    office.open_case()
    webhooks.deliver(office.place)
    body, headers = other.calls[0]
    now = AT.timestamp()
    receiver = Receiver(secret=secret, clock=lambda: now)
    assert receiver.take(body, headers).type == "request.opened"
    with pytest.raises(WebhookError, match="before"):
        receiver.take(body, headers)
    for wrong_body, wrong_secret, at in (
        (body + b" ", secret, now),
        (body, webhook_calls.new_secret(), now),
        (body, secret, now + 301),
        (body, secret, now - 301),
    ):
        with pytest.raises(WebhookError):
            verify(wrong_body, headers, wrong_secret, now=at)


def test_a_system_that_is_away_is_told_later_under_the_same_id(office: Office, other: Other) -> None:
    """With growing pauses; the timestamp is that of the attempt."""
    webhooks.add("crm", other.url, ["request.opened"], office.place, by="Ann", private=True)
    office.open_case()
    other.code = 503
    assert webhooks.deliver(office.place).later == 1
    assert webhooks.deliver(office.place).later == 0  # not before its time
    office.now += timedelta(seconds=6)
    other.code = 204
    assert webhooks.deliver(office.place).delivered == 1
    (_, first), (_, second) = other.calls
    assert first["webhook-id"] == second["webhook-id"]
    assert int(second["webhook-timestamp"]) - int(first["webhook-timestamp"]) == 6


def test_after_three_days_it_is_given_up(office: Office, other: Other) -> None:
    """And the list says so; a system that says it is gone for good is not asked again."""
    webhooks.add("crm", other.url, ["request.opened"], office.place, by="Ann", private=True)
    office.open_case()
    other.code = 500
    while not webhooks.deliver(office.place).failed:
        office.now += timedelta(hours=6)
        assert office.now < AT + timedelta(days=4)
    assert office.now > AT + timedelta(days=2)
    other.code = 410
    office.open_case()
    assert webhooks.deliver(office.place).failed == 1
    [seen] = webhooks.listed(office.place)
    assert (seen.failed, seen.waiting, seen.code) == (2, 0, 410)


def test_a_redirection_is_not_followed(office: Office, other: Other) -> None:
    """It would lead past the address that was looked at."""
    webhooks.add("crm", other.url, ["request.opened"], office.place, by="Ann", private=True)
    office.open_case()
    other.code = 307
    assert webhooks.deliver(office.place).later == 1
    assert len(other.calls) == 1


def test_one_that_is_silent_holds_nobody_up(office: Office, other: Other) -> None:
    """Whoever does not answer is left alone for the rest of the round."""
    webhooks.add("dead", "http://127.0.0.1:9/x", ["request.opened"], office.place, by="Ann", private=True)
    webhooks.add("crm", other.url, ["request.opened"], office.place, by="Ann", private=True)
    for _ in range(3):
        office.open_case()
    done = webhooks.deliver(office.place)
    assert (done.delivered, done.later) == (3, 1)


def test_what_was_removed_is_told_nothing(office: Office, other: Other) -> None:
    """Not even what was on its way; its name stays taken."""
    webhooks.add("crm", other.url, ["request.opened"], office.place, by="Ann", private=True)
    office.open_case()
    other.code = 500
    webhooks.deliver(office.place)
    webhooks.remove("crm", office.place, by="Ann")
    office.now += timedelta(minutes=10)
    assert webhooks.deliver(office.place) == webhooks.Round()
    assert len(other.calls) == 1
    with pytest.raises(Refused):
        webhooks.add("crm", other.url, [], office.place, by="Ann", private=True)


def test_a_test_says_what_was_answered(office: Office, other: Other) -> None:
    """Taken, or not; nothing of it is kept."""
    secret = webhooks.add("crm", other.url, [], office.place, by="Ann", private=True).secret
    assert webhooks.test("crm", office.place).taken
    body, headers = other.calls[0]
    assert verify(body, headers, secret, now=AT.timestamp()).type == "webhook.test"
    other.code = 404
    assert webhooks.test("crm", office.place).says == "HTTP 404"
    assert webhooks.listed(office.place)[0].last is None


def test_a_name_that_leads_into_our_own_network_is_not_called(
    office: Office, other: Other, monkeypatch: pytest.MonkeyPatch
) -> None:
    """However public it looks: what counts is where it leads at the time of the call."""
    monkeypatch.setattr(webhook_calls, "_resolved", lambda host, port: ["127.0.0.1"])
    webhooks.add("crm", "https://crm.example.org/x", [], office.place, by="Ann")
    answer = webhooks.test("crm", office.place)
    assert (answer.taken, "private" in answer.says) == (False, True)


@pytest.mark.parametrize(
    "url",
    [
        *("ftp://example.org", "https://", "https://a b.example", "https://u:p@example.org/", "nothing"),
        *(
            "http://example.org/",
            "https://127.0.0.1/",
            "https://[::1]/",
            "https://10.0.0.1/",
            "https://intra/",
        ),
        *("https://169.254.169.254/latest", "https://[::ffff:10.0.0.1]/", "https://[64:ff9b::a00:1]/"),
        *("https://localhost/", "https://example.org:99999/", "https://example.org/#x", "https://x.org/\n"),
    ],
)
def test_addresses_that_are_refused(office: Office, url: str) -> None:
    """What is no https address, or stands in a private network."""
    with pytest.raises(BadInput):
        webhooks.add("crm", url, [], office.place, by="Ann")
