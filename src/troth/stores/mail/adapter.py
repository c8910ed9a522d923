"""Open mailboxes as a store: every mail is a row; messages go, or people are taken out of those that stay."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from troth.apply.people import PeopleStore
from troth.catalog.datamap import Dataset, Store
from troth.catalog.model import Column, ColumnKind, Table
from troth.rights.abilities import Ability
from troth.stores.files import opening, pattern, writing
from troth.stores.files.medium import Acting, Item, Prepared
from troth.stores.files.pattern import Pattern, Place, Skipped
from troth.stores.files.store import FilePeople
from troth.stores.mail import addresses, boxes
from troth.stores.mail.message import ATTACHMENTS, BODY, DATE, HEADERS, SUBJECT, Mail

_ONE = frozenset({"from", "sender"})
"""Columns that hold one address but for the rarest mails, which are never removed as one person's."""
TABLE = (
    *(
        Column(name=name, kind=ColumnKind.TEXT if name in _ONE else ColumnKind.ARRAY, declared="addresses")
        for name in addresses.COLUMNS
    ),
    Column(name=SUBJECT, kind=ColumnKind.TEXT, declared="text"),
    Column(name=DATE, kind=ColumnKind.DATETIME_TZ, declared="date"),
    Column(name=BODY, kind=ColumnKind.TEXT, declared="text"),
    Column(name=ATTACHMENTS, kind=ColumnKind.ARRAY, declared="names"),
    Column(name=HEADERS, kind=ColumnKind.TEXT, declared="text"),
)
_CAN: frozenset[Ability] = frozenset({"delete", "blank", "replace", "scrub", "detach", "recheck"})
_NOTES = (
    "A mail in which other people stand, in the columns by which people are found, is not removed: the person's "
    "addresses and name go from its headers, and their identities from its text.",
    "Addresses of a function (support@, info@) are taken to be nobody's.",
    "Attachments that are no text are not looked into; they go with their mail.",
    "Indexes of mail servers are not touched: Dovecot mends them by itself when it next opens the mailbox.",
    "Signatures (DKIM, S/MIME, OpenPGP) of a mail that was changed no longer hold.",
)


@dataclass(slots=True)
class Mails:
    """Mailboxes by a pattern."""

    dataset: str
    table: Table
    files: Pattern
    engine: str = "mail"
    text: frozenset[str] = frozenset({SUBJECT, BODY, HEADERS})
    can: frozenset[Ability] = _CAN
    notes: tuple[str, ...] = _NOTES
    name_column: str = "file name"
    readable: tuple[str, ...] = ("mail-indexes",)

    def places(self, skipped: Skipped | None = None) -> Iterator[Place]:
        """Yield every message of a maildir, every mbox, every single message."""
        return boxes.places(self.files, skipped)

    def key(self, place: Place) -> str:
        """Return what tells a message or mailbox from others."""
        return boxes.key(place)

    def folders(self) -> Iterator[str]:
        """Yield the names of the folders."""
        return (path.name for path, _ in pattern.below(self.files))

    def clear(self, acting: Acting) -> None:
        """Leave folders as they are."""

    def items(self, place: Place) -> Iterator[Item]:
        """Yield the mails of a file."""
        path = boxes.current(place.path)
        if path is not None:
            yield from boxes.mails(path)

    def prepare(self, place: Place, acting: Acting) -> Prepared | None:
        """Write the file anew, or get ready to remove it; None where it stays as it is."""
        path = boxes.current(place.path)
        if path is None:
            return None
        return _box(path, acting) if boxes.mbox(path) else _message(path, acting)


def _message(path: Path, acting: Acting) -> Prepared | None:
    mail = Mail(boxes.whole(path))
    verdict = acting.on(mail)
    if verdict == "same":
        return None
    if verdict == "gone":
        return Prepared(rows=acting.rows, inode=0, put=lambda: _unlink(path), drop=lambda: None)
    draft = boxes.drafted(path, iter((mail.written(),)))

    def put() -> None:
        where = boxes.current(path)
        if where is None:
            draft.drop()
        else:
            draft.at(where).put()

    return Prepared(rows=acting.rows, inode=draft.inode, put=put, drop=draft.drop)


def _unlink(path: Path) -> None:
    where = boxes.current(path)
    if where is not None:
        where.unlink(missing_ok=True)


def _box(path: Path, acting: Acting) -> Prepared | None:
    def kept(doing: Acting) -> Iterator[bytes]:
        for mail in boxes.mails(path):
            if doing.on(mail) != "gone":
                yield mail.written()

    before = writing.seen(path)
    draft = boxes.drafted(path, kept(acting))
    if not acting.touched:
        draft.drop()
        return None

    def put() -> None:
        with boxes.locked(path):
            if writing.seen(path) == before:
                draft.put()
                return
            draft.drop()
            again = acting.fresh()
            boxes.drafted(path, kept(again)).put()
            acting.rows.clear()
            acting.rows.update(again.rows)

    return Prepared(rows=acting.rows, inode=draft.inode, put=put, drop=draft.drop)


@contextmanager
def opened(
    name: str,
    declared: Store,
    datasets: Mapping[str, Dataset],
    folder: Path,
    now: Callable[[], datetime],
) -> Iterator[PeopleStore]:
    """Open mailboxes.

    Raises:
        StoreError: the folder of the pattern is not there, or the map gives the store several datasets.
    """
    files = pattern.parse(declared.files, folder, name)
    dataset, personal = opening.dataset(name, datasets, "messages")
    bare = dataset.partition(".")[2]
    medium = Mails(dataset=dataset, table=Table(name=bare, table=bare, columns=TABLE), files=files)
    yield FilePeople(name=name, medium=medium, folder=files.base, declared=personal, now=now)
