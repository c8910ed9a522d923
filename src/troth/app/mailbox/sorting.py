"""What a message that came in is, told by its headers: a notice, an answer, a machine's mail, or for a person.

A message is put aside only where a machine says of itself that it is one (RFC 3834, RFC 2919, RFC 2369) or our own
filter says spam; whatever is unclear waits for a person. Pure.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from email.message import Message

from troth.app.mailbox import reading
from troth.app.requests import intake
from troth.ledger.case_records import CaseRecord
from troth.letters import message as letters
from troth.letters.returned import Notice

LARGEST = 10_000_000
"""Bytes of a message that is kept whole."""
WHY = {
    "came-back": "a letter of ours did not arrive",
    "notice": "a notice about a letter of ours that changes nothing",
    "other-notice": "a notice about a mail that is none of ours",
    "auto-reply": "says of itself that a machine wrote it",
    "list": "went to a mailing list",
    "bulk": "says of itself that it went to many",
    "spam": "spam",
    "own": "a letter of ours",
    "answers-letter": "answers a letter of ours",
    "names-case": "names a request in its subject",
    "too-large": f"larger than {LARGEST // 1_000_000} MB: only its beginning is kept",
    "unreadable": "not well formed",
    "no-sender": "not from exactly one address",
    "not-sent": "a notice in a form of its own, or without a sender",
    "request": "a request",
    "no-request": "asks for nothing",
    "twice": "was written twice",
    "done": "was seen to",
    "joined": "joined to a request",
}
"""Every reason there is, in words."""
_REFERENCE = re.compile(r"\bcase:([1-9][0-9]{0,8})\b")
_OURS = re.compile(r"<[0-9a-f]{32}@[^<>\s]{1,253}>")
MOST_REFERENCES = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class Sorted:
    """What a message is, and why."""

    state: str
    why: str
    case: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """What sorting asks of the ledger."""

    letter: Callable[[str], tuple[bool, int | None]]
    """Whether the token of a Message-ID is one of ours, and the request its letter is about."""
    case: Callable[[int], CaseRecord | None]


def sort(head: Message | None, notice: Notice | None, *, report: bool, size: int, known: Known) -> Sorted:
    """Say what a message is.

    Args:
        head: Its headers; None where they cannot be read.
        notice: What it says of a letter of ours, where it is a notice.
        report: Whether it is a report of a mail system.
        size: Bytes of the whole message.
        known: What the ledger knows.
    """
    if head is None:
        return Sorted(state="waiting", why="unreadable")
    if notice is not None:
        ours, case = known.letter(notice.token)
        if not ours:
            return Sorted(state="dismissed", why="other-notice")
        return Sorted(state="notice", why="came-back" if notice.action == "failed" else "notice", case=case)
    if report:
        return Sorted(state="dismissed", why="other-notice")
    answered, case = _answered(head, known)
    if why := machine(head):
        return Sorted(state="dismissed", why=why, case=case)
    if _null(head):
        return Sorted(state="waiting", why="not-sent", case=case)
    if answered and case is not None:
        return Sorted(state="answer", why="answers-letter", case=case)
    if named := _named(head, known):
        return Sorted(state="answer", why="names-case", case=named)
    if size > LARGEST:
        return Sorted(state="waiting", why="too-large")
    return Sorted(state="waiting", why="" if reading.sender(head)[1] else "no-sender")


def machine(head: Message) -> str:
    """Say why a message asks nothing of anybody: a word, or nothing where a person may have written it."""
    if letters.token(_raw(head, "message-id")):
        return "own"
    submitted = _word(head, "auto-submitted")
    if (submitted and submitted != "no") or "x-autoreply" in head or "x-autorespond" in head:
        return "auto-reply"
    if _word(head, "x-spam-flag") == "yes" or _word(head, "x-spam-status").startswith("yes"):
        return "spam"
    if "list-id" in head or "list-unsubscribe" in head:
        return "list"
    precedence = _word(head, "precedence")
    if precedence in ("auto_reply", "auto-reply"):
        return "auto-reply"
    return "bulk" if precedence in ("bulk", "junk", "list") else ""


def _answered(head: Message, known: Known) -> tuple[bool, int | None]:
    """Tell whether it answers a letter of ours, and the request that one was about."""
    written = f"{_raw(head, 'in-reply-to')} {_raw(head, 'references')}"
    for found in _OURS.findall(written)[:MOST_REFERENCES]:
        ours, case = known.letter(letters.token(found))
        if ours:
            return True, case
    return False, None


def _named(head: Message, known: Known) -> int | None:
    found = _REFERENCE.search(reading.first(head, "subject"))
    return int(found[1]) if found and known.case(int(found[1])) else None


def _null(head: Message) -> bool:
    return _raw(head, "return-path").strip() == "<>" or not _raw(head, "from").strip()


def _word(head: Message, name: str) -> str:
    """Return the first word of a header, small."""
    return re.split(r"[\s;,(]", _raw(head, name).strip(), maxsplit=1)[0].lower()


def _raw(head: Message, name: str) -> str:
    return str(head.get(name, ""))[: intake.LONGEST_HEADER]
