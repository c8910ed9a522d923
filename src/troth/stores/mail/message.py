"""One mail as a row: what is asked of it, what an export shows, and how people are taken out of it."""

from __future__ import annotations

import html
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

from troth.plan.model import Blank, Replace
from troth.rights.model import ErasureChange, Scrub
from troth.stores.files.asking import Cell
from troth.stores.files.medium import Verdict
from troth.stores.files.spotting import ERASED, Spotter
from troth.stores.mail import addresses, texts
from troth.stores.mail.parts import Field, Part, attached, file_name, pieces, split

SUBJECT, DATE, BODY, ATTACHMENTS, HEADERS = "subject", "date", "body", "attachments", "headers"
_OWN = frozenset({*addresses.NAMES, SUBJECT, DATE})
_ENVELOPE = re.compile(rb"From (\S+)")
NAMELESS = "erased"
NOBODY = b"MAILER-DAEMON"
"""What an mbox writes where a message has no sender."""
_KINDS = frozenset({"application", "audio", "font", "image", "model", "video"})


@dataclass(slots=True)
class Mail:
    """A message; in an mbox with the line before it that begins with `From `."""

    raw: bytes
    envelope: bytes = b""
    root: Part = field(init=False)
    touched: bool = False

    def __post_init__(self) -> None:
        """Take it apart."""
        if self.raw.startswith(b"From "):
            end = self.raw.find(b"\n") + 1 or len(self.raw)
            self.envelope, self.raw = self.raw[:end], self.raw[end:]
        self.root = split(self.raw)

    @property
    def size(self) -> int:
        """Bytes of it, as it came."""
        return len(self.envelope) + len(self.raw)

    def written(self) -> bytes:
        """Return it as it is now."""
        return self.envelope + (b"".join(pieces(self.root)) if self.touched else self.raw)

    def cell(self, column: str) -> Cell:
        """Return what stands in a column; nothing where there is no such header."""
        if column in addresses.COLUMNS:
            found = addresses.found(self.root.fields, column)
            return (*found, *self._sent_by()) if column == "sender" else found
        match column:
            case "subject":
                subject = self._subject()
                return None if subject in ("", ERASED) else subject
            case "date":
                return self._date()
            case "body":
                return "\n".join(texts.read(part) for part in self._bodies()) or None
            case "attachments":
                return tuple(file_name(part) or part.kind for part in self._attachments())
            case "headers":
                return "\n".join(text for _, text in self._others()) or None
            case _:
                return None

    def _sent_by(self) -> tuple[str, ...]:
        """Return the sender on the line before the message, where an mbox has one that is an address."""
        found = _ENVELOPE.match(self.envelope)
        sender = found[1].decode("utf-8", errors="replace") if found else ""
        return (sender,) if "@" in sender else ()

    def _subject(self) -> str:
        return " ".join(texts.header(one.value) for one in self.root.fields if one.name == SUBJECT)

    def _date(self) -> datetime | None:
        named = [one for one in self.root.fields if one.name == DATE]
        try:
            found = parsedate_to_datetime(texts.header(named[0].value)) if named else None
            # RFC 5322 §3.3: a zone of -0000 says nothing about where it was written.
            return found if found is None or found.tzinfo else found.replace(tzinfo=UTC)
        except (ValueError, TypeError, IndexError, OverflowError):
            return None

    def _bodies(self) -> Iterator[Part]:
        return (part for part in self.root.leaves() if not attached(part))

    def _attachments(self) -> Iterator[Part]:
        return (part for part in self.root.leaves() if attached(part))

    def _others(self) -> Iterator[tuple[str, str]]:
        """Yield every other header of the message, and all of the parts' own."""
        for part in self.root.walk():
            for one in part.fields:
                if part is not self.root or one.name not in _OWN:
                    yield one.name, texts.header(one.value)

    def values(self) -> Mapping[str, object]:
        """Return what an export shows: texts as they read, attachments by name."""
        found: dict[str, object] = {}
        for column in (*addresses.COLUMNS, SUBJECT, DATE, BODY, ATTACHMENTS):
            cell = self.cell(column)
            found[column] = _readable(cell) if isinstance(cell, str) else cell
        return found

    def texts(self) -> Iterator[tuple[str, str]]:
        """Yield every text: headers decoded and as they stand, bodies, attachments that are text, their names."""
        if self.envelope:
            yield "sender", self.envelope.decode("utf-8", errors="replace")
        for one in self.root.fields:
            yield _column(one.name), texts.header(one.value)
        for _, text in self._others():
            yield HEADERS, text
        for part in self.root.leaves():
            kind = part.kind
            column = ATTACHMENTS if attached(part) else BODY
            if kind.startswith("text/"):
                text = texts.read(part)
                yield column, text
                if kind == "text/html":
                    yield column, html.unescape(re.sub(r"<[^>]*>", "", text))

    def unlooked(self) -> Iterator[str]:
        """Name the sort of each attachment that is no text."""
        for part in self.root.leaves():
            kind = part.kind.partition("/")[0]
            if kind != "text" and texts.unpacked(part).strip():
                yield f"attachments of mails that are no text ({kind if kind in _KINDS else 'other'})"

    def others(self, people: frozenset[int], spotter: Spotter, columns: frozenset[str]) -> bool:
        """Tell whether somebody besides these people stands in the columns by which people are found."""
        cells = (self.cell(column) for column in columns & addresses.COLUMNS.keys())
        return any(
            addresses.of_a_person(address) and not addresses.theirs(address, people, spotter)
            for cell in cells
            if isinstance(cell, tuple)
            for address in cell
        )

    def change(self, change: ErasureChange, people: frozenset[int], spotter: Spotter) -> bool:
        """Make one change; emptying a list of addresses takes out these people's only, in every header."""
        column = change.column
        match change:
            case Blank() if column in addresses.COLUMNS or column == HEADERS:
                made = self._redact(people, spotter)
            case Scrub() if column == SUBJECT:
                made = self._fields(lambda one: one.name == SUBJECT, people, spotter)
            case Scrub() if column in addresses.COLUMNS or column == HEADERS:
                made = self._redact(people, spotter)
            case Scrub():
                made = self._scrub(column, people, spotter)
            case Blank():
                made = self._put(column, "")
            case Replace(text=text):
                made = self._put(column, text)
            case _:
                made = False
        self.touched |= made
        return made

    def remove(self, people: frozenset[int], spotter: Spotter, columns: frozenset[str]) -> Verdict:
        """Say that the message goes; where somebody else stands in it, take these people out instead."""
        if not self.others(people, spotter, columns):
            return "gone"
        made = [self._redact(people, spotter)]
        made.append(self._fields(lambda one: one.name == SUBJECT, people, spotter))
        made += [self._scrub(column, people, spotter) for column in (BODY, ATTACHMENTS)]
        self.touched |= any(made)
        return "changed" if any(made) else "same"

    def _redact(self, people: frozenset[int], spotter: Spotter) -> bool:
        """Take people out of every header but the subject, which is text."""
        made = self._fields(lambda one: one.name != SUBJECT, people, spotter)
        if any(addresses.theirs(sender, people, spotter) for sender in self._sent_by()):
            self.envelope = _ENVELOPE.sub(b"From " + NOBODY, self.envelope, count=1)
            return True
        return made

    def _fields(self, wanted: Callable[[Field], bool], people: frozenset[int], spotter: Spotter) -> bool:
        made = False
        for part in self.root.walk():
            for number, one in enumerate(part.fields):
                new = addresses.redacted(one, people, spotter) if wanted(one) else None
                if new is not None:
                    part.fields[number] = new
                    made = True
        return made

    def _scrub(self, column: str, people: frozenset[int], spotter: Spotter) -> bool:
        made = False
        parts = self._bodies() if column == BODY else self._attachments() if column == ATTACHMENTS else ()
        for part in parts:
            if part.kind.startswith("text/"):
                text = texts.read(part)
                new = spotter.scrub(text, people)
                if new != text:
                    texts.write(part, new)
                    made = True
        return made

    def _put(self, column: str, text: str) -> bool:
        """Put a text in place of the subject, or of the content of bodies or attachments."""
        made = False
        if column == SUBJECT:
            for number, one in enumerate(self.root.fields):
                if one.name == SUBJECT and texts.header(one.value) != (text or ERASED):
                    end = b"\r\n" if one.raw.endswith(b"\r\n") else b"\n"
                    self.root.fields[number] = texts.field(b"Subject", text or ERASED, end)
                    made = True
        for part in (
            self._bodies() if column == BODY else self._attachments() if column == ATTACHMENTS else ()
        ):
            if column == ATTACHMENTS:
                made |= _nameless(part)
            if texts.unpacked(part).strip() != text.encode():
                tail = part.body[len(part.body.rstrip(b"\r\n")) :]
                texts.put(part, text.encode() + tail)
                made = True
        return made


def _nameless(part: Part) -> bool:
    """Take the name of an attachment away."""
    if file_name(part) in ("", NAMELESS):
        return False
    end = b"\r\n" if part.gap == b"\r\n" else b"\n"
    kept = [one for one in part.fields if one.name not in ("content-disposition", "content-description")]
    kept = [
        texts.field(b"Content-Type", part.kind, end) if one.name == "content-type" else one for one in kept
    ]
    part.fields = [*kept, texts.field(b"Content-Disposition", f"attachment; filename={NAMELESS}", end)]
    return True


def _column(name: str) -> str:
    if name in (SUBJECT, DATE):
        return name
    return next((column for column, names in addresses.COLUMNS.items() if name in names), HEADERS)


def _readable(text: str) -> str:
    return text.encode("utf-8", errors="surrogateescape").decode("utf-8", errors="replace")
