"""Where a request stands, for whoever holds its private link: words, days, letters, what is wanted, the answer.

Reads only. Nothing here depends on whether any store knows the person: letters that carry codes are left out, and
what an answer says is shown once it is proven who asks, or where nobody needs to prove it.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from troth.app import ledgers
from troth.app import project as projects
from troth.app.centre import offers as centre
from troth.app.centre import package as centre_package
from troth.app.centre.package import Parcel
from troth.app.proving import identity as proving
from troth.app.requests import letters as request_letters
from troth.app.requests.steps import Place
from troth.cases import clocks, identity_points, identity_proof, moves, register
from troth.cases.case import Case
from troth.cases.identity import Proof
from troth.cases.identity_points import Fact
from troth.errors import Damaged, Refused
from troth.laws.answers import Authority
from troth.ledger.ledger import Ledger
from troth.ledger.outbox import LetterRecord
from troth.letters import model
from troth.letters.model import Letter
from troth.people import kinds as families

PROVABLE = frozenset({moves.NEW, moves.IDENTIFYING, moves.UNVERIFIED, moves.CLARIFYING, moves.DECIDING})
"""States in which proof can still come in."""
ANSWERS = frozenset(
    {
        *("answer-access", "answer-erasure", "confirmation", "partial-refusal", "refusal", "nothing-held"),
        *("decision", "unverified"),
    }
)
TO_PERSON = ANSWERS | frozenset(
    {
        *("acknowledgement", "identity", "which-customer", "referral-told", "clarification", "fee"),
        *("extension", "restriction-ends"),
    }
)
"""Letters the person gets; codes and links are not among them, nor what others are written."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Wrote:
    """A letter we wrote to the person."""

    kind: str
    on: datetime
    bounced: bool
    answer: bool
    letter: Letter | None
    """What it says; None where it is not kept any more, or not to be shown without proof."""
    hidden: bool = False
    """It is not shown because it is not proven who asks."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What proof can be given on the page."""

    code: bool = False
    facts: tuple[str, ...] = ()
    """Names of facts we asked for."""
    declaration: bool = False
    authority: bool = False
    """Whoever asks for somebody else has not shown that they may."""
    reason: str = ""
    """`doubt` or `law`."""

    def __bool__(self) -> bool:
        return self.code or bool(self.facts) or self.declaration or self.authority


@dataclass(frozen=True, slots=True, kw_only=True)
class Status:
    """One request, as the person sees it."""

    case: Case
    by: date
    waiting: bool
    extended: date | None
    """The day it was told on that it takes longer."""
    outcome: str
    """How it was decided, where that is to be shown."""
    proven: bool
    wanted: Wanted
    letters: tuple[Wrote, ...]
    parcel: Parcel | None
    """What can be downloaded now."""
    authority: Authority | None
    can_withdraw: bool


def of(id: int, at: Place) -> Status:
    """Say where a request stands."""
    now = at.clock.now()
    project = projects.load(at.folder, now.date())
    with ledgers.opened(at.folder, at.environment, at.clock) as ledger:
        case = register.read(ledger, id)
        dates = clocks.dates(case, max(now, *(event.at for event in case.events)))
        proof = proving.proof_of(case, project)
        cleared = case.proven or not proof.allowed
        letters = tuple(_letters(ledger, case, cleared=cleared))
        notice = case.last("extension.notice")
        return Status(
            case=case,
            by=request_letters.by(dates),
            waiting=dates.waiting,
            extended=notice.at.date() if notice else None,
            outcome=case.outcome if cleared or case.outcome in {"withdrawn", "referred"} else "",
            proven=case.proven,
            wanted=_wanted(ledger, case, proof, tuple(identity_points.facts(project.datamap))),
            letters=letters,
            parcel=centre_package.waiting(case, at),
            authority=centre.authority(case.residence),
            can_withdraw="withdrawn" in moves.allowed(case.state),
        )


def asked_facts(case: Case, facts: tuple[Fact, ...], given: tuple[str, ...]) -> tuple[Fact, ...]:
    """Return the facts that may be stated: where we asked for them, and none the request itself has named."""
    asked = False
    for event in case.events:
        if event.kind == "identity.failed":
            asked = False
        asked |= event.kind == "identity.asked" and event.body.get("means") == "points"
    if not asked or case.kind.name == "rectify":
        return ()
    named = {families.family(text.partition(":")[0]) for text in given if ":" in text}
    return tuple(fact for fact in facts if fact.family not in named)


def _wanted(ledger: Ledger, case: Case, proof: Proof, facts: tuple[Fact, ...]) -> Wanted:
    shown = identity_proof.shown(case)
    ours = case.role == "controller" or bool(case.instruction)
    authority = case.whom == "agent" and case.last("authority.shown") is None and case.state in PROVABLE
    if case.state not in PROVABLE or case.proven or not proof.allowed or not ours or shown.enough(proof):
        return Wanted(authority=authority)
    contents = ledger.cases.contents(case.id) or {}
    asked = asked_facts(case, facts, tuple(contents.get("identities", ())))
    return Wanted(
        code=not proof.parent,
        facts=identity_points.asked_about(asked),
        declaration=proof.declaration and not shown.declaration,
        authority=authority,
        reason="doubt" if proof.doubt_first else "law",
    )


def _letters(ledger: Ledger, case: Case, *, cleared: bool) -> list[Wrote]:
    found = ledger.outbox.listed(every=True, case=case.id)
    return [
        _wrote(ledger, one, cleared=cleared)
        for one in found
        if one.kind in TO_PERSON and one.state != "cancelled"
    ]


def _wrote(ledger: Ledger, one: LetterRecord, *, cleared: bool) -> Wrote:
    answer = one.kind in ANSWERS
    # That it was not proven who asks is no exception: it would tell that there is somebody to prove.
    hidden = answer and not cleared
    return Wrote(
        kind=one.kind,
        on=one.created_at,
        bounced=one.state in {"bounced", "failed"},
        answer=answer,
        letter=None if hidden else _opened(ledger, one),
        hidden=hidden,
    )


def _opened(ledger: Ledger, one: LetterRecord) -> Letter | None:
    if one.forgotten_at is not None:
        return None
    try:
        return model.decode(ledger.outbox.open(one.id).letter)
    except (Refused, Damaged):
        return None
