"""`troth serve`: the web application, one worker and the schedule, with one command.

With `--web-only` this process serves the web alone. Without, it is a supervisor: it holds the socket, starts one
process for the web and one worker, starts again what dies, and stops both when it is told to stop.
"""

from __future__ import annotations

import os
import socket
import sys
from typing import TYPE_CHECKING, Annotated

import typer

from troth.cli import options, screen, supervise

if TYPE_CHECKING:
    from troth.desk.server import Shape

SOCKET = "TROTH_LISTEN_FD"
"""The socket a supervisor holds; for its own children."""


def serve(
    project: options.Project = None,
    host: Annotated[
        str, typer.Option("--host", metavar="ADDRESS", help="Address to listen on.")
    ] = "127.0.0.1",
    port: Annotated[
        int,
        typer.Option("--port", min=0, max=65535, metavar="N", help="Port to listen on; 0 takes a free one."),
    ] = 8000,
    web_only: Annotated[bool, typer.Option("--web-only", help="Serve the web without a worker.")] = False,
    processes: Annotated[
        int, typer.Option("--processes", min=1, max=64, metavar="N", help="Processes that answer.")
    ] = 2,
    threads: Annotated[
        int,
        typer.Option("--threads", min=1, max=64, metavar="N", help="Requests each of them answers at once."),
    ] = 4,
) -> None:
    """Serve the web application, with one worker and the schedule; Ctrl-C stops all of it."""
    from troth.desk import server

    session = options.begin(project)
    shape = server.Shape(processes=processes, threads=threads)
    given = os.environ.pop(SOCKET, "")
    if given:
        server.serve(session.folder, session.environment, socket.socket(fileno=int(given)), shape, _quiet)
        return
    listening = server.listen(host, port)
    if web_only:
        where = server.address(listening)
        server.serve(session.folder, session.environment, listening, shape, lambda: _tell(where))
        return
    _tell(server.address(listening))
    raise typer.Exit(supervise.run(_children(session, listening, shape)))


def _children(session: options.Session, listening: socket.socket, shape: Shape) -> list[supervise.Child]:
    troth = (sys.executable, "-m", "troth")
    where = ("--project", str(session.folder))
    web = (
        *(*troth, "serve", "--web-only", *where),
        *("--processes", str(shape.processes), "--threads", str(shape.threads)),
    )
    held = listening.fileno()
    return [
        supervise.Child(name="web", command=web, environment={SOCKET: str(held)}, keeps=(held,)),
        supervise.Child(name="worker", command=(*troth, "worker", *where)),
    ]


def _tell(address: str) -> None:
    screen.say(f"Listening on {address}")
    sys.stdout.flush()


def _quiet() -> None:
    """Say nothing: the supervisor has said where it listens."""
