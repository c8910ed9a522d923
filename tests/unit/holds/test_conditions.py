"""The language of conditions: what each one covers, and what is said of a wrong one."""

from __future__ import annotations

import time
from datetime import date
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from troth.holds import conditions, facts, scopes
from troth.holds.model import ConditionScope
from troth.problems import BadInput, Problem
from unit.holds import makers

TABLE = yaml.safe_load((Path(__file__).parents[2] / "cases" / "holds.yml").read_text())
CASES: list[dict[str, Any]] = TABLE["cases"]


def faults(text: str) -> tuple[Problem, ...]:
    """Return what is wrong with a condition, in reading or in meaning."""
    try:
        condition = conditions.parse(text)
    except BadInput as bad:
        return bad.problems
    scope = ConditionScope(dataset=condition.dataset, condition=condition.text)
    return facts.faults(scope, makers.world())


def covered(text: str) -> list[int]:
    """Return the ids of the rows a condition covers."""
    condition = conditions.parse(text)
    scope = ConditionScope(dataset=condition.dataset, condition=condition.text)
    fact, problems = facts.place(makers.hold(scope), makers.world())
    assert fact is not None
    assert fact.where is not None
    assert not problems
    return [row["id"] for row in TABLE["rows"] if makers.holds(fact.where, row)]


@pytest.mark.parametrize("case", [c for c in CASES if "holds" in c], ids=lambda case: case["text"])
def test_a_condition_covers_its_rows(case: dict[str, Any]) -> None:
    """Each condition of the table covers the rows listed beside it."""
    assert covered(case["text"]) == case["holds"]


@pytest.mark.parametrize("case", [c for c in CASES if "fault" in c], ids=lambda case: case["text"])
def test_a_wrong_condition_says_what_was_expected(case: dict[str, Any]) -> None:
    """Each fault of the table is found, at its place."""
    (problem,) = faults(case["text"])
    assert case["fault"] in problem.message
    assert problem.code == "bad-condition"
    assert problem.span is not None
    if "at" in case:
        assert f"{problem.span.line}:{problem.span.column}" == case["at"]
    assert problem.nearest == case.get("nearest", "")


def test_a_value_is_never_repeated() -> None:
    """A fault about a value does not say the value, which may be personal."""
    for text in (
        "app.orders: total = 'jane@example.org'",
        "app.orders: status = jane",
        "app.orders: jane 'x'",
    ):
        assert "jane" not in " ".join(p.message + p.hint + p.found for p in faults(text))


def test_every_fault_of_meaning_is_told_at_once() -> None:
    """Two wrong columns give two faults."""
    assert len(faults("app.orders: statsu = 'x' and totla > 3")) == 2


@pytest.mark.parametrize("text", ["(" * 5000 + "a = 1", "not " * 2000 + "a = 1", "a = 1 " * 9000])
def test_endless_conditions_are_refused_quickly(text: str) -> None:
    """Nesting and length have bounds."""
    start = time.process_time()
    assert faults(f"app.orders: {text}")[0].code == "bad-condition"
    assert time.process_time() - start < 1


COLUMNS = {"status": st.sampled_from(["'open'", "'it''s'"]), "total": st.sampled_from(["1", "-2.5", "50"])}
TESTS = st.sampled_from(sorted(COLUMNS)).flatmap(
    lambda name: st.one_of(
        st.tuples(st.sampled_from(["=", "!=", "<", "<=", ">", ">="]), COLUMNS[name]).map(
            lambda pair: f"{name} {pair[0]} {pair[1]}"
        ),
        st.lists(COLUMNS[name], min_size=1, max_size=3).map(lambda vs: f"{name} in ({', '.join(vs)})"),
        st.sampled_from([f"{name} is null", f"{name} is not null"]),
    )
)
TREES = st.recursive(
    TESTS,
    lambda inner: st.one_of(
        st.tuples(inner, st.sampled_from(["and", "or"]), inner).map(lambda t: f"({t[0]}) {t[1]} ({t[2]})"),
        inner.map(lambda text: f"not ({text})"),
    ),
    max_leaves=6,
)


@given(TREES, st.sampled_from([None, "open", "it's"]), st.sampled_from([None, 1, -2.5, 50, 7]))
def test_conditions_mean_what_python_means(text: str, status: str | None, total: float | None) -> None:
    """Any condition holds of a row when Python, asked the same in its own words, says so."""
    expected = oracle(text, status, total)
    scope = ConditionScope(dataset="app.orders", condition=text)
    fact, _ = facts.place(makers.hold(scope), makers.world())
    assert fact is not None
    assert fact.where is not None
    assert makers.holds(fact.where, {"status": status, "total": total}) is expected


def oracle(text: str, status: str | None, total: float | None) -> bool:
    """Let Python evaluate the condition, with a NULL that every test but `is null` fails on."""

    class Cell:
        def __init__(self, value: Any) -> None:
            self.value = value

        def test(self, operator: str, *values: Any) -> bool:
            if operator == "null":
                return self.value is None
            if self.value is None:
                return False
            if operator == "in":
                return self.value in values
            return makers.compare(operator, self.value, values[0])

    import re

    code = re.sub(r"(status|total) is not null", r"not \1.test('null')", text)
    code = re.sub(r"(status|total) is null", r"\1.test('null')", code)
    code = re.sub(r"(status|total) in \(([^)]*)\)", r"\1.test('in', \2)", code)
    code = re.sub(r"(status|total) (!=|<=|>=|=|<|>) ('it''s'|'open'|-?[\d.]+)", r"\1.test('\2', \3)", code)
    code = code.replace("'it''s'", '"it\'s"')
    return bool(eval(code, {"status": Cell(status), "total": Cell(total)}))


@given(st.text(max_size=60))
def test_no_text_breaks_the_reader(text: str) -> None:
    """Any text is read, or refused with a fault: nothing else."""
    faults(f"app.orders: {text}")
    faults(text)


def test_a_condition_survives_being_kept() -> None:
    """What was written is what is read back after sealing."""
    scope = scopes.parse(" app.orders: placed < 2024-05-23 and status = 'x: y' ")
    assert isinstance(scope, ConditionScope)
    assert scopes.decode(scopes.encode("File 12", scope)) == ("File 12", scope)
    assert scopes.parse(scopes.show(scope)) == scope


def test_a_day_is_a_whole_day_of_the_map_s_zone() -> None:
    """On a column with a clock, `=` a date runs from midnight to midnight in the store's zone."""
    from dataclasses import replace

    from troth.catalog.model import ColumnKind

    columns = [
        replace(c, kind=ColumnKind.DATETIME_TZ) if c.name == "placed" else c for c in makers.ORDERS.columns
    ]
    seen = makers.world(replace(makers.ORDERS, columns=tuple(columns)))
    scope = ConditionScope(dataset="app.orders", condition="placed = 2024-05-23")
    fact, _ = facts.place(makers.hold(scope), seen)
    assert fact is not None
    assert fact.where is not None
    inside, outside = "2024-05-23T23:59:59+00:00", "2024-05-24T00:00:00+00:00"
    assert makers.holds(fact.where, {"placed": inside})
    assert not makers.holds(fact.where, {"placed": outside})
    assert date.fromisoformat(inside[:10]) == date(2024, 5, 23)
