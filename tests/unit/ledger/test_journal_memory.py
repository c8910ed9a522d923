"""The journal in memory keeps the journal's contract."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from troth.apply.ports import Journal
from troth.testing import MemoryJournal
from unit.ledger.journal_contract import HOLD, JournalContract


@pytest.fixture
def journal() -> Callable[[], Journal]:
    """Return the one journal again and again, as its user would."""
    one = MemoryJournal(holds=lambda: (HOLD,))
    return lambda: one


class TestMemoryJournal(JournalContract):
    """Run the contract."""
