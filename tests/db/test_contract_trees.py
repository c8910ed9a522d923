"""Trees of files fulfil the contract of stores that can erase people."""

from __future__ import annotations

from pathlib import Path

import pytest

from db.contract import Contract, Harness
from db.contract_trees import TreeHarness


class TestTrees(Contract):
    has_shared_rows = False

    @pytest.fixture
    def harness(self, tmp_path: Path) -> Harness:
        """Return a folder of uploads."""
        return TreeHarness(tmp_path)
