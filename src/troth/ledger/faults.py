"""Errors of the ledger's database, told in Troth's own words: what was expected, what was found, what to do.

The database's own message may hold values, so none of it is repeated; it stays as the cause. Telling what kind of
error it is goes by SQLSTATE (PostgreSQL, Appendix A) and by SQLite's fixed result texts (sqlite.org/rescode.html).
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import Error, connections

from troth.errors import Damaged, StoreError, TrothError
from troth.ledger.place import Place, SQLitePlace

SQLSTATES = {
    "08": "lost",
    "57P": "lost",
    "28": "password",
    "3D000": "absent",
    "42501": "denied",
    "25006": "readonly",
    "53100": "full",
    "53300": "many",
    "55P03": "busy",
    "40": "busy",
    "42P01": "damaged",
    "42703": "damaged",
    "XX": "damaged",
}
"""Class or code of SQLSTATE → kind; the longest match wins."""

TEXTS = {
    "database is locked": "busy",
    "database or disk is full": "full",
    "disk i/o error": "full",
    "readonly database": "readonly",
    "unable to open database": "denied",
    "file is not a database": "damaged",
    "malformed": "damaged",
    "no such table": "damaged",
    "no such column": "damaged",
    "password authentication failed": "password",
    "no password supplied": "password",
    "too many clients": "many",
}
"""Fixed text of SQLite, or of libpq before a session exists, where no SQLSTATE is handed over."""

SENTENCES = {
    "lost": ("cannot be reached, or the connection dropped", "See that the server runs, then run again."),
    "password": ("refused the user name or the password", "Mend the credentials in TROTH_LEDGER."),
    "absent": ("does not exist on that server", "Create it (CREATE DATABASE), then run again."),
    "denied": ("may not be used by this user", "Give the user the right to create and change tables there."),
    "readonly": ("can be read but not written", "Troth must be able to write its ledger."),
    "full": ("cannot be written: the disk is full or failing", "Make room; nothing was left half-done."),
    "many": ("takes no more connections", "Wait, or raise max_connections."),
    "busy": ("is being written by another process that did not finish in time", "Run again in a moment."),
    "other": ("refused an operation", "Run `troth doctor`, or look into the log of the database."),
}


@contextmanager
def translated(place: Place, alias: str) -> Iterator[None]:
    """Turn a database error inside the block into a StoreError or Damaged."""
    try:
        yield
    except Error as error:
        kind = kind_of(error)
        if kind == "lost":
            connections[alias].close()
        raise _told(place, kind) from error


def kind_of(error: BaseException) -> str:
    """Name what went wrong: a key of SENTENCES, or `damaged`."""
    cause = error.__cause__ or error
    if state := getattr(cause, "sqlstate", None):
        matches = [code for code in SQLSTATES if state.startswith(code)]
        return SQLSTATES[max(matches, key=len)] if matches else "other"
    text = str(error).lower()
    found = next((kind for fixed, kind in TEXTS.items() if fixed in text), None)
    if found:
        return found
    if type(cause).__module__.startswith("psycopg"):
        return "absent" if 'database "' in text and "does not exist" in text else "lost"
    return "other"


def _told(place: Place, kind: str) -> TrothError:
    if kind == "damaged":
        return Damaged(
            f"The ledger is not whole: expected Troth's tables in {place}, found something else.",
            hint="Restore it from a backup; do not go on with a ledger that was changed by hand.",
        )
    said, hint = SENTENCES[kind]
    if kind == "denied" and isinstance(place, SQLitePlace):
        hint = "Troth needs to read and write that file and its folder."
    return StoreError(f"The ledger, {place}, {said}.", hint=hint)
