"""Which means of proof may be asked for in a case, and what its events have shown so far.

Pure: reads a case and what it needs, returns problems or numbers. The mildest means come first; a document only
where nothing milder is left. Nothing here knows a value somebody gave.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from typing import Literal, get_args

from troth.cases import moves
from troth.cases.case import Case
from troth.cases.events import Event
from troth.cases.identity import Proof
from troth.problems import Problem, nearest

Means = Literal["login", "code", "points", "declaration", "document", "authority", "parent"]
"""What may be asked for."""
MEANS: tuple[str, ...] = get_args(Means)

SAYS: dict[str, str] = {
    "login": "that you sign in to your account once more, and tell us that you did",
    "code": "the one-time code that we send to the address we have on file",
    "points": "facts that we hold of you",
    "declaration": "a signed declaration under penalty of perjury that it is you whose data you ask for",
    "document": "a copy of a document that shows who you are",
    "authority": "a signed permission, or a power of attorney, of the person you ask for",
    "parent": "that you are the parent or guardian of the child",
}
"""How a letter calls them."""

WEIGHTS = {
    "login": 3,
    "code": 2,
    "document": 3,
}
"""How many matching points a means is worth besides points themselves: an account with a password is enough after
signing in again (11 CCR 7061); to have the address on file is two, as a reading of ours."""

FAILURES = ("no-answer", "no-match", "wrong-code", "document-unreadable", "no-authority", "declined")
"""Why proof fails."""
ROUNDS = 3
"""How often points of data may be compared before proof has failed: nobody is to find a value by trying."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """What has been shown since the last failure."""

    points: int = 0
    declaration: bool = False
    parent: bool = False
    attorney: bool = False
    no_doubt: bool = False
    rounds: int = 0
    """How often points were compared."""

    def enough(self, proof: Proof) -> bool:
        """Tell whether it proves who asks."""
        if proof.parent:
            return self.parent
        if self.attorney or not proof.allowed:
            return True
        if proof.doubt_first and self.no_doubt:
            return True
        return self.points >= proof.points and (self.declaration or not proof.declaration)

    def missing(self, proof: Proof) -> tuple[str, ...]:
        """Say what is not shown yet."""
        if self.enough(proof):
            return ()
        if proof.parent:
            return ("that whoever asks is the parent",)
        found = []
        if self.points < proof.points:
            found.append(f"{proof.points - self.points} of {proof.points} points")
        if proof.declaration and not self.declaration:
            found.append("a signed declaration")
        return tuple(found)


def shown(case: Case) -> Shown:
    """Add up what the events of a case show since proof last failed."""
    since: list[Event] = []
    for event in case.events:
        since = [] if event.kind == "identity.failed" else [*since, event]
    came = [event for event in since if event.kind == "identity.received"]
    means = {str(event.body["means"]) for event in came}
    compared = [event for event in came if event.body["means"] == "points"]
    matched = [_matched(event) for event in compared]
    authority = {str(event.body["means"]) for event in case.events if event.kind == "authority.shown"}
    return Shown(
        points=sum(WEIGHTS.get(one, 0) for one in means) + max(matched, default=0),
        declaration="declaration" in means,
        parent="parent" in authority,
        attorney="power-of-attorney" in authority,
        no_doubt="no-doubt" in means,
        rounds=len(compared),
    )


def may_ask(case: Case, proof: Proof, means: str, because: str) -> Iterator[Problem]:
    """Yield every reason why this may not be asked for.

    Args:
        case: The request.
        proof: What it needs.
        means: What somebody wants to ask for.
        because: Why; of doubt, where the law wants doubt first.
    """
    if means not in MEANS:
        close = nearest(means, MEANS)
        yield _bad("There is no such means of proof.", means, MEANS, "Take one of them.", close)
        return
    if means == "authority":
        yield from _for_somebody(case)
        return
    if not proof.allowed:
        hint = "Do what is asked. To find the person, ask only for what finds them, as a clarification."
        yield _bad(f"Nobody may be asked who they are for this: {proof.forbidden}.", means, (), hint)
        return
    if case.role == "processor" and not case.instruction:
        hint = "Pass the request on; ask under the controller's instruction."
        yield _bad("Who we hold the data for decides what proof it needs.", means, (), hint)
        return
    if shown(case).enough(proof):
        yield _bad("Nothing more needs to be proven.", means, (), "Go on with the request.")
        return
    if shown(case).attorney:
        yield _bad("Who holds a power of attorney is asked for nothing more.", means, (), "Go on.")
    if proof.doubt_first and not because.strip():
        hint = "Say why it is doubtful who asks; without doubt `--accept no-doubt` is enough."
        yield _bad("The law lets nobody be asked without reasonable doubt (GDPR Art. 12(6)).", "", (), hint)
    yield from _means(case, proof, means, because)


def may_accept(proof: Proof, means: str, because: str) -> Iterator[Problem]:
    """Yield every reason why somebody's word is no proof: of a login, of a document, or that there is no doubt."""
    if not proof.allowed:
        yield _bad(f"No proof is needed or allowed for this: {proof.forbidden}.", means, (), "Go on with it.")
        return
    valid = ("login", "document", "no-doubt")
    if means not in valid:
        close = nearest(means, valid)
        yield _bad("This is not proven by somebody's word.", means, valid, "Take one of them.", close)
    elif not because.strip():
        yield _bad("It is not said what it rests on.", means, (), "Say it with --because; it is sealed.")
    elif means == "no-doubt" and not proof.doubt_first:
        cited = ", ".join(one.cited for one in proof.grounds if one.level != "doubt-only")
        hint = "Match points of data, send a code to the address on file, or let the person sign in."
        yield _bad(
            f"The law wants more than the absence of doubt: {cited or 'data leaves'}.", means, (), hint
        )


def milder_tried(case: Case) -> bool:
    """Tell whether something milder than a document was asked for, or came, and did not do."""
    tried = {"identity.asked", "identity.received"}
    return any(e.kind in tried and e.body["means"] in {"login", "code", "points"} for e in case.events)


def pointed(matched: Collection[bool]) -> tuple[int, int]:
    """Count what matched, and of how many: all that may ever be said of it."""
    return sum(matched), len(matched)


def _means(case: Case, proof: Proof, means: str, because: str) -> Iterator[Problem]:
    if means == "declaration" and not proof.declaration:
        yield _bad("No law of this request asks for a declaration.", means, (), "Ask for something milder.")
    if means == "parent" and not (case.child and case.whom == "parent"):
        yield _bad("No parent asks here.", means, (), "Ask the person.")
    if means == "document":
        if not because.strip():
            hint = "Say why nothing milder does; it is sealed."
            yield _bad("A document is asked for only with a reason.", means, (), hint)
        if not milder_tried(case):
            hint = "Ask for a login, a code or points of data; a document only where those did not do."
            yield _bad("A document is the last means, and nothing milder was tried.", means, (), hint)
    if case.state == moves.CLOSED:
        yield _bad("The request is closed.", means, (), "Reopen it first.")


def _for_somebody(case: Case) -> Iterator[Problem]:
    """Who asks for themselves has nobody's permission to show."""
    if case.whom == "self":
        yield _bad("Nobody asks for somebody else here.", "authority", (), "There is nothing to show.")
    elif case.last("authority.shown") is not None:
        yield _bad("The authority was shown.", "authority", (), "Go on with the request.")


def _matched(event: Event) -> int:
    found = event.body.get("matched", 0)
    return found if isinstance(found, int) else 0


def _bad(message: str, found: str, valid: tuple[str, ...], hint: str, close: str = "") -> Problem:
    return Problem(code="bad-proof", message=message, found=found, valid=valid, nearest=close, hint=hint)
