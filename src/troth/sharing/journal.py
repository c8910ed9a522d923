"""The journal of disclosures: written once for any number of people, asked for one of them.

An entry says to whom, what, for what and when; whose data it was stands in keyed digests, and a hash over them in
evidence. Identities come as an iterator and are digested at once, so that a list of any length is never held.
"""

from __future__ import annotations

import tempfile
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import IO, TYPE_CHECKING

from troth.errors import Refused
from troth.evidence import fields
from troth.evidence.entry import Entry
from troth.evidence.instants import instant
from troth.people.typed import Identity
from troth.problems import BadInput, Problem
from troth.sharing.model import KINDS, Recipient

if TYPE_CHECKING:
    from troth.ledger.disclosures import DisclosureRecord, NewDisclosure
    from troth.ledger.ledger import Ledger

DIGEST = 32
"""Bytes of a digest (HMAC-SHA-256)."""
IN_MEMORY = 1 << 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Disclosing:
    """What went where, or was used."""

    kind: str
    at: datetime
    """When it happened: with a zone, not in the future."""
    purpose: str
    recipient: Recipient | None = None
    """Nobody, for a use."""
    datasets: tuple[str, ...] = ()
    categories: tuple[str, ...] = ()
    case: int | None = None
    untold: str = ""
    """Why people must not be told of it, as a word in kebab-case: `law-enforcement` (PDPA s21(4))."""


def add(
    ledger: Ledger, what: Disclosing, identities: Iterable[Identity], *, by: str | None, now: datetime
) -> DisclosureRecord:
    """Write an entry about everybody named, with its evidence; the same identity twice counts once.

    Args:
        ledger: The ledger.
        what: What went where.
        identities: Of each person one that stays, best their key; read once, never held together.
        by: Who says so; None for a system.
        now: The clock.

    Raises:
        BadInput: with every fault of the entry.
        Refused: it is about nobody.
    """
    if problems := [*faults(what, now)]:
        raise BadInput(problems)
    with tempfile.SpooledTemporaryFile(IN_MEMORY) as spool:
        for one in identities:
            spool.write(ledger.disclosures.digest(one))
        if not spool.tell():
            raise Refused("A disclosure is about somebody; no identity was given.", hint="Name the people.")
        spool.seek(0)
        with ledger.writing():
            staff = ledger.staff.identify(by, at=now) if by else None
            written, whom = ledger.disclosures.add(_new(what), _digests(spool), recorded_at=now, by=staff)
            body = _body(what, written, whom) | {"by": f"staff:{staff}" if staff else "system"}
            ledger.append(Entry(kind="disclosure.made", at=now, body=body))
    return written


def of(
    ledger: Ledger, identities: Collection[Identity], since: datetime | None, until: datetime | None
) -> tuple[DisclosureRecord, ...]:
    """Return what the journal says of one person, from one instant to another, both included; oldest first."""
    return ledger.disclosures.of(identities, since, until)


def faults(what: Disclosing, now: datetime) -> Iterator[Problem]:
    """Yield everything that is wrong with an entry."""
    if what.kind not in KINDS:
        hint = "Name one of them."
        yield Problem(code="unknown-name", message="No such kind.", found=what.kind, valid=KINDS, hint=hint)
    elif what.kind == "use" and what.recipient:
        yield _bad("A use has no recipient.", "Leave it out, or write down a disclosure.")
    elif what.kind != "use" and not what.recipient:
        yield _bad("Data went to somebody.", "Name the recipient.")
    if what.at.tzinfo is None:
        yield _bad("The instant has no zone.", "Write the offset of the place: 2026-01-31T10:00+01:00, or Z.")
    elif what.at > now:
        yield _bad("It lies in the future.", "Write down what has happened.")
    if not (what.datasets or what.categories):
        yield _bad("It is not said what it was.", "Name datasets, or categories.")
    if not what.purpose:
        yield _bad("It is not said what for.", "Name the purpose.")
    if what.untold and not fields.CODE.accepts(what.untold):
        yield _bad("The reason not to tell is no word in kebab-case.", "Write it so: law-enforcement.")


def _new(what: Disclosing) -> NewDisclosure:
    from troth.ledger.disclosures import NewDisclosure

    to = what.recipient
    return NewDisclosure(
        kind=what.kind,
        recipient=to.name if to else "",
        role=to.role if to else "",
        sort=to.sort if to else "",
        country=to.country if to else "",
        datasets=what.datasets,
        categories=what.categories,
        purpose=what.purpose,
        at=what.at,
        case=what.case,
        untold=what.untold,
    )


def _body(what: Disclosing, written: DisclosureRecord, whom: str) -> dict[str, object]:
    body: dict[str, object] = {
        "disclosure": written.reference,
        "what": what.kind,
        "happened": instant(what.at),
        "people": written.people,
        "whom": whom,
    }
    if what.recipient and what.recipient.id:
        body["recipient"] = what.recipient.reference
    elif what.recipient and fields.PROMISE.accepts(what.recipient.promise):
        body["declared"] = what.recipient.promise
    if what.datasets:
        body["datasets"] = [fields.place(*name.split(".", 2)) for name in what.datasets]
    if what.categories:
        body["categories"] = list(what.categories)
    if fields.PROMISE.accepts(what.purpose):
        body["purpose"] = what.purpose
    if what.case:
        body["case"] = f"case:{what.case}"
    if what.untold:
        body["untold"] = what.untold
    return body


def _digests(spool: IO[bytes]) -> Iterator[bytes]:
    while digest := spool.read(DIGEST):
        yield digest


def _bad(message: str, hint: str) -> Problem:
    return Problem(code="bad-disclosure", message=message, hint=hint)
