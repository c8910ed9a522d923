"""Promises and their ids."""

from __future__ import annotations

from troth.policy import promises
from troth.policy.model import Policy


def policy(**sections: object) -> Policy:
    """Make a policy from sections as they are written."""
    return Policy.model_validate({"organisation": {"name": "X"}, **sections})


def test_an_id_is_its_own_or_section_and_key() -> None:
    """A promise is named by its `id`, else by where it stands; single rights have ids too."""
    made = policy(
        retention={"account": {"until": "x"}, "order": {"id": "orders-seven-years", "until": "y"}},
        rights={"offer": ["erase"]},
        breach={},
    )
    assert list(promises.ids(made)) == [
        "retention.account",
        "orders-seven-years",
        "rights",
        "breach",
        "rights.erase",
    ]


def test_each_promise_knows_its_place() -> None:
    """The path leads to the keys of the promise."""
    made = policy(statements={"sale": {"what": "none"}}, erasure={})
    assert [listed.path for listed in promises.each(made)] == [("statements", "sale"), ("erasure",)]
