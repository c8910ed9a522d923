"""Kinds of entries about requests of people: what happened, whose data went where, what was chosen, letters."""

from __future__ import annotations

from troth.evidence.fields import (
    CODE,
    COUNT,
    DATASET,
    DAY,
    DIGEST,
    FLAG,
    HASH,
    INSTANT,
    PROMISE,
    REFERENCE,
    STAFF,
    list_of,
    one_of,
)
from troth.evidence.kind import kind as _kind

CASE_EVENTS = (
    "received",
    "acknowledged",
    "residence.stated",
    "customer.asked",
    "customer.named",
    "referred",
    "instructed",
    "identity.asked",
    "identity.received",
    "identity.proven",
    "identity.failed",
    "authority.shown",
    "clarification.asked",
    "clarification.answered",
    "fee.asked",
    "fee.paid",
    "cost.told",
    "cost.confirmed",
    "extension.notice",
    "restricted",
    "released",
    "planned",
    "decided",
    "done",
    "redaction.checked",
    "recipients.told",
    "recipient.answered",
    "answered",
    "bounced",
    "withdrawn",
    "reopened",
    "closed",
    "note",
)
"""What can happen to a request; `cases.events` says what each is."""

CASES = (
    _kind(
        "case.opened",
        "A request for one right came in.",
        {"case": REFERENCE, "right": CODE, "received": INSTANT, "by": STAFF},
        {
            "laws": list_of(CODE),
            "channel": CODE,
            "whom": one_of("self", "agent", "parent"),
            "role": one_of("controller", "processor", "unknown"),
            "together_with": REFERENCE,
            "policy": HASH,
        },
    ),
    _kind(
        "case.event",
        "Something happened to a request; the hash is over everything the event says in clear.",
        {
            "case": REFERENCE,
            "number": COUNT,
            "event": one_of(*CASE_EVENTS),
            "happened": INSTANT,
            "body": HASH,
            "state": CODE,
            "by": STAFF,
        },
        {
            "means": CODE,
            "reason": CODE,
            "reasons": list_of(CODE),
            "outcome": CODE,
            "instruction": CODE,
            "plan": HASH,
            "certificate": HASH,
            "letter": REFERENCE,
            "laws": list_of(CODE),
            "due": INSTANT,
        },
    ),
    _kind(
        "case.read",
        "Somebody read what a request says of a person, and said why; the keyed hash is of the reason.",
        {"case": REFERENCE, "reason": HASH, "by": STAFF},
    ),
    _kind(
        "case.downloaded",
        "The person took the package of a request by their private link, after giving a code.",
        {"case": REFERENCE, "package": DIGEST, "files": COUNT, "bytes": COUNT},
    ),
    _kind(
        "case.forgotten",
        "What a request said of a person was destroyed; that it was made and answered stays.",
        {"case": REFERENCE},
        {"by": STAFF},
    ),
)

SHARING = (
    _kind(
        "recipient.added",
        "Somebody data goes to was entered.",
        {"recipient": REFERENCE, "role": CODE, "by": STAFF},
        {"categories": COUNT, "purposes": COUNT, "from": DAY, "until": DAY},
    ),
    _kind(
        "recipient.ended",
        "Somebody gets data no more after a day.",
        {"recipient": REFERENCE, "until": DAY, "by": STAFF},
    ),
    _kind(
        "disclosure.made",
        "Data of people went to somebody, or was used; the hash ties the entry to whom the journal names.",
        {
            "disclosure": REFERENCE,
            "what": one_of("disclosure", "sale", "share", "use"),
            "happened": INSTANT,
            "people": COUNT,
            "whom": HASH,
            "by": STAFF,
        },
        {
            "recipient": REFERENCE,
            "declared": PROMISE,
            "datasets": list_of(DATASET),
            "categories": list_of(PROMISE),
            "purpose": PROMISE,
            "case": REFERENCE,
            "untold": CODE,
        },
    ),
    _kind(
        "choice.recorded",
        "Somebody made a choice; keyed digests in the ledger know them again.",
        {
            "choice": REFERENCE,
            "decision": one_of("out", "in", "withdrawn", "objected"),
            "happened": INSTANT,
            "by": STAFF,
        },
        {"about": CODE, "purpose": PROMISE, "identities": COUNT, "case": REFERENCE, "how": CODE},
    ),
    _kind(
        "paper.kept",
        "A paper given as proof of identity was encrypted under a key of its own.",
        {"paper": REFERENCE, "case": REFERENCE, "due": DAY, "by": STAFF},
    ),
    _kind(
        "paper.read",
        "Somebody read a paper given as proof of identity; why is sealed in that event of the request.",
        {"paper": REFERENCE, "case": REFERENCE, "note": COUNT, "by": STAFF},
    ),
    _kind(
        "paper.destroyed",
        "The key of a paper given as proof of identity was destroyed: nothing opens its file any more.",
        {"paper": REFERENCE, "case": REFERENCE, "reason": one_of("proven", "failed", "overdue"), "by": STAFF},
    ),
)

_LETTER = {"letter": REFERENCE}
_SMTP = {"case": REFERENCE, "code": COUNT, "reason": CODE, "by": STAFF}
"""`code` is the answer of the mail server, as 550."""

LETTERS = (
    _kind(
        "letter.queued",
        "A letter was written and waits in the outbox.",
        {**_LETTER, "kind": CODE, "channel": one_of("mail", "post"), "by": STAFF},
        {"case": REFERENCE},
    ),
    _kind(
        "letter.sent",
        "The mail server took a letter; `again` where an earlier attempt may have got there too.",
        {**_LETTER, "attempts": COUNT, "again": FLAG},
        {"case": REFERENCE},
    ),
    _kind("letter.bounced", "A letter was refused by the mail server or came back.", _LETTER, _SMTP),
    _kind("letter.failed", "A letter was given up: it could not be sent in time.", _LETTER, _SMTP),
    _kind(
        "letter.printed", "A letter was printed for the post.", {**_LETTER, "by": STAFF}, {"case": REFERENCE}
    ),
    _kind("letter.cancelled", "A letter was taken back.", {**_LETTER, "by": STAFF}, {"case": REFERENCE}),
    _kind(
        "letter.forgotten",
        "Letters whose way had ended were forgotten: addresses, texts and their keys are gone.",
        {"letters": COUNT},
    ),
)

_MAIL = {"mail": REFERENCE}

MAILS = (
    _kind(
        "mail.taken-in",
        "Messages were taken from a mailbox, and sorted: as many wait for a person, answer a request, say that a "
        "letter came back, or are none of these.",
        {"mails": COUNT, "waiting": COUNT, "answers": COUNT, "notices": COUNT, "dismissed": COUNT},
    ),
    _kind(
        "mail.read",
        "Somebody read a message, and said why; the keyed hash is of the reason.",
        {**_MAIL, "reason": HASH, "by": STAFF},
    ),
    _kind(
        "mail.confirmed",
        "Somebody said that a message is a request, and which; cases were opened for it.",
        {**_MAIL, "case": REFERENCE, "by": STAFF},
    ),
    _kind(
        "mail.joined",
        "Somebody said that a message belongs to a request; what it says stands beside it as a note.",
        {**_MAIL, "case": REFERENCE, "by": STAFF},
    ),
    _kind(
        "mail.dismissed",
        "Somebody said that a message asks for nothing, and why.",
        {**_MAIL, "reason": CODE, "by": STAFF},
    ),
    _kind(
        "mail.forgotten",
        "Messages that were settled were destroyed, with their keys.",
        {"mails": COUNT},
    ),
)
