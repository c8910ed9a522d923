"""What a store looks like to the project: its grants, its structure, what the data map leaves unsaid."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from troth.app import project as projects
from troth.app import stores
from troth.app.clock import Clock
from troth.catalog.undeclared import undeclared
from troth.problems import BadInput, Problem, nearest
from troth.stores.sql import grants as granting


@dataclass(frozen=True, slots=True, kw_only=True)
class Described:
    """One store as it is now."""

    store: str
    dialect: str
    tables: int
    mapped: int
    fingerprint: str
    undeclared: tuple[Problem, ...]


def grants(folder: Path, environment: Mapping[str, str], clock: Clock, store: str) -> str:
    """Write the SQL of the two least-privilege roles for one store.

    Raises:
        BadInput: when the project has faults or no such store with an address.
    """
    project = projects.load(folder, clock.now().date())
    with stores.opened(project, environment, readonly=True) as opened:
        catalog = opened.catalogs.get(store)
        if catalog is None:
            raise BadInput([_unknown(store, tuple(opened.catalogs))])
        return granting.grants(catalog, project.datamap, catalog.dialect)


def catalog(folder: Path, environment: Mapping[str, str], clock: Clock, store: str) -> tuple[Described, ...]:
    """Describe every store, or the one that is named.

    Raises:
        BadInput: when the project has faults or no such store with an address.
    """
    project = projects.load(folder, clock.now().date())
    with stores.opened(project, environment, readonly=True) as opened:
        if store and store not in opened.catalogs:
            raise BadInput([_unknown(store, tuple(opened.catalogs))])
        return tuple(
            Described(
                store=name,
                dialect=found.dialect,
                tables=len(found.tables),
                mapped=sum(d.startswith(f"{name}.") for d in project.datamap.datasets),
                fingerprint=found.fingerprint,
                undeclared=undeclared(project.datamap, {name: found}),
            )
            for name, found in opened.catalogs.items()
            if store in ("", name)
        )


def _unknown(store: str, valid: tuple[str, ...]) -> Problem:
    return Problem(
        code="unknown-name",
        message="The data map has no store of that name with an address.",
        found=store,
        valid=valid,
        nearest=nearest(store, valid),
        hint="Name one of the project's stores.",
    )
