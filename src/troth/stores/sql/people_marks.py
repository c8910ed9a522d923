"""The store's own memory of batches of people: written in the transaction that does the work.

On PostgreSQL in the schema `troth`, elsewhere beside the data. It holds numbers and a plan's hash, nothing of people.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.exc import SQLAlchemyError

from troth.apply.people import Done, PeopleBatch
from troth.catalog.model import Catalog
from troth.stores.sql.store import SCHEMA
from troth.stores.sql.trouble import Trouble, classify, explain

MARKS = sa.Table(
    "troth_people_batches",
    sa.MetaData(),
    sa.Column("plan", sa.Text().with_variant(sa.String(100), "mariadb"), primary_key=True),
    sa.Column("batch", sa.Integer, primary_key=True),
    sa.Column("step", sa.Integer, primary_key=True),
    sa.Column("rows", sa.BigInteger, nullable=False),
    sa.Column("at", sa.Text, nullable=False),
    mariadb_engine="InnoDB",
    mariadb_charset="utf8mb4",
)
_IN_SCHEMA = MARKS.to_metadata(sa.MetaData(), schema=SCHEMA)
NO_STEP = 0
"""Step of the mark of a batch that had nothing to do."""


_THERE = sa.text(f"SELECT to_regclass('{SCHEMA}.{MARKS.name}') IS NOT NULL")


def _marks(dialect: str) -> sa.Table:
    return _IN_SCHEMA if dialect == "postgresql" else MARKS


def prepare(engine: sa.Engine, catalog: Catalog) -> bool:
    """Make the table of marks; False where the role may not.

    Raises:
        StoreError: the store does not answer.
    """
    options = {"sqlite_begin": "IMMEDIATE"}
    marks = _marks(catalog.dialect)
    try:
        with engine.connect().execution_options(**options) as connection, connection.begin():
            if catalog.dialect == "postgresql" and connection.execute(_THERE).scalar_one():
                return True
            seen = sa.inspect(connection)
            if seen.has_table(marks.name, schema=marks.schema):
                return True
            if marks.schema and not seen.has_schema(marks.schema):
                connection.execute(sa.schema.CreateSchema(marks.schema))
            marks.create(connection)
        return True
    except SQLAlchemyError as error:
        if classify(error) is Trouble.DENIED:
            return False
        raise explain(error, catalog.store) from error


def put(
    connection: sa.Connection, catalog: Catalog, batch: PeopleBatch, rows: Mapping[int, int], at: datetime
) -> None:
    """Write down what a batch did, one row for each step."""
    values = [
        {"plan": batch.plan, "batch": batch.number, "step": step, "rows": count, "at": at.isoformat()}
        for step, count in (rows or {NO_STEP: 0}).items()
    ]
    connection.execute(sa.insert(_marks(catalog.dialect)), values)


def done(engine: sa.Engine, catalog: Catalog, plan: str) -> tuple[Done, ...]:
    """List the batches of a plan that are done, in order.

    Raises:
        StoreError: the store does not answer.
    """
    marks = _marks(catalog.dialect)
    query = sa.select(marks.c.batch, marks.c.step, marks.c.rows, marks.c.at).where(marks.c.plan == plan)
    found: dict[int, dict[int, int]] = {}
    times: dict[int, str] = {}
    try:
        with engine.connect() as connection:
            for batch, step, rows, at in connection.execute(query.order_by(marks.c.batch, marks.c.step)):
                found.setdefault(batch, {})[step] = rows
                times[batch] = at
    except SQLAlchemyError as error:
        raise explain(error, catalog.store) from error
    return tuple(
        Done(
            number=number,
            rows={step: count for step, count in rows.items() if step != NO_STEP},
            at=datetime.fromisoformat(times[number]),
        )
        for number, rows in found.items()
    )
