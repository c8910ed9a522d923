"""Serve the web application: gunicorn, some processes of some threads, on a socket that is open already.

The application is made once before the processes part, so that what is wrong with project or ledger ends the command
with its own message. No request is logged here: addresses hold private links.
"""

from __future__ import annotations

import os
import socket
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from gunicorn.app.base import BaseApplication  # type: ignore[import-untyped]

from troth.desk import wsgi
from troth.errors import Refused

BACKLOG = 1_024
SLOWEST = 60
"""Seconds after which a process that does not answer its master is replaced."""
_EVERYWHERE = {"0.0.0.0": "127.0.0.1"}  # noqa: S104 shown, not bound
GRACE = 20
"""Seconds that requests at work have to end in when the server stops."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Shape:
    """How many processes and threads answer."""

    processes: int = 2
    threads: int = 4


def listen(host: str, port: int) -> socket.socket:
    """Open the socket; port 0 takes a free one.

    Raises:
        Refused: when it is taken or may not be opened.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        found = socket.create_server((host, port), family=family, backlog=BACKLOG)
    except OSError as error:
        raise Refused(
            f"Nobody can listen on {host}, port {port}: {_why(error)}.",
            hint="Stop what listens there, or choose another --port; 0 takes a free one.",
        ) from error
    found.set_inheritable(True)
    return found


def _why(error: OSError) -> str:
    """Say it without Python's own addition."""
    known = error.errno and not isinstance(error, socket.gaierror)
    return os.strerror(error.errno) if known and error.errno else "there is no such address"


def address(listening: socket.socket) -> str:
    """Return the address under which a socket is reached."""
    host, port = listening.getsockname()[:2]
    shown = f"[{host}]" if ":" in host else _EVERYWHERE.get(host, host)
    return f"http://{shown}:{port}"


def serve(
    folder: Path,
    environment: Mapping[str, str],
    listening: socket.socket,
    shape: Shape,
    ready: Callable[[], None],
) -> None:
    """Serve until the process is told to stop; the socket is taken over.

    Raises:
        BadInput: when the project has faults.
        Refused: when the ledger or its keys cannot be used.
        StoreError: when the ledger cannot be reached.
    """
    application = wsgi.make(folder, environment)
    from django.db import connections

    connections.close_all()  # each process opens its own
    _Server(application, _options(listening, shape, ready)).run()


def _options(listening: socket.socket, shape: Shape, ready: Callable[[], None]) -> dict[str, Any]:
    return {
        "bind": f"fd://{listening.detach()}",
        "worker_class": "troth.desk.patience.Worker",
        "workers": shape.processes,
        "threads": shape.threads,
        "timeout": SLOWEST,
        "graceful_timeout": GRACE,
        "keepalive": 5,
        "loglevel": "warning",
        "control_socket_disable": True,
        # Whose word on scheme and path is taken is for the settings alone (`TROTH_PROXY`), not for gunicorn.
        "forwarded_allow_ips": "",
        "secure_scheme_headers": {},
        "forwarder_headers": "",
        "when_ready": lambda _arbiter: ready(),
    }


class _Server(BaseApplication):  # type: ignore[misc]
    """Gunicorn with our application and settings, and none from files or the command line."""

    def __init__(self, application: Any, options: Mapping[str, Any]) -> None:
        self.application, self.options = application, options
        super().__init__()

    def load_config(self) -> None:
        """Take the settings as they were given."""
        for name, value in self.options.items():
            self.cfg.set(name, value)

    def load(self) -> Any:
        """Return the application."""
        return self.application
