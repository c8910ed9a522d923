"""Promises, evidence and the key itself by the interface; its pages for people in a real browser."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from desk.api_calls import Api, is_problem, make_keys
from desk.conftest import Opened
from desk.looking import assert_accessible, assert_fits, shot
from desk.serving import Project, Served
from troth.client import ClientError
from troth.evidence import merkle
from troth.evidence import verify as verifying
from troth.evidence.verify import VerifierKey, open_checkpoint

if TYPE_CHECKING:
    from playwright.sync_api import ConsoleMessage


@pytest.fixture(scope="module")
def project(janusipm: Project, tmp_path_factory: pytest.TempPathFactory) -> Project:
    """Return a copy in which promises were checked."""
    made = janusipm.copy(tmp_path_factory.mktemp("project") / "janusipm")
    made.troth("check", expect=(0, 1, 4))
    return made


@pytest.fixture(scope="module")
def api(desk: Served) -> Api:
    """Return the interface of the served desk."""
    return Api(served=desk, keys=make_keys(desk.project))


def test_promises_are_what_the_newest_check_found(api: Api) -> None:
    """As the report of the same check has them, with their entries in the evidence."""
    found = api.client("reads").promises()
    report = json.loads(api.served.project.troth("check", "--format", "json", expect=(0, 1, 4)))
    assert {one.promise: one.status for one in found} == {
        one["promise"]: str(one["status"]) for one in report["results"]
    }
    broken = next(one for one in found if one.status == "broken")
    assert broken.entry is not None
    entry = api.client().entry(broken.entry)
    assert (entry.kind, entry.body["promise"]) == ("check.result", broken.promise)


def test_a_promise_has_its_history(api: Api) -> None:
    """One stretch for as long as nothing changed."""
    name = api.client().promises()[0].promise
    found = api.client().promise(name)
    assert [(one.status, one.since) for one in found.history] == [(found.status, found.since)]


@pytest.mark.parametrize("name", ["nothing.here", "..", "%00", "%2e%2e%2fetc", "x" * 500])
def test_a_promise_that_is_none_is_not_found(api: Api, name: str) -> None:
    """Whatever its name."""
    assert api.get(f"/promises/{name}").status in (400, 404)


def test_an_entry_is_proven_to_be_in_what_was_signed(api: Api) -> None:
    """By what an outsider has: leaf, path, root, signature (RFC 9162 §2.1.3.2)."""
    found = api.client("reads").entry(2)
    signed = open_checkpoint(found.checkpoint.note, VerifierKey.parse(found.checkpoint.key))
    proof = [bytes.fromhex(one) for one in found.proof]
    leaf = bytes.fromhex(found.leaf)
    assert merkle.verify_inclusion(2, signed.size, leaf, proof, signed.root)
    assert not merkle.verify_inclusion(3, signed.size, leaf, proof, signed.root)


def test_entries_come_in_order_and_whole(api: Api) -> None:
    """Page by page; each with the hash of its canonical bytes."""
    every = list(api.client().evidence())
    assert [one.index for one in every] == list(range(len(every)))
    page = api.get("/evidence?start=1&limit=2").json
    assert ([one["index"] for one in page["entries"]], page["next"]) == ([1, 2], 3)
    assert api.get(f"/evidence?start={len(every) + 10}").json["entries"] == []
    one = page["entries"][0]
    at = one["at"]
    text = {"at": at, "body": one["body"], "format": "troth.entry/1", "kind": one["kind"]}
    assert hashlib.sha256(b"\0" + verifying.render(text)).hexdigest() == one["leaf"]


def test_the_bundle_verifies_alone(api: Api, tmp_path: Path) -> None:
    """With the key and an earlier checkpoint, as an auditor would have them."""
    client = api.client("reads")
    earlier = client.checkpoint()
    size = client.bundle(tmp_path / "bundle.zip")
    with (tmp_path / "bundle.zip").open("rb") as file:
        verdict = verifying.verify_bundle(file, key=earlier.key, since=earlier.note)
    assert verdict.status is verifying.Status.VERIFIED
    assert size == (tmp_path / "bundle.zip").stat().st_size


@pytest.mark.parametrize("path", ["/evidence/9999999", "/evidence/99999999999999999999999999"])
def test_an_entry_that_is_none_is_not_found(api: Api, path: str) -> None:
    """However large its number."""
    assert is_problem(api.get(path), 404, "not-found")


@pytest.mark.parametrize(
    "query", ["start=-1", "limit=0", "limit=1001", "start=x", "limit=1e3", "start=" + "9" * 60]
)
def test_a_page_that_is_none_is_a_fault(api: Api, query: str) -> None:
    """With what was expected."""
    assert is_problem(api.get(f"/evidence?{query}"), 422, "faults")


@pytest.mark.parametrize(
    "path", ["/promises", "/evidence", "/evidence/0", "/evidence/checkpoint", "/evidence/bundle"]
)
def test_each_address_wants_its_scope(api: Api, path: str) -> None:
    """A key that opens requests reads none of it; nobody does without a key; nothing is changed there."""
    assert is_problem(api.get(path, "opens"), 403, "no-scope")
    assert is_problem(api.get(path, ""), 401, "not-signed-in")
    assert is_problem(api.post(path, {}), 405, "wrong-method")


def test_a_key_that_calls_too_often_waits(serve: object, janusipm: Project) -> None:
    """And is told how long; other keys are not concerned."""
    served: Served = serve(TROTH_API_RATE="5")  # type: ignore[operator]
    api = Api(served=served, keys=make_keys(served.project))
    answers = [api.get("/me") for _ in range(12)]  # two windows of a minute at most
    last = next(one for one in answers if one.status == 429)
    assert is_problem(last, 429, "too-many")
    assert 1 <= int(last.headers["retry-after"]) <= 60
    assert api.get("/me", "reads").status == 200


def test_a_desk_that_is_away_is_said_so(api: Api) -> None:
    """After some tries, in one exception."""
    waited: list[float] = []
    client = type(api.client())(base="http://127.0.0.1:9", key="x", sleep=waited.append, tries=3)
    with pytest.raises(ClientError) as gone:
        client.me()
    assert (gone.value.problem.status, len(waited)) == (0, 2)


@pytest.mark.browser
def test_the_documentation_works_under_the_strict_policy(open_page: Opened) -> None:
    """Every address is shown, nothing is blocked, nothing comes from elsewhere."""
    page = open_page()
    said: list[ConsoleMessage] = []
    asked: list[str] = []
    page.on("console", lambda message: said.append(message) if message.type == "error" else None)
    page.on("request", lambda request: asked.append(request.url))
    page.goto("/api/docs")
    page.wait_for_selector("#operations-requests-openRequest", timeout=180_000)
    assert page.locator(".opblock").count() >= 10
    page.click("#operations-requests-openRequest .opblock-summary-control")
    page.click("#operations-requests-openRequest .try-out__btn")
    page.wait_for_selector("#operations-requests-openRequest textarea.body-param__text")
    assert [one.text for one in said] == []
    home = page.url.split("/api/")[0]
    assert all(url.startswith((home, "data:")) for url in asked)


@pytest.mark.browser
def test_problems_are_explained(open_page: Opened) -> None:
    """Each type has its row, without JavaScript."""
    page = open_page("/api/problems#refused", javascript=False)
    assert page.locator("tr#refused").inner_text().startswith("refused")


@pytest.mark.browser
@pytest.mark.parametrize("path", ["/api/docs", "/api/problems"])
def test_its_pages_are_usable_by_everybody(open_page: Opened, path: str) -> None:
    """In light and dark, wide and narrow: axe finds nothing serious, and the page fits its window."""
    for width, dark in ((1280, False), (390, True)):
        page = open_page(path, width=width, dark=dark)
        if path == "/api/docs":
            page.wait_for_selector(".opblock", timeout=180_000)
        assert_accessible(page)
        assert_fits(page)
        shot(page, f"api-{path.rpartition('/')[2]}-{width}{'-dark' if dark else ''}")
