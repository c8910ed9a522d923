"""What a check says of one promise: its status, the number behind it, and every reason.

Statuses are closed. A check never passes by default: without proof a promise is unproven, and each thing that is
missing is a `Reason`. Nothing here holds a row's key or a personal value: places, counts and dates only.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from troth.codes import ALL
from troth.promises.listing import Promise


class Status(StrEnum):
    """What is known of a promise; the order is that of reports."""

    BROKEN = "broken"
    UNPROVEN = "unproven"
    NOT_TRIGGERED = "not-triggered"
    KEPT = "kept"

    @property
    def meaning(self) -> str:
        """Say it in one sentence."""
        return _MEANINGS[self]


_MEANINGS = {
    Status.BROKEN: "The stores hold something this promise rules out.",
    Status.UNPROVEN: "Nothing shows that it is kept, and nothing shows that it is broken.",
    Status.NOT_TRIGGERED: "What it is about was looked for and is not there.",
    Status.KEPT: "Every store was looked at and nothing goes against it.",
}

REASONS = {
    "not-built": "The mechanism that would prove it is not built yet",
    "simulation": "The instant is not now: a simulation proves nothing",
    "store-unreachable": "A store could not be reached",
    "store-not-looked-at": "A store was not looked at",
    "store-too-old": "The last look at a store is too old",
    "store-not-built": "A store is of a kind that cannot be looked at yet",
    "not-mapped": "The data map names no place where this data lives",
    "not-measured": "A mapped dataset could not be counted",
    "rows-hidden": "The database may hide rows from the role that looks",
    "not-started": "Rows have no date to count from",
    "unreadable-dates": "Rows hold a date that cannot be read",
    "unknown-controller": "Rows do not say for whom they are held",
    "kept-on-expiry": "The data map keeps a field after its end",
    "no-backups-known": "Nobody said which copies of a store there are",
    "backups-not-heard": "The register of backups was last fed too long ago",
    "restriction-not-proven": "Nobody has just seen that a restriction holds",
    "use-not-seen": "What was recorded does not show how data is used",
    "nothing-ends": "The rule ends nothing that could be looked for",
    "nothing-answered": "No request was answered yet",
    "past-own-day": "An open request is past a day that no law gives",
    "not-rechecked": "A request was done and there is nothing to show for it",
    "erased-apart": "Somebody was erased without a request being followed",
    "not-told": "Nothing shows that recipients were told",
    "paper-left": "The file of a paper may still be there",
}
"""Reasons of checks, with their headings; besides them there are the codes of problems."""


def heading(code: str) -> str:
    """Return the heading of a reason, whether it is a check's own or the code of a problem."""
    return REASONS.get(code) or ALL[code].title.rstrip(".")


@dataclass(frozen=True, slots=True, kw_only=True)
class Reason:
    """One thing that keeps a promise from being proven."""

    code: str
    """A name from `REASONS` or from `codes.ALL`."""
    message: str
    rows: int = 0
    """How many rows it is about, where it is about rows."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Offence:
    """Rows of one dataset that go against a promise."""

    dataset: str
    rows: int
    oldest: date | None = None
    """The earliest date the rule counts from among them; None where it stands elsewhere or cannot be read."""
    noun: str = "row"
    """What is counted."""
    says: str = ""
    """The whole of it in words, where it is not rows of a dataset."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ground:
    """Rows past their end that may stay, and why."""

    reason: str
    """`hold`, `needed-by` or `other-controller`."""
    detail: str
    dataset: str
    rows: int
    review: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Attested:
    """A statement by name, shown beside the status and never as it."""

    by: str
    until: date


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """One promise and what is known of it."""

    promise: Promise
    status: Status
    offences: tuple[Offence, ...] = ()
    reasons: tuple[Reason, ...] = ()
    """Everything that is missing for a proof; given for a broken promise too."""
    grounds: tuple[Ground, ...] = ()
    looked_at: tuple[str, ...] = ()
    """Datasets that were counted for it."""
    note: str = ""
    """What was found, where nothing is wrong."""
    attested: Attested | None = None

    @property
    def rows(self) -> int:
        """Count the rows that go against it."""
        return sum(offence.rows for offence in self.offences)

    @property
    def noun(self) -> str:
        """Say what is counted: the one thing all of them are, else findings."""
        nouns = {offence.noun for offence in self.offences}
        return nouns.pop() if len(nouns) == 1 else "finding"

    @property
    def oldest(self) -> Offence | None:
        """Return the offence with the earliest date; the first one where none has a date."""
        dated = [o for o in self.offences if o.oldest is not None]
        return min(dated, key=lambda o: (o.oldest or date.max, o.dataset), default=None) or next(
            iter(self.offences), None
        )

    @property
    def why(self) -> str:
        """Say in one line why the status is what it is."""
        if self.status is Status.BROKEN:
            return "; ".join(_found(offence) for offence in self.offences)
        if self.reasons:
            more = f" (and {len(self.reasons) - 1} more)" if len(self.reasons) > 1 else ""
            return f"{self.reasons[0].message}{more}"
        return self.note

    def of_rows(self, *codes: str) -> int:
        """Count the rows some reasons are about."""
        return sum(reason.rows for reason in self.reasons if reason.code in codes)


def _found(offence: Offence) -> str:
    if offence.says:
        return offence.says
    oldest = f", oldest {offence.oldest.isoformat()}" if offence.oldest else ""
    return f"{counted(offence.rows, offence.noun)} in {offence.dataset}{oldest}"


def decide(
    promise: Promise,
    *,
    offences: Iterable[Offence] = (),
    reasons: Iterable[Reason] = (),
    grounds: Iterable[Ground] = (),
    looked_at: tuple[str, ...] = (),
    held: bool = True,
    note: str = "",
) -> Result:
    """Join what was found into a status: an offence breaks, a reason leaves unproven, only then is it kept.

    Args:
        promise: What was promised.
        offences: What goes against it.
        reasons: What is missing for a proof.
        grounds: What may stay, and why.
        looked_at: Datasets that were counted.
        held: Whether there is anything the promise is about; if not, it is not triggered.
        note: What was found where nothing is wrong.
    """
    bad = tuple(sorted((o for o in offences if o.rows), key=lambda o: (o.oldest or date.max, o.dataset)))
    missing = tuple(dict.fromkeys(reasons))
    if bad:
        status = Status.BROKEN
    elif missing:
        status = Status.UNPROVEN
    else:
        status = Status.KEPT if held else Status.NOT_TRIGGERED
    return Result(
        promise=promise,
        status=status,
        offences=bad,
        reasons=missing,
        grounds=tuple(g for g in grounds if g.rows),
        looked_at=looked_at,
        note=note,
    )


def counted(number: int, noun: str) -> str:
    """Write a number with its noun, as `1 row` or `1,200 rows`."""
    return f"{number:,} {noun}{'' if number == 1 else 's'}"
