"""Properties of plans over random projects, against the oracle, on SQLite."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import sqlalchemy as sa
from hypothesis import given, settings
from hypothesis import strategies as st

from db import random_projects as projects
from db.oracle import Oracle
from troth.plan import draft, grounds, model, seal
from troth.plan.model import DeleteRows, Plan
from troth.stores.sql import coarse, introspect, measure
from troth.stores.sql import open as opening
from troth.stores.sql.render import Renderer, table_clause

SEEDS = st.integers(min_value=0, max_value=10**6)
MANY, SOME, FEW = 100, 30, 20
"""How many worlds. Each is a whole project with tables, rules, holds and rows, and has most kinds of step in it."""


def engine() -> sa.Engine:
    """Open an empty SQLite database that checks foreign keys."""
    made = sa.create_engine("sqlite://", poolclass=sa.pool.StaticPool)
    sa.event.listen(made, "connect", lambda raw, _record: raw.execute("PRAGMA foreign_keys = ON"))
    return made


def planned(case: projects.Case, store: sa.Engine) -> Plan:
    """Draft, measure and seal."""
    seen = projects.world(case, introspect.read(store, "app"))
    drafted = draft.draft(seen)
    answers = measure.measure(store, seen.catalogs["app"], drafted.surveys)
    return seal.seal(seen, drafted, answers, simulation=False)


def carry_out(case: projects.Case, plan: Plan, store: sa.Engine) -> list[tuple[str, int, int]]:
    """Run the steps one after the other; return planned and touched rows of each."""
    seen = projects.world(case, introspect.read(store, "app"))
    renderer = Renderer(seen.catalogs["app"])
    done = []
    with store.begin() as connection:
        coarse.teach(connection)
        for step in plan.steps:
            table = table_clause(renderer.table(step.dataset))
            where = renderer.where(step.dataset, grounds.filled(seen, step.dataset, step.where), table)
            if isinstance(step, DeleteRows):
                statement: Any = sa.delete(table).where(where)
            else:
                values = renderer.values(step.dataset, step.changes, table)
                statement = sa.update(table).values(values).where(where)
            done.append((step.id, step.planned.rows, connection.execute(statement).rowcount))
    return done


def content(case: projects.Case, store: sa.Engine) -> dict[str, list[dict[str, Any]]]:
    """Read every row."""
    meta = projects.metadata(case.project)
    with store.connect() as connection:
        return {
            name: [dict(r) for r in connection.execute(sa.select(table).order_by(table.c.id)).mappings()]
            for name, table in meta.tables.items()
        }


def expected(case: projects.Case) -> dict[str, list[dict[str, Any]]]:
    """Return every row as the oracle says it must be afterwards."""
    decision = Oracle(case.project, case.rows, projects.TODAY).decide()
    return {
        table: [
            {c: None if c in decision.blanked.get((table, row["id"]), ()) else v for c, v in row.items()}
            for row in rows
            if (table, row["id"]) not in decision.gone
        ]
        for table, rows in case.rows.items()
    }


@settings(max_examples=MANY, deadline=None)
@given(seed=SEEDS)
def test_carrying_out_a_plan_leaves_what_the_oracle_says(seed: int) -> None:
    """A row is gone, and a field empty, exactly where every rule says so; and counts are what was planned.

    The lines of a survey add up to its table, and the plan says so: every row is counted once.
    """
    case = projects.make(seed)
    store = engine()
    projects.fill(store, case)
    made = planned(case, store)
    for dataset, rows in made.table_rows:
        assert rows == len(case.rows[dataset.partition(".")[2]]), (seed, dataset)
    done = carry_out(case, made, store)
    wanted = expected(case)
    for table, found in content(case, store).items():
        assert found == wanted[table], (seed, table)
    assert [(i, p) for i, p, _ in done] == [(i, n) for i, _, n in done], seed


@settings(max_examples=SOME, deadline=None)
@given(seed=SEEDS)
def test_a_second_plan_finds_nothing_the_first_one_missed(seed: int) -> None:
    """What is left to do after a plan could not be done before it: nothing is planned twice."""
    case = projects.make(seed)
    store = engine()
    projects.fill(store, case)
    first = planned(case, store)
    carry_out(case, first, store)
    again = [carry_out(case, planned(case, store), store) for _ in range(2)]
    assert again[-1] == [], seed


@settings(max_examples=FEW, deadline=None)
@given(seed=SEEDS)
def test_the_same_world_gives_the_same_hash(seed: int) -> None:
    """Two plans of one world are one plan, and it comes back from its file."""
    case = projects.make(seed)
    store = engine()
    projects.fill(store, case)
    one, two = planned(case, store), planned(case, store)
    assert one.hash == two.hash
    assert model.load(model.dump(one)) == one


def test_random_projects_agree_on_mariadb(mariadb_url: str) -> None:
    """A smaller number of projects, on MariaDB, which checks references row by row."""
    store = opening.connect(mariadb_url)
    for seed in range(15):
        case = projects.make(seed)
        projects.fill(store, case)
        done = carry_out(case, planned(case, store), store)
        found = content(case, store)
        with store.begin() as connection:
            connection.exec_driver_sql("SET foreign_key_checks = 0")
            for table in case.project.tables:
                connection.exec_driver_sql(f"DROP TABLE {table}")
            connection.exec_driver_sql("SET foreign_key_checks = 1")
        assert found == expected(case), seed
        assert [(i, p) for i, p, _ in done] == [(i, n) for i, _, n in done], seed
    store.dispose()


def test_random_projects_agree_on_postgresql(new_pg_url: Callable[[], str]) -> None:
    """A smaller number of projects, on PostgreSQL: the same rows go, and the counts are those planned."""
    url = new_pg_url().replace("postgresql://", "postgresql+psycopg://")
    store = sa.create_engine(url)
    for seed in range(FEW):
        case = projects.make(seed)
        projects.fill(store, case)
        done = carry_out(case, planned(case, store), store)
        found = content(case, store)
        with store.begin() as connection:
            connection.execute(sa.text("DROP SCHEMA public CASCADE"))
            connection.execute(sa.text("CREATE SCHEMA public"))
        assert found == expected(case), seed
        assert [(i, p) for i, p, _ in done] == [(i, n) for i, _, n in done], seed
    store.dispose()
