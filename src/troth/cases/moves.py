"""Which events may come in which state of a case, and where they lead: a closed table.

Events that change nothing about what comes next (`ALWAYS`) may come in any open state.
"""

from __future__ import annotations

from collections.abc import Mapping

from troth.errors import Refused

NEW, NEEDS_CUSTOMER, REFERRED = "new", "needs-customer", "referred"
IDENTIFYING, UNVERIFIED, CLARIFYING = "identifying", "unverified", "clarifying"
DECIDING, DOING, ANSWERING, ANSWERED, CLOSED = "deciding", "doing", "answering", "answered", "closed"
STATES = (
    NEW,
    NEEDS_CUSTOMER,
    REFERRED,
    IDENTIFYING,
    UNVERIFIED,
    CLARIFYING,
    DECIDING,
    DOING,
    ANSWERING,
    ANSWERED,
    CLOSED,
)
"""`unverified`: it could not be proven who asks; only a refusal, another try or the end may follow."""

ALWAYS = frozenset({"note", "bounced", "residence.stated"})
BEFORE_ANSWER = frozenset(
    {
        "acknowledged",
        "extension.notice",
        "fee.asked",
        "fee.paid",
        "cost.told",
        "cost.confirmed",
        "restricted",
        "released",
        "authority.shown",
    }
)
"""They change nothing about what comes next while no answer went out."""

_ASKING = {
    "identity.asked": IDENTIFYING,
    "clarification.asked": CLARIFYING,
    "customer.asked": NEEDS_CUSTOMER,
    "customer.named": NEW,
    "withdrawn": CLOSED,
}
_DECIDING = {"planned": DECIDING, "decided": DOING}

TABLE: Mapping[str, Mapping[str, str]] = {
    NEW: {
        **_ASKING,
        **_DECIDING,
        "identity.received": IDENTIFYING,
        "identity.proven": DECIDING,
        "referred": REFERRED,
        "closed": CLOSED,
    },
    NEEDS_CUSTOMER: {
        "customer.asked": NEEDS_CUSTOMER,
        "customer.named": NEW,
        "withdrawn": CLOSED,
        "closed": CLOSED,
    },
    REFERRED: {
        "referred": REFERRED,
        "instructed": DECIDING,
        "customer.named": NEW,
        "withdrawn": CLOSED,
        "closed": CLOSED,
    },
    IDENTIFYING: {
        **_ASKING,
        "identity.received": IDENTIFYING,
        "identity.proven": DECIDING,
        "identity.failed": UNVERIFIED,
        "closed": CLOSED,
    },
    UNVERIFIED: {
        "identity.asked": IDENTIFYING,
        "identity.received": IDENTIFYING,
        "identity.proven": DECIDING,
        "decided": DOING,
        "withdrawn": CLOSED,
        "closed": CLOSED,
    },
    CLARIFYING: {
        "clarification.asked": CLARIFYING,
        "clarification.answered": NEW,
        "identity.received": IDENTIFYING,
        "identity.proven": DECIDING,
        "withdrawn": CLOSED,
        "closed": CLOSED,
    },
    DECIDING: {
        **_ASKING,
        **_DECIDING,
        "redaction.checked": DECIDING,
        "customer.named": NEW,
        "referred": REFERRED,
        "closed": CLOSED,
    },
    DOING: {
        "planned": DECIDING,
        "done": ANSWERING,
        "redaction.checked": DOING,
        "recipients.told": DOING,
        "withdrawn": CLOSED,
    },
    ANSWERING: {
        "done": ANSWERING,
        "redaction.checked": ANSWERING,
        "recipients.told": ANSWERING,
        "recipient.answered": ANSWERING,
        "answered": ANSWERED,
    },
    ANSWERED: {
        "answered": ANSWERED,
        "done": ANSWERED,
        "recipients.told": ANSWERED,
        "recipient.answered": ANSWERED,
        "reopened": DECIDING,
        "closed": CLOSED,
    },
    CLOSED: {"reopened": DECIDING, "recipient.answered": CLOSED, "done": CLOSED},
}
"""What may come in each state, and the state it leads to; a decision that grants nothing leads on to `answering`."""


def after(state: str, event: str, outcome: object = None) -> str:
    """Return the state an event leads to.

    Args:
        state: Where the case stands.
        event: What happened.
        outcome: Of a decision: where nothing is granted there is nothing to do but answer.

    Raises:
        Refused: when the event may not come now.
    """
    if event in ALWAYS:
        return state
    if event in BEFORE_ANSWER and state not in {ANSWERED, CLOSED}:
        return state
    to = TABLE[state].get(event)
    if to is None:
        raise Refused(
            f"In the state `{state}` the event `{event}` cannot come.",
            hint=f"What may come now: {', '.join(allowed(state)) or 'nothing'}.",
        )
    if event == "decided" and outcome in {"refused", "unverified", "nothing-held"}:
        return ANSWERING
    return to


def allowed(state: str) -> tuple[str, ...]:
    """List the events that may come in a state."""
    more = () if state in {ANSWERED, CLOSED} else BEFORE_ANSWER
    return tuple(sorted({*TABLE[state], *more, *ALWAYS}))
