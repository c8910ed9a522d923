"""What a live store holds and the data map does not speak of: tables and columns in neither of its lists.

A table is declared under `datasets` or `no-personal-data`; a column of a mapped dataset as a field, by the part it
plays (key, reference, anchor, …), or as harmless. What is left may hold personal data that no rule ends, so that
every promise about the store is unproven. Pure; which stores were read is said by the catalogs given.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from troth.catalog import reach
from troth.catalog.datamap import Controller, DataMap, Dataset, Subject
from troth.catalog.model import Catalog, Table, TableKind
from troth.problems import Problem

WITHIN_OTHERS = frozenset({TableKind.PARTITION, TableKind.SHADOW})
"""Their rows are reached through another table, which must be declared itself."""


def undeclared(datamap: DataMap, catalogs: Mapping[str, Catalog]) -> tuple[Problem, ...]:
    """List every table and column of the live stores that the data map leaves unsaid, in order of name.

    Views of SQLite hold nothing of their own and are left out. Elsewhere a view may be a stored copy
    (PostgreSQL: materialized views, foreign tables), so it is declared like a table.
    """
    used = _used_by_reach(datamap, catalogs)
    found: list[Problem] = []
    for store, catalog in sorted(catalogs.items()):
        if store not in datamap.stores:
            continue
        for name, table in sorted(catalog.tables.items()):
            dataset = f"{store}.{name}"
            if table.outside or table.kind in WITHIN_OTHERS or _harmless(datamap, dataset):
                continue
            if dataset in datamap.datasets:
                found += _columns(datamap, dataset, table, used.get(dataset, frozenset()))
            elif not (table.kind is TableKind.VIEW and catalog.dialect == "sqlite"):
                found.append(_table(dataset, table))
    return tuple(found)


def _harmless(datamap: DataMap, dataset: str) -> bool:
    return any(_fits(pattern, dataset) for pattern in datamap.no_personal_data)


def _fits(pattern: str, dataset: str) -> bool:
    """Compare exactly, or by beginning where the pattern ends in `*` and names a part of the table."""
    beginning = pattern.removesuffix("*")
    if beginning == pattern:
        return pattern == dataset
    return not beginning.endswith(".") and "." in beginning and dataset.startswith(beginning)


def _columns(datamap: DataMap, dataset: str, table: Table, reached: frozenset[str]) -> Iterator[Problem]:
    declared = reached | _declared(datamap, dataset, datamap.datasets[dataset], table)
    prefix = f"{dataset}."
    for column in table.column_names:
        if column in declared or f"{prefix}{column}" in datamap.no_personal_data:
            continue
        yield Problem(
            code="undeclared-column",
            message=f"{prefix}{column} is declared neither as a field nor as harmless",
            hint="Add it to the dataset's fields, or to its no-personal-data.",
            about=f"{prefix}{column}",
        )


def _table(dataset: str, table: Table) -> Problem:
    what = "view (which may be a stored copy)" if table.kind is TableKind.VIEW else "table"
    return Problem(
        code="undeclared-table",
        message=f"The {what} {dataset} is in neither list of the data map",
        hint=f"Describe it under datasets, or add {dataset} to no-personal-data.",
        about=dataset,
    )


def _declared(datamap: DataMap, name: str, dataset: Dataset, table: Table) -> frozenset[str]:
    """Name the columns the map or the schema gives a part to."""
    said = {field.name for fields in dataset.fields.values() for field in fields}
    said |= {*table.primary_key, *dataset.no_personal_data, *dataset.anchors.values()}
    said |= {column for key in table.foreign_keys for column in key.columns}
    said |= {running.column for running in dataset.open_while.values()}
    said |= {*dataset.minimal_record.values(), dataset.restricted, *dataset.objected.values()}
    if isinstance(dataset.controller, Controller):
        said.add(dataset.controller.column)
    for subject in datamap.subjects.values():
        said |= _of_subject(subject) if subject.dataset == name else set()
    dates = (place.rpartition(".") for source in datamap.events.values() for place in source.latest_of)
    return frozenset(said | {column for owner, _, column in dates if owner == name})


def _of_subject(subject: Subject) -> set[str]:
    identities = (name for i in subject.identities.values() for name in (i.field, i.verified))
    return {*subject.key, *identities, subject.residence, subject.born}


def _used_by_reach(datamap: DataMap, catalogs: Mapping[str, Catalog]) -> dict[str, frozenset[str]]:
    """Name the columns that ways to subjects run through, by dataset."""
    used: dict[str, frozenset[str]] = {}
    for hop in reach.resolve(datamap, catalogs).hops():
        used[hop.source] = used.get(hop.source, frozenset()) | set(hop.columns)
        used[hop.target] = used.get(hop.target, frozenset()) | set(hop.target_columns)
    return used
