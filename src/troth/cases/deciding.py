"""What must be true before a person decides a request, and what a refusal must give as reasons.

Pure; it decides nothing. A refusal under several laws needs a reason of each of them, for what one law lets stay
another may give. Grounds that hold under every law (`PLAIN`) need no article.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date

from troth.cases import moves
from troth.cases.case import Case
from troth.laws import answers as book
from troth.laws import shelf
from troth.laws.answers import Excuse
from troth.problems import Problem, nearest

GRANTS = ("granted", "partial")
PLAIN = {
    "unverified": "it could not be proven who asks",
    "not-held": "no data of the person is held",
    "not-authorised": "whoever asks may not ask for the person",
    "no-such-right": "no law of the place gives this right, and the policy does not offer it",
    "not-ours": "the data is held for somebody else, who decides",
    "hold": "an order not to delete stands",
    "statutory-duty": "a law wants it kept",
    "shared": "it is another person's as well",
    "own-interest": "it is needed against fraud or in a dispute",
}
"""Reasons that no single law gives."""
ALONE = frozenset({"unverified", "not-held", "not-authorised", "no-such-right", "not-ours"})
"""Reasons under which no law gives anything; the others need an exception of every law beside them."""
KEEPING = frozenset({"hold", "statutory-duty", "own-interest"})
"""Reasons to keep data: none to withhold it from the person, or to go on with what they stopped."""
NEEDS_TEXT = frozenset({"compelling-grounds", "legal-claims", "own-interest", "still-needed", "no-ground"})
"""Reasons for which the facts must be written down by whoever decides."""
SHORT = {
    "eu-gdpr": "GDPR",
    "uk-gdpr": "UK GDPR",
    "us-ca-ccpa": "CCPA",
    "sg-pdpa": "PDPA",
    "au-privacy": "Privacy Act",
    "br-lgpd": "LGPD",
    "ca-pipeda": "PIPEDA",
    "ca-qc-law25": "Law 25",
    "ch-fadp": "FADP",
    "eu-eprivacy": "ePrivacy",
    "uk-pecr": "PECR",
    "us-ca-delete-act": "Delete Act",
    "us-can-spam": "CAN-SPAM",
    "us-co-cpa": "CPA",
    "us-coppa": "COPPA",
    "us-ct-ctdpa": "CTDPA",
    "us-or-ocpa": "OCPA",
    "us-tx-tdpsa": "TDPSA",
    "us-va-vcdpa": "VCDPA",
}
"""What people call a law; its own name where nobody does."""
LONGEST_OWN = 366
"""Days for which an interest of our own can outrank a request."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """What somebody decides."""

    outcome: str
    """`granted`, `partial`, `refused`, `unverified` or `nothing-held`."""
    reasons: tuple[str, ...] = ()
    text: str = ""
    """The facts, in words: sealed with the case."""
    until: date | None = None
    """When a reason of our own ends."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Given:
    """A reason, in the words and by the rule of each law it counts under."""

    code: str
    says: str
    rules: tuple[str, ...] = ()


def faults(case: Case, decision: Decision, today: date) -> tuple[Problem, ...]:
    """List everything that keeps a request from being decided so."""
    return (
        *_ready(case, decision),
        *_reasons(case, decision),
        *_covered(case, decision),
        *_own(decision, today),
    )


def ready(case: Case, outcome: str) -> tuple[Problem, ...]:
    """List what keeps a request from being decided in some way, whatever the reasons given."""
    return tuple(_ready(case, Decision(outcome=outcome)))


def reasons(case: Case, codes: Sequence[str]) -> tuple[Given, ...]:
    """Write reasons out: what each says, and the rule of every law of the case that knows it."""
    found = []
    for code in dict.fromkeys(codes):
        known = [one for one in _excuses(case) if one.code == code]
        says = known[0].says if known else PLAIN.get(code, code)
        rules = tuple(dict.fromkeys(f"{one.article} {SHORT.get(one.law, one.law)}" for one in known))
        found.append(Given(code=code, says=says, rules=rules))
    return tuple(found)


def valid(case: Case) -> tuple[str, ...]:
    """List the reasons there may be for refusing a request."""
    return tuple(dict.fromkeys([*(one.code for one in _excuses(case)), *_plain(case)]))


def _plain(case: Case) -> Iterator[str]:
    """List the reasons of no single law that can be true of a request."""
    kind, day = case.kind, case.received.date()
    planned = case.last("planned")
    untrue = {
        "unverified": kind.stops,
        "not-held": planned is not None and bool(planned.body.get("people")),
        "no-such-right": any(kind.right(shelf.load(law), day) for law in case.laws),
        "not-ours": case.role == "controller" and not kind.changes,
        "shared": kind.stops,
        **dict.fromkeys(KEEPING, not kind.changes),
    }
    return (code for code in PLAIN if not untrue.get(code))


def _ready(case: Case, decision: Decision) -> Iterator[Problem]:
    grants = decision.outcome in GRANTS
    if decision.outcome == "unverified" and case.state != moves.UNVERIFIED:
        yield _cannot(
            "Nobody said yet that the proof failed.", "Say so first: `troth request verify --failed`."
        )
    if case.role == "unknown":
        yield _cannot("Nobody knows for whom the data is held.", "Ask the person whose customer they are.")
    if case.role == "processor" and grants and not case.instruction:
        yield _cannot(
            "The data is held for somebody else, who gave no instruction.",
            "Refer the request; when the controller answers, enter the instruction.",
        )
    passed_on = decision.outcome == "refused" and set(decision.reasons) == {"not-ours"}
    if case.role == "processor" and not grants and not case.instruction and not passed_on:
        yield _cannot(
            "The data is held for somebody else: a refusal on the merits is theirs.",
            "Refer the request; refuse it only with `not-ours`.",
        )
    if decision.outcome == "refused" and case.role == "controller" and "not-ours" in decision.reasons:
        yield _cannot(
            "We are the controller of this request.", "Say for whom the data is held: `request customer`."
        )
    if grants and case.whom != "self" and case.last("authority.shown") is None:
        yield _cannot(f"The {case.whom} has not shown that they may ask.", "Enter the authority first.")
    reveals = case.kind.discloses or case.kind.changes
    if grants and reveals and not case.proven and not case.instruction:
        yield _cannot(
            "It is not proven who asks.",
            "Use `troth request verify`: where no doubt is reasonable, that is said there.",
        )
    if grants and case.kind.needs_plan and case.last("planned") is None:
        yield _cannot("Nobody worked out what would be done.", f"Use `troth request plan {case.id}` first.")


def _reasons(case: Case, decision: Decision) -> Iterator[Problem]:
    known = valid(case)
    for code in decision.reasons:
        if code not in known:
            yield Problem(
                code="unknown-name",
                message="No law of the request knows this reason.",
                found=code,
                valid=known,
                nearest=nearest(code, known),
                hint="Take one of the names.",
            )
    if decision.outcome in {"refused", "partial"} and not decision.reasons:
        yield _cannot("A refusal gives its reasons.", "Name them with --because.", known)
    proofs = {one.code for one in _excuses(case) if one.proof} | NEEDS_TEXT
    bare = [code for code in decision.reasons if code in proofs]
    if bare and not decision.text.strip():
        yield _cannot(f"The facts for {', '.join(bare)} are missing.", "Write them down with --facts FILE.")


def _covered(case: Case, decision: Decision) -> Iterator[Problem]:
    """A law under which no reason counts still gives the right."""
    if decision.outcome != "refused" or ALONE & set(decision.reasons):
        return
    given = {*decision.reasons, *(("legal-obligation",) if "statutory-duty" in decision.reasons else ())}
    for law in case.laws:
        own = {one.code for one in book.excuses(law, case.kind.name)}
        if own and not own & given:
            yield _cannot(
                f"Under {law} none of these reasons counts: the request stands there.",
                "Name a reason of that law too, or grant it.",
                tuple(sorted(own)),
            )


def _own(decision: Decision, today: date) -> Iterator[Problem]:
    if "own-interest" not in decision.reasons:
        return
    if decision.until is None:
        yield _cannot("An interest of our own needs an end.", "Give --until, within twelve months.")
    elif not 0 < (decision.until - today).days <= LONGEST_OWN:
        yield _cannot(
            "An interest of our own ends within twelve months.", "Give --until, within twelve months."
        )


def _excuses(case: Case) -> list[Excuse]:
    return [one for law in case.laws for one in book.excuses(law, case.kind.name)]


def _cannot(message: str, hint: str, valid: tuple[str, ...] = ()) -> Problem:
    return Problem(code="cannot-decide", message=message, hint=hint, valid=valid)
