"""DuckDB as the engine that reads and writes files: opened in memory, kept small, closed after each piece of work.

Nothing is loaded from outside, nothing stays on disk: what does not fit into memory goes to a folder of its own that
only this user may read, and that is removed. DuckDB's own words are not passed on: they may hold values of rows.
"""

from __future__ import annotations

import json
import shutil
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from troth.errors import StoreError
from troth.stores.lake.fragment import Piece

if TYPE_CHECKING:
    import duckdb

MEMORY = "280MB"
"""What DuckDB may use before it spills; Python and buffers outside its count come on top."""
MORE_MEMORY = "400MB"
"""What one thread may use for a file with which both do not get on."""
MOST_MEMORY = "1GB"
"""What it may use at the very last."""
THREADS = 2
AT_ONCE = 5_000
"""Rows fetched or loaded together."""
_SETTINGS: Mapping[str, object] = {
    "memory_limit": MEMORY,
    "preserve_insertion_order": True,
    "autoinstall_known_extensions": False,
    "autoload_known_extensions": False,
    "allow_community_extensions": False,
}


class Unreadable(Exception):
    """A file cannot be read, or not be written the same; carries why, in words without a value."""


@dataclass(frozen=True, slots=True)
class Session:
    """One connection for one piece of work."""

    raw: duckdb.DuckDBPyConnection
    errors: type[Exception]
    """What DuckDB raises."""
    full: type[Exception]
    """What it raises when there is not memory enough."""
    room: Path
    """A folder for what is not to stay."""
    threads: int = THREADS
    """How many work side by side, if a statement does not say otherwise."""

    def once(self, one: Piece, *, threads: int, memory: str = MEMORY) -> None:
        """Carry out a statement with so many threads and so much memory, or raise what `full` names."""
        self.raw.execute(f"SET threads = {threads}; SET memory_limit = '{memory}'")
        try:
            self.raw.execute(one.sql, list(one.given))
        finally:
            self.raw.execute(f"SET threads = {self.threads}; SET memory_limit = '{MEMORY}'")

    def run(self, one: Piece) -> None:
        """Carry out a statement."""
        self._execute(self.raw, one)

    def rows(self, one: Piece) -> list[tuple[Any, ...]]:
        """Return all rows of a short answer."""
        return self._execute(self.raw, one).fetchall()

    def stream(self, one: Piece) -> Iterator[tuple[Any, ...]]:
        """Yield the rows of a long answer."""
        cursor = self._execute(self.raw.cursor(), one)
        while found := cursor.fetchmany(AT_ONCE):
            yield from found

    def _execute(self, connection: duckdb.DuckDBPyConnection, one: Piece) -> duckdb.DuckDBPyConnection:
        """Execute; once more with more memory, for some files have single pages beyond what is usual."""
        for more in (MORE_MEMORY, MOST_MEMORY):
            try:
                return connection.execute(one.sql, list(one.given))
            except self.full:
                self.raw.execute(f"SET threads = 1; SET memory_limit = '{more}'")
        return connection.execute(one.sql, list(one.given))

    def load(self, table: str, columns: Mapping[str, Sequence[object]], types: Mapping[str, str]) -> None:
        """Add rows to a table, given column by column."""
        count = len(next(iter(columns.values())))
        names = ", ".join(columns)
        marks = ", ".join(
            f"unnest(CAST(from_json(?, '[\"VARCHAR\"]') AS {types[name]}[]))" for name in columns
        )
        # As JSON: for each element of a Python list DuckDB would look for NumPy, and not find it.
        for start in range(0, count, AT_ONCE):
            given = [_json(values[start : start + AT_ONCE]) for values in columns.values()]
            self.raw.execute(f"INSERT INTO {table} ({names}) SELECT {marks}", given)


def library(store: str) -> Any:
    """Return DuckDB's module.

    Raises:
        StoreError: it is not installed.
    """
    try:
        import duckdb
    except ImportError as missing:
        raise StoreError(
            f"Store `{store}`: files of a lake are read by DuckDB, which is not installed.",
            hint="Install it with: pip install 'troth[lake]'",
        ) from missing
    return duckdb


def _json(values: Sequence[object]) -> str:
    texts = (None if one is None else str(one).encode(errors="replace").decode() for one in values)
    return json.dumps(list(texts), ensure_ascii=False)


@contextmanager
def session(store: str, *, threads: int = THREADS) -> Iterator[Session]:
    """Open DuckDB in memory until the block ends.

    Args:
        store: For messages.
        threads: With two, each holds a row group of its own, and memory outside DuckDB's count grows with them.

    Raises:
        StoreError: DuckDB is not installed, or gives up on something that is no single file's fault.
    """
    duckdb = library(store)
    folder = tempfile.mkdtemp(prefix="troth-")
    try:
        raw = duckdb.connect(":memory:", config={**_SETTINGS, "threads": threads, "temp_directory": folder})
        try:
            raw.execute("SET TimeZone = 'UTC'")
            yield Session(raw, duckdb.Error, duckdb.OutOfMemoryException, Path(folder), threads)
        finally:
            raw.close()
    except duckdb.OutOfMemoryException as full:
        raise StoreError(
            f"Store `{store}`: DuckDB has no more memory or room to spill.",
            hint="Make room in the folder for temporary files (TMPDIR), then run the same command again.",
        ) from full
    except duckdb.Error as error:
        raise StoreError(
            f"Store `{store}`: DuckDB stopped ({type(error).__name__}).",
            hint="Look whether the files changed meanwhile, then run the same command again.",
        ) from error
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def one_file(store: str) -> Iterator[None]:
    """Turn what DuckDB or the system says about one file into `Unreadable`."""
    duckdb = library(store)
    try:
        yield
    except PermissionError as denied:
        raise Unreadable("it may not be read with these rights") from denied
    except FileNotFoundError as gone:
        raise Unreadable("it is gone") from gone
    except OSError as error:
        raise Unreadable(f"it cannot be read ({error.strerror or 'input/output error'})") from error
    except (
        duckdb.OutOfMemoryException,
        duckdb.BinderException,
        duckdb.CatalogException,
        duckdb.ParserException,
    ):
        # Not the fault of the file.
        raise
    except duckdb.Error as error:
        raise Unreadable(_why(error)) from error


def _why(error: Exception) -> str:
    said = str(error)
    if "Permission denied" in said:
        return "it may not be read with these rights"
    if "No files found" in said or "No such file" in said:
        return "it is gone"
    return f"it is damaged, or not what its name says ({type(error).__name__})"
