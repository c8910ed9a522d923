"""The page on plans names every key, step, change, predicate and reason."""

from __future__ import annotations

import typing
from dataclasses import fields
from pathlib import Path

import pytest

from troth.plan import model, predicates

PAGE = (Path(__file__).parents[3] / "docs" / "reference" / "plan.md").read_text()
KEYS = [f.name for f in fields(model.Plan)]
KINDS = [kind.__name__ for kind in (*typing.get_args(model.Step), *typing.get_args(model.Change))]
PREDICATES = [kind.__name__ for kind in typing.get_args(predicates.Predicate)]
REASONS = list(typing.get_args(model.Reason))


@pytest.mark.parametrize("name", [*KEYS, *KINDS, *PREDICATES, *REASONS, model.FORMAT])
def test_it_is_written_up(name: str) -> None:
    """Each name stands on the page as code."""
    assert f"`{name}`" in PAGE
