"""What engines keep of erased rows and values: dealt with, or named."""

from __future__ import annotations

from pathlib import Path

import pytest
import sqlalchemy as sa

from db import canaries
from troth.stores.sql import introspect, purge
from troth.stores.sql import open as opening

WORD = b"qvxzzy"
"""Stands in no page by chance."""


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """Where a SQLite store lies."""
    return tmp_path / "app.db"


def opened(file: Path, script: str) -> sa.Engine:
    """Make a SQLite store."""
    engine = opening.connect(f"sqlite:///{file}", store="app", create=True)
    with engine.connect() as connection:
        raw = connection.connection.dbapi_connection
        assert raw is not None
        raw.executescript(script)
    return engine


def everything(file: Path) -> bytes:
    """Read the store's file, with its logs."""
    return b"".join(part.read_bytes() for part in sorted(file.parent.glob(f"{file.name}*")))


def purged(engine: sa.Engine) -> purge.Purged:
    """Purge every table."""
    catalog = introspect.read(engine, "app")
    return purge.run(engine, catalog, [f"app.{name}" for name in catalog.tables])


@pytest.mark.parametrize(
    "index",
    [
        "CREATE VIRTUAL TABLE words USING fts5(body); INSERT INTO words SELECT body FROM posts;",
        "CREATE VIRTUAL TABLE words USING fts4(body); INSERT INTO words SELECT body FROM posts;",
        "CREATE VIRTUAL TABLE words USING fts5(body, content='posts', content_rowid='id');"
        "INSERT INTO words (words) VALUES ('rebuild');",
    ],
)
def test_words_of_deleted_rows_leave_a_word_index(file: Path, index: str) -> None:
    """After the purge no page and no log of the file has a word of the row that went, whatever keeps the index."""
    engine = opened(
        file,
        "PRAGMA journal_mode = wal; CREATE TABLE posts (id INTEGER PRIMARY KEY, body TEXT);"
        f"INSERT INTO posts (body) VALUES ('hello {WORD.decode()}'), ('hello other');{index}",
    )
    with engine.begin() as connection:
        connection.exec_driver_sql("PRAGMA secure_delete = ON")
        connection.exec_driver_sql("DELETE FROM posts WHERE id = 1")
        if "content=" not in index:
            connection.exec_driver_sql("DELETE FROM words WHERE rowid = 1")
    assert WORD in everything(file)
    assert purged(engine).outcome == "done"
    assert WORD not in everything(file)
    with engine.connect() as connection:
        found = connection.exec_driver_sql("SELECT rowid FROM words WHERE words MATCH 'hello'").all()
    assert [tuple(row) for row in found] == [(2,)]


def test_a_word_index_that_cannot_be_cleaned_is_named(file: Path) -> None:
    """A broken index makes the purge partial, not fail."""
    engine = opened(file, "CREATE VIRTUAL TABLE words USING fts5(body); INSERT INTO words VALUES ('a');")
    with engine.begin() as connection:
        connection.exec_driver_sql("DROP TABLE words_data")
    result = purged(engine)
    assert (result.outcome, result.readable[0]) == ("partly", "full-text-index")


def test_a_log_that_a_reader_holds_open_is_named(file: Path) -> None:
    """A reader keeps the write-ahead log; it is said, and the next purge cuts it off."""
    engine = opened(file, "PRAGMA journal_mode = wal; CREATE TABLE t (x TEXT)")
    with engine.connect() as reader, reader.begin():
        reader.exec_driver_sql("SELECT count(*) FROM t").all()
        with engine.begin() as writer:
            writer.exec_driver_sql("INSERT INTO t VALUES ('a')")
        assert "write-ahead-log" in purged(engine).readable
    assert "write-ahead-log" not in purged(engine).readable


def test_a_kept_rollback_journal_is_named(file: Path) -> None:
    """With journal_mode persist old pages stay beside the file: the pool's connections all see that."""
    engine = opened(file, "CREATE TABLE t (x TEXT)")
    with engine.connect() as connection:
        connection.exec_driver_sql("SELECT 1")
    sa.event.listen(engine, "checkout", lambda raw, _r, _p: raw.execute("PRAGMA journal_mode = persist"))
    assert "rollback-journal" in purged(engine).readable


def test_an_older_transaction_keeps_rows(pg_url: str) -> None:
    """VACUUM must leave what an older transaction may still read; that is said, and gone once it has ended."""
    engine = opening.connect(pg_url, store="app")
    with engine.begin() as connection:
        connection.exec_driver_sql(f"CREATE TABLE t (x text); INSERT INTO t VALUES ('{canaries.NORMAL}')")
    with engine.connect().execution_options(isolation_level="REPEATABLE READ") as older:
        older.exec_driver_sql("SELECT count(*) FROM t").all()
        with engine.begin() as connection:
            connection.exec_driver_sql("DELETE FROM t")
        result = purged(engine)
        assert (result.outcome, "dead-tuples" in result.readable) == ("partly", True)
    result = purged(engine)
    assert (result.outcome, "dead-tuples" in result.readable) == ("done", False)
    assert {"free-space", "wal"} <= set(result.readable)
