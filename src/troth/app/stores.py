"""Open the stores of a data map, and see in them what a planner must see.

Secrets come from the environment: `${NAME}` in a store's URL. Stores without an engine yet (files, shelves,
devices) are named, never passed over.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import sqlalchemy as sa

from troth.app.project import Project
from troth.catalog import reach
from troth.catalog.datamap import DataMap
from troth.catalog.model import Catalog, ColumnKind
from troth.catalog.reach import Reaches
from troth.errors import StoreError
from troth.plan.world import Facts, World
from troth.stores.sql import introspect
from troth.stores.sql import open as opening

_VARIABLE = re.compile(r"\$\{([A-Za-z_][A-Za-z0-9_]*)\}")
NEEDS_LAYOUT = frozenset({ColumnKind.TEXT, ColumnKind.INTEGER, ColumnKind.NUMBER, ColumnKind.OTHER})


@dataclass(frozen=True, kw_only=True)
class Stores:
    """Open stores and their structure."""

    engines: Mapping[str, sa.Engine]
    catalogs: Mapping[str, Catalog]
    unbuilt: tuple[str, ...]
    """Stores whose kind has no engine yet."""
    unreachable: Mapping[str, StoreError]
    """Stores that did not answer, with what they said; empty unless the caller can go on without them."""


@contextmanager
def opened(
    project: Project, environment: Mapping[str, str], *, readonly: bool, patient: bool = False
) -> Iterator[Stores]:
    """Open every store with a URL and read its structure.

    Args:
        project: The project, without faults.
        environment: Where `${NAME}` is looked up.
        readonly: Let no statement change anything.
        patient: Go on without stores that do not answer, and with tables whose rows are partly hidden; the first
            stand in `unreachable`, the others in the catalog.

    Raises:
        StoreError: when a store does not answer and nobody is patient, or a variable is not set.
    """
    engines: dict[str, sa.Engine] = {}
    catalogs: dict[str, Catalog] = {}
    failed: dict[str, StoreError] = {}
    declared = project.datamap.stores
    try:
        for name, store in declared.items():
            if not store.url:
                continue
            try:
                whole = not patient
                engine = open_url(
                    store.url, name, project.folder, environment, readonly=readonly, whole=whole
                )
                engines[name] = engine
                catalogs[name] = introspect.read(engine, name, schemas=store.schemas or None)
            except StoreError as error:
                if not patient:
                    raise
                failed[name] = error
        unbuilt = tuple(name for name, store in declared.items() if not store.url)
        yield Stores(engines=engines, catalogs=catalogs, unbuilt=unbuilt, unreachable=failed)
    finally:
        for engine in engines.values():
            engine.dispose()


def open_url(
    url: str,
    store: str,
    folder: Path,
    environment: Mapping[str, str],
    *,
    readonly: bool,
    whole: bool = False,
) -> sa.Engine:
    """Open one store with its variables filled in."""
    missing = [name for name in _VARIABLE.findall(url) if name not in environment]
    if missing:
        raise StoreError(
            f"Store `{store}`: expected the environment variable {missing[0]}, which is not set.",
            hint=f"Set it to the store's address, as in {missing[0]}=postgresql://user:password@host/database.",
        )
    filled = _VARIABLE.sub(lambda found: environment[found[1]], url)
    return opening.connect(filled, store=store, folder=folder, readonly=readonly, whole=whole)


def world(project: Project, stores: Stores, at: datetime, reaches: Reaches | None = None) -> World:
    """Join promises, map and live structure into what a planner looks at, without holds yet.

    Args:
        project: The project, without faults.
        stores: Its stores, open.
        at: The instant looked at.
        reaches: How rows reach subjects, where the caller knows; within each store otherwise.
    """
    return World(
        policy=project.policy,
        datamap=project.datamap,
        catalogs=stores.catalogs,
        reaches=reach.resolve(project.datamap, stores.catalogs) if reaches is None else reaches,
        facts=Facts(layouts=_layouts(project.datamap, stores)),
        at=at,
    )


def _layouts(datamap: DataMap, stores: Stores) -> dict[str, str]:
    """See how each dated column writes its dates, where the type does not say."""
    found: dict[str, str] = {}
    for dataset, column in dict.fromkeys(_dated(datamap)):
        catalog = stores.catalogs.get(dataset.partition(".")[0])
        table = catalog.dataset(dataset) if catalog else None
        declared = table.column(column) if table else None
        if catalog is None or table is None or declared is None:
            continue
        if catalog.dialect == "sqlite" or declared.kind in NEEDS_LAYOUT:
            engine = stores.engines[catalog.store]
            found[f"{dataset}.{column}"] = introspect.text_layout(engine, table, column)
    return found


def _dated(datamap: DataMap) -> Sequence[tuple[str, str]]:
    own = [
        (name, column) for name, dataset in datamap.datasets.items() for column in dataset.anchors.values()
    ]
    places = [place.rpartition(".") for event in datamap.events.values() for place in event.latest_of]
    return [*own, *((dataset, column) for dataset, _, column in places)]
