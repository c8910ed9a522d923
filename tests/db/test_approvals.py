"""Plans that a second person must approve before they are carried out, by whatever way."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from db.ledgers import AT
from troth import ledger as ledgers
from troth.app.plans import approvals, kept
from troth.errors import Refused
from troth.ledger.api_keys import NewKey
from troth.plan.model import Plan
from troth.policy.model import Limits
from unit.apply.test_run import plan

LATER = AT + timedelta(hours=1)
FEW = Limits(approve_over=10)


@pytest.fixture
def made() -> Plan:
    """Return a plan of eleven rows."""
    return plan(11)


def test_a_plan_above_the_limit_waits_where_the_other_person_finds_it(tmp_path: Path, made: Plan) -> None:
    """It is refused, and kept under the name of whoever wanted it carried out."""
    book = ledgers.open(f"sqlite:///{tmp_path}/ledger.sqlite", keys_dir=tmp_path / "keys")
    with pytest.raises(Refused, match="second person") as refused:
        approvals.check(book, made, FEW, by="Ada", at=AT)
    found = book.kept_plans.read(made.hash)
    assert made.hash[:12] in refused.value.hint
    assert (found.state, found.approvals) == ("waiting", 1)
    assert book.staff.names(found.made_by) == {found.made_by: "Ada"}


def test_the_same_plan_goes_on_once_another_has_agreed(tmp_path: Path, made: Plan) -> None:
    """The maker cannot agree to it; somebody else can, and then nothing is in the way."""
    book = ledgers.open(f"sqlite:///{tmp_path}/ledger.sqlite", keys_dir=tmp_path / "keys")
    approvals.keep(book, made, FEW, by="Ada", at=AT)
    ada, bo = book.staff.identify("Ada", at=AT), book.staff.identify("Bo", at=AT)
    with pytest.raises(Refused, match="made a plan"):
        book.kept_plans.approve(made.hash, by=ada, at=LATER)
    book.kept_plans.approve(made.hash, by=bo, at=LATER)
    approvals.check(book, made, FEW, by="Ada", at=LATER)


@pytest.mark.parametrize("maker_is_key", [True, False])
def test_a_key_and_its_giver_are_one(tmp_path: Path, made: Plan, *, maker_is_key: bool) -> None:
    """Who made a plan cannot agree to it by a key they gave, nor to what such a key made; somebody else's key can."""
    book = ledgers.open(f"sqlite:///{tmp_path}/ledger.sqlite", keys_dir=tmp_path / "keys")
    for name, giver in (("shop", "Ada"), ("till", "Bo")):
        staff, by = book.staff.identify(f"{name} (key)", at=AT), book.staff.identify(giver, at=AT)
        book.api_keys.add(NewKey(name=name, scopes=(), staff=staff, by=by, expires_at=None), at=AT)
    maker, other = ("shop (key)", "Ada") if maker_is_key else ("Ada", "shop (key)")
    approvals.keep(book, made, FEW, by=maker, at=AT)
    with pytest.raises(Refused, match="count as one"):
        kept.approve(book, made.hash, by=other, at=LATER)
    assert kept.approve(book, made.hash, by="till (key)", at=LATER).state == "approved"


def test_a_plan_within_the_limit_is_not_kept(tmp_path: Path, made: Plan) -> None:
    """Nobody has to agree to it, so nothing is written down."""
    book = ledgers.open(f"sqlite:///{tmp_path}/ledger.sqlite", keys_dir=tmp_path / "keys")
    approvals.check(book, made, Limits(approve_over=11), by="Ada", at=AT)
    assert book.kept_plans.count() == 0
