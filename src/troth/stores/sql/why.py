"""Answer the questions about one row: one statement for what is true of it, one for each date elsewhere.

The row is found by its primary key, as typed. Only truths and dates are fetched.
"""

from __future__ import annotations

import uuid
from typing import Any

import sqlalchemy as sa
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.sql.elements import ColumnElement

from troth.catalog.model import Catalog, Column, ColumnKind, Table
from troth.plan.draft import Draft
from troth.plan.explain_row import Answered, Questions, Source, Why, ask, explain
from troth.plan.world import World
from troth.problems import BadInput, Problem, nearest
from troth.stores.sql import coarse
from troth.stores.sql.render import From, Renderer, table_clause
from troth.stores.sql.trouble import explain as explain_trouble


def read_place(world: World, place: str) -> tuple[str, tuple[str, ...]]:
    """Split `app.customers/123` into a mapped dataset and the values of its key; `a,b` is a key of two columns.

    Raises:
        BadInput: the dataset is not in the data map, has no live table or key, or the key has other columns.
    """
    dataset, slash, typed = place.partition("/")
    table = world.table(dataset)
    if dataset not in world.datamap.datasets or table is None:
        names = tuple(n for n in world.datamap.datasets if world.table(n) is not None)
        raise _refused(
            "unknown-name",
            f"No mapped dataset with a live table is called `{dataset}`",
            "Write store.table/key, as app.customers/123.",
            found=dataset,
            valid=names,
        )
    if not table.primary_key:
        raise _refused("bad-value", f"{dataset} has no key to find a row by", "Give the table a primary key.")
    columns = table.primary_key
    values = tuple(typed.split(",")) if len(columns) > 1 else (typed,)
    if not slash or not typed or len(values) != len(columns):
        shape = ",".join(columns)
        raise _refused(
            "bad-value",
            f"A row of {dataset} is named by its key: {', '.join(columns)}",
            f"Write {dataset}/{shape}, with the values in place of the names.",
        )
    return dataset, values


def why(engine: sa.Engine, world: World, draft: Draft, dataset: str, key: tuple[str, ...]) -> Why:
    """Explain one row: by which rule it ends, when, and what stands in the way.

    Args:
        engine: The store of the dataset, open.
        world: What a plan follows from; `world.at` is now.
        draft: Made from it, without grace.
        dataset: A dataset of the data map with a live table (see `read_place`).
        key: The values of its primary key, as typed.

    Raises:
        StoreError: the store does not answer.
    """
    catalog = world.catalogs[dataset.partition(".")[0]]
    answered = look(engine, catalog, ask(world, draft, dataset), key)
    return explain(world, draft, dataset, ",".join(key), answered)


def look(engine: sa.Engine, catalog: Catalog, questions: Questions, key: tuple[str, ...]) -> Answered | None:
    """Ask the store; None where no row has the key."""
    renderer = Renderer(catalog)
    table = renderer.table(questions.dataset)
    source = table_clause(table).alias("troth_row")
    at_key = _at_key(catalog, table, source, key)
    if at_key is None:
        return None
    try:
        with engine.connect() as connection:
            coarse.teach(connection)
            row = connection.execute(_truths(renderer, questions, source).where(at_key)).first()
            if row is None:
                return None
            truths = {name: bool(value) for name, value in zip(questions.truths, row[1:], strict=True)}
            dates = {
                wanted: connection.execute(_latest(renderer, source, wanted).where(at_key)).scalar()
                for wanted in questions.sources
            }
    except SQLAlchemyError as error:
        raise explain_trouble(error, catalog.store) from error
    return Answered(truths=truths, dates=dates)


def _truths(renderer: Renderer, questions: Questions, source: From) -> sa.Select[Any]:
    columns: list[ColumnElement[Any]] = [sa.literal_column("1").label("troth_there")]
    for number, predicate in enumerate(questions.truths.values()):
        truth = renderer.where(questions.dataset, predicate, source)
        flag: ColumnElement[Any] = sa.case((truth, sa.literal_column("1")), else_=sa.literal_column("0"))
        columns.append(flag.label(f"troth_{number}"))
    return sa.select(*columns).select_from(source)


def _latest(renderer: Renderer, source: From, wanted: Source) -> sa.Select[Any]:
    """Follow the way to a dated column and take its latest value."""
    here, joined = source, source
    for number, (dataset, match) in enumerate(wanted.joins):
        there = table_clause(renderer.table(dataset)).alias(f"troth_way_{number}")
        on = sa.and_(*(here.c[own] == there.c[other] for own, other in match))
        here, joined = there, joined.join(there, on)
    return sa.select(sa.func.max(here.c[wanted.column])).select_from(joined)


def _at_key(catalog: Catalog, table: Table, source: From, key: tuple[str, ...]) -> ColumnElement[bool] | None:
    """Compare the key with what was typed, in the type of each column; None where no row could have it."""
    parts: list[ColumnElement[bool]] = []
    for name, text in zip(table.primary_key, key, strict=True):
        column = table.column(name)
        assert column is not None
        part = _equals(catalog.dialect, column, source.c[name], text)
        if part is None:
            return None
        parts.append(part)
    return sa.and_(*parts)


def _equals(dialect: str, column: Column, value: ColumnElement[Any], text: str) -> ColumnElement[bool] | None:
    try:
        if column.kind is ColumnKind.INTEGER:
            return value == sa.literal(int(text))
        if column.kind is ColumnKind.UUID and dialect == "postgresql":
            return value == sa.literal(uuid.UUID(text))
    except ValueError:
        return None
    if column.kind is ColumnKind.TEXT:
        return value == sa.literal(text)
    return sa.cast(value, sa.Text) == sa.literal(text)


def _refused(code: str, message: str, hint: str, *, found: str = "", valid: tuple[str, ...] = ()) -> BadInput:
    close = nearest(found, valid) if found else ""
    problem = Problem(code=code, message=message, hint=hint, found=found, valid=valid, nearest=close)
    return BadInput([problem])
