"""The reference page of holds says what the code does."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from troth.holds import conditions, scopes
from troth.holds.model import Ground
from troth.problems import BadInput

TEXT = (Path(__file__).parents[3] / "docs" / "reference" / "holds.md").read_text()


def test_grounds_are_documented() -> None:
    """The table lists every ground with its rank, and which are our own interest."""
    rows = re.findall(r"^\| `([a-z-]+)` \| (\d) \| (yes|no)", TEXT, re.MULTILINE)
    assert rows == [(g.value, str(int(g.rank)), "no" if g.own_interest else "yes") for g in Ground]


def test_examples_are_conditions() -> None:
    """Every example of a condition can be read."""
    (block,) = re.findall(r"```text\n(.*?)```", TEXT, re.DOTALL)
    assert [conditions.parse(line).dataset for line in block.splitlines()] == ["app.orders"] * 3


def test_scopes_are_documented() -> None:
    """Each written form of a scope stands in the table, and can be read."""
    table = TEXT.split("## Scope")[1].split("## Conditions")[0]
    forms = re.findall(r"^\| `([^`]+)` \|", table, re.MULTILINE)
    kinds = [type(scopes.parse(form)).__name__ for form in forms]
    assert kinds == ["SubjectScope", "IdentityScope", "ConditionScope", "DatasetScope"]


def test_limits_are_documented() -> None:
    """Length, values and depth on the page are those of the code."""
    for limit in (conditions.LONGEST, conditions.MOST_VALUES, conditions.DEEPEST):
        assert f"{limit:,} " in TEXT


@pytest.mark.parametrize("values", [1000, 1001])
def test_a_list_may_have_a_thousand_values(values: int) -> None:
    """One more is refused."""
    text = f"a.b: c in ({', '.join(['1'] * values)})"
    if values <= conditions.MOST_VALUES:
        assert conditions.parse(text).dataset == "a.b"
    else:
        with pytest.raises(BadInput, match="1 fault"):
            conditions.parse(text)
