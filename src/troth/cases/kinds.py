"""The kinds of request, what each law calls them, and what each does to data.

Laws have different words for one right; a pack is asked for the first of a kind's words that it knows. `own` says
what a law calls a kind where its word means something else elsewhere.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

from troth.laws.model import Pack, Right
from troth.problems import BadInput, Problem, nearest

STATES_OPT_OUT = ("us-co-cpa", "us-ct-ctdpa", "us-or-ocpa", "us-tx-tdpsa", "us-va-vcdpa")
"""Laws in which one opt-out covers sale, targeted advertising and profiling."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """One kind of request."""

    name: str
    says: str
    request: str
    """How a letter to the person calls it."""
    words: tuple[str, ...]
    """What packs call it, the best word first."""
    offered: tuple[str, ...]
    """What a policy's `rights: {offer: …}` calls it."""
    own: Mapping[str, str] = field(default_factory=dict)
    """What single laws call it."""
    discloses: bool = False
    """Data leaves: whoever asks must be who they say."""
    changes: bool = False
    """Data is changed or goes."""
    reviews: bool = False
    """What was done is looked at again by somebody."""

    @property
    def stops(self) -> bool:
        """Tell whether it only ends some use: then nobody is asked who they are."""
        return not (self.discloses or self.changes or self.reviews)

    @property
    def needs_plan(self) -> bool:
        """Tell whether what it comes to is worked out before anybody decides."""
        return self.name in {"access", "know", "know-specific", "portability", "erase"}

    def right(self, pack: Pack, day: date | None = None) -> Right | None:
        """Return what a law says of it; None where the law does not give it, or not on a day."""
        for word in self.named(pack.law):
            for right in pack.rights:
                if right.right == word and (day is None or pack.in_force(right, day)):
                    return right
        return None

    def named(self, law: str) -> tuple[str, ...]:
        """Return the words a law may have for it."""
        return (self.own[law],) if law in self.own else self.words


PARENT = {"us-coppa": "parent-review"}
"""COPPA knows one right of parents for seeing and for deleting (16 CFR 312.6)."""


def _opt_outs(*laws: str) -> dict[str, str]:
    return dict.fromkeys(laws, "opt-out")


ALL: dict[str, Kind] = {
    kind.name: kind
    for kind in (
        Kind(
            name="access",
            says="See one's data",
            request="your request to see the data we hold about you",
            words=("access", "know-specific", "confirmation"),
            own=PARENT,
            offered=("access", "know"),
            discloses=True,
        ),
        Kind(
            name="know",
            says="Learn which categories are held, why, and who got them",
            request="your request to know which data we hold about you",
            words=("know", "access"),
            offered=("know", "access"),
            discloses=True,
        ),
        Kind(
            name="know-specific",
            says="See the specific pieces of data",
            request="your request to know the specific pieces of data we hold about you",
            words=("know-specific", "access"),
            offered=("know", "access"),
            discloses=True,
        ),
        Kind(
            name="portability",
            says="Receive one's data to use it elsewhere",
            request="your request to receive your data for use elsewhere",
            words=("portability", "know-specific"),
            offered=("portability",),
            discloses=True,
        ),
        Kind(
            name="rectify",
            says="Have wrong data put right",
            request="your request to have your data corrected",
            words=("rectification", "correct", "correction"),
            offered=("rectify", "correct"),
            changes=True,
        ),
        Kind(
            name="erase",
            says="Have data erased",
            request="your request to have your data erased",
            words=("erasure", "delete", "deletion"),
            own=PARENT,
            offered=("erase", "delete"),
            changes=True,
        ),
        Kind(
            name="restrict",
            says="Have use of data restricted",
            request="your request to restrict the use of your data",
            words=("restriction",),
            offered=("restrict",),
            changes=True,
        ),
        Kind(
            name="object",
            says="Object to a purpose",
            request="your objection to the use of your data",
            words=("objection",),
            offered=("object",),
            changes=True,
        ),
        Kind(
            name="object-marketing",
            says="Object to marketing",
            request="your objection to marketing",
            words=("objection-marketing", "opt-out-marketing", "do-not-call"),
            own=_opt_outs("us-can-spam"),
            offered=("object", "withdraw"),
        ),
        Kind(
            name="withdraw",
            says="Withdraw consent",
            request="the withdrawal of your consent",
            words=("withdrawal", "withdraw", "revocation", "consent-revocation"),
            offered=("withdraw",),
        ),
        Kind(
            name="opt-out-sale",
            says="Opt out of sale and sharing",
            request="your opt-out from the sale and sharing of your data",
            words=("opt-out-sale-share",),
            own=_opt_outs(*STATES_OPT_OUT),
            offered=("opt-out-of-sale",),
        ),
        Kind(
            name="limit-sensitive",
            says="Limit the use of sensitive data",
            request="your request to limit the use of your sensitive data",
            words=("limit-sensitive",),
            offered=("limit-sensitive",),
        ),
        Kind(
            name="opt-out-automated",
            says="Opt out of automated decisions and profiling",
            request="your opt-out from automated decisions and profiling",
            words=("admt-opt-out",),
            own=_opt_outs(*STATES_OPT_OUT),
            offered=("object",),
        ),
        Kind(
            name="automated-decision",
            says="Have a person look at an automated decision",
            request="your request to have an automated decision looked at by a person",
            words=("automated-decision", "access-admt"),
            offered=("object",),
            discloses=True,
        ),
        Kind(
            name="complain",
            says="Complain about how data is handled",
            request="your complaint about how we handle your data",
            words=("complaint", "complain"),
            offered=("complain",),
            reviews=True,
        ),
        Kind(
            name="appeal",
            says="Appeal against a refusal",
            request="your appeal against our decision",
            words=("appeal", "appeal-admt"),
            offered=("complain",),
            reviews=True,
        ),
    )
}
"""Every kind by its name."""


def kind(name: str) -> Kind:
    """Return a kind by its name.

    Raises:
        BadInput: when there is none of that name.
    """
    if name in ALL:
        return ALL[name]
    problem = Problem(
        code="unknown-name",
        message="No kind of request is called so.",
        found=name,
        valid=tuple(ALL),
        nearest=nearest(name, ALL),
        hint="Take one of the names; `troth request kinds` says what each is.",
    )
    raise BadInput([problem])
