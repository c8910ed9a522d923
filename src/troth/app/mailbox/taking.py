"""Take messages out of a mailbox into the ledger: sealed, sorted, and only then removed from where they came.

A few messages at a time are kept in one transaction with everything that follows from them; after it they are
removed. Killed in between, the next round knows them by their digest, keeps nothing twice and removes them then.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime

from troth import periods
from troth.app import ledgers, post
from troth.app import project as projects
from troth.app.mailbox import boxes, reading, sorting
from troth.app.mailbox.boxes import Box, Item
from troth.app.requests.steps import Place
from troth.evidence.entry import Entry
from troth.ledger.in_mails import NewMail
from troth.ledger.ledger import Ledger
from troth.ledger.outbox import token_digest
from troth.letters import returned
from troth.letters.returned import Notice

LIMIT = 500
TOGETHER = 25
"""Messages of one transaction."""
TOGETHER_BYTES = 4_000_000
BEGINNING = 64_000
"""Bytes that are kept of a message that is too large."""
MACHINE = "Troth"
"""By whose name notices are taken in when nobody gave the command."""
COUNTED = {"waiting": "waiting", "answer": "answers", "notice": "notices", "dismissed": "dismissed"}


@dataclass(slots=True, kw_only=True)
class Taken:
    """What one round came to."""

    mails: int = 0
    waiting: int = 0
    answers: int = 0
    notices: int = 0
    dismissed: int = 0
    known: int = 0
    """Messages that were kept before."""
    left: bool = False
    """More are there: the limit was reached."""
    forgotten: int = 0
    """Messages whose content was destroyed, for they were settled long ago."""


@dataclass(slots=True, kw_only=True)
class _One:
    item: Item
    content: bytes
    whole: bool
    fingerprint: str


@dataclass(slots=True, kw_only=True)
class _Round:
    """One round over one box."""

    ledger: Ledger
    box: Box
    mailbox: str
    moves: bool
    """Messages go to another folder, where those that are too large to keep stay at hand."""
    now: datetime
    staff: int
    done: Taken = field(default_factory=Taken)

    def take(self, together: list[_One]) -> None:
        """Keep some messages, then remove them."""
        if not together:
            return
        with self.ledger.writing():
            self.ledger.evidence.tree()  # locks it: another process at the same mailbox waits here
            known = self.ledger.in_mails.known({one.fingerprint for one in together})
            fresh = {one.fingerprint: one for one in together if one.fingerprint not in known}
            kept = [self._sorted(one) for one in fresh.values()]
            if kept:
                self.ledger.in_mails.keep(kept, at=self.now)
                self._say(kept)
        self.done.known += len(together) - len(fresh)
        self.box.take_out([one.item for one in together if one.whole or self.moves])

    def _sorted(self, one: _One) -> NewMail:
        head = reading.headers(one.content)
        report = reading.is_report(head)
        notice = self._notice(one.content) if report and not reading.is_bomb(one.content) else None
        known = sorting.Known(letter=self._letter, case=self.ledger.cases.read)
        found = sorting.sort(head, notice, report=report, size=one.item.size, known=known)
        if notice is not None and found.why == "came-back":
            self._came_back(notice)
        return NewMail(
            content=one.content,
            digest=self.ledger.in_mails.digest(one.fingerprint),
            mailbox=self.mailbox,
            state=found.state,  # type: ignore[arg-type]
            why=found.why,
            case=found.case,
            size=one.item.size,
            received=reading.received(head, one.item.arrived, now=self.now),
        )

    def _notice(self, content: bytes) -> Notice | None:
        try:
            return returned.read(content)
        except reading.STUMBLES:
            return None

    def _letter(self, token: str) -> tuple[bool, int | None]:
        found = self.ledger.outbox.sent_as(token_digest(token))
        return found is not None, found.case if found else None

    def _came_back(self, notice: Notice) -> None:
        digest = token_digest(notice.token)
        letter = self.ledger.outbox.returned(digest, code=notice.code, at=self.now, by=self.staff)
        if letter:
            post.tell(self.ledger, letter, at=self.now, by=self.staff)

    def _say(self, kept: list[NewMail]) -> None:
        body = dict.fromkeys(("mails", *COUNTED.values()), 0)
        for one in kept:
            body["mails"] += 1
            body[COUNTED[one.state]] += 1
        self.ledger.append(Entry(kind="mail.taken-in", at=self.now, body=body))
        for name, count in body.items():
            setattr(self.done, name, getattr(self.done, name) + count)


def poll(at: Place, limit: int = LIMIT, *, source: str = "", by: str = MACHINE) -> Taken:
    """Take in the messages of a mailbox; destroy what messages said that were settled long ago.

    Args:
        at: Project, environment and clock.
        limit: Most messages of one round.
        source: The mailbox; by default the one the environment names.
        by: Who gave the command.

    Raises:
        BadInput: when no mailbox is set, or it is none.
        StoreError: when it cannot be reached; what was taken in before stays taken in.
    """
    named = boxes.address(at.environment, source)
    now = at.clock.now()
    project = projects.load(at.folder, now.date())
    with ledgers.opened(at.folder, at.environment, at.clock) as ledger:
        with ledger.writing():
            staff = ledger.staff.identify(by, at=now)
        with boxes.opened(named) as box:
            one = _Round(
                ledger=ledger,
                box=box,
                mailbox=named.name,
                moves=bool(named.move),
                now=now,
                staff=staff,
            )
            try:
                for together in _portions(one, limit):
                    one.take(together)
            finally:
                if one.done.mails:
                    ledger.checkpoint(at=now)
        before = periods.cutoff(now, project.policy.mail.keep, project.policy.organisation.timezone)
        one.done.forgotten = forget(ledger, before.instant, now)
    return one.done


def forget(ledger: Ledger, before: datetime, now: datetime) -> int:
    """Destroy what messages said that were settled before an instant; return how many."""
    with ledger.writing():
        count = ledger.in_mails.forget(before)
        if count:
            ledger.append(Entry(kind="mail.forgotten", at=now, body={"mails": count}))
            ledger.checkpoint(at=now)
    return count


def _portions(one: _Round, limit: int) -> Iterator[list[_One]]:
    """Yield the messages of a box, a few at a time: never more in memory than one portion and one message.

    All are listed before any is read: a listing must not change while it goes on.
    """
    listed, count = [], 0
    for item in one.box.items():
        count += (
            item.size <= sorting.LARGEST
        )  # larger ones stay in the mailbox, and must not use the limit up
        if count > limit:
            one.done.left = True
            break
        listed.append(item)
    together: list[_One] = []
    held = 0
    for item in listed:
        if (read := _read(one.box, item)) is None:
            continue
        together.append(read)
        held += len(read.content)
        if len(together) == TOGETHER or held >= TOGETHER_BYTES:
            yield together
            together, held = [], 0
    yield together


def _read(box: Box, item: Item) -> _One | None:
    whole = item.size <= sorting.LARGEST
    content = box.content(item, sorting.LARGEST + 1 if whole else BEGINNING)
    if content is None:
        return None
    if len(content) > sorting.LARGEST:  # larger than the server said
        whole, content = False, content[:BEGINNING]
    size = max(item.size, len(content)) if whole else max(item.size, sorting.LARGEST + 1)
    found = Item(key=item.key, size=size, arrived=item.arrived)
    mark = reading.fingerprint(content, len(content) if whole else size)
    return _One(item=found, content=content, whole=whole, fingerprint=mark)
