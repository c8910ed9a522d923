"""What people may ask for where they live, by when they are answered, and to whom they can complain.

For the public privacy centre: nothing here knows of anybody, and nothing is written. What a request then needs and
when it is due is computed by the same rules as once it is there.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable
from dataclasses import dataclass
from datetime import date, datetime
from typing import TypeVar

from troth.app.project import Project
from troth.app.proving import identity as proving
from troth.app.requests import letters as request_letters
from troth.app.requests import opening as requests
from troth.cases import clocks, identity, kinds, which
from troth.cases.case import UNKNOWN
from troth.cases.identity import Proof
from troth.cases.kinds import Kind
from troth.laws import answers, shelf
from troth.laws.answers import Authority
from troth.laws.facts import RECEIVED, Fact

REMEMBERED = 512
"""Answers a process remembers: one for each place and day somebody asked about."""
PREFERRED = (
    "access",
    "erase",
    "rectify",
    "portability",
    "object-marketing",
    "object",
    "restrict",
    "withdraw",
    "opt-out-sale",
    "limit-sensitive",
    "opt-out-automated",
    "know",
    "know-specific",
    "automated-decision",
    "complain",
    "appeal",
)
"""The order in which rights are offered: what people ask for most comes first."""
T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class GivenBy:
    """A law that gives a right, and where it stands in it."""

    law: str
    name: str
    article: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Offer:
    """One right somebody can ask for."""

    kind: Kind
    laws: tuple[GivenBy, ...]
    """Laws that give it; none where the policy alone does."""
    promised: bool
    """The policy names it."""
    only_for: str
    """Whom the policy offers it, where not everybody."""
    by: date
    """The last day for the answer, were it asked for today."""
    at_once: bool
    """Something stops at once, before the answer."""
    own_day: bool
    """No law gives the day; it is our own."""
    proof: Proof


def offers(project: Project, residence: str, now: datetime, *, child: bool = False) -> tuple[Offer, ...]:
    """List what somebody who lives at a place may ask for: what laws there give and what the policy offers.

    Args:
        project: Whose policy.
        residence: As `cases.which.place` returns it; `unknown` where it was not said.
        now: The clock.
        child: Whether it is for a child.
    """
    key = ("offers", residence, child, now.date())
    return _remembered(project, key, lambda: tuple(_offers(project, residence, now, child=child)))


def offer(project: Project, kind: str, residence: str, now: datetime, *, child: bool = False) -> Offer:
    """Say what one right comes to at a place, whether or not it is on the list there.

    Raises:
        BadInput: there is no such kind of request.
    """
    one = kinds.kind(kind)
    key = ("offer", kind, residence, child, now.date())
    return _remembered(project, key, lambda: _offer(project, one, residence, now, child=child))


def authority(residence: str) -> Authority | None:
    """Return to whom somebody of a place can complain; None where we know nobody."""
    return None if residence == UNKNOWN else answers.authority(residence)


def _offers(project: Project, residence: str, now: datetime, *, child: bool) -> list[Offer]:
    """Leave out what is another right by another name: a kind is listed where it adds something of some law."""
    found: list[Offer] = []
    told: set[tuple[str, str]] = set()
    for name in PREFERRED:
        one = _offer(project, kinds.ALL[name], residence, now, child=child)
        rights = {(given.law, _right(one.kind, given.law, now.date())) for given in one.laws}
        if rights - told or (one.promised and not one.laws and _first_of_its_promise(one.kind, found)):
            found.append(one)
            told |= rights
    return found


def _first_of_its_promise(kind: Kind, before: list[Offer]) -> bool:
    """Tell whether the policy's word for a right means this kind best: its first, and none listed before."""
    return not any(kind.offered[0] in one.kind.offered for one in before)


def _right(kind: Kind, law: str, day: date) -> str:
    found = kind.right(shelf.load(law), day)
    return found.right if found else ""


def _offer(project: Project, kind: Kind, residence: str, now: datetime, *, child: bool) -> Offer:
    claimed = project.policy.organisation.laws
    chosen = which.choose(residence, claimed, requests.located(project), child=child)
    given, _ = which.giving(chosen, kind, now.date())
    laws = tuple(one.law for one in given)
    here = "" if residence == UNKNOWN else residence
    dates = clocks.computed(kind, laws, (Fact(kind=RECEIVED, at=now),), here, now)
    rights = project.policy.rights
    named = [word for word in kind.offered if rights is not None and word in rights.offer]
    kept_to = [rights.only_for.get(word, "") for word in named] if rights else []
    return Offer(
        kind=kind,
        laws=tuple(_given(law, kind, now.date()) for law in laws if _right(kind, law, now.date())),
        promised=bool(named),
        only_for="" if "" in kept_to else next(iter(kept_to), ""),
        by=request_letters.by(dates),
        at_once=kind.stops,
        own_day=dates.legal is None,
        proof=identity.needed(kind, laws, now.date(), risk=proving.risk_of(project), child=child),
    )


def _given(law: str, kind: Kind, day: date) -> GivenBy:
    pack = shelf.load(law)
    right = kind.right(pack, day)
    return GivenBy(law=law, name=pack.name, article=right.article if right else "")


_KNOWN: dict[Hashable, tuple[Project, object]] = {}


def _remembered(project: Project, key: Hashable, make: Callable[[], T]) -> T:
    """Return what was worked out for the very same project before, else work it out."""
    known = _KNOWN.get(key)
    if known is not None and known[0] is project:
        return known[1]  # type: ignore[return-value]
    made = make()
    while len(_KNOWN) >= REMEMBERED:
        _KNOWN.pop(next(iter(_KNOWN), ""), None)
    _KNOWN[key] = project, made
    return made
