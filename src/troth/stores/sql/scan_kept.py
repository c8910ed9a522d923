"""What of a table's rows stays by the plan, and for whom: asked of the people at hand, as the plan's counts were.

One statement for each way of a dataset, however many people: rows are joined with the people they lead to, and the
rules are asked of them. Rows are told apart by their address, which a scan of the same moment gives, too.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

import sqlalchemy as sa

from troth.apply.people import Kept
from troth.people.entries import Way
from troth.stores.sql import people_count, places, scan_postgresql
from troth.stores.sql.render import Renderer, Shelf, height, table_clause
from troth.stores.sql.scan_places import Place
from troth.stores.sql.staged_people import StagedPeople
from troth.stores.tally import Stays, Tally

AT_ONCE = 1000


def stays(
    connection: sa.Connection, place: Place, ways: Sequence[Way], staged: StagedPeople, tally: Tally
) -> Mapping[Hashable, Stays]:
    """Say of the rows that wait in a tally what stays of them, for whom."""
    found: dict[Hashable, dict[int, list[Kept]]] = {}
    for way in ways:
        query = _statement(place, way, staged, tally.rules)
        for row in connection.execute(query.execution_options(yield_per=AT_ONCE)):
            where = address(staged.catalog.dialect, row[1 : -len(tally.rules)])
            if tally.awaits(where):
                known = found.setdefault(where, {}).setdefault(row[0], [])
                flags = zip(tally.rules, row[-len(tally.rules) :], strict=True)
                known += [rule for rule, flag in flags if flag and rule not in known]
    return found


def _statement(place: Place, way: Way, staged: StagedPeople, rules: Sequence[Kept]) -> sa.Select[Any]:
    source = table_clause(place.table).alias("troth_rows")
    tables, truth, person = staged.joined(way, place.dataset, source)
    renderer = Renderer(staged.catalog, staging=staged)
    deepest = max(height(rule.where) for rule in rules)
    if staged.catalog.dialect == "sqlite" and deepest > people_count.DEEPEST:
        renderer = replace(renderer, shelf=Shelf())
    truths = [renderer.where(place.dataset, rule.where, source) for rule in rules]
    flags: list[sa.ColumnElement[Any]] = [sa.case((one, 1), else_=0) for one in truths]
    named = [person, *addressed(staged.catalog.dialect, place, source), *flags]
    labelled = [one.label(f"c{n}") for n, one in enumerate(named)]
    return sa.select(*labelled).select_from(source).join(tables, truth).where(sa.or_(*truths))


def addressed(dialect: str, place: Place, source: sa.FromClause) -> Iterator[sa.ColumnElement[Any]]:
    """Name what tells rows of an alias apart; what every table has stands in no table's list of columns."""
    assert isinstance(source, sa.Alias)
    if dialect == "postgresql":
        yield sa.literal_column(f"CAST({source.name}.tableoid AS text)")
        yield sa.literal_column(f"CAST({source.name}.ctid AS text)")
        return
    for one in places.address(dialect, place.table, source):
        own = isinstance(one, sa.sql.elements.ColumnClause) and one.is_literal
        yield sa.literal_column(f"{source.name}.{one}") if own else one


def address(dialect: str, values: Sequence[Any]) -> Hashable:
    """Write an address as the scan does."""
    return scan_postgresql.address(*values) if dialect == "postgresql" else tuple(values)
