"""Requests by the interface: opened once, followed, added to; by keys that may, and with what nobody should send."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor

import pytest

from desk.api_calls import Api, is_problem, make_keys
from desk.serving import Served
from troth.client import ClientError

ADA = {"kinds": ["access"], "identities": ["email:ada.canary@example.org"], "residence": "IE"}


@pytest.fixture(scope="module")
def api(desk: Served) -> Api:
    """Return the interface of the served desk."""
    return Api(served=desk, keys=make_keys(desk.project))


def entries(api: Api) -> list[str]:
    """Return the kinds of all evidence there is."""
    return [one.kind for one in api.client().evidence()]


def test_a_request_is_opened_and_followed_by_the_client(api: Api) -> None:
    """A case for each right, with dates by law; a note, a later residence, the end."""
    client = api.client()
    opened = client.open_request(
        ["access", "erase"],
        ["email:lou.canary@example.org"],
        reply_to="lou.canary@example.org",
        residence="IE",
    )
    assert ([one.kind for one in opened.requests], opened.acknowledged) == (["access", "erase"], True)
    id = opened.requests[0].id
    client.note(id, "called again")
    assert client.residence(id, "FR").events == 4
    followed = client.request(id)
    assert [one.event for one in followed.history] == ["received", "acknowledged", "note", "residence.stated"]
    assert (followed.law, [one.law for one in followed.clocks]) == ("eu-gdpr", ["eu-gdpr"])
    assert client.withdraw(id).state == "closed"
    assert [one.id for one in client.requests(state="closed")] == [id]


def test_pages_hold_every_request_once(api: Api) -> None:
    """By cursor, whatever the size of a page."""
    for _ in range(3):
        api.client().open_request(["access"], ["email:page@example.org"])
    found, at = [], 0
    while at is not None:
        page = api.get(f"/requests?after={at}&limit=2").json
        found += [one["id"] for one in page["requests"]]
        at = page["next"]
    assert found == [one.id for one in api.client().requests()] == sorted(set(found))


def test_lists_and_states_say_nothing_of_the_person(api: Api) -> None:
    """Names, addresses and texts are in no answer but that for contents."""
    id = api.client().open_request(**ADA, text="canary text", name="Ada Canary").requests[0].id
    said = api.get("/requests").text + api.get(f"/requests/{id}").text
    assert "canary" not in said.lower()


def test_contents_are_read_with_a_reason_and_that_is_evidence(api: Api) -> None:
    """Without a reason nothing is shown."""
    id = api.client().open_request(**ADA, name="Ada Canary").requests[0].id
    assert is_problem(api.get(f"/requests/{id}/contents"), 400, "no-reason")
    assert "case.read" not in entries(api)
    assert api.client().contents(id, "to answer it").name == "Ada Canary"
    assert entries(api).count("case.read") == 1


@pytest.mark.parametrize("key", ["", "x", "troth_000000000000_" + "A" * 43, "ended", "expired"])
def test_without_a_good_key_there_is_one_answer(api: Api, key: str) -> None:
    """Unknown, ended or expired: nobody can tell which."""
    answer = api.get("/requests", key)
    assert is_problem(answer, 401, "not-signed-in")
    assert answer.headers["www-authenticate"].startswith("Bearer")
    assert answer.body == api.get("/requests", "nonsense").body


@pytest.mark.parametrize("path", ["/requests", "/requests/1/events", "/requests/1/withdraw"])
def test_a_key_that_may_only_read_changes_nothing(api: Api, path: str) -> None:
    """It is told which scope it would need."""
    before = entries(api)
    answer = api.post(path, {**ADA, "event": "note", "text": "x"}, "reads")
    assert is_problem(answer, 403, "no-scope")
    assert entries(api) == before


def test_a_key_that_may_only_open_reads_nothing(api: Api) -> None:
    """As that of a web form."""
    assert api.post("/requests", ADA, "opens").status == 201
    assert api.get("/requests", "opens").status == 403
    assert api.get("/requests/1/contents", "reads", Troth_Reason="x").status == 403


@pytest.mark.parametrize("path", ["/requests/999999", "/requests/0", "/requests/999999/contents"])
def test_a_number_that_is_none_is_not_found(api: Api, path: str) -> None:
    """Whatever is asked of it."""
    assert is_problem(api.get(path, Troth_Reason="to see"), 404, "not-found")


@pytest.mark.parametrize(
    "path", ["/requests/99999999999999999999999", "/requests/-1", "/requests/x", "/nothing"]
)
def test_an_address_that_is_none_is_not_found(api: Api, path: str) -> None:
    """Neither is what cannot be a number of a request."""
    assert is_problem(api.get(path), 404, "not-found")


@pytest.mark.parametrize(
    ("method", "path"), [("DELETE", "/requests/1"), ("PUT", "/requests"), ("GET", "/requests/1/events")]
)
def test_a_wrong_method_says_which_are_right(api: Api, method: str, path: str) -> None:
    """As RFC 9110 wants it."""
    answer = api.ask(method, path)
    assert is_problem(answer, 405, "wrong-method")
    assert set(answer.headers["allow"].split(", ")) <= {"GET", "POST"}


def test_all_faults_are_said_at_once_and_nothing_is_repeated(api: Api) -> None:
    """Each with place, shape and what is valid; not even a strange key is repeated."""
    sent = {
        "kinds": ["acces"],
        "identities": [],
        "residence": "canary land",
        "received": "canary day",
        "child": "canary",
        "canary@example.org": 1,
    }
    answer = api.post("/requests", sent)
    assert is_problem(answer, 422, "faults")
    assert "canary" not in answer.text
    places = {one["at"]: one for one in answer.json["errors"] if "at" in one}
    assert set(places) == {"/kinds/0", "/identities", "/residence", "/received", "/child"}
    assert "access" in places["/kinds/0"]["valid"]
    assert places["/received"]["found"] == "text of 10 characters"


def test_a_fault_of_an_identity_says_which(api: Api) -> None:
    """By its place, without the value."""
    answer = api.post("/requests", {**ADA, "identities": ["email:ada@example.org", "email:canary"]})
    [fault] = answer.json["errors"]
    assert (answer.status, fault["at"], "canary" in answer.text) == (422, "/identities/1", False)


HOSTILE = [
    *(b"", b"{", b"[]", b"null", b"1", b'"x"', b"\xff\xfe", b'{"kinds":', b"[" * 100_000, b"1" * 100_000),
    *(b'{"kinds": NaN}', b'{"kinds": ["access"], "identities": ["email:\\ud800@x.org"]}'),
    json.dumps({**ADA, "text": "\0"}).encode(),
    json.dumps({**ADA, "name": "x" * 501}).encode(),
    json.dumps({**ADA, "received": "0001-01-01T00:00:00+14:00"}).encode(),
    json.dumps({**ADA, "received": "9999-12-31T23:59:59-14:00"}).encode(),
    json.dumps({**ADA, "received": "2026-02-30T00:00:00Z"}).encode(),
    json.dumps({**ADA, "received": 1}).encode(),
    json.dumps({**ADA, "whom": "agent"}).encode(),
    json.dumps({**ADA, "reply_to": "a@x.org\nBcc: b@x.org, c@x.org"}).encode() + b"}",
    json.dumps({**ADA, "language": "../../etc"}).encode(),
]


@pytest.mark.parametrize("body", HOSTILE, ids=range(len(HOSTILE)))
def test_what_nobody_should_send_opens_nothing(api: Api, body: bytes) -> None:
    """It is a fault of the caller's, and leaves no trace."""
    before = len(list(api.client().requests()))
    answer = api.post("/requests", body)
    assert answer.status in (400, 422)
    assert answer.headers["content-type"] == "application/problem+json"
    assert len(list(api.client().requests())) == before


def test_what_looks_hostile_and_is_text_is_kept_as_text(api: Api) -> None:
    """Markup, formulas and templates are what somebody wrote."""
    text = "=HYPERLINK(1) <script>alert(1)</script> {{ 7*7 }} '; DROP TABLE troth_case; -- ☃ 😀"
    id = api.client().open_request(**ADA, text=text).requests[0].id
    assert api.client().contents(id, "to look").text == text


def test_what_is_too_large_or_no_json_is_refused(api: Api) -> None:
    """Before it is read."""
    large = json.dumps({**ADA, "text": "x" * 1_000_001}).encode()
    assert is_problem(api.post("/requests", large), 413, "too-large")
    assert is_problem(api.post("/requests", b"kinds=access", Content_Type="text/plain"), 415, "not-json")


@pytest.mark.parametrize("key", ["", " ", "x" * 256, "é", "a b"])
def test_a_call_without_an_idempotency_key_does_nothing(api: Api, key: str) -> None:
    """Neither does one with a key that is none."""
    before = len(list(api.client().requests()))
    headers = {"Content-Type": "application/json"} | ({"Idempotency-Key": key} if key else {})
    answer = api.ask("POST", "/requests", body=json.dumps(ADA).encode(), headers=headers)
    assert is_problem(answer, 400, "no-idempotency-key")
    assert len(list(api.client().requests())) == before


def test_the_same_call_again_gets_the_same_answer(api: Api) -> None:
    """And has no second effect; in quotes it is the same key."""
    first = api.post("/requests", ADA, idempotency="again-1")
    count = len(list(api.client().requests()))
    second = api.post("/requests", ADA, idempotency='"again-1"')
    assert (second.status, second.body) == (201, first.body)
    assert second.headers["location"] == first.headers["location"]
    assert second.headers["idempotency-replayed"] == "true"
    assert len(list(api.client().requests())) == count


def test_another_call_under_a_key_is_refused(api: Api) -> None:
    """Another body, or another address; another system may use the same key."""
    api.post("/requests", ADA, idempotency="other-1")
    assert is_problem(api.post("/requests", {**ADA, "text": "x"}, idempotency="other-1"), 422, "other-call")
    assert is_problem(api.post("/requests/1/withdraw", {}, idempotency="other-1"), 422, "other-call")
    assert api.post("/requests", {**ADA, "text": "x"}, "opens", idempotency="other-1").status == 201


def test_after_a_fault_the_call_can_be_mended_under_its_key(api: Api) -> None:
    """For nothing had happened."""
    id = api.client().open_request(**ADA).requests[0].id
    wrong = {"event": "note", "text": "x", "seen": 7}
    assert is_problem(api.post(f"/requests/{id}/events", wrong, idempotency="mend-1"), 409, "refused")
    assert api.post(f"/requests/{id}/events", {**wrong, "seen": 1}, idempotency="mend-1").status == 201


def test_many_at_once_under_one_key_have_one_effect(api: Api) -> None:
    """Each gets the answer, or is told to ask again."""
    before = len(list(api.client().requests()))
    with ThreadPoolExecutor(8) as pool:
        done = list(pool.map(lambda _: api.post("/requests", ADA, idempotency="race-1"), range(8)))
    assert {one.status for one in done} <= {201, 409}
    assert len({one.body for one in done if one.status == 201}) == 1
    assert all(is_problem(one, 409, "at-work") for one in done if one.status == 409)
    assert len(list(api.client().requests())) == before + 1


def test_an_instruction_wants_a_scope_of_its_own(api: Api) -> None:
    """And comes only where the request was passed on."""
    id = api.client().open_request(**ADA).requests[0].id
    with pytest.raises(ClientError) as refused:
        api.client().instruct(id, "OZ-17")
    assert refused.value.problem.status == 409


def test_evidence_names_the_key(api: Api) -> None:
    """Whatever a system does, it does under its own name."""
    client = api.client()
    me = client.me()
    client.open_request(**ADA)
    opened = [one for one in client.evidence() if one.kind == "case.opened"]
    assert opened[-1].body["by"] == me.acts_as
    assert (me.key, opened[-1].body["channel"]) == ("all", "api")
