"""Write a CSV or JSON-lines file anew, record by record: what is not changed is copied byte for byte.

DuckDB says which rows are meant; Python takes the file apart at its line ends. So that both mean the same row, the
number of records and the old values of every row that goes are compared; where they differ, nothing is written.
"""

from __future__ import annotations

import csv
import gzip
import io
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

from troth.rights.model import EraseRows, Scrub
from troth.stores.lake import changes
from troth.stores.lake.engine import Unreadable
from troth.stores.lake.fragment import Piece, joined, piece, quoted
from troth.stores.lake.hits import HITS, PATCHES, Work, patched
from troth.stores.lake.parts import ROW, Dialect, Part, source, texts
from troth.stores.lake.sheets import same

DIFFERENT = "it cannot be taken apart safely: its lines and its rows do not match"
BOM = b"\xef\xbb\xbf"


@dataclass(frozen=True, slots=True)
class Edit:
    """What happens to one record."""

    gone: bool
    before: tuple[Any, ...]
    """CSV: the values DuckDB read; JSON lines: the document."""
    after: Mapping[str, str | None]
    """New values; of JSON lines as JSON text."""


def write(work: Work, part: Part, target: Path) -> int:
    """Write the new version to a path; return the rows it has.

    Raises:
        Unreadable: rows and lines do not match, or the text is no UTF-8.
    """
    edits = _edits(work, part)
    total = work.people.db.rows(piece("SELECT count(*) FROM {}", source(part)))[0][0]
    kept = seen = 0
    with _reading(part) as old, _writing(part, target) as new:
        records = _csv_records(old, part) if part.format == "csv" else _json_records(old)
        for place, raw in records:
            if place is None:
                new.write(raw)
                continue
            seen += 1
            edit = edits.pop(place, None)
            made = raw if edit is None else _edited(part, raw, edit)
            new.write(made)
            kept += edit is None or not edit.gone
    if seen != total or edits:
        raise Unreadable(DIFFERENT)
    return kept


def _reading(part: Part) -> IO[bytes]:
    return gzip.open(part.path, "rb") if part.pack == "gz" else part.path.open("rb")  # type: ignore[return-value]


def _writing(part: Part, target: Path) -> IO[bytes]:
    # No time in the header: the same rows make the same file.
    if part.pack == "gz":
        return gzip.GzipFile(target, "wb", mtime=0)  # type: ignore[return-value]
    return target.open("wb")


def _edits(work: Work, part: Part) -> dict[int, Edit]:
    """Ask for the old and the new values of every row that was found."""
    db = work.people.db
    as_json = part.format == "jsonl"
    own = list(part.columns)
    gone = " OR ".join(f"s{n}" for n, step in work.steps if isinstance(step, EraseRows)) or "false"
    new = [(name, made) for name in own if (made := _made(work, part, name)) is not None]
    shown = [
        piece("CAST(to_json({}) AS VARCHAR)" if as_json else "CAST({} AS VARCHAR)", made) for _, made in new
    ]
    touched = [piece("coalesce({}, false)", _touched(work, name)) for name, _ in new]
    old = joined((Piece(f"o.{quoted(name)}") for name in ([] if as_json else own)), ", ")
    columns = joined([Piece(f"h.place, ({gone})"), *shown, *touched, *([] if as_json else [old])], ", ")
    before = piece(" JOIN {} AS o ON o.troth_row = h.place", texts(part)) if not as_json else Piece("")
    joins = "".join(
        f" LEFT JOIN (SELECT place, text FROM {PATCHES} WHERE name = '{number}') AS p{number} "
        f"ON p{number}.place = h.place"
        for _, number in patched(work)
    )
    query = piece(
        f"SELECT {{}} FROM {HITS} AS h JOIN {{}} AS t0 ON t0.{ROW} = h.place{{}}{joins}",
        columns,
        source(part),
        before,
    )
    edits: dict[int, Edit] = {}
    for place, is_gone, *rest in db.rows(query):
        values, marks = rest[: len(new)], rest[len(new) : 2 * len(new)]
        after = {name: v for (name, _), v, mark in zip(new, values, marks, strict=True) if mark}
        edits[place] = Edit(gone=is_gone, before=tuple(rest[2 * len(new) :]), after=after)
    return edits


def _made(work: Work, part: Part, name: str) -> Piece | None:
    """Render the new value of a column; None where no step touches it."""
    declared = part.columns[name]
    made = Piece(f"t0.{quoted(name)}")
    touched = False
    for column, number in patched(work):
        if same(column, name):
            cast = (
                f"p{number}.text"
                if declared == "VARCHAR"
                else f"CAST(CAST(p{number}.text AS JSON) AS {declared})"
            )
            made = Piece(f"CASE WHEN p{number}.text IS NOT NULL THEN {cast} ELSE {made.sql} END")
            touched = True
    for number, step in work.steps:
        for change in () if isinstance(step, EraseRows) else step.changes:
            if same(change.column, name) and not isinstance(change, Scrub):
                new = changes.changed(declared, made, change)
                made = piece(f"CASE WHEN h.s{number} THEN {{}} ELSE {{}} END", new, made)
                touched = True
    return made if touched else None


def _touched(work: Work, name: str) -> Piece:
    parts = [Piece(f"p{number}.place IS NOT NULL") for column, number in patched(work) if same(column, name)]
    for number, step in work.steps:
        own = () if isinstance(step, EraseRows) else step.changes
        if any(same(c.column, name) and not isinstance(c, Scrub) for c in own):
            parts.append(Piece(f"h.s{number}"))
    return piece("({})", joined(parts, " OR "))


def _json_records(file: IO[bytes]) -> Iterator[tuple[int | None, bytes]]:
    place = 0
    for line in file:
        if line.strip(b" \t\r\n"):
            yield place, line
            place += 1
        else:
            yield None, line


def _csv_records(file: IO[bytes], part: Part) -> Iterator[tuple[int | None, bytes]]:
    """Join lines until no quote is open; the header and empty lines are no rows."""
    dialect = part.dialect
    assert dialect is not None
    quote = dialect.quote.encode()
    place = -1 if dialect.header else 0
    pending = b""
    for line in file:
        pending += line
        if quote and pending.count(quote) % 2:
            continue
        empty = not pending.strip(b"\r\n") or pending == BOM
        yield (None if empty or place < 0 else place), pending
        place += not empty
        pending = b""
    if pending:
        raise Unreadable(DIFFERENT)


def _edited(part: Part, raw: bytes, edit: Edit) -> bytes:
    try:
        if part.format == "jsonl":
            return b"" if edit.gone else _json_line(raw, edit)
        return _csv_line(part, raw, edit)
    except (UnicodeDecodeError, ValueError, csv.Error) as error:
        raise Unreadable(DIFFERENT) from error


def _json_line(raw: bytes, edit: Edit) -> bytes:
    end = raw[len(raw.rstrip(b"\r\n")) :]
    value = json.loads(raw)
    for name, new in edit.after.items():
        if name in value:
            value[name] = None if new is None else json.loads(new)
    spaced = b'": ' in raw
    separators = (", ", ": ") if spaced else (",", ":")
    return json.dumps(value, ensure_ascii=False, separators=separators).encode() + end


def _csv_line(part: Part, raw: bytes, edit: Edit) -> bytes:
    dialect = part.dialect
    assert dialect is not None
    end = raw[len(raw.rstrip(b"\r\n")) :]
    text = raw.removeprefix(BOM).decode()[: -len(end) or None]
    (values,) = _parsed(text, dialect)
    wanted = ["" if one is None else one for one in edit.before]
    if [one.replace("\r\n", "\n") for one in values] != [one.replace("\r\n", "\n") for one in wanted]:
        raise Unreadable(DIFFERENT)
    if edit.gone:
        return b""
    names = list(part.columns)
    for name, new in edit.after.items():
        values[names.index(name)] = "" if new is None else new
    return _row(values, dialect).encode() + end


def _parsed(text: str, dialect: Dialect) -> list[list[str]]:
    if not dialect.quote:
        return [text.split(dialect.delimiter)]
    return list(
        csv.reader(io.StringIO(text, newline=""), delimiter=dialect.delimiter, quotechar=dialect.quote)
    )


def _row(values: list[str], dialect: Dialect) -> str:
    if not dialect.quote:
        return dialect.delimiter.join(values)
    made = io.StringIO(newline="")
    csv.writer(made, delimiter=dialect.delimiter, quotechar=dialect.quote, lineterminator="").writerow(values)
    return made.getvalue()
