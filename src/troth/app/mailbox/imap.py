"""An IMAP mailbox as a box (RFC 9051, RFC 3501), encrypted unless that is switched off by name.

Messages are listed by number, a page at a time, so that a full mailbox takes no more memory than an empty one. They
are taken out by UID. A server without UIDPLUS has them marked as deleted only: whoever empties its bin removes them,
for EXPUNGE there would take along what others have marked.
"""

from __future__ import annotations

import contextlib
import imaplib
import re
import ssl
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from troth.app.mailbox.boxes import Address, Item
from troth.errors import StoreError

PAGE = 200
_UID = re.compile(rb"\bUID (\d{1,10})\b")
_SIZE = re.compile(rb"\bRFC822\.SIZE (\d{1,12})\b")
_DATE = re.compile(rb'\bINTERNALDATE "([^"]{20,30})"')
_LITERAL = re.compile(rb"\bBODY\[\]")


@dataclass(slots=True, kw_only=True)
class Imap:
    """An open folder of an IMAP account."""

    line: imaplib.IMAP4
    count: int
    abilities: frozenset[str]
    move: str

    def items(self) -> Iterator[Item]:
        """Yield the messages that are not marked as deleted, in the order they came.

        Nothing is taken out meanwhile: numbers would shift.
        """
        for start in range(1, self.count + 1, PAGE):
            end = min(start + PAGE - 1, self.count)
            with _translated():
                answered = self.line.fetch(f"{start}:{end}", "(UID RFC822.SIZE INTERNALDATE FLAGS)")[1]
            for one in answered:
                if isinstance(one, bytes) and (item := _item(one)):
                    yield item

    def content(self, item: Item, most: int) -> bytes | None:
        """Return up to so many bytes of a message, without marking it as read; None where it is gone."""
        with _translated():
            answered = self.line.uid("FETCH", item.key, f"(BODY.PEEK[]<0.{most}>)")[1]
        for one in answered:
            if isinstance(one, tuple) and _LITERAL.search(one[0]):
                return bytes(one[1][:most])
        return None

    def take_out(self, items: Sequence[Item]) -> None:
        """Move messages to another folder, or delete them."""
        for start in range(0, len(items), PAGE):
            keys = ",".join(item.key for item in items[start : start + PAGE])
            with _translated():
                self._take_out(keys)

    def _take_out(self, keys: str) -> None:
        if self.move:
            folder = _quoted(self.move)
            with contextlib.suppress(imaplib.IMAP4.error):
                self.line.create(folder)  # NO when it is there already
            if "MOVE" in self.abilities:
                _good(self.line.uid("MOVE", keys, folder))
                return
            _good(self.line.uid("COPY", keys, folder))
        _good(self.line.uid("STORE", keys, "+FLAGS.SILENT", "(\\Deleted)"))
        if "UIDPLUS" in self.abilities:
            _good(self.line.uid("EXPUNGE", keys))


@contextlib.contextmanager
def opened(at: Address) -> Iterator[Imap]:
    """Open a folder of an account.

    Raises:
        StoreError: when the server cannot be reached, offers no encryption, does not know us or the folder.
    """
    with _translated():
        line = _line(at)
    try:
        with _translated():
            _log_in(line, at)
            abilities = _abilities(line)
            answer, said = line.select(_quoted(at.folder))
            if answer != "OK":
                raise _trouble("does not know this folder", "Correct the folder in the mailbox's address.")
        count = int(said[0]) if said and isinstance(said[0], bytes) and said[0].isdigit() else 0
        yield Imap(line=line, count=count, abilities=abilities, move=at.move)
    finally:
        with contextlib.suppress(imaplib.IMAP4.error, OSError):
            line.logout()


def _line(at: Address) -> imaplib.IMAP4:
    context = ssl.create_default_context(cafile=at.authority or None)
    if at.security == "tls":
        return imaplib.IMAP4_SSL(at.host, at.port, ssl_context=context, timeout=at.timeout)
    line = imaplib.IMAP4(at.host, at.port, timeout=at.timeout)
    with contextlib.ExitStack() as undone:
        undone.callback(line.shutdown)
        if at.security == "starttls":
            if "STARTTLS" not in line.capabilities:
                hint = "Use `imaps://`, or `starttls=no` on a network you trust."
                raise _trouble("offers no STARTTLS", hint)
            line.starttls(ssl_context=context)
        undone.pop_all()
    return line


def _log_in(line: imaplib.IMAP4, at: Address) -> None:
    """Log in; by AUTHENTICATE PLAIN where it is offered, for LOGIN takes no signs beyond ASCII."""
    try:
        if "AUTH=PLAIN" in line.capabilities:
            line.authenticate("PLAIN", lambda _: f"\0{at.user}\0{at.password}".encode())
        else:
            line.login(at.user, at.password)
    except imaplib.IMAP4.abort:
        raise
    except (imaplib.IMAP4.error, UnicodeEncodeError):
        # What the server said may hold the login: it is not handed on.
        raise _trouble("does not take this login", "Correct user or password of the mailbox.") from None


def _abilities(line: imaplib.IMAP4) -> frozenset[str]:
    """Ask again after the login: most servers tell more then."""
    said = line.capability()[1]
    return frozenset(
        b" ".join(one for one in said if isinstance(one, bytes)).decode("ascii", "replace").upper().split()
    )


def _item(line: bytes) -> Item | None:
    uid, size, date = _UID.search(line), _SIZE.search(line), _DATE.search(line)
    if not uid or not size or b"\\deleted" in line.lower():
        return None
    return Item(key=uid[1].decode(), size=int(size[1]), arrived=_arrived(date[1] if date else b""))


def _arrived(written: bytes) -> datetime:
    try:
        return datetime.strptime(written.decode("ascii", "replace").strip(), "%d-%b-%Y %H:%M:%S %z")
    except ValueError:
        return datetime.now(UTC)


def _quoted(folder: str) -> str:
    escaped = folder.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


def _good(answer: tuple[str, object]) -> None:
    if answer[0] != "OK":
        raise _trouble(
            "does not let messages be taken out", "Give this login the right to delete or move them."
        )


@contextlib.contextmanager
def _translated() -> Iterator[None]:
    """Turn what can go wrong on the line into words; no text of the server is repeated."""
    try:
        yield
    except ssl.SSLError as wrong:
        raise _trouble(
            "shows a certificate that cannot be trusted", "Name its authority: `ca=FILE`."
        ) from wrong
    except imaplib.IMAP4.abort as wrong:
        raise _trouble("closed the line", "Run the command again; nothing was lost.") from wrong
    except imaplib.IMAP4.error as wrong:
        raise _trouble("refuses", "Ask whoever runs it.") from wrong
    except OSError as wrong:
        what = f"cannot be reached ({type(wrong).__name__})"
        raise _trouble(what, "Run the command again once it is up.") from wrong


def _trouble(what: str, hint: str) -> StoreError:
    return StoreError(f"The mail server of the mailbox {what}.", hint=hint)
