"""Every promise of a policy as one flat list, each with a stable id, a title, and its place in the files.

Finer than `policy.promises`: each right, term, part of a breach notice and contact is a promise of its own, so
that each can have a status. An attestation or citation of a whole block (`erasure`) covers its parts.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from troth.grammar.nodes import Path, Place
from troth.periods import Period
from troth.policy.model import PeriodBy, Policy, Retention
from troth.policy.model import Promise as Made
from troth.spans import Span


@dataclass(frozen=True, slots=True, kw_only=True)
class Promise:
    """One promise, as checks and reports know it."""

    id: str
    """Its own `id`, or block and key; never a position."""
    kind: str
    """Which check looks at it: the block, and for parts of a block the part."""
    key: str
    """What it is called in its block."""
    title: str
    """What is promised, in one line."""
    says: tuple[str, ...] = ()
    """Fingerprints of the sentences that make it."""
    span: Span | None = None
    """Where it is written."""

    @property
    def block(self) -> str:
        """Name the section of the policy it stands in."""
        return self.kind.partition(".")[0]

    def covered_by(self, named: str) -> bool:
        """Tell whether an id names this promise or the block it is a part of."""
        return self.id == named or self.id.startswith(f"{named}.")


Places = Mapping[Path, Place]


def promises(policy: Policy, places: Places | None = None) -> tuple[Promise, ...]:
    """List every promise, in the order of the declaration.

    Args:
        policy: The promises as read.
        places: Where each key stands (`Reading.spans`); without it no promise has a span.
    """
    made = _Lister(policy, places or {})
    return tuple(made.everything())


class _Lister:
    def __init__(self, policy: Policy, places: Places) -> None:
        self.policy = policy
        self.places = places

    def everything(self) -> Iterator[Promise]:
        yield from self.categories()
        yield from self.purposes()
        yield from self.retention()
        yield from self.rights()
        yield from self.erasure()
        yield from self.breach()
        yield from self.others()
        yield from self.contacts()

    def _span(self, *path: str | int) -> Span | None:
        while path and path not in self.places:
            path = path[:-1]
        return self.places[path].key if path else None

    def categories(self) -> Iterator[Promise]:
        for key, category in self.policy.categories.items():
            verb = "is among what is collected" if category.collected else "is not collected"
            yield Promise(
                id=category.id or f"categories.{key}",
                kind="categories",
                key=key,
                title=f"{category.label or _human(key)} {verb}",
                says=category.says,
                span=self._span("categories", key),
            )

    def purposes(self) -> Iterator[Promise]:
        for key, purpose in self.policy.purposes.items():
            uses = ", ".join(purpose.uses) or "data"
            yield Promise(
                id=purpose.id or f"purposes.{key}",
                kind="purposes",
                key=key,
                title=f"{purpose.label or _human(key)} uses only {uses}",
                says=purpose.says,
                span=self._span("purposes", key),
            )

    def retention(self) -> Iterator[Promise]:
        for key, rule in self.policy.retention.items():
            yield Promise(
                id=rule.id or f"retention.{key}",
                kind="retention",
                key=key,
                title=f"{rule.label or _human(key)}: {_term(rule)}",
                says=rule.says,
                span=self._span("retention", key),
            )

    def rights(self) -> Iterator[Promise]:
        rights = self.policy.rights
        if rights is None:
            return
        own = rights.id or "rights"
        for index, right in enumerate(rights.offer):
            only = f" (only {rights.only_for[right]})" if right in rights.only_for else ""
            yield Promise(
                id=f"{own}.{right}",
                kind="rights",
                key=right,
                title=f"People have the right: {_human(right).lower()}{only}",
                says=rights.sentences.get(right, rights.says),
                span=self._span("rights", "offer", index),
            )
        for law, period in rights.answer_within.items():
            yield Promise(
                id=f"{own}.answer-within.{law}",
                kind="rights.answer-within",
                key=law,
                title=f"Requests are answered within {period} ({law})",
                says=rights.says,
                span=self._span("rights", "answer-within", law),
            )

    def erasure(self) -> Iterator[Promise]:
        erasure = self.policy.erasure
        if erasure is None:
            return
        parts = {
            "backups": f"Erased data is gone from backups within {erasure.backups}"
            if erasure.backups
            else "",
            "confirm": "The person gets a confirmation of the erasure" if erasure.confirm else "",
            "recipients": "Recipients are told to erase too" if erasure.recipients else "",
            "minimal-record": "Records that a duty needs are kept" if erasure.minimal_record else "",
        }
        yield from self._parts("erasure", erasure.id or "erasure", erasure.says, parts)

    def breach(self) -> Iterator[Promise]:
        breach = self.policy.breach
        if breach is None:
            return
        people, authority = breach.tell_people_within, breach.tell_authority_within
        own = breach.id or "breach"
        parts = {
            "tell-people-within": f"People are told of a breach within {people}" if people else "",
            "tell-authority-within": f"The authority is told of a breach within {authority}"
            if authority
            else "",
        }
        yield from self._parts("breach", own, breach.says, parts)
        for index, part in enumerate(breach.include):
            yield Promise(
                id=f"{own}.include.{part}",
                kind="breach.include",
                key=part,
                title=f"A breach notice names: {_human(part).lower()}",
                says=breach.says,
                span=self._span("breach", "include", index),
            )

    def _parts(
        self, block: str, own: str, says: tuple[str, ...], parts: Mapping[str, str]
    ) -> Iterator[Promise]:
        for key, title in parts.items():
            if title:
                span = self._span(block, key)
                yield Promise(
                    id=f"{own}.{key}", kind=f"{block}.{key}", key=key, title=title, says=says, span=span
                )

    def others(self) -> Iterator[Promise]:
        transfers = {
            k: (t, f"Data goes to {t.to}, protected by {_human(t.safeguard or 'nothing named').lower()}")
            for k, t in self.policy.transfers.items()
        }
        recipients = {
            k: (r, f"{r.label or _human(k)} gets {', '.join(r.categories) or 'data'} as {r.role}")
            for k, r in self.policy.recipients.items()
        }
        statements = {k: (s, s.what) for k, s in self.policy.statements.items()}
        blocks: dict[str, Mapping[str, tuple[Made, str]]] = {
            "transfers": transfers,
            "recipients": recipients,
            "statements": statements,
        }
        for block, listed in blocks.items():
            for key, (promise, title) in listed.items():
                yield Promise(
                    id=promise.id or f"{block}.{key}",
                    kind=block,
                    key=key,
                    title=title,
                    says=promise.says,
                    span=self._span(block, key),
                )

    def contacts(self) -> Iterator[Promise]:
        for key in self.policy.organisation.contacts:
            yield Promise(
                id=f"contacts.{key}",
                kind="contacts",
                key=key,
                title=f"The contact for {_human(key).lower()} can be reached",
                span=self._span("organisation", "contacts", key),
            )


def _human(key: str) -> str:
    words = key.replace("-", " ").replace("_", " ")
    return words[:1].upper() + words[1:]


def _term(rule: Retention) -> str:
    """Say a rule in one line."""
    event = rule.after or rule.until
    after = f" after {event}" if event else ""
    if rule.at_most:
        over = f" ({', '.join(rule.over)})" if rule.over else ""
        text = f"at most {rule.at_most}{after}{over}"
    elif rule.until:
        text = f"kept until {rule.until}"
    elif rule.for_ == "ever":
        text = "kept for ever" + (", without the person" if rule.without_person else "")
    elif isinstance(rule.for_, PeriodBy):
        text = f"kept for a time that depends on {_depends(rule.for_)}{after}"
    elif isinstance(rule.for_, Period):
        text = f"kept for {rule.for_}{after}"
    else:
        text = "kept as contracted" if rule.for_ == "as-contracted" else "no end is given"
    return text + (f", because of {rule.because}" if rule.because else "")


def _depends(by: PeriodBy) -> str:
    on = {"the kind of person": by.subject, "the store": by.store, "the governing law": by.law}
    return " and ".join(name for name, given in on.items() if given) or "nothing"
