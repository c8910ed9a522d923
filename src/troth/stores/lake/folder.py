"""Which datasets a lake has: the files its pattern matches, grouped by `{dataset}` where the pattern has that."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from troth.catalog.datamap import Dataset, Store
from troth.errors import StoreError
from troth.stores.files import pattern
from troth.stores.files.pattern import Pattern, Place, Skipped
from troth.stores.lake import parts
from troth.stores.lake.engine import Session
from troth.stores.lake.sheets import Sheet, sheet

DATASET = "dataset"


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


def listed(db: Session, one: Folder) -> Listed:
    """Walk through the folder and read the structure of every file."""
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
    made = {name: sheet(db, name, _parts(db, one, found)) for name, found in sorted(places.items())}
    return Listed(sheets=made, skipped=skipped, foreign=foreign)


def _parts(db: Session, one: Folder, places: Sequence[Place]) -> list[parts.Part]:
    numbered = enumerate(places, 1)
    return [parts.look(db, one.store, _at(place, number)) for number, place in numbered]


def _at(place: Place, number: int) -> Place:
    return Place(number=number, path=place.path, relative=place.relative, values=place.values)
