"""Keys of other systems on real databases: given, known again, rotated, ended; calls under idempotency keys."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from threading import Thread

import pytest

from db.ledgers import KINDS, url_of
from troth.app import ledgers
from troth.app.clock import Clock
from troth.app.requests.steps import Place
from troth.app.systems import keys as api_keys
from troth.errors import Refused
from troth.ledger.api_calls import Call, Claim, Overtaken
from troth.problems import BadInput

AT = datetime(2026, 3, 1, 12, tzinfo=UTC)


@dataclass(slots=True)
class Office:
    """A ledger and a clock that can be set."""

    place: Place
    now: datetime = AT


@pytest.fixture(params=KINDS)
def office(request: pytest.FixtureRequest, tmp_path: Path) -> Office:
    """Return an empty ledger on each database."""
    made = Office(place=Place(folder=tmp_path, environment={}, clock=Clock(now=lambda: AT)))
    url = url_of(request, tmp_path)
    made.place = Place(
        folder=tmp_path,
        environment={"TROTH_LEDGER": url, "TROTH_KEYS": str(tmp_path / "keys")},
        clock=Clock(now=lambda: made.now),
    )
    return made


def kinds(office: Office) -> list[str]:
    """Return the kinds of evidence about keys, oldest first."""
    from troth.evidence.entry import Entry

    with ledgers.opened(office.place.folder, office.place.environment, office.place.clock) as ledger:
        found = [Entry.decode(data).kind for data in ledger.evidence.entries()]
    return [kind for kind in found if kind.startswith("api-key.")]


def test_a_token_is_known_again_and_kept_nowhere(office: Office) -> None:
    """The ledger finds the key behind a token, and holds no part of its secret."""
    given = api_keys.add("shop", ["requests:open"], office.place, by="Ann")
    found = api_keys.caller(given.token, office.place)
    assert (found.name, found.scopes, found.last_used_at) == ("shop", ("requests:open",), None)
    assert api_keys.caller(given.token, office.place).last_used_at == AT
    secret = given.token.split("_", 2)[2]
    files = [one for one in office.place.folder.rglob("*") if one.is_file()]
    assert all(secret.encode() not in one.read_bytes() for one in files)


@pytest.mark.parametrize("wrong", ["", "x", "troth_", "troth_000000000000_" + "A" * 43, "…" * 60])
def test_a_token_nobody_gave_opens_nothing(office: Office, wrong: str) -> None:
    """Whatever it looks like; neither does a right one with its last sign changed."""
    token = api_keys.add("shop", ["requests:open"], office.place, by="Ann").token
    assert api_keys.caller(wrong, office.place) is None
    assert api_keys.caller(token[:-1] + ("A" if token[-1] != "A" else "B"), office.place) is None


def test_after_a_rotation_both_tokens_are_good_for_a_day(office: Office) -> None:
    """The system can be told in the meantime; a day later the old one opens nothing."""
    old = api_keys.add("shop", ["requests:open"], office.place, by="Ann").token
    new = api_keys.rotate("shop", office.place, by="Ann").token
    assert all(api_keys.caller(one, office.place) for one in (old, new))
    office.now = AT + timedelta(hours=24)
    assert (api_keys.caller(old, office.place), api_keys.caller(new, office.place).name) == (None, "shop")
    assert kinds(office) == ["api-key.created", "api-key.rotated"]


def test_evidence_names_who_gave_rotated_and_ended_a_key(office: Office) -> None:
    """Three people, three numbers of staff; none of their names."""
    from troth.evidence.entry import Entry

    api_keys.add("shop", ["requests:open"], office.place, by="Ann")
    api_keys.rotate("shop", office.place, by="Bob")
    api_keys.revoke("shop", office.place, by="Cid")
    with ledgers.opened(office.place.folder, office.place.environment, office.place.clock) as ledger:
        staff = [ledger.staff.identify(name, at=AT) for name in ("Ann", "Bob", "Cid")]
        entries = [Entry.decode(one) for one in ledger.evidence.entries()]
    found = [(one.kind, one.body["by"]) for one in entries if one.kind.startswith("api-key.")]
    kinds_ = ("api-key.created", "api-key.rotated", "api-key.ended")
    assert found == [(kind, f"staff:{number}") for kind, number in zip(kinds_, staff, strict=True)]


def test_a_rotation_at_once_ends_the_token_before(office: Office) -> None:
    """As after a leak."""
    old = api_keys.add("shop", ["requests:open"], office.place, by="Ann").token
    api_keys.rotate("shop", office.place, by="Ann", at_once=True)
    assert api_keys.caller(old, office.place) is None


def test_of_three_tokens_only_two_are_good(office: Office) -> None:
    """A second rotation within the day ends the oldest token."""
    first = api_keys.add("shop", ["requests:open"], office.place, by="Ann").token
    second = api_keys.rotate("shop", office.place, by="Ann").token
    third = api_keys.rotate("shop", office.place, by="Ann").token
    assert [bool(api_keys.caller(one, office.place)) for one in (first, second, third)] == [False, True, True]


def test_a_revoked_key_opens_nothing_and_its_name_stays_taken(office: Office) -> None:
    """Neither its token nor the one before; nobody gets a key under its name."""
    old = api_keys.add("shop", ["requests:open"], office.place, by="Ann").token
    new = api_keys.rotate("shop", office.place, by="Ann").token
    api_keys.revoke("shop", office.place, by="Bob")
    assert [api_keys.caller(one, office.place) for one in (old, new)] == [None, None]
    with pytest.raises(Refused):
        api_keys.add("shop", ["requests:open"], office.place, by="Ann")
    with pytest.raises(Refused):
        api_keys.rotate("shop", office.place, by="Ann")
    assert kinds(office)[-1] == "api-key.ended"


def test_a_key_ends_by_itself(office: Office) -> None:
    """From the instant it was given for."""
    until = AT + timedelta(days=1)
    token = api_keys.add("shop", ["requests:open"], office.place, by="Ann", expires=until).token
    assert api_keys.caller(token, office.place)
    office.now = until
    assert api_keys.caller(token, office.place) is None


def test_use_is_noted_to_the_minute(office: Office) -> None:
    """Many calls are one write."""
    token = api_keys.add("shop", ["requests:open"], office.place, by="Ann").token
    api_keys.caller(token, office.place)
    for seconds, expected in ((59, AT), (60, AT + timedelta(seconds=60))):
        office.now = AT + timedelta(seconds=seconds)
        api_keys.caller(token, office.place)
        assert api_keys.listed(office.place)[0].last_used_at == expected


def test_all_faults_of_a_new_key_are_said_at_once(office: Office) -> None:
    """A bad name, a strange scope, an end in the past; and no key may make plans and approve them."""
    with pytest.raises(BadInput) as bad:
        api_keys.add("../x", ["request:open"], office.place, by="Ann", expires=AT)
    assert sorted(one.code for one in bad.value.problems) == ["bad-value", "bad-value", "unknown-name"]
    with pytest.raises(BadInput, match="1 fault"):
        api_keys.add("ci", ["plans:make", "plans:approve"], office.place, by="Ann")


def test_a_call_is_claimed_once(office: Office) -> None:
    """At work, then done with its answer; another call under the same key is told apart."""
    call, ledger = called(office), opened(office)
    claim = ledger.api_calls.claim(call, at=AT)
    assert claim.said == "ours"
    assert ledger.api_calls.claim(call, at=AT + timedelta(seconds=9)) == Claim(said="busy", at=AT)
    ledger.api_calls.keep(call, claim, 201, b"{}")
    assert ledger.api_calls.claim(call, at=AT) == Claim(said="done", status=201, answer=b"{}")
    other = Call(key=call.key, idempotency=call.idempotency, request="other")
    assert ledger.api_calls.claim(other, at=AT).said == "other"


def test_a_call_that_died_is_taken_over_and_cannot_finish_late(office: Office) -> None:
    """After a while another one goes on; the first, should it live after all, undoes its own."""
    call, ledger = called(office), opened(office)
    first = ledger.api_calls.claim(call, at=AT)
    second = ledger.api_calls.claim(call, at=AT + timedelta(minutes=3))
    assert second.said == "ours"
    with pytest.raises(Overtaken), ledger.writing():
        ledger.settings.set("effect", 1)
        ledger.api_calls.keep(call, first, 201, b"{}")
    assert ledger.settings.get("effect") is None
    ledger.api_calls.keep(call, second, 201, b"{}")


def test_of_many_claims_at_once_one_gets_the_call(office: Office) -> None:
    """However close they come."""
    call, ledger = called(office), opened(office)
    said: list[str] = []
    threads = [Thread(target=lambda: said.append(ledger.api_calls.claim(call, at=AT).said)) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(said) == ["busy"] * 7 + ["ours"]


def test_an_answer_is_forgotten_after_a_day(office: Office) -> None:
    """And the key may be used anew; meanwhile the answer lies sealed."""
    call, ledger = called(office), opened(office)
    claim = ledger.api_calls.claim(call, at=AT)
    ledger.api_calls.keep(call, claim, 201, b"secret of Ada")
    kept = [one for one in office.place.folder.rglob("*") if one.is_file()]
    assert all(b"secret of Ada" not in one.read_bytes() for one in kept)
    assert ledger.api_calls.claim(call, at=AT + timedelta(hours=25)).said == "ours"


def opened(office: Office) -> ledgers.Ledger:
    """Return the ledger, open until the test ends."""
    return ledgers.keep(office.place.folder, office.place.environment, office.place.clock)


def called(office: Office) -> Call:
    """Return a call by a key."""
    key = api_keys.add("shop", ["requests:open"], office.place, by="Ann").key
    return Call(key=key.id, idempotency="1" * 64, request="2" * 64)
