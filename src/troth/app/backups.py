"""The register of backups from the command line to the ledger: copies stated, listed, fed from tools, ended."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from pathlib import Path

from troth.app import burying, ledgers
from troth.app import project as projects
from troth.app.clock import Clock
from troth.backups import folder as folders
from troth.backups import gone, listings, register
from troth.backups.register import Fed, Source, Stated
from troth.errors import Refused
from troth.ledger.records import Heard, SetRecord
from troth.periods import Period
from troth.problems import BadInput, Problem, nearest

LARGEST = 200_000_000
"""Bytes of a listing."""
OWN = "ledger"
"""The name under which copies of Troth's own ledger and keys are registered."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Session:
    """Where the register is, and who works with it."""

    folder: Path
    environment: Mapping[str, str]
    clock: Clock
    by: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """One copy, with the day it is gone by."""

    set: SetRecord
    gone_by: date | None
    promised: bool
    """The day is the promise's; nobody stated one."""
    late: bool
    """It has outlived the promised term."""


@dataclass(frozen=True, kw_only=True)
class Register:
    """Everything the register holds."""

    copies: tuple[Shown, ...]
    heard: tuple[Heard, ...]
    silent: tuple[str, ...]
    """Stores of which nobody ever said which copies there are."""
    term: Period | None


def add(session: Session, store: str, made: str, where: str, ends: str) -> SetRecord:
    """Register a copy that somebody names.

    Raises:
        BadInput: the store is unknown, or a date cannot be read.
        Refused: the copy is not plausible, or registered already.
    """
    at = session.clock.now()
    _known(session, store, at)
    stated = Stated(store=store, made=_instant(made), where=where.strip(), ends=_day(ends) if ends else None)
    with ledgers.opened(session.folder, session.environment, session.clock) as ledger:
        return register.add(ledger, stated, by=session.by, at=at)


def scan(session: Session, store: str, folder: Path, pattern: str, *, empty: bool) -> Fed:
    """Register what stands in a folder; what no longer stands there is gone.

    Raises:
        StoreError: the folder is not there.
        Refused: it is empty although copies were registered.
    """
    at = session.clock.now()
    _known(session, store, at)
    copies = folders.listed(folder, pattern)
    source = Source(store=store, kind="folder", place=f"{folder.resolve()}/{pattern}")
    with ledgers.opened(session.folder, session.environment, session.clock) as ledger:
        return register.feed(ledger, source, copies, faults=0, empty=empty, by=session.by, at=at)


def feed(
    session: Session, store: str, listing: Path, format: str, *, only: str, empty: bool
) -> tuple[Fed, tuple[Problem, ...]]:
    """Register what a tool's listing names; what it no longer names is gone.

    Raises:
        BadInput: nothing of the listing can be read.
        Refused: it names nothing although copies were registered.
    """
    at = session.clock.now()
    _known(session, store, at)
    with listing.open("rb") as file:
        found = listings.read(file.read(LARGEST).decode("utf-8", errors="replace"), format, only=only)
    if found.problems and not found.copies:
        raise BadInput(found.problems)
    source = Source(store=store, kind=format, place=only)
    faults = len(found.problems)
    with ledgers.opened(session.folder, session.environment, session.clock) as ledger:
        fed = register.feed(ledger, source, found.copies, faults=faults, empty=empty, by=session.by, at=at)
    return fed, found.problems


def confirm(session: Session, store: str) -> int:
    """State that the register names every copy of a store, none included."""
    at = session.clock.now()
    _known(session, store, at)
    with ledgers.opened(session.folder, session.environment, session.clock) as ledger:
        return register.confirm(ledger, store, by=session.by, at=at)


def end(session: Session, named: str) -> SetRecord:
    """State that a copy is gone.

    Raises:
        Refused: there is none of that number, or it is gone already.
    """
    number = re.fullmatch(r"(?:backup:)?([1-9][0-9]{0,8})", named.strip(), re.ASCII)
    if number is None:
        raise Refused(
            "A copy is named by its number, as `backup:12`; found something else.",
            hint="`troth backup list` shows the numbers.",
        )
    with ledgers.opened(session.folder, session.environment, session.clock) as ledger:
        return register.end(ledger, int(number[1]), by=session.by, at=session.clock.now())


def listed(session: Session, at: datetime, *, all: bool) -> Register:
    """Return the register, oldest copy first; with `all`, copies that are gone too."""
    project = projects.load(session.folder, at.date())
    term = burying.promised(project.policy)
    with ledgers.opened(session.folder, session.environment, session.clock) as ledger:
        sets, heard = ledger.backup_sets.read(standing=not all), ledger.backup_sets.sources()
    spoken = {one.store for one in heard}
    return Register(
        copies=tuple(_shown(one, term, at) for one in sets),
        heard=heard,
        silent=tuple(name for name in project.datamap.stores if name not in spoken),
        term=term,
    )


def _shown(one: SetRecord, term: Period | None, at: datetime) -> Shown:
    promised = gone.ends(one.made, None, term)
    return Shown(
        set=one,
        gone_by=gone.ends(one.made, one.ends, term),
        promised=one.ends is None,
        late=one.gone_at is None and promised is not None and promised < at.date(),
    )


def _known(session: Session, store: str, at: datetime) -> None:
    valid = (*projects.load(session.folder, at.date()).datamap.stores, OWN)
    if store not in valid:
        close = nearest(store, valid)
        raise _bad("The data map has no store of this name.", store, valid, close)


def _instant(text: str) -> datetime:
    """Read an instant; a day means its beginning, for what was erased on it may be in the copy."""
    try:
        if re.fullmatch(r"\d{4}-\d\d-\d\d", text.strip(), re.ASCII):
            return datetime.combine(date.fromisoformat(text.strip()), time(), UTC)
        found = datetime.fromisoformat(text.strip())
    except ValueError:
        raise _bad("An instant or a day was expected for --made.", text, ("2026-05-01T02:00:00Z",)) from None
    return found.astimezone(UTC) if found.tzinfo else found.replace(tzinfo=UTC)


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text.strip())
    except ValueError:
        raise _bad("A day was expected for --ends.", text, ("2026-05-31",)) from None


def _bad(message: str, found: str, valid: tuple[str, ...], close: str = "") -> BadInput:
    other = f"Write it as {valid[0]}." if valid[0][:1].isdigit() else "Use one of the valid values."
    hint = f"Write `{close}`." if close else other
    return BadInput(
        [Problem(code="bad-value", message=message, found=found, valid=valid, nearest=close, hint=hint)]
    )
