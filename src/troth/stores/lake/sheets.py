"""Datasets of a lake: all their files seen as one table, columns joined by name."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from troth.catalog.model import Catalog, Column, ColumnKind, Table
from troth.errors import StoreError
from troth.stores.lake.engine import Session
from troth.stores.lake.fragment import Piece, joined, named, piece, quoted, value
from troth.stores.lake.parts import NOTHING, ROW, Part, source

_WHOLE = frozenset(
    {"TINYINT", "SMALLINT", "INTEGER", "BIGINT", "HUGEINT", "UTINYINT", "USMALLINT", "UINTEGER"}
)
_KINDS = {
    **dict.fromkeys((*_WHOLE, "UBIGINT", "UHUGEINT"), ColumnKind.INTEGER),
    **dict.fromkeys(("FLOAT", "DOUBLE"), ColumnKind.NUMBER),
    "VARCHAR": ColumnKind.TEXT,
    "BOOLEAN": ColumnKind.BOOLEAN,
    "DATE": ColumnKind.DATE,
    **dict.fromkeys(("TIMESTAMP", "TIMESTAMP_NS", "TIMESTAMP_MS", "TIMESTAMP_S"), ColumnKind.DATETIME),
    "TIMESTAMP WITH TIME ZONE": ColumnKind.DATETIME_TZ,
    "TIME": ColumnKind.TIME,
    "UUID": ColumnKind.UUID,
    "JSON": ColumnKind.JSON,
    "BLOB": ColumnKind.BYTES,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Sheet:
    """One dataset."""

    name: str
    """Within the store."""
    parts: tuple[Part, ...]
    columns: Mapping[str, str]
    """Every column of any file, with DuckDB's name for the type."""
    fixed: frozenset[str]
    """Columns that stand in paths, and cannot be written."""

    @property
    def readable(self) -> tuple[Part, ...]:
        """Return the files that can be read."""
        return tuple(part for part in self.parts if not part.bad)


def same(one: str, other: str) -> bool:
    """Tell whether two names are one column: to DuckDB they are when they differ only in capital letters."""
    return one.lower() == other.lower()


def kind(declared: str) -> ColumnKind:
    """Tell what a type of DuckDB's can hold."""
    if declared.endswith("]"):
        return ColumnKind.ARRAY
    if declared.startswith(("STRUCT", "MAP")):
        return ColumnKind.JSON
    if declared.startswith("DECIMAL"):
        return ColumnKind.NUMBER
    if declared.startswith("ENUM"):
        return ColumnKind.ENUM
    return _KINDS.get(declared, ColumnKind.OTHER)


def sheet(db: Session, name: str, parts: Iterable[Part]) -> Sheet:
    """Join files into a dataset."""
    all_parts = tuple(parts)
    names: dict[str, str] = {}
    types: dict[str, dict[str, None]] = {}
    fixed: dict[str, list[str | None]] = {}
    for part in all_parts:
        for column, declared in part.columns.items():
            # To DuckDB, names that differ only in capital letters are one.
            types.setdefault(names.setdefault(column.lower(), column), {})[declared] = None
        for column, text in part.fixed.items():
            fixed.setdefault(column, []).append(text)
    columns = {column: _joined(db, tuple(found)) for column, found in types.items()}
    paths = {column: texts for column, texts in fixed.items() if column.lower() not in names}
    columns |= {column: _of_path(texts) for column, texts in paths.items()}
    return Sheet(name=name, parts=all_parts, columns=columns, fixed=frozenset(paths))


_MIXED = frozenset({"JSON", "BLOB"})
"""Types into which not every text can be cast: mixed with others they are read as text, so that nothing is lost."""


def _joined(db: Session, types: Sequence[str]) -> str:
    """Name the type that holds what several files have, as DuckDB joins them; text where it cannot."""
    some = [declared for declared in types if declared != NOTHING]
    if len(some) < 2:
        return some[0] if some else "VARCHAR"
    if not _MIXED.isdisjoint(some):
        return "VARCHAR"
    union = " UNION ALL ".join(f"SELECT CAST(NULL AS {declared}) AS one" for declared in some)
    try:
        return str(db.rows(Piece(f"DESCRIBE {union}"))[0][1])
    except db.errors:
        return "VARCHAR"


def _of_path(texts: Sequence[str | None]) -> str:
    numbers = all(text is None or re.fullmatch(r"-?(0|[1-9]\d{0,17})", text) for text in texts)
    return "BIGINT" if numbers else "VARCHAR"


def relation(sheet: Sheet, part: Part) -> Piece:
    """Render the rows of one file as rows of its dataset, with their numbers."""
    return of_sheet(sheet, part, source(part))


def of_sheet(sheet: Sheet, part: Part, rows: Piece) -> Piece:
    """Render rows with the columns of a file as rows of its dataset."""
    columns = [Piece(ROW)]
    for column, declared in sheet.columns.items():
        columns.append(piece("{} AS {}", _column(sheet, part, column, declared), named(column)))
    return piece("(SELECT {} FROM {} AS troth_file)", joined(columns, ", "), rows)


def whole(sheet: Sheet) -> Piece:
    """Render the rows of all files that can be read, for questions from other datasets."""
    parts = [piece("SELECT * EXCLUDE ({}) FROM {}", Piece(ROW), relation(sheet, p)) for p in sheet.readable]
    nothing = ", ".join(f"CAST(NULL AS {d}) AS {quoted(n)}" for n, d in sheet.columns.items())
    empty = Piece(f"SELECT {nothing} WHERE false")
    return piece("({})", joined(parts, " UNION ALL ", empty))


def _column(sheet: Sheet, part: Part, column: str, declared: str) -> Piece:
    low = column.lower()
    own = next((declared for name, declared in part.columns.items() if name.lower() == low), None)
    if own == declared:
        return Piece(quoted(column))
    if own is not None:
        return piece("TRY_CAST({} AS {})", Piece(quoted(column)), Piece(declared))
    if column in sheet.fixed:
        return piece("CAST({} AS {})", value(part.fixed.get(column)), Piece(declared))
    return Piece(f"CAST(NULL AS {declared})")


def table(sheet: Sheet) -> Table:
    """Describe a dataset for planners."""
    required = frozenset().union(*(part.required for part in sheet.parts)) if sheet.parts else frozenset()
    columns = tuple(
        Column(
            name=name,
            kind=kind(declared),
            declared=declared,
            nullable=name not in required,
            generated=name in sheet.fixed,
        )
        for name, declared in sheet.columns.items()
    )
    return Table(name=sheet.name, table=sheet.name, columns=columns)


def catalog(store: str, dialect: str, sheets: Mapping[str, Sheet]) -> Catalog:
    """Describe a store."""
    return Catalog(store=store, dialect=dialect, tables={name: table(one) for name, one in sheets.items()})


def of(sheets: Mapping[str, Sheet], store: str, dataset: str) -> Sheet:
    """Return a dataset by its full name.

    Raises:
        StoreError: it has gone since the plan was made.
    """
    found = sheets.get(dataset.partition(".")[2])
    if found is None:
        raise StoreError(
            f"Store `{store}`: expected the dataset {dataset}, found no files of it.",
            hint="Look whether its files were moved, then make a new plan.",
        )
    return found
