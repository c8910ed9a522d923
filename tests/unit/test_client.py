"""The client's pure parts: what comes as values, what is sent again, which webhooks are taken."""

from __future__ import annotations

import ast
import base64
import hashlib
import hmac
import json
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from troth import client
from troth.client import CameBefore, Client, ClientError, Receiver, WebhookError, verify

SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
BODY = b'{"type": "webhook.test", "timestamp": "2021-02-25T15:15:30Z", "data": {"webhook": "crm"}}'
NOW = 1_614_265_330.0


def headers(
    body: bytes = BODY, *, id: str = "msg_1", at: float = NOW, secret: str = SECRET
) -> dict[str, str]:
    """Sign a body as the desk does, by another way than the code under test."""
    stamp = str(int(at))
    key = base64.b64decode(secret.removeprefix("whsec_"))
    made = hmac.new(key, f"{id}.{stamp}.".encode() + body, hashlib.sha256).digest()
    signature = f"v1,{base64.b64encode(made).decode()}"
    return {"Webhook-Id": id, "Webhook-Timestamp": stamp, "Webhook-Signature": signature}


def desk(*answers: Any, tries: int = 5) -> tuple[Client, list[Any], list[float]]:
    """Return a client whose calls get these answers in turn; what it sends, and how long it waits."""
    calls: list[Any] = []
    waits: list[float] = []
    left = list(answers)

    class Told(Client):
        def _ask(
            self, method: str, path: str, data: bytes | None, headers: Any
        ) -> tuple[int, float | None, bytes]:
            calls.append((method, path, json.loads(data) if data else None, dict(headers)))
            answer = left.pop(0)
            if isinstance(answer, Exception):
                raise answer
            status, body, *wait = answer
            return status, wait[0] if wait else None, json.dumps(body).encode()

    return Told(base="https://desk.example", key="troth_x_y", tries=tries, sleep=waits.append), calls, waits


def test_it_imports_the_standard_library_alone() -> None:
    """So that it can be copied into another program."""
    tree = ast.parse(Path(client.__file__).read_text(encoding="utf-8"))
    found = {one.name for node in ast.walk(tree) if isinstance(node, ast.Import) for one in node.names}
    found |= {str(node.module) for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
    assert {name.partition(".")[0] for name in found} <= set(sys.stdlib_module_names)


@pytest.mark.parametrize(
    "base", ["http://desk.example", "ftp://localhost", "desk.example", "http://10.0.0.1"]
)
def test_a_key_never_goes_unencrypted_over_a_network(base: str) -> None:
    """Only to this machine itself."""
    with pytest.raises(ValueError, match="https"):
        Client(base=base, key="x")
    assert Client(base="http://127.0.0.1:8000", key="x")


def test_a_key_is_in_no_representation() -> None:
    """As logs would have it."""
    assert "troth_x_y" not in repr(Client(base="https://desk.example", key="troth_x_y"))


def test_answers_become_values_and_later_additions_do_no_harm() -> None:
    """Instants, lists and what is inside them; keys that are not known are left out."""
    sent = {
        "key": "shop",
        "prefix": "0",
        "acts_as": "staff:3",
        "scopes": ["a"],
        "organisation": "X",
        "troth": "1",
    }
    told, _, _ = desk((200, {**sent, "expires": "2026-01-31T00:00:00Z", "warnings": [], "later": {"x": 1}}))
    me = told.me()
    assert (me.scopes, me.expires) == (("a",), datetime(2026, 1, 31, tzinfo=UTC))


def test_a_call_is_made_again_under_its_own_key() -> None:
    """After a broken line, an overload, and one at work; with growing pauses, or as long as the desk says."""
    busy = {"type": "/api/problems#at-work", "title": "", "status": 409}
    done = {"requests": [], "acknowledged": True, "notes": []}
    answers = (OSError(), (503, {}, 2.0), (409, busy), (201, done))
    told, calls, waits = desk(*answers)
    assert told.open_request(["access"], ["email:a@example.org"]).acknowledged
    assert len({call[3]["Idempotency-Key"] for call in calls}) == 1
    assert waits == [0.5, 2.0, 2.0]


def test_a_call_that_was_refused_is_not_made_again() -> None:
    """It would be refused again; the problem is told as it came."""
    fault = {
        "code": "bad-value",
        "message": "Text was expected.",
        "in": "body",
        "at": "/name",
        "valid": ["x"],
    }
    problem = {"type": "/api/problems#faults", "title": "Faults", "status": 422, "errors": [fault]}
    told, calls, _ = desk((422, problem))
    with pytest.raises(ClientError, match="/name: Text was expected") as refused:
        told.note(1, "x")
    assert (len(calls), refused.value.problem.errors[0].where) == (1, "body")


@pytest.mark.parametrize("answer", ["<html>", [], None, 7])
def test_an_answer_that_is_no_problem_is_one_all_the_same(answer: object) -> None:
    """As that of a proxy in between."""
    told, _, _ = desk(*[(502, answer)] * 2, tries=2)
    with pytest.raises(ClientError) as refused:
        told.me()
    assert refused.value.problem.status == 502


def test_pages_are_read_until_there_is_none() -> None:
    """Each from where the one before ended."""
    entry = {"index": 0, "at": "2026-01-31T00:00:00Z", "kind": "x", "body": {}, "leaf": ""}
    first, second = {"entries": [entry], "next": 1}, {"entries": [{**entry, "index": 1}], "next": None}
    told, calls, _ = desk((200, first), (200, second))
    assert [one.index for one in told.evidence()] == [0, 1]
    assert [call[1] for call in calls] == [
        "/api/v1/evidence?start=0&limit=1000",
        "/api/v1/evidence?start=1&limit=1000",
    ]


def test_a_webhook_is_taken_with_its_secret() -> None:
    """In whatever case its headers come; one right signature among several is enough."""
    signed = headers()
    assert verify(BODY, signed, SECRET, now=NOW).data == {"webhook": "crm"}
    lower = {name.lower(): value for name, value in signed.items()}
    lower["webhook-signature"] = f"v1,AAAA v1a,{'B' * 40} {lower['webhook-signature']}"
    assert verify(BODY, lower, SECRET, now=NOW).id == "msg_1"


def test_the_signature_is_that_of_the_specification() -> None:
    """The example that libraries of Standard Webhooks are tested with."""
    body = b'{"test": 2432232314}'
    given = {
        "webhook-id": "msg_p5jXN8AQM9LWM0D4loKWxJek",
        "webhook-timestamp": "1614265330",
        "webhook-signature": "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
    }
    with pytest.raises(KeyError, match="type"):  # signed rightly, and no event of ours
        verify(body, given, SECRET, now=NOW)


@pytest.mark.parametrize(
    "wrong",
    [
        {"Webhook-Signature": ""},
        {"Webhook-Signature": "v1,"},
        {"Webhook-Signature": "v1,…"},
        {"Webhook-Id": "msg_2"},
        {"Webhook-Id": ""},
        {"Webhook-Timestamp": "1614265331"},
        {"Webhook-Timestamp": "-1"},
        {"Webhook-Timestamp": "٣"},
        {"Webhook-Timestamp": "9" * 50},
    ],
)
def test_what_was_changed_is_refused(wrong: dict[str, str]) -> None:
    """Id, hour and signature hang together."""
    with pytest.raises(WebhookError):
        verify(BODY, {**headers(), **wrong}, SECRET, now=NOW)


@pytest.mark.parametrize("late", [301, -301])
def test_what_somebody_kept_is_refused(late: float) -> None:
    """However well it is signed."""
    with pytest.raises(WebhookError, match="older"):
        verify(BODY, headers(), SECRET, now=NOW + late)


def test_a_receiver_takes_each_event_once() -> None:
    """A repetition is known by its id, however late the desk tries again and signs anew; another event is not."""
    now = [NOW]
    receiver = Receiver(secret=SECRET, clock=lambda: now[0])
    assert receiver.take(BODY, headers()).id == "msg_1"
    for later in (0, 5, 305, 2_105, 100_000, 3 * 86_400):
        now[0] = NOW + later
        with pytest.raises(CameBefore, match="before"):
            receiver.take(BODY, headers(at=now[0]))
    assert receiver.take(BODY, headers(id="msg_2", at=now[0])).id == "msg_2"


def test_a_receiver_does_not_remember_for_ever() -> None:
    """What is so old that it would be refused anyway, and that nobody tells of again, is forgotten."""
    now = [NOW]
    receiver = Receiver(secret=SECRET, clock=lambda: now[0])
    receiver.take(BODY, headers())
    now[0] += 3 * 86_400 + 601
    receiver.take(BODY, headers(id="msg_2", at=now[0]))
    assert list(receiver._seen) == ["msg_2"]
