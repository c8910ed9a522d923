"""What other systems are told, when it is tried again, and where it may go."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from troth.app.systems import calls as webhook_calls
from troth.app.systems import events as webhook_events
from troth.app.systems.events import EVENTS, told
from troth.evidence.entry import Entry

AT = datetime(2026, 3, 1, 12, tzinfo=UTC)
HASH = "0" * 64


def result(promise: str, status: str) -> Entry:
    """Return an entry about a promise."""
    body = {
        "promise": promise,
        "status": status,
        "policy": HASH,
        "checked": "2026-03-01T12:00:00Z",
        "rows": 2,
    }
    return Entry(kind="check.result", at=AT, body=body)


def event(kind: str, **more: object) -> Entry:
    """Return an entry about something that happened to a request."""
    body = {
        **{"case": "case:3", "number": 2, "event": kind, "happened": "2026-03-01T12:00:00Z"},
        **{"body": HASH, "state": "closed", "by": "staff:1", **more},
    }
    return Entry(kind="case.event", at=AT, body=body)


@pytest.mark.parametrize(
    ("before", "status", "expected"),
    [
        *((None, "kept", []), (None, "broken", ["promise.broken"]), (None, "unproven", [])),
        *(("kept", "kept", []), ("kept", "broken", ["promise.broken"]), ("broken", "broken", [])),
        *(("broken", "kept", ["promise.kept"]), ("unproven", "kept", ["promise.kept"])),
        *(("broken", "unproven", []), ("kept", "not-triggered", [])),
    ],
)
def test_a_promise_is_told_of_when_it_changes(before: str | None, status: str, expected: list[str]) -> None:
    """To broken always, to kept where it was something else before."""
    statuses = {} if before is None else {"retention.account": before}
    found = [one.event for one in told([(7, result("retention.account", status))], statuses)]
    assert (found, statuses) == (expected, {"retention.account": status})


@pytest.mark.parametrize(
    ("kind", "more", "expected"),
    [
        ("answered", {"outcome": "granted"}, ("request.answered", "granted")),
        ("closed", {"outcome": "refused"}, ("request.closed", "refused")),
        ("withdrawn", {}, ("request.closed", "withdrawn")),
    ],
)
def test_ends_of_requests_are_told_with_their_outcome(
    kind: str, more: dict[str, object], expected: tuple[str, str]
) -> None:
    """By number, and nothing of the person."""
    [one] = told([(7, event(kind, **more))], {})
    assert (one.event, one.data["outcome"], one.data["request"], one.data["entry"]) == (*expected, 3, 7)


def test_what_is_nobodys_business_is_not_told() -> None:
    """Notes, proofs, plans that need nobody's approval."""
    kept = {"plan": HASH, "by": "staff:1", "made_for": "retention", "rows": 3, "approvals": 0}
    entries = [event("note"), event("decided"), Entry(kind="plan.kept", at=AT, body=kept)]
    assert list(told(enumerate(entries), {})) == []
    waiting = Entry(kind="plan.kept", at=AT, body={**kept, "approvals": 1})
    assert [one.event for one in told([(0, waiting)], {})] == ["plan.waiting"]


def test_a_repetition_has_the_id_of_the_first() -> None:
    """The same thing for the same webhook; another webhook, another id."""
    first, again = told([(7, event("closed"))], {}), told([(7, event("closed"))], {})
    ids = [webhook_events.message(1, one) for one in (*first, *again)]
    assert ids[0] == ids[1]
    assert webhook_events.message(2, next(told([(7, event("closed"))], {}))) != ids[0]


def test_every_event_has_its_words() -> None:
    """As the reference lists them."""
    assert all(name.count(".") == 1 and says for name, says in EVENTS.items())


def test_it_is_tried_again_for_three_days_with_growing_pauses() -> None:
    """Eight times and more, then never."""
    at, attempts, waits = AT, 1, []
    while (after := webhook_calls.next_attempt(attempts, made=AT, at=at)) is not None:
        waits.append(after - at)
        at, attempts = after, attempts + 1
    assert waits == sorted(waits)
    assert waits[0] == timedelta(seconds=5)
    assert timedelta(days=2) < at - AT <= timedelta(days=3)


def test_a_call_is_signed_as_the_specification_does() -> None:
    """The example that libraries of Standard Webhooks are tested with."""
    at = datetime.fromtimestamp(1_614_265_330, UTC)
    made = webhook_calls.signed(
        "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "msg_p5jXN8AQM9LWM0D4loKWxJek", at, b'{"test": 2432232314}'
    )
    assert made["webhook-signature"] == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="


@pytest.mark.parametrize(
    ("address", "expected"),
    [
        *(("8.8.8.8", True), ("2001:4860:4860::8888", True), ("127.0.0.1", False), ("10.1.2.3", False)),
        *(("169.254.169.254", False), ("100.64.0.1", False), ("0.0.0.0", False), ("224.0.0.1", False)),
        *(("::1", False), ("fe80::1%eth0", False), ("fd00::1", False), ("::ffff:10.0.0.1", False)),
        *(
            ("64:ff9b::a00:1", False),
            ("::a00:1", False),
            ("2002:a00:1::", False),
            ("2001:0:4136:e378:8000:63bf:3fff:fdd2", False),
        ),
    ],
)
def test_only_public_addresses_are_public(address: str, expected: bool) -> None:
    """Those that carry a private one inside are not."""
    assert webhook_calls._public(address) is expected
