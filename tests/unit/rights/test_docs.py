"""The page on erasure plans names every key, step, change, reason and why; every reason has a sentence."""

from __future__ import annotations

import typing
from dataclasses import fields
from pathlib import Path

import pytest

from troth.rights import describe, model

PAGE = (Path(__file__).parents[3] / "docs" / "reference" / "erasure-plan.md").read_text()
KEYS = [
    f.name for kind in (model.ErasurePlan, model.Spared, model.Task, model.Unlooked) for f in fields(kind)
]
KINDS = [
    kind.__name__ for kind in (*typing.get_args(model.ErasureStep), *typing.get_args(model.ErasureChange))
]
REASONS = list(typing.get_args(model.SpareReason))
WHYS = list(typing.get_args(typing.get_type_hints(model.EraseFields)["why"]))


@pytest.mark.parametrize("name", [*dict.fromkeys((*KEYS, *KINDS, *REASONS, *WHYS)), model.FORMAT])
def test_it_is_written_up(name: str) -> None:
    """Each name stands on the page as code."""
    assert f"`{name}`" in PAGE


@pytest.mark.parametrize("reason", REASONS)
def test_every_reason_has_a_sentence(reason: model.SpareReason) -> None:
    """A reason is told with its detail, in a sentence that names dataset and fields."""
    entry = model.Spared(
        dataset="app.orders",
        fields=("total",),
        reason=reason,
        detail="tax",
        promises=(),
        rows=2,
        review="2027-01-01",
    )
    told = describe.spared(entry)
    assert told.startswith("total in 2 rows of app.orders stays")
    assert told.endswith(".")
