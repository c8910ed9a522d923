"""A real PostgreSQL server for the tests: found, started in a temporary folder, stopped afterwards.

Binaries come from TROTH_PG_BIN, /usr/lib/postgresql/*/bin or the PATH. The server listens on one free
loopback port and one Unix socket, never syncs to disk, compiles no statement (jit would take a second for each
that runs once) and runs as `postgres` when the tests run as root, because initdb refuses root. Under pytest-xdist
each process has a server of its own: tests make roles, end sessions and read what holds for a whole server.
"""

from __future__ import annotations

import ctypes
import os
import shutil
import signal
import socket
import subprocess
import tempfile
import time
import uuid
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

import psycopg

PASSWORD = "tr@th/100%"  # on purpose one that breaks careless URL readers
NOT_FOUND = (
    "No PostgreSQL server was found: looked for `initdb` and `postgres` in TROTH_PG_BIN, "
    "/usr/lib/postgresql/*/bin and the PATH. Install one (Debian: apt-get install postgresql) or name its "
    "folder in TROTH_PG_BIN."
)


class NoServerError(Exception):
    """No PostgreSQL binaries on this machine."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Server:
    """A running cluster; the superuser is `postgres`; the socket is trusted, TCP asks for a password."""

    bin: str
    home: str
    port: int

    @property
    def data(self) -> Path:
        """Return the folder of the cluster."""
        return Path(self.home) / "data"

    def url(self, database: str = "postgres", *, user: str = "postgres", password: str = PASSWORD) -> str:
        """Return the SQLAlchemy URL of a database over TCP, password percent-encoded."""
        return (
            f"postgresql://{quote(user, safe='')}:{quote(password, safe='')}@127.0.0.1:{self.port}/{database}"
        )

    def admin(self, database: str = "postgres") -> psycopg.Connection[tuple[object, ...]]:
        """Open an autocommitting superuser connection over the socket."""
        return psycopg.connect(
            host=self.home, port=self.port, user="postgres", dbname=database, autocommit=True
        )

    def create_database(self, name: str | None = None) -> str:
        """Make an empty database and return its name."""
        name = name or f"t_{uuid.uuid4().hex[:12]}"
        with self.admin() as connection:
            connection.execute(f'CREATE DATABASE "{name}" TEMPLATE template0')
        return name

    def drop_database(self, name: str) -> None:
        """Drop a database, closing whatever is still connected to it."""
        with self.admin() as connection:
            connection.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')

    def run_script(self, database: str, script: str) -> None:
        """Run an SQL script with psql, stopping at its first error."""
        command = [
            f"{self.bin}/psql",
            "-X",
            "-q",
            "-v",
            "ON_ERROR_STOP=1",
            "-h",
            self.home,
            "-p",
            str(self.port),
        ]
        done = subprocess.run(
            [*command, "-U", "postgres", "-d", database],
            input=script,
            text=True,
            capture_output=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr[-2000:]


def find_binaries() -> Path:
    """Return the folder with initdb and postgres; the newest version when there are several."""
    named = os.environ.get("TROTH_PG_BIN")
    debian = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=_version, reverse=True)
    on_path = [Path(found).resolve().parent for found in [shutil.which("postgres")] if found]
    for folder in [*([Path(named)] if named else []), *debian, *on_path]:
        if (folder / "initdb").exists() and (folder / "postgres").exists():
            return folder
    raise NoServerError(NOT_FOUND)


def start(*, die_with_parent: bool) -> Server:
    """Make a cluster in a temporary folder and start it; ready for connections on return."""
    binaries = find_binaries()
    home = Path(tempfile.mkdtemp(prefix="troth-pg-"))
    secret = home / "pw"
    secret.write_text(PASSWORD + "\n")
    if os.geteuid() == 0:
        shutil.chown(home, "postgres", "postgres")
        shutil.chown(secret, "postgres", "postgres")
    server = Server(bin=str(binaries), home=str(home), port=_free_port())
    initdb = [
        f"{binaries}/initdb",
        "-D",
        str(server.data),
        "-U",
        "postgres",
        "-E",
        "UTF8",
        "--locale=C",
        "-N",
    ]
    auth = ["--auth-local=trust", "--auth-host=scram-sha-256", f"--pwfile={secret}"]
    _run([*initdb, *auth], cwd=home)
    _launch(server, die_with_parent=die_with_parent)
    return server


def standby(primary: Server) -> Server:
    """Start a server that follows another one and is only read from; it dies with the process of the tests."""
    home = Path(tempfile.mkdtemp(prefix="troth-pg-"))
    if os.geteuid() == 0:
        shutil.chown(home, "postgres", "postgres")
    server = Server(bin=primary.bin, home=str(home), port=_free_port())
    source = ["-h", primary.home, "-p", str(primary.port), "-U", "postgres"]
    _run([f"{primary.bin}/pg_basebackup", *source, "-D", str(server.data), "-R", "-c", "fast"], cwd=home)
    _launch(server, die_with_parent=True)
    return server


def stop(server: Server) -> None:
    """Stop the cluster and remove its folder."""
    _run([f"{server.bin}/pg_ctl", "stop", "-D", str(server.data), "-m", "immediate", "-w"], cwd=server.home)
    shutil.rmtree(server.home, ignore_errors=True)


def _launch(server: Server, *, die_with_parent: bool) -> None:
    settings = {
        "listen_addresses": "127.0.0.1",
        "port": str(server.port),
        "unix_socket_directories": server.home,
        "fsync": "off",
        "synchronous_commit": "off",
        "full_page_writes": "off",
        "max_connections": "60",
        "shared_buffers": "64MB",
        "autovacuum": "off",
        "jit": "off",
    }
    options = [part for key, value in settings.items() for part in ("-c", f"{key}={value}")]
    log = Path(server.home) / "log"
    with log.open("wb") as output:
        process = subprocess.Popen(
            [f"{server.bin}/postgres", "-D", str(server.data), *options],
            stdout=output,
            stderr=output,
            cwd=server.home,
            start_new_session=True,
            preexec_fn=_quit_with_parent if die_with_parent else None,  # noqa: PLW1509 one thread here
            **_as_postgres(),  # type: ignore[call-overload]
        )
    deadline = time.monotonic() + 180
    while True:
        try:
            server.admin().close()
            return
        except psycopg.OperationalError:
            if process.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError(f"PostgreSQL did not start: {log.read_text()[-2000:]}") from None
            time.sleep(0.05)


def _quit_with_parent() -> None:
    """Ask Linux to stop the server should the tests be killed (prctl(2), PR_SET_PDEATHSIG)."""
    ctypes.CDLL(None).prctl(1, signal.SIGQUIT)


def _as_postgres() -> dict[str, object]:
    return {"user": "postgres", "group": "postgres", "extra_groups": []} if os.geteuid() == 0 else {}


def _run(command: list[str], *, cwd: str | Path) -> None:
    done = subprocess.run(  # type: ignore[call-overload]
        command, cwd=cwd, capture_output=True, text=True, check=False, **_as_postgres()
    )
    if done.returncode != 0:
        raise RuntimeError(f"{command[0]} failed: {done.stdout[-1000:]} {done.stderr[-1000:]}")


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _version(folder: Path) -> tuple[int, ...]:
    return tuple(int(part) for part in folder.parent.name.split(".") if part.isdigit())
