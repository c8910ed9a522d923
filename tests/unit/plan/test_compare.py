"""The difference of two plans."""

from __future__ import annotations

from dataclasses import replace

from troth.plan.compare import compare
from troth.plan.model import Basis, Blank, ChangeFields, DeleteRows, Kept, Plan, Tally, Unproven
from troth.plan.predicates import ALWAYS

DELETE = DeleteRows(
    id="01-delete-app.a", dataset="app.a", where=ALWAYS, promises=("p",), planned=Tally(rows=5)
)
CHANGE = ChangeFields(
    id="02-change-app.a-r",
    dataset="app.a",
    why="expired",
    changes=(Blank(column="x"),),
    where=ALWAYS,
    promises=("p",),
    rule="r",
    planned=Tally(rows=2),
)
KEPT = Kept(
    dataset="app.a", reason="hold", detail="hold:1", promises=("p",), tally=Tally(rows=1), review="2027-01-01"
)
A = Plan(
    organisation="Alma",
    at="2026-03-01T00:00:00+00:00",
    simulation=False,
    basis=Basis(rules="1", structure=(("app", "s"),), facts="f", holds=("hold:1",)),
    steps=(DELETE, CHANGE),
    kept=(KEPT,),
    unproven=(),
    table_rows=(("app.a", 9),),
)


def test_equal_plans_have_no_difference() -> None:
    """Another instant alone is none."""
    assert compare(A, replace(A, at="2026-03-02T00:00:00+00:00")) == ()


def test_steps_come_go_and_count_otherwise() -> None:
    """Steps are matched by what they do, whatever their number."""
    moved = replace(DELETE, id="07-delete-app.a", planned=Tally(rows=6))
    assert compare(A, replace(A, steps=(moved,))) == (
        "~ step delete-app.a: 5 → 6 rows",
        "- step change-app.a-r: 2 rows",
    )
    assert compare(replace(A, steps=()), A)[0] == "+ step delete-app.a: 5 rows"


def test_other_fields() -> None:
    """The same step on other fields is said."""
    other = replace(CHANGE, changes=(Blank(column="y"),))
    assert compare(A, replace(A, steps=(DELETE, other))) == (
        "~ step change-app.a-r: other fields are changed",
    )


def test_two_steps_of_one_name_are_kept_apart() -> None:
    """A class changed in two parts is compared part by part."""
    twin = replace(CHANGE, id="03-change-app.a-r", planned=Tally(rows=8))
    assert compare(A, replace(A, steps=(DELETE, CHANGE, twin))) == ("+ step change-app.a-r #2: 8 rows",)


def test_reasons_to_stay() -> None:
    """New reasons, other counts and other reviews are said."""
    later = replace(KEPT, tally=Tally(rows=4), review="2028-01-01")
    assert compare(A, replace(A, kept=(later,))) == (
        "~ kept app.a hold (hold:1): 1 → 4 rows",
        "~ kept app.a hold (hold:1): review 2027-01-01 → 2028-01-01",
    )
    assert compare(A, replace(A, kept=()))[0].startswith("- kept app.a hold")


def test_what_the_plans_were_made_from() -> None:
    """Rules, structure and holds are named."""
    basis = Basis(rules="2", structure=(("app", "t"), ("desk", "u")), facts="g", holds=("hold:2",))
    assert compare(A, replace(A, basis=basis)) == (
        "~ basis: the rules have changed (policy or data map)",
        "~ basis: the structure of store app has changed",
        "~ basis: the structure of store desk is new",
        "+ basis: hold:2 is in force",
        "- basis: hold:1 is no longer in force",
    )


def test_gaps_and_notes() -> None:
    """What becomes unproven, and what is noted, is said."""
    gap = Unproven(promise="p", dataset="app.a", code="no-anchor", message="no date")
    assert compare(A, replace(A, unproven=(gap,), warnings=("w",))) == (
        "+ unproven p on app.a: no date",
        "+ note: w",
    )
