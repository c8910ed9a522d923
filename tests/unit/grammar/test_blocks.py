"""Questions about a declaration."""

from __future__ import annotations

import pytest

from troth.catalog.datamap import Controller, DataField, DataMap, Dataset, Identity
from troth.grammar import blocks
from troth.policy.model import PeriodBy, Policy, Retention


def test_keys_are_as_written_in_yaml() -> None:
    """Keys have hyphens, and no trailing underscore."""
    assert {"for", "at-most", "without-person"} <= set(blocks.keys(Retention))


@pytest.mark.parametrize(
    ("top", "path", "block"),
    [
        (Policy, ("retention", "account"), Retention),
        (Policy, ("retention", "account", "for"), PeriodBy),
        (Policy, ("retention", "account", "after"), None),
        (Policy, ("nothing",), None),
        (DataMap, ("datasets", "app.people", "fields", "contact", 0), DataField),
        (DataMap, ("datasets", "app.people", "controller"), Controller),
        (DataMap, ("subjects", "customer", "identities", "email"), Identity),
        (DataMap, ("datasets", "app.people"), Dataset),
    ],
)
def test_finds_the_block_at_a_path(
    top: blocks.BlockType, path: tuple[str | int, ...], block: blocks.BlockType | None
) -> None:
    """The block that stands at a path is found through mappings, lists and unions."""
    assert blocks.block_at(top, path) is block
