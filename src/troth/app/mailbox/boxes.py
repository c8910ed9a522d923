"""Where messages come from: a maildir or an IMAP mailbox, named by one address.

A box lists messages with their sizes, gives the bytes of one, and takes messages out once they are safe elsewhere.
`TROTH_MAILBOX` names it; a password stands in the environment and nowhere else.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Literal, Protocol
from urllib.parse import parse_qsl, unquote, urlsplit

from troth.problems import BadInput, Problem

VARIABLE = "TROTH_MAILBOX"
PASSWORD = "TROTH_MAILBOX_PASSWORD"  # noqa: S105 the name of a variable
EXAMPLES = ("imaps://user:password@mail.example.org/INBOX", "maildir:/var/mail/privacy")
TIMEOUT = 30.0
PORTS = {"imaps": 993, "imap": 143}


@dataclass(frozen=True, slots=True, kw_only=True)
class Address:
    """A mailbox and how to reach it."""

    kind: Literal["maildir", "imap"]
    folder: str
    """Path of the maildir, or name of the IMAP folder."""
    move: str = ""
    """Folder that messages go to; where there is none they are deleted."""
    host: str = ""
    port: int = 0
    security: Literal["tls", "starttls", "none"] = "tls"
    user: str = ""
    password: str = field(default="", repr=False)
    authority: str = ""
    timeout: float = TIMEOUT

    @property
    def name(self) -> str:
        """What lists call it: no user, no path."""
        return f"{self.host}/{self.folder}" if self.kind == "imap" else f"maildir/{Path(self.folder).name}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """A message in a box, before it is read."""

    key: str
    size: int
    arrived: datetime


class Box(Protocol):
    """An open mailbox."""

    def items(self) -> Iterator[Item]:
        """Yield the messages, those that came first before others."""

    def content(self, item: Item, most: int) -> bytes | None:
        """Return up to so many bytes of a message; None where it is gone."""

    def take_out(self, items: Sequence[Item]) -> None:
        """Remove messages, or move them where the address says."""


def address(environment: Mapping[str, str], source: str = "") -> Address:
    """Return the mailbox that is set, or the one that is named; a password comes from the environment.

    Raises:
        BadInput: when none is set, or it is none; the address, which may hold a password, is not shown.
    """
    written = source or environment.get(VARIABLE, "")
    if not written:
        raise _bad(
            f"{VARIABLE} is not set: no mailbox is known.", "Set it in the environment, or give --from."
        )
    found = _maildir(written) if written.startswith("maildir:") else _imap(written, environment)
    if found is None:
        named = "--from" if source else VARIABLE
        raise _bad(
            f"{named} is no address of a mailbox.",
            "Correct it; options are `move=FOLDER`, and for IMAP `starttls=no`, `timeout=SECONDS`, `ca=FILE`.",
        )
    return found


@contextlib.contextmanager
def opened(at: Address) -> Iterator[Box]:
    """Open a mailbox.

    Raises:
        BadInput: when there is no such maildir.
        StoreError: when the server cannot be reached or refuses.
    """
    if at.kind == "imap":
        from troth.app.mailbox import imap

        with imap.opened(at) as box:
            yield box
        return
    from troth.app.mailbox import maildir

    yield maildir.opened(at)


def _maildir(written: str) -> Address | None:
    path, _, query = written.removeprefix("maildir:").partition("?")
    options = dict(parse_qsl(query, keep_blank_values=True))
    move = options.pop("move", "")
    if not path or options or "/" in move or move.startswith("."):
        return None
    return Address(kind="maildir", folder=path, move=move)


def _imap(written: str, environment: Mapping[str, str]) -> Address | None:
    try:
        parts = urlsplit(written)
        host, port = parts.hostname or "", parts.port
    except ValueError:
        return None
    options = dict(parse_qsl(parts.query, keep_blank_values=True))
    move, secure = options.pop("move", ""), options.pop("starttls", "yes")
    authority, timeout = options.pop("ca", ""), options.pop("timeout", str(TIMEOUT))
    folder = unquote(parts.path.removeprefix("/")) or "INBOX"
    plain = all(" " <= sign <= "~" for sign in folder + move)
    good = parts.scheme in PORTS and host and parts.username and plain and secure in ("yes", "no")
    if not good or options or not timeout.replace(".", "", 1).isdigit() or not 0 < float(timeout) <= 600:
        return None
    tls = parts.scheme == "imaps"
    return Address(
        kind="imap",
        folder=folder,
        move=move,
        host=host,
        port=port or PORTS[parts.scheme],
        security="tls" if tls else "starttls" if secure == "yes" else "none",
        user=unquote(parts.username or ""),
        password=unquote(parts.password or "") or environment.get(PASSWORD, ""),
        authority=authority,
        timeout=float(timeout),
    )


def _bad(message: str, hint: str) -> BadInput:
    return BadInput([Problem(code="bad-value", message=message, valid=EXAMPLES, hint=hint)])
