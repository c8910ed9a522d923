"""The register of copies in the ledger: added by people and by listings, each change with its evidence.

A copy that a listing no longer names is gone; one that a person added is gone when a person says so. A copy stays in
the register after it is gone.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import TYPE_CHECKING

from troth.backups.listings import Listed
from troth.errors import Refused
from troth.evidence.entry import Entry
from troth.evidence.instants import instant
from troth.ledger.records import Heard, NewSet, SetRecord

if TYPE_CHECKING:
    from troth.ledger.ledger import Ledger

COMMAND = "command"
LONGEST_PLACE = 500
LONGEST_NAME = 300


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """Where a listing comes from."""

    store: str
    kind: str
    """`folder`, `pgbackrest` or `restic`."""
    place: str = ""
    """The folder; the stanza, tag, host or path that was asked for."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Fed:
    """What a listing changed."""

    listed: int
    new: tuple[SetRecord, ...]
    gone: tuple[SetRecord, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Stated:
    """A copy that somebody names."""

    store: str
    made: datetime
    where: str
    ends: date | None = None


def add(ledger: Ledger, stated: Stated, *, by: str, at: datetime) -> SetRecord:
    """Register a copy that somebody names.

    Raises:
        Refused: when it lies in the future, ends before it was made, or is registered already.
    """
    _plausible(stated, at)
    name = f"{stated.where} {instant(stated.made)}"[:LONGEST_NAME]
    new = NewSet(
        store=stated.store,
        source=COMMAND,
        name=name,
        place=stated.where[:LONGEST_PLACE],
        made=stated.made,
        ends=stated.ends,
    )
    with ledger.writing():
        staff = ledger.staff.identify(by, at=at)
        number = ledger.backup_sets.add(new, at=at, by=staff)
        if number is None:
            raise Refused("This copy is registered already.", hint="`troth backup list` shows it.")
        made = ledger.backup_sets.read(number)[0]
        ledger.append(_registered(made, staff, at))
        _heard(ledger, Source(store=stated.store, kind=COMMAND), at)
        return made


def feed(
    ledger: Ledger,
    source: Source,
    copies: Sequence[Listed],
    *,
    faults: int,
    empty: bool,
    by: str,
    at: datetime,
) -> Fed:
    """Take in a listing: what is new is registered, what it no longer names is gone.

    Args:
        ledger: Whose register.
        source: Where the listing comes from.
        copies: Everything it names.
        faults: Entries that could not be read; with any, nothing is taken for gone.
        empty: Believe a listing that names nothing although copies were registered.
        by: Who feeds it.
        at: When.

    Raises:
        Refused: when it names nothing, copies were registered, and nobody said that it may be so.
    """
    standing = [
        s
        for s in ledger.backup_sets.read(store=source.store, standing=True)
        if s.source == source.kind and s.place == source.place
    ]
    if not copies and standing and not empty:
        raise Refused(
            f"The listing names no copy of `{source.store}`, and {len(standing)} are registered. Nothing changed.",
            hint="Is the place mounted, the right folder or stanza named? If they are gone, say --empty.",
        )
    with ledger.writing():
        staff = ledger.staff.identify(by, at=at)
        numbers = [n for one in copies if (n := _taken(ledger, source, one, staff, at)) is not None]
        named = {one.name[:LONGEST_NAME] for one in copies}
        gone = [] if faults else [s for s in standing if s.name not in named]
        for one in gone:
            ledger.backup_sets.end(one.id, at=at, how="vanished")
        new = [ledger.backup_sets.read(number)[0] for number in numbers]
        body = {
            "store": source.store,
            "source": source.kind,
            "sets": len(copies),
            "faults": faults,
            "by": f"staff:{staff}",
        }
        ledger.append(
            *(_registered(one, staff, at) for one in new),
            *(_gone(one, "vanished", staff, at) for one in gone),
            Entry(kind="backup.listed", at=at, body=body),
        )
        if not faults:
            _heard(ledger, source, at)
        return Fed(listed=len(copies), new=tuple(new), gone=tuple(gone))


def confirm(ledger: Ledger, store: str, *, by: str, at: datetime) -> int:
    """State that the register names every copy of a store, none included; return how many it names."""
    with ledger.writing():
        staff = ledger.staff.identify(by, at=at)
        sets = len(ledger.backup_sets.read(store=store, standing=True))
        body = {"store": store, "source": COMMAND, "sets": sets, "by": f"staff:{staff}"}
        ledger.append(Entry(kind="backup.listed", at=at, body=body))
        _heard(ledger, Source(store=store, kind=COMMAND), at)
        return sets


def end(ledger: Ledger, number: int, *, by: str, at: datetime) -> SetRecord:
    """State that a copy is gone.

    Raises:
        Refused: when there is no such copy, or it is gone already.
    """
    with ledger.writing():
        found = ledger.backup_sets.read(number)
        if not found:
            raise Refused(
                f"There is no backup:{number} in this ledger.", hint="See `troth backup list --all`."
            )
        staff = ledger.staff.identify(by, at=at)
        if not ledger.backup_sets.end(number, at=at, how="stated"):
            raise Refused(f"backup:{number} is gone already.", hint="Nothing was changed.")
        ledger.append(_gone(found[0], "stated", staff, at))
        return found[0]


def _plausible(stated: Stated, at: datetime) -> None:
    if stated.made > at:
        raise Refused("A copy was expected to be made before now; the instant given lies ahead.")
    if stated.ends is not None and stated.ends < stated.made.date():
        raise Refused("A copy was expected to end after it was made; it is said to end before.")


def _taken(ledger: Ledger, source: Source, one: Listed, staff: int, at: datetime) -> int | None:
    new = NewSet(
        store=source.store,
        source=source.kind,
        name=one.name[:LONGEST_NAME],
        place=source.place[:LONGEST_PLACE],
        made=one.made,
        ends=one.ends,
    )
    return ledger.backup_sets.add(new, at=at, by=staff)


def _heard(ledger: Ledger, source: Source, at: datetime) -> None:
    sets = len(ledger.backup_sets.read(store=source.store, standing=True))
    place = source.place[:LONGEST_PLACE]
    ledger.backup_sets.heard(Heard(store=source.store, source=source.kind, place=place, at=at, sets=sets))


def _registered(one: SetRecord, staff: int, at: datetime) -> Entry:
    body = {
        "backup": f"backup:{one.id}",
        "store": one.store,
        "made": instant(one.made),
        "source": one.source,
        "by": f"staff:{staff}",
        **({"ends": one.ends.isoformat()} if one.ends else {}),
    }
    return Entry(kind="backup.registered", at=at, body=body)


def _gone(one: SetRecord, how: str, staff: int, at: datetime) -> Entry:
    body = {"backup": f"backup:{one.id}", "store": one.store, "how": how, "by": f"staff:{staff}"}
    return Entry(kind="backup.gone", at=at, body=body)
