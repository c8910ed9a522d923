"""Properties of erasures over random projects, on SQLite: against a slow oracle, and by composition."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import sqlalchemy as sa
from hypothesis import given, settings
from hypothesis import strategies as st

from db import erasing, random_people
from db.erasure_oracle import Oracle, Row
from troth.rights import holds, model, seal
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


def plan(case: random_people.Case, engine: sa.Engine, people: list[int], said: int = 1) -> erasing.Erasure:
    """Plan the erasure of some people."""
    seen = random_people.world(case, introspect.read(engine, "app"))
    return erasing.plan(seen, engine, "person", people, said_people=said)


@settings(max_examples=30, deadline=None)
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


def without(case: random_people.Case, people: frozenset[int]) -> dict[str, list[Row]]:
    """Return the rows as if some people had never been there."""
    oracle = Oracle(case.project, case.rows, people)
    found: dict[str, list[Row]] = {table: [] for table in case.rows}
    for (table, ident), row in oracle.by_id.items():
        spec = case.project.tables[table]
        roles = oracle.roles((table, ident))
        here = {person for found_ in roles.values() for person in found_}
        own = {"person": {ident}} if table == "people" else roles
        mine = {role for role, found_ in own.items() if found_ & people}
        if mine and (table == "people" or here <= people):
            continue
        made = dict(row)
        for role in {role for role, found_ in roles.items() if found_ & people}:
            path = spec.roles[role]
            made |= {path[0]: None} if len(path) == 1 else {}
            made |= {c: "" if f.filled else None for c, f in spec.fields.items() if f.of == role}
        found[table].append(made)
    return found


@settings(max_examples=20, deadline=None)
@given(seed=SEEDS)
def test_erasing_somebody_is_as_if_they_had_never_been_there(seed: int) -> None:
    """Where nothing has a reason to stay, state(with X, then erase X) = state(without X)."""
    case = random_people.make(seed, plain=True)
    people = chosen(case, seed)
    with filled(case) as engine:
        made = plan(case, engine, people)
        made.carry_out()
        assert random_people.content(case, engine) == without(case, frozenset(people)), seed


@settings(max_examples=10, deadline=None)
@given(seed=SEEDS)
def test_several_people_may_be_erased_in_any_order(seed: int) -> None:
    """One after the other, the other way round, or all at once: the same rows are left."""
    case = random_people.make(seed, plain=True)
    people = chosen(case, seed)
    wanted = without(case, frozenset(people))
    for parts in ([[one] for one in people], [[one] for one in reversed(people)]):
        with filled(case) as engine:
            for part in parts:
                plan(case, engine, part).carry_out()
            assert random_people.content(case, engine) == wanted, (seed, parts)


@settings(max_examples=10, deadline=None)
@given(seed=SEEDS)
def test_people_of_one_plan_may_be_erased_one_after_the_other(seed: int) -> None:
    """A plan for more people than are at hand together leaves the same rows, one person a batch."""
    case = random_people.make(seed, plain=True)
    people = chosen(case, seed)
    with filled(case) as engine:
        made = plan(case, engine, people, said=seal.TOGETHER + 1)
        for part in made.people.chunks(1):
            made.carry_out(part)
        assert random_people.content(case, engine) == without(case, frozenset(people)), seed


@settings(max_examples=10, deadline=None)
@given(seed=SEEDS)
def test_an_erasure_leaves_nothing_to_do_and_can_be_done_again(seed: int) -> None:
    """Afterwards no step finds a row, and doing all of them again touches none."""
    case = random_people.make(seed)
    with filled(case) as engine:
        made = plan(case, engine, chosen(case, seed))
        made.carry_out()
        assert made.left() == {}, seed
        assert sum(made.carry_out().values()) == 0, seed


@settings(max_examples=10, deadline=None)
@given(seed=SEEDS)
def test_the_same_world_gives_the_same_plan_without_what_holds_are_about(seed: int) -> None:
    """Two plans of one world are one plan, which comes back from its file; it says that holds are asked, not what."""
    case = random_people.make(seed)
    with filled(case) as engine:
        one, two = (plan(case, engine, chosen(case, seed)) for _ in range(2))
    assert one.plan == two.plan
    assert model.load(model.dump(one.plan)) == one.plan
    held = [hold.where for hold in one.world.facts.holds]
    assert not any(repr(where) in repr(step) for where in held for step in one.plan.steps)
    assert all(holds.filled(one.world, s.dataset, s.where) for s in one.plan.steps)


def test_random_erasures_agree_on_postgresql(new_pg_url: Callable[[], str]) -> None:
    """A smaller number of projects, on PostgreSQL: the same rows are left, and the counts are those planned."""
    engine = opening.connect(new_pg_url())
    for seed in range(20):
        case = random_people.make(seed)
        people = chosen(case, seed)
        wanted = Oracle(case.project, case.rows, frozenset(people)).after()
        random_people.fill(engine, case)
        made = plan(case, engine, people)
        done = made.carry_out()
        found = random_people.content(case, engine)
        with engine.begin() as connection:
            connection.exec_driver_sql("DROP SCHEMA public CASCADE; CREATE SCHEMA public")
        assert found == wanted, seed
        assert done == {number: step.rows for number, step in enumerate(made.plan.steps, 1)}, seed
    engine.dispose()


def test_random_erasures_agree_on_mariadb(mariadb_url: str) -> None:
    """A smaller number of projects, on MariaDB, which checks references row by row."""
    engine = opening.connect(mariadb_url)
    for seed in range(12):
        case = random_people.make(seed)
        people = chosen(case, seed)
        wanted = Oracle(case.project, case.rows, frozenset(people)).after()
        random_people.fill(engine, case)
        made = plan(case, engine, people)
        done = made.carry_out()
        found = random_people.content(case, engine)
        with engine.begin() as connection:
            connection.exec_driver_sql("SET foreign_key_checks = 0")
            for table in case.project.tables:
                connection.exec_driver_sql(f"DROP TABLE {table}")
            connection.exec_driver_sql("SET foreign_key_checks = 1")
        assert found == wanted, seed
        assert done == {number: step.rows for number, step in enumerate(made.plan.steps, 1)}, seed
    engine.dispose()
