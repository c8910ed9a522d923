"""Count the rows that predicates about the people at hand hold for: one statement a dataset, however many people.

What the questions of a dataset have in common is that a row is reached by some way. Those ways find the rows, each
by its own index; only then the questions are asked, of these rows alone. Reads only, all of one moment.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.exc import SQLAlchemyError

from troth.apply.people import Question
from troth.catalog.model import Catalog
from troth.people.manifest import Manifest
from troth.plan.predicates import All, Exists, Not, Predicate, Staged
from troth.plan.predicates import Any as AnyOf
from troth.stores.sql import staging
from troth.stores.sql.render import Renderer, Truth, table_clause
from troth.stores.sql.staging import StagedPeople
from troth.stores.sql.trouble import explain


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
    shapes = staging.asked(catalog, people, {}, ((one.dataset, one.where) for one in questions))
    try:
        with staging.opened(engine, catalog, people, shapes) as (connection, staged):
            for dataset, wheres in by_dataset.items():
                answers = connection.execute(statement(staged, dataset, tuple(wheres))).one()
                by_dataset[dataset] = {w: int(a or 0) for w, a in zip(wheres, answers, strict=True)}
    except SQLAlchemyError as error:
        raise explain(error, catalog.store) from error
    return tuple(by_dataset[one.dataset][one.where] for one in questions)


def statement(staged: StagedPeople, dataset: str, wheres: Sequence[Predicate]) -> sa.Select[Any]:
    """Render the count of one dataset."""
    renderer = Renderer(staged.catalog, staging=staged)
    rows = table_clause(renderer.table(dataset)).alias("troth_rows")
    one: sa.ColumnElement[int] = sa.literal_column("1")
    finders = found_by(AnyOf(of=tuple(wheres)))
    counts: list[Any] = []
    for where in wheres:
        if finders == (where,):
            counts.append(sa.func.count())
            continue
        counts.append(sa.func.sum(sa.case((renderer.where(dataset, where, rows), one))))
    query = sa.select(*counts).select_from(rows)
    return query if finders is None else query.where(_reached(renderer, dataset, finders, rows))


def _reached(renderer: Renderer, dataset: str, finders: Sequence[Predicate], rows: Any) -> Truth:
    """Say that some way reaches a row; PostgreSQL looks for each by itself, for OR would make it read every row."""
    if renderer.catalog.dialect != "postgresql" or len(finders) == 1:
        return sa.or_(*(renderer.where(dataset, finder, rows) for finder in finders))
    table = renderer.table(dataset)
    parts = []
    for number, finder in enumerate(finders):
        own = table_clause(table).alias(f"troth_way_{number}")
        place: sa.ColumnElement[Any] = sa.literal_column(f"{own.name}.ctid")
        parts.append(sa.select(place).select_from(own).where(renderer.where(dataset, finder, own)))
    here: sa.ColumnElement[Any] = sa.literal_column(f"{rows.name}.ctid")
    # Rows of several partitions may have one address: too many are asked then, and say no.
    return here.in_(sa.union(*parts))


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
