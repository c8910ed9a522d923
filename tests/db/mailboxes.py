"""Mailboxes for tests: a maildir, and a real IMAP server in a process of its own, with TLS before it where asked."""

from __future__ import annotations

import imaplib
import socket
import ssl
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from db.mailing import free_port

USER, PASSWORD = "privacy@kraemer.example", "s/e:c ré@t"


@dataclass
class Maildir:
    """A maildir, and how many messages were delivered to it."""

    folder: Path
    count: int = 0

    @classmethod
    def make(cls, folder: Path) -> Self:
        """Make an empty one."""
        for place in ("new", "cur", "tmp"):
            (folder / place).mkdir(parents=True)
        return cls(folder)

    def deliver(self, content: bytes) -> Path:
        """Put a message in, as a mail server does."""
        self.count += 1
        path = self.folder / "new" / f"17{self.count:08d}.M1P1.host"
        path.write_bytes(content)
        return path

    def left(self) -> list[bytes]:
        """Return what is in it."""
        found = [path for place in ("new", "cur") for path in (self.folder / place).iterdir()]
        return [path.read_bytes() for path in sorted(found)]

    @property
    def address(self) -> str:
        """Return it as TROTH_MAILBOX takes it."""
        return f"maildir:{self.folder}"


@dataclass
class ImapServer:
    """A server that runs, with one account."""

    port: int

    @property
    def address(self) -> str:
        """Return it as TROTH_MAILBOX takes it, without encryption."""
        from urllib.parse import quote

        login = f"{quote(USER, safe='')}:{quote(PASSWORD, safe='')}"
        return f"imap://{login}@127.0.0.1:{self.port}/INBOX?starttls=no&timeout=60"

    def line(self) -> imaplib.IMAP4:
        """Log in."""
        line = imaplib.IMAP4("127.0.0.1", self.port, timeout=60)
        line.authenticate("PLAIN", lambda _: f"\0{USER}\0{PASSWORD}".encode())
        return line

    def deliver(self, *contents: bytes) -> None:
        """Put messages in."""
        line = self.line()
        for content in contents:
            assert line.append("INBOX", None, None, content)[0] == "OK"
        line.logout()

    def left(self, folder: str = "INBOX") -> list[bytes]:
        """Return what is in a folder, whatever its flags are."""
        line = self.line()
        if line.select(folder, readonly=True)[0] != "OK":
            return []
        found = line.uid("FETCH", "1:*", "(BODY.PEEK[])")[1]
        line.logout()
        return [one[1] for one in found if isinstance(one, tuple)]

    def empty(self) -> None:
        """Take every message out of the inbox."""
        line = self.line()
        line.select("INBOX")
        line.store("1:*", "+FLAGS", "(\\Deleted)")
        line.expunge()
        line.logout()


@contextmanager
def imap_server() -> Iterator[ImapServer]:
    """Start a server and wait until it answers."""
    port = free_port()
    words = ["--host", "127.0.0.1", "--user", USER, "--password", PASSWORD, "--no-http"]
    words += ["--imap-port", str(port), "--smtp-port", str(free_port())]
    process = subprocess.Popen(
        [sys.executable, "-c", "from mail_devel.__main__ import main; main()", *words],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    server = ImapServer(port)
    try:
        end = time.monotonic() + 180
        while time.monotonic() < end:
            with suppress(OSError, imaplib.IMAP4.error):
                server.line().logout()
                break
            time.sleep(0.1)
        yield server
    finally:
        process.kill()
        process.wait()


@contextmanager
def behind_tls(port: int, certificate: Path) -> Iterator[int]:
    """Put TLS before a server on this machine, and yield the port."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    listening = socket.create_server(("127.0.0.1", 0))

    def serve() -> None:
        while True:
            try:
                raw, _ = listening.accept()
            except OSError:
                return
            with suppress(OSError):
                outer = context.wrap_socket(raw, server_side=True)
                inner = socket.create_connection(("127.0.0.1", port))
                for one, other in ((outer, inner), (inner, outer)):
                    threading.Thread(target=_carry, args=(one, other), daemon=True).start()

    threading.Thread(target=serve, daemon=True).start()
    try:
        yield int(listening.getsockname()[1])
    finally:
        listening.close()


def _carry(source: socket.socket, to: socket.socket) -> None:
    with suppress(OSError):
        while data := source.recv(65_536):
            to.sendall(data)
    with suppress(OSError):
        to.shutdown(socket.SHUT_RDWR)
