"""Letters that ask for proof of identity or carry a one-time code, queued within the step they belong to."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from troth.app.requests import letters as request_letters
from troth.app.requests.opening import Work
from troth.cases.case import Case, Contents
from troth.cases.identity import Proof
from troth.cases.identity_proof import SAYS
from troth.errors import Refused

HANDLING = (
    "We use it for nothing but to make sure that it is you. Facts and codes are compared and not kept; a copy of a "
    "document is kept encrypted and apart, and destroyed in the same step in which we accept it."
)
UNNEEDED = (
    "a copy of an identity card, a passport or a driving licence",
    "photos, bank details, or any number an authority gave you",
    "a certificate of a notary",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What a letter asks for."""

    means: str
    because: str
    proof: Proof
    facts: tuple[str, ...]
    """Names of facts that may prove it."""


def ask(work: Work, case: Case, contents: Contents, asked: Asked) -> str:
    """Queue the letter that asks for proof; return its reference, or nothing where there is no address."""
    data: dict[str, object] = {
        "asked": [_asked(asked)],
        "why": asked.because or "We must not give data about you to anybody else.",
        "handling": HANDLING,
        "how": "Answer this letter. Please do not send more than we ask for.",
        "by": (work.now + request_letters.PATIENCE).date(),
    }
    if asked.means != "document":
        data["unneeded"] = list(UNNEEDED)
    return request_letters.put(work, case, contents, "identity", data)


def code(work: Work, case: Case, contents: Contents, address: str, made: str, *, until: datetime) -> str:
    """Queue a one-time code for an address on file; return the letter's reference.

    Args:
        work: Project, ledger and clock.
        case: What it is about.
        contents: Of the request; its own address is not used.
        address: On file.
        made: The code.
        until: When it runs out; the letter does not go after that.

    Raises:
        Refused: the project names no contact of ours, so that no letter can be written.
    """
    if not request_letters.our_contact(work.project):
        raise Refused(
            "The project names no contact of ours, so no letter can be written.",
            hint="Add `organisation: {contacts: {privacy: …}}`.",
        )
    from troth.ledger.outbox import NewLetter  # its models load only once the ledger is open

    data = {
        "code": f"{made[:4]} {made[4:]}",
        "purpose": case.kind.request,
        "until": f"{until:%H:%M} UTC on {until.day} {until:%B %Y}",
    }
    letter = request_letters.written(work, case, contents, "code", data, greeted=False)
    new = NewLetter(kind="code", channel="mail", to=address, letter=letter, case=case.id, until=until)
    return f"letter:{work.ledger.outbox.put(new, at=work.now, by=work.staff)}"


def _asked(asked: Asked) -> str:
    if asked.means == "points" and asked.facts:
        return f"{asked.proof.points} of these facts that we hold of you: {', '.join(asked.facts)}"
    return SAYS[asked.means]
