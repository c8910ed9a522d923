"""The promises to let people restrict, correct and object."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

from troth.catalog.datamap import DataMap
from troth.plan.world import Facts, World
from troth.promises import checks
from troth.promises.given import Given, Restraint, Uses
from troth.promises.requests import Bad, Requests, Tally
from troth.promises.results import Result, Status
from unit.promises import makers

NOW = datetime(2026, 6, 1, 12, tzinfo=UTC)
TEXT = makers.PROJECT.replace(
    "offer: [access, erase]", "offer: [access, erase, restrict, rectify, object, withdraw]"
)


RIGHTS = {
    "access": ("access",),
    "erase": ("erase",),
    "restrict": ("restrict",),
    "rectify": ("rectify",),
    "object": ("object",),
    "withdraw": ("withdraw",),
}
NONE = Requests(rights=RIGHTS)
ONE = Tally(opened=1, answered=1, done=1, last=date(2026, 5, 20))


def checked(right: str, uses: Uses | None, *, at: datetime = NOW, requests: Requests | None = NONE) -> Result:
    """Check one right."""
    policy = makers.reading(TEXT).policy
    assert policy is not None
    datamap = DataMap.model_validate({"stores": {"app": {"url": "x"}}})
    world = World(policy=policy, datamap=datamap, catalogs={}, reaches=None, facts=Facts(), at=at)  # type: ignore[arg-type]  # not looked at
    given = Given(world=world, draft=None, answers={}, looks={}, now=NOW, uses=uses, requests=requests)  # type: ignore[arg-type]  # not looked at
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


def test_corrections_outside_requests_prove_nothing() -> None:
    """A correction that no request led to does not show that none waits; one a request led to is of that request."""
    assert checked("rectify", Uses(rectifications=1)).status is Status.UNPROVEN
    asked = Requests(rights=RIGHTS, kinds={"rectify": ONE})
    assert checked("rectify", Uses(rectifications=1), requests=asked).status is Status.KEPT
    assert checked("rectify", Uses(rectifications=2), requests=asked).status is Status.UNPROVEN


def test_a_use_that_was_stopped_proves_nothing_of_those_who_use() -> None:
    """Answered in time or not: nothing shows that every sender and every use asks."""
    for right in ("object", "withdraw"):
        asked = Requests(rights=RIGHTS, kinds={right: ONE})
        assert [r.code for r in checked(right, Uses(), requests=asked).reasons] == ["use-not-seen"]
    assert checked("object", Uses(objections=1)).status is Status.UNPROVEN


def test_a_late_answer_breaks_restriction_too() -> None:
    """That every restriction holds does not make up for a request that was answered late."""
    late = Tally(opened=1, answered=1, bad={"answered-late": Bad(count=1, reference="case:3")})
    asked = Requests(rights=RIGHTS, kinds={"restrict": late})
    result = checked("restrict", restraint(), requests=asked)
    assert (result.status, result.why) == (Status.BROKEN, "1 request answered late, first case:3")


def test_counts_in_words() -> None:
    """A kept right says how many requests there were and when the last was answered."""
    asked = Requests(rights=RIGHTS, kinds={"access": Tally(opened=41, answered=41, last=date(2026, 5, 20))})
    result = checked("access", Uses(), requests=asked)
    assert (result.status, result.why) == (
        Status.KEPT,
        "41 requests, all answered in time; last 2026-05-20",
    )


def test_open_in_time_alone_is_not_kept() -> None:
    """Nothing shows yet that requests are answered; withdrawn ones trigger nothing."""
    asked = Requests(rights=RIGHTS, kinds={"access": Tally(opened=2, open=2)})
    assert [r.code for r in checked("access", Uses(), requests=asked).reasons] == ["nothing-answered"]
    gone = Requests(rights=RIGHTS, kinds={"access": Tally(opened=2, away=2)})
    assert checked("access", Uses(), requests=gone).status is Status.NOT_TRIGGERED


def test_erasures_apart_leave_the_right_unproven() -> None:
    """Nobody knows whether somebody asked for an erasure that no request led to."""
    asked = Requests(rights=RIGHTS, kinds={"erase": ONE}, erasures_apart=2)
    assert [r.code for r in checked("erase", Uses(), requests=asked).reasons] == ["erased-apart"]


def test_nothing_without_the_ledger() -> None:
    """Requests nobody looked at prove nothing."""
    result = checked("access", Uses(), requests=None)
    assert [reason.code for reason in result.reasons] == ["store-not-looked-at"]
