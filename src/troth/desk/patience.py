"""How long the server waits for whoever asks: some seconds, and longer only for what keeps coming.

A thread that reads a request can do nothing else meanwhile. Without this, as many connections as there are threads,
each with half a request, would shut everybody out for as long as they like. What a proxy before us takes in whole is
never late. Knows gunicorn, and nothing of pages.
"""

from __future__ import annotations

import errno
import socket
import time
from typing import Any

from gunicorn.workers.gthread import ThreadWorker  # type: ignore[import-untyped]

GRACE = 6.0
"""Seconds in which a request must be there."""
SLOWEST = 64_000
"""Bytes of it a second that are waited for beyond that."""
SENDING = 60.0
"""Seconds in which a piece of an answer must be taken."""


class Patient:
    """A line to somebody, read from with an end; all else is the line's own."""

    def __init__(self, line: socket.socket) -> None:
        self._line = line
        self._bound: float | None = None
        self._ends = 0.0

    def __getattr__(self, name: str) -> Any:
        return getattr(self._line, name)

    def begin(self) -> None:
        """Wait for a new request from now on."""
        self._ends = time.monotonic() + GRACE

    def gettimeout(self) -> float | None:
        """Return the bound that was set for each piece."""
        return self._bound

    def settimeout(self, bound: float | None) -> None:
        """Set a bound for each piece."""
        self._bound = bound
        self._line.settimeout(bound)

    def recv(self, size: int, flags: int = 0) -> bytes:
        """Return a piece of what is sent.

        Raises:
            TimeoutError: when it did not come within the bound that was set.
            ConnectionResetError: when the request takes too long as a whole; to gunicorn that is no error of ours.
        """
        left = self._ends - time.monotonic()
        if left <= 0:
            raise ConnectionResetError(errno.ECONNRESET, "the request came too slowly")
        self._line.settimeout(left if self._bound is None else min(left, self._bound))
        try:
            piece = self._line.recv(size, flags)
        except TimeoutError:
            if self._bound is not None:
                raise
            raise ConnectionResetError(errno.ECONNRESET, "the request came too slowly") from None
        finally:
            self._line.settimeout(SENDING)
        self._ends += len(piece) / SLOWEST
        return piece


class Worker(ThreadWorker):  # type: ignore[misc]
    """Gunicorn's worker of several threads, none of which anybody can keep."""

    def handle(self, conn: Any) -> Any:
        """Take one request of a connection."""
        if not isinstance(conn.sock, Patient):
            conn.sock = Patient(conn.sock)
        conn.sock.begin()
        return super().handle(conn)
