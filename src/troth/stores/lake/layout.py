"""How a Parquet file is laid out, and how one of the same layout is written within the memory there is.

DuckDB holds a row group until it is whole, and of every column it reads one page. So rows go into smaller groups
where those of the old file would not fit. And where the old file's pages are too large to be open side by side
(DuckDB writes pages of 100 MB into groups of millions of rows) every column is taken out alone, and all are put
together again.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path

from troth.stores.lake.engine import MORE_MEMORY, MOST_MEMORY, Session, Unreadable
from troth.stores.lake.fragment import Piece, joined, piece, quoted, text, value
from troth.stores.lake.parts import Part, literal_path

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
"""Rows of a group, where more do not fit into memory; DuckDB writes none below the last."""
HELD = 128 * 2**20
"""Bytes a group of rows may take in memory; with what reading and packing take it is about three times as much."""
SIDE_BY_SIDE = 32 * 2**20
"""Bytes up to which groups are written by several threads."""
_SLOT = 16
"""Bytes DuckDB takes for a text besides the text, and at most for most other values."""
_PLAIN = (Piece("FORMAT parquet"), Piece("COMPRESSION lz4_raw"))
_BESIDE = " POSITIONAL JOIN "


@dataclass(frozen=True, slots=True, kw_only=True)
class Layout:
    """What a new version takes over from the old one."""

    group: int
    """Rows of the largest group."""
    width: int
    """Bytes a row takes in memory, about."""
    options: Sequence[Piece]
    threads: int = 2
    """How many may work side by side where groups are small."""

    def sizes(self) -> list[int]:
        """List the sizes of row groups to be tried, the best first."""
        own = max(self.group, SMALLER_GROUPS[-1])
        smaller = [size for size in SMALLER_GROUPS if size < own]
        return [own, *smaller] if own * self.width <= HELD or not smaller else smaller


def look(db: Session, part: Part) -> Layout:
    """Read how a file is laid out.

    Raises:
        Unreadable: it cannot be written like this.
    """
    where = value(literal_path(part.path))
    chunks = db.rows(
        piece(
            "SELECT row_group_num_rows, compression, total_uncompressed_size, row_group_id "
            "FROM parquet_metadata({})",
            where,
        )
    )
    codecs = Counter(codec for _, codec, *_ in chunks)
    codec = codecs.most_common(1)[0][0] if codecs else "SNAPPY"
    if codec not in _CODECS:
        raise Unreadable(f"it is packed with {codec}, which cannot be written")
    widths = Counter[int]()
    for rows, _, size, number in chunks:
        widths[number] += int(size) // max(int(rows), 1) + _SLOT
    options = [Piece("FORMAT parquet"), Piece(f"COMPRESSION {_CODECS[codec]}"), *_numbers(db, part, where)]
    return Layout(
        group=max((int(rows) for rows, *_ in chunks), default=0),
        width=max(widths.values(), default=0),
        options=[*options, *_metadata(db, where)],
    )


def _numbers(db: Session, part: Part, where: Piece) -> list[Piece]:
    numbers = db.rows(
        piece("SELECT name, field_id FROM parquet_schema({}) WHERE field_id IS NOT NULL", where)
    )
    if not numbers:
        return []
    given = ", ".join(f"{quoted(name)}: {int(number)}" for name, number in numbers if name in part.columns)
    return [Piece(f"FIELD_IDS {{{given}}}")]


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


def write(db: Session, layout: Layout, columns: Sequence[Piece], rows: Piece, target: Path) -> None:
    """Write columns of rows as a file, in the order of the rows.

    Args:
        db: The session.
        layout: How.
        columns: What is written, each with its name.
        rows: Where it comes from: all that follows in the statement.
        target: The file.
    """
    wanted = piece("SELECT {}{}", joined(columns, ", "), rows)
    if _fitted(db, layout, wanted, target):
        return
    with suppress(db.full):
        if _by_column(db, layout, columns, rows, target):
            return
    db.once(_copy(layout.options, wanted, target, SMALLER_GROUPS[-1]), threads=1, memory=MOST_MEMORY)


def _fitted(db: Session, layout: Layout, wanted: Piece, target: Path) -> bool:
    """Write in the largest groups that fit into memory; False where none does."""
    for size in layout.sizes():
        threads = layout.threads if max(size, layout.group) * layout.width <= SIDE_BY_SIDE else 1
        with suppress(db.full):
            db.once(_copy(layout.options, wanted, target, size), threads=threads)
            return True
    return False


def _by_column(db: Session, layout: Layout, columns: Sequence[Piece], rows: Piece, target: Path) -> bool:
    """Take every column out alone, into pages that are small; then put them side by side again."""
    parts = [db.room / f"column-{n}.parquet" for n in range(len(columns))]
    try:
        for column, path in zip(columns, parts, strict=True):
            taken = _copy(_PLAIN, piece("SELECT {}{}", column, rows), path, SMALLER_GROUPS[1])
            db.once(taken, threads=1, memory=MORE_MEMORY)
        read = joined((piece("read_parquet({})", value(literal_path(path))) for path in parts), _BESIDE)
        return _fitted(db, replace(layout, threads=1), piece("SELECT * FROM {}", read), target)
    finally:
        for path in parts:
            path.unlink(missing_ok=True)


def _copy(options: Sequence[Piece], wanted: Piece, target: Path, size: int) -> Piece:
    given = joined((*options, Piece(f"ROW_GROUP_SIZE {size}")), ", ")
    return piece(f"COPY ({{}}) TO {text(str(target))} ({{}})", wanted, given)
