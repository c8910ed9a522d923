"""Open a SQL store from the URL a person wrote.

Reads URLs tolerantly (a raw `@`, `/` or `%` in the password works, so does percent-encoding), refuses a
missing SQLite file, and turns every failure into a StoreError that names host, port, database and user
but never the password. It runs no statement of its own beyond the probe.
"""

from __future__ import annotations

import functools
import re
import sqlite3
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import quote, unquote

import sqlalchemy as sa
from sqlalchemy.engine import URL

from troth.errors import StoreError
from troth.stores.sql.trouble import Trouble, classify, explain

__all__ = ["Trouble", "classify", "connect", "describe", "explain", "read_url"]

CONNECT_TIMEOUT = 10
"""Seconds to wait for a server."""
REMEMBERED = 32
"""Engines a process remembers: one for each PostgreSQL store and way of opening it."""
NO_JIT = "-c jit=off"
"""PostgreSQL would compile long statements that run once, a second for each (manual, chapter 32); what the URL says
comes after it and counts."""
BUSY_TIMEOUT = 5.0
"""Seconds SQLite waits for a lock before it gives up."""

DRIVERS = {
    "postgresql": "postgresql+psycopg",
    "postgres": "postgresql+psycopg",
    "mariadb": "mariadb+pymysql",
    "mysql": "mariadb+pymysql",
    "sqlite": "sqlite",
}
PORTS = {"postgresql": 5432, "mariadb": 3306}
MARIADB_SESSION = (
    "SET SESSION time_zone = '+00:00', sql_auto_is_null = 0, sql_safe_updates = 0, sql_select_limit = DEFAULT, "
    "foreign_key_checks = 1, unique_checks = 1, check_constraint_checks = 1, wait_timeout = 86400, "
    "sql_mode = 'STRICT_ALL_TABLES,ERROR_FOR_DIVISION_BY_ZERO,NO_ENGINE_SUBSTITUTION,SIMULTANEOUS_ASSIGNMENT'"
)
"""What a server or an account may have set otherwise, and statements here rely on."""
MARIADB_TEXT = "utf8mb4_nopad_bin"
"""Texts are compared letter by letter, blanks at the end included, unless a column stands bare."""
_SCHEME = re.compile(r"([A-Za-z][A-Za-z0-9+_.-]*)://(.*)", re.DOTALL)
_HOST = r"(?P<host>\[[0-9A-Fa-f:.%]+\]|[A-Za-z0-9._-]*)(?::(?P<port>\d+))?"
_TAIL = re.compile(_HOST + r"(?:/(?P<database>[^/?@]*))?(?:\?(?P<query>.*))?", re.DOTALL)
_EXPECTED = (
    "expected postgresql://user:password@host:port/database, mariadb://user:password@host:port/database "
    "or sqlite:///file"
)


def connect(
    url: str,
    *,
    store: str = "store",
    folder: Path | None = None,
    readonly: bool = False,
    create: bool = False,
    whole: bool = False,
) -> sa.Engine:
    """Open a store and prove that it answers.

    Args:
        url: SQLAlchemy URL; `postgresql://` uses psycopg 3, `mariadb://` and `mysql://` use PyMySQL. Secrets must
            already be filled in.
        store: The store's name in the data map, for messages.
        folder: Where a relative SQLite path starts; the current folder when left out.
        readonly: Every transaction is read-only, enforced by the database.
        create: Make a missing SQLite file instead of refusing.
        whole: Let PostgreSQL refuse what row security would hide rows from (its setting `row_security`).

    Raises:
        StoreError: The URL cannot be read, or the store does not answer or refuses.
    """
    address = read_url(url, store=store)
    if address.get_backend_name() == "sqlite":
        engine = _sqlite(address, store=store, folder=folder, readonly=readonly, create=create)
    elif address.get_backend_name() == "mariadb":
        engine = _mariadb(address, store=store, readonly=readonly)
    else:
        engine = _postgresql(address, readonly=readonly, whole=whole)
    try:
        with engine.connect() as connection:
            if engine.dialect.name == "sqlite":
                connection.exec_driver_sql("SELECT count(*) FROM sqlite_master")
    except sa.exc.InvalidRequestError as error:
        engine.dispose()
        raise _no_mariadb(store, address) from error
    except sa.exc.SQLAlchemyError as error:
        engine.dispose()
        raise explain(error, store, place=describe(address)) from error
    return engine


def read_url(url: str, *, store: str = "store") -> URL:
    """Split a URL into its parts, however the password is spelled.

    A URL that is correct by RFC 3986 is taken as such. Otherwise the user's part ends at the last `@` after
    which a host follows, and is percent-decoded only where every `%` starts a valid escape.

    Raises:
        StoreError: It is no URL, or of a database Troth does not know.
    """
    found = _SCHEME.fullmatch(url.strip())
    if not found:
        raise StoreError(
            f"Store `{store}`: this is not a database URL: {_EXPECTED}.",
            hint="Write the URL of the store in troth.yaml, or in the environment variable it names.",
        )
    scheme, rest = found[1].lower(), found[2]
    backend, _, driver = scheme.partition("+")
    if backend not in DRIVERS or driver not in ("", "psycopg", "pysqlite", "pymysql"):
        raise StoreError(
            f"Store `{store}`: `{scheme}` is not a database Troth can open yet: {_EXPECTED}.",
            hint="Known databases: PostgreSQL, MariaDB and SQLite.",
        )
    if backend == "sqlite":
        path, _, _ = rest.partition("?")
        return URL.create("sqlite", database=path.removeprefix("/") or None)
    return _server_url(DRIVERS[backend], rest, store)


def describe(url: URL) -> str:
    """Say where a URL points without its password: host, port, database and user."""
    if url.get_backend_name() == "sqlite":
        return f"file {url.database or ':memory:'}"
    socket = url.query.get("host") or url.query.get("unix_socket")
    parts = {
        "host": url.host or (socket if isinstance(socket, str) else "") or "local socket",
        "port": str(url.port or PORTS[url.get_backend_name()]),
        "database": url.database or "(none named)",
        "user": url.username or "(none named)",
    }
    return ", ".join(f"{key} {value}" for key, value in parts.items())


def _server_url(driver: str, rest: str, store: str) -> URL:
    user, tail = _split(rest)
    if tail is None:
        raise StoreError(
            f"Store `{store}`: the host part of the URL cannot be read: {_EXPECTED}.",
            hint="Percent-encode unusual characters of the password: @ is %40, / is %2F, % is %25.",
        )
    name, colon, password = user.partition(":")
    query = dict(pair.partition("=")[::2] for pair in (tail["query"] or "").split("&") if pair)
    return URL.create(
        driver,
        username=_decoded(name) or None,
        password=_decoded(password) if colon else None,
        host=(tail["host"] or "").strip("[]") or None,
        port=int(tail["port"]) if tail["port"] else None,
        database=_decoded(tail["database"] or "") or None,
        query={key: unquote(value) for key, value in query.items()},
    )


def _split(rest: str) -> tuple[str, re.Match[str] | None]:
    """Part the user from the host: at the only possible `@`, else at the last after which a host follows."""
    strict = re.fullmatch(r"(?:([^@/?#]*)@)?([^@]*?(?:\?.*)?)", rest, re.DOTALL)
    if strict and (tail := _TAIL.fullmatch(strict[2])):
        return strict[1] or "", tail
    for at in range(len(rest) - 1, -1, -1):
        if rest[at] == "@" and (tail := _TAIL.fullmatch(rest[at + 1 :])):
            return rest[:at], tail
    return "", _TAIL.fullmatch(rest)


def _decoded(text: str) -> str:
    return text if re.search(r"%(?![0-9A-Fa-f]{2})", text) else unquote(text)


@functools.lru_cache(maxsize=REMEMBERED)
def _postgresql(address: URL, *, readonly: bool, whole: bool) -> sa.Engine:
    """Make an engine, or return the one made before: it has asked the server already what it is.

    It keeps no connection: whoever opened the store disposes of it, and the next connection is a new one.
    """
    settings = {"-c default_transaction_read_only=on": readonly, "-c row_security=off": whole}
    given = address.query.get("options")
    options = (NO_JIT, given, *(setting for setting, wanted in settings.items() if wanted))
    arguments: dict[str, Any] = {
        "application_name": "troth",
        "connect_timeout": CONNECT_TIMEOUT,
        "options": " ".join(part for part in options if isinstance(part, str)),
    }
    engine = sa.create_engine(address, connect_args=arguments, hide_parameters=True)
    sa.event.listen(engine, "connect", _dates_beyond_python)
    return engine


def _mariadb(address: URL, *, store: str, readonly: bool) -> sa.Engine:
    if not address.database:
        raise StoreError(
            f"Store `{store}` ({describe(address)}): expected the name of a database at the end of the URL.",
            hint="A MariaDB server holds many databases; a store is one of them: mariadb://user:password@host/shop.",
        )
    arguments: dict[str, Any] = {
        "charset": "utf8mb4",
        "program_name": "troth",
        "connect_timeout": CONNECT_TIMEOUT,
        "conv": _instants(),
    }
    engine = sa.create_engine(address, connect_args=arguments, hide_parameters=True)

    @sa.event.listens_for(engine, "connect")
    def _connected(connection: Any, _record: object) -> None:
        with connection.cursor() as cursor:
            cursor.execute(
                f"SET NAMES utf8mb4 COLLATE {MARIADB_TEXT}"
            )  # SQLAlchemy has said SET NAMES utf8mb4
            cursor.execute(MARIADB_SESSION)
            mode = "READ ONLY" if readonly else "READ WRITE"
            cursor.execute(f"SET SESSION TRANSACTION ISOLATION LEVEL REPEATABLE READ, {mode}")

    return engine


def _instants() -> dict[Any, Any]:
    """Teach PyMySQL that a TIMESTAMP is an instant, which its sessions here write in UTC; a DATETIME is none."""
    from pymysql import converters
    from pymysql.constants import FIELD_TYPE

    def read(text: str) -> object:
        value = converters.convert_datetime(text)
        return value.replace(tzinfo=UTC) if isinstance(value, datetime) else value

    def write(value: datetime, _mapping: object = None) -> str:
        plain = value.astimezone(UTC).replace(tzinfo=None) if value.tzinfo else value
        return converters.escape_datetime(plain)

    return {**converters.conversions, FIELD_TYPE.TIMESTAMP: read, datetime: write}


def _no_mariadb(store: str, address: URL) -> StoreError:
    """Refuse a server that answers in MySQL's protocol and is none of MariaDB's: nothing here was tried on it."""
    return StoreError(
        f"Store `{store}` ({describe(address)}): expected a MariaDB server, found another one.",
        hint="Troth works with MariaDB from 10.5 on. On Oracle's MySQL its statements were never tried, so it "
        "deletes nothing there.",
    )


def _dates_beyond_python(connection: Any, _record: object) -> None:
    """Give dates Python cannot hold (`infinity`, years before 1 or after 9999) as the text PostgreSQL writes."""
    from psycopg import DataError
    from psycopg.types import datetime as dates

    for name, loader in (
        ("date", dates.DateLoader),
        ("timestamp", dates.TimestampLoader),
        ("timestamptz", dates.TimestamptzLoader),
    ):

        def load(self: Any, data: Any, read: Any = loader.load) -> object:
            try:
                return read(self, data)
            except DataError:
                return bytes(data).decode()

        connection.adapters.register_loader(name, type(loader.__name__, (loader,), {"load": load}))


def _sqlite(address: URL, *, store: str, folder: Path | None, readonly: bool, create: bool) -> sa.Engine:
    name = address.database
    if not name or name == ":memory:":
        return _with_transactions(sa.create_engine("sqlite://", hide_parameters=True), readonly=False)
    path = ((folder or Path()) / name).resolve()
    if path.is_dir() or not (path.exists() or create):
        found = "is a folder" if path.is_dir() else "does not exist"
        raise StoreError(
            f"Store `{store}`: expected a SQLite database, but {path} {found}.",
            hint="Relative paths start at the project's folder; four slashes start an absolute one "
            "(sqlite:////var/lib/app.db).",
        )
    mode = "ro" if readonly else "rwc" if create else "rw"
    target = f"file:{quote(str(path))}?mode={mode}"
    engine = sa.create_engine(
        URL.create("sqlite", database=str(path)), creator=_opener(target), hide_parameters=True
    )
    return _with_transactions(engine, readonly=readonly)


def _opener(target: str) -> Callable[[], sqlite3.Connection]:
    def opened() -> sqlite3.Connection:
        return sqlite3.connect(target, uri=True, timeout=BUSY_TIMEOUT, check_same_thread=False)

    return opened


def _with_transactions(engine: sa.Engine, *, readonly: bool) -> sa.Engine:
    """Make SQLite's transactions real: the driver would only begin one before a change.

    The execution option `sqlite_begin="IMMEDIATE"` takes the write lock at the start of a transaction.
    """

    @sa.event.listens_for(engine, "connect")
    def _connected(connection: sqlite3.Connection, _record: object) -> None:
        connection.isolation_level = None
        if not readonly:
            connection.execute("PRAGMA foreign_keys = ON")

    @sa.event.listens_for(engine, "begin")
    def _begun(connection: sa.Connection) -> None:
        options: Mapping[str, Any] = connection.get_execution_options()
        connection.exec_driver_sql("BEGIN " + str(options.get("sqlite_begin", "DEFERRED")))

    return engine
