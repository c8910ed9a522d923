"""Promises about holds, papers and recipients: what the ledger knows besides single requests."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

from troth.catalog.datamap import DataMap
from troth.plan.world import Facts, World
from troth.promises import checks
from troth.promises.given import Given, Hold, Uses
from troth.promises.requests import Bad, Requests, Tally
from troth.promises.results import Result, Status
from unit.promises import makers

NOW = datetime(2026, 6, 1, 12, tzinfo=UTC)
KINDS = {
    "slip": "legal-hold.fraude",
    "fraud": "legal-hold.fraud",
    "held": "legal-hold.any",
    "papers": "identity-verification.papers",
    "asked": "identity-verification.asked",
}
STATED = "".join(f"{key}: {{kind: {kind}, what: So}}, " for key, kind in KINDS.items())
TEXT = makers.PROJECT.replace("statements: {", f"statements: {{{STATED}")
FRAUD = Hold(reference="hold:2", ground="fraud", owned=True, review=date(2026, 9, 1), stands=True)
DONE = Tally(opened=2, answered=2, done=2, last=date(2026, 5, 20))


def checked(ident: str, *, at: datetime = NOW, **known: object) -> Result:
    """Check one promise."""
    policy = makers.reading(TEXT).policy
    assert policy is not None
    datamap = DataMap.model_validate({"stores": {"app": {"url": "x"}}})
    world = World(policy=policy, datamap=datamap, catalogs={}, reaches=None, facts=Facts(), at=at)  # type: ignore[arg-type]  # not looked at
    told = {"uses": Uses(), "requests": Requests(), "holds": ()} | known
    given = Given(world=world, draft=None, answers={}, looks={}, now=NOW, **told)  # type: ignore[arg-type]  # not looked at
    promise = next(p for p in makers.listed(TEXT) if p.id == ident)
    return checks.CHECKS[promise.kind](promise, given)


def test_a_hold_with_owner_and_review_keeps_the_promise() -> None:
    """One that stands is kept; lifted ones trigger it too; without any it is not triggered."""
    result = checked("statements.fraud", holds=(FRAUD,))
    assert (result.status, result.why) == (
        Status.KEPT,
        "1 of 1 hold stands, looked at again from 2026-09-01",
    )
    assert checked("statements.fraud", holds=(replace(FRAUD, stands=False),)).why == "1 hold, lifted"
    assert checked("statements.fraud").status is Status.NOT_TRIGGERED
    assert checked("statements.fraud", holds=None).status is Status.UNPROVEN


def test_a_hold_past_its_review_breaks_it() -> None:
    """The first one is named with its day; holds for other grounds do not count."""
    late = replace(FRAUD, review=date(2026, 5, 1))
    result = checked("statements.fraud", holds=(late, FRAUD))
    assert result.why == "1 hold past its review, first hold:2, due 2026-05-01"
    other = replace(late, ground="dispute")
    assert checked("statements.fraud", holds=(other, FRAUD)).status is Status.KEPT
    assert checked("statements.held", holds=(other, FRAUD)).status is Status.BROKEN


def test_a_hold_nobody_answers_for_or_can_read() -> None:
    """Without an owner it breaks the promise; one that cannot be read leaves it unproven."""
    assert checked("statements.held", holds=(replace(FRAUD, owned=False),)).status is Status.BROKEN
    unclear = checked("statements.held", holds=(replace(FRAUD, clear=False),))
    assert [reason.code for reason in unclear.reasons] == ["hold-unclear"]


def test_holds_at_another_instant_prove_nothing() -> None:
    """A simulation is unproven."""
    result = checked("statements.fraud", holds=(FRAUD,), at=NOW - timedelta(days=9))
    assert result.status is Status.UNPROVEN


def test_papers_go_with_the_proof() -> None:
    """A paper kept after the proof breaks both promises about papers; one whose file may be left is unproven."""
    kept = Tally(opened=3, bad={"paper-kept": Bad(count=1, reference="case:4")})
    for name in ("papers", "asked"):
        result = checked(f"statements.{name}", requests=Requests(papers=kept))
        assert (result.status, result.why) == (
            Status.BROKEN,
            "1 paper kept after the proof, first case:4",
        )
    left = Tally(opened=3, bad={"paper-left": Bad(count=1, reference="paper:4")})
    assert checked("statements.papers", requests=Requests(papers=left)).status is Status.UNPROVEN
    gone = checked("statements.papers", requests=Requests(papers=Tally(opened=3)))
    assert (gone.status, gone.why) == (Status.KEPT, "3 papers kept for a while")


def test_recipients_that_cannot_be_told() -> None:
    """One without a contact, or none told though there are some, leaves the promise unproven."""
    untold = replace(DONE, bad={"not-told": Bad(count=2, reference="case:1")})
    for known in (
        Requests(kinds={"erase": DONE}, recipients=1, unreachable=("recipients.mailer",)),
        Requests(kinds={"erase": untold}, recipients=1),
    ):
        result = checked("erasure.recipients", requests=known)
        assert {reason.code for reason in result.reasons} == {"not-told"}
    assert checked("erasure.recipients", requests=Requests(kinds={"erase": untold})).status is Status.KEPT


def test_erasures_apart_leave_what_people_were_told_unproven() -> None:
    """Erased by a plan of no request: nobody knows whether it was confirmed."""
    known = Requests(kinds={"erase": DONE}, erasures_apart=1)
    for name in ("confirm", "recipients", "minimal-record"):
        assert [r.code for r in checked(f"erasure.{name}", requests=known).reasons] == ["erased-apart"]


def test_a_kind_that_names_no_check() -> None:
    """A slip of the pen is unproven, and the nearest name is told."""
    result = checked("statements.slip")
    assert (result.status, result.why) == (
        Status.UNPROVEN,
        "No check is called `legal-hold.fraude`; the nearest is `legal-hold.fraud`",
    )
