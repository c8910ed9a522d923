"""Holds on the desk: placed, counted, read with a reason, lifted with one; by a privacy lead alone."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest

from desk import looking
from desk.serving import Answer, Served

if TYPE_CHECKING:
    from playwright.sync_api import Page

HOLDS, NEW = "/desk/holds/", "/desk/holds/new/"
REVIEW = "2099-01-01"
HOSTILE = ("<script>alert(1)</script>", "=1+1", "\x00", "' or 1=1 --", "(" * 5_000, "9" * 30_000)


def placed(desk: Served, scope: str = "customer/12", **more: object) -> Answer:
    """Place a hold as the privacy lead."""
    form = {"ground": "legal-hold", "title": "File 7/26", "scope": scope, "owner": "Lea", "review": REVIEW}
    return desk.signed_in("lead").post(NEW, {**form, **more})


def number(page: Answer) -> int:
    """Read the number of the hold a page is about."""
    return int(re.search(r"/holds/(\d+)/", page.path)[1])  # type: ignore[index]


def test_a_hold_stands_and_keeps_rows(desk: Served) -> None:
    """A hold on a person stands at once; counted, it keeps rows of several places."""
    made = placed(desk)
    assert "stands: legal hold on one customer" in made.words
    counted = desk.signed_in("lead").get(f"{made.path}?count=1")
    assert "app.accounts" in counted.words and "Rows that no plan may touch" in counted.words


def test_a_condition_keeps_the_rows_that_meet_it(desk: Served) -> None:
    """A hold on a condition keeps rows of its dataset; one that nothing meets keeps none."""
    lead = desk.signed_in("lead")
    some = lead.get(f"{placed(desk, 'app.payments: amount_cents > 0').path}?count=1").words
    none = lead.get(f"{placed(desk, 'app.payments: amount_cents < 0').path}?count=1").words
    assert "app.payments" in some and "No row at present" in none


def test_whom_it_covers_wants_a_reason(desk: Served) -> None:
    """The list says one customer; the key is shown once to whoever says why, and that is evidence."""
    made, agent = placed(desk, "customer/77"), desk.signed_in("agent")
    assert "customer/77" not in agent.get(HOLDS).text + agent.get(made.path).text
    assert agent.post(f"{made.path}read/", {"because": " "}).status == 422
    assert "customer/77" in agent.post(f"{made.path}read/", {"because": "its review"}).words
    assert "hold.read" in desk.project.troth("evidence", "list")
    assert "customer/77" not in desk.said()


def test_a_hold_is_lifted_once_and_with_a_reason(desk: Served) -> None:
    """Lifting wants a reason, moves the hold to the lifted ones, and cannot be done twice."""
    made, lead = placed(desk), desk.signed_in("lead")
    assert lead.post(f"{made.path}lift/", {}).status == 422
    assert "goes with the next plan" in lead.post(f"{made.path}lift/", {"reason": "matter-over"}).words
    again = lead.post(f"{made.path}lift/", {"reason": "matter-over"})
    assert again.status == 409 and "has been lifted already" in again.words
    assert f"Hold {number(made)} " in lead.get(f"{HOLDS}?tab=lifted").words


@pytest.mark.parametrize(
    ("field", "value", "says"),
    [
        ("scope", "", "This field is required"),
        ("scope", "app.nowhere", "app.payments"),
        ("scope", "email:nobody@example.org", "nobody was found"),
        ("review", "2001-01-01", "must lie after today"),
        ("ground", "whim", "Select a valid choice"),
    ],
)
def test_a_wrong_order_is_refused_beside_its_field(desk: Served, field: str, value: str, says: str) -> None:
    """What is wrong is said, and everything typed stays."""
    found = placed(desk, **{"title": "Kept title", field: value})
    assert found.status == 422 and says in found.words and "Kept title" in found.text


def test_only_a_lead_places_and_lifts(desk: Served) -> None:
    """An agent and an auditor see holds; neither places or lifts one, and nobody outside sees any."""
    made = placed(desk)
    for role in ("agent", "auditor"):
        visitor = desk.signed_in(role)
        assert visitor.get(HOLDS).status == 200 and "Place a hold" not in visitor.get(HOLDS).words
        assert visitor.get(NEW).status == 403
        assert visitor.post(NEW, {}).status == 403
        assert visitor.post(f"{made.path}lift/", {"reason": "matter-over"}).status == 403
    assert desk.signed_in("auditor").post(f"{made.path}read/", {"because": "x"}).status == 403
    for path in (HOLDS, NEW, made.path):
        assert "/account/login/" in desk.visitor().get(path, follow=False).headers["location"]


def test_holds_that_are_none_and_wrong_methods(desk: Served) -> None:
    """A number that is none is not found; what is posted is not fetched."""
    lead, made = desk.signed_in("lead"), placed(desk)
    for wrong in ("0", "99999", "9" * 40):
        assert lead.get(f"{HOLDS}{wrong}/").status == 404
        assert lead.post(f"{HOLDS}{wrong}/read/", {"because": "x"}).status == 404
    assert lead.get(f"{made.path}lift/").status == 405
    assert lead.get(f"{made.path}read/").status == 405
    assert lead.post(HOLDS, {}).status == 405


@pytest.mark.parametrize("text", HOSTILE)
@pytest.mark.parametrize("field", ["ground", "title", "scope", "owner", "review"])
def test_hostile_input_is_text_or_refused(desk: Served, field: str, text: str) -> None:
    """No field takes the page down, and mark-up never becomes any."""
    found = placed(desk, **{field: text})
    assert found.status in {200, 400, 409, 413, 422}
    assert "<script>alert" not in found.text


@pytest.mark.browser
@pytest.mark.parametrize(("width", "dark"), [(1280, False), (390, True)])
def test_holds_can_be_used_by_everybody(
    desk: Served, open_page: Callable[..., Page], width: int, dark: bool
) -> None:
    """Axe finds nothing serious on list, form and one hold, wide and narrow, light and dark."""
    made = placed(desk)
    for name, path in (("holds", HOLDS), ("hold-new", NEW), ("hold", f"{made.path}?count=1")):
        page = open_page(path, role="lead", width=width, dark=dark)
        looking.assert_accessible(page)
        looking.shot(page, f"console-{name}-{width}{'-dark' if dark else ''}")
