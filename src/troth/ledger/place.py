"""Where a ledger lives: the URL of a SQLite file or a PostgreSQL database, read into its parts.

Passwords may hold `@`, `/`, `:`, `?` and `%`, percent-encoded or raw. Nothing here connects, and nothing here
can print a password: `str(place)` names the database and the host only.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import parse_qsl, unquote

from troth.errors import StoreError

SCHEMES = ("postgresql", "postgres", "postgresql+psycopg")
EXPECTED = "expected `sqlite:///PATH` or `postgresql://USER:PASSWORD@HOST:PORT/DATABASE`"


@dataclass(frozen=True, slots=True, kw_only=True)
class SQLitePlace:
    """One file on this machine."""

    path: Path

    def __str__(self) -> str:
        return f"the SQLite file {self.path}"


@dataclass(frozen=True, slots=True, kw_only=True)
class PostgresPlace:
    """One database of a PostgreSQL server."""

    database: str
    host: str = ""
    port: str = ""
    user: str = ""
    password: str = field(default="", repr=False)
    options: tuple[tuple[str, str], ...] = ()
    """Further libpq keywords, such as sslmode."""

    def __str__(self) -> str:
        where = f" on {self.host}" if self.host else ""
        port = f":{self.port}" if self.host and self.port else ""
        return f"the PostgreSQL database '{self.database}'{where}{port}"


Place = SQLitePlace | PostgresPlace


def parse(url: str) -> Place:
    """Read the URL of a ledger.

    Raises:
        StoreError: when it is neither a SQLite file nor a PostgreSQL database; the URL is never repeated.
    """
    scheme, separator, rest = url.partition("://")
    if separator and scheme == "sqlite":
        return _sqlite(rest)
    if separator and scheme in SCHEMES:
        return _postgres(rest)
    shown = f"one that starts with '{scheme}://'" if separator else "something that is not a URL"
    raise StoreError(
        f"The ledger's URL cannot be used: {EXPECTED}, found {shown}.",
        hint="Set TROTH_LEDGER, or leave it out for a SQLite file in the project's folder.",
    )


def _sqlite(rest: str) -> SQLitePlace:
    """Read what follows `sqlite://`: as in SQLAlchemy, three slashes are relative and four absolute.

    The path is taken as it is; a ledger has no options, so that `?` and `%` may stand in names of folders.
    """
    path = rest.removeprefix("/")
    if not path or path == ":memory:" or not rest.startswith("/"):
        raise StoreError(
            "The ledger's URL cannot be used: a ledger is a file that stays, and no path to one was found.",
            hint="Write sqlite:///relative/path or sqlite:////absolute/path.",
        )
    return SQLitePlace(path=Path(path))


def _postgres(rest: str) -> PostgresPlace:
    credentials, _, location = rest.rpartition("@")
    user, _, password = credentials.partition(":")
    location, _, query = location.partition("?")
    address, _, database = location.partition("/")
    options = dict(parse_qsl(query, keep_blank_values=True))
    host, port = _host_and_port(address)
    if not (database := unquote(database) or options.pop("dbname", "")):
        raise StoreError(f"The ledger's URL names no database: {EXPECTED}.")
    if port and not port.isdigit():
        raise StoreError(f"The ledger's URL has a port that is not a number: {EXPECTED}.")
    return PostgresPlace(
        database=database,
        host=options.pop("host", "") or unquote(host),
        port=options.pop("port", "") or port,
        user=options.pop("user", "") or unquote(user),
        password=options.pop("password", "") or unquote(password),
        options=tuple(sorted(options.items())),
    )


def _host_and_port(address: str) -> tuple[str, str]:
    """Split `host:port`, `[::1]:port` or either alone."""
    if address.startswith("["):
        host, _, rest = address[1:].partition("]")
        return host, rest.removeprefix(":")
    host, _, port = address.partition(":")
    return host, port
