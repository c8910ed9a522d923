"""What a Delta table consists of now: its live files and their partitions, and what its protocol asks of a writer.

Read through delta-rs, which knows checkpoints. A table that asks more than is known here is read and not written.
"""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any
from urllib.parse import unquote

from troth.errors import StoreError
from troth.stores.files.pattern import Place
from troth.stores.lake import parts
from troth.stores.lake.engine import Session, Unreadable, one_file
from troth.stores.lake.parts import Part
from troth.stores.lake.sheets import Sheet, sheet

LOG = "_delta_log"
WRITABLE = frozenset(
    {
        "appendOnly",
        "invariants",
        "checkConstraints",
        "generatedColumns",
        "timestampNtz",
        "vacuumProtocolCheck",
    }
)
"""Features of version 7 of the protocol under which rows may be taken out of files as it is done here."""
READABLE = frozenset({"timestampNtz", "vacuumProtocolCheck"})
_TYPES = {
    "string": "VARCHAR",
    "long": "BIGINT",
    "integer": "INTEGER",
    "short": "SMALLINT",
    "byte": "TINYINT",
    "boolean": "BOOLEAN",
    "date": "DATE",
    "timestamp": "TIMESTAMP WITH TIME ZONE",
    "timestamp_ntz": "TIMESTAMP",
    "double": "DOUBLE",
    "float": "FLOAT",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Live:
    """One live file, as the log names it."""

    encoded: str
    """Its path as the log writes it."""
    size: int
    partition: Mapping[str, str | None]


@dataclass(frozen=True, kw_only=True)
class Snapshot:
    """One table at one version."""

    name: str
    folder: Path
    version: int
    sheet: Sheet
    live: Mapping[str, Live]
    """By path below the table's folder."""
    settings: Mapping[str, str]
    frozen: str = ""
    """Why it may not be written."""
    checked: bool = False
    """It has constraints or computed columns: values may not be changed, rows may go."""


def library(store: str) -> Any:
    """Return delta-rs.

    Raises:
        StoreError: it is not installed.
    """
    try:
        import deltalake
    except ImportError as missing:
        raise StoreError(
            f"Store `{store}`: Delta tables are read by delta-rs, which is not installed.",
            hint="Install it with: pip install 'troth[lake]'",
        ) from missing
    return deltalake


def table(store: str, folder: Path) -> Any:
    """Open a table at its newest version.

    Raises:
        StoreError: the log cannot be read.
    """
    deltalake = library(store)
    try:
        return deltalake.DeltaTable(str(folder))
    except (deltalake.exceptions.DeltaError, OSError) as error:
        raise StoreError(
            f"Store `{store}`: the log of a Delta table cannot be read ({type(error).__name__}).",
            hint="Look whether `_delta_log` is whole and may be read, then run the same command again.",
        ) from error


def read(db: Session, store: str, name: str, folder: Path, before: Snapshot | None = None) -> Snapshot:
    """Read a table's newest version; what was read before stays where it is still the newest.

    Raises:
        StoreError: its log cannot be read.
    """
    found = table(store, folder)
    if before is not None and before.version == found.version() and _there(before):
        return before
    metadata, protocol = found.metadata(), found.protocol()
    schema = json.loads(found.schema().to_json())
    settings = dict(metadata.configuration)
    live = _live(found, metadata.partition_columns)
    frozen = _frozen(protocol, settings)
    made = sheet(db, name, _parts(db, store, folder, live, frozen))
    types = {
        f["name"]: _TYPES.get(f["type"], "VARCHAR") for f in schema["fields"] if isinstance(f["type"], str)
    }
    fixed = frozenset(metadata.partition_columns)
    columns = {c: types[c] if c in fixed and c in types else d for c, d in made.columns.items()}
    columns |= {c: types.get(c, "VARCHAR") for c in fixed if c not in columns}
    checked = "delta.generationExpression" in found.schema().to_json() or any(
        key.startswith("delta.constraints.") for key in settings
    )
    return Snapshot(
        name=name,
        folder=folder,
        version=found.version(),
        sheet=replace(made, columns=columns, fixed=fixed),
        live=live,
        settings=settings,
        frozen=frozen,
        checked=checked,
    )


def _there(before: Snapshot) -> bool:
    """Tell whether no file of a version was unreadable: one that was may have been mended."""
    return not any(part.bad for part in before.sheet.parts)


def _live(found: Any, partitions: list[str]) -> Mapping[str, Live]:
    adds = found.get_add_actions(flatten=False)
    names = adds.schema.names
    paths, sizes = adds["path"].to_pylist(), adds["size_bytes"].to_pylist()
    values = adds["partition"].to_pylist() if "partition" in names and partitions else [{}] * len(paths)
    return {
        unquote(path): Live(
            encoded=path,
            size=size,
            partition={column: _written((one or {}).get(column)) for column in partitions},
        )
        for path, size, one in sorted(zip(paths, sizes, values, strict=True), key=lambda item: str(item[0]))
    }


def _written(value: object) -> str | None:
    """Write a partition's value as the protocol wants it (Delta protocol, "Partition Value Serialization")."""
    match value:
        case None:
            return None
        case bool():
            return str(value).lower()
        case dt.datetime():
            return value.replace(tzinfo=None).isoformat(sep=" ", timespec="microseconds")
        case _:
            return str(value)


def _parts(db: Session, store: str, folder: Path, live: Mapping[str, Live], frozen: str) -> list[Part]:
    found: list[Part] = []
    for number, (relative, one) in enumerate(live.items(), 1):
        place = Place(number=number, path=folder / relative, relative=relative, values={})
        part = Part(number=number, path=place.path, relative=relative, format="parquet", fixed=one.partition)
        try:
            if (
                not (folder / relative).is_relative_to(folder)
                or ".." in Path(relative).parts
                or "://" in relative
            ):
                raise Unreadable("it belongs to another table (a shallow clone)")
            with one_file(store):
                part = parts.parquet(db, part)
        except Unreadable as bad:
            part = replace(part, bad=str(bad))
        found.append(replace(part, frozen=part.frozen or frozen))
    return found


def _frozen(protocol: Any, settings: Mapping[str, str]) -> str:
    """Say what forbids to write the table, if anything does."""
    writer = set(protocol.writer_features or ()) - WRITABLE
    reader = set(protocol.reader_features or ()) - READABLE
    if protocol.min_writer_version > 7 or protocol.min_reader_version > 3 or writer or reader:
        features = ", ".join(sorted(writer | reader)) or f"version {protocol.min_writer_version}"
        return f"its protocol asks for what Troth does not write: {features}"
    wanted = {
        "delta.appendOnly": "it takes rows only in (delta.appendOnly)",
        "delta.enableChangeDataFeed": "it keeps every change readable (delta.enableChangeDataFeed)",
        "delta.enableDeletionVectors": "it marks rows instead of removing them (delta.enableDeletionVectors)",
    }
    for key, why in wanted.items():
        if settings.get(key, "").lower() == "true":
            return why
    if settings.get("delta.columnMapping.mode", "none") != "none":
        return "its columns have other names in its files (delta.columnMapping.mode)"
    return ""
