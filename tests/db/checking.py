"""Run a check on a real database: write the project, fill the store, look at it, ask the surveys."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa

from troth.catalog import reach
from troth.catalog.model import Catalog, ColumnKind
from troth.plan.draft import draft
from troth.plan.world import Facts, Hold, World
from troth.promises.given import Given, Look
from troth.reading import Reading, read_project
from troth.stores.sql import introspect, measure
from troth.stores.sql import open as opening

AT = datetime(2026, 3, 1, 12, tzinfo=UTC)

HEAD = """
troth: 1
organisation: {name: Alma, timezone: UTC}
"""


@dataclass(frozen=True, kw_only=True)
class Shop:
    """A project and its one store, `app`."""

    url: str
    project: str
    rows: str
    """DDL and INSERTs, one statement a line."""
    holds: tuple[Hold, ...] = ()
    at: datetime = AT
    now: datetime = AT
    looks: Mapping[str, Look] = field(default_factory=dict)
    layouts: Mapping[str, str] = field(default_factory=dict)
    """How columns write dates, where a sample would not tell."""
    unread: bool = False
    """Leave the store out, as when it cannot be reached."""


def read(text: str) -> Reading:
    """Read a project of one file; a fault fails the test with its message."""
    reading = read_project({"troth.yaml": text.encode()})
    assert not reading.problems, [p.message for p in reading.problems]
    return reading


def fill(url: str, statements: str) -> sa.Engine:
    """Run statements on an empty store and return it open."""
    engine = opening.connect(url, store="app", create=True)
    with engine.begin() as connection:
        for line in statements.strip().split(";\n"):
            if line.strip():
                connection.exec_driver_sql(line.strip().rstrip(";"))
    return engine


def world(engine: sa.Engine, reading: Reading, *, at: datetime, holds: tuple[Hold, ...] = ()) -> World:
    """Look at the store and put together everything a plan follows from."""
    assert reading.policy is not None and reading.datamap is not None
    catalog = introspect.read(engine, "app")
    catalogs = {"app": catalog}
    return World(
        policy=reading.policy,
        datamap=reading.datamap,
        catalogs=catalogs,
        reaches=reach.resolve(reading.datamap, catalogs),
        facts=Facts(holds=holds, layouts=layouts(engine, catalog)),
        at=at,
    )


def layouts(engine: sa.Engine, catalog: Catalog) -> dict[str, str]:
    """Tell how each column that could hold dates as text or numbers writes them."""
    loose = (ColumnKind.TEXT, ColumnKind.INTEGER, ColumnKind.DATE, ColumnKind.DATETIME)
    return {
        f"app.{table.name}.{column.name}": introspect.text_layout(engine, table, column.name)
        for table in catalog.tables.values()
        for column in table.columns
        if column.kind in loose
    }


def given(shop: Shop) -> Given:
    """Do what the command does before it checks."""
    reading = read(HEAD + shop.project)
    engine = fill(shop.url, shop.rows)
    try:
        seen = world(engine, reading, at=shop.at, holds=shop.holds)
        if shop.layouts:
            facts = Facts(holds=shop.holds, layouts={**seen.facts.layouts, **shop.layouts})
            seen = replace(seen, facts=facts)
        looks: dict[str, Look] = {"app": Look(at=shop.now), **shop.looks}
        if shop.unread:
            seen = replace(seen, catalogs={}, reaches=reach.Reaches())
        made = draft(seen, grace=True)
        answers: Any = {} if shop.unread else measure.measure(engine, seen.catalogs["app"], made.surveys)
    finally:
        engine.dispose()
    return Given(world=seen, draft=made, answers=answers, looks=looks, now=shop.now, places=reading.spans)
