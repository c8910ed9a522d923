"""Write a Parquet file anew without some rows, or with other values in them; everything else as it was.

Rows stay in their order: which rows are meant is told by one bit a row, for a join would shuffle them. Codec, row
groups, column order, types, field numbers and key-value metadata are taken over. What DuckDB cannot take over is in
docs/reference/stores-of-files.md; a file in which that would lose anything is not written (`parts`).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from troth.rights.model import EraseRows, Scrub
from troth.stores.lake import changes
from troth.stores.lake.engine import Session, Unreadable
from troth.stores.lake.fragment import Piece, joined, piece, quoted, text, value
from troth.stores.lake.hits import HITS, PATCHES, Work, patched
from troth.stores.lake.parts import NOTHING, ROW, Part, literal_path, source
from troth.stores.lake.sheets import same

_CODECS = {
    "UNCOMPRESSED": "uncompressed",
    "SNAPPY": "snappy",
    "GZIP": "gzip",
    "ZSTD": "zstd",
    "BROTLI": "brotli",
    "LZ4": "lz4_raw",
    "LZ4_RAW": "lz4_raw",
}
SMALLER_GROUPS = (122_880, 20_480, 2_048)
"""Rows of a group, where those of the old file do not fit into memory; DuckDB writes none below the last."""


def write(work: Work, part: Part, target: Path) -> int:
    """Write the new version to a path; return the rows it has.

    Raises:
        Unreadable: the new version would not be what the old one is.
    """
    db = work.people.db
    (rows,) = db.rows(piece("SELECT count(*) FROM read_parquet({})", value(literal_path(part.path))))[0]
    _mark(work, rows)
    wanted = piece("SELECT {} FROM {} AS t0{}", _columns(work, part), source(part), _kept(work))
    patches = [name for name, _ in patched(work)]
    if patches:
        wanted = piece(f"{{}} ORDER BY t0.{ROW}", _with_patches(work, part))
    _copied(db, wanted, target, *_options(db, part))
    return _checked(work, part, target, rows)


def _copied(db: Session, wanted: Piece, target: Path, group: int, options: Sequence[Piece]) -> None:
    """Write the file; where its rows are too wide for the memory, in smaller groups of rows."""
    sizes = [group, *(size for size in SMALLER_GROUPS if size < group)]
    for size in sizes:
        given = joined((*options, Piece(f"ROW_GROUP_SIZE {size}")), ", ")
        try:
            db.run(piece(f"COPY ({{}}) TO {text(str(target))} ({{}})", wanted, given))
            return
        except db.full:
            if size == sizes[-1]:
                raise


def _mark(work: Work, rows: int) -> None:
    """Put one bit a row and step into variables: set where the step is about the row."""
    for number, _ in work.steps:
        bits = f"bitstring_agg(place, 0, {max(rows - 1, 0)})"
        work.people.db.run(
            Piece(f"SET VARIABLE troth_bits_{number} = (SELECT {bits} FROM {HITS} WHERE s{number})")
        )


def _is(number: int) -> str:
    """Render that a step is about the row at hand; no row was found where the variable is empty."""
    return f"coalesce(get_bit(getvariable('troth_bits_{number}'), CAST(t0.{ROW} AS INTEGER)) = 1, false)"


def _kept(work: Work) -> Piece:
    gone = [_is(number) for number, step in work.steps if isinstance(step, EraseRows)]
    return Piece(f" WHERE NOT ({' OR '.join(gone)})") if gone else Piece("")


def _columns(work: Work, part: Part, patches: tuple[str, ...] = ()) -> Piece:
    return joined((_column(work, name, declared, patches) for name, declared in part.columns.items()), ", ")


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


def _with_patches(work: Work, part: Part) -> Piece:
    """Render the rows with their scrubbed texts beside them."""
    found = list(patched(work))
    joins = [
        f" LEFT JOIN (SELECT place, text FROM {PATCHES} WHERE name = '{number}') AS p{n} ON p{n}.place = t0.{ROW}"
        for n, (_, number) in enumerate(found)
    ]
    columns = _columns(work, part, tuple(name for name, _ in found))
    return piece("SELECT {} FROM {} AS t0{}{}", columns, source(part), Piece("".join(joins)), _kept(work))


def _options(db: Session, part: Part) -> tuple[int, list[Piece]]:
    """Return the size of row groups, and how else the file is written."""
    where = value(literal_path(part.path))
    chunks = db.rows(
        piece(
            "SELECT compression, max(row_group_num_rows), count(*) FROM parquet_metadata({}) GROUP BY ALL",
            where,
        )
    )
    codecs: Counter[str] = Counter()
    for codec, _, count in chunks:
        codecs[codec] += count
    group = max((int(rows) for _, rows, _ in chunks if rows), default=0)
    codec = codecs.most_common(1)[0][0] if codecs else "SNAPPY"
    if codec not in _CODECS:
        raise Unreadable(f"it is packed with {codec}, which cannot be written")
    options = [Piece("FORMAT parquet"), Piece(f"COMPRESSION {_CODECS[codec]}")]
    numbers = db.rows(
        piece("SELECT name, field_id FROM parquet_schema({}) WHERE field_id IS NOT NULL", where)
    )
    if numbers:
        given = ", ".join(
            f"{quoted(name)}: {int(number)}" for name, number in numbers if name in part.columns
        )
        options.append(Piece(f"FIELD_IDS {{{given}}}"))
    return max(group, SMALLER_GROUPS[-1]), [*options, *_metadata(db, where)]


def _metadata(db: Session, where: Piece) -> list[Piece]:
    pairs = db.rows(piece("SELECT key, value FROM parquet_kv_metadata({})", where))
    if not pairs:
        return []
    given = ", ".join(
        f"{quoted(bytes(key).decode('utf-8', 'replace'))}: '{_escaped(bytes(found))}'::BLOB"
        for key, found in pairs
    )
    return [Piece(f"KV_METADATA {{{given}}}")]


def _escaped(found: bytes) -> str:
    return "".join(f"\\x{byte:02X}" for byte in found)


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
