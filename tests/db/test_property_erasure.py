"""Properties of erasures over random projects, on SQLite: against a slow oracle, and by composition."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import sqlalchemy as sa
from hypothesis import given, settings
from hypothesis import strategies as st

from db import erasing, random_people
from db.erasure_oracle import Oracle
from troth.rights import model
from troth.stores.sql import introspect
from troth.stores.sql import open as opening

SEEDS = st.integers(min_value=0, max_value=10**6)


@contextmanager
def filled(case: random_people.Case) -> Iterator[sa.Engine]:
    """Open a database with the rows of a case."""
    with tempfile.TemporaryDirectory() as folder:
        engine = opening.connect(f"sqlite:///{Path(folder) / 'app.sqlite'}", create=True)
        try:
            random_people.fill(engine, case)
            yield engine
        finally:
            engine.dispose()


def chosen(case: random_people.Case, seed: int) -> list[int]:
    """Choose who is erased: some, by the seed."""
    return [row["id"] for row in case.rows["people"] if (seed >> row["id"]) & 1]


def plan(case: random_people.Case, engine: sa.Engine, people: list[int]) -> erasing.Erasure:
    """Plan the erasure of some people."""
    return erasing.plan(random_people.world(case, introspect.read(engine, "app")), engine, "person", people)


@settings(max_examples=60, deadline=None)
@given(seed=SEEDS)
def test_an_erasure_leaves_what_the_oracle_says(seed: int) -> None:
    """A row is gone, and a field empty, exactly where nothing keeps it; and every count is what was planned."""
    case = random_people.make(seed)
    people = chosen(case, seed)
    wanted = Oracle(case.project, case.rows, frozenset(people)).after()
    with filled(case) as engine:
        made = plan(case, engine, people)
        done = made.carry_out()
        for table, rows in random_people.content(case, engine).items():
            assert rows == wanted[table], (seed, table)
    planned = {number: step.rows for number, step in enumerate(made.plan.steps, 1)}
    assert done == planned, seed
