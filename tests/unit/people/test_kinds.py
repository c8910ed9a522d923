"""What a kind of identity is by its name, and whether it may lead on."""

from __future__ import annotations

import pytest

from troth.people import kinds
from troth.people.kinds import Family


@pytest.mark.parametrize(
    ("kind", "family"),
    [
        ("email", Family.EMAIL),
        ("e-mail", Family.EMAIL),
        ("work_email", Family.EMAIL),
        ("mobile", Family.PHONE),
        ("ip", Family.IP),
        ("id", Family.ACCOUNT),
        ("customer-no", Family.ACCOUNT),
        ("device-id", Family.DEVICE),
        ("last-name", Family.NAME),
        ("national-id", Family.OTHER),
        ("twitter", Family.OTHER),
    ],
)
def test_family(kind: str, family: Family) -> None:
    """The words of a name tell its family."""
    assert kinds.family(kind) is family


@pytest.mark.parametrize(
    ("kind", "declared", "verified", "links"),
    [
        ("account", None, False, True),
        ("email", None, True, True),
        ("email", None, False, False),
        ("email", True, False, True),
        ("email", False, True, False),
        ("account", False, False, False),
        ("phone", None, True, False),
        ("phone", True, False, True),
        ("twitter", None, True, False),
        ("twitter", True, False, True),
        ("ip", True, True, False),
        ("device-id", True, True, False),
        ("name", True, True, False),
    ],
)
def test_links(kind: str, declared: bool | None, verified: bool, links: bool) -> None:
    """By default account ids and verified e-mail lead on; devices, IP addresses and names never do."""
    assert kinds.may_link(kind, declared=declared, verified=verified) is links
