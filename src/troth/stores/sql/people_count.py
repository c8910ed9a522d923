"""Count the rows that predicates about the people at hand hold for: one statement a dataset, however many people.

What the questions of a dataset have in common is that a row is reached by some way. Those ways find the rows, each
by its own index; only then the questions are asked, of these rows alone. Reads only, all of one moment.
"""

from __future__ import annotations

import functools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import sqlalchemy as sa
from sqlalchemy.exc import SQLAlchemyError

from troth.apply.people import Question
from troth.catalog.model import Catalog, Table
from troth.people.manifest import Manifest
from troth.plan.predicates import All, Common, Exists, Not, Predicate, Staged
from troth.plan.predicates import Any as AnyOf
from troth.stores.sql import memory, staged_people, staging, targets
from troth.stores.sql.render import From, Renderer, Shelf, Truth, height, table_clause
from troth.stores.sql.staged_people import StagedPeople
from troth.stores.sql.trouble import explain

PLACE = ("tableoid", "ctid")
"""Where PostgreSQL keeps a row: the partition or table, and the address in it."""
DEEPEST = 3
"""Looks inside one another beyond which SQLite is asked beside the statement: its parser's stack ends at 100."""


def count(
    engine: sa.Engine, catalog: Catalog, people: Manifest, questions: Sequence[Question]
) -> tuple[int, ...]:
    """Answer each question.

    Raises:
        StoreError: the store does not answer, or lets nobody make a temporary table.
    """
    by_dataset: dict[str, dict[Predicate, int]] = {}
    for one in questions:
        by_dataset.setdefault(one.dataset, {})[one.where] = 0
    if not by_dataset:
        return ()
    needed = staged_people.asked(catalog, people, {}, ((one.dataset, one.where) for one in questions))
    try:
        with staging.opened(engine, catalog, people, needed) as (connection, staged):
            found = _answers(connection, staged, {name: tuple(own) for name, own in by_dataset.items()})
            for (dataset, wheres), answers in zip(by_dataset.items(), found, strict=True):
                by_dataset[dataset] = {w: int(a or 0) for w, a in zip(wheres, answers, strict=True)}
    except SQLAlchemyError as error:
        raise explain(error, catalog.store) from error
    return tuple(by_dataset[one.dataset][one.where] for one in questions)


def _answers(
    connection: sa.Connection, staged: StagedPeople, asked: Mapping[str, tuple[Predicate, ...]]
) -> list[tuple[Any, ...]]:
    wanted = [
        (("count", staged.outline, name, wheres), functools.partial(statement, staged, name, wheres))
        for name, wheres in asked.items()
    ]
    return memory.run_all(connection, staged.catalog, wanted)


def statement(staged: StagedPeople, dataset: str, wheres: Sequence[Predicate]) -> sa.Select[Any]:
    """Render the count of one dataset."""
    finders = found_by(AnyOf(of=tuple(wheres)))
    rows = _placed(Renderer(staged.catalog).table(dataset)).alias("troth_rows")
    if finders is None:
        return _asked(Renderer(staged.catalog, staging=staged), dataset, wheres, rows)
    if staged.catalog.dialect != "postgresql" and len(finders) > 1:
        renderer = Renderer(staged.catalog, staging=staged)
        reached = sa.or_(*(renderer.where(dataset, finder, rows) for finder in finders))
        return _asked(renderer, dataset, wheres, rows).where(reached)
    known = {finder: number for number, finder in enumerate(finders)}
    found = _found(staged, dataset, finders) if len(finders) > 1 else None
    renderer = Renderer(staged.catalog, staging=_Found(people=staged, rows=found, top=rows))
    query = _asked(renderer, dataset, [targets.by_way(where, known) for where in wheres], rows)
    if found is None:
        return query.where(Renderer(staged.catalog, staging=staged).where(dataset, finders[0], rows))
    return query.where(*(rows.c[name] == found.c[name] for name in PLACE))


def _asked(
    renderer: Renderer, dataset: str, wheres: Sequence[Predicate], rows: sa.FromClause
) -> sa.Select[Any]:
    one: sa.ColumnElement[int] = sa.literal_column("1")
    if renderer.catalog.dialect == "sqlite" and max(map(height, wheres), default=0) > DEEPEST:
        renderer = replace(renderer, shelf=Shelf())
    truths = [renderer.where(dataset, where, rows) for where in wheres]
    counts: list[Any] = [sa.func.count(sa.case((truth, one))) for truth in truths]
    return sa.select(*counts).select_from(rows)


def _found(staged: StagedPeople, dataset: str, finders: Sequence[Predicate]) -> sa.CTE:
    """Find rows by each way on its own, for OR would make PostgreSQL read every row; each is asked once."""
    renderer = Renderer(staged.catalog, staging=staged)
    parts = []
    for number, finder in enumerate(finders):
        own = _placed(renderer.table(dataset)).alias(f"troth_way_{number}")
        flags: list[sa.ColumnElement[Any]] = [
            sa.literal_column("1" if number == n else "0").label(f"w{n}") for n in range(len(finders))
        ]
        where = renderer.where(dataset, finder, own)
        parts.append(sa.select(*(own.c[name] for name in PLACE), *flags).select_from(own).where(where))
    every = sa.union_all(*parts).subquery("troth_every")
    flags = [sa.func.max(every.c[f"w{n}"]).label(f"w{n}") for n in range(len(finders))]
    place = [every.c[name] for name in PLACE]
    return sa.select(*place, *flags).group_by(*place).cte("troth_found")


def _placed(table: Table) -> sa.TableClause:
    """Make a table with the columns by which PostgreSQL tells rows apart, whatever keys it has."""
    made = table_clause(table)
    for name in PLACE:
        made.append_column(sa.column(name))
    return made


@dataclass(frozen=True, kw_only=True)
class _Found:
    """Answers by which ways the rows at hand were found, and all else from the staged people."""

    people: StagedPeople
    rows: sa.FromClause | None
    """With a column for each way; None where all rows were found by the only one."""
    top: sa.FromClause

    def member(self, entry: int, table: Table, source: From, columns: tuple[str, ...]) -> Truth:
        """Render `render.Staging.member`."""
        if entry >= 0:
            return self.people.member(entry, table, source, columns)
        assert source is self.top
        one: sa.ColumnElement[int] = sa.literal_column("1")
        if self.rows is None:
            return sa.true()
        width = len(self.rows.c) - len(PLACE)
        return sa.or_(*(self.rows.c[f"w{n}"] == one for n in range(width) if -entry >> n & 1))

    def common(self, asked: Common, table: Table, source: From) -> Truth:
        """Render `render.Staging.common`."""
        return self.people.common(asked, table, source)


def found_by(predicate: Predicate) -> tuple[Predicate, ...] | None:
    """List questions that begin at the people, of which one holds wherever the predicate does; None if none do."""
    match predicate:
        case Staged():
            return (predicate,)
        case Exists(where=where):
            return None if found_by(where) is None else (predicate,)
        case All(of=parts):
            able = [found for part in parts if (found := found_by(part)) is not None]
            return min(able, key=len, default=None)
        case AnyOf(of=parts):
            each = [found_by(part) for part in parts]
            if any(found is None for found in each):
                return None
            return tuple(dict.fromkeys(one for found in each if found is not None for one in found))
        case Not(of=Not(of=part)):
            return found_by(part)
        case _:
            return None
