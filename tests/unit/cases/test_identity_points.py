"""Facts that prove who somebody is: which may be asked about, and when two values are the same."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest

from troth.cases import identity_points as points
from troth.cases.identity_points import Given
from troth.catalog.datamap import DataMap

MAP = DataMap.model_validate(
    {
        "stores": {"app": {"located": "US"}},
        "subjects": {
            "customer": {
                "dataset": "app.customers",
                "key": "id",
                "identities": {
                    "email": {"field": "email", "verified": "mail_ok"},
                    "phone": "phone",
                    "ip": "last_ip",
                },
            }
        },
        "datasets": {
            "app.customers": {
                "fields": {
                    "identity": ["name", "born", "ssn", "gender", "country", {"name": "doc", "path": "a.b"}],
                    "contact": ["postcode", "email"],
                    "payment": ["last4"],
                    "special-category": ["diet"],
                    "other": ["remarks"],
                },
                "free-text": ["remarks"],
            }
        },
    }
)
FACTS = points.facts(MAP)


def answers(*given: tuple[str, str], **row: Any) -> tuple[bool, ...]:
    """Compare facts with one row."""
    return points.compared([Given(fact=n, value=v) for n, v in given], FACTS, [("app.customers", row)])


def test_what_may_be_asked_about() -> None:
    """Identities, the key and plain fields; nothing sensitive, guessed, free, or inside a document."""
    assert [fact.name for fact in FACTS] == ["email", "phone", "name", "born", "postcode", "email", "id"]


def test_what_is_in_dispute_proves_nothing() -> None:
    """A disputed field is left out, as field and as identity."""
    left = {fact.name for fact in points.facts(MAP, ["Email", "postcode"])}
    assert left == {"phone", "name", "born", "id"}


def test_a_letter_names_each_column_once() -> None:
    """People read names of facts, not of columns twice."""
    assert points.asked_about(FACTS) == ("email", "phone", "name", "born", "postcode", "id")


@pytest.mark.parametrize(
    ("name", "given", "stored", "same"),
    [
        ("email", "Ada@Example.org", " ada@example.ORG", True),
        ("phone", "(415) 555-0100", "+14155550100", True),
        ("name", "ada  lovelace", "Ada Lovelace", True),
        ("born", "1990-01-31", dt.date(1990, 1, 31), True),
        ("born", "1990-01-31", dt.datetime(1990, 1, 31, 12, tzinfo=dt.UTC), True),
        ("born", "1990-01-30", dt.date(1990, 1, 31), False),
        ("postcode", "ec1a 1bb", "EC1A1BB", True),
        ("postcode", "", "", False),
        ("postcode", "12", "12", False),
        ("postcode", "None", None, False),
        ("id", "7", 7, True),
        ("id", "8", 7, False),
    ],
)
def test_two_values_are_the_same(name: str, given: str, stored: object, same: bool) -> None:
    """Normal forms are compared; what is empty or too short proves nothing."""
    assert answers((name, given), **{name: stored}) == (same,)


def test_one_column_counts_once() -> None:
    """The same fact twice is one point, and a wrong guess beside a right one spoils it."""
    assert answers(("email", "a@example.org"), ("email", "a@example.org"), email="a@example.org") == (True,)
    assert answers(("email", "a@example.org"), ("email", "b@example.org"), email="a@example.org") == (False,)


def test_faults_name_no_value() -> None:
    """A fact nobody may ask about is told by its name only; no fact at all is a fault too."""
    (problem,) = points.faults([Given(fact="ssn", value="078-05-1120")], FACTS)
    assert problem.found == "ssn"
    assert "078" not in f"{problem}"
    assert len([*points.faults([], FACTS)]) == 1


def test_an_unknown_row_matches_nothing() -> None:
    """Where no store has the person, no fact is on file."""
    assert points.compared([Given(fact="email", value="a@example.org")], FACTS, []) == (False,)
