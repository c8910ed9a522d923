"""The words of the queue and the case screen: what people at a desk call steps, states and events. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from troth.cases import deciding
from troth.cases.events import ALL

STATES: Mapping[str, str] = {
    "new": "New",
    "needs-customer": "Whose customer?",
    "referred": "Passed on",
    "identifying": "Who asks?",
    "unverified": "Not proven who asks",
    "clarifying": "Question asked",
    "deciding": "To be decided",
    "doing": "To be carried out",
    "answering": "To be answered",
    "answered": "Answered",
    "closed": "Closed",
}
OUTCOMES: Mapping[str, str] = {
    "granted": "Grant it",
    "partial": "Grant it in part",
    "refused": "Refuse it",
    "unverified": "Say that it could not be proven who asks",
    "nothing-held": "Say that nothing is held",
}
DECIDED: Mapping[str, str] = {
    "granted": "granted",
    "partial": "granted in part",
    "refused": "refused",
    "unverified": "not proven who asks",
    "nothing-held": "nothing held",
    "withdrawn": "withdrawn",
    "referred": "passed on",
}
LEFT: Mapping[str, tuple[str, str]] = {
    "overdue": ("bad", "overdue"),
    "late": ("bad", "past the safe day"),
    "soon": ("soon", "soon"),
    "half": ("", "in time"),
    "in time": ("good", "in time"),
    "waiting": ("", "clock waits"),
    "elsewhere": ("", "passed on"),
    "answered": ("good", "answered"),
    "closed": ("", "closed"),
}
"""Colour and word of how much time is left."""
TABS: Mapping[str, str] = {
    "open": "Open",
    "overdue": "Overdue",
    "soon": "Due in 7 days",
    "mine": "Mine",
    "waiting": "Waiting for the person",
    "elsewhere": "Passed on",
    "answered": "To be closed",
    "closed": "Closed",
}
EMPTY: Mapping[str, str] = {
    "open": "No request is open. One that comes in by mail, telephone or letter is opened here.",
    "overdue": "Nothing is past its day.",
    "soon": "Nothing ends within seven days.",
    "mine": "No open request has a step of yours yet. Take one from Open.",
    "waiting": "Nobody has been asked for anything that has not come.",
    "elsewhere": "No request waits for a controller.",
    "answered": "Every answered request is closed.",
    "closed": "No request has been closed yet.",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Words:
    """How a step is spoken of."""

    title: str
    """As a heading, and as a link to it."""
    button: str
    says: str = ""
    """What it does, in a sentence or two."""
    group: str = "Other"
    again: str = ""
    """Its title where it was done before."""


GROUPS = ("Who asks", "Whose data", "Time", "The request", "Its end")
STEPS: Mapping[str, Words] = {
    "customer": Words(
        title="Settle whose customer the person is",
        button="Save",
        says="Ask the person in a letter that names nobody, name the customer, or say that the data is ours.",
        group="Whose data",
    ),
    "refer": Words(
        title="Pass it on to the controller",
        button="Pass it on",
        says="A letter goes to the controller, and another tells the person.",
        group="Whose data",
    ),
    "instruct": Words(
        title="Enter the controller's instruction",
        button="Save the instruction",
        says="Only under it is anything done; what is done names it.",
        group="Whose data",
    ),
    "authority": Words(
        title="Keep the permission the agent showed",
        button="Keep it",
        says="It is sealed with the request. With a power of attorney nothing more is asked.",
        group="Who asks",
    ),
    "parent": Words(
        title="Say what shows that a parent asks", button="Save", says="It is sealed.", group="Who asks"
    ),
    "accept": Words(
        title="Confirm who asks",
        button="Confirm",
        says="You take your own word for it, by name. What it rests on is sealed with the request.",
        group="Who asks",
    ),
    "send-code": Words(
        title="Send a code to the address on file",
        button="Send the code",
        says="It never goes to an address that only the request names.",
        group="Who asks",
    ),
    "check-code": Words(
        title="Check the code the person gave",
        button="Check the code",
        says="After the fifth wrong one proof has failed and starts anew.",
        group="Who asks",
    ),
    "match": Words(
        title="Compare facts the person stated",
        button="Compare",
        says="You are told only how many match. What is typed here is compared and not kept.",
        group="Who asks",
    ),
    "ask": Words(title="Ask for other proof", button="Send the letter", group="Who asks"),
    "declare": Words(
        title="Keep the signed declaration", button="Keep it", says="It is sealed.", group="Who asks"
    ),
    "keep-paper": Words(
        title="Keep a document that came",
        button="Keep it",
        says="It is encrypted and kept apart, and destroyed in the step that proves who asks.",
        group="Who asks",
    ),
    "fail": Words(
        title="Say that it could not be proven",
        button="Save",
        says="The person is told, and can try again.",
        group="Who asks",
    ),
    "acknowledge": Words(
        title="Note that the person was told of the arrival",
        button="Save",
        says="By other means than a letter of ours.",
        group="Time",
    ),
    "clarify": Words(
        title="Ask what is meant", button="Send the question", says="A letter goes out.", group="Time"
    ),
    "clarified": Words(title="Write down the person's answer", button="Save the answer", group="Time"),
    "extend": Words(
        title="Take more time",
        button="Tell the person",
        says="The person must be told within the term, and why. No law lets it be extended twice.",
        group="Time",
    ),
    "fee": Words(
        title="Ask for a fee",
        button="Send the letter",
        says="That it is due is for us to show.",
        group="Time",
    ),
    "cost": Words(
        title="Tell what it costs",
        button="Send the letter",
        says="The person must confirm first (Swiss DSV Art. 19).",
        group="Time",
    ),
    "paid": Words(title="Note that the fee came", button="Save", group="Time"),
    "confirmed": Words(title="Note that the person still wants it", button="Save", group="Time"),
    "residence": Words(
        title="Say where the person lives",
        button="Save",
        says="Laws and dates are computed anew. Nobody is asked for this alone.",
        group="The request",
    ),
    "hold-off": Words(
        title="Stop the use until it is decided",
        button="Stop the use",
        says="GDPR Art. 18(1)(a) and (d).",
        group="The request",
    ),
    "plan": Words(
        title="Work out what would be done",
        button="Work it out",
        says="Every store is looked through for the person. Nothing is changed.",
        group="The request",
        again="Work it out again",
    ),
    "redacted": Words(
        title="Look through the package for data of others",
        button="I looked through it",
        says="Some entries are about several people. Look at what was taken out and at what stays before it goes.",
        group="The request",
    ),
    "decide": Words(
        title="Decide",
        button="Decide, by my name",
        says="It counts for what stands on this page now, and stands under your name.",
        group="The request",
        again="Decide anew",
    ),
    "carry-out": Words(
        title="Carry it out",
        button="Carry it out",
        says="What was decided is done in the stores, and looked at again. Given twice, it goes on where it was.",
        group="The request",
    ),
    "answer": Words(
        title="Answer",
        button="Send the answer",
        says="What a law demands and is missing stops the letter. Recipients are told in the same step.",
        group="The request",
    ),
    "recipient": Words(title="Note what a recipient answered", button="Save", group="The request"),
    "note": Words(title="Keep a note", button="Keep it", says="It is sealed.", group="The request"),
    "close": Words(title="Close it", button="Close the case", group="Its end"),
    "follow-up": Words(
        title="Erase what stayed, where it may go now",
        button="Look, and erase what may go",
        says="Where the ground of something that stayed has ended, it goes. What came since is left to a person.",
        group="Its end",
    ),
    "withdraw": Words(
        title="The person no longer wants it",
        button="Close as withdrawn",
        says="What stood only until the decision ends with it.",
        group="Its end",
    ),
    "reopen": Words(
        title="Open it again",
        button="Open it again",
        says="Its clocks are those of the first arrival.",
        group="Its end",
    ),
}
"""Every step of `app.casework.steps`."""
NEXT: Mapping[str, str] = {name: one.title for name, one in STEPS.items()} | {
    "check-code": "Waits for the code",
    "match": "Compare facts",
    "clarified": "Waits for an answer",
    "instruct": "Waits for the controller",
    "redacted": "Check for data of others",
    "plan": "Work it out",
    "send-code": "Send a code",
    "customer": "Whose customer?",
}
"""What comes next, short enough for a list."""

LETTERS: Mapping[str, str] = {
    "acknowledgement": "Acknowledgement",
    "answer-access": "Answer: the data",
    "answer-erasure": "Answer: the erasure",
    "clarification": "Question what is meant",
    "code": "Code",
    "confirmation": "Answer: it is done",
    "decision": "Answer: the decision",
    "extension": "More time is taken",
    "fee": "What it costs",
    "identity": "Question who asks",
    "link": "Link to the private page",
    "nothing-held": "Answer: nothing is held",
    "partial-refusal": "Answer: granted in part",
    "recipient-notice": "Notice to a recipient",
    "referral": "Passed on to the controller",
    "referral-told": "It was passed on",
    "refusal": "Answer: refused",
    "restriction-ends": "The restriction ends",
    "unverified": "Answer: not proven who asks",
    "which-customer": "Question whose customer",
}
"""Every kind of letter, short enough for a list."""

LEVELS: Mapping[str, str] = {
    "none-allowed": "nobody may be asked who they are",
    "doubt-only": "proof may be asked for only where it is reasonable to doubt who asks",
    "reasonable": "two facts must match, or what counts as much",
    "reasonably-high": "three facts must match, or what counts as much, with a signed declaration",
    "parent": "whoever asks must be the parent",
}
"""What a law says of proof, by degree."""
ACTS: Mapping[str, str] = {
    "respond": "answer",
    "respond-or-inform": "answer, or say by when",
    "comply": "do it",
    "decide": "decide",
    "review-or-delete": "review or delete",
    "stop": "stop",
    "stop-sending": "stop sending",
    "confirm-receipt": "confirm the arrival",
    "acknowledge": "acknowledge",
}
"""What a clock is for."""
PLAIN = frozenset(
    {
        "What was decided is to be done.",
        "The answer is to be sent.",
        "A person decides it.",
        "What it comes to is to be worked out; then a person decides.",
    }
)
"""What a case needs, in words that say no more than the title of its next step."""

_COMMANDS = re.compile(
    r"\s*(?::|;|by|with|in)?\s*[`(]*troth [a-z][^`).]*[`)]*|\s*`[a-z]+ [a-z]+`", re.IGNORECASE
)
_OPTION = re.compile(r"--[a-z-]+")


def plainly(text: str) -> str:
    """Leave out of a hint the sentences that name commands: there are none here."""
    sentences = re.split(r"(?<=[.!?])\s+", text)
    return " ".join(one for one in sentences if "troth " not in one and not _OPTION.search(one))


def shortly(text: str) -> str:
    """Leave commands out of what a request still needs."""
    found = _COMMANDS.sub("", text).strip(" :;,")
    return found if found.endswith(".") else f"{found}."


def law(code: str) -> str:
    """Call a law as people do."""
    return deciding.SHORT.get(code, code)


def letter(kind: str) -> str:
    """Say what a letter is."""
    return LETTERS.get(kind, kind)


def event(kind: str) -> str:
    """Say what happened."""
    known = ALL.get(kind)
    return known.says if known else kind


def value(found: object) -> str:
    """Write what an event says in clear."""
    if isinstance(found, bool):
        return "yes" if found else "no"
    if isinstance(found, list | tuple):
        return ", ".join(map(value, found))
    text = str(found).rpartition("sha256:")[2]
    if _CODE.fullmatch(text):
        return text.replace("-", " ")
    return text if len(text) <= 40 else f"{text[:16]}…"


_CODE = re.compile(r"[a-z]{3,}(-[a-z]+)+|no-doubt")
"""Words joined as codes are. Names of laws begin with a place of two letters, and stay."""
