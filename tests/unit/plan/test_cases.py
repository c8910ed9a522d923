"""Plans by tables of cases: policy, data map and structure in; steps, findings, cases and SQL out."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from troth.codes import ALL
from troth.plan import describe, model, seal
from troth.stores.sql import text as sql
from unit.plan import makers

FOLDER = Path(__file__).parents[2] / "cases"
CASES = [case for path in sorted(FOLDER.glob("plan_*.yml")) for case in yaml.safe_load(path.read_text())]
each = pytest.mark.parametrize("case", CASES, ids=[c["says"] for c in CASES])
with_sql = pytest.mark.parametrize(
    "case", [c for c in CASES if "sql" in c["expect"]], ids=[c["says"] for c in CASES if "sql" in c["expect"]]
)


@each
def test_steps(case: dict[str, Any]) -> None:
    """The steps are those of the table, in their order."""
    assert [makers.said(s) for s in makers.drafted(case).steps] == case["expect"]["steps"]


@each
def test_findings_and_gaps(case: dict[str, Any]) -> None:
    """What is wrong and what is unproven is said, with codes that exist."""
    made = makers.drafted(case)
    expect = case["expect"]
    assert [f"{p.code} {p.about}" for p in made.problems] == expect.get("problems", [])
    assert [f"{u.code} {u.promise} {u.dataset}" for u in made.unproven] == expect.get("unproven", [])
    assert {p.code for p in made.problems} | {u.code for u in made.unproven} <= ALL.keys()


@pytest.mark.parametrize(
    "case",
    [c for c in CASES if "cases" in c["expect"]],
    ids=[c["says"] for c in CASES if "cases" in c["expect"]],
)
def test_cases_of_a_survey(case: dict[str, Any]) -> None:
    """What can be true of a row is asked in the order of conflicts."""
    found = {
        s.dataset: [f"{c.fate} {c.detail}".strip() for c in s.cases] for s in makers.drafted(case).surveys
    }
    assert found == case["expect"]["cases"]


@pytest.mark.parametrize("dialect", ["sqlite", "postgresql"])
@with_sql
def test_sql(case: dict[str, Any], dialect: str) -> None:
    """Each step has the SQL of the table, in each dialect."""
    seen = makers.world(case, dialect)
    steps = makers.drafted(case, dialect).steps
    found = [sql.statement(seen.catalogs[s.dataset.partition(".")[0]], s) for s in steps]
    assert [" ".join(text.split()) for text in found] == case["expect"]["sql"][dialect]


@each
def test_sealed_twice_alike_and_read_back(case: dict[str, Any]) -> None:
    """The same input gives the same hash, and a plan comes back from its file as it was."""
    seen, made = makers.world(case), makers.drafted(case)
    one = seal.seal(seen, made, makers.all_of(made), simulation=False)
    again = seal.seal(makers.world(case), makers.drafted(case), makers.all_of(made), simulation=False)
    assert one.hash == again.hash
    assert model.load(model.dump(one)) == one


@each
def test_every_line_of_a_plan_has_a_sentence(case: dict[str, Any]) -> None:
    """Steps, kept rows and gaps are each told in a sentence that names the dataset."""
    seen, made = makers.world(case), makers.drafted(case)
    plan = seal.seal(seen, made, makers.all_of(made), simulation=False)
    told = list(describe.plan(plan, seen.policy))
    parts = (*plan.steps, *plan.kept, *plan.unproven)
    assert len(told) == len(parts)
    for sentence, part in zip(told, parts, strict=True):
        assert part.dataset in sentence
        assert sentence.endswith(".")
