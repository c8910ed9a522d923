"""A real mail server in this process, an outbox, and letters to put into it."""

from __future__ import annotations

import json
import socket
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP

from troth import ledger
from troth.app import post
from troth.app.clock import Clock
from troth.ledger.ledger import Ledger
from troth.ledger.outbox import NewLetter
from troth.letters.compose import compose
from troth.letters.model import Letter

AT = datetime(2026, 3, 1, 12, tzinfo=UTC)
PATIENCE = 60.0
PROJECT = """\
troth: 1
organisation:
  name: Krämer & Söhne
  address: [Am Tor 1, 20095 Hamburg]
  contacts: {privacy: datenschutz@kraemer.example}
"""


@dataclass
class Handler:
    """Take mails, or answer as a test wants."""

    mails: list[Any] = field(default_factory=list)
    rcpt: str = ""
    """What to answer to every RCPT instead of taking it."""
    data: str = ""
    on_data: Callable[[], None] = lambda: None

    async def handle_RCPT(
        self, server: SMTP, session: Any, envelope: Any, to: str, options: list[str]
    ) -> str:
        """Take or refuse an address."""
        if self.rcpt:
            return self.rcpt
        envelope.rcpt_tos.append(to)
        return "250 OK"

    async def handle_DATA(self, server: SMTP, session: Any, envelope: Any) -> str:
        """Take or refuse a mail."""
        if self.data:
            return self.data
        self.mails.append(envelope)
        self.on_data()
        return "250 OK"


@contextmanager
def mail_server(handler: Handler, **options: Any) -> Iterator[str]:
    """Run a mail server on a free port and give its address as TROTH_SMTP takes it."""
    controller = _started(handler, options)
    try:
        yield address(controller.port)
    finally:
        controller.stop()


def _started(handler: Handler, options: Mapping[str, Any]) -> Controller:
    """Start a server on a free port, or on another one where somebody else took that one meanwhile."""
    for _ in range(5):
        controller = Controller(
            handler, hostname="127.0.0.1", port=free_port(), ready_timeout=PATIENCE, **options
        )
        try:
            controller.start()
        except OSError:
            continue
        return controller
    raise AssertionError("no port stayed free")


def free_port() -> int:
    """Return a port nobody listens on."""
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


def address(port: int) -> str:
    """Return a server's address as TROTH_SMTP takes it."""
    return f"smtp://127.0.0.1:{port}?starttls=no&timeout=60"


@dataclass
class Office:
    """A project with an outbox, and a clock that a test moves."""

    folder: Path
    smtp: str = ""
    url: str = ""
    """Of the ledger; by default a file in the project."""
    now: datetime = AT

    @property
    def environment(self) -> dict[str, str]:
        """What the commands read."""
        given = {"TROTH_SMTP": self.smtp, "TROTH_LEDGER": self.url}
        return {name: value for name, value in given.items() if value}

    @property
    def clock(self) -> Clock:
        """The clock of the test."""
        return Clock(now=lambda: self.now, test=True)

    def ledger(self) -> Ledger:
        """Open the ledger."""
        home = self.folder / ".troth"
        url = self.url or f"sqlite:///{home / 'ledger.sqlite'}"
        return ledger.open(url, keys_dir=home / "keys", now=self.clock.now)

    def put(self, to: str = "anna@example.org", *, channel: Any = "mail", **more: Any) -> int:
        """Queue a letter."""
        book = self.ledger()
        with book.writing():
            by = book.staff.identify("Test", at=self.now)
            new = NewLetter(kind="code", channel=channel, to=to, letter=a_code(), **more)
            id = book.outbox.put(new, at=self.now, by=by)
        book.close()
        return id

    def send(self, **more: Any) -> post.Sent:
        """Send what is due."""
        return post.send(self.folder, self.environment, self.clock, **more)

    def later(self, **more: float) -> None:
        """Move the clock."""
        self.now += timedelta(**more)

    def states(self) -> list[str]:
        """Return the states of all letters."""
        return [one.state for one in post.listed(self.folder, self.environment, self.clock, every=True)]

    def log(self) -> list[dict[str, Any]]:
        """Return what evidence says of letters."""
        book = self.ledger()
        entries = [entry for entry in _entries(book) if entry["kind"].startswith("letter.")]
        book.close()
        return entries


def _entries(book: Ledger) -> list[dict[str, Any]]:
    book.audit()
    return [json.loads(body) for body in book.evidence.entries()]


def office(folder: Path) -> Office:
    """Make a project."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "troth.yaml").write_text(PROJECT, encoding="utf-8")
    return Office(folder=folder)


def a_code(**more: Any) -> Letter:
    """Write a letter with a code."""
    given = {
        "organisation": {"name": "Krämer & Söhne", "contact": "datenschutz@kraemer.example"},
        "date": date(2026, 3, 1),
        "person": "Zoë",
        "code": "482913",
        "purpose": "your request for a copy of your data",
        "until": "14:30 UTC",
    }
    return compose("code", given | more)
