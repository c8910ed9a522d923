"""Write a Parquet file anew without some rows, or with other values in them; everything else as it was.

Rows stay in their order: which rows are meant is told by one bit a row, for a join would shuffle them. Codec, row
groups, column order, types, field numbers and key-value metadata are taken over. What DuckDB cannot take over is in
docs/reference/stores-of-files.md; a file in which that would lose anything is not written (`parts`).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from troth.rights.model import EraseRows, Scrub
from troth.stores.lake import changes, layout
from troth.stores.lake.engine import Unreadable
from troth.stores.lake.fragment import Piece, joined, piece, quoted, text, value
from troth.stores.lake.hits import HITS, PATCHES, Work, patched
from troth.stores.lake.parts import NOTHING, Part, literal_path
from troth.stores.lake.sheets import same

_AT_ONCE = 122_880
"""Rows of scrubbed texts put in order together."""
_DENSE = "FORMAT parquet, ROW_GROUP_SIZE 20480"


def write(work: Work, part: Part, target: Path) -> int:
    """Write the new version to a path; return the rows it has.

    Raises:
        Unreadable: the new version would not be what the old one is.
    """
    db = work.people.db
    (rows,) = db.rows(piece("SELECT count(*) FROM read_parquet({})", value(literal_path(part.path))))[0]
    _mark(work, rows)
    found = list(patched(work))
    beside = [_dense(work, number, rows) for _, number in found]
    columns = _columns(work, part, tuple(name for name, _ in found))
    made = layout.look(db, part)
    try:
        wanted = piece(" FROM {}{}", _rows(part, beside), _kept(work))
        layout.write(db, replace(made, threads=1) if found else made, columns, wanted, target)
    finally:
        for path in (one for pattern in beside for one in pattern.parent.glob(pattern.name)):
            path.unlink()
    return _checked(work, part, target, rows)


def _mark(work: Work, rows: int) -> None:
    """Put one bit a row and step into variables: set where the step is about the row."""
    for number, _ in work.steps:
        bits = f"bitstring_agg(place, 0, {max(rows - 1, 0)})"
        work.people.db.run(
            Piece(f"SET VARIABLE troth_bits_{number} = (SELECT {bits} FROM {HITS} WHERE s{number})")
        )


def _is(number: int) -> str:
    """Render that a step is about the row at hand; no row was found where the variable is empty."""
    return f"coalesce(get_bit(getvariable('troth_bits_{number}'), CAST(t0.file_row_number AS INTEGER)) = 1, false)"


def _kept(work: Work) -> Piece:
    gone = [_is(number) for number, step in work.steps if isinstance(step, EraseRows)]
    return Piece(f" WHERE NOT ({' OR '.join(gone)})") if gone else Piece("")


def _columns(work: Work, part: Part, patches: tuple[str, ...]) -> list[Piece]:
    return [_column(work, name, declared, patches) for name, declared in part.columns.items()]


def _column(work: Work, name: str, declared: str, patches: tuple[str, ...]) -> Piece:
    made = Piece(f"t0.{quoted(name)}")
    if declared == NOTHING:
        return Piece(f"CAST(NULL AS {_wanted(work, name)}) AS {quoted(name)}")
    at = next((n for n, patch in enumerate(patches) if same(patch, name)), None)
    if at is not None:
        new = f"p{at}.text"
        cast = new if declared == "VARCHAR" else f"CAST(CAST({new} AS JSON) AS {declared})"
        made = Piece(f"CASE WHEN {new} IS NOT NULL THEN {cast} ELSE {made.sql} END")
    for number, step in work.steps:
        if isinstance(step, EraseRows):
            continue
        for change in step.changes:
            if same(change.column, name) and not isinstance(change, Scrub):
                new_value = changes.changed(declared, made, change)
                made = piece(f"CASE WHEN {_is(number)} THEN {{}} ELSE {{}} END", new_value, made)
    return piece("{} AS {}", made, Piece(quoted(name)))


def _wanted(work: Work, name: str) -> str:
    """Name the type other files give a column that holds nothing in this one."""
    return next(declared for column, declared in work.sheet.columns.items() if same(column, name))


def _rows(part: Part, beside: Sequence[Path]) -> Piece:
    """Render the rows of a file with their numbers, and scrubbed texts beside them.

    Put side by side by their place alone, for a join would lose the order of rows, and sorting hold all of them.
    """
    scans = [
        piece(
            "read_parquet({}, file_row_number = true, hive_partitioning = false) AS t0",
            value(literal_path(part.path)),
        ),
        *(piece(f"read_parquet({{}}) AS p{n}", value(str(pattern))) for n, pattern in enumerate(beside)),
    ]
    return joined(scans, " POSITIONAL JOIN ")


def _dense(work: Work, number: int, rows: int) -> Path:
    """Write the scrubbed texts of a column, with as many rows as the file has; return the pattern of the names."""
    db = work.people.db
    for n, start in enumerate(range(0, rows, _AT_ONCE)):
        end = min(start + _AT_ONCE, rows)
        own = f"SELECT * FROM {PATCHES} WHERE name = '{number}' AND place >= {start} AND place < {end}"
        all_rows = f"range({start}, {end}) AS r(place) LEFT JOIN ({own}) AS p USING (place) ORDER BY place"
        path = db.room / f"texts-{number}-{n:06}.parquet"
        db.run(Piece(f"COPY (SELECT p.text FROM {all_rows}) TO {text(str(path))} ({_DENSE})"))
    return db.room / f"texts-{number}-*.parquet"


def _checked(work: Work, part: Part, target: Path, before: int) -> int:
    """See that the new version has the rows and columns it must have."""
    db = work.people.db
    new = value(literal_path(target))
    gone = " OR ".join(f"s{n}" for n, step in work.steps if isinstance(step, EraseRows)) or "false"
    (removed,) = db.rows(Piece(f"SELECT count(*) FROM {HITS} WHERE {gone}"))[0]
    (rows,) = db.rows(piece("SELECT count(*) FROM read_parquet({})", new))[0]
    described = db.rows(piece("DESCRIBE SELECT * FROM read_parquet({}, hive_partitioning = false)", new))
    columns = {name: declared for name, declared, *_ in described}
    same = all(columns.get(n) == d or d == NOTHING for n, d in part.columns.items())
    if rows != before - removed or not same or list(columns) != list(part.columns):
        raise Unreadable("what was written in its place has other rows or columns, and was thrown away")
    return int(rows)
