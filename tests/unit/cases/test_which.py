"""Which laws a request is under, by a table of people; and places as people type them."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import pytest
import yaml

from troth.cases import kinds, which
from troth.problems import BadInput

FOLDER = Path(__file__).parents[2] / "cases"
ROWS: list[dict[str, Any]] = yaml.safe_load((FOLDER / "case_laws.yml").read_text(encoding="utf-8"))


@pytest.mark.parametrize("row", ROWS, ids=[row["says"] for row in ROWS])
def test_laws_of_somebody(row: dict[str, Any]) -> None:
    """Each person is under the laws the table says, and each law says why."""
    chosen = which.choose(
        which.place(row["lives"]), row["claims"], row.get("in", ()), child=row.get("child", False)
    )
    found, note = which.giving(chosen, kinds.kind(row["right"]), row.get("day", date(2026, 9, 1)))
    assert [one.law for one in found] == row["laws"]
    assert all(one.why for one in found)
    assert bool(note) is row.get("note", False)


@pytest.mark.parametrize(
    ("typed", "place"),
    [
        ("ie", "EU-IE"),
        ("EU-IE", "EU-IE"),
        ("el", "EU-GR"),
        ("de-by", "EU-DE"),
        ("uk", "GB-EAW"),
        ("gb_sct", "GB-SCT"),
        (" us-ca ", "US-CA"),
        ("EU", "EU"),
        ("no", "NO"),
        ("", "unknown"),
        ("Unknown", "unknown"),
    ],
)
def test_a_place_as_typed(typed: str, place: str) -> None:
    """A country, a part of it, or nothing known."""
    assert which.place(typed) == place


@pytest.mark.parametrize("typed", ["California", "zz", "US-", "US CA", "12", "EU-XX", "us-ca; drop", "😀"])
def test_no_place(typed: str) -> None:
    """What is no place is told so, with examples."""
    with pytest.raises(BadInput) as caught:
        which.place(typed)
    assert "US-CA" in caught.value.problems[0].valid
