"""Columns by which people are looked for and that no index leads: there, cost grows with the table.

Pure. Tells, and changes nothing. Asked of databases only: other stores have no indexes.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from troth.catalog.model import Table
from troth.people.entries import Entries, Way
from troth.people.kinds import Family
from troth.plan.world import World
from troth.rights.rows import Work
from troth.rights.shared import DATABASES

Place = tuple[str, tuple[str, ...]]


def missing(
    world: World, known: Entries, ways: Mapping[str, tuple[Way, ...]], works: Mapping[str, Work]
) -> Iterator[Place]:
    """Yield (dataset, columns) that are searched without an index, each once."""
    seen: dict[Place, None] = {}
    for name in works:
        exact = (way for way in ways[name] if known.of[way.end.entry].family is None)
        seen |= dict.fromkeys(way_place(name, way) for way in exact)
        seen |= dict.fromkeys(place for way in ways[name] for place in _looks(name, way))
        if works[name].fate == "delete":
            seen |= dict.fromkeys((child.dataset, child.columns) for child in works[name].children)
    for dataset, columns in seen:
        catalog = world.catalogs[dataset.partition(".")[0]]
        table = catalog.dataset(dataset)
        if catalog.dialect in DATABASES and table is not None and not led(table, columns):
            yield dataset, columns


def spelt(world: World, known: Entries, ways: Mapping[str, tuple[Way, ...]]) -> Iterator[str]:
    """Yield a sentence for each column that is compared in its normal form, and that no index leads for that.

    On PostgreSQL an index that sorts by bytes leads to an e-mail address in whatever letters.
    """
    for name, found in ways.items():
        for way in found:
            dataset, columns = way_place(name, way)
            catalog, family = world.catalogs[dataset.partition(".")[0]], known.of[way.end.entry].family
            if family is None or catalog.dialect not in DATABASES:
                continue
            table, mail = catalog.dataset(dataset), family is Family.EMAIL
            if table is not None and mail and columns[0] in dict(table.bytewise):
                continue
            helps = f"; an index ({columns[0]} text_pattern_ops) would lead to it"
            yield (
                f"{dataset}: {columns[0]} is compared however it is written, so every row of the table is read"
                f"{helps if mail and catalog.dialect == 'postgresql' else ''}"
            )


def way_place(dataset: str, way: Way) -> Place:
    """Return where a way's own columns, or those of the end of its path, are looked up."""
    return (way.path[-1][0] if way.path else dataset, way.end.columns)


def _looks(dataset: str, way: Way) -> Iterator[Place]:
    """Yield by what rows are looked up from the end of a path back to the dataset at hand."""
    here = dataset
    for there, match in way.path:
        yield here, tuple(own for own, _ in match)
        here = there


def led(table: Table, columns: tuple[str, ...]) -> bool:
    """Tell whether some index starts with the columns, in any order."""
    found = (table.primary_key, *table.uniques, *table.indexes)
    return any(set(index[: len(columns)]) == set(columns) for index in found)


def say(places: Iterable[Place]) -> Iterator[str]:
    """Yield a sentence for each place."""
    for dataset, columns in places:
        yield f"{dataset}: no index begins with {', '.join(columns)}, so every row of the table is read"
