"""The promises to let people restrict, correct and object."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from troth.catalog.datamap import DataMap
from troth.plan.world import Facts, World
from troth.promises import checks
from troth.promises.given import Given, Restraint, Uses
from troth.promises.results import Result, Status
from unit.promises import makers

NOW = datetime(2026, 6, 1, 12, tzinfo=UTC)
TEXT = makers.PROJECT.replace("offer: [access, erase]", "offer: [access, erase, restrict, rectify, object]")


def checked(right: str, uses: Uses | None, *, at: datetime = NOW) -> Result:
    """Check one right."""
    policy = makers.reading(TEXT).policy
    assert policy is not None
    datamap = DataMap.model_validate({"stores": {"app": {"url": "x"}}})
    world = World(policy=policy, datamap=datamap, catalogs={}, reaches=None, facts=Facts(), at=at)  # type: ignore[arg-type]  # not looked at
    given = Given(world=world, draft=None, answers={}, looks={}, now=NOW, uses=uses)  # type: ignore[arg-type]  # not looked at
    promise = next(p for p in makers.listed(TEXT) if p.kind == "rights" and p.key == right)
    return checks.CHECKS["rights"](promise, given)


def restraint(proof: str = "proven", *, state: str = "stands", readable: int = 0, hours: int = 1) -> Uses:
    """Make what is known of one open restriction."""
    one = Restraint(
        reference="restriction:1",
        state=state,
        proof=proof,
        readable=readable,
        proven_at=NOW - timedelta(hours=hours),
    )
    return Uses(restrictions=(one,), ever=1)


def test_kept_when_every_restriction_was_just_proven() -> None:
    """A restriction that was tried within the day and held keeps the promise."""
    assert checked("restrict", restraint()).status is Status.KEPT


def test_broken_when_a_restricted_row_was_read() -> None:
    """The restriction and the number of rows are named."""
    result = checked("restrict", restraint("readable", readable=3))
    assert (result.status, result.why) == (Status.BROKEN, "3 readable rows in restriction:1")


def test_unproven_when_nobody_could_look_or_too_long_ago() -> None:
    """Not tried, not tried lately, not done everywhere, and another instant than now prove nothing."""
    for uses in (restraint("unproven"), restraint(hours=25), restraint(state="begun"), restraint("")):
        assert checked("restrict", uses).status is Status.UNPROVEN
    assert checked("restrict", restraint(), at=NOW - timedelta(days=30)).status is Status.UNPROVEN
    assert checked("restrict", None).status is Status.UNPROVEN


def test_not_triggered_when_none_is_open() -> None:
    """No restriction, correction or objection that was ever recorded triggers nothing."""
    for right in ("restrict", "rectify", "object"):
        assert checked(right, Uses()).status is Status.NOT_TRIGGERED
    assert checked("restrict", Uses(ever=2)).note == "none of 2 restrictions is open"


def test_what_is_recorded_alone_proves_nothing() -> None:
    """A recorded correction or objection does not show that all were, or that everybody asks."""
    uses = Uses(rectifications=1, objections=1)
    for right in ("rectify", "object"):
        assert checked(right, uses).status is Status.UNPROVEN


def test_other_rights_are_not_built() -> None:
    """Access and erasure wait for requests that are followed."""
    assert [reason.code for reason in checked("access", Uses()).reasons] == ["not-built"]
