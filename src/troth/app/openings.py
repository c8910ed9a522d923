"""Every store of a project, opened once to see whether it answers and what it can do for people's rights."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import get_args

from troth.app import people
from troth.app import project as projects
from troth.app.clock import Moment
from troth.rights.abilities import Ability

NOT_YET = "restrict"
"""Asked of a store by other means than a step of a plan."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Opened:
    """One store, as it was found."""

    store: str
    engine: str
    """What answers for it; empty where nothing did."""
    located: str
    datasets: int
    """Tables, file sets or mailboxes that were found in it."""
    cannot: tuple[str, ...]
    """Steps of a plan it cannot do: these become tasks for a person."""
    atomic: bool
    """A batch of people is all or nothing."""
    notes: tuple[str, ...]


def opened(folder: Path, environment: Mapping[str, str], moment: Moment) -> tuple[Opened, ...]:
    """Open every store and say what came of it, in the order of the data map.

    Raises:
        BadInput: the project has faults.
    """
    project = projects.load(folder, moment.at.date())
    with people.everywhere(project, environment, moment, readonly=True) as where:
        closed = {one.what.removeprefix("store "): one.why for one in where.closed}
        return tuple(_each(where, closed))


def _each(where: people.Everywhere, closed: Mapping[str, str]) -> Iterator[Opened]:
    for name, declared in where.project.datamap.stores.items():
        if name in closed:
            notes = (closed[name],)
            yield Opened(
                store=name,
                engine="",
                located=declared.located,
                datasets=0,
                cannot=(),
                atomic=False,
                notes=notes,
            )
            continue
        store = where.stores[name]
        told = store.describe()
        yield Opened(
            store=name,
            engine=told.engine,
            located=declared.located,
            datasets=sum(1 for table in store.catalog.tables.values() if table.writable),
            cannot=tuple(a for a in get_args(Ability) if a not in told.can and a != NOT_YET),
            atomic=told.atomic,
            notes=told.notes,
        )
