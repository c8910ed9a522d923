"""Requests written into a ledger from short lines, and checks of promises over them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

from troth.app.requests import sums as request_sums
from troth.cases import register
from troth.cases.case import Contents
from troth.cases.register import Happened, Opening
from troth.catalog.datamap import DataMap
from troth.plan.world import Facts, World
from troth.policy.model import Policy
from troth.promises import checks, listing
from troth.promises.checks import statements
from troth.promises.given import Given, Uses
from troth.promises.requests import Requests
from troth.promises.results import Result
from unit.cases.made import BODIES

if TYPE_CHECKING:
    from troth.ledger.ledger import Ledger

NOW = datetime(2026, 6, 1, 12, tzinfo=UTC)
RIGHTS = (
    "access",
    "erase",
    "rectify",
    "restrict",
    "object",
    "portability",
    "withdraw",
    "complain",
    "know",
    "opt-out-of-sale",
    "non-discrimination",
)
KINDS = {kind.replace(".", "-"): kind for kind in (*statements.NARROWED, "definition.law.eu-gdpr")}
POLICY = Policy.model_validate(
    {
        "organisation": {"name": "Alma", "laws": ["eu-gdpr", "us-ca-ccpa"]},
        "rights": {"offer": RIGHTS, "answer-within": {"eu-gdpr": "20 days", "us-ca-ccpa": "45 days"}},
        "erasure": {"confirm": True, "recipients": True, "minimal-record": True},
        "statements": {
            **{key: {"kind": kind, "what": "So it is"} for key, kind in KINDS.items()},
            "plain": {"kind": "right-erase", "what": "So it is"},
        },
    }
)
PROJECT: Any = SimpleNamespace(policy=POLICY, datamap=DataMap.model_validate({"stores": {}}))
MORE: Mapping[str, dict[str, object]] = {
    "done": {"certificate": "sha256:" + "a" * 64, "residues": 0, "kept": 0},
    "referred": {"letter": "letter:1"},
    "customer.asked": {"letter": "letter:1"},
    "handed-out": {"package": "hmac-sha256:" + "a" * 64},
    "carried-out": {},
}
"""Bodies besides those of the unit tests."""
DONE = ("handed-out", "carried-out")
"""Ways of being done without a certificate."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """A request to be written down."""

    events: tuple[str, ...]
    """As `2026-05-02 decided outcome=refused reasons=accurate`; the first is the arrival."""
    kind: str = "access"
    laws: tuple[str, ...] = ("eu-gdpr",)
    residence: str = "EU-IE"
    role: str = "controller"
    whom: str = "self"


def _line(text: str) -> tuple[str, datetime, dict[str, object]]:
    when, kind, *rest = text.split()
    at = datetime.fromisoformat(when if "T" in when else f"{when}T09:00Z")
    body = dict(MORE.get(kind, BODIES.get(kind, {})))
    for word in rest:
        name, _, value = word.partition("=")
        if name == "reasons":
            body[name] = value.split(",")
        else:
            body[name] = int(value) if value.isdigit() else value
    return "done" if kind in DONE else kind, at.astimezone(UTC), body


def write(ledger: Ledger, asked: Asked, *, now: datetime = NOW) -> int:
    """Open a request and add what happened to it; return its number."""
    _, received, _ = _line(asked.events[0])
    opening = Opening(
        kind=asked.kind,
        channel="mail",
        received=received,
        whom=asked.whom,
        role=asked.role,
        residence=asked.residence,
        laws=asked.laws,
    )
    staff = ledger.staff.identify("Sam", at=now)
    contents = Contents(identities=("email:ada@alma.example",))
    case = register.open_case(ledger, opening, contents, identities=["email\0ada"], by=staff, now=now)
    for text in asked.events[1:]:
        kind, at, body = _line(text)
        by = 0 if body.pop("by", "") == "system" else staff
        case = register.add(ledger, case, Happened(kind=kind, at=at, body=body), by=by, now=now)
    return case.id


def summed(ledger: Ledger, *, at: datetime = NOW) -> Requests:
    """Sum up the requests of a ledger."""
    return request_sums.requests(ledger, PROJECT, at, NOW)


def checked(ledger: Ledger, *, at: datetime = NOW) -> Mapping[str, Result]:
    """Check every promise of the policy that is about requests."""
    world = World(
        policy=POLICY,
        datamap=PROJECT.datamap,
        catalogs={},
        reaches=None,
        facts=Facts(),
        at=at,  # type: ignore[arg-type]  # not looked at
    )
    given = Given(
        world=world,
        draft=None,  # type: ignore[arg-type]  # not looked at
        answers={},
        looks={},
        now=NOW,
        uses=Uses(),
        requests=summed(ledger, at=at),
        holds=(),
    )
    return {p.id: checks.CHECKS[p.kind](p, given) for p in listing.promises(POLICY)}
