"""A company's sign-in that lies, errs, or is asked by somebody else: nobody gets into the account of another."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator
from urllib.parse import parse_qs, urlsplit

import pytest

from desk import company, serving
from desk.company import Company
from desk.serving import Answer, Project, Served, Visitor

SETTINGS = {"TROTH_OIDC_CLIENT_ID": "troth", "TROTH_OIDC_CLIENT_SECRET": "secret"}
BACK = "/account/oidc/company/login/callback/"


@pytest.fixture(scope="module")
def firm() -> Iterator[Company]:
    """Run the company."""
    with company.running() as running:
        yield running


@pytest.fixture(scope="module")
def desk(project: Project, firm: Company) -> Iterator[Served]:
    """Serve a desk that knows the company."""
    with serving.serving(project, TROTH_OIDC_ISSUER=firm.address, **SETTINGS) as served:
        yield served


def state_of(visitor: Visitor) -> str:
    """Set out for the company; return what it is to send back."""
    went = visitor.post("/account/oidc/company/login/?process=login", follow=False)
    return parse_qs(urlsplit(went.headers["location"]).query)["state"][0]


def come_back(desk: Served, firm: Company, sub: str, email: str, verified: object = True) -> Answer:
    """Go to the company and come back as whom it says."""
    firm.who = {"sub": sub, "email": email, "email_verified": verified, "name": "Quite Secret"}
    visitor = desk.visitor()
    return visitor.get(f"{BACK}?code=c&state={state_of(visitor)}")


def in_as(answer: Answer) -> bool:
    """Tell whether the company was believed: what is left to show is the second factor."""
    return answer.path == "/account/2fa/authenticate/"


@pytest.mark.parametrize("verified", ["false", "true", 1, None, False])
def test_verified_is_true_and_nothing_else(desk: Served, firm: Company, verified: object) -> None:
    """Some companies write "false" where they mean it: a text is no `true`."""
    answer = come_back(desk, firm, "stranger", desk.project.staff["agent"].email, verified)
    assert not in_as(answer)
    assert answer.status < 500


def test_an_address_given_to_somebody_else_opens_nothing(desk: Served, firm: Company) -> None:
    """Whoever got the address of somebody who had signed in before is not them; a fresh invitation says otherwise."""
    email = desk.project.staff["engineer"].email
    assert in_as(come_back(desk, firm, "first", email))
    assert in_as(come_back(desk, firm, "first", "another@desk.example", False))
    assert not in_as(come_back(desk, firm, "second", email))
    desk.project.troth("staff", "invite", email)
    assert in_as(come_back(desk, firm, "second", email))


def test_nothing_is_kept_of_what_a_company_says(desk: Served, firm: Company, project: Project) -> None:
    """Names lie sealed in the ledger, and not beside it."""
    for _ in range(2):
        assert in_as(come_back(desk, firm, "auditor", desk.project.staff["auditor"].email))
    with sqlite3.connect(project.folder / ".troth" / "ledger.sqlite") as ledger:
        kept = ledger.execute("SELECT extra_data FROM socialaccount_socialaccount").fetchall()
    assert kept
    assert {json.dumps(json.loads(one)) for (one,) in kept} == {"{}"}


@pytest.mark.parametrize(
    "wrong",
    [{"sub": "another"}, {"aud": "another"}, {"iss": "https://id.example"}, {"exp": 1_000_000_000}],
    ids=lambda wrong: next(iter(wrong)),
)
def test_a_token_of_somebody_else_is_refused(desk: Served, firm: Company, wrong: dict[str, object]) -> None:
    """Of another person, for another system, by another company, of another day."""
    email = desk.project.staff["lead"].email
    right = {"iss": firm.address, "aud": "troth", "sub": "lead"}
    try:
        firm.token = {**right, **wrong}
        answer = come_back(desk, firm, "lead", email)
        assert not in_as(answer)
        assert answer.status < 500
        firm.token = right
        assert in_as(come_back(desk, firm, "lead", email))
    finally:
        firm.token = None


def test_an_answer_is_good_once_and_for_whoever_asked(desk: Served, firm: Company) -> None:
    """The same answer again, and the answer to another browser's question, sign nobody in."""
    firm.who = {"sub": "lead", "email": desk.project.staff["lead"].email, "email_verified": True}
    visitor, other = desk.visitor(), desk.visitor()
    state = state_of(visitor)
    assert not in_as(other.get(f"{BACK}?code=c&state={state}"))
    assert in_as(visitor.get(f"{BACK}?code=c&state={state}"))
    again = desk.visitor()
    again.cookies = dict(visitor.cookies)
    assert not in_as(again.get(f"{BACK}?code=c&state={state}"))


@pytest.mark.parametrize(
    "who", [{}, {"sub": None}, {"sub": "x" * 5_000}, {"sub": ["a"]}, {"sub": "a", "email": 7}]
)
def test_a_company_that_errs_is_no_error_of_ours(desk: Served, firm: Company, who: dict[str, object]) -> None:
    """Answers without a name, or with one nobody can use, get a page."""
    firm.who = dict(who)
    visitor = desk.visitor()
    answer = visitor.get(f"{BACK}?code=c&state={state_of(visitor)}")
    assert answer.status < 500
    assert not in_as(answer)


@pytest.mark.parametrize("process", ["connect", "redirect", "nonsense"])
def test_other_ways_to_the_company_open_nothing(desk: Served, firm: Company, process: str) -> None:
    """Whoever is not signed in connects nothing, and is led nowhere else."""
    visitor = desk.visitor()
    firm.who = {"sub": "x", "email": desk.project.staff["lead"].email, "email_verified": True}
    to = f"/account/oidc/company/login/?process={process}&next=https://evil.example/"
    went = visitor.post(to, follow=False)
    assert went.status < 500
    if "state=" in went.headers.get("location", ""):
        state = parse_qs(urlsplit(went.headers["location"]).query)["state"][0]
        came = visitor.get(f"{BACK}?code=c&state={state}", follow=False)
        assert came.status < 500
        assert "evil.example" not in came.headers.get("location", "")
    assert visitor.get("/desk/", follow=False).status == 302
