"""What the last look at each store found that the data map does not say, kept so that a screen can show it at once.

A look is taken by every check, and on demand over every store of whatever kind. A store that is away keeps what its
last look found, with what it said. Only names of tables and columns are kept, never a value.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from troth.app import ledgers, people
from troth.app import project as projects
from troth.app.clock import Moment
from troth.app.requests.steps import Place
from troth.catalog import reach
from troth.catalog.datamap import DataMap
from troth.catalog.model import Catalog
from troth.catalog.undeclared import undeclared
from troth.ledger.ledger import Ledger

KEY = "look"
MOST_NAMES = 2_000
"""Names of undeclared things that are kept for one store."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """What the newest look at one store found."""

    store: str
    at: datetime | None
    """When it last answered."""
    engine: str = ""
    tables: int = 0
    undeclared: tuple[tuple[str, str], ...] = ()
    """Code and place of each table or column the data map leaves unsaid."""
    missing: tuple[str, ...] = ()
    """Datasets of the map the store does not have."""
    trouble: str = ""
    """What the newest try said, where the store did not answer."""
    reach: tuple[tuple[str, tuple[str, ...]], ...] = ()
    """Kinds of people the rows of each dataset lead to."""


def look(at: Place) -> tuple[Seen, ...]:
    """Look at every store now, patiently, and keep what was found.

    Raises:
        BadInput: when the project has faults.
    """
    now = at.clock.now()
    project = projects.load(at.folder, now.date())
    with people.everywhere(project, at.environment, Moment(at=now), readonly=True) as where:
        catalogs = {name: store.catalog for name, store in where.stores.items()}
        engines = {name: store.describe().engine for name, store in where.stores.items()}
        away = {one.what.removeprefix("store "): one.why for one in where.closed}
        databases = frozenset(where.sql.catalogs)
    with ledgers.opened(at.folder, at.environment, at.clock) as ledger:
        others = frozenset(catalogs) - databases
        keep(ledger, project.datamap, catalogs, away, at=now, engines=engines, others=others)
        return last(ledger, project.datamap)


def keep(
    ledger: Ledger,
    datamap: DataMap,
    catalogs: Mapping[str, Catalog],
    away: Mapping[str, str],
    *,
    at: datetime,
    engines: Mapping[str, str] | None = None,
    others: frozenset[str] = frozenset(),
) -> None:
    """Keep what some stores look like now; what is known of the others stays.

    Args:
        ledger: Where it is kept.
        datamap: What is declared.
        catalogs: Structure of the stores that answered.
        away: What the others said.
        at: When they were looked at.
        engines: What answers for each store, where it is not its dialect.
        others: Stores that are no databases: what is found in them has no columns anybody declared.
    """
    with ledger.writing():
        stores = _kept(ledger)
        found = _found(datamap, catalogs, others)
        for name, catalog in catalogs.items():
            engine = (engines or {}).get(name, catalog.dialect)
            stores[name] = {**found[name], "at": at.isoformat(), "engine": engine, "trouble": ""}
        for name, why in away.items():
            stores[name] = {**stores.get(name, {}), "trouble": why}
        ledger.settings.set(KEY, {"stores": stores})


def last(ledger: Ledger, datamap: DataMap) -> tuple[Seen, ...]:
    """Return what is known of each store of the data map, in its order."""
    kept = _kept(ledger)
    return tuple(_seen(name, kept.get(name, {}), datamap) for name in datamap.stores)


def _found(
    datamap: DataMap, catalogs: Mapping[str, Catalog], others: frozenset[str]
) -> dict[str, dict[str, Any]]:
    problems = [one for one in undeclared(datamap, catalogs) if one.about.partition(".")[0] not in others]
    ways = reach.resolve(datamap, catalogs, across=True)
    found: dict[str, dict[str, Any]] = {
        name: {"tables": len(catalog.tables), "undeclared": [], "missing": [], "reach": {}}
        for name, catalog in catalogs.items()
    }
    for problem in problems:
        names = found[problem.about.partition(".")[0]]["undeclared"]
        if len(names) < MOST_NAMES:
            names.append([problem.code, problem.about])
    for dataset in datamap.datasets:
        store = dataset.partition(".")[0]
        if store in found and store not in others and catalogs[store].dataset(dataset) is None:
            found[store]["missing"].append(dataset)
        elif store in found:
            kinds = [one.subject for one in ways.of.get(dataset, ())]
            found[store]["reach"][dataset] = list(dict.fromkeys(kinds))
    return found


def _kept(ledger: Ledger) -> dict[str, Any]:
    kept = ledger.settings.get(KEY)
    stores = kept.get("stores") if isinstance(kept, dict) else None
    return dict(stores) if isinstance(stores, dict) else {}


def _seen(name: str, kept: Mapping[str, Any], datamap: DataMap) -> Seen:
    return Seen(
        store=name,
        at=datetime.fromisoformat(kept["at"]) if kept.get("at") else None,
        engine=kept.get("engine", ""),
        tables=kept.get("tables", 0),
        undeclared=tuple(
            (code, about) for code, about in kept.get("undeclared", ()) if not _said(about, datamap)
        ),
        missing=tuple(one for one in kept.get("missing", ()) if one in datamap.datasets),
        trouble=kept.get("trouble", ""),
        reach=tuple((name, tuple(kinds)) for name, kinds in kept.get("reach", {}).items()),
    )


def _said(about: str, datamap: DataMap) -> bool:
    """Tell whether the map has come to speak of a table or column since the look."""
    if about in datamap.datasets or about in datamap.no_personal_data:
        return True
    name, _, column = about.rpartition(".")
    dataset = datamap.datasets.get(name)
    if dataset is None:
        return False
    fields = (field.name for listed in dataset.fields.values() for field in listed)
    return column in {*fields, *dataset.no_personal_data, *dataset.anchors.values()}
