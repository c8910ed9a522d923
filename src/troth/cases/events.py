"""What can happen to a case: the closed list of events, and what each may say in clear.

An event is never changed and never removed; what was wrong is put right by a later one. Its body holds codes,
numbers, days and references only: what a person wrote or is called stands sealed beside it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from types import MappingProxyType

from troth.errors import Refused
from troth.evidence.fields import (
    CODE,
    COUNT,
    DATASET,
    DAY,
    DIGEST,
    FLAG,
    HASH,
    REFERENCE,
    FieldType,
    list_of,
    one_of,
)
from troth.laws import facts

OUTCOMES = (
    "granted",
    "partial",
    "refused",
    "withdrawn",
    "referred",
    "unverified",
    "nothing-held",
)
"""How a case ends."""

FIELDS: Mapping[str, FieldType] = {
    "backups_gone_by": DAY,
    "blocked": COUNT,
    "certificate": HASH,
    "channel": CODE,
    "choice": REFERENCE,
    "datasets": list_of(DATASET),
    "due": DAY,
    "hold": REFERENCE,
    "instruction": CODE,
    "justified": FLAG,
    "kept": COUNT,
    "laws": list_of(CODE),
    "letter": REFERENCE,
    "matched": COUNT,
    "means": CODE,
    "objection": REFERENCE,
    "of": COUNT,
    "outcome": one_of(*OUTCOMES),
    "package": DIGEST,
    "people": COUNT,
    "plan": HASH,
    "reason": CODE,
    "reasons": list_of(CODE),
    "recipient": REFERENCE,
    "recipients": COUNT,
    "residues": COUNT,
    "restriction": REFERENCE,
    "rows": COUNT,
    "stores": COUNT,
    "tasks": COUNT,
}
"""Every field a body may have."""


@dataclass(frozen=True, slots=True, kw_only=True)
class EventKind:
    """One kind of event."""

    name: str
    says: str
    takes: tuple[str, ...] = ()
    """Fields it may have."""
    needs: tuple[str, ...] = ()
    """Fields it must have."""


def _kinds(*rows: EventKind) -> dict[str, EventKind]:
    return {row.name: row for row in rows}


def _kind(name: str, says: str, *takes: str, needs: tuple[str, ...] = ()) -> EventKind:
    return EventKind(name=name, says=says, takes=(*needs, *takes), needs=needs)


ALL: Mapping[str, EventKind] = _kinds(
    _kind("received", "The request came in.", needs=("channel",)),
    _kind("acknowledged", "The person was told that it came in.", "letter"),
    _kind("residence.stated", "Where the person lives became known, and with it the laws.", needs=("laws",)),
    _kind("customer.asked", "The person was asked whose customer they are; none was named.", "letter"),
    _kind("customer.named", "It became known for which controller the data is held."),
    _kind("referred", "The request went to the controller.", "letter", "recipient"),
    _kind("instructed", "The controller said what to do.", needs=("instruction",)),
    _kind(
        "identity.asked", "Proof of identity was asked for.", "letter", needs=("means", "reason", "justified")
    ),
    _kind("identity.received", "Proof of identity came in.", "matched", "of", needs=("means",)),
    _kind("identity.proven", "The person is who they say.", "matched", "of", needs=("means",)),
    _kind("identity.failed", "It could not be proven who asks.", needs=("reason",)),
    _kind("authority.shown", "Somebody showed that they may ask for the person.", needs=("means",)),
    _kind("clarification.asked", "What is meant was asked for.", "letter", needs=("justified",)),
    _kind("clarification.answered", "What is meant became clear."),
    _kind("fee.asked", "A fee was asked for.", "letter", needs=("reason", "justified")),
    _kind("fee.paid", "The fee was paid."),
    _kind("cost.told", "The person was told what it costs.", "letter"),
    _kind("cost.confirmed", "The person still wants it."),
    _kind(
        "extension.notice",
        "The person was told that it takes longer, why, and until when.",
        "letter",
        "due",
        needs=("reason",),
    ),
    _kind("restricted", "Use of the data stops until this is decided.", "restriction", "hold", "objection"),
    _kind("released", "What was restricted for this case may be used again.", "restriction", "hold"),
    _kind(
        "planned",
        "What would be done was worked out.",
        "plan",
        "package",
        "people",
        "rows",
        "kept",
        "blocked",
        "tasks",
        "stores",
    ),
    _kind(
        "decided",
        "A named person decided.",
        "plan",
        "package",
        "reasons",
        "datasets",
        "blocked",
        "instruction",
        needs=("outcome",),
    ),
    _kind(
        "done",
        "What was decided was carried out and looked at again.",
        "plan",
        "certificate",
        "package",
        "choice",
        "objection",
        "restriction",
        "rows",
        "kept",
        "residues",
        "tasks",
        "instruction",
        "backups_gone_by",
    ),
    _kind("redaction.checked", "Somebody looked through it for data of others.", "package", "blocked"),
    _kind("recipients.told", "Recipients of the data were told.", "letter", needs=("recipients",)),
    _kind("recipient.answered", "A recipient answered.", needs=("recipient", "reason")),
    _kind("answered", "The answer went out.", "letter", "package", needs=("outcome",)),
    _kind("bounced", "A letter of this case did not arrive.", needs=("letter",)),
    _kind("withdrawn", "The person no longer wants it."),
    _kind("reopened", "The case was opened again.", needs=("reason",)),
    _kind("closed", "The case is over.", needs=("outcome",)),
    _kind("note", "Something worth keeping, sealed."),
)
"""Every kind of event by its name."""

CLOCK = frozenset(facts.KINDS)
"""Those the law's clock is computed from."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """One thing that happened."""

    kind: str
    at: datetime
    """When it happened: with an offset."""
    by: int
    """Staff id of who wrote it down; 0 for the system."""
    body: Mapping[str, object] = field(default_factory=dict)
    number: int = 0
    """Its place in the case, from 1; 0 before it is kept."""
    recorded_at: datetime | None = None
    has_text: bool = False
    """Something sealed stands beside it."""

    def __post_init__(self) -> None:
        known = ALL.get(self.kind)
        if known is None:
            raise Refused(f"An event of a case was expected; `{self.kind}` is none.")
        missing = [name for name in known.needs if name not in self.body]
        strange = [name for name in self.body if name not in known.takes]
        wrong = [n for n, v in self.body.items() if n in FIELDS and not FIELDS[n].accepts(v)]
        if missing or strange or wrong:
            raise Refused(
                f"The event `{self.kind}` takes {', '.join(known.takes) or 'nothing'}; "
                f"missing: {', '.join(missing) or 'none'}; not taken: {', '.join((*strange, *wrong)) or 'none'}."
            )
        object.__setattr__(self, "body", MappingProxyType(dict(self.body)))
