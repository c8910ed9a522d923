"""Messages that came in, looked at by people: listed without a name, read with a reason, confirmed or dismissed.

Nothing becomes a request before somebody says which rights it asks for. What was suggested is a help; it decides
nothing. A message that was dismissed can still be made a request while its content is there.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

from troth.app import ledgers
from troth.app.mailbox import reading, sorting, suggesting
from troth.app.mailbox.reading import Seen
from troth.app.requests import intake
from troth.app.requests import opening as requests
from troth.app.requests.opening import Message, Work, at_work
from troth.app.requests.steps import Place, said
from troth.cases.case import Case
from troth.cases.register import Happened
from troth.errors import Refused
from troth.evidence.entry import Entry
from troth.ledger.in_mails import MailRecord
from troth.people.typed import Line
from troth.problems import BadInput, Problem, nearest

DISMISSALS = ("no-request", "spam", "twice", "done")
PRIVATE_FILE = 0o600


@dataclass(frozen=True, slots=True, kw_only=True)
class Read:
    """A message as whoever read it sees it, with what it may be asking for."""

    record: MailRecord
    seen: Seen
    rights: tuple[str, ...]
    """Which it seems to ask for."""
    language: str

    def suggested(self) -> Message:
        """Return it as a request, for a person to correct."""
        return suggested(self.record, self.seen, self.rights, self.language)


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiting:
    """A page of messages, and how many there are."""

    records: tuple[MailRecord, ...]
    counts: dict[str, int]
    staff: dict[int, str]


def listed(
    at: Place,
    *,
    every: bool = False,
    case: int | None = None,
    start: int = 0,
    limit: int | None = None,
) -> Waiting:
    """List messages that wait for a person, or all; oldest first."""
    with ledgers.opened(at.folder, at.environment, at.clock) as ledger:
        records = ledger.in_mails.listed(every=every, case=case, start=start, limit=limit)
        staff = ledger.staff.names(*{one.seen_by for one in records if one.seen_by})
        return Waiting(records=records, counts=dict(ledger.in_mails.counts()), staff=staff)


def look(id: int, at: Place) -> MailRecord:
    """Return what may be known of a message without reading it.

    Raises:
        BadInput: when there is none of that number.
    """
    with ledgers.opened(at.folder, at.environment, at.clock) as ledger:
        return ledger.in_mails.read(id)


def read(id: int, because: str, at: Place, *, by: str) -> Read:
    """Return what a message says, and write down who read it.

    Raises:
        BadInput: when no reason is given, or there is no such message.
        Refused: when it was destroyed.
    """
    said("Whoever reads a message of a person says why.", because)
    now = at.clock.now()
    with ledgers.opened(at.folder, at.environment, at.clock) as ledger, ledger.writing():
        record = ledger.in_mails.read(id)
        content = ledger.in_mails.open(id)
        body = {
            "mail": record.reference,
            "reason": ledger.sealing.digest(intake.plain(because).strip(), use="reason"),
            "by": f"staff:{ledger.staff.identify(by, at=now)}",
        }
        ledger.append(Entry(kind="mail.read", at=now, body=body))
        ledger.checkpoint(at=now)
    return _read(record, content)


def again(id: int, at: Place) -> Read:
    """Return what a message says to whoever read it a short while ago, and wrote down why.

    Raises:
        BadInput: when there is no such message.
        Refused: when it was destroyed.
    """
    with ledgers.opened(at.folder, at.environment, at.clock) as ledger:
        return _read(ledger.in_mails.read(id), ledger.in_mails.open(id))


def raw(id: int, because: str, at: Place, *, by: str) -> bytes:
    """Return a message as it came in, with its attachments, and write down who took it.

    Raises:
        BadInput: when no reason is given, or there is no such message.
        Refused: when it was destroyed.
    """
    read(id, because, at, by=by)
    with ledgers.opened(at.folder, at.environment, at.clock) as ledger:
        return ledger.in_mails.open(id)


def suggested(record: MailRecord, seen: Seen, rights: tuple[str, ...], language: str = "en") -> Message:
    """Return a message as a request: from whoever wrote it, about themselves, on the day it reached us."""
    return Message(
        kinds=rights,
        received=record.received_at,
        channel="mail",
        lines=[Line(source="<mail>", line=1, text=f"email:{seen.address}")] if seen.address else [],
        name=seen.name,
        reply_to=seen.address,
        text=f"{seen.subject}\n\n{seen.text}".strip()[: intake.LONGEST],
        language=language,
    )


def confirm(
    id: int, wished: Callable[[Read], Message], at: Place, *, by: str
) -> tuple[requests.Opened, MailRecord]:
    """Make requests of a message, one for each right somebody named; all of it or nothing.

    Args:
        id: The message.
        wished: Makes the request of what the message says; whoever confirms has said which rights.
        at: Project, environment and clock.
        by: Who confirms.

    Raises:
        BadInput: when there is no such message, or a part of the request cannot be used.
        Refused: when it was made a request before, or its content was destroyed.
    """
    with at_work(at.folder, at.environment, at.clock, by=by) as work:
        record = _open(work, id, of_anybody=True)
        found = _read(record, work.ledger.in_mails.open(id))
        opened = requests.opened(wished(found), work)
        case = opened.cases[0]
        _settled(work, record, "request", why="request", case=case.id)
        work.ledger.append(_entry("mail.confirmed", work, record, case=case.reference))
        return opened, work.ledger.in_mails.read(id)


def join(id: int, at: Place, *, by: str, case: int | None = None) -> Case:
    """Put what a message says beside a request, as a note; by default the request it was linked to.

    Raises:
        BadInput: when there is no such message or request, or none was named.
        Refused: when it is a request of its own, was joined before, or the request is closed.
    """
    with at_work(at.folder, at.environment, at.clock, by=by) as work:
        record = _open(work, id, of_anybody=True)
        number = case or record.case
        if number is None:
            hint = "Name the number of the request."
            message = "The message is linked to no request."
            raise BadInput([Problem(code="bad-value", message=message, hint=hint)])
        one = work.read(number)
        seen = reading.read(work.ledger.in_mails.open(id))
        text = f"{seen.subject}\n\n{seen.text}".strip()
        came = max(record.received_at, one.received)
        happened = Happened(kind="note", at=came, text={"text": text})
        grown = work.add(one, happened)
        _settled(work, record, "answer", why="joined", case=number)
        work.ledger.append(_entry("mail.joined", work, record, case=one.reference))
        return grown


def dismiss(id: int, reason: str, at: Place, *, by: str) -> MailRecord:
    """Say that a message asks for nothing, and why, in a word.

    Raises:
        BadInput: when there is no such message, or the reason is none.
        Refused: when it does not wait.
    """
    if reason not in DISMISSALS:
        problem = Problem(
            code="unknown-name",
            message="The reason to dismiss a message is none that is known.",
            found=reason,
            valid=DISMISSALS,
            nearest=nearest(reason, DISMISSALS),
            hint="Take one of the words.",
        )
        raise BadInput([problem])
    with at_work(at.folder, at.environment, at.clock, by=by) as work:
        record = _open(work, id, of_anybody=False)
        _settled(work, record, "dismissed", why=reason, case=record.case)
        work.ledger.append(_entry("mail.dismissed", work, record, reason=reason))
        return work.ledger.in_mails.read(id)


def save(id: int, out: Path, because: str, at: Place, *, by: str) -> int:
    """Write a message as it came in into a new file for its owner's eyes only; return how many bytes.

    Raises:
        BadInput: when no reason is given, or there is no such message.
        Refused: when it was destroyed, or the file is there already.
    """
    content = raw(id, because, at, by=by)
    try:
        handle = os.open(out, os.O_WRONLY | os.O_CREAT | os.O_EXCL, PRIVATE_FILE)
    except FileExistsError as there:
        raise Refused(f"{out} is there already.", hint="Name another file.") from there
    with os.fdopen(handle, "wb") as file:
        return file.write(content)


def _read(record: MailRecord, content: bytes) -> Read:
    seen = reading.read(content)
    if len(content) < record.size:
        seen = replace(seen, notes=(*seen.notes, "It is too large: only its beginning is kept here."))
    words = f"{seen.subject}\n{seen.text}"
    return Read(
        record=record, seen=seen, rights=suggesting.rights(words), language=suggesting.language(words)
    )


def _open(work: Work, id: int, *, of_anybody: bool) -> MailRecord:
    """Return a message that can be settled: one that waits, or that a machine or a person dismissed.

    Raises:
        Refused: when it cannot.
    """
    record = work.ledger.in_mails.read(id)
    if record.is_open or (of_anybody and record.state == "dismissed"):
        return record
    case = f" (case:{record.case})" if record.case else ""
    raise Refused(
        f"{record.reference} does not wait: {sorting.WHY.get(record.why, record.state)}{case}.",
        hint="`troth mailbox list --all` shows what became of each message.",
    )


def _settled(work: Work, record: MailRecord, state: str, *, why: str, case: int | None) -> None:
    done = work.ledger.in_mails.settle(
        record,
        state,  # type: ignore[arg-type]
        why=why,
        case=case,
        at=work.now,
        by=work.staff,
    )
    if not done:
        raise Refused(f"{record.reference} was settled by somebody else meanwhile.", hint="Look at it again.")


def _entry(kind: str, work: Work, record: MailRecord, **more: object) -> Entry:
    body = {"mail": record.reference, "by": f"staff:{work.staff}", **more}
    return Entry(kind=kind, at=work.now, body=body)
