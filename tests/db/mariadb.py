"""A real MariaDB server for the tests: found, started in a temporary folder, stopped afterwards.

Binaries come from TROTH_MARIADB_BIN, the PATH, /usr/sbin and /usr/bin. The server listens on one free loopback
port and one Unix socket, never syncs to disk and reads no configuration of the machine. Under pytest-xdist each
process has a server of its own: tests set and read what holds for a whole server.
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

import pymysql
from pymysql.cursors import Cursor

USER = "owner"
PASSWORD = "tr@th/100%'\""  # on purpose one that breaks careless URL readers
NOT_FOUND = (
    "No MariaDB server was found: looked for `mariadbd` and `mariadb-install-db` in TROTH_MARIADB_BIN, the PATH, "
    "/usr/sbin and /usr/bin. Install one (Debian: apt-get install mariadb-server) or name its folder in "
    "TROTH_MARIADB_BIN."
)


class NoServerError(Exception):
    """No MariaDB binaries on this machine."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Server:
    """A running server; `owner` may do everything, from everywhere, with the password."""

    home: str
    port: int
    process: int

    @property
    def socket(self) -> str:
        """Return the path of the Unix socket."""
        return f"{self.home}/s"

    def url(self, database: str = "", *, user: str = USER, password: str = PASSWORD) -> str:
        """Return the SQLAlchemy URL of a database over TCP, password percent-encoded."""
        secret = quote(password, safe="")
        return f"mariadb://{quote(user, safe='')}:{secret}@127.0.0.1:{self.port}/{database}"

    def admin(self, database: str | None = None) -> pymysql.Connection[Cursor]:
        """Open an autocommitting connection that may do everything."""
        return pymysql.connect(
            unix_socket=self.socket,
            user=USER,
            password=PASSWORD,
            database=database,
            autocommit=True,
            charset="utf8mb4",
        )

    def run(self, *statements: str, database: str | None = None) -> None:
        """Run statements as the owner of everything."""
        with self.admin(database) as connection, connection.cursor() as cursor:
            for statement in statements:
                cursor.execute(statement)

    def new_log(self) -> str:
        """Begin another file of the binary log and return its name."""
        with self.admin() as connection, connection.cursor() as cursor:
            cursor.execute("FLUSH BINARY LOGS")
            cursor.execute("SHOW MASTER STATUS")
            return str(cursor.fetchall()[0][0])

    def logged(self, database: str, *, since: str) -> str:
        """Return what was logged of transactions in one database since a file began."""
        transactions: list[list[object]] = [[]]
        with self.admin() as connection, connection.cursor() as cursor:
            cursor.execute("SHOW BINARY LOGS")
            for log in sorted(str(row[0]) for row in cursor.fetchall() if str(row[0]) >= since):
                cursor.execute(f"SHOW BINLOG EVENTS IN '{log}'")
                for event in cursor.fetchall():
                    if event[2] == "Gtid":
                        transactions.append([])
                    transactions[-1].append(event)
        return repr([one for one in transactions if database in repr(one)])

    def create_database(self, name: str | None = None) -> str:
        """Make an empty database and return its name."""
        name = name or f"t_{uuid.uuid4().hex[:12]}"
        self.run(f"CREATE DATABASE `{name}` CHARACTER SET utf8mb4")
        return name

    def drop_database(self, name: str) -> None:
        """Drop a database, ending whoever still works in it."""
        with self.admin() as connection, connection.cursor() as cursor:
            cursor.execute("SELECT id FROM information_schema.processlist WHERE db = %s", (name,))
            for (session,) in cursor.fetchall():
                cursor.execute(f"KILL {session}")
            cursor.execute(f"DROP DATABASE IF EXISTS `{name}`")


def find(name: str) -> str:
    """Return the path of one of the server's programs."""
    named = os.environ.get("TROTH_MARIADB_BIN")
    path = os.pathsep.join([*([named] if named else []), os.environ.get("PATH", ""), "/usr/sbin", "/usr/bin"])
    found = shutil.which(name, path=path)
    if found is None:
        raise NoServerError(NOT_FOUND)
    return found


def start(*, die_with_parent: bool) -> Server:
    """Make a server in a temporary folder and start it; ready for connections on return.

    Raises:
        NoServerError: no binaries were found.
    """
    binary, install = find("mariadbd"), find("mariadb-install-db")
    home = Path(tempfile.mkdtemp(prefix="troth-maria-"))
    user = ["--user=root"] if os.geteuid() == 0 else []
    made = subprocess.run(
        [install, "--no-defaults", f"--datadir={home}/data", "--skip-test-db",
         "--auth-root-authentication-method=normal", *user],
        # A server that starts clears away the temporary tables it finds in its temporary folder, whose ever they are.
        capture_output=True, text=True, check=False, env={**os.environ, "TMPDIR": str(home)},
    )  # fmt: skip
    if made.returncode != 0:
        raise RuntimeError(f"mariadb-install-db failed: {made.stdout[-1000:]} {made.stderr[-1000:]}")
    return _launch(home, [binary, "--no-defaults", *user], die_with_parent=die_with_parent)


def stop(server: Server) -> None:
    """Stop the server and remove its folder."""
    try:
        server.run("SHUTDOWN")
        _wait_for_end(server.process)
    except pymysql.MySQLError:
        os.kill(server.process, signal.SIGKILL)
    shutil.rmtree(server.home, ignore_errors=True)


def _launch(home: Path, command: list[str], *, die_with_parent: bool) -> Server:
    port = _free_port()
    secret = PASSWORD.replace("'", "''")
    first = home / "first.sql"
    first.write_text(
        f"CREATE USER IF NOT EXISTS '{USER}'@'%' IDENTIFIED BY '{secret}';\n"
        f"GRANT ALL ON *.* TO '{USER}'@'%' WITH GRANT OPTION;\n"
        f"ALTER USER 'root'@'localhost' IDENTIFIED BY '{secret}';\n"
    )
    first.chmod(0o600)
    settings = {
        "datadir": f"{home}/data",
        "socket": f"{home}/s",
        "tmpdir": home,
        "pid-file": f"{home}/pid",
        "port": port,
        "bind-address": "127.0.0.1",
        "init-file": first,
        "innodb-buffer-pool-size": "64M",
        "innodb-log-file-size": "32M",
        "innodb-flush-log-at-trx-commit": 0,
        "innodb-flush-method": "nosync",
        "max-connections": 60,
        "log-bin": f"{home}/data/log",
        "binlog-format": "MIXED",
        "server-id": 1,
        "sync-binlog": 0,
        "log-bin-trust-function-creators": 1,
        "lc-messages-dir": "/usr/share/mysql",
    }
    if not Path("/usr/share/mysql").exists():
        del settings["lc-messages-dir"]
    log = home / "log"
    with log.open("wb") as output:
        process = subprocess.Popen(
            [*command, *(f"--{name}={value}" for name, value in settings.items())],
            stdout=output,
            stderr=output,
            cwd=home,
            start_new_session=True,
            preexec_fn=_quit_with_parent if die_with_parent else None,  # noqa: PLW1509 one thread here
        )
    server = Server(home=str(home), port=port, process=process.pid)
    deadline = time.monotonic() + 180
    while True:
        try:
            server.admin().close()
            return server
        except pymysql.MySQLError:
            if process.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError(f"MariaDB did not start: {log.read_text()[-2000:]}") from None
            time.sleep(0.05)


def _wait_for_end(process: int) -> None:
    deadline = time.monotonic() + 180
    while time.monotonic() < deadline:
        try:
            if os.waitpid(process, os.WNOHANG)[0] == process:
                return
        except ChildProcessError:  # started by another worker
            if not Path(f"/proc/{process}").exists():
                return
        time.sleep(0.02)
    os.kill(process, signal.SIGKILL)


def _quit_with_parent() -> None:
    """Ask Linux to stop the server should the tests be killed (prctl(2), PR_SET_PDEATHSIG)."""
    ctypes.CDLL(None).prctl(1, signal.SIGKILL)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
