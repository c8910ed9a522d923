"""What an export says of each column: category, purposes, retention, and why it is not shown."""

from __future__ import annotations

from typing import Any

import pytest

from troth.policy.model import Retention
from troth.rights import export
from unit.rights.export_makers import dataset, labels


def test_a_declared_column() -> None:
    """A declared column has its category, its retention class, and through them purposes and an end."""
    made = labels()
    label = next(one for one in made.sheets["app.customers"].labels if one.column == "email")
    assert (label.category, label.kept_as, label.hidden) == ("contact", "account", None)
    assert made.categories["contact"] == "Contact data"
    assert [made.purposes[name].basis for name in made.uses["contact"]] == ["contract"]
    assert made.retention["account"].ends == "for 2 years after account.closed"


def test_what_is_left_out() -> None:
    """Columns declared harmless are in no label; passwords are, and say why they are not shown."""
    sheet = labels().sheets["app.customers"]
    assert [label.column for label in sheet.labels] == [
        "id", "name", "email", "phone", "closed_at", "password_hash",
    ]  # fmt: skip
    assert sheet.labels[-1].hidden == "secret"
    assert "password_hash" not in [label.column for label in sheet.shown]


def test_what_is_everyones() -> None:
    """A field of everyone in the row has no role, like one of which nobody said whose it is."""
    body = [{"name": "body", "of": "everyone"}, {"name": "mood", "path": "a.b", "of": "everyone"}]
    found = labels(datamap=dataset("app.messages", fields={"communication": body})).sheets["app.messages"]
    assert all(not label.of and not any(part.of for part in label.parts) for label in found.labels)
    assert next(label for label in found.labels if label.column == "mood").parts


def test_what_nobody_declared() -> None:
    """A column the map does not speak of is shown, and marked."""
    found = {label.column: label.declared for label in labels().sheets["app.messages"].labels}
    assert found["mood"] is False
    assert found["id"] and found["from_id"] and found["sent_at"] and found["body"]


def test_rows_held_for_somebody_else() -> None:
    """A dataset with another controller is left out as a whole."""
    made = labels(datamap=dataset("app.messages", controller="client"))
    assert made.left_out == {"app.messages": "other-controller"}
    assert not labels(datamap=dataset("app.messages", controller="us")).left_out


@pytest.mark.parametrize(
    ("changes", "left_out"),
    [
        ({}, {"app.messages": "not-provided"}),
        ({"source": "observed"}, {"app.customers": "not-provided", "app.messages": "not-provided"}),
        ({"source": "person"}, {"app.messages": "not-provided"}),
        ({"source": "person", "derived-from": ["app.messages"]},
         {"app.customers": "not-provided", "app.messages": "not-provided"}),
    ],
)  # fmt: skip
def test_portability_of_datasets(changes: dict[str, Any], left_out: dict[str, str]) -> None:
    """Only what the person provided: the own dataset where nothing is said, never what was worked out."""
    assert labels("portability", dataset("app.customers", **changes)).left_out == left_out


def test_portability_of_columns() -> None:
    """Only categories some purpose of which rests on consent or a contract; no keys and dates."""
    sheet = labels("portability").sheets["app.customers"]
    assert {label.column: label.hidden for label in sheet.labels} == {
        "id": "not-provided",
        "name": "no-consent-or-contract",
        "email": None,
        "phone": None,
        "closed_at": "not-provided",
        "password_hash": "secret",
    }


@pytest.mark.parametrize(
    ("column", "expected"),
    [
        ("password_hash", True), ("PasswordSalt", True), ("api_key", True), ("reset_token", True),
        ("email", False), ("passport_number", False), ("hash", False), ("secretary", False),
    ],
)  # fmt: skip
def test_secrets_by_name(column: str, expected: bool) -> None:
    """Passwords and keys are told by name; what only looks like it is not."""
    assert export.secret(column) is expected


def test_secrets_by_category() -> None:
    """A category of secrets needs no telling name."""
    assert export.secret("x", ["credentials"])


@pytest.mark.parametrize(
    ("rule", "words"),
    [
        ({"for": "2 years", "after": "account.closed"}, "for 2 years after account.closed"),
        ({"for": "7 years", "after": "sale", "because": "tax"}, "for 7 years after sale, as tax law asks"),
        ({"until": "opted.out"}, "until opted.out"),
        ({"for": "ever", "without-person": True, "after": "sale"}, "for ever, without the person after sale"),
        ({"for": "as-contracted"}, "as long as the contract says"),
        ({"at-most": "5 years", "after": "sale"}, "at most 5 years after sale"),
        ({"for": {"subject": {"lead": "1 year"}}, "after": "sale"},
         "for a period that depends on law, store or kind of person after sale"),
    ],
)  # fmt: skip
def test_ends_in_words(rule: dict[str, Any], words: str) -> None:
    """Every form of a rule can be told."""
    assert export.ends(Retention.model_validate(rule)) == words
