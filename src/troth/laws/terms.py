"""Which term of a pack an event is about, and which version of it was law on a day.

An event is a right or an occasion and an act: `access.respond`, `breach.notify-authority`. `any` and `request`
stand for every right.
"""

from __future__ import annotations

from datetime import date

from troth.laws.model import Pack, Term
from troth.problems import BadInput, Problem, nearest

EVERY = ("any", "request")
ALIKE = (
    ("access", "know"),
    ("rectification", "correction", "correct", "rectify"),
    ("erasure", "deletion", "delete", "erase"),
    ("respond", "respond-or-inform"),
    ("objection-marketing", "opt-out-marketing", "opt-out"),
    ("withdrawal", "consent-revocation", "revocation", "withdraw"),
    ("stop", "stop-sending"),
)
"""Words by which laws call the same thing; a law's own word comes first."""


def written(event: str) -> str:
    """Return an event as packs write it."""
    return event.strip().lower().replace("_", "-")


def events(pack: Pack) -> tuple[str, ...]:
    """List every event the pack has a term for."""
    return tuple(dict.fromkeys(f"{right}.{term.act}" for term in pack.terms for right in term.of))


def versions(pack: Pack, event: str) -> tuple[Term, ...]:
    """Return the terms for an event, of every day.

    Raises:
        BadInput: when the pack has none.
    """
    right, _, act = written(event).partition(".")
    named = _named(pack, (right,), (act,)) or _named(pack, _alike(right), _alike(act))
    if not named and right in EVERY:
        first = next((term for term in pack.terms if term.act == act), None)
        named = [term for term in pack.terms if first and term.act == act and term.of == first.of]
    if not named:
        raise BadInput([_unknown(pack, written(event))])
    return tuple(named)


def on(pack: Pack, found: tuple[Term, ...], day: date) -> Term | None:
    """Return the version that was law on a day; None when none was."""
    return next((term for term in found if pack.in_force(term, day)), None)


def beside(pack: Pack, event: str, term: Term, day: date) -> tuple[tuple[str, Term], ...]:
    """Return the other terms for the same right that are law on a day, with their events."""
    asked = written(event).partition(".")[0]
    right = right_of(event, term) if asked not in EVERY else term.of[0]
    return tuple(
        (f"{asked}.{other.act}", other)
        for other in pack.terms
        if right in other.of and other.act != term.act and other.sense == "by" and pack.in_force(other, day)
    )


def right_of(event: str, term: Term) -> str:
    """Return the law's own word for the right an event is about."""
    asked = written(event).partition(".")[0]
    return next((name for name in _alike(asked) if name in term.of), asked)


def _named(pack: Pack, rights: tuple[str, ...], acts: tuple[str, ...]) -> list[Term]:
    return [term for term in pack.terms if term.act in acts and any(one in term.of for one in rights)]


def _alike(word: str) -> tuple[str, ...]:
    """Return a word and the others for the same thing, itself first."""
    group = next((group for group in ALIKE if word in group), ())
    return (word, *(other for other in group if other != word))


def _unknown(pack: Pack, event: str) -> Problem:
    known = events(pack)
    return Problem(
        code="unknown-name",
        message=f"{pack.law} has no term for this event.",
        found=event,
        valid=known,
        nearest=nearest(event, known),
        hint="Use one of the events of the law; `troth laws show` lists them.",
    )
