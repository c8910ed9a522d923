"""Names and keys of people, looked for in the rows that still lead to them: elsewhere others share them.

One statement for each dataset, however many people: rows are joined with the people at hand by every way, as exports
read them, and each row comes with the person it leads to. Columns that lead there are left out: whether the row may
keep them is the plan's business.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Iterator, Sequence
from typing import Any

import sqlalchemy as sa

from troth.people.entries import Way
from troth.people.tokens import Spot, Tokens
from troth.stores.sql import scan_kept
from troth.stores.sql.render import table_clause
from troth.stores.sql.scan_places import LONGEST_BINARY, Place
from troth.stores.sql.staged_people import StagedPeople

AT_ONCE = 1000


def look(
    connection: sa.Connection,
    place: Place,
    ways: Sequence[Way],
    staged: StagedPeople,
    tokens: Tokens,
) -> Iterator[tuple[Hashable, Sequence[Iterable[Spot]]]]:
    """Yield, for each row that shows a name or a key of its person, its address and what its columns show."""
    passed = _leading(place, ways)
    looked = [read == "text" and column.name not in passed for column, read in place.columns]
    if not any(looked):
        return
    statement = _statement(place, ways, staged, looked)
    for row in connection.execute(statement.execution_options(yield_per=AT_ONCE)):
        texts = iter(row[1 : 1 + sum(looked)])
        shown = [tokens.spot_near(row[0], _plain(next(texts))) if wanted else () for wanted in looked]
        if any(shown):
            yield scan_kept.address(staged.catalog.dialect, row[1 + sum(looked) :]), shown


def _statement(
    place: Place, ways: Sequence[Way], staged: StagedPeople, looked: Sequence[bool]
) -> sa.Select[Any] | sa.CompoundSelect[Any]:
    """Read the rows of every way; the union leaves each row once for each person."""
    parts = []
    for way in ways:
        source = table_clause(place.table).alias("troth_rows")
        tables, truth, person = staged.joined(way, place.dataset, source)
        texts = [
            _text(source.c[column.name], staged.catalog.dialect)
            for (column, _), wanted in zip(place.columns, looked, strict=True)
            if wanted
        ]
        where = scan_kept.addressed(staged.catalog.dialect, place, source)
        parts.append(sa.select(person, *texts, *where).select_from(source).join(tables, truth))
    named = [
        part.with_only_columns(*(c.label(f"c{n}") for n, c in enumerate(part.selected_columns)))
        for part in parts
    ]
    return named[0].distinct() if len(named) == 1 else sa.union(*named)


def _text(value: sa.ColumnElement[Any], dialect: str) -> sa.ColumnElement[Any]:
    return sa.cast(value, sa.Text) if dialect == "postgresql" else value


def _plain(value: object) -> str:
    if isinstance(value, bytes):
        return value[:LONGEST_BINARY].decode(errors="replace")
    return "" if value is None else str(value)


def _leading(place: Place, ways: Sequence[Way]) -> frozenset[str]:
    """Name the columns by which the row leads to people, and its own keys."""
    first = (way.path[0][1] if way.path else tuple((c, c) for c in way.end.columns) for way in ways)
    links = {own for pairs in first for own, _ in pairs}
    keys = {name for key in place.table.foreign_keys for name in key.columns}
    return frozenset(links | keys | set(place.table.primary_key))
