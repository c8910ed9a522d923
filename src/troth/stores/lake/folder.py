"""Which datasets a lake has: the files its pattern matches, grouped by `{dataset}` where the pattern has that."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TypeAlias

from troth.catalog.datamap import Dataset, Store
from troth.errors import StoreError
from troth.stores.files import pattern, writing
from troth.stores.files.pattern import Pattern, Place, Skipped
from troth.stores.files.writing import Seen
from troth.stores.lake import parts
from troth.stores.lake.engine import Session
from troth.stores.lake.parts import Part
from troth.stores.lake.sheets import Sheet, sheet

DATASET = "dataset"
Known: TypeAlias = dict[Path, tuple[Seen, Part]]
"""Structure of files, each with how the file was when it was read."""


@dataclass(frozen=True, kw_only=True)
class Folder:
    """Where a lake's files are, and what they are called."""

    store: str
    pattern: Pattern
    single: str
    """The only dataset, where the pattern does not name it; empty otherwise."""

    @property
    def base(self) -> Path:
        """The folder the pattern begins with."""
        return self.pattern.base


@dataclass(frozen=True, kw_only=True)
class Listed:
    """What a walk found."""

    sheets: Mapping[str, Sheet]
    skipped: Skipped = field(default_factory=Skipped)
    foreign: int = 0
    """Files of no format known here."""


def folder(name: str, declared: Store, datasets: Mapping[str, Dataset], project: Path) -> Folder:
    """Read where a store's files are.

    Raises:
        StoreError: the folder is not there, or several datasets stand behind a pattern that cannot tell them apart.
    """
    if not declared.files:
        raise StoreError(
            f"Store `{name}`: expected a path pattern, found none.",
            hint='Write `files: "events/*.parquet"` in the data map.',
        )
    found = pattern.parse(declared.files, project, name)
    own = [dataset.partition(".")[2] for dataset in datasets if dataset.startswith(f"{name}.")]
    if DATASET in found.names:
        return Folder(store=name, pattern=found, single="")
    if len(own) > 1:
        raise StoreError(
            f"Store `{name}`: its pattern `{declared.files}` cannot tell {len(own)} datasets apart.",
            hint='Put {dataset} where its name stands in the path, as in `files: "lake/{dataset}/*.parquet"`, '
            "or make each dataset a store of its own.",
        )
    return Folder(store=name, pattern=found, single=own[0] if own else "files")


def listed(db: Session, one: Folder, known: Known) -> Listed:
    """Walk through the folder and read the structure of every file that is not known as it is."""
    skipped = Skipped()
    places: dict[str, list[Place]] = {}
    foreign = 0
    for place in pattern.walk(one.pattern, skipped=skipped):
        if place.path.name.startswith(("_", ".")):
            continue
        if parts.known(place.path.name) is None:
            foreign += 1
            continue
        places.setdefault(one.single or place.values[DATASET], []).append(place)
    _none_of_tables(one, (place for found in places.values() for place in found))
    made = {name: sheet(db, name, _parts(db, one, found, known)) for name, found in sorted(places.items())}
    return Listed(sheets=made, skipped=skipped, foreign=foreign)


def _none_of_tables(one: Folder, places: Iterable[Place]) -> None:
    """Refuse files that belong to a table with a log of its own: written past it, they would break the table."""
    for folder in {place.path.parent for place in places}:
        for above in (folder, *folder.parents):
            if (above / "_delta_log").is_dir():
                raise StoreError(
                    f"Store `{one.store}`: its files belong to a Delta table, not to be written past its log.",
                    hint="Write `kind: delta`, and the folder with `_delta_log` in `files`.",
                )
            if (above / ".hoodie").is_dir() or any((above / "metadata").glob("*.metadata.json")):
                raise StoreError(
                    f"Store `{one.store}`: its files belong to an Iceberg or Hudi table, which Troth cannot write.",
                    hint="Declare the store as `kind: service`: what is due there becomes a task for a person.",
                )
            if above == one.base:
                break


def _parts(db: Session, one: Folder, places: Sequence[Place], known: Known) -> list[Part]:
    return [_part(db, one, replace(place, number=number), known) for number, place in enumerate(places, 1)]


def _part(db: Session, one: Folder, place: Place, known: Known) -> Part:
    try:
        now = writing.seen(place.path)
    except OSError:
        return parts.look(db, one.store, place)
    before = known.get(place.path)
    if before is not None and before[0] == now and not before[1].bad:
        return replace(before[1], number=place.number)
    part = parts.look(db, one.store, place)
    known[place.path] = (now, part)
    return part
