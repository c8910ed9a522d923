"""Logs fulfil the contract of stores that can erase people."""

from __future__ import annotations

from pathlib import Path

import pytest

from db.contract import Contract, Harness
from db.contract_files import LogsHarness


class TestLogs(Contract):
    @pytest.fixture
    def harness(self, tmp_path: Path) -> Harness:
        """Return a folder of logs."""
        return LogsHarness(tmp_path)
