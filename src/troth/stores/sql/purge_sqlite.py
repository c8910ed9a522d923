"""What SQLite keeps of deleted rows and values, dealt with as far as a file lets itself be cleaned in use.

`secure_delete` overwrites what is freed from now on with zeros (sqlite.org/pragma). A word index keeps the words of
deleted rows in its segments until they are merged (sqlite.org/fts5 §6.8 "optimize"), or, where its rows rest in a
table without triggers, until it is built anew. The write-ahead log is cut off last, when all else is in the file.
"""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Iterator
from typing import Any

import sqlalchemy as sa

from troth.apply.ports import Purged
from troth.catalog.model import Catalog

_FTS = re.compile(r"CREATE\s+VIRTUAL\s+TABLE\b.*\bUSING\s+fts[345]\b", re.IGNORECASE | re.DOTALL)
_OUTSIDE = re.compile(r"\bcontent\s*=\s*['\"\[]?[^'\"\[\s,)]", re.IGNORECASE)
"""The indexed rows rest in a table of their own; `content=''` keeps none."""


def run(engine: sa.Engine, catalog: Catalog) -> Purged:
    """Purge the whole file, and say what may still be read."""
    readable: dict[str, str] = {}
    notes: list[str] = []
    raw = engine.raw_connection()
    try:
        cursor: Any = raw.cursor()
        cursor.execute("PRAGMA secure_delete = ON")
        for name in _left(cursor):
            readable["full-text-index"] = f"The word index {name} could not be cleaned: it may keep words."
        if cursor.execute("SELECT 1 FROM sqlite_master WHERE name = 'sqlite_stat4'").fetchone():
            cursor.execute("ANALYZE")
        if _number(cursor, "PRAGMA auto_vacuum"):
            cursor.execute("PRAGMA incremental_vacuum").fetchall()
        notes += _free(cursor)
        readable |= _journal(cursor)
    finally:
        raw.close()
    return Purged(
        store=catalog.store,
        engine="sqlite",
        outcome="partly" if readable else "done",
        readable=(*readable, *(["free-pages"] if notes else [])),
        notes=(*readable.values(), *notes),
    )


def _left(cursor: sqlite3.Cursor) -> Iterator[str]:
    """Clean word indexes; name those that cannot be."""
    found = cursor.execute("SELECT name, sql FROM sqlite_master WHERE type = 'table'").fetchall()
    for name, sql in found:
        if sql and _FTS.match(sql):
            try:
                _merge(cursor, name, outside=bool(_OUTSIDE.search(sql)))
            except sqlite3.Error:
                yield name


def _merge(cursor: sqlite3.Cursor, name: str, *, outside: bool) -> None:
    quoted = '"' + name.replace('"', '""') + '"'
    command = f"INSERT INTO {quoted} ({quoted}) VALUES (?)"
    try:
        if outside:
            cursor.execute(f"INSERT INTO {quoted} ({quoted}, rank) VALUES ('integrity-check', 1)")
    except sqlite3.Error:
        cursor.execute(command, ("rebuild",))
    cursor.execute(command, ("optimize",))


def _free(cursor: sqlite3.Cursor) -> Iterator[str]:
    if free := _number(cursor, "PRAGMA freelist_count"):
        yield (
            f"{free} free pages: what Troth frees is overwritten with zeros; what the application freed before may "
            "not be. VACUUM, while nobody else uses the file, ends that."
        )


def _journal(cursor: sqlite3.Cursor) -> dict[str, str]:
    """Cut off the log; what a rollback journal keeps, only its owner can end."""
    (mode,) = cursor.execute("PRAGMA journal_mode").fetchone()
    if mode == "wal":
        busy = cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
        if busy and busy[0]:
            return {
                "write-ahead-log": "A reader keeps the write-ahead log open; it is cut off at the next purge."
            }
    if mode == "persist":
        return {
            "rollback-journal": "The rollback journal is kept between transactions (journal_mode persist), "
            "with pages as they were."
        }
    return {}


def _number(cursor: sqlite3.Cursor, pragma: str) -> int:
    found = cursor.execute(pragma).fetchone()
    return int(found[0]) if found else 0
