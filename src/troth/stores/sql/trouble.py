"""Tell what went wrong in a database, in words a person can act on.

Looks at SQLSTATE (PostgreSQL), the error's number (MariaDB) or its name (SQLite), never passes the database's own
text on: it carries values of rows. Only names of constraints, tables and columns come through.
"""

from __future__ import annotations

import re
import sqlite3
import sys
from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING, TypeGuard

from sqlalchemy.exc import DBAPIError, SQLAlchemyError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from troth.errors import StoreError, TrothError

if TYPE_CHECKING:
    import psycopg
    import pymysql


class Trouble(Enum):
    """What kind of failure it is, split by what the caller can do."""

    UNREACHABLE = "unreachable"
    DROPPED = "dropped"
    """The connection went away in the middle: what was committed stays, running again finishes the rest."""
    LOGIN = "login"
    NO_DATABASE = "no-database"
    DENIED = "denied"
    HIDDEN = "hidden"
    """Row security would hide rows, and whoever asks must see them all."""
    READ_ONLY = "read-only"
    LOCKED = "locked"
    """Somebody else holds the lock: the same statement works later."""
    FULL = "full"
    BUSY_SERVER = "busy-server"
    SCHEMA = "schema"
    """A table or column that was there is not."""
    CONSTRAINT = "constraint"
    CANCELLED = "cancelled"
    DAMAGED = "damaged"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class _Words:
    """What is said about one kind."""

    found: str
    hint: str


_WORDS = {
    Trouble.UNREACHABLE: _Words(
        "expected a database that answers, found none",
        "Check that the server runs, that host and port are right and that no firewall stands between.",
    ),
    Trouble.DROPPED: _Words(
        "the connection was dropped by the server or the network",
        "Run the same command again: whatever was finished is kept and not done twice.",
    ),
    Trouble.LOGIN: _Words(
        "expected a login, but the server refuses this user or password",
        "Check user and password in the environment variable of the store's URL.",
    ),
    Trouble.NO_DATABASE: _Words(
        "the server answers, but the database does not exist",
        "Check the name at the end of the URL.",
    ),
    Trouble.DENIED: _Words(
        "the database role is not allowed to do this",
        "`troth grants` prints the SQL that gives the role exactly what it needs.",
    ),
    Trouble.HIDDEN: _Words(
        "row security hides rows from this role, and what is done by half of a table would be wrong",
        "Let the role see every row: the table's owner does, and a role with BYPASSRLS.",
    ),
    Trouble.READ_ONLY: _Words(
        "expected a store that can be written, found a read-only one",
        "Use a role and a server (not a standby) that may write, or a file with write permission.",
    ),
    Trouble.LOCKED: _Words(
        "somebody else holds a lock for longer than Troth waits",
        "Run the same command again when the other work is done.",
    ),
    Trouble.FULL: _Words("the disk of the database is full", "Make room, then run the same command again."),
    Trouble.BUSY_SERVER: _Words(
        "the server has no connection or memory to spare", "Run the same command again later."
    ),
    Trouble.SCHEMA: _Words(
        "the structure is not what it was: a table, column or schema is missing",
        "Run `troth lint` to compare the data map with the store, then make a new plan.",
    ),
    Trouble.CONSTRAINT: _Words(
        "a constraint of the database refuses the change",
        "The rule and the constraint cannot both hold: change `on-expiry` or `replace` in the data map.",
    ),
    Trouble.CANCELLED: _Words(
        "the server stopped the statement (time limit or an administrator)",
        "Run the same command again; raise `statement_timeout` if this repeats.",
    ),
    Trouble.DAMAGED: _Words(
        "the file is not a database, or is damaged", "Check the path, or restore the file from a backup."
    ),
    Trouble.OTHER: _Words("the database refused", "Look in the database's own log for the whole message."),
}

_SQLSTATES = {
    "28": Trouble.LOGIN,
    "3D000": Trouble.NO_DATABASE,
    "42501": Trouble.DENIED,
    "25006": Trouble.READ_ONLY,
    "55P03": Trouble.LOCKED,
    "40": Trouble.LOCKED,
    "55006": Trouble.LOCKED,
    "53100": Trouble.FULL,
    "53": Trouble.BUSY_SERVER,
    "57014": Trouble.CANCELLED,
    "57P03": Trouble.UNREACHABLE,
    "57P": Trouble.DROPPED,
    "08": Trouble.DROPPED,
    "42P01": Trouble.SCHEMA,
    "42703": Trouble.SCHEMA,
    "3F000": Trouble.SCHEMA,
    "42704": Trouble.SCHEMA,
    "23": Trouble.CONSTRAINT,
    "22001": Trouble.CONSTRAINT,
    "44000": Trouble.CONSTRAINT,
    "P0001": Trouble.CONSTRAINT,
    "XX001": Trouble.DAMAGED,
    "XX002": Trouble.DAMAGED,
}
"""SQLSTATE or its beginning (PostgreSQL manual, appendix A); the longest that fits counts."""

_CONNECTING = (
    ("too many clients", Trouble.BUSY_SERVER),
    ("too many connections for", Trouble.BUSY_SERVER),
    ("remaining connection slots", Trouble.BUSY_SERVER),
    ("password authentication failed", Trouble.LOGIN),
    ("no password supplied", Trouble.LOGIN),
    ("authentication failed", Trouble.LOGIN),
    ("no pg_hba.conf entry", Trouble.LOGIN),
    ("is not permitted to log in", Trouble.LOGIN),
    ('role "', Trouble.LOGIN),
    ("permission denied for database", Trouble.DENIED),
    ('database "', Trouble.NO_DATABASE),
    ("server closed the connection", Trouble.DROPPED),
    ("terminating connection", Trouble.DROPPED),
    ("connection is lost", Trouble.DROPPED),
    ("connection is closed", Trouble.DROPPED),
    ("consuming input failed", Trouble.DROPPED),
    ("sending query failed", Trouble.DROPPED),
    ("connection to server", Trouble.UNREACHABLE),
    ("connection failed", Trouble.UNREACHABLE),
    ("failed to resolve host", Trouble.UNREACHABLE),
    ("timeout", Trouble.UNREACHABLE),
)
"""libpq reports failures to connect without SQLSTATE: these phrases of its English text are looked for."""

_SQLITE = {
    "SQLITE_BUSY": Trouble.LOCKED,
    "SQLITE_LOCKED": Trouble.LOCKED,
    "SQLITE_FULL": Trouble.FULL,
    "SQLITE_IOERR": Trouble.FULL,
    "SQLITE_READONLY": Trouble.READ_ONLY,
    "SQLITE_PERM": Trouble.DENIED,
    "SQLITE_AUTH": Trouble.DENIED,
    "SQLITE_CANTOPEN": Trouble.UNREACHABLE,
    "SQLITE_NOTADB": Trouble.DAMAGED,
    "SQLITE_CORRUPT": Trouble.DAMAGED,
    "SQLITE_CONSTRAINT": Trouble.CONSTRAINT,
    "SQLITE_SCHEMA": Trouble.SCHEMA,
    "SQLITE_INTERRUPT": Trouble.CANCELLED,
}
"""Primary result codes (sqlite.org/rescode.html); extended codes begin with them."""


_MARIADB = {
    Trouble.UNREACHABLE: (2002, 2003, 2004, 2005),
    Trouble.DROPPED: (1053, 1152, 1184, 1927, 1939, 2006, 2013, 2014, 2027, 2055),
    Trouble.LOGIN: (1045, 1130, 1251, 1524, 1698, 1862, 4151, 4163),
    Trouble.NO_DATABASE: (1049,),
    Trouble.DENIED: (1044, 1142, 1143, 1227, 1370, 1410, 1419),
    Trouble.READ_ONLY: (1036, 1290, 1792, 1836),
    Trouble.LOCKED: (1020, 1099, 1205, 1213, 3058),
    Trouble.FULL: (1021, 1026, 1114),
    Trouble.BUSY_SERVER: (1037, 1040, 1041, 1135, 1203, 1226),
    Trouble.SCHEMA: (1051, 1054, 1072, 1109, 1146, 1305, 4078),
    Trouble.CONSTRAINT: (
        *(1048, 1062, 1138, 1169, 1216, 1217, 1264, 1265, 1292, 1364, 1366, 1406, 1451, 1452, 1526, 1586),
        *(1644, 1690, 1761, 1762, 1906, 3819, 4025),
    ),
    Trouble.CANCELLED: (1317, 1968, 1969, 3024),
    Trouble.DAMAGED: (126, 127, 144, 145, 1033, 1034, 1194, 1195, 1712, 1932),
}
"""Numbers of errors of the server (mariadb.com/kb, "MariaDB Error Codes") and, from 2000, of the client."""
_OF_NUMBER = {number: trouble for trouble, numbers in _MARIADB.items() for number in numbers}
SIGNAL = 1644
_MARIADB_NAMES = {
    **dict.fromkeys((1062, 1169, 1586), r"for key '([^']+)'\Z"),
    **dict.fromkeys((1451, 1452), r"fails \((`[^`]+`\.`[^`]+`, CONSTRAINT `[^`]+`)"),
    4025: r"\A(CONSTRAINT `[^`]+` failed for `[^`]+`\.`[^`]+`)\Z",
    **dict.fromkeys((1048, 1138, 1364, 1906), r"\A[A-Za-z ]*[Cc]olumn '([^']+)'|\AField '([^']+)'"),
    **dict.fromkeys((1264, 1265, 1292, 1366, 1406), r"column (`[^`]+`(?:\.`[^`]+`)*|'[^']+') at row \d+\Z"),
    1146: r"\ATable '([^']+)' doesn't exist\Z",
    1054: r"\AUnknown column '([^']+)' in ",
    **dict.fromkeys((1142, 1143), r"for (?:table|column) (`[^`]+`(?:\.`[^`]+`)?|'[^']+')"),
}
"""Where the server's English text names a table, column or constraint, and nothing that could be a value."""


def explain(exc: SQLAlchemyError, store: str, *, place: str = "") -> TrothError:
    """Turn a database error into one of ours: what was expected, what was found, what to do.

    Args:
        exc: The error as SQLAlchemy raised it.
        store: The store's name in the data map.
        place: Where the store is, as `open.describe` says it.

    Returns:
        A StoreError to raise `from` the original; its message holds no value of any row.
    """
    words = _WORDS[classify(exc)]
    subject = f"Store `{store}`" + (f" ({place})" if place else "")
    detail = _detail(exc)
    return StoreError(f"{subject}: {words.found}{f': {detail}' if detail else ''}.", hint=words.hint)


def classify(exc: SQLAlchemyError) -> Trouble:
    """Tell which kind of trouble an error is."""
    if isinstance(exc, PoolTimeout):
        return Trouble.BUSY_SERVER
    if not isinstance(exc, DBAPIError):
        return Trouble.OTHER
    origin = exc.orig
    if isinstance(origin, sqlite3.Error):
        return _sqlite_trouble(origin)
    if _postgresql_error(origin):
        if "row-level security" in _primary(origin):
            return Trouble.HIDDEN
        return _by_state(origin.sqlstate) if origin.sqlstate else _by_text(str(origin))
    if number := mariadb_number(origin):
        return _OF_NUMBER.get(number, Trouble.OTHER)
    return Trouble.DROPPED if exc.connection_invalidated else Trouble.OTHER


def _postgresql_error(error: BaseException | None) -> TypeGuard[psycopg.Error]:
    """Tell whether psycopg raised it; where psycopg was never imported, it did not."""
    driver = sys.modules.get("psycopg")
    return driver is not None and isinstance(error, driver.Error)


def _mariadb_error(error: BaseException | None) -> TypeGuard[pymysql.MySQLError]:
    """Tell whether PyMySQL raised it; where PyMySQL was never imported, it did not."""
    driver = sys.modules.get("pymysql")
    return driver is not None and isinstance(error, driver.MySQLError)


def mariadb_number(error: BaseException | None) -> int:
    """Return the number of an error of MariaDB or of its client; 0 for what has none."""
    if not _mariadb_error(error) or not error.args or not isinstance(error.args[0], int):
        return 0
    return error.args[0]


def _by_state(state: str) -> Trouble:
    fits = [key for key in _SQLSTATES if state.startswith(key)]
    return _SQLSTATES[max(fits, key=len)] if fits else Trouble.OTHER


def _by_text(text: str) -> Trouble:
    return next((trouble for phrase, trouble in _CONNECTING if phrase in text), Trouble.OTHER)


def _sqlite_trouble(error: sqlite3.Error) -> Trouble:
    name = getattr(error, "sqlite_errorname", "") or ""
    for prefix, trouble in _SQLITE.items():
        if name.startswith(prefix):
            return trouble
    return (
        Trouble.SCHEMA if re.match(r"no such (table|column)|.* has no column", str(error)) else Trouble.OTHER
    )


def _detail(exc: SQLAlchemyError) -> str:
    """Name the constraint, table and column concerned; nothing else of the database's text."""
    origin = exc.orig if isinstance(exc, DBAPIError) else None
    if _postgresql_error(origin):
        return _postgresql_detail(origin)
    if isinstance(origin, sqlite3.Error):
        return _sqlite_detail(str(origin))
    if _mariadb_error(origin):
        return _mariadb_detail(origin)
    return type(exc).__name__


def _postgresql_detail(error: psycopg.Error) -> str:
    diagnosis = error.diag
    named = {
        "constraint": diagnosis.constraint_name,
        "table": diagnosis.table_name,
        "column": diagnosis.column_name,
    }
    parts = [f"{key} {value}" for key, value in named.items() if value]
    if error.sqlstate and _by_state(error.sqlstate) in (Trouble.SCHEMA, Trouble.DENIED) and not parts:
        quoted = re.findall(r'"([^"]+)"|(?:table|column|schema|relation|sequence) ([\w.]+)', _primary(error))
        parts = [first or second for first, second in quoted]
    if error.sqlstate == "P0001":
        parts.append("raised by a trigger or function of the database")
    if error.sqlstate:
        parts.append(f"SQLSTATE {error.sqlstate}")
    return ", ".join(parts)


def _mariadb_detail(error: pymysql.MySQLError) -> str:
    number = mariadb_number(error)
    text = str(error.args[1]) if len(error.args) > 1 else ""
    pattern = _MARIADB_NAMES.get(number)
    named = re.search(pattern, text, re.DOTALL) if pattern else None
    parts = [next(name for name in named.groups() if name)] if named else []
    if number == SIGNAL:
        parts.append("raised by a trigger or function of the database")
    if number:
        parts.append(f"error {number}")
    return ", ".join(parts)


def _primary(error: psycopg.Error) -> str:
    return error.diag.message_primary or ""


def _sqlite_detail(text: str) -> str:
    known = re.match(
        r"(?P<what>UNIQUE|NOT NULL|CHECK|FOREIGN KEY) constraint failed(?:: (?P<where>.*))?"
        r"|no such (?P<kind>table|column): (?P<name>\S+)",
        text,
        re.DOTALL,
    )
    if not known:
        return ""
    if known["kind"]:
        return f"{known['kind']} {known['name']}"
    return known["what"] + (f" {known['where']}" if known["where"] else "")
