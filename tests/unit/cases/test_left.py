"""The time that is left, by a table."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
import yaml

from troth.cases import left

FOLDER = Path(__file__).parents[2] / "cases"
ROWS: list[dict[str, Any]] = yaml.load(
    (FOLDER / "case_left.yml").read_text(encoding="utf-8"), Loader=yaml.BaseLoader
)


@pytest.mark.parametrize("row", ROWS, ids=[row["says"] for row in ROWS])
def test_the_time_left(row: dict[str, Any]) -> None:
    """Each instant has the word and the days the table says."""
    standing = left.Standing(
        state=row.get("state", "new"),
        received_at=datetime.fromisoformat("2026-06-01T12:00Z"),
        legal_due=None if row.get("legal") == "null" else datetime.fromisoformat("2026-06-13T12:00Z"),
        safe_due=datetime.fromisoformat("2026-06-11T12:00Z"),
        own_target=row.get("own") == "true",
    )
    found = left.left(standing, datetime.fromisoformat(row["at"]))
    assert (found.word, str(found.days)) == (row["word"], row["days"])
