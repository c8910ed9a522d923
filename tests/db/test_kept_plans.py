"""The register of kept plans: states, who may move them, and what evidence says of it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from db.ledgers import AT, KINDS, url_of
from troth import ledger as ledgers
from troth.errors import Refused
from troth.evidence.entry import Entry

from troth.ledger.ledger import Ledger  # isort: skip  # configures Django, which the register needs
from troth.ledger.kept_plans import KeptPlans, NewKeptPlan
from troth.problems import BadInput

HASH = "ab" * 32
OTHER = "ab12" + "cd" * 30


@pytest.fixture(params=KINDS)
def ledger(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Ledger]:
    """Open a new ledger."""
    found = ledgers.open(url_of(request, tmp_path), keys_dir=tmp_path / "keys", now=lambda: AT)
    yield found
    found.close()


@pytest.fixture
def maker(ledger: Ledger) -> int:
    """Return who makes plans."""
    return ledger.staff.identify("Mira Maker", at=AT)


@pytest.fixture
def other(ledger: Ledger) -> int:
    """Return who does not."""
    return ledger.staff.identify("Otto Other", at=AT)


def _keep(ledger: Ledger, by: int, hash: str = HASH, *, approvals: int = 0, case: int | None = None) -> None:
    new = NewKeptPlan(hash=hash, kind="retention", text="{}", rows=7, approvals=approvals, case=case)
    ledger.kept_plans.keep(new, by=by, at=AT)


def _kinds(ledger: Ledger) -> list[str]:
    found = (Entry.decode(data).kind for data in ledger.evidence.entries())
    return [kind for kind in found if kind.startswith("plan.")]


def test_a_plan_without_approvals_is_approved(ledger: Ledger, maker: int) -> None:
    """A plan that wants nobody else's word can be started as soon as it is kept."""
    _keep(ledger, maker)
    found = ledger.kept_plans.read(HASH)
    assert (found.state, found.rows, found.made_by) == ("approved", 7, maker)
    assert ledger.kept_plans.text(HASH) == "{}"


def test_keeping_twice_changes_nothing(ledger: Ledger, maker: int, other: int) -> None:
    """The same plan kept again stays its first maker's, with one entry."""
    _keep(ledger, maker)
    _keep(ledger, other)
    assert ledger.kept_plans.read(HASH).made_by == maker
    assert _kinds(ledger) == ["plan.kept"]


def test_its_maker_cannot_approve_it(ledger: Ledger, maker: int, other: int) -> None:
    """The maker is refused, somebody else is taken, and a second approval is refused."""
    _keep(ledger, maker, approvals=1)
    plans = ledger.kept_plans
    with pytest.raises(Refused, match="made a plan"):
        plans.approve(HASH, by=maker, at=AT)
    assert plans.approve(HASH, by=other, at=AT).approved_by == other
    with pytest.raises(Refused, match="is approved"):
        plans.approve(HASH, by=other, at=AT)
    assert _kinds(ledger) == ["plan.kept", "plan.approved"]


def test_an_unapproved_plan_cannot_start(ledger: Ledger, maker: int) -> None:
    """A plan that waits for approval is not handed to workers."""
    _keep(ledger, maker, approvals=1)
    with pytest.raises(Refused, match="is waiting"):
        ledger.kept_plans.start(HASH, job="apply-1", by=maker, at=AT)


MOVES: dict[str, Callable[[KeptPlans, int], object]] = {
    "start": lambda plans, by: plans.start(HASH, job="apply-1", by=by, at=AT),
    "pause": lambda plans, by: plans.pause(HASH, by=by, at=AT),
    "resume": lambda plans, by: plans.resume(HASH, by=by, at=AT),
    "cancel": lambda plans, by: plans.cancel(HASH, by=by, at=AT),
    "done": lambda plans, _by: plans.end(HASH, "done", at=AT),
    "failed": lambda plans, _by: plans.end(HASH, "failed", at=AT, reason="the store is away"),
}
PATHS = [
    (["start", "pause"], "paused", ["resume", "cancel", "done"]),
    (["start"], "running", ["pause", "cancel", "done", "failed"]),
    (["start", "failed"], "failed", ["start", "cancel"]),
    (["start", "done"], "done", []),
    (["cancel"], "cancelled", []),
    ([], "approved", ["start", "cancel"]),
]


@pytest.mark.parametrize(("path", "state", "possible"), PATHS)
def test_moves(ledger: Ledger, maker: int, path: list[str], state: str, possible: list[str]) -> None:
    """From each state the moves of the picture are possible and all others refused, with nothing written."""
    for number, move in enumerate([*MOVES]):
        hash = f"{number:04d}" + "ef" * 30
        _keep(ledger, maker, hash)
        with pytest.MonkeyPatch.context() as patched:
            patched.setitem(globals(), "HASH", hash)
            for step in path:
                MOVES[step](ledger.kept_plans, maker)
            assert ledger.kept_plans.read(hash).state == state
            before = len(_kinds(ledger))
            if move in possible:
                MOVES[move](ledger.kept_plans, maker)
                assert ledger.kept_plans.read(hash).state != state
            elif move in ("done", "failed"):
                assert MOVES[move](ledger.kept_plans, maker) is False
            else:
                with pytest.raises(Refused):
                    MOVES[move](ledger.kept_plans, maker)
                assert len(_kinds(ledger)) == before


def test_prefixes(ledger: Ledger, maker: int) -> None:
    """A unique beginning of a hash finds a plan; an ambiguous, unknown or hostile one is bad input."""
    _keep(ledger, maker)
    _keep(ledger, maker, OTHER)
    assert ledger.kept_plans.read("ab12cd").hash == OTHER
    for wrong in ("ab", "", "ab%", "abab' OR 1=1", "ffff"):
        with pytest.raises(BadInput):
            ledger.kept_plans.read(wrong)


def test_lists(ledger: Ledger, maker: int) -> None:
    """Lists go by state and request, newest first, a page at a time."""
    for number in range(60):
        new = NewKeptPlan(
            hash=f"{number:064x}", kind="erasure", text="{}", rows=1, case=5 if number < 2 else None
        )
        ledger.kept_plans.keep(new, by=maker, at=AT + timedelta(minutes=number))
    plans = ledger.kept_plans
    plans.start(f"{3:064x}", job="j", by=maker, at=AT)
    assert [len(plans.listed(page=n)) for n in (1, 2, 3)] == [50, 10, 0]
    assert plans.listed()[0].hash == f"{59:064x}"
    assert [one.hash for one in plans.listed(("running",))] == [f"{3:064x}"]
    assert plans.count(case=5) == 2
    assert plans.count() == 60
