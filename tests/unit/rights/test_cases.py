"""Erasures by tables of cases: policy, data map and structure in; steps, what stays, tasks and predicates out."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from troth.rights import describe, model
from unit.rights import makers

FILE = Path(__file__).parents[2] / "cases" / "erasure_rows.yml"
CASES = yaml.safe_load(FILE.read_text())
each = pytest.mark.parametrize("case", CASES, ids=[c["says"] for c in CASES])
predicates = [c for c in CASES if "where" in c["expect"]]


@each
def test_steps(case: dict[str, Any]) -> None:
    """The steps are those of the table, in their order."""
    assert [makers.step(s.step) for s in makers.drafted(case).draft.steps] == case["expect"]["steps"]


@each
def test_what_stays(case: dict[str, Any]) -> None:
    """Everything that may stay is listed with its reason."""
    draft = makers.drafted(case).draft
    found = [makers.spared(one.spared) for one in (*draft.spared, *draft.away)]
    assert found == case["expect"].get("spared", [])


@each
def test_tasks_and_what_is_not_looked_at(case: dict[str, Any]) -> None:
    """What no store can do is a task; what nobody looks at is named with the reason; the rest is a warning."""
    draft, expect = makers.drafted(case).draft, case["expect"]
    tasks = [*draft.tasks, *(one.task for one in draft.spared if one.task)]
    assert [f"{t.due} {t.store}: {t.what}" for t in tasks] == expect.get("tasks", [])
    assert [f"{u.what}: {u.why}" for u in draft.unlooked] == expect.get("unlooked", [])
    warnings = [w for w in draft.warnings if "every row of the table is read" not in w]
    assert warnings == expect.get("warnings", [])


@pytest.mark.parametrize("case", predicates, ids=[c["says"] for c in predicates])
def test_which_rows(case: dict[str, Any]) -> None:
    """A step asks when it runs, and is counted beforehand, as the table says."""
    made = makers.drafted(case)
    for kind in ("where", "asked"):
        found = {
            makers.step(one.step): makers.where(
                made.known, one.step.where if kind == "where" else one.asked.where
            )
            for one in made.draft.steps
        }
        wanted = case["expect"][kind]
        assert {name: found[name] for name in wanted} == wanted


@each
def test_no_step_or_task_says_what_a_hold_is_about(case: dict[str, Any]) -> None:
    """A plan says that holds are asked; which rows they keep stands in no file."""
    made = makers.drafted(case)
    about = [repr(hold.where) for hold in made.world.facts.holds]
    plan = makers.sealed(made)
    assert not [one for one in about if one in repr(plan)]


@each
def test_sealed_twice_alike_and_read_back(case: dict[str, Any]) -> None:
    """The same input gives the same hash, and a plan comes back from its file as it was."""
    one, again = makers.sealed(makers.drafted(case)), makers.sealed(makers.drafted(case))
    assert one.hash == again.hash
    assert model.load(model.dump(one)) == one


@each
def test_what_has_no_row_falls_out(case: dict[str, Any]) -> None:
    """A plan for people without a row has no steps, and nothing stays."""
    plan = makers.sealed(makers.drafted(case), rows=0)
    assert (plan.steps, plan.spared) == ((), ())


@each
def test_every_line_of_a_plan_has_a_sentence(case: dict[str, Any]) -> None:
    """Steps, what stays, tasks, gaps and warnings are each told in a sentence with an end."""
    plan = makers.sealed(makers.drafted(case))
    told = list(describe.plan(plan))
    parts = (*plan.steps, *plan.spared, *plan.tasks, *plan.unlooked, *plan.warnings)
    assert len(told) == len(parts)
    assert all(line.endswith(".") for line in told)
