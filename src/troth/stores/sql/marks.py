"""The table in which a store remembers which batches are done, beside the rows they changed.

A mark is written in the transaction of its batch. Where the table lies is the dialect's: a schema of ours on
PostgreSQL, the store's own database elsewhere.
"""

from __future__ import annotations

import sqlalchemy as sa

MARKS = sa.Table(
    "troth_batches",
    sa.MetaData(),
    sa.Column("plan", sa.Text().with_variant(sa.String(100), "mariadb"), primary_key=True),
    sa.Column("step", sa.Integer, primary_key=True),
    sa.Column("batch", sa.Integer, primary_key=True),
    sa.Column("address", sa.Text, nullable=False),
    sa.Column("rows", sa.BigInteger, nullable=False),
    sa.Column("at", sa.Text, nullable=False),
    mariadb_engine="InnoDB",
    mariadb_charset="utf8mb4",
)
