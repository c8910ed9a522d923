"""The promise that erased data is gone from backups in time."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

from troth.catalog.datamap import DataMap
from troth.plan.world import Facts, World
from troth.promises import checks
from troth.promises.given import Copies, Given
from troth.promises.results import Result, Status
from unit.promises import makers

NOW = datetime(2026, 6, 1, 12, tzinfo=UTC)
MAP = DataMap.model_validate(
    {"stores": {"app": {"url": "x"}, "lake": {"files": "*.parquet"}, "binders": {"kind": "physical"}}}
)
RECENT = NOW - timedelta(days=1)


def checked(*, at: datetime = NOW, **copies: Copies) -> Result:
    """Check the promise of 30 days."""
    policy = makers.reading().policy
    assert policy is not None
    world = World(policy=policy, datamap=MAP, catalogs={}, reaches=None, facts=Facts(), at=at)  # type: ignore[arg-type]  # not looked at
    given = Given(world=world, draft=None, answers={}, looks={}, now=NOW, copies=copies)  # type: ignore[arg-type]  # not looked at
    promise = next(p for p in makers.listed() if p.kind == "erasure.backups")
    return checks.CHECKS["erasure.backups"](promise, given)


def copies(*days: date, heard: datetime = RECENT) -> Copies:
    """Make what the register knows of one store."""
    made = tuple((datetime(day.year, day.month, day.day, 2, tzinfo=UTC), None) for day in days)
    return Copies(heard=heard, standing=made)


def test_kept_when_every_copy_is_younger_than_the_term() -> None:
    """A store without copies, and stores of which there can be none, do not stand in the way."""
    result = checked(app=copies(date(2026, 5, 2), date(2026, 5, 30)), lake=copies())
    assert result.status is Status.KEPT
    assert result.note == "2 registered backups of 2 stores, the oldest of 2026-05-02"


def test_broken_when_a_copy_has_outlived_the_term() -> None:
    """The oldest one is named by its store and day."""
    result = checked(app=copies(date(2026, 5, 1), date(2026, 5, 30)), lake=copies())
    assert result.status is Status.BROKEN
    assert result.why == "1 outlived backup in app, oldest 2026-05-01"


def test_unproven_where_nobody_spoke_of_a_store() -> None:
    """No registered copy is no proof that there is none."""
    result = checked(app=copies(date(2026, 5, 30)))
    assert (result.status, [r.code for r in result.reasons]) == (Status.UNPROVEN, ["no-backups-known"])


def test_unproven_when_the_register_was_not_fed() -> None:
    """What was said a month ago proves nothing today."""
    old = NOW - timedelta(days=8)
    result = checked(app=copies(date(2026, 5, 30), heard=old), lake=copies())
    assert (result.status, [r.code for r in result.reasons]) == (Status.UNPROVEN, ["backups-not-heard"])


def test_never_not_triggered() -> None:
    """Without any copy at all it is kept, where somebody says so, and unproven where nobody does."""
    assert checked(app=copies(), lake=copies()).status is Status.KEPT
    assert checked().status is Status.UNPROVEN


def test_a_simulation_proves_nothing() -> None:
    """Another instant, with the backups of today."""
    result = checked(at=NOW + timedelta(days=1), app=copies(), lake=copies())
    assert [r.code for r in result.reasons] == ["simulation"]
