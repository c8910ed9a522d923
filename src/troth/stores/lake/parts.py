"""The files of a lake: which there are, how each is written, and what columns it has.

Only structure is read here: the footer of a Parquet file, the first lines of a text file. A file that cannot be
read is a part all the same, with the reason.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Literal
from urllib.parse import unquote

from troth.stores.files.pattern import Place
from troth.stores.lake.engine import Session, Unreadable, one_file
from troth.stores.lake.fragment import Piece, joined, piece, quoted, value
from troth.stores.lake.fragment import text as literal

Format = Literal["parquet", "csv", "jsonl"]
ROW = "troth_row"
"""Number of a row within its file, from 0."""
NOTHING = '"NULL"'
"""The type of a column that holds nothing at all, and fits every other."""
NO_PARTITION = "__HIVE_DEFAULT_PARTITION__"
_NAME = re.compile(
    r"\.(?:(?P<parquet>parquet|parq|pq)|(?P<csv>csv|tsv)|(?P<jsonl>jsonl|ndjson|json))(?:\.(?P<pack>gz|zst))?\Z",
    re.IGNORECASE,
)
_NUMBERED = frozenset({"TINYINT", "SMALLINT", "INTEGER", "BIGINT", "HUGEINT"})
"""What looks like a number in a CSV file and may be a key: 007 is not 7, so it is compared as the text it is."""
_GLOB = re.compile(r"[*?\[]")


@dataclass(frozen=True, slots=True, kw_only=True)
class Dialect:
    """How a CSV file is written."""

    delimiter: str
    quote: str
    escape: str
    header: bool
    skip: int
    comment: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """One file of a dataset."""

    number: int
    path: Path
    relative: str
    """May hold somebody's identity: never shown."""
    format: Format
    pack: Literal["", "gz", "zst"] = ""
    columns: Mapping[str, str] = field(default_factory=dict)
    """The file's own columns, in order, with DuckDB's name for the type."""
    fixed: Mapping[str, str | None] = field(default_factory=dict)
    """Columns that stand in the path: hive partitions and placeholders."""
    dialect: Dialect | None = None
    required: frozenset[str] = frozenset()
    """Parquet: columns that may not be empty."""
    bad: str = ""
    """Why it cannot be read."""
    frozen: str = ""
    """Why it can be read and not be written anew."""


def known(name: str) -> tuple[Format, str] | None:
    """Tell the format by a file's name; None where it is none of ours."""
    found = _NAME.search(name)
    if found is None:
        return None
    pack = (found["pack"] or "").lower()
    if found["parquet"]:
        return None if pack else ("parquet", "")
    return ("csv" if found["csv"] else "jsonl"), pack


def literal_path(path: Path) -> str:
    """Write a path so that DuckDB reads no wildcard in it."""
    return _GLOB.sub(lambda found: f"[{found[0]}]", str(path))


def partitions(relative: str) -> Iterator[tuple[str, str | None]]:
    """Yield the hive partitions of a path: folders named `column=value`."""
    for name in relative.split("/")[:-1]:
        column, equals, text = name.partition("=")
        if equals and column:
            yield column, None if text == NO_PARTITION else unquote(text)


def look(db: Session, store: str, place: Place, *, hive: bool = True) -> Part:
    """Read the structure of one file."""
    named = known(place.path.name)
    assert named is not None
    kind, pack = named
    own = {name: text for name, text in place.values.items() if name != "dataset"}
    fixed: dict[str, str | None] = {**own, **(dict(partitions(place.relative)) if hive else {})}
    part = Part(
        number=place.number,
        path=place.path,
        relative=place.relative,
        format=kind,
        pack="gz" if pack == "gz" else "zst" if pack == "zst" else "",
        fixed=fixed,
    )
    try:
        with one_file(store):
            match kind:
                case "parquet":
                    return parquet(db, part)
                case "csv":
                    return _csv(db, part)
                case "jsonl":
                    return _jsonl(db, part)
    except Unreadable as bad:
        return replace(part, bad=str(bad))


def parquet(db: Session, part: Part) -> Part:
    """Read the footer of a Parquet file."""
    # A constant: for each value beside a statement DuckDB would look for Pandas.
    where = Piece(literal(literal_path(part.path)))
    described = db.rows(piece("DESCRIBE SELECT * FROM read_parquet({}, hive_partitioning = false)", where))
    columns = {row[0]: row[1] for row in described}
    schema = db.rows(
        piece(
            "SELECT name, type, repetition_type, num_children, converted_type, logical_type, precision, field_id "
            "FROM parquet_schema({})",
            where,
        )
    )
    own = [row[0] for row in _top(schema)]
    if "file_row_number" in (name.lower() for name in own):
        return replace(part, bad="it has a column file_row_number, a name that DuckDB keeps for itself")
    ((writer,),) = db.rows(piece("SELECT created_by FROM parquet_file_metadata({})", where))
    required = frozenset(row[0] for row in _top(schema) if row[2] == "REQUIRED")
    alike = "two of its columns differ in nothing but capital letters" if own != list(columns) else ""
    columns |= {row[0]: NOTHING for row in _top(schema) if str(row[5] or "").startswith("NullType")}
    frozen = alike or _unwritable(schema, str(writer or ""))
    return replace(part, columns=columns, required=required & frozenset(columns), frozen=frozen)


def _top(schema: list[tuple[Any, ...]]) -> Iterator[tuple[Any, ...]]:
    """Yield the columns of a flattened schema tree, without what is inside them."""
    at = 1
    while at < len(schema):
        yield schema[at]
        at = _behind(schema, at)


def _behind(schema: list[tuple[Any, ...]], at: int) -> int:
    following = at + 1
    for _ in range(schema[at][3] or 0):
        following = _behind(schema, following)
    return following


def _unwritable(schema: list[tuple[Any, ...]], writer: str) -> str:
    """Say what DuckDB would not write back as it was: a loss for everybody's rows."""
    tops = {id(row) for row in _top(schema)}
    for row in schema[1:]:
        name, physical, _, children, converted, logical, precision, identifier = row
        logical = str(logical or "")
        if physical == "INT96" and "parquet-mr" not in writer:
            return f"column {name} holds times finer than a microsecond (INT96)"
        if "isAdjustedToUTC=1" in logical and "NANOS=NanoSeconds" in logical:
            return f"column {name} holds times with zone finer than a microsecond"
        if "TimeType" in logical and "NANOS=NanoSeconds" in logical:
            return f"column {name} holds times of day finer than a microsecond"
        if "Float16" in logical or "Geo" in logical or "Variant" in logical:
            return f"column {name} has a type that cannot be written back ({logical.partition('(')[0]})"
        if physical == "FIXED_LEN_BYTE_ARRAY" and converted != "DECIMAL" and "UUID" not in logical:
            return f"column {name} has values of a fixed length, which cannot be written back"
        if (converted == "DECIMAL" or "DecimalType" in logical) and int(precision or 0) > 38:
            return f"column {name} has numbers of more than 38 digits"
        if identifier is not None and id(row) not in tops and not children:
            return "fields inside its columns carry numbers, which cannot be written back"
    return ""


def _csv(db: Session, part: Part) -> Part:
    where = value(literal_path(part.path))
    (found,) = db.rows(
        piece(
            'SELECT "Delimiter", "Quote", "Escape", "HasHeader", "SkipRows", "Comment", "Columns" '
            "FROM sniff_csv({}, hive_partitioning = false)",
            where,
        )
    )
    delimiter, quote, escape, header, skip, comment, columns = found
    dialect = Dialect(
        delimiter=delimiter,
        quote=_given(quote),
        escape=_given(escape),
        header=bool(header),
        skip=int(skip),
        comment=_given(comment),
    )
    frozen = ""
    if part.pack == "zst":
        frozen = "it is packed with zstd, which can be read and not be written line by line"
    elif dialect.skip or dialect.comment or dialect.escape not in ("", dialect.quote):
        frozen = "it has comments, lines before its header, or quotes escaped by another sign"
    types = {c["name"]: "VARCHAR" if c["type"] in _NUMBERED else c["type"] for c in columns}
    return replace(part, columns=types, dialect=dialect, frozen=frozen)


def _given(sign: str) -> str:
    return "" if sign in ("(empty)", "\x00", None) else sign


def _jsonl(db: Session, part: Part) -> Part:
    """Read all keys that any line has: what is not known as a column would not be looked at."""
    where = value(literal_path(part.path))
    options = "format = 'newline_delimited', hive_partitioning = false, sample_size = -1, "
    options += "field_appearance_threshold = 0, map_inference_threshold = -1"
    described = db.rows(piece(f"DESCRIBE SELECT * FROM read_json({{}}, {options})", where))
    columns = {row[0]: _plain(row[1]) for row in described}
    keys = piece("SELECT DISTINCT unnest(json_keys(json)) FROM read_ndjson_objects({})", where)
    if {key for (key,) in db.rows(keys)} != set(columns):
        return replace(part, bad="its lines are no objects, or have keys that differ only in capital letters")
    frozen = ""
    if part.pack == "zst":
        frozen = "it is packed with zstd, which can be read and not be written line by line"
    return replace(part, columns=columns, frozen=frozen)


def _plain(declared: str) -> str:
    """Leave lists of plain values as they are; what is nested in any other way is a document."""
    if declared.startswith(("STRUCT", "MAP")) or declared.count("[]") > 1:
        return "JSON"
    if declared.endswith("[]"):
        return "VARCHAR[]" if declared in ("VARCHAR[]", "JSON[]", "UUID[]") else declared
    return declared


def source(part: Part) -> Piece:
    """Render the rows of one file with their numbers, and its columns in their own types."""
    where = value(literal_path(part.path))
    match part.format:
        case "parquet":
            return piece(
                f"(SELECT * RENAME (file_row_number AS {ROW}) "
                "FROM read_parquet({}, file_row_number = true, hive_partitioning = false))",
                where,
            )
        case "csv":
            return piece(f"(SELECT {ROW}, {{}} FROM {{}})", _typed(part), texts(part))
        case "jsonl":
            columns = [_member(name, declared) for name, declared in part.columns.items()]
            lines = piece(
                f"(SELECT row_number() OVER () - 1 AS {ROW}, json AS troth_line "
                "FROM read_ndjson_objects({}))",
                where,
            )
            return piece(f"(SELECT {ROW}, {{}} FROM {{}})", joined(columns, ", "), lines)


def texts(part: Part) -> Piece:
    """Render the rows of a CSV file with every column as text, exactly as it stands there."""
    one = part.dialect
    assert one is not None
    columns = ", ".join(f"{literal(name)}: 'VARCHAR'" for name in part.columns)
    options = (
        f"delim = {literal(one.delimiter)}, quote = {literal(one.quote)}, escape = {literal(one.escape)}, "
        f"header = {str(one.header).lower()}, skip = {one.skip}, comment = {literal(one.comment)}, "
        f"columns = {{{columns}}}"
    )
    return Piece(
        f"(SELECT row_number() OVER () - 1 AS {ROW}, * FROM read_csv(?, auto_detect = false, "
        f"parallel = false, hive_partitioning = false, {options}))",
        (literal_path(part.path),),
    )


def _typed(part: Part) -> Piece:
    parts = [
        f"{quoted(name)}"
        if declared == "VARCHAR"
        else f"TRY_CAST({quoted(name)} AS {declared}) AS {quoted(name)}"
        for name, declared in part.columns.items()
    ]
    return Piece(", ".join(parts))


def _member(name: str, declared: str) -> Piece:
    pointer = value("/" + name.replace("~", "~0").replace("/", "~1"))
    if declared == "VARCHAR":
        return piece("json_extract_string(troth_line, {}) AS {}", pointer, Piece(quoted(name)))
    found = piece("nullif(json_extract(troth_line, {})::VARCHAR, 'null')::JSON", pointer)
    if declared == "JSON":
        return piece("{} AS {}", found, Piece(quoted(name)))
    plain = piece("json_extract_string(troth_line, {})", pointer)
    inner = found if declared.endswith("[]") else plain
    return piece("TRY_CAST({} AS {}) AS {}", inner, Piece(declared), Piece(quoted(name)))
