"""The short lines of the evidence log: one of a thing is not called several."""

from __future__ import annotations

import pytest

from troth.app.screens.evidence import Line
from troth.desk.console import evidence_words


@pytest.mark.parametrize(
    ("facts", "words"),
    [
        (
            {"promise": "retention.account", "status": "broken", "rows": 1},
            "retention.account · broken · 1 row",
        ),
        ({"people": 1, "rows": 1_204, "batches": 0}, "1 person · 1,204 rows"),
        ({"broken": 1, "not_triggered": 12}, "1 broken · 12 not triggered"),
    ],
)
def test_counts_agree_with_their_number(facts: dict[str, object], words: str) -> None:
    """One row is a row, several are rows, none is left out."""
    line = Line(index=1, kind="check.result", at=None, states="", about="", facts=facts)
    assert evidence_words.short(line) == words
