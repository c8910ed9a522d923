"""An open ledger: its parts, and the two things that go through all of them: transactions and evidence.

Made by `ledger.open`. A change and the evidence entry about it are written inside one `writing` block. Each
thread has a connection of its own.
"""

from __future__ import annotations

import contextlib
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from troth.evidence import log
from troth.evidence.entry import Entry
from troth.evidence.instants import instant
from troth.evidence.keys import Keys
from troth.ledger import setup

setup.configure()  # Django refuses to import the models below before it is configured

from troth.ledger.accounts import Accounts  # noqa: E402
from troth.ledger.api_calls import ApiCalls  # noqa: E402
from troth.ledger.api_keys import ApiKeys  # noqa: E402
from troth.ledger.backup_sets import BackupSets  # noqa: E402
from troth.ledger.case_sums import CaseSums  # noqa: E402
from troth.ledger.cases import Cases  # noqa: E402
from troth.ledger.choices import Choices  # noqa: E402
from troth.ledger.codes import Codes  # noqa: E402
from troth.ledger.counts import Counts  # noqa: E402
from troth.ledger.disclosures import Disclosures  # noqa: E402
from troth.ledger.evidence import EvidenceStorage  # noqa: E402
from troth.ledger.evidence_pages import EvidencePages  # noqa: E402
from troth.ledger.holdings import Holdings  # noqa: E402
from troth.ledger.in_mails import InMails  # noqa: E402
from troth.ledger.kept_plans import KeptPlans  # noqa: E402
from troth.ledger.links import Links  # noqa: E402
from troth.ledger.looks import Backups, Looks  # noqa: E402
from troth.ledger.manifests import Manifests  # noqa: E402
from troth.ledger.objections import Objections, Rectifications  # noqa: E402
from troth.ledger.outbox import Outbox  # noqa: E402
from troth.ledger.papers import Papers  # noqa: E402
from troth.ledger.promise_history import PromiseHistory  # noqa: E402
from troth.ledger.recipients import Recipients  # noqa: E402
from troth.ledger.restrictions import Restrictions  # noqa: E402
from troth.ledger.runs import Runs  # noqa: E402
from troth.ledger.sealing import Sealing  # noqa: E402
from troth.ledger.session import Session  # noqa: E402
from troth.ledger.settings import Settings  # noqa: E402
from troth.ledger.staff import StaffRegister  # noqa: E402
from troth.ledger.tasks import Tasks  # noqa: E402
from troth.ledger.tombstones import Tombstones  # noqa: E402
from troth.ledger.waiting import Waiting  # noqa: E402
from troth.ledger.webhooks import Webhooks  # noqa: E402
from troth.ledger.wraps import KeyWraps  # noqa: E402

CLOCK_TOLERANCE = timedelta(seconds=60)
"""Clocks of several machines differ, and an instant is taken a little before its entry is written."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ledger:
    """Troth's own database."""

    session: Session
    keys: Keys
    keys_dir: Path

    def writing(self) -> contextlib.AbstractContextManager[str]:
        """Open one transaction over everything the block does to the ledger; joins one that is open."""
        return self.session.writing()

    def append(self, *entries: Entry) -> int:
        """Append evidence entries together and return the index of the first.

        An entry whose instant lies before the last one's is not refused, for the work it proves was done; an entry
        `clock.went-back` goes before it.
        """
        with self.writing():
            # Reading the tree locks it, so that nobody comes between the last entry and this one.
            storage = self.evidence
            before = storage.tree()
            encoded = [entry.encode() for entry in _with_clock(storage.check_end(before), entries)]
            if encoded:
                storage.add(encoded, before=before, after=log.grown(before, encoded))
            return before.size

    def checkpoint(self, *, at: datetime) -> str:
        """Sign what the log holds now, keep the checkpoint and return it."""
        with self.writing():
            return log.checkpoint(self.evidence, self.keys.signing, at)

    def audit(self) -> int:
        """Recompute the whole log, compare it with every checkpoint, and return its size.

        Raises:
            Damaged: naming the first bad place.
        """
        return log.audit(self.evidence, self.keys.signing.verifier)

    def rest(self) -> None:
        """Close this thread's connection until it asks again: many threads that wait need none."""
        setup.rest(self.session.alias)

    def close(self) -> None:
        """Close this thread's connection; the ledger cannot be used again."""
        setup.forget(self.session.alias)

    @property
    def evidence(self) -> EvidenceStorage:
        """Where the evidence log is kept."""
        return EvidenceStorage(session=self.session)

    @property
    def sealing(self) -> Sealing:
        """What seals values of this ledger."""
        return Sealing(secret=self.keys.commitments, older=tuple(self.keys.older_commitments.values()))

    @property
    def staff(self) -> StaffRegister:
        """The people who work with it."""
        return StaffRegister(session=self.session, sealing=self.sealing)

    @property
    def accounts(self) -> Accounts:
        """Who of them may sign in, and in which role."""
        return Accounts(session=self.session)

    @property
    def counts(self) -> Counts:
        """How much of everything there is."""
        return Counts(session=self.session)

    @property
    def settings(self) -> Settings:
        """What it remembers by name, and the project it belongs to."""
        return Settings(session=self.session)

    @property
    def runs(self) -> Runs:
        """Plan runs, their steps and receipts."""
        return Runs(session=self.session)

    @property
    def looks(self) -> Looks:
        """When each store was last looked at."""
        return Looks(session=self.session)

    @property
    def backups(self) -> Backups:
        """Who stated that a backup exists."""
        return Backups(session=self.session)

    @property
    def manifests(self) -> Manifests:
        """Whom rights plans are about, sealed."""
        return Manifests(session=self.session, sealing=self.sealing)

    @property
    def tombstones(self) -> Tombstones:
        """Who was erased, as keyed digests."""
        return Tombstones(session=self.session)

    @property
    def backup_sets(self) -> BackupSets:
        """Copies of stores that are kept elsewhere."""
        return BackupSets(session=self.session)

    @property
    def key_wraps(self) -> KeyWraps:
        """Wrapped keys of encrypted archives."""
        return KeyWraps(session=self.session)

    @property
    def restrictions(self) -> Restrictions:
        """Whose data may not be used at present."""
        return Restrictions(session=self.session)

    @property
    def objections(self) -> Objections:
        """Who objected to which purpose, as keyed digests."""
        return Objections(session=self.session, sealing=self.sealing)

    @property
    def rectifications(self) -> Rectifications:
        """What was corrected, as numbers."""
        return Rectifications(session=self.session)

    @property
    def recipients(self) -> Recipients:
        """Who is given data, besides those the project's files declare."""
        return Recipients(session=self.session, sealing=self.sealing)

    @property
    def disclosures(self) -> Disclosures:
        """Whose data went where, as keyed digests."""
        return Disclosures(session=self.session, sealing=self.sealing)

    @property
    def choices(self) -> Choices:
        """What people chose, as keyed digests."""
        return Choices(session=self.session, sealing=self.sealing)

    @property
    def codes(self) -> Codes:
        """One-time codes, as keyed digests."""
        return Codes(session=self.session, sealing=self.sealing)

    @property
    def papers(self) -> Papers:
        """Keys of papers given as proof of identity."""
        return Papers(session=self.session, sealing=self.sealing)

    @property
    def tasks(self) -> Tasks:
        """What people must do by hand."""
        return Tasks(session=self.session)

    @property
    def cases(self) -> Cases:
        """Requests of people, and what happened to them."""
        return Cases(session=self.session, sealing=self.sealing)

    @property
    def case_sums(self) -> CaseSums:
        """What the events of every request add up to, for checks."""
        return CaseSums(session=self.session)

    @property
    def kept_plans(self) -> KeptPlans:
        """Plans that wait, run or have run by workers."""
        return KeptPlans(session=self.session, append=self.append)

    @property
    def outbox(self) -> Outbox:
        """Letters that wait or have gone."""
        return Outbox(session=self.session, sealing=self.sealing, append=self.append)

    @property
    def in_mails(self) -> InMails:
        """Messages from mailboxes that wait for a person."""
        return InMails(session=self.session, sealing=self.sealing)

    @property
    def links(self) -> Links:
        """Addresses that open one request, as digests."""
        return Links(session=self.session)

    @property
    def evidence_pages(self) -> EvidencePages:
        """The evidence log, for people who look at it."""
        return EvidencePages(session=self.session)

    @property
    def promise_history(self) -> PromiseHistory:
        """What each promise came to, check by check."""
        return PromiseHistory(session=self.session)

    @property
    def waiting(self) -> Waiting:
        """How much waits for somebody, counted."""
        return Waiting(session=self.session)

    @property
    def holdings(self) -> Holdings:
        """The rows behind holds; `troth.holds` gives them their meaning."""
        return Holdings(session=self.session)

    @property
    def api_keys(self) -> ApiKeys:
        """Keys of other systems, as digests."""
        return ApiKeys(session=self.session)

    @property
    def api_calls(self) -> ApiCalls:
        """Answers given under idempotency keys, sealed."""
        return ApiCalls(session=self.session, sealing=self.sealing)

    @property
    def webhooks(self) -> Webhooks:
        """Other systems that are told of events."""
        return Webhooks(session=self.session, sealing=self.sealing)


def _with_clock(last: bytes | None, entries: tuple[Entry, ...]) -> list[Entry]:
    if last is None or not entries:
        return list(entries)
    previous = Entry.decode(last).at
    if entries[0].at >= previous - CLOCK_TOLERANCE:
        return list(entries)
    note = Entry(kind="clock.went-back", at=entries[0].at, body={"previous": instant(previous)})
    return [note, *entries]
