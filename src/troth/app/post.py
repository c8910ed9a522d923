"""The outbox from the command line to the mail server, the printer and back: sent, listed, printed, come back.

Sending is apart from whatever queued a letter: a mail server that is down holds nobody up. A letter goes at least
once; where nobody can know whether it went twice, evidence says so.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from smtplib import SMTP

from troth import periods
from troth.app import ledgers, signatures
from troth.app import project as projects
from troth.app.clock import Clock
from troth.app.project import Project
from troth.cases import register
from troth.cases.register import Happened
from troth.errors import Damaged, Refused
from troth.ledger.ledger import Ledger
from troth.ledger.outbox import LetterRecord, Outcome, token_digest
from troth.letters import message, model, pdf, retry, returned, signing, smtp
from troth.letters.compose import FOLDER
from troth.letters.message import Mail, Origin
from troth.letters.pdf import Paper
from troth.letters.signing import Signer
from troth.letters.smtp import Answer, SenderRefused, Server
from troth.problems import BadInput, Problem

LIMIT = 500
FONTS = "fonts"
PRIVATE_FILE = 0o600


@dataclass(slots=True, kw_only=True)
class Sent:
    """What one round of sending came to."""

    sent: int = 0
    again: int = 0
    """Of these, letters that may arrive twice."""
    later: int = 0
    bounced: int = 0
    failed: int = 0
    forgotten: int = 0
    """Letters whose content was destroyed, for they went long ago."""
    left: int = 0
    """Letters that are due still: more than the limit, or in another sender's hand."""
    to_print: int = 0
    next_at: datetime | None = None
    damaged: list[int] = field(default_factory=list)


@dataclass(frozen=True, slots=True, kw_only=True)
class Returned:
    """What one mail that came in said of one of ours."""

    name: str
    """Of its file."""
    action: str
    """As the notice has it; empty where it is no notice about a mail of ours."""
    letter: LetterRecord | None = None


def send(folder: Path, environment: Mapping[str, str], clock: Clock, *, limit: int = LIMIT) -> Sent:
    """Send the mails that are due, and forget those that went long ago.

    Raises:
        BadInput: when no mail server or no sender is set.
        StoreError: when the server cannot be reached or takes no mail from us; nothing is lost.
        Damaged: when the content of a letter cannot be opened; the others were sent.
    """
    project = projects.load(folder, clock.now().date())
    done = Sent()
    with ledgers.opened(folder, environment, clock) as ledger:
        due = ledger.outbox.due(clock.now(), limit=limit)
        if due:
            server, sender = smtp.server(_set(environment)), origin(project)
            signer = signatures.signer(environment, sender.address)
            try:
                with _Round(ledger, server, sender, clock, done, signer) as one:
                    for seen in due:
                        one.send(seen)
            finally:
                ledger.checkpoint(at=clock.now())
        done.forgotten = _forget(ledger, project, clock)
        _look(ledger, clock, done)
    if done.damaged:
        numbers = ", ".join(map(str, done.damaged))
        raise Damaged(f"The content of letters cannot be opened: {numbers}. {done.sent} others were sent.")
    return done


def listed(
    folder: Path,
    environment: Mapping[str, str],
    clock: Clock,
    *,
    every: bool = False,
    case: int | None = None,
    start: int = 0,
    limit: int | None = None,
) -> tuple[LetterRecord, ...]:
    """List letters that somebody must see to: those that wait, came back or were given up; or all."""
    with ledgers.opened(folder, environment, clock) as ledger:
        return ledger.outbox.listed(every=every, case=case, start=start, limit=limit)


def cancel(id: int, folder: Path, environment: Mapping[str, str], clock: Clock, *, by: str) -> None:
    """Take back a letter that waits.

    Raises:
        BadInput: when there is none of that number.
        Refused: when it is on its way, or its way has ended.
    """
    at = clock.now()
    with ledgers.opened(folder, environment, clock) as ledger, ledger.writing():
        if not ledger.outbox.cancel(id, at=at, by=ledger.staff.identify(by, at=at)):
            state = ledger.outbox.read(id).state
            raise Refused(f"Letter {id} does not wait: it is {state}.", hint="Nothing was changed.")
        ledger.checkpoint(at=at)


def print_pdf(
    id: int,
    out: Path,
    folder: Path,
    environment: Mapping[str, str],
    clock: Clock,
    *,
    by: str,
    paper: Paper = "a4",
) -> bool:
    """Write a letter as PDF for the post and mark it printed; return whether a font had every sign.

    A mail that came back or was given up can be printed too; its address is then the one it was mailed to.

    Raises:
        Refused: when it is no letter for the post, was cancelled or forgotten, or the file is there already.
        StoreError: when Typst is not installed.
    """
    at = clock.now()
    with ledgers.opened(folder, environment, clock) as ledger:
        seen = ledger.outbox.read(id)
        _printable(seen)
        opened = ledger.outbox.open(id)
        made = pdf.render(model.decode(opened.letter), opened.to, paper=paper, fonts=folder / FOLDER / FONTS)
        _write(out, made.content)
        with ledger.writing():
            ledger.outbox.printed(id, at=at, by=ledger.staff.identify(by, at=at))
            ledger.checkpoint(at=at)
    return made.complete


def bounced(
    source: Path, folder: Path, environment: Mapping[str, str], clock: Clock, *, by: str
) -> tuple[Returned, ...]:
    """Take in mails that came back, from a file or a maildir, and mark the letters they are about.

    Raises:
        BadInput: when there is no such file.
    """
    at = clock.now()
    notices = [(path.name, returned.read(_bytes(path))) for path in _mails(source)]
    found = []
    with ledgers.opened(folder, environment, clock) as ledger, ledger.writing():
        staff = ledger.staff.identify(by, at=at)
        for name, notice in notices:
            letter = None
            if notice and notice.action == "failed":
                digest = token_digest(notice.token)
                letter = ledger.outbox.returned(digest, code=notice.code, at=at, by=staff)
                if letter:
                    tell(ledger, letter, at=at, by=staff)
            found.append(Returned(name=name, action=notice.action if notice else "", letter=letter))
        ledger.checkpoint(at=at)
    return tuple(found)


class _Round:
    """One round: a line to the server that is opened again when it breaks, and what came of each mail."""

    def __init__(
        self,
        ledger: Ledger,
        server: Server,
        origin: Origin,
        clock: Clock,
        done: Sent,
        signer: Signer | None,
    ) -> None:
        self._ledger, self._server, self._origin = ledger, server, origin
        self._clock, self._done, self._signer = clock, done, signer
        self._open = ExitStack()
        self._line: SMTP | None = None

    def __enter__(self) -> _Round:
        self._line = self._open.enter_context(smtp.connected(self._server))
        return self

    def __exit__(self, *_: object) -> None:
        self._open.close()

    def send(self, seen: LetterRecord) -> None:
        """Send one mail, or leave it where somebody else has it in hand."""
        if self._line is None:
            self._line = self._open.enter_context(smtp.connected(self._server))
        outbox, now = self._ledger.outbox, self._clock.now()
        claimed = outbox.claim(seen, lease=now + retry.LEASE)
        if claimed is None:
            return
        if claimed.until is not None and claimed.until <= now:
            self._lost(claimed, "failed", reason="too-late")
            return
        try:
            mail = self._mail(claimed)
        except BadInput:
            self._lost(claimed, "failed", reason="bad-address")
            return
        except (Damaged, Refused):
            outbox.put_back(claimed, next_at=now + retry.PATIENCE, code=None, reason="damaged")
            self._done.damaged.append(claimed.id)
            return
        try:
            answer = smtp.deliver(self._line, mail)
        except SenderRefused:
            outbox.put_back(claimed, next_at=now + retry.WAITS[0], code=None, reason="sender-refused")
            raise
        self._note(claimed, answer)
        if answer.is_ == "lost":
            self._open.close()
            self._line = None

    def _mail(self, claimed: LetterRecord) -> Mail:
        opened = self._ledger.outbox.open(claimed.id)
        letter = model.decode(opened.letter)
        mail = message.build(
            letter, to=opened.to, origin=self._origin, token=opened.token, at=self._clock.now()
        )
        return signing.sign(mail, self._signer) if self._signer else mail

    def _note(self, claimed: LetterRecord, answer: Answer) -> None:
        outbox, done, now = self._ledger.outbox, self._done, self._clock.now()
        if answer.is_ == "taken":
            outbox.end(claimed, "sent", at=now, code=answer.code)
            done.sent += 1
            done.again += claimed.again
        elif answer.is_ == "refused":
            self._lost(claimed, "bounced", code=answer.code, reason=answer.reason)
        elif after := retry.next_attempt(claimed.attempts, created=claimed.created_at, at=now):
            outbox.put_back(
                claimed, next_at=after, code=answer.code, reason=answer.reason, again=answer.unknown
            )
            done.later += 1
        else:
            self._lost(claimed, "failed", code=answer.code, reason="given-up")

    def _lost(self, claimed: LetterRecord, outcome: Outcome, *, reason: str, code: int | None = None) -> None:
        """Write down that a letter did not arrive, in its request too."""
        now = self._clock.now()
        with self._ledger.writing():
            if self._ledger.outbox.end(claimed, outcome, at=now, code=code, reason=reason):
                tell(self._ledger, claimed, at=now, by=0)
                self._done.bounced += outcome == "bounced"
                self._done.failed += outcome == "failed"


def tell(ledger: Ledger, letter: LetterRecord, *, at: datetime, by: int) -> None:
    """Add to each request that was told of a letter that it did not arrive; once."""
    if letter.case is None:
        return
    others = [one.id for one in ledger.cases.listed(every=True, together_with=letter.case)]
    for id in (letter.case, *others):
        if ledger.cases.read(id) is None:
            continue
        case = register.read(ledger, id)
        about = [event.kind for event in case.events if event.body.get("letter") == letter.reference]
        if (about or id == letter.case) and "bounced" not in about:
            happened = Happened(kind="bounced", at=at, body={"letter": letter.reference})
            register.add(ledger, case, happened, by=by, now=at)


def _set(environment: Mapping[str, str]) -> str:
    if url := environment.get(smtp.VARIABLE, ""):
        return url
    problem = Problem(
        code="missing-key",
        message=f"{smtp.VARIABLE} is not set: no mail server is known.",
        valid=(smtp.EXAMPLE,),
        hint="Set it in the environment. Letters wait in the outbox meanwhile.",
    )
    raise BadInput([problem])


def origin(project: Project) -> Origin:
    """Return from whom mail goes: the sender that is set, else the contact for privacy."""
    mail, contacts = project.policy.mail, project.policy.organisation.contacts
    sender = mail.from_ or contacts.get("privacy", "")
    try:
        return Origin(
            address=message.address(sender),
            reply_to=message.address(mail.reply_to) if mail.reply_to else "",
            colour=mail.colour,
        )
    except BadInput as wrong:
        problem = Problem(
            code="missing-key",
            message="No mail address is set that letters can come from.",
            valid=("mail: {from: privacy@example.org}",),
            hint="Write it into troth.yaml.",
        )
        raise BadInput([problem]) from wrong


def _forget(ledger: Ledger, project: Project, clock: Clock) -> int:
    """Destroy what letters said that ended longer ago than the project keeps them."""
    zone, now = project.policy.organisation.timezone, clock.now()
    count = ledger.outbox.forget(periods.cutoff(now, project.policy.mail.keep, zone).instant, at=now)
    if count:
        ledger.checkpoint(at=now)
    return count


def _look(ledger: Ledger, clock: Clock, done: Sent) -> None:
    """Say what still waits."""
    now = clock.now()
    waiting = [one for one in ledger.outbox.listed() if one.state in ("waiting", "sending")]
    mails = [one for one in waiting if one.channel == "mail"]
    done.left = sum(one.next_at <= now for one in mails)
    done.to_print = len(waiting) - len(mails)
    done.next_at = min((one.next_at for one in mails if one.next_at > now), default=None)


def _printable(seen: LetterRecord) -> None:
    states = ("waiting", "printed") if seen.channel == "post" else ("bounced", "failed", "printed")
    if seen.state not in states:
        raise Refused(
            f"Letter {seen.id} is not one to print: it goes by {seen.channel} and is {seen.state}.",
            hint="Letters for the post can be printed, and mails that came back or were given up.",
        )


def _write(out: Path, content: bytes) -> None:
    """Write a new file for its owner's eyes only."""
    try:
        handle = os.open(out, os.O_WRONLY | os.O_CREAT | os.O_EXCL, PRIVATE_FILE)
    except FileExistsError as there:
        raise Refused(f"{out} is there already.", hint="Name another file.") from there
    with os.fdopen(handle, "wb") as file:
        file.write(content)


def _mails(source: Path) -> Iterator[Path]:
    """Yield the mails of a maildir (`new` and `cur`), or the one file."""
    if not source.is_dir():
        yield source
        return
    for name in ("new", "cur"):
        yield from sorted(path for path in (source / name).glob("*") if path.is_file())


def _bytes(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            return file.read(returned.MAX_BYTES)
    except OSError as wrong:
        problem = Problem(
            code="unreadable-file",
            message=f"{path} cannot be read.",
            hint="Name a mail saved as a file, or a maildir.",
        )
        raise BadInput([problem]) from wrong
