"""What the hash of a project's files covers."""

from __future__ import annotations

from typing import Any

import pytest

from troth.catalog.datamap import DataMap
from troth.plan.seal import rules
from troth.policy.model import Policy

POLICY = Policy.model_validate({"organisation": {"name": "Alma"}})


def hashed(dataset: dict[str, Any]) -> str:
    """Hash a project with one dataset."""
    return rules(POLICY, DataMap.model_validate({"stores": {"app": {}}, "datasets": {"app.a": dataset}}))


@pytest.mark.parametrize(
    ("change", "same"), [({"label": "Letters you wrote us"}, True), ({"on-expiry": "delete-row"}, False)]
)
def test_a_label_changes_no_plan(change: dict[str, Any], same: bool) -> None:
    """What people call a dataset decides nothing; what becomes of its rows does."""
    assert (hashed({"on-expiry": "keep-row", **change}) == hashed({"on-expiry": "keep-row"})) is same
