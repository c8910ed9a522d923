"""Parquet files that are made alike, read in one statement.

A statement over files costs some milliseconds of its own, more than reading a small file: patterns are compiled for
it, and are quick only once they have seen some text. Files that differ in columns or in what their paths say, and
files of lines, are read one by one. Who meets a damaged file in a bunch reads its files one by one as well.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby

from troth.stores.lake.fragment import Piece, text
from troth.stores.lake.parts import ROW, Part, literal_path
from troth.stores.lake.sheets import Sheet, of_sheet, relation

MOST_FILES = 100
MOST_BYTES = 256 << 20
"""Of a bunch: what is read again where one of its files is damaged."""
_APART = 1 << 40
"""More than the rows of a file: the rows of the second are numbered from here."""
_OURS = frozenset({"file_index", "file_row_number"})
"""What DuckDB calls the number of a file and of a row, where no column is called so."""


def bunches(parts: Iterable[Part]) -> Iterator[tuple[Part, ...]]:
    """Put together neighbours that can be read in one statement; every file is in one bunch."""
    for _, alike in groupby(parts, _make):
        bunch: list[Part] = []
        size = 0
        for part in alike:
            own = _size(part)
            if bunch and (len(bunch) == MOST_FILES or size + own > MOST_BYTES):
                yield tuple(bunch)
                bunch, size = [], 0
            bunch.append(part)
            size += own
        yield tuple(bunch)


def _make(part: Part) -> object:
    """Return what files must have in common; nothing is equal to what cannot be in a bunch."""
    if part.format != "parquet" or not _OURS.isdisjoint(name.lower() for name in part.columns):
        return part.number
    return tuple(part.columns.items()), tuple(part.fixed.items())


def _size(part: Part) -> int:
    try:
        return part.path.stat().st_size
    except OSError:
        # Whoever reads it says so.
        return 0


def rows(sheet: Sheet, bunch: Sequence[Part]) -> Piece:
    """Render the rows of a bunch as rows of its dataset, with numbers no two of them share."""
    first, *others = bunch
    if not others:
        return relation(sheet, first)
    return of_sheet(sheet, first, _source(bunch))


def _source(bunch: Sequence[Part]) -> Piece:
    number = f"CAST(file_index AS BIGINT) * {_APART} + file_row_number"
    return Piece(
        f"(SELECT {number} AS {ROW}, * EXCLUDE (file_row_number) "
        f"FROM read_parquet({_paths(bunch)}, file_row_number = true, hive_partitioning = false))"
    )


def _paths(bunch: Sequence[Part]) -> str:
    """Write the paths as constants: for each value beside a statement DuckDB would look for Pandas."""
    return f"[{', '.join(text(literal_path(part.path)) for part in bunch)}]"


def metadata(bunch: Sequence[Part]) -> Piece:
    """Render the key-value metadata of a bunch; files of lines have none."""
    return Piece(f"SELECT key, value FROM parquet_kv_metadata({_paths(bunch)})")
