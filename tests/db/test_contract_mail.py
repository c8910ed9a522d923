"""Mailboxes fulfil the contract of stores that can erase people."""

from __future__ import annotations

from pathlib import Path

import pytest

from db.contract import Contract, Harness
from db.contract_mail import MailHarness
from troth.stores.mail import boxes


class TestMail(Contract):
    kill_points = 12

    @pytest.fixture
    def harness(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Harness:
        """Return a folder of mailboxes; nobody waits long for a lock."""
        monkeypatch.setattr(boxes, "WAITS", (0.01,))
        return MailHarness(tmp_path)
