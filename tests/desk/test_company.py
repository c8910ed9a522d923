"""Signing in through a company: opens accounts that were invited, makes none, and asks for the second factor."""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import parse_qs, urlsplit

import pytest

from desk import company, serving
from desk.company import Company
from desk.serving import Answer, Project, Served

SETTINGS = {
    "TROTH_OIDC_CLIENT_ID": "troth",
    "TROTH_OIDC_CLIENT_SECRET": "secret",
    "TROTH_OIDC_NAME": "Example Ltd",
}


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


def come_back(desk: Served, firm: Company, **who: object) -> Answer:
    """Go to the company and come back as whom it says."""
    firm.who = {"sub": f"id-{who['email']}", **who}
    visitor = desk.visitor()
    went = visitor.post("/account/oidc/company/login/?process=login", follow=False)
    assert went.status == 302, went.words
    there = urlsplit(went.headers["location"])
    asked = parse_qs(there.query)
    assert f"{there.scheme}://{there.netloc}" == firm.address
    assert asked["code_challenge_method"] == ["S256"]
    return visitor.get(f"/account/oidc/company/login/callback/?code=c&state={asked['state'][0]}")


def test_the_page_names_the_company(desk: Served, firm: Company) -> None:
    """The sign-in page has a button, and browsers may follow it there and nowhere else."""
    answer = desk.visitor().get("/account/login/")
    assert "Sign in with Example Ltd" in answer.words
    policy = answer.headers["content-security-policy"]
    assert f"form-action 'self' {firm.address}" in policy


def test_somebody_invited_goes_on_to_the_second_factor(desk: Served, firm: Company) -> None:
    """An address with an account, verified by the company, stands for the password."""
    answer = come_back(desk, firm, email=desk.project.staff["lead"].email, email_verified=True)
    assert answer.path == "/account/2fa/authenticate/"


@pytest.mark.parametrize("verified", [True, False])
def test_strangers_get_no_account(desk: Served, firm: Company, verified: bool) -> None:
    """Somebody of the company who was not invited gets no account."""
    answer = come_back(desk, firm, email="stranger@desk.example", email_verified=verified)
    assert "by invitation" in answer.words
    assert "stranger" not in desk.project.troth("staff", "list")


def test_an_address_nobody_verified_opens_nothing(desk: Served, firm: Company) -> None:
    """An address the company has not verified opens no account, though it was invited."""
    answer = come_back(desk, firm, email=desk.project.staff["agent"].email, email_verified=False)
    assert "2fa" not in answer.path


def test_a_made_up_answer_is_refused(desk: Served) -> None:
    """An answer to a question that was not asked signs nobody in."""
    visitor = desk.visitor()
    answer = visitor.get("/account/oidc/company/login/callback/?code=c&state=made-up")
    assert answer.status < 500
    assert visitor.get("/desk/", follow=False).status == 302


def test_a_company_that_is_away_is_said_so(desk: Served, firm: Company) -> None:
    """When the company's server does not answer the page says so."""
    address, firm.address = firm.address, "http://127.0.0.1:9"
    try:
        visitor = desk.visitor()
        went = visitor.post("/account/oidc/company/login/?process=login", follow=False)
        state = parse_qs(urlsplit(went.headers["location"]).query)["state"][0]
        answer = visitor.get(f"/account/oidc/company/login/callback/?code=c&state={state}")
    finally:
        firm.address = address
    assert answer.status in (401, 503)
    assert "127.0.0.1:9" not in answer.text


def test_half_of_the_settings_is_refused(project: Project) -> None:
    """With only a part of what it takes set, nothing is served, and the message names what is missing."""
    project.troth("staff", "list", expect=(2,), TROTH_OIDC_ISSUER="https://id.example")
