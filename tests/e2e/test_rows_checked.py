"""Which rows of the lists drawn from the five published texts a check looks at."""

from __future__ import annotations

from pathlib import Path

import pytest

from e2e.examples import Example
from e2e.rows_checked import SEEDS, rows, table
from troth.promises.checks import statements


@pytest.mark.parametrize("seed", SEEDS)
def test_each_right_that_is_offered_has_a_check(seed: str, shared: Path) -> None:
    """A row about a right is looked at wherever a right of the policy answers it."""
    answers = {one["row"]: one["promise"].split() for one in Example(seed).answers}
    offered = [row for row in rows(seed, shared) if any(p.startswith("rights.") for p in answers[row.id])]
    unlooked = {row.kind for row in offered if not row.checked}
    assert unlooked <= {"right-nondiscrimination"}


@pytest.mark.parametrize("seed", SEEDS)
def test_each_statutory_term_has_a_check(seed: str, shared: Path) -> None:
    """Where a text names no term and the law does, the law's own is looked at."""
    unlooked = [row.id for row in rows(seed, shared) if row.kind == "deadline" and not row.checked]
    assert not [id for id in unlooked if row_is_of_a_request(seed, id, shared)]


def row_is_of_a_request(seed: str, id: str, shared: Path) -> bool:
    """Tell whether a row is led by what runs requests."""
    row = next(one for one in rows(seed, shared) if one.id == id)
    return row.mechanism in {"rights-engine", "law-pack"}


@pytest.mark.parametrize("seed", SEEDS)
def test_each_narrowed_kind_names_a_check(seed: str) -> None:
    """A kind with a second part is one a check goes by, never a slip of the pen."""
    named = [one.kind for one in Example(seed).project.policy.statements.values() if "." in one.kind]
    assert not [kind for kind in named if statements.of(kind) is None]


def test_the_table_counts_every_row(shared: Path) -> None:
    """The sum of the table is all rows of all lists, and some of them have a check."""
    found = {seed: list(rows(seed, shared)) for seed in SEEDS}
    last = table(found).splitlines()[-1].strip("|").split("|")[-1].strip()
    checked, every = map(int, last.split("/"))
    assert every == sum(map(len, found.values()))
    assert 0 < checked < every
