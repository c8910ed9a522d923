"""What the JanusIPM example plants is what the planner finds: on SQLite and PostgreSQL, on awkward days."""

from __future__ import annotations

import sys
from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta
from importlib import util
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from sqlalchemy import Engine

from troth.catalog import reach
from troth.catalog.model import Catalog
from troth.plan import draft, seal
from troth.plan.model import ChangeFields, Plan
from troth.plan.world import Facts, World
from troth.problems import Problem
from troth.reading import Reading, read_project
from troth.stores.sql import introspect, measure
from troth.stores.sql import open as stores

FOLDER = Path(__file__).parents[2] / "examples" / "janusipm"
ACCOUNTS = 1_000
AWKWARD = ["2026-06-01", "2026-02-28", "2026-03-01", "2026-04-30", "2028-02-29", "2026-11-01"]
"""Month ends, leap days, and the day the clock goes back."""


def load_generator() -> ModuleType:
    """Import the example's generator from its file."""
    spec = util.spec_from_file_location("janusipm_generate", FOLDER / "generate.py")
    assert spec is not None
    assert spec.loader is not None
    module = util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


generate = load_generator()


def read_example() -> Reading:
    """Read the example's project."""
    return read_project({file.name: file.read_bytes() for file in FOLDER.glob("*.yaml")})


def make_plan(url: str, at: datetime) -> tuple[Plan, tuple[Problem, ...]]:
    """Plan what must happen in a store of the example at an instant."""
    project = read_example()
    assert project.policy is not None
    assert project.datamap is not None
    engine = stores.connect(url, store="app")
    try:
        catalog = introspect.read(engine, "app")
        world = World(
            policy=project.policy,
            datamap=project.datamap,
            catalogs={"app": catalog},
            reaches=reach.resolve(project.datamap, {"app": catalog}),
            facts=Facts(layouts=layouts(engine, catalog)),
            at=at,
        )
        drafted = draft.draft(world)
        answers = measure.measure(engine, catalog, drafted.surveys)
    finally:
        engine.dispose()
    return seal.seal(world, drafted, answers, simulation=True), drafted.problems


def layouts(engine: Engine, catalog: Catalog) -> dict[str, str]:
    """Say how the dates of a SQLite store are written; PostgreSQL's types say it themselves."""
    if catalog.dialect != "sqlite":
        return {}
    return {
        f"app.{table.name}.{column}": introspect.text_layout(engine, table, column)
        for table in catalog.tables.values()
        for column in table.column_names
        if column.endswith("_at")
    }


def found(plan: Plan) -> dict[str, int]:
    """Count what a plan would do, in the words of the generator."""
    names = {"accounts": "accounts that can go"}
    counts: dict[str, int] = {}
    for step in plan.steps:
        bare = step.dataset.removeprefix("app.")
        what = "accounts still needed" if isinstance(step, ChangeFields) else names.get(bare, bare)
        counts[what] = counts.get(what, 0) + step.planned.rows
    return counts


def noon(day: date) -> datetime:
    """Return noon of a day of the organisation's calendar."""
    return datetime.combine(day, time(12), generate.ZONE)


@pytest.mark.parametrize("day", AWKWARD)
def test_planner_finds_exactly_what_is_planted(day: str, tmp_path: Path) -> None:
    """Every count of the plan on SQLite is the number the generator wrote down."""
    at = date.fromisoformat(day)
    store = generate.make(at, ACCOUNTS)
    generate.write_sqlite(store, tmp_path / "app.sqlite")
    plan, problems = make_plan(f"sqlite:///{tmp_path}/app.sqlite", noon(at))
    assert not problems
    assert not plan.unproven
    assert found(plan) == store.planted


def test_planner_finds_the_same_on_postgresql(pg_url: str) -> None:
    """The same rows in PostgreSQL give the same counts."""
    store = generate.make(date(2026, 6, 1), ACCOUNTS)
    generate.write_postgresql(store, pg_url)
    plan, problems = make_plan(pg_url, noon(store.at))
    assert not problems
    assert found(plan) == store.planted


def test_rows_of_the_last_day_go_one_day_later(tmp_path: Path) -> None:
    """Rows planted on the last day of their period stay that day and are over on the next."""
    store = generate.make(date(2026, 6, 1), ACCOUNTS)
    generate.write_sqlite(store, tmp_path / "app.sqlite")
    plan, _ = make_plan(f"sqlite:///{tmp_path}/app.sqlite", noon(store.at + timedelta(days=1)))
    later = {what: rows - store.planted[what] for what, rows in found(plan).items()}
    assert (later["page_views"], later["payments"], later["messages"]) == (6, 3, store.share(4))
    assert later["profiles"] == store.share(5)


MOMENTS = [
    datetime(2026, 6, 1, tzinfo=generate.ZONE),
    datetime(2026, 6, 1, 23, 59, tzinfo=generate.ZONE),
    datetime(2026, 6, 1, tzinfo=UTC),
]
"""The first and last minute of the day, and `--at 2026-06-01`, which is still the evening before in New York."""


@pytest.mark.parametrize("moment", MOMENTS)
def test_time_of_day_changes_nothing(moment: datetime, tmp_path: Path) -> None:
    """What is planted is over at any time of the day it is planted for."""
    store = generate.make(date(2026, 6, 1), ACCOUNTS)
    generate.write_sqlite(store, tmp_path / "app.sqlite")
    assert found(make_plan(f"sqlite:///{tmp_path}/app.sqlite", moment)[0]) == store.planted


def test_expired_accounts_wait_for_what_needs_them(tmp_path: Path) -> None:
    """An overdue account with a young payment, page view or message, or a live preference, keeps its row."""
    store = generate.make(date(2026, 6, 1), ACCOUNTS)
    generate.write_sqlite(store, tmp_path / "app.sqlite")
    plan, _ = make_plan(f"sqlite:///{tmp_path}/app.sqlite", noon(store.at))
    waiting = [kept for kept in plan.kept if kept.dataset == "app.accounts" and kept.reason == "needed-by"]
    assert sum(kept.tally.rows for kept in waiting) == store.planted["accounts still needed"]
    assert {kept.detail for kept in waiting} >= {"app.payments", "app.page_views", "app.preferences"}


@pytest.fixture(scope="module")
def full() -> Any:
    """Make the store at its full size, once."""
    return generate.make(date(2026, 6, 1))


def test_planned_shares_stay_below_the_first_run_guard(full: Any, tmp_path: Path) -> None:
    """No step touches more than 5 % of a table, so that the example runs without naming a table."""
    generate.write_sqlite(full, tmp_path / "app.sqlite")
    plan, _ = make_plan(f"sqlite:///{tmp_path}/app.sqlite", noon(full.at))
    assert found(plan) == full.planted
    assert all(step.planned.rows * 20 < plan.of_table(step.dataset) for step in plan.steps)


def test_planted_page_names_the_planted_numbers(full: Any) -> None:
    """PLANTED.md holds every number the generator prints for the full store."""
    page = (FOLDER / "PLANTED.md").read_text()
    assert not [what for what, rows in full.planted.items() if f"| {what} | {rows:,} |" not in page]


def test_same_arguments_give_the_same_rows() -> None:
    """The store depends on the day and the number of accounts alone."""
    day = date(2026, 6, 1)
    assert generate.make(day, 1_000).rows == generate.make(day, 1_000).rows
    assert generate.make(day, 1_000).rows != generate.make(day + timedelta(days=1), 1_000).rows


@pytest.mark.parametrize("months", [24, 26, 84])
def test_first_kept_day_is_the_first_whose_period_is_not_over(
    months: int, sample_days: Callable[[], list[date]]
) -> None:
    """The day before the first kept day has ended before the day asked about; the day itself has not."""
    for at in sample_days():
        day = generate.first_kept(at, months)
        assert generate._end(day - timedelta(days=1), months) < at <= generate._end(day, months)


@pytest.fixture
def sample_days() -> Callable[[], list[date]]:
    """Give days over four years, month ends and leap days among them."""
    return lambda: [date(2025, 1, 1) + timedelta(days=number) for number in range(0, 1461, 3)]
