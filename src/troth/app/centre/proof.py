"""Proof of identity from a person's own page: a code by mail, facts we asked for, a declaration, an authority.

Sending and comparing are meant to run after the page was answered, for they take as long as the stores do. Whether
anybody is known shows in nothing: where no code can go out, one that nobody gets is kept in its place, so that wrong
guesses count, run out and fail alike; where nobody is found, what was stated simply does not match.
"""

from __future__ import annotations

from collections.abc import Mapping

from troth.app import ledgers
from troth.app import project as projects
from troth.app.centre import status as centre_status
from troth.app.centre.filing import BY
from troth.app.proving import identity as proving
from troth.app.proving.identity import Proving
from troth.app.requests import opening as requests
from troth.app.requests.opening import Doing
from troth.app.requests.steps import Place
from troth.cases import identity_points, identity_proof, register
from troth.cases.identity_points import Given
from troth.cases.register import Happened
from troth.errors import Refused, StoreError
from troth.problems import BadInput

BECAUSE = "It came in by a form of the privacy centre, which anybody can fill in with anybody's address."
"""The doubt that has to be there before anybody is asked (GDPR Art. 12(6))."""
NOBODY = "No code went out: no store has an address of this person, or it could not be told who is meant."
DECLARED = (
    "I declare under penalty of perjury that I am the person whose data this request is about.\n\nSigned: "
)


def send_code(id: int, at: Place) -> None:
    """Send a one-time code to the address on file; where there is none, keep one that nobody gets."""
    try:
        proving.send_code(id, BECAUSE, Doing(by=BY), _place(at))
    except (Refused, StoreError):
        _keep_blind(id, at)
    except BadInput:
        return  # it may not be asked for any more


def check_code(id: int, given: str, at: Place) -> Proving | None:
    """Compare a code; None where no code is wanted any more.

    A wrong one is counted, and after the fifth proof has failed and begins anew.
    """
    try:
        return proving.check_code(id, given, Doing(by=BY), _place(at))
    except (Refused, BadInput):
        return None


def match(id: int, given: Mapping[str, str], at: Place) -> None:
    """Compare the facts somebody stated with those on file; where nobody is found, none matches."""
    project = projects.load(at.folder, at.clock.now().date())
    with ledgers.opened(at.folder, at.environment, at.clock) as ledger:
        case = register.read(ledger, id)
        identities = register.contents(ledger, case).identities
    facts = centre_status.asked_facts(case, tuple(identity_points.facts(project.datamap)), identities)
    names = {_label(fact.name): fact.name for fact in reversed(facts)}
    stated = [Given(fact=names[name], value=value) for name, value in given.items() if name in names]
    stated = [one for one in stated if one.value.strip()]
    if not stated:
        return
    try:
        proving.match(id, stated, Doing(by=BY), _place(at))
    except (Refused, StoreError):
        _match_nobody(id, len(stated), at)
    except BadInput:
        return


def declare(id: int, name: str, at: Place) -> None:
    """Keep the declaration a person signs with their name.

    Raises:
        BadInput: no law of the request asks for one.
        Refused: the request is over.
    """
    proving.declare(id, f"{DECLARED}{name.strip()}".encode(), Doing(by=BY), _place(at))


def authority(id: int, document: bytes, at: Place) -> None:
    """Keep what an agent shows; whether it is a power of attorney is for somebody of ours to say.

    Raises:
        BadInput: nobody asks for somebody else, or the document is empty or too long.
        Refused: the request is over.
    """
    proving.authority(id, document, Doing(by=BY), _place(at))


def _keep_blind(id: int, at: Place) -> None:
    """Do what sending a code does, without a code that goes anywhere."""
    try:
        with requests.at_work(at.folder, at.environment, at.clock, by=BY) as work:
            case = work.read(id)
            proof = proving.proof_of(case, work.project)
            if not case.open or tuple(identity_proof.may_ask(case, proof, "code", BECAUSE)):
                return
            until = work.now + proving.VALID
            work.ledger.codes.keep(proving.new_code(), case=id, at=work.now, expires=until)
            reason = "doubt" if proof.doubt_first else "law-requires"
            body = {"means": "code", "reason": reason, "justified": True}
            text = {"because": BECAUSE, "note": NOBODY}
            work.add(case, Happened(kind="identity.asked", at=work.now, body=body, text=text))
    except Refused:
        return  # somebody of ours did something meanwhile


def _match_nobody(id: int, stated: int, at: Place) -> None:
    """Write down that nothing matched, as for somebody who is known and states what is not so."""
    try:
        with requests.at_work(at.folder, at.environment, at.clock, by=BY) as work:
            case = work.read(id)
            body: dict[str, object] = {"means": "points", "matched": 0, "of": stated}
            case = work.add(case, Happened(kind="identity.received", at=work.now, body=body))
            if identity_proof.shown(case).rounds >= identity_proof.ROUNDS:
                failed = Happened(kind="identity.failed", at=work.now, body={"reason": "no-match"})
                work.add(case, failed)
                work.ledger.codes.close(id)
    except Refused:
        return


def _label(name: str) -> str:
    return name.replace("_", " ").replace("-", " ")


def _place(at: Place) -> proving.Place:
    return proving.Place(folder=at.folder, environment=at.environment, clock=at.clock)
