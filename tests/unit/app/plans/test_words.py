"""Plans of both kinds as rows and sentences of a screen; never a person."""

from __future__ import annotations

from dataclasses import replace
from typing import get_args

from troth.app.plans import words as plan_words
from troth.plan.model import Basis, Kept, Plan, Reason, Tally, Unproven
from troth.plan.predicates import ALWAYS
from troth.policy.model import Limits
from troth.rights.model import EraseRows, ErasurePlan, Spared, SpareReason, Task, Unlooked
from unit.apply.test_run import plan

BASIS = Basis(rules="r", structure=(("app", "s"),), facts="f")


def erasure(people: int = 1) -> ErasurePlan:
    """Return an erasure with something that stays."""
    return ErasurePlan(
        organisation="X",
        at="2026-06-01T00:00:00+00:00",
        simulation=False,
        basis=BASIS,
        manifest="m" * 64,
        people=people,
        steps=(
            EraseRows(id="1-erase", dataset="app.orders", where=ALWAYS, promises=("rights.erase",), rows=3),
        ),
        spared=(
            Spared(
                dataset="app.invoices",
                fields=("amount",),
                reason="statutory-duty",
                detail="retention.tax",
                promises=("retention.tax",),
                rows=2,
                ends="2030-01-01",
            ),
        ),
        tasks=(Task(store="shelf", what="Look through the binder.", due="2026-07-01"),),
        unlooked=(Unlooked(what="store old", why="it is away"),),
        counted=(("app.orders", 3),),
    )


def test_a_retention_plan_is_told_with_counts_shares_and_reasons() -> None:
    """Each step has its sentence and its share of the table; what stays says until when."""
    made = plan(6)
    kept = Kept(
        dataset="app.things",
        reason="hold",
        detail="hold:1",
        promises=(),
        tally=Tally(rows=2),
        review="2027-01-31",
    )
    gap = Unproven(promise="retention.x", dataset="app.y", code="no-anchor", message="nothing dates it")
    told = plan_words.tell(replace(made, kept=(kept,), unproven=(gap,)))
    assert (told.kind, told.people, told.rows) == ("retention", 0, 6)
    assert told.steps[0].sentence.startswith("Delete 6 rows")
    assert told.steps[0].share == "6.0%"
    assert (told.stays[0].ends, told.stays[0].review) == ("when the hold is lifted", "2027-01-31")
    assert told.gaps == ("retention.x is unproven for app.y: nothing dates it.",)


def test_an_erasure_is_told_by_how_many_people_it_is_about() -> None:
    """What goes, what stays and until when, what a person must do, what was not looked at."""
    told = plan_words.tell(erasure(2))
    assert (told.kind, told.title, told.people) == ("erasure", "Erasure of 2 people", 2)
    assert plan_words.title(erasure()) == "Erasure of one person"
    assert told.steps[0].what == "delete rows"
    assert told.stays[0].ends == "2030-01-01"
    assert told.tasks == ("By 2026-07-01, in shelf: Look through the binder.",)
    assert told.gaps == ("store old was not looked at: it is away.",)


def test_every_reason_to_stay_has_words() -> None:
    """Of both kinds of plans."""
    assert {*get_args(Reason), *get_args(SpareReason)} == set(plan_words.REASONS)


def test_large_shares_are_those_the_guard_of_first_runs_stops() -> None:
    """Above the share of the limits, on stores that were never worked on; of erasures none is asked."""
    made: Plan = plan(6)
    assert plan_words.over_share(made, Limits(share=5.0), ("app",)) == (("app.things", 6, 100),)
    assert plan_words.over_share(made, Limits(share=6.0), ("app",)) == ()
    assert plan_words.over_share(made, Limits(share=5.0), ()) == ()
    assert plan_words.over_share(erasure(), Limits(share=0.1), ("app",)) == ()
