"""Proof of identity, step by step: asked for, received, compared, accepted, failed; each an event of the request.

What may not be asked cannot be asked here. What people send to prove who they are serves nothing else: facts and
codes are compared and forgotten, declarations and authority stand sealed in the request, papers go with success.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path

from troth.app import ledgers
from troth.app import project as projects
from troth.app.clock import Clock
from troth.app.project import Project
from troth.app.proving import facts as proving_facts
from troth.app.proving import letters as proving_letters
from troth.app.proving.facts import OnFile
from troth.app.requests import opening as requests
from troth.app.requests.opening import Doing, Work
from troth.cases import identity, identity_points, identity_proof, papers, register
from troth.cases.case import Case, Contents
from troth.cases.identity import Proof, Risk
from troth.cases.identity_points import Given
from troth.cases.identity_proof import Shown
from troth.cases.papers import Shelf
from troth.cases.register import Happened
from troth.errors import Refused
from troth.problems import BadInput, Problem, nearest

ALPHABET = "0123456789"
LENGTH = 8
VALID = timedelta(minutes=15)
"""For which a code can be given."""
LONGEST_VALID = timedelta(hours=24)
LARGEST = 2_000_000
"""Bytes of a declaration or an authority; longer ones are papers."""
RISKS = ("low", "high")


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where a request is worked on."""

    folder: Path
    environment: Mapping[str, str]
    clock: Clock
    risk: str = ""
    """Of harm, where a law goes by it: `low` or `high`; by default what the categories of the policy say."""

    @property
    def shelf(self) -> Shelf:
        """Where papers lie."""
        return Shelf(home=self.folder / ledgers.HOME)


@dataclass(frozen=True, slots=True, kw_only=True)
class Proving:
    """Where proof stands after a step."""

    case: Case
    proof: Proof
    shown: Shown
    matched: int | None = None
    of: int | None = None
    said: str = ""
    """Of a code: `right`, `wrong`, `dead`, `expired` or `none`."""
    left: int = 0
    """Guesses of a code that are left."""
    letter: str = ""
    paper: str = ""
    notes: tuple[str, ...] = ()

    @property
    def proven(self) -> bool:
        """Tell whether it is proven who asks, or nothing needs to be."""
        return self.case.proven or not self.proof.allowed


def new_code() -> str:
    """Make a one-time code that nobody can foresee."""
    return "".join(secrets.choice(ALPHABET) for _ in range(LENGTH))


def look(id: int, place: Place) -> Proving:
    """Say what a request may be asked for, and what has been shown; nothing is changed.

    Raises:
        BadInput: there is no such request.
    """
    project = projects.load(place.folder, place.clock.now().date())
    with ledgers.opened(place.folder, place.environment, place.clock) as ledger:
        case = register.read(ledger, id)
    return _stands(case, proof_of(case, project, place.risk))


def ask(
    id: int, means: str, because: str, doing: Doing, place: Place, *, disputed: Sequence[str] = ()
) -> Proving:
    """Ask the person for proof, by letter where there is an address; a code goes to the address on file.

    Raises:
        BadInput: it may not be asked for.
    """
    if means == "code":
        return send_code(id, because, doing, place)
    with _step(id, doing, place) as step:
        step.allow(*identity_proof.may_ask(step.case, step.proof, means, because))
        facts = identity_points.facts(step.work.project.datamap, disputed)
        asked = proving_letters.Asked(
            means=means, because=because.strip(), proof=step.proof, facts=identity_points.asked_about(facts)
        )
        letter = proving_letters.ask(step.work, step.case, step.contents, asked)
        text = {"because": because.strip(), "letter": letter}
        if means == "authority":
            step.add(Happened(kind="note", at=step.when, text=text | {"asked": means}))
        else:
            body = {"means": means, "reason": _reason(step.proof), "justified": True}
            step.add(
                Happened(
                    kind="identity.asked",
                    at=step.when,
                    body=body | ({"letter": letter} if letter else {}),
                    text=text,
                )
            )
        notes = (
            () if letter else ("No letter was written: there is no address, or none of ours to answer to.",)
        )
        return replace(step.stands, letter=letter, notes=notes)


def send_code(
    id: int,
    because: str,
    doing: Doing,
    place: Place,
    *,
    valid: timedelta = VALID,
    made: Callable[[], str] = new_code,
) -> Proving:
    """Send a one-time code to a mail address on file, never to one the request names only.

    Args:
        id: The request.
        because: Why; of doubt, where the law wants doubt first.
        doing: Who does it.
        place: Where.
        valid: How long it can be given.
        made: Where codes come from.

    Raises:
        BadInput: it may not be asked for, or can be given for too long.
        Refused: no store has a mail address of the person.
    """
    if not timedelta() < valid <= LONGEST_VALID:
        raise BadInput([_bad("A code is valid for 1 minute to 24 hours.", "Give a number of minutes.")])
    before = _read(id, place)
    _refuse(*identity_proof.may_ask(before.case, before.proof, "code", because))
    filed = before.on_file(place)
    if not filed.addresses:
        raise Refused(
            "No store has a mail address of this person that a code could go to.",
            hint="Ask for facts on file; an address that stands in the request only proves nothing.",
        )
    code, now = made(), place.clock.now()
    with _step(id, doing, place, seen=len(before.case.events)) as step:
        letter = proving_letters.code(
            step.work, step.case, step.contents, filed.addresses[0], code, until=now + valid
        )
        step.work.ledger.codes.keep(code, case=id, at=now, expires=now + valid)
        body = {"means": "code", "reason": _reason(step.proof), "justified": True, "letter": letter}
        step.add(Happened(kind="identity.asked", at=step.when, body=body, text={"because": because.strip()}))
        return replace(step.stands, letter=letter)


def check_code(id: int, given: str, doing: Doing, place: Place) -> Proving:
    """Compare a code somebody gave; after the fifth wrong one proof has failed and starts anew.

    A wrong guess is counted, so it raises nothing.
    """
    with _step(id, doing, place) as step:
        step.allow(*_needed(step.proof))
        plain = "".join(sign for sign in given if sign.isalnum())
        guess = step.work.ledger.codes.guess(plain, case=id, at=step.work.now)
        if guess.said == "right":
            step.received("code")
        elif guess.said == "dead" and step.case.state == "identifying":
            step.failed("wrong-code")
        return replace(step.stands, said=guess.said, left=guess.left)


def match(
    id: int, given: Sequence[Given], doing: Doing, place: Place, *, disputed: Sequence[str] = ()
) -> Proving:
    """Compare facts somebody stated with those on file; told is only how many of how many match.

    Args:
        id: The request.
        given: What was stated.
        doing: Who does it.
        place: Where.
        disputed: Of a correction: the facts whose truth is in dispute, which prove nothing.

    Raises:
        BadInput: no proof is allowed, or a fact may not be asked about.
        Refused: the identities do not say who is meant.
    """
    before = _read(id, place)
    problems = [*_needed(before.proof)]
    if before.case.kind.name == "rectify" and not disputed:
        hint = "Name the fields with --disputed: what is to be corrected proves nothing (11 CCR 7060(h))."
        problems.append(_bad("It is not said which facts are in dispute.", hint))
    facts = identity_points.facts(before.project.datamap, disputed)
    _refuse(*(problems or identity_points.faults(given, facts)))
    filed = before.on_file(place)
    answers = identity_points.compared(given, facts, filed.rows)
    matched, of = identity_proof.pointed(answers)
    with _step(id, doing, place, seen=len(before.case.events)) as step:
        step.received("points", matched=matched, of=of)
        if not step.case.proven and identity_proof.shown(step.case).rounds >= identity_proof.ROUNDS:
            step.failed("no-match")
        notes = () if filed.found else ("No store has this person: nothing can match.",)
        return replace(step.stands, matched=matched, of=of, notes=notes)


def accept(id: int, means: str, because: str, doing: Doing, place: Place) -> Proving:
    """Take a named person's word: that the person signed in again, showed a document, or that there is no doubt.

    Raises:
        BadInput: this is no proof for this request.
    """
    with _step(id, doing, place) as step:
        step.allow(*identity_proof.may_accept(step.proof, means, because))
        step.received(means, text={"because": because.strip()})
        return step.stands


def declare(id: int, document: bytes, doing: Doing, place: Place) -> Proving:
    """Keep a signed declaration, sealed in the request for as long as the law wants (11 CCR 7101: 24 months).

    Raises:
        BadInput: no law of the request asks for one, or it is empty or too long.
    """
    with _step(id, doing, place) as step:
        step.allow(*_needed(step.proof), *_document(document))
        if not step.proof.declaration:
            hint = "Do not keep it: give it back, or destroy it."
            step.allow(_bad("No law of this request asks for a declaration.", hint))
        step.received("declaration", text={"declaration": document.hex()})
        return step.stands


def authority(id: int, document: bytes, doing: Doing, place: Place, *, attorney: bool = False) -> Proving:
    """Keep what an agent showed; with a power of attorney the person is asked for nothing more (11 CCR 7063(b)).

    Raises:
        BadInput: nobody asks for somebody else, or the document is empty or too long.
    """
    with _step(id, doing, place) as step:
        if step.case.whom == "self":
            step.allow(_bad("Nobody asks for somebody else here.", "Do not keep it."))
        step.allow(*_document(document))
        means = "power-of-attorney" if attorney else "signed-permission"
        text = {"authority": document.hex()}
        step.add(Happened(kind="authority.shown", at=step.when, body={"means": means}, text=text))
        step.conclude(means)
        return step.stands


def parent(id: int, because: str, doing: Doing, place: Place) -> Proving:
    """Write down that whoever asks is the parent or guardian, and what shows it.

    Raises:
        BadInput: no parent asks, or it is not said what shows it.
    """
    with _step(id, doing, place) as step:
        if step.case.whom != "parent":
            step.allow(_bad("No parent asks here.", "An agent shows a permission: --authority FILE."))
        if not because.strip():
            step.allow(_bad("It is not said what shows it.", "Say it with --because; it is sealed."))
        text = {"because": because.strip()}
        step.add(Happened(kind="authority.shown", at=step.when, body={"means": "parent"}, text=text))
        step.conclude("parent")
        return step.stands


def keep_paper(id: int, data: bytes, doing: Doing, place: Place) -> Proving:
    """Keep a paper somebody sent, encrypted and apart, until identity is proven or its time is over.

    Raises:
        BadInput: nobody needs it: then it is not kept.
    """
    with _step(id, doing, place) as step:
        step.allow(*_needed(step.proof))
        if step.case.proven:
            step.allow(_bad("It is proven already who asks.", "Do not keep the paper: destroy it."))
        kept = papers.keep(
            step.work.ledger, place.shelf, step.case, data, by=step.work.staff, now=step.work.now
        )
        return replace(step.stands, paper=kept.reference)


def read_paper(id: int, paper: int, because: str, doing: Doing, place: Place) -> bytes:
    """Return a paper's content; who read it and why is an event of the request.

    Raises:
        Refused: no reason is given, or there is no such paper any more.
    """
    with requests.at_work(place.folder, place.environment, place.clock, by=doing.by) as work:
        case = work.read(id, doing)
        data, _ = papers.read(work.ledger, place.shelf, case, paper, because, by=work.staff, now=work.now)
    return data


def fail(id: int, reason: str, doing: Doing, place: Place) -> Proving:
    """Say that it could not be proven who asks; papers go soon after, and a new proof begins from nothing.

    Raises:
        BadInput: the reason is none.
    """
    if reason not in identity_proof.FAILURES:
        valid = identity_proof.FAILURES
        close = nearest(reason, valid)
        problem = _bad("Proof does not fail for such a reason.", "Take one of them.")
        raise BadInput([replace(problem, found=reason, valid=valid, nearest=close)])
    with _step(id, doing, place) as step:
        step.allow(*_needed(step.proof))
        step.failed(reason)
        notes = identity.instead(step.case.kind, step.case.laws)
        return replace(step.stands, notes=notes)


def tidy(place: Place, *, by: str) -> int:
    """Destroy papers whose time is over and remove files that nothing opens; return how many papers went."""
    with requests.at_work(place.folder, place.environment, place.clock, by=by) as work:
        gone = papers.overdue(work.ledger, by=work.staff, now=work.now)
    with ledgers.opened(place.folder, place.environment, place.clock) as ledger:
        papers.finish(ledger, place.shelf)
        papers.orphans(ledger, place.shelf, place.clock.now())
    return gone


def proof_of(case: Case, project: Project, risk: str = "") -> Proof:
    """Say what proof a request needs, under its laws on the day it came in.

    Raises:
        BadInput: the risk is no word for one.
    """
    if risk and risk not in RISKS:
        raise BadInput([replace(_bad("There is no such risk.", "Say low or high."), found=risk, valid=RISKS)])
    of: Risk = "low" if (risk or risk_of(project)) == "low" else "high"
    return identity.needed(case.kind, case.laws, case.received.date(), risk=of, child=case.child)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Before:
    """A request as it stands before stores are asked: no transaction is open meanwhile."""

    project: Project
    case: Case
    contents: Contents
    proof: Proof

    def on_file(self, place: Place) -> OnFile:
        facts = identity_points.facts(self.project.datamap)
        return proving_facts.on_file(
            self.project, self.contents.identities, facts, place.environment, place.clock.now()
        )


class _Step:
    """One step on a request: what it adds is kept together, or not at all."""

    def __init__(self, work: Work, case: Case, proof: Proof, when: datetime) -> None:
        self.work, self.case, self.proof, self.when = work, case, proof, when

    @property
    def contents(self) -> Contents:
        return register.contents(self.work.ledger, self.case)

    @property
    def stands(self) -> Proving:
        return _stands(self.case, self.proof)

    def allow(self, *problems: Problem) -> None:
        _refuse(*problems)

    def add(self, happened: Happened) -> None:
        self.case = self.work.add(self.case, happened)

    def received(
        self,
        means: str,
        *,
        matched: int | None = None,
        of: int | None = None,
        text: Mapping[str, object] | None = None,
    ) -> None:
        body: dict[str, object] = {"means": means}
        body |= {} if matched is None else {"matched": matched, "of": of}
        self.add(Happened(kind="identity.received", at=self.when, body=body, text=text))
        self.conclude(means)

    def conclude(self, means: str) -> None:
        """Where enough is shown: it is proven, and every paper goes in the same step."""
        shown = identity_proof.shown(self.case)
        if self.case.proven or not self.proof.allowed or not shown.enough(self.proof):
            return
        self.add(Happened(kind="identity.proven", at=self.when, body={"means": means}))
        self._close()
        papers.destroy(self.work.ledger, self.case.id, "proven", by=self.work.staff, now=self.work.now)

    def failed(self, reason: str) -> None:
        self.add(Happened(kind="identity.failed", at=self.when, body={"reason": reason}))
        self._close()
        papers.failed(self.work.ledger, self.case.id, self.work.now.date())

    def _close(self) -> None:
        self.work.ledger.codes.close(self.case.id)


@contextmanager
def _step(id: int, doing: Doing, place: Place, *, seen: int | None = None) -> Iterator[_Step]:
    """Do one step; then remove files whose keys it, or a run that was killed, destroyed."""
    expected = doing if seen is None or doing.seen is not None else replace(doing, seen=seen)
    with requests.at_work(place.folder, place.environment, place.clock, by=doing.by) as work:
        case = work.read(id, expected)
        if not case.open:
            raise Refused(f"{case.reference} is closed.", hint="`troth request reopen` opens it again.")
        yield _Step(work, case, proof_of(case, work.project, place.risk), work.when(doing))
    _finish(place)


def _read(id: int, place: Place) -> _Before:
    project = projects.load(place.folder, place.clock.now().date())
    with ledgers.opened(place.folder, place.environment, place.clock) as ledger:
        case = register.read(ledger, id)
        contents = register.contents(ledger, case)
    return _Before(project=project, case=case, contents=contents, proof=proof_of(case, project, place.risk))


def _finish(place: Place) -> None:
    with ledgers.opened(place.folder, place.environment, place.clock) as ledger:
        papers.finish(ledger, place.shelf)


def _stands(case: Case, proof: Proof) -> Proving:
    return Proving(case=case, proof=proof, shown=identity_proof.shown(case))


def _needed(proof: Proof) -> Iterator[Problem]:
    if not proof.allowed:
        hint = "Do what is asked, and keep nothing of it."
        yield _bad(f"No proof of identity is needed or allowed for this: {proof.forbidden}.", hint)


def _document(data: bytes) -> Iterator[Problem]:
    if not data or len(data) > LARGEST:
        yield _bad(f"A document has 1 to {LARGEST:,} bytes; this one has {len(data):,}.", "Give one file.")


def _reason(proof: Proof) -> str:
    return "doubt" if proof.doubt_first else "law-requires"


def risk_of(project: Project) -> Risk:
    """Say that harm is likely where the policy has categories of sensitive data."""
    named = (f"{name} {one.label}" for name, one in project.policy.categories.items())
    return "high" if any(identity_points.sensitive("", text) for text in named) else "low"


def _refuse(*problems: Problem) -> None:
    if problems:
        raise BadInput(list(problems))


def _bad(message: str, hint: str) -> Problem:
    return Problem(code="bad-proof", message=message, hint=hint)
